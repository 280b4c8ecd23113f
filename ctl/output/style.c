/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/style.h"

#include <langinfo.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <wchar.h>

#include "greend/units.h"

static size_t detect_width(bool terminal)
{
    const char *columns = getenv("COLUMNS");
    size_t width = columns ? strtoul(columns, NULL, 10) : 0;
    struct winsize window = {0};
    if (width == 0 && terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0)
        width = window.ws_col;
    if (width == 0)
        width = STYLE_WIDTH_PIPED;
    return MIN(MAX(width, (size_t)STYLE_WIDTH_LEAST), (size_t)STYLE_WIDTH_MOST);
}

void style_detect(struct style *ret_style)
{
    bool terminal = isatty(STDOUT_FILENO) == 1;
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool dumb = !term || str_equal(term, "dumb");
    *ret_style = (struct style){
        .width = detect_width(terminal),
        .utf8 = str_equal(nl_langinfo(CODESET), "UTF-8"),
        .colour = terminal && !dumb && !(no_colour && *no_colour),
    };
}

const char *style_sign(const struct style *style, const char *utf8, const char *ascii)
{
    return style->utf8 ? utf8 : ascii;
}

void style_add_text(const struct style *style, struct text *text, const char *raw)
{
    char shown[1024];
    size_t length = text_escape(shown, sizeof(shown), raw, strlen(raw));
    if (style->utf8) {
        text_append(text, shown, length);
        return;
    }
    for (const char *s = shown; *s; s++)
        if ((unsigned char)*s < 0x80)
            text_append(text, s, 1);
        else
            text_format(text, "\\x%02x", (unsigned char)*s);
}

/* The character at s: its bytes, and in ret_columns its width. All texts are UTF-8; what is not, or
 * what the locale does not know, is taken byte by byte. mbrtowc() asks for memory when it is called
 * first, and where that was refused every width would be another. */
static size_t character(const char *s, size_t *ret_columns)
{
    uint32_t code = 0;
    size_t bytes = text_decode(s, strnlen(s, MB_LEN_MAX), &code);
    int width = bytes > 0 ? wcwidth((wchar_t)code) : -1;
    *ret_columns = width < 0 ? 1 : (size_t)width;
    return MAX(bytes, (size_t)1);
}

size_t style_width(const char *shown)
{
    size_t width = 0;
    for (const char *s = shown; *s;) {
        size_t columns = 0;
        s += character(s, &columns);
        width += columns;
    }
    return width;
}

void style_add_cut(const struct style *style, struct text *text, const char *shown, size_t columns)
{
    if (style_width(shown) <= columns) {
        text_add(text, shown);
        return;
    }
    const char *sign = style_sign(style, "…", "..");
    size_t room = (size_t)sub_saturated(columns, style_width(sign));
    size_t used = 0;
    const char *s = shown;
    while (*s) {
        size_t width = 0;
        size_t bytes = character(s, &width);
        if (used + width > room)
            break;
        used += width;
        s += bytes;
    }
    text_append(text, shown, (size_t)(s - shown));
    text_add(text, sign);
    for (used += style_width(sign); used < columns; used++) /* a wide character did not fit */
        text_add(text, " ");
}

void style_add_bar(const struct style *style, struct text *text, uint64_t part, uint64_t whole,
                   size_t columns)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const unsigned steps = style->utf8 ? 8 : 1;
    uint64_t length = whole ? mul_div(MIN(part, whole), columns * steps, whole) : 0;
    for (uint64_t i = 0; i < length / steps; i++)
        text_add(text, style_sign(style, "█", "#"));
    text_add(text, eighths[length % steps]);
}

/* Bytes up to the next blank at which a line may be broken: a number stays with its unit, and so
 * does the sign of a band with its number. */
static size_t unbroken(const char *words)
{
    enum { UNIT_LONGEST = 5 }; /* "kWh)," */
    size_t length = strcspn(words, " ");
    for (;;) {
        bool number = length > 0 && words[length - 1] >= '0' && words[length - 1] <= '9';
        bool sign = length >= 2 && (strncmp(words + length - 2, "±", 2) == 0 ||
                                    strncmp(words + length - 2, "+-", 2) == 0);
        size_t next = words[length] ? strcspn(words + length + 1, " ") : 0;
        if (next == 0 || !(sign || (number && next <= UNIT_LONGEST)))
            return length;
        length += 1 + next;
    }
}

void style_add_paragraph(const struct style *style, struct text *text, size_t indent,
                         const char *words)
{
    size_t column = 0;
    for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
        CLEANUP(text_done) struct text word = {0};
        size_t length = unbroken(words);
        text_append(&word, words, length);
        size_t width = word.data ? style_width(word.data) : 0;
        if (column > 0 && column + 1 + width > style->width) {
            text_format(text, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > 0) {
            text_add(text, " ");
            column++;
        }
        text_append(text, words, length);
        column += width;
        words += length;
    }
    text_add(text, "\n");
}

void style_add_colour(const struct style *style, struct text *text, enum style_colour colour)
{
    static const char *const codes[] = {
        [COLOUR_PLAIN] = "\033[0m",  [COLOUR_BOLD] = "\033[1m",    [COLOUR_DIM] = "\033[2m",
        [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m", [COLOUR_RED] = "\033[31m",
    };
    if (style->colour)
        text_add(text, codes[colour]);
}
