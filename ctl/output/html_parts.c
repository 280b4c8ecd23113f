/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/html_parts.h"

#include <strings.h>

#include "ctl.h"
#include "render/render_html.h"

/* No sign that HTML or XML would have to escape. Contrasts: text at least 7 to 1, lines and bars at
 * least 3 to 1. */
const char html_page_style[] =
    "@page { size: A4; margin: 14mm; }\n"
    ":root { color-scheme: light; }\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: #fff; color: #1b1b1b;\n"
    "  font: 1rem/1.5 system-ui, 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif; }\n"
    "header { border-bottom: 3px solid #1f4e79; margin-bottom: 1rem; }\n"
    "h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }\n"
    "h2 { font-size: 1.2rem; margin: 1.75rem 0 0.5rem; color: #1f4e79; }\n"
    "p { margin: 0.5rem 0; max-width: 60rem; overflow-wrap: anywhere; }\n"
    ".warning { border: 1px solid #7a4b00; border-left-width: 0.5rem; padding: 0.4rem 0.75rem;\n"
    "  background: #fff8ea; font-weight: 600; }\n"
    ".facts { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1rem 0; }\n"
    ".facts div { border: 1px solid #767676; padding: 0.5rem 0.75rem; min-width: 9rem; }\n"
    ".facts dt { font-size: 0.875rem; }\n"
    ".facts dd { margin: 0; font-size: 1.25rem; font-weight: 700; }\n"
    "figure { margin: 0.5rem 0 1rem; }\n"
    "svg { display: block; width: 100%; height: auto; }\n"
    "svg text { font: 12px system-ui, 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif;\n"
    "  fill: #1b1b1b; }\n"
    "svg .end { text-anchor: end; }\n"
    "svg .middle { text-anchor: middle; }\n"
    "svg .solid { fill: #1f4e79; }\n"
    "svg .paper { fill: #fff; }\n"
    "svg .hatched { stroke: #1f4e79; stroke-width: 1; }\n"
    "svg .axis { stroke: #1b1b1b; }\n"
    "svg .limit { stroke: #1b1b1b; stroke-width: 2; stroke-dasharray: 4 2; }\n"
    "svg .grid { stroke: #8a8a8a; stroke-dasharray: 2 3; }\n"
    "table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }\n"
    "caption { text-align: left; font-weight: 700; padding: 0.25rem 0; }\n"
    "th, td { border-bottom: 1px solid #b0b0b0; padding: 0.2rem 0.5rem; text-align: left;\n"
    "  vertical-align: top; overflow-wrap: break-word; }\n"
    "tbody th { overflow-wrap: anywhere; }\n"
    "thead th { border-bottom: 2px solid #1b1b1b; overflow-wrap: normal; }\n"
    "tbody th { font-weight: 400; }\n"
    ".number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }\n"
    "thead .number { white-space: normal; }\n"
    ".total th, .total td { font-weight: 700; border-top: 2px solid #1b1b1b; }\n"
    "footer { margin-top: 2rem; border-top: 1px solid #767676; font-size: 0.875rem; }\n"
    "@media print {\n"
    "  body { padding: 0; max-width: none; font-size: 9.5pt; line-height: 1.35; }\n"
    "  h1 { font-size: 15pt; }\n"
    "  h2 { font-size: 12pt; margin: 8pt 0 3pt; break-after: avoid; }\n"
    "  table { font-size: 8pt; }\n"
    "  th, td { padding: 0.6pt 4pt; }\n"
    "  p { margin: 3pt 0; }\n"
    "  ul { margin: 3pt 0; }\n"
    "  .warning { padding: 2pt 6pt; }\n"
    "  .facts { gap: 5pt; margin: 6pt 0; }\n"
    "  .facts div { padding: 2pt 6pt; min-width: 0; }\n"
    "  .facts dt { font-size: 8pt; }\n"
    "  .facts dd { font-size: 11pt; }\n"
    "  footer { margin-top: 8pt; font-size: 8pt; }\n"
    "  thead { display: table-header-group; }\n"
    "  tr, figure, .warning, .facts { break-inside: avoid; }\n"
    "  figure { margin: 2pt 0 6pt; }\n"
    "  figure svg { max-height: 58mm; }\n"
    "  .warning, .facts div, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; "
    "}\n"
    "}\n";

void html_section(struct html *html, const char *id, const char *heading)
{
    char heading_id[64];
    (void)snprintf(heading_id, sizeof(heading_id), "%s-heading", id);
    html_open(html, "section");
    html_attribute(html, "aria-labelledby", heading_id);
    html_open(html, "h2");
    html_attribute(html, "id", heading_id);
    html_text(html, heading);
    html_close(html);
}

static void add_titles(struct html *html, const struct table *table)
{
    html_open(html, "thead");
    html_open(html, "tr");
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct table_column *column = &table->columns[i];
        if (!table_column_used(table, i))
            continue;
        html_open(html, "th");
        html_attribute(html, "scope", "col");
        if (column->right)
            html_attribute(html, "class", "number");
        html_text(html, column->spoken ? column->spoken : column->title);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

static void add_cell(struct html *html, const struct table *table, size_t line, size_t column,
                     size_t names)
{
    const char *cell = table_cell_at(table, line, column);
    html_open(html, column == 0 ? "th" : "td");
    if (column == 0)
        html_attribute(html, "scope", "row");
    if (table->columns[column].right && column >= names)
        html_attribute(html, "class", "number");
    html_text(html, cell);
    html_close(html);
}

void html_table(struct html *html, const struct table *table, const char *caption, size_t names)
{
    html_open(html, "table");
    html_element(html, "caption", NULL, caption);
    add_titles(html, table);
    html_open(html, "tbody");
    for (size_t line = 0; line < table->n_lines; line++) {
        html_open(html, "tr");
        if (table_line_colour(table, line) == COLOUR_BOLD)
            html_attribute(html, "class", "total");
        for (size_t i = 0; i < table->n_columns; i++)
            if (table_column_used(table, i))
                add_cell(html, table, line, i, names);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

const char *html_caption(enum report_group group)
{
    switch (group) {
    case REPORT_BY_UNIT:
        return _("Energy by unit: services, slices of users, containers, virtual machines");
    case REPORT_BY_COMMAND:
        return _("Energy by command");
    case REPORT_BY_USER:
        return _("Energy by user");
    case REPORT_BY_CONTAINER:
        return _("Energy by container");
    case REPORT_BY_VM:
        return _("Energy by virtual machine");
    case REPORT_BY_DOMAIN:
        return _("Energy by domain: the parts of the machine that have a meter or a model");
    case REPORT_BY_HOUR:
        return _("Energy by hour");
    case REPORT_BY_DAY:
        return _("Energy by day");
    case REPORT_BY_MONTH:
        return _("Energy by month");
    default:
        return _("Energy by workload: unit, command and user together");
    }
}

/* The page must need nothing else. Browsers are told so too, by its Content-Security-Policy. */
const char *html_stylesheet_wrong(const char *css, size_t length)
{
    if (memchr(css, '\0', length))
        return _("it holds a zero byte");
    for (const char *s = css; (s = strcasestr(s, "url(")); s++) {
        const char *address = s + strlen("url(");
        address += strspn(address, " \t\r\n\f'\"");
        if (strncasecmp(address, "data:", 5) != 0)
            return _("url() of another file: expected data: alone");
    }
    return strcasestr(css, "@import") ? _("@import of another file") : NULL;
}
