/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/tables/factor_text.h"

#include <strings.h>

#include "core/text.h"
#include "footprint/tables/factor_complaint.h"
#include "footprint/tables/factor_row.h"
#include "footprint/words/decimal.h"
#include "footprint/words/vocabulary.h"

enum { LINE_BYTES_MAX = 2048, ROW_BYTES_MIN = 30 /* no valid row is shorter */ };

static const char header[] =
    "id;criterion;phase;geography;value;unit;min;max;source;year;licence;method";

struct reader {
    struct factor_text *text;
    struct complaint complaint;
    uint32_t *seen; /* by slot: line of the row that stands there, or 0 */
    bool in_rows;   /* the header was there */
    bool stop;      /* what follows cannot be understood */
};

/* ---- Lines before the header ---- */

/* The text behind "# key:", without blanks around it; false for any other line. */
static bool directive(struct field line, const char *key, struct field *ret_value)
{
    struct field rest = field_trim((struct field){line.begin + 1, line.end});
    size_t length = strlen(key);
    if ((size_t)(rest.end - rest.begin) <= length || strncmp(rest.begin, key, length) != 0 ||
        rest.begin[length] != ':')
        return false;
    *ret_value = field_trim((struct field){rest.begin + length + 1, rest.end});
    return true;
}

static void name_set(struct reader *reader, struct field value, const char *key, char *target,
                     size_t size)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t length = (size_t)(value.end - value.begin);
    if (length == 0 || length >= size || strspn(value.begin, allowed) < length) {
        complain(&reader->complaint, value.begin,
                 "%s: expected 1 to %zu of a-z, 0-9, '.' and '-', got '%s'", key, size - 1,
                 field_shown(value).text);
        return;
    }
    memcpy(target, value.begin, length);
    target[length] = '\0';
}

static void comment(struct reader *reader, struct field line)
{
    struct factor_set *set = &reader->text->set;
    struct field value;
    if (reader->in_rows)
        return;
    if (directive(line, "set", &value))
        name_set(reader, value, "set", set->name, sizeof(set->name));
    else if (directive(line, "version", &value))
        name_set(reader, value, "version", set->version, sizeof(set->version));
}

static void header_line(struct reader *reader, struct field line)
{
    const struct factor_set *set = &reader->text->set;
    line = field_trim(line);
    size_t length = (size_t)(line.end - line.begin);
    if (length != sizeof(header) - 1 || memcmp(line.begin, header, length) != 0) {
        complain(&reader->complaint, line.begin, "expected the line '%s' before the rows, got '%s'",
                 header, field_shown(line).text);
        reader->stop = true;
        return;
    }
    if (set->name[0] == '\0' || set->version[0] == '\0')
        complain(&reader->complaint, line.begin,
                 "expected lines '# set: NAME' and '# version: VERSION' before this one, so that "
                 "reports can say what they were made with");
    reader->in_rows = true;
}

/* ---- Rows ---- */

/* False, and told, where there is a byte that is no text: what a person cannot see in a file must
 * not be in it. */
static bool is_text(struct reader *reader, struct field line)
{
    char escaped[5];
    size_t length = (size_t)(line.end - line.begin);
    size_t safe = text_safe_length(line.begin, length);
    if (safe == length)
        return true;
    (void)text_escape(escaped, sizeof(escaped), line.begin + safe, 1);
    complain(&reader->complaint, line.begin + safe,
             "a byte that is no UTF-8 text or cannot be seen (%s): save the file as UTF-8, or "
             "remove it",
             escaped);
    return false;
}

static void row_line(struct reader *reader, struct field line)
{
    struct factor_text *text = reader->text;
    struct factor *row = &text->rows[text->n_rows];
    if (!factor_row_parse(&reader->complaint, line, row))
        return;
    size_t slot = factor_slot(row->id, row->criterion, row->geography);
    if (reader->seen[slot] != 0) {
        complain(&reader->complaint, line.begin,
                 "%s, %s, %s stands in line %u already: keep one of them", factor_name(row->id),
                 criterion_info(row->criterion)->id, geography_info(row->geography)->alpha3,
                 reader->seen[slot]);
        return;
    }
    reader->seen[slot] = reader->complaint.line;
    row->set = &text->set;
    row->line = reader->complaint.line;
    text->n_rows++;
}

static void line_parse(struct reader *reader, struct field line)
{
    if (line.end > line.begin && line.end[-1] == '\r')
        line.end--;
    struct field trimmed = field_trim(line);
    if (trimmed.begin == trimmed.end)
        return;
    if (line.end - line.begin > LINE_BYTES_MAX)
        complain(&reader->complaint, line.begin, "expected lines of at most %d bytes",
                 LINE_BYTES_MAX);
    else if (*line.begin == '#')
        comment(reader, line);
    else if (!is_text(reader, line))
        return;
    else if (reader->in_rows)
        row_line(reader, line);
    else
        header_line(reader, line);
}

/* ---- Files ---- */

/* What can be said of the whole file: true where it is worth reading. */
static bool file_check(struct reader *reader, const char *bytes, size_t length, bool full)
{
    struct complaint *complaint = &reader->complaint;
    if (full)
        complain(complaint, complaint->line_begin, "expected at most %d factor files",
                 FACTOR_SETS_MAX);
    else if (length > FACTOR_FILE_MAX)
        complain(complaint, complaint->line_begin, "expected a file of at most %d bytes",
                 FACTOR_FILE_MAX);
    else if (length > 0 && memchr(bytes, '\0', length))
        complain(complaint, complaint->line_begin,
                 "the file holds zero bytes: save it as text in UTF-8, not UTF-16");
    return complaint->errors->n == 0;
}

static void lines_parse(struct reader *reader, const char *begin, const char *end)
{
    static const char bom[] = "\xef\xbb\xbf";
    if (end - begin >= 3 && memcmp(begin, bom, 3) == 0)
        begin += 3;
    while (begin < end && !reader->stop) {
        const char *newline = memchr(begin, '\n', (size_t)(end - begin));
        const char *line_end = newline ? newline : end;
        reader->complaint.line++;
        reader->complaint.line_begin = begin;
        line_parse(reader, (struct field){begin, line_end});
        begin = newline ? newline + 1 : end;
    }
    if (reader->complaint.errors->n > 0)
        return;
    reader->complaint.line_begin = end;
    reader->complaint.line = MAX(1U, reader->complaint.line);
    if (!reader->in_rows)
        complain(&reader->complaint, end, "expected the line '%s'", header);
    else if (reader->text->n_rows == 0)
        complain(&reader->complaint, end, "expected rows behind the header");
}

static int text_new(struct factor_text **ret_text, const char *name, const char *bytes,
                    size_t length)
{
    struct factor_text *text = calloc(1, sizeof(*text));
    if (!text)
        return -ENOMEM;
    text->name = strdup(name);
    text->bytes = malloc(length + 1);
    text->rows = calloc(length / ROW_BYTES_MIN + 1, sizeof(*text->rows));
    if (!text->name || !text->bytes || !text->rows) {
        (void)factor_text_free(text);
        return -ENOMEM;
    }
    memcpy(text->bytes, bytes, length);
    text->bytes[length] = '\0';
    text->set.file = text->name;
    *ret_text = text;
    return 0;
}

int factor_text_parse(struct factor_text **ret_text, const char *name, const char *bytes,
                      size_t length, bool full, struct factor_errors *ret_errors)
{
    struct reader reader = {
        .complaint = {.file = name, .errors = ret_errors, .line = 1, .line_begin = bytes},
    };
    ret_errors->n = 0;
    ret_errors->more = 0;
    if (!file_check(&reader, bytes, length, full))
        return FACTORS_WRONG;
    int r = text_new(&reader.text, name, length > 0 ? bytes : "", length);
    if (r < 0)
        return r;
    CLEANUP(free_p)
    uint32_t *seen = calloc((size_t)FACTORS * (CRITERIA + 1) * GEOGRAPHIES, sizeof(*seen));
    if (!seen) {
        (void)factor_text_free(reader.text);
        return -ENOMEM;
    }
    reader.seen = seen;
    reader.complaint.line = 0;
    lines_parse(&reader, reader.text->bytes, reader.text->bytes + length);
    if (ret_errors->n > 0) {
        (void)factor_text_free(reader.text);
        return FACTORS_WRONG;
    }
    reader.text->set.rows = reader.text->n_rows;
    *ret_text = reader.text;
    return 0;
}

struct factor_text *factor_text_free(struct factor_text *text)
{
    if (!text)
        return NULL;
    free(text->name);
    free(text->bytes);
    free(text->rows);
    free(text);
    return NULL;
}
