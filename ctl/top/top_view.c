/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "top/top.h"

#include <ctype.h>
#include <inttypes.h>

#include "core/workload/workload.h"
#include "output/amount.h"
#include "output/table.h"
#include "render/render.h"
#include "shell/language.h"

/* Watts have two decimals: uJ in ns are 10^5 hundredths of a watt each. */
enum { CENTIWATTS = 100000, DECIMALS = 2 };

static const char *const group_words[TOP_GROUPS] = {
    [TOP_BY_WORKLOAD] = "workload",   [TOP_BY_UNIT] = "unit",       [TOP_BY_USER] = "user",
    [TOP_BY_CONTAINER] = "container", [TOP_BY_PROCESS] = "process",
};

int top_group_find(const char *word)
{
    for (int i = 0; i < TOP_GROUPS; i++)
        if (str_equal(word, group_words[i]))
            return i;
    return -1;
}

const char *top_group_word(enum top_group group)
{
    return group_words[group];
}

/* ---- Order ---- */

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? 1 : a > b ? -1 : 0;
}

static int by_name(const struct top_row *a, const struct top_row *b)
{
    int r = strcmp(a->unit, b->unit);
    r = r ? r : strcmp(a->command, b->command);
    r = r ? r : strcmp(a->user, b->user);
    return r ? r : (a->pid > b->pid) - (a->pid < b->pid);
}

static int by_power(const void *a, const void *b)
{
    const struct top_row *first = a, *second = b;
    int r = by_number(first->energy.uj, second->energy.uj);
    return r ? r : by_name(first, second);
}

static int by_cpu(const void *a, const void *b)
{
    const struct top_row *first = a, *second = b;
    int r = by_number(first->cpu_ns, second->cpu_ns);
    return r ? r : by_name(first, second);
}

static int by_name_then_power(const void *a, const void *b)
{
    int r = by_name(a, b);
    return r ? r : by_power(a, b);
}

void top_sort(struct top_sums *sums, enum top_order order)
{
    static int (*const orders[TOP_ORDERS])(const void *a, const void *b) = {
        [TOP_ORDER_POWER] = by_power,
        [TOP_ORDER_CPU] = by_cpu,
        [TOP_ORDER_NAME] = by_name_then_power,
    };
    if (sums->n > 0)
        qsort(sums->rows, sums->n, sizeof(*sums->rows), orders[order]);
    /* What stands where is no more what the buckets say. */
    if (sums->buckets)
        memset(sums->buckets, 0, sums->n_buckets * sizeof(*sums->buckets));
}

bool top_matches(const struct top_row *row, const char *filter)
{
    return filter[0] == '\0' || strcasestr(row->unit, filter) || strcasestr(row->command, filter) ||
           strcasestr(row->user, filter);
}

/* ---- Numbers ---- */

/* Watts of each row, of idle and of unattributed, that add up to the watts of the total. */
struct watts {
    uint64_t *centi; /* rows, then idle, then unattributed */
    uint64_t total;
};

static int share_out(const struct top_sums *sums, struct watts *ret)
{
    size_t n = sums->n + 2;
    CLEANUP(free_p) uint64_t *parts = calloc(n, sizeof(*parts));
    ret->centi = calloc(n, sizeof(*ret->centi));
    if (!parts || !ret->centi)
        return -ENOMEM;
    for (size_t i = 0; i < sums->n; i++)
        parts[i] = sums->rows[i].energy.uj;
    parts[sums->n] = sums->idle.uj;
    parts[sums->n + 1] = sums->unattributed.uj;
    int64_t total = amount_share_out(parts, n, CENTIWATTS, MAX(sums->covered_ns, 1), ret->centi);
    ret->total = total < 0 ? 0 : (uint64_t)total;
    return total < 0 ? (int)total : 0;
}

static void add_watts(struct text *text, const struct style *style, uint64_t centi, bool modelled)
{
    char number[LANGUAGE_NUMBER_MAX];
    text_format(text, "%s%s%sW", modelled ? "~" : "",
                amount_format(number, sizeof(number), centi, DECIMALS), language_blank());
    (void)style;
}

/* Half of the interval, never shown narrower than it is; nothing where it is not stated. */
static void add_half(struct text *text, const struct style *style, const struct top_energy *energy,
                     uint64_t covered_ns)
{
    char number[LANGUAGE_NUMBER_MAX];
    if (energy->half_uj == UINT64_MAX || energy->uj == 0 || covered_ns == 0)
        return;
    uint64_t centi = mul_div(energy->half_uj, CENTIWATTS, covered_ns);
    centi += mul_div(centi, covered_ns, CENTIWATTS) < energy->half_uj;
    text_format(text, "%s %s", style_sign(style, "±", "+-"),
                amount_format(number, sizeof(number), centi, DECIMALS));
}

static void add_percent(struct text *text, uint64_t part, uint64_t whole)
{
    char number[LANGUAGE_NUMBER_MAX];
    uint64_t tenths = whole ? (mul_div(part, 2000, whole) + 1) / 2 : 0;
    text_format(text, "%s%s", amount_format(number, sizeof(number), tenths, 1), language_percent());
}

/* ---- What stands above the rows ---- */

static void add_line(struct text *text, const struct style *style, struct text *line)
{
    style_add_cut(style, text, line->data ? line->data : "", style->width);
    text_add(text, "\n");
    text_clear(line);
}

/* "rapl 97.0 %, model 3.0 %" */
static void add_sources(const struct top_sums *sums, struct text *line)
{
    bool first = true;
    for (int source = 0; source < ENERGY_SOURCES; source++) {
        if (sums->source_uj[source] == 0)
            continue;
        text_format(line, "%s%s ", first ? "" : ", ",
                    language_in("meter", render_energy_source(source)));
        add_percent(line, sums->source_uj[source], sums->total.uj);
        first = false;
    }
}

static void add_total(const struct top_sums *sums, const struct watts *watts,
                      const struct style *style, struct text *text, struct text *line)
{
    const struct top_energy *total = &sums->total;
    bool modelled = total->modelled_uj > 0;
    text_add(line, !modelled                        ? _("Power, measured: ")
                   : total->modelled_uj < total->uj ? _("Power, partly an ESTIMATE: ")
                                                    : _("Power, an ESTIMATE: "));
    add_watts(line, style, watts->total, modelled);
    if (total->half_uj != UINT64_MAX)
        text_add(line, " ");
    add_half(line, style, total, sums->covered_ns);
    text_add(line, " (");
    add_sources(sums, line);
    text_add(line, ")");
    style_add_colour(style, text, modelled ? COLOUR_YELLOW : COLOUR_BOLD);
    add_line(text, style, line);
    style_add_colour(style, text, COLOUR_PLAIN);
    text_add(line, _("idle "));
    add_watts(line, style, watts->centi[sums->n], sums->idle.modelled_uj > 0);
    text_add(line, _(", unattributed "));
    add_watts(line, style, watts->centi[sums->n + 1], sums->unattributed.modelled_uj > 0);
    add_line(text, style, line);
}

/* What was overwritten before it was read: in the window, or else since the start. Rounded up: what
 * was missed is not called nothing. */
static void add_missed(const struct top_sums *sums, const struct top_view *view,
                       const struct style *style, struct text *text, struct text *line)
{
    char number[LANGUAGE_NUMBER_MAX];
    uint64_t uj = sums->missed_uj > 0 ? sums->missed_uj : view->missed_uj;
    if (uj == 0)
        return;
    (void)amount_format(number, sizeof(number), uj / UJ_PER_MJ + (uj % UJ_PER_MJ > 0), 3);
    text_format(line,
                sums->missed_uj > 0
                    ? _("missed %s J: this reader was overtaken; they are in no sum")
                    : _("missed %s J since the start: this reader was overtaken"),
                number);
    style_add_colour(style, text, COLOUR_RED);
    add_line(text, style, line);
    style_add_colour(style, text, COLOUR_PLAIN);
}

static void add_head(const struct top_sums *sums, const struct top_view *view,
                     const struct style *style, struct text *text, struct text *line)
{
    char covered[48];
    char age[48];
    text_format(line, _("greend top, by %s, last %s"), group_words[view->group],
                amount_duration(covered, sizeof(covered), sums->covered_ns));
    if (view->paused)
        text_add(line, _("  [paused]"));
    if (view->filter[0] != '\0') {
        text_add(line, "  [/");
        style_add_text(style, line, view->filter);
        text_add(line, "]");
    }
    add_line(text, style, line);
    if (view->live || sums->frames == 0)
        return;
    text_format(line, _("greend is NOT working: its last figures are %s old"),
                amount_duration(age, sizeof(age), view->age_ns));
    style_add_colour(style, text, COLOUR_RED);
    add_line(text, style, line);
    style_add_colour(style, text, COLOUR_PLAIN);
}

/* ---- Rows ---- */

static const char *row_name(const struct top_row *row, enum top_group group)
{
    if (row->unit[0] != '\0' || group == TOP_BY_USER)
        return row->unit;
    return group == TOP_BY_CONTAINER ? _("in no container") : _("other");
}

static void make_table(enum top_group group, struct table *table)
{
    bool whole = group == TOP_BY_WORKLOAD || group == TOP_BY_PROCESS;
    *table = (struct table){0};
    if (group == TOP_BY_PROCESS)
        table->columns[table->n_columns++] =
            (struct table_column){.title = _("PID"), .right = true};
    if (group != TOP_BY_USER)
        table->columns[table->n_columns++] = (struct table_column){.title = _("UNIT"), .least = 12};
    if (whole)
        table->columns[table->n_columns++] =
            (struct table_column){.title = _("COMMAND"), .least = 8};
    if (whole || group == TOP_BY_USER)
        table->columns[table->n_columns++] = (struct table_column){
            .title = language_in("column", NC_("column", "USER")), .least = 5, .drop = 1};
    table->columns[table->n_columns++] =
        (struct table_column){.title = language_in("top", NC_("top", "POWER")), .right = true};
    table->columns[table->n_columns++] = (struct table_column){.title = "", .drop = 2};
    table->columns[table->n_columns++] =
        (struct table_column){.title = _("SHARE"), .right = true, .drop = 3};
    table->columns[table->n_columns++] = (struct table_column){.title = _("CPU"), .right = true};
}

static void add_name_cells(const struct top_row *row, enum top_group group,
                           const struct style *style, struct table *table, struct text *cell)
{
    bool whole = group == TOP_BY_WORKLOAD || group == TOP_BY_PROCESS;
    char unit[4 * WORKLOAD_UNIT_MAX];
    if (group == TOP_BY_PROCESS) {
        text_add(cell, "");
        if (row->pid > 0)
            text_format(cell, "%" PRId32, row->pid);
        table_take_cell(table, cell);
    }
    if (group != TOP_BY_USER) {
        (void)workload_display_unit(unit, sizeof(unit), row_name(row, group));
        style_add_text(style, cell, unit);
        table_take_cell(table, cell);
    }
    if (whole) {
        style_add_text(style, cell, row->command);
        table_take_cell(table, cell);
    }
    if (whole || group == TOP_BY_USER) {
        style_add_text(style, cell, row->user[0] || whole ? row->user : "?");
        table_take_cell(table, cell);
    }
}

static void add_row(const struct top_sums *sums, size_t i, const struct watts *watts,
                    const struct top_view *view, const struct style *style, struct table *table)
{
    CLEANUP(text_done) struct text cell = {0};
    const struct top_row *row = &sums->rows[i];
    table_line(table, COLOUR_PLAIN, false);
    add_name_cells(row, view->group, style, table, &cell);
    add_watts(&cell, style, watts->centi[i], row->energy.modelled_uj > 0);
    table_take_cell(table, &cell);
    text_add(&cell, "");
    add_half(&cell, style, &row->energy, sums->covered_ns);
    table_take_cell(table, &cell);
    add_percent(&cell, row->energy.uj, sums->total.uj);
    table_take_cell(table, &cell);
    add_percent(&cell, row->cpu_ns, sums->covered_ns);
    table_take_cell(table, &cell);
}

/* The rows that match, from those scrolled past on. Returns how many there are of them. */
static size_t add_rows(const struct top_sums *sums, const struct watts *watts,
                       const struct top_view *view, const struct style *style, struct text *text)
{
    CLEANUP(table_done) struct table table;
    size_t matching = 0;
    make_table(view->group, &table);
    for (size_t i = 0; i < sums->n; i++) {
        if (!top_matches(&sums->rows[i], view->filter))
            continue;
        matching++;
        if (matching > view->skip && (view->lines == 0 || matching - view->skip <= view->lines))
            add_row(sums, i, watts, view, style, &table);
    }
    table_render(&table, style, text);
    return matching;
}

void top_render(const struct top_sums *sums, const struct top_view *view, const struct style *style,
                struct text *text)
{
    CLEANUP(text_done) struct text line = {0};
    struct watts watts = {0};
    if (share_out(sums, &watts) < 0)
        text->error = -ENOMEM;
    if (text->error == 0 && sums->frames == 0) {
        text_add(text, _("greend has not measured anything yet.\n"));
    } else if (text->error == 0) {
        add_head(sums, view, style, text, &line);
        add_total(sums, &watts, style, text, &line);
        add_missed(sums, view, style, text, &line);
        text_add(text, "\n");
        size_t matching = add_rows(sums, &watts, view, style, text);
        size_t shown = MIN(view->lines ? view->lines : matching,
                           matching > view->skip ? matching - view->skip : 0);
        if (shown < sums->n) {
            text_format(&line, _("rows: %zu of %zu"), shown, sums->n);
            add_line(text, style, &line);
        }
    }
    free(watts.centi);
}

void top_render_help(const struct style *style, struct text *text)
{
    static const struct {
        const char *key, *help;
    } keys[] = {
        {"w c n", N_("sort by watts, CPU time or name")                                         },
        {"b",     N_("next group: workload, unit, user, container, process")                    },
        {"+ -",   N_("a longer or shorter window")                                              },
        {"/",     N_("show only rows with a text in their names; Enter ends it, Esc forgets it")},
        {"space", N_("pause and go on; nothing is lost meanwhile but what the window forgets")  },
        {"j k",   N_("scroll; so do the arrows")                                                },
        {"? h",   N_("this help; any key goes back")                                            },
        {"q",     N_("quit")                                                                    },
    };
    CLEANUP(text_done) struct text line = {0};
    text_add(text, _("Keys of greend-ctl top\n\n"));
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        text_format(&line, "  %-6s %s", keys[i].key, _(keys[i].help));
        add_line(text, style, &line);
    }
    /* xgettext:no-c-format */
    text_add(text, _("\n± is half of a 95 % interval: of the split, and of the meter where it "
                     "states one.\n~ is an ESTIMATE: a model says it, and no meter.\n"));
}
