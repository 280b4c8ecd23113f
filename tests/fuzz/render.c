/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Hostile names in everything that people and programs are shown: tables, CSV, JSON, HTML with its
 * SVG. The input is names and energies of a report's rows. */
#include "fuzz.h"

#include <locale.h>
#include <time.h>

#include "markup.h"
#include "output/chart.h"
#include "output/json.h"
#include "output/table.h"
#include "render/render.h"
#include "render/render_html.h"

enum { ROWS_MAX = 8, CSV_COLUMNS = 23 };

#define SINCE_S INT64_C(1793487600)

static struct world {
    struct report report;
    struct report_row rows[ROWS_MAX];
    struct report_row *pointers[ROWS_MAX];
} world;

static void take_row(struct fuzz_input *input, struct report_row *row)
{
    unsigned kind = (unsigned)fuzz_take(input, 1);
    *row = (struct report_row){.type = REPORT_ROW_ITEM,
                               .kind = (int)(kind % (WORKLOAD_KINDS + 1)) - 1,
                               .source = -1,
                               .begin_s = SINCE_S,
                               .length_s = 3600};
    fuzz_take_text(input, row->unit, sizeof(row->unit));
    fuzz_take_text(input, row->command, sizeof(row->command));
    fuzz_take_text(input, row->user, sizeof(row->user));
    row->sum.energy_uj = fuzz_take(input, 1 + kind % 5);
    row->sum.modelled_uj = kind & 0x40 ? row->sum.energy_uj : 0;
    row->sum.unstated_uj = kind & 0x80 ? row->sum.energy_uj : 0;
    row->sum.cpu_ns = fuzz_take(input, 4);
}

static void take_report(struct fuzz_input *input)
{
    struct report *report = &world.report;
    *report = (struct report){.group = (enum report_group)fuzz_below(input, REPORT_BY_DOMAIN),
                              .top = ROWS_MAX,
                              .hosts = 1,
                              .since_s = SINCE_S,
                              .until_s = SINCE_S + 3600,
                              .rows = world.pointers};
    report->info = (struct store_info){.timezone = "UTC", .first_s = SINCE_S};
    report->info.last_s = report->info.committed_s = SINCE_S + 3600;
    report->period = (struct store_period){.since_s = SINCE_S, .until_s = SINCE_S + 3600};
    report->period.covered_ns = UINT64_C(3600) * 1000000000;
    report->total = (struct report_row){.type = REPORT_ROW_TOTAL, .kind = -1, .source = -1};
    report->total.begin_s = SINCE_S;
    report->total.length_s = 3600;
    report->total.covered_ns = report->period.covered_ns;
    while (input->left > 0 && report->n_rows < ROWS_MAX) {
        struct report_row *row = &world.rows[report->n_rows];
        take_row(input, row);
        world.pointers[report->n_rows++] = row;
        report_sum_add(&report->total.sum, &row->sum);
    }
    report->by_source_uj[SOURCE_RAPL] = report->total.sum.energy_uj - report->total.sum.modelled_uj;
    report->by_source_uj[SOURCE_MODEL] = report->total.sum.modelled_uj;
}

/* ---- CSV ---- */

/* The next field, undone; *s goes behind its separator. */
static bool csv_field(const char **s, struct text *ret)
{
    text_clear(ret);
    text_add(ret, "");
    bool quoted = **s == '"';
    const char *at = *s + quoted;
    for (;; at++) {
        if (quoted && at[0] == '"' && at[1] == '"')
            at++;
        else if (quoted ? *at == '"' : *at == ',' || *at == '\r')
            break;
        REQUIRE(*at != '\0' && *at != '\n' && (quoted || *at != '"'));
        text_append(ret, at, 1);
    }
    at += quoted;
    bool last = at[0] == '\r';
    REQUIRE(last ? at[1] == '\n' : *at == ',');
    *s = at + (last ? 2 : 1);
    return !last;
}

/* What a cell says is the name, and no spreadsheet takes it for a formula. */
static void require_cell(const char *cell, const char *raw)
{
    char shown[1024];
    (void)text_escape(shown, sizeof(shown), raw, strlen(raw));
    bool formula = *raw != '\0' && strchr("=+-@\t\r", *raw);
    REQUIRE(*cell == '\0' || !strchr("=+-@\t\r", *cell));
    REQUIRE(str_equal(cell + formula, shown) && (!formula || *cell == '\''));
}

static void check_csv(void)
{
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(text_done) struct text cell = {0};
    render_report_csv(&world.report, NULL, &text);
    REQUIRE(text.error == 0 && strlen(text.data) == text.length);
    const char *s = text.data;
    for (size_t line = 0; *s != '\0'; line++) {
        size_t column = 0;
        bool more = true;
        for (; more; column++) {
            more = csv_field(&s, &cell);
            const struct report_row *row =
                line > 0 && line <= world.report.n_rows ? &world.rows[line - 1] : NULL;
            if (row && column >= 4 && column <= 6)
                require_cell(cell.data, column == 4   ? row->unit
                                        : column == 5 ? row->command
                                                      : row->user);
        }
        REQUIRE(column == CSV_COLUMNS);
    }
}

/* ---- JSON, HTML, tables ---- */

static void check_json(void)
{
    CLEANUP(text_done) struct text text = {0};
    render_report_json(&world.report, NULL, &text);
    REQUIRE(text.error == 0);
    json_t *root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    REQUIRE(root);
    json_t *rows = json_object_get(root, "rows");
    REQUIRE(json_array_size(rows) == world.report.n_rows);
    json_decref(root);
}

static void check_html(const char *name)
{
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(text_done) struct text piece = {0};
    const struct html_report page = {.report = &world.report};
    render_report_html(&page, &text);
    REQUIRE(text.error == 0);
    text_add(&text, "\n");
    const char *style = strstr(text.data, "<style>");
    const char *end = style ? strstr(style, "</style>") : NULL;
    REQUIRE(style && end);
    /* Of CSS only its end means anything to a parser of HTML. */
    memset(text.data + (style + 7 - text.data), ' ', (size_t)(end - style) - 7);
    require_markup(text.data);

    struct html html = {.text = &piece};
    struct chart_bar bars[2] = {
        {.size = 2, .part = 1     },
        {.size = 1, .marked = true}
    };
    (void)str_copy(bars[0].label, sizeof(bars[0].label), name);
    (void)str_copy(bars[1].value, sizeof(bars[1].value), name);
    const struct chart chart = {.title = name,
                                .description = name,
                                .solid = "solid",
                                .hatched = name,
                                .mark = name,
                                .limit = 1.5,
                                .limit_label = name,
                                .id = "c",
                                .bars = bars,
                                .n_bars = ARRAY_SIZE(bars)};
    html_open(&html, "div");
    html_attribute(&html, "title", name);
    chart_lying(&html, &chart);
    chart_standing(&html, &chart, 3, name, name);
    html_element(&html, "p", name, name);
    html_close(&html);
    text_add(&piece, "\n");
    REQUIRE(piece.error == 0 && html.depth == 0);
    require_markup(piece.data);
}

static void check_table(const struct style *style, const char *name)
{
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(text_done) struct text cut = {0};
    CLEANUP(text_done) struct text shown = {0};
    render_report_table(&world.report, NULL, style, &text);
    REQUIRE(text.error == 0 && are_clean_lines(text.data, text.length));
    style_add_text(style, &shown, name);
    const char *whole = shown.data ? shown.data : "";
    REQUIRE(is_clean(whole));
    for (const char *s = whole; *s != '\0' && !style->utf8; s++)
        REQUIRE((unsigned char)*s < 0x80);
    style_add_cut(style, &cut, whole, style->width / 2);
    REQUIRE(style_width(cut.data ? cut.data : "") <= style->width / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    struct fuzz_input input = {data, size};
    char name[64];
    if (!begun) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
        (void)setenv("TZ", "UTC", 1);
        tzset();
        begun = true;
    }
    struct style style = {.width = STYLE_WIDTH_LEAST + fuzz_take_size(&input, 1) % 161};
    style.utf8 = fuzz_take(&input, 1) % 2;
    fuzz_take_text(&input, name, sizeof(name));
    take_report(&input);
    check_csv();
    check_json();
    check_html(name);
    check_table(&style, name);
    return 0;
}
