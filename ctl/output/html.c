/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/html.h"

#include <assert.h>
#include <math.h>

/* ---- Escaping ---- */

static void add_escaped(struct text *text, const char *shown)
{
    for (const char *s = shown; *s; s++) {
        switch (*s) {
        case '&':
            text_add(text, "&amp;");
            break;
        case '<':
            text_add(text, "&lt;");
            break;
        case '>':
            text_add(text, "&gt;");
            break;
        case '"':
            text_add(text, "&quot;");
            break;
        case '\'':
            text_add(text, "&#39;");
            break;
        default:
            text_append(text, s, 1);
        }
    }
}

/* Controls, direction overrides and what is no UTF-8 first become visible. */
static void add_raw(struct text *text, const char *raw)
{
    size_t length = strlen(raw);
    CLEANUP(free_p) char *shown = malloc(4 * length + 1);
    if (!shown) {
        text->error = -ENOMEM;
        return;
    }
    (void)text_escape(shown, 4 * length + 1, raw, length);
    add_escaped(text, shown);
}

/* ---- Elements ---- */

static void end_tag(struct html *html)
{
    if (html->in_tag)
        text_add(html->text, ">");
    html->in_tag = false;
}

/* Where a line may end without a blank being shown. */
static bool is_block(const char *name)
{
    static const char *const names[] = {
        "html",   "head",  "body",    "header", "main",      "footer", "style", "section",
        "figure", "table", "caption", "thead",  "tbody",     "tr",     "p",     "ul",
        "li",     "dl",    "dt",      "dd",     "h1",        "h2",     "svg",   "title",
        "meta",   "div",   "g",       "rect",   "figcaption"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_equal(names[i], name))
            return true;
    return false;
}

static bool is_empty(const char *name)
{
    return str_equal(name, "meta") || str_equal(name, "br") || str_equal(name, "rect") ||
           str_equal(name, "line") || str_equal(name, "path");
}

void html_open(struct html *html, const char *name)
{
    assert(html->depth < HTML_DEPTH_MAX);
    end_tag(html);
    if (is_block(name) && html->text->length > 0)
        text_add(html->text, "\n");
    text_format(html->text, "<%s", name);
    html->open[html->depth++] = name;
    html->in_tag = true;
}

void html_attribute(struct html *html, const char *name, const char *value)
{
    assert(html->in_tag);
    text_format(html->text, " %s=\"", name);
    add_raw(html->text, value);
    text_add(html->text, "\"");
}

void html_coordinate(struct html *html, const char *name, double value)
{
    assert(html->in_tag && fabs(value) < 1e6);
    long hundredths = lround(value * 100);
    text_format(html->text, " %s=\"%s", name, hundredths < 0 ? "-" : "");
    text_add_micro(html->text, (uint64_t)labs(hundredths) * 10000);
    text_add(html->text, "\"");
}

void html_text(struct html *html, const char *raw)
{
    end_tag(html);
    add_raw(html->text, raw);
}

void html_close(struct html *html)
{
    assert(html->depth > 0);
    const char *name = html->open[--html->depth];
    if (html->in_tag && is_empty(name))
        text_add(html->text, "/>");
    else
        text_format(html->text, "%s</%s>", html->in_tag ? ">" : "", name);
    html->in_tag = false;
}

void html_element(struct html *html, const char *name, const char *class, const char *raw)
{
    html_open(html, name);
    if (class)
        html_attribute(html, "class", class);
    html_text(html, raw);
    html_close(html);
}

/* In HTML nothing but "</style" ends the element; in CSS "\/" is "/". */
void html_style(struct html *html, const char *css)
{
    assert(html->depth > 0 && str_equal(html->open[html->depth - 1], "style"));
    end_tag(html);
    text_add(html->text, "\n");
    for (const char *s = css; *s; s++) {
        text_append(html->text, s, 1);
        if (*s == '<' && s[1] == '/')
            text_add(html->text, "\\");
    }
}
