/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Writes HTML and SVG that is also well-formed XML. Elements are nested as they are opened and
 * closed, and every text and value is escaped in one place: there is no way to write raw bytes but
 * a stylesheet. */

#include "core/text.h"

enum { HTML_DEPTH_MAX = 24 };

struct html {
    struct text *text;
    const char *open[HTML_DEPTH_MAX]; /* constants */
    size_t depth;
    bool in_tag; /* attributes may follow */
};

/* Opens an element, within the one that is open; name is a constant. */
void html_open(struct html *html, const char *name);

/* Of the element that was opened last, before its content. The value is any text. */
void html_attribute(struct html *html, const char *name, const char *value);

/* A number with up to two decimals, for SVG; finite, below 1e6. */
void html_coordinate(struct html *html, const char *name, double value);

/* Content of the element that is open: any text. */
void html_text(struct html *html, const char *raw);

/* Closes the element that was opened last. One without content that HTML knows as empty (meta, br)
 * has no end tag. */
void html_close(struct html *html);

/* An element with one text, and with a class where that is not NULL. */
void html_element(struct html *html, const char *name, const char *class, const char *raw);

/* Content of an open <style>: CSS, which cannot end that element. */
void html_style(struct html *html, const char *css);
