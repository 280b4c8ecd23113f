/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/tables/factor_complaint.h"

#include <stdarg.h>
#include <strings.h>

#include "core/text.h"
#include "greend/language.h"

struct field field_trim(struct field field)
{
    while (field.begin < field.end && *field.begin == ' ')
        field.begin++;
    while (field.begin < field.end && field.end[-1] == ' ')
        field.end--;
    return field;
}

struct field_text field_shown(struct field field)
{
    struct field_text shown;
    (void)text_escape(shown.text, sizeof(shown.text), field.begin, field_length(field));
    return shown;
}

bool field_is(struct field field, const char *word)
{
    return field_length(field) == strlen(word) &&
           strncasecmp(field.begin, word, field_length(field)) == 0;
}

/* In characters: bytes that do not continue one. */
static unsigned column_of(const char *line, const char *at)
{
    unsigned column = 1;
    for (; line < at; line++)
        column += ((unsigned char)*line & 0xc0) != 0x80;
    return column;
}

void complain(struct complaint *complaint, const char *at, const char *format, ...)
{
    struct factor_errors *errors = complaint->errors;
    if (errors->n == FACTOR_ERRORS_MAX) {
        errors->more++;
        return;
    }
    unsigned line = complaint->line;
    unsigned column = column_of(complaint->line_begin, at);
    char *text = errors->list[errors->n].text;
    struct field file = {complaint->file, complaint->file + strlen(complaint->file)};
    int length =
        snprintf(text, FACTOR_ERROR_MAX, "%s:%u:%u: ", field_shown(file).text, line, column);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + length, FACTOR_ERROR_MAX - (size_t)length, _(format), arguments);
    va_end(arguments);
    errors->list[errors->n].line = line;
    errors->list[errors->n].column = column;
    errors->n++;
}
