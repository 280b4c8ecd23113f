/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/ini.h"

#include "core/text.h"

struct ini {
    const struct ini_handler *handler;
    size_t line;
    size_t problems;
    bool skip; /* below a section line that could not be read */
    char section[INI_LINE_MAX + 1];
};

static void problem(struct ini *ini, const char *text)
{
    ini->problems++;
    ini->handler->problem(ini->handler->userdata, ini->line, text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts blanks from both ends, in place. */
static char *trim(char *s)
{
    while (is_blank(*s))
        s++;
    size_t length = strlen(s);
    while (length > 0 && is_blank(s[length - 1]))
        length--;
    s[length] = '\0';
    return s;
}

static void section_line(struct ini *ini, char *line)
{
    size_t length = strlen(line);
    ini->skip = line[length - 1] != ']';
    if (ini->skip) {
        problem(ini, "expected ']' at the end of a section line, as in [sampling]");
        return;
    }
    line[length - 1] = '\0';
    (void)str_copy(ini->section, sizeof(ini->section), trim(line + 1));
}

static void entry_line(struct ini *ini, char *line)
{
    if (ini->skip)
        return;
    char *equals = strchr(line, '=');
    if (!equals || equals == line) {
        char shown[64];
        char text[160];
        (void)text_escape(shown, sizeof(shown), line, strlen(line));
        (void)snprintf(text, sizeof(text), "expected [section], key=value or # comment, got '%s'",
                       shown);
        problem(ini, text);
        return;
    }
    *equals = '\0';
    ini->handler->entry(ini->handler->userdata, ini->line, ini->section, trim(line),
                        trim(equals + 1));
}

static void parse_line(struct ini *ini, const char *bytes, size_t length)
{
    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    if (length > INI_LINE_MAX) {
        char text[96];
        (void)snprintf(text, sizeof(text), "line too long: expected at most %d bytes, got %zu",
                       INI_LINE_MAX, length);
        problem(ini, text);
        return;
    }
    char copy[INI_LINE_MAX + 1];
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    char *line = trim(copy);
    if (*line == '\0' || *line == '#' || *line == ';')
        return;
    for (const char *s = line; *s; s++)
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f) {
            problem(ini, "expected text, got a control character");
            return;
        }
    if (*line == '[')
        section_line(ini, line);
    else
        entry_line(ini, line);
}

void ini_parse(const char *bytes, size_t length, const struct ini_handler *handler)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct ini ini = {.handler = handler};
    if (memchr(bytes, '\0', length)) {
        problem(&ini, "not a text file: expected UTF-8, got a NUL byte");
        return;
    }
    const char *end = bytes + length;
    if (length >= 3 && memcmp(bytes, mark, 3) == 0)
        bytes += 3;
    while (bytes < end) {
        if (ini.problems >= INI_PROBLEMS_MAX) {
            problem(&ini, "too many errors: the rest of the file was not read");
            return;
        }
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = newline ? newline : end;
        ini.line++;
        parse_line(&ini, bytes, (size_t)(stop - bytes));
        bytes = newline ? newline + 1 : end;
    }
}
