/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "input/ini_text.h"

#include <ini.h>

#include "core/text.h"
#include "greend/language.h"

/* One file while it is read. inih tells the number of the first line that it did not understand;
 * the file is read again without that line until it understands the rest. */
struct ini_text {
    const struct ini_text_handler *handler;
    const char *next, *end;
    size_t line;     /* of the line that was handed out last */
    size_t problems; /* told so far */
    bool again;      /* not the first reading: entries and problems were told */
    size_t hidden[INI_TEXT_PROBLEMS_MAX]; /* lines that inih does not see */
    size_t n_hidden;
};

static void problem(struct ini_text *ini, size_t line, const char *text)
{
    if (ini->problems++ < INI_TEXT_PROBLEMS_MAX)
        ini->handler->problem(ini->handler->userdata, line, text);
}

static bool is_hidden(const struct ini_text *ini, size_t line)
{
    for (size_t i = 0; i < ini->n_hidden; i++) {
        if (ini->hidden[i] == line)
            return true;
    }
    return false;
}

/* What is wrong with a line before inih sees it, NULL if nothing. */
static const char *objection(const char *bytes, size_t length, char *text, size_t size)
{
    if (length > 0 && (bytes[0] == '#' || bytes[0] == ';'))
        return NULL;
    if (length > INI_TEXT_LINE_MAX) {
        (void)snprintf(text, size, _("line too long: expected at most %d bytes, got %zu"),
                       INI_TEXT_LINE_MAX, length);
        return text;
    }
    for (size_t i = 0; i < length; i++) {
        if (((unsigned char)bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7f)
            return _("expected text, got a control character");
    }
    if (length > INI_TEXT_SECTION_MAX && bytes[0] == '[')
        return _("expected a section, as in [sampling]");
    return NULL;
}

/* An ini_reader: the next line without blanks at its begin, which to inih would go on with the
 * value of the line before; an empty one instead of a line that is wrong. */
static char *read_line(char *target, int size, void *userdata)
{
    struct ini_text *ini = userdata;
    if (ini->next >= ini->end)
        return NULL;
    const char *newline = memchr(ini->next, '\n', (size_t)(ini->end - ini->next));
    const char *line = ini->next, *stop = newline ? newline : ini->end;
    ini->next = newline ? newline + 1 : ini->end;
    ini->line++;
    while (stop > line && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    while (line < stop && (*line == ' ' || *line == '\t'))
        line++;

    char text[192];
    size_t length = (size_t)(stop - line);
    const char *wrong = objection(line, length, text, sizeof(text));
    if (wrong && !ini->again)
        problem(ini, ini->line, wrong);
    bool skip = wrong || is_hidden(ini, ini->line) || length + 2 > (size_t)size ||
                (length > 0 && (*line == '#' || *line == ';'));
    length = skip ? 0 : length;
    memcpy(target, line, length);
    target[length] = '\n';
    target[length + 1] = '\0';
    return target;
}

/* An ini_handler. */
static int on_entry(void *userdata, const char *section, const char *key, const char *value)
{
    struct ini_text *ini = userdata;
    if (!ini->again)
        ini->handler->entry(ini->handler->userdata, ini->line, section, key, value);
    return 1;
}

/* The text of a line, for a message. */
static void quote_line(const char *bytes, const char *end, size_t number, char *target, size_t size)
{
    for (; number > 1 && bytes; number--) {
        bytes = memchr(bytes, '\n', (size_t)(end - bytes));
        bytes = bytes ? bytes + 1 : NULL;
    }
    size_t length = 0;
    while (bytes && bytes + length < end && bytes[length] != '\n' && bytes[length] != '\r')
        length++;
    (void)text_escape(target, size, bytes ? bytes : "", length);
}

void ini_text_parse(const char *bytes, size_t length, const struct ini_text_handler *handler)
{
    struct ini_text ini = {.handler = handler};
    if (memchr(bytes, '\0', length)) {
        problem(&ini, 0, _("not a text file: expected UTF-8, got a NUL byte"));
        return;
    }
    for (;;) {
        ini.next = bytes;
        ini.end = bytes + length;
        ini.line = 0;
        int wrong = ini_parse_stream(read_line, &ini, on_entry, &ini);
        if (wrong <= 0)
            break;
        char shown[64], text[224];
        quote_line(bytes, ini.end, (size_t)wrong, shown, sizeof(shown));
        (void)snprintf(text, sizeof(text),
                       _("expected [section], key=value or # comment, got '%s'"), shown);
        problem(&ini, (size_t)wrong, text);
        if (ini.n_hidden == INI_TEXT_PROBLEMS_MAX)
            break;
        ini.hidden[ini.n_hidden++] = (size_t)wrong;
        ini.again = true;
    }
    if (ini.problems >= INI_TEXT_PROBLEMS_MAX)
        handler->problem(handler->userdata, 0,
                         _("too many errors: mend these first, there may be more"));
}
