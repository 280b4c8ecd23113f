/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"
#include "inventory/inventory.h"
#include "output/amount.h"
#include "output/table.h"

struct number {
    char text[LANGUAGE_NUMBER_MAX];
};

static struct number show_number(double value)
{
    struct number number;
    (void)amount_number(number.text, sizeof(number.text), value, AMOUNT_NEAREST);
    return number;
}

static const char *origin_word(enum origin origin)
{
    return language_in("origin", origin_name(origin));
}

static void add_cell(const struct style *style, struct table *table, const char *raw)
{
    CLEANUP(text_done) struct text cell = {0};
    text_add(&cell, "");
    style_add_text(style, &cell, raw);
    table_cell(table, cell.data ? cell.data : "");
}

static const char *machine_word(const struct inventory_view *view)
{
    switch (view->machine) {
    case MACHINE_PHYSICAL:
        return _("a physical machine");
    case MACHINE_VIRTUAL:
        return _("a VIRTUAL machine");
    default:
        return _("whether it is physical or virtual is unknown");
    }
}

static void add_machine(const struct inventory_view *view, const struct style *style,
                        struct text *text)
{
    const struct reading *reading = view->reading;
    CLEANUP(text_done) struct text line = {0};
    text_add(&line, "");
    style_add_text(style, &line, reading->vendor[0] ? reading->vendor : _("maker unknown"));
    text_add(&line, reading->product[0] ? " " : "");
    style_add_text(style, &line, reading->product);
    text_format(&line, _(": %s (%s)."), machine_word(view), origin_word(view->machine_origin));
    if (reading->chassis[0] != '\0')
        text_format(&line, _(" Case: %s."), _(reading->chassis));
    if (reading->firmware_date[0] != '\0')
        text_format(&line, _(" Firmware of %s."), reading->firmware_date);
    if (reading->memory_slots > 0)
        text_format(&line, _(" Memory slots: %u, empty: %u."), reading->memory_slots,
                    reading->empty_slots);
    if (view->machine == MACHINE_VIRTUAL)
        text_add(&line, _(" What it reads of its hardware is its hypervisor's invention and is not "
                          "counted."));
    style_add_colour(style, text, COLOUR_BOLD);
    style_add_paragraph(style, text, 2, line.data ? line.data : "");
    style_add_colour(style, text, COLOUR_PLAIN);
}

static void add_impact_cell(struct table *table, const struct embodied_item *item)
{
    if (item && item->impacts[CRITERION_GWP].known)
        table_cell(table, show_number(item->impacts[CRITERION_GWP].value).text);
    else
        table_cell(table, item ? _("not published") : _("not counted"));
}

static void add_part(const struct inventory_view *view, const struct style *style,
                     struct table *table, const struct inventory_part *part)
{
    char cell[128] = "";
    const struct embodied_item *item = inventory_item(view, part);
    const char *unit = inventory_size_unit(part->kind);
    table_line(table, COLOUR_PLAIN, false);
    table_cell(table, language_in("part", part_name(part->kind)));
    (void)snprintf(cell, sizeof(cell), "%u", part->count);
    table_cell(table, cell);
    if (part->size.origin != ORIGIN_UNKNOWN)
        (void)snprintf(cell, sizeof(cell), "%s%s%s", show_number(part->size.value).text,
                       language_blank(), language_in("unit", unit));
    else if (item && item->size_origin == ORIGIN_DEFAULT && item->default_size)
        (void)snprintf(cell, sizeof(cell), "%s%s%s (%s)",
                       show_number(item->default_size->value.value).text, language_blank(),
                       language_in("unit", unit), origin_word(ORIGIN_DEFAULT));
    else
        (void)snprintf(cell, sizeof(cell), "%s", unit[0] ? origin_word(ORIGIN_UNKNOWN) : "");
    table_cell(table, cell);
    add_cell(style, table, part->model);
    table_cell(table, origin_word(part->origin));
    add_impact_cell(table, item);
}

static void add_parts(const struct inventory_view *view, const struct style *style,
                      struct text *text)
{
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("PART")},
                    {.title = _("COUNT"), .right = true},
                    {.title = _("SIZE OF ONE"), .right = true, .drop = 1},
                    {.title = _("MODEL"), .least = 8, .drop = 2},
                    {.title = _("ORIGIN")},
                    {.title = _("kgCO2e"), .right = true}},
        .n_columns = 6,
    };
    const struct inventory *inventory = &view->reading->inventory;
    for (size_t i = 0; i < inventory->n_parts; i++)
        add_part(view, style, &table, &inventory->parts[i]);
    for (size_t i = 0; i < view->embodied.n_items; i++) {
        const struct embodied_item *item = &view->embodied.items[i];
        if (item->part)
            continue;
        table_line(&table, COLOUR_PLAIN, false);
        table_cell(&table, language_in("part", factor_name(item->id)));
        table_cell(&table, "1");
        table_cell(&table, "");
        table_cell(&table, "");
        table_cell(&table, origin_word(ORIGIN_DEFAULT));
        add_impact_cell(&table, item);
    }
    text_add(text, "\n");
    table_render(&table, style, text);
}

static void add_total(const struct inventory_view *view, struct table *table, int criterion)
{
    const struct criterion_info *info = criterion_info((enum criterion)criterion);
    const struct figure *total = &view->embodied.total[criterion];
    bool banded = total->known && figure_band(total) != BAND_NONE;
    table_line(table, COLOUR_PLAIN, false);
    table_cell(table, _(info->name));
    table_cell(table, total->known ? show_number(total->value).text : _("not published"));
    table_cell(table, banded ? show_number(total->min).text : "");
    table_cell(table, banded ? show_number(total->max).text : "");
    table_cell(table, language_text(info->unit));
    table_cell(table, !total->known                        ? ""
                      : view->embodied.complete[criterion] ? _("complete")
                                                           : _("at least"));
}

static void add_sets(const struct inventory_view *view, const struct style *style,
                     struct text *text)
{
    const struct factor_set *set = NULL;
    CLEANUP(text_done) struct text line = {0};
    text_add(&line, _("Factors:"));
    for (size_t i = 0; (set = factor_table_set(view->factors, i)); i++) {
        text_add(&line, i == 0 ? " " : ", ");
        style_add_text(style, &line, set->name);
        text_add(&line, " ");
        style_add_text(style, &line, set->version);
    }
    text_add(&line, _(". Least and most are those of what is uncertain and has a published band."));
    style_add_paragraph(style, text, 2, line.data ? line.data : "");
}

static void add_totals(const struct inventory_view *view, const struct style *style,
                       struct text *text)
{
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("CRITERION"), .least = 8},
                    {.title = _("SUM"), .right = true},
                    {.title = _("LEAST"), .right = true, .drop = 1},
                    {.title = _("MOST"), .right = true, .drop = 1},
                    {.title = _("UNIT")},
                    {.title = ""}},
        .n_columns = 6,
    };
    const struct embodied *embodied = &view->embodied;
    if (!view->factors || embodied->n_items == 0) {
        text_add(text, _("\nThe hardware itself: nothing is computed. See what is missing.\n"));
        return;
    }
    text_add(text, "\n");
    if (view->machine == MACHINE_VIRTUAL)
        text_format(text,
                    _("The hardware of the host, %s of it (declared), over its whole life:\n"),
                    show_number(embodied->share.value).text);
    else
        text_add(text, _("The hardware itself, over its whole life:\n"));
    if (embodied->whole)
        text_add(text, _("Parts are not known: counted as a whole server.\n"));
    for (int c = 0; c < CRITERIA; c++)
        add_total(view, &table, c);
    table_render(&table, style, text);
    add_sets(view, style, text);
}

static void add_declared(const struct inventory_view *view, const struct style *style,
                         struct text *text)
{
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("FACT")},
                    {.title = _("VALUE"), .least = 8},
                    {.title = _("ORIGIN")}},
        .n_columns = 3,
    };
    const struct settings_option *option = NULL;
    for (size_t i = 0; (option = settings_option(i)); i++) {
        char name[64];
        char number[32];
        const char *value = settings_declared(view->settings, i);
        if (!value)
            continue;
        const struct factor *standard =
            *value == '\0' ? inventory_default(view, option->key) : NULL;
        (void)snprintf(name, sizeof(name), "[%s] %s", option->section, option->key);
        table_line(&table, COLOUR_PLAIN, false);
        table_cell(&table, name);
        (void)snprintf(number, sizeof(number), "%g", standard ? standard->value.value : 0);
        add_cell(style, &table, standard ? number : value); /* as in greend.conf */
        table_cell(&table, origin_word(standard         ? ORIGIN_DEFAULT
                                       : *value == '\0' ? ORIGIN_UNKNOWN
                                                        : ORIGIN_DECLARED));
    }
    text_add(text, "\n");
    table_render(&table, style, text);
}

static void add_gaps(const struct inventory_view *view, const struct style *style,
                     struct text *text)
{
    struct inventory_gap gaps[INVENTORY_GAPS_MAX];
    size_t n = inventory_gaps(view, gaps);
    text_add(text, n > 0 ? _("\nMissing:\n") : _("\nNothing is missing.\n"));
    for (size_t i = 0; i < n; i++) {
        CLEANUP(text_done) struct text line = {0};
        text_format(&line, _("%s: %s"), inventory_item_word(gaps[i].item), _(gaps[i].why));
        if (gaps[i].error < 0)
            text_format(&line, " (%s)", language_error(-gaps[i].error));
        text_add(&line, ".");
        if (gaps[i].mend[0] != '\0')
            text_format(&line, _(" To mend it: %s"), _(gaps[i].mend));
        style_add_paragraph(style, text, 4, line.data ? line.data : "");
    }
}

void inventory_render_table(const struct inventory_view *view, const struct style *style,
                            struct text *text)
{
    add_machine(view, style, text);
    add_parts(view, style, text);
    add_totals(view, style, text);
    add_declared(view, style, text);
    add_gaps(view, style, text);
}
