/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/intensity.h"

#include "footprint/tables/intensity_row.h"
#include "greend/footprint.h"

enum { LINE_MAX_BYTES = 8192 };

const char *intensity_form_name(enum intensity_form form)
{
    static const char *const names[INTENSITY_FORMS] = {"plain", "electricity-maps", "eco2mix"};
    return names[form];
}

void intensity_done(struct intensity *intensity)
{
    free(intensity->hours);
    *intensity = (struct intensity){.hours = NULL};
}

struct values {
    struct intensity_value *list;
    size_t n;
    size_t capacity;
};

static void values_done(struct values *values)
{
    free(values->list);
}

static int values_add(struct values *values, const struct intensity_value *value)
{
    if (values->n == values->capacity) {
        size_t capacity = MAX(2 * values->capacity, (size_t)1024);
        struct intensity_value *list = reallocarray(values->list, capacity, sizeof(*list));
        if (!list)
            return -ENOMEM;
        values->list = list;
        values->capacity = capacity;
    }
    values->list[values->n++] = *value;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct intensity_value *x = a;
    const struct intensity_value *y = b;
    if (x->time_s != y->time_s)
        return x->time_s < y->time_s ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static void sort(struct values *values)
{
    if (values->n > 0)
        qsort(values->list, values->n, sizeof(*values->list), by_time);
}

/* ---- Lines ---- */

static void set_line(struct intensity_reader *reader, const char *begin)
{
    reader->errors.line++;
    reader->notes.line = reader->errors.line;
    reader->errors.line_begin = reader->notes.line_begin = begin;
}

/* false: what is no line was complained of. */
static bool next_line(struct intensity_reader *reader, const char **s, const char *end,
                      struct field *ret)
{
    const char *newline = memchr(*s, '\n', (size_t)(end - *s));
    *ret = (struct field){*s, newline ? newline : end};
    *s = newline ? newline + 1 : end;
    set_line(reader, ret->begin);
    if (ret->end > ret->begin && ret->end[-1] == '\r')
        ret->end--;
    if (field_length(*ret) > LINE_MAX_BYTES) {
        complain(&reader->errors, ret->begin, "line too long: expected at most %d bytes",
                 LINE_MAX_BYTES);
        return false;
    }
    if (memchr(ret->begin, '\0', field_length(*ret))) {
        complain(&reader->errors, ret->begin, "expected text, got a NUL byte");
        return false;
    }
    return true;
}

static int read_lines(struct intensity_reader *reader, const char *s, const char *end,
                      struct values *values)
{
    struct field line;
    bool headed = false;
    while (s < end) {
        struct intensity_value value;
        if (!next_line(reader, &s, end, &line)) {
            if (!headed)
                return 0;
            continue;
        }
        if (field_length(field_trim(line)) == 0)
            continue;
        if (!headed) {
            if (!intensity_header(reader, line))
                return 0;
            headed = true;
            continue;
        }
        enum intensity_answer answer = intensity_row(reader, line, &value);
        reader->intensity->valueless += answer == ROW_EMPTY;
        int r = answer == ROW_VALUE ? values_add(values, &value) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- Hours ---- */

/* Of two equal wall times the second is an hour later. */
static void part_twins(struct values *values)
{
    for (size_t i = 1; i < values->n; i++) {
        struct intensity_value *value = &values->list[i];
        if (value->twice && value->time_s == value[-1].time_s && value[-1].twice) {
            value->time_s += INTENSITY_HOUR_S;
            value->twice = false;
        }
    }
    sort(values);
}

static void complain_at(struct complaint *complaint, unsigned line, const char *text)
{
    complaint->line = line;
    complaint->line_begin = text;
    complain(complaint, text, "%s", text);
}

static void check_twice(struct intensity_reader *reader, const struct values *values)
{
    for (size_t i = 1; i < values->n; i++) {
        const struct intensity_value *value = &values->list[i];
        char text[96];
        if (value->time_s != value[-1].time_s)
            continue;
        (void)snprintf(text, sizeof(text), "time: already on line %u: expected it once",
                       value[-1].line);
        complain_at(&reader->errors, value->line, text);
    }
}

/* Daily or monthly values say nothing of hours. */
static void check_step(struct intensity_reader *reader, const struct values *values)
{
    int64_t least_s = INT64_MAX;
    for (size_t i = 1; i < values->n; i++)
        least_s = MIN(least_s, values->list[i].time_s - values->list[i - 1].time_s);
    if (values->n > 1 && least_s > INTENSITY_HOUR_S)
        complain_at(&reader->errors, values->list[1].line,
                    "expected values by the hour or finer, got longer steps throughout");
}

static void note_gap(struct intensity_reader *reader, unsigned line, int64_t hours)
{
    char text[96];
    (void)snprintf(text, sizeof(text), "no values for %lld hours before this line",
                   (long long)hours);
    complain_at(&reader->notes, line, text);
}

static int64_t hour_of(int64_t time_s)
{
    int64_t past_s = time_s % INTENSITY_HOUR_S;
    return time_s - past_s - (past_s < 0 ? INTENSITY_HOUR_S : 0);
}

static int make_hours(struct intensity_reader *reader, const struct values *values)
{
    struct intensity *intensity = reader->intensity;
    size_t in_hour = 0;
    intensity->hours = calloc(values->n + 1, sizeof(*intensity->hours));
    if (!intensity->hours)
        return -ENOMEM;
    for (size_t i = 0; i < values->n; i++) {
        const struct intensity_value *value = &values->list[i];
        int64_t begin_s = hour_of(value->time_s);
        struct intensity_hour *last =
            intensity->n_hours > 0 ? &intensity->hours[intensity->n_hours - 1] : NULL;
        if (!last || last->begin_s != begin_s) {
            int64_t hours = last ? (begin_s - last->begin_s) / INTENSITY_HOUR_S - 1 : 0;
            if (hours > 0)
                note_gap(reader, value->line, hours);
            intensity->missing += (size_t)hours;
            last = &intensity->hours[intensity->n_hours++];
            *last = (struct intensity_hour){begin_s, 0};
            in_hour = 0;
        }
        in_hour++;
        last->grams += (value->grams - last->grams) / (double)in_hour;
    }
    return 0;
}

static const char *skip_mark(const char *bytes, const char *end)
{
    static const char mark[] = "\xef\xbb\xbf";
    bool marked = end - bytes >= 3 && memcmp(bytes, mark, 3) == 0;
    return bytes + (marked ? 3 : 0);
}

int intensity_parse(const char *name, const char *bytes, size_t length, struct intensity *ret,
                    struct factor_errors *ret_errors, struct factor_errors *ret_notes)
{
    CLEANUP(values_done) struct values values = {0};
    struct intensity intensity = {.hours = NULL};
    const char *end = bytes + length;
    struct intensity_reader reader = {
        .errors = {.file = name, .errors = ret_errors, .line_begin = bytes},
        .notes = {.file = name, .errors = ret_notes,  .line_begin = bytes},
        .intensity = &intensity,
    };
    ret_errors->n = ret_errors->more = 0;
    ret_notes->n = ret_notes->more = 0;
    if (length > INTENSITY_FILE_MAX) {
        reader.errors.line = 1;
        complain(&reader.errors, bytes, "too large: expected at most %d MiB",
                 INTENSITY_FILE_MAX >> 20);
        return INTENSITY_WRONG;
    }
    int r = read_lines(&reader, skip_mark(bytes, end), end, &values);
    if (r < 0)
        return r;
    sort(&values);
    part_twins(&values);
    check_twice(&reader, &values);
    check_step(&reader, &values);
    if (values.n == 0 && ret_errors->n == 0)
        complain_at(&reader.errors, MAX(reader.errors.line, 1U), "expected values, got none");
    if (ret_errors->n > 0)
        return INTENSITY_WRONG;
    intensity.form = reader.columns.form;
    r = make_hours(&reader, &values);
    if (r == 0)
        *ret = intensity;
    return r;
}

/* The first hour that begins at a time or after it. */
static size_t hour_from(const struct intensity *intensity, int64_t begin_s)
{
    size_t low = 0;
    size_t high = intensity->n_hours;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (intensity->hours[middle].begin_s < begin_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool intensity_mean(const struct intensity *intensity, int64_t begin_s, int64_t length_s,
                    double *ret_grams)
{
    const int64_t last_s = INT64_C(1) << 40;
    double sum = 0;
    int64_t known_s = 0;
    if (begin_s < 0 || begin_s > last_s || length_s <= 0 || length_s > last_s)
        return false;
    int64_t end_s = begin_s + length_s;
    for (size_t i = hour_from(intensity, begin_s - INTENSITY_HOUR_S + 1); i < intensity->n_hours;
         i++) {
        const struct intensity_hour *hour = &intensity->hours[i];
        int64_t from_s = MAX(hour->begin_s, begin_s);
        int64_t to_s = MIN(hour->begin_s + INTENSITY_HOUR_S, end_s);
        if (hour->begin_s >= end_s)
            break;
        sum += hour->grams * (double)(to_s - from_s);
        known_s += to_s - from_s;
    }
    if (known_s < length_s)
        return false;
    *ret_grams = sum / (double)length_s;
    return true;
}
