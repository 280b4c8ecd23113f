/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Whether a page is well-formed XML in which nothing can run: elements nest, values are quoted,
 * and no < or & stands for itself. Written apart from ctl/output/html.c. */

#include "clean.h"

enum { MARKUP_DEPTH_MAX = 64 };

static inline bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == ':';
}

/* Text up to the next tag, or a value up to its quote: what is behind it. */
static inline const char *markup_text(const char *s, char stop)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (; *s != '\0' && *s != stop; s++) {
        REQUIRE(*s != '<');
        bool known = *s != '&';
        for (size_t i = 0; i < ARRAY_SIZE(entities) && !known; i++)
            known = str_starts(s, entities[i]);
        REQUIRE(known);
    }
    return s;
}

static inline size_t name_length(const char *s)
{
    size_t length = 0;
    while (is_name(s[length]))
        length++;
    return length;
}

/* Attributes up to the end of a tag; returns behind it. ret_closed: it was "/>". */
static inline const char *markup_attributes(const char *s, bool *ret_closed)
{
    *ret_closed = false;
    while (*s == ' ') {
        size_t length = name_length(++s);
        REQUIRE(length > 0 && strncmp(s, "on", 2) != 0);
        bool link = str_starts(s, "href=") || str_starts(s, "src=");
        s += length;
        REQUIRE(s[0] == '=' && s[1] == '"');
        REQUIRE(!link || s[2] == '#');
        s = markup_text(s + 2, '"');
        REQUIRE(*s == '"');
        s++;
    }
    if (*s == '/') {
        *ret_closed = true;
        s++;
    }
    REQUIRE(*s == '>');
    return s + 1;
}

/* A whole document, or a piece of one. */
static inline void require_markup(const char *text)
{
    struct {
        const char *name;
        size_t length;
    } open[MARKUP_DEPTH_MAX];
    size_t depth = 0;
    const char *s = text;
    REQUIRE(are_clean_lines(text, strlen(text)));
    if (strncasecmp(s, "<!DOCTYPE html>", 15) == 0)
        s += 15;
    while (*(s = markup_text(s, '<')) != '\0') {
        bool closed = false;
        bool end = s[1] == '/';
        const char *name = s + (end ? 2 : 1);
        size_t length = name_length(name);
        REQUIRE(length > 0 && !(length == 6 && strncasecmp(name, "script", 6) == 0));
        s = markup_attributes(name + length, &closed);
        if (end) {
            REQUIRE(depth > 0 && open[depth - 1].length == length &&
                    strncmp(open[depth - 1].name, name, length) == 0);
            depth--;
        } else if (!closed) {
            REQUIRE(depth < MARKUP_DEPTH_MAX);
            open[depth].name = name;
            open[depth++].length = length;
        }
    }
    REQUIRE(depth == 0);
}
