/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/tables/intensity_row.h"

#include <strings.h>

#include "core/text.h"
#include "footprint/tables/intensity_time.h"
#include "footprint/words/decimal.h"

/* ---- Fields ---- */

/* Without blanks and quotes around it. */
static struct field unquoted(struct field field)
{
    field = field_trim(field);
    if (field_length(field) >= 2 && *field.begin == '"' && field.end[-1] == '"') {
        field.begin++;
        field.end--;
    }
    return field;
}

/* Separators within quotes separate nothing. Returns how many fields there are, at most one more
 * than there is room for. */
static size_t split(struct field line, char separator, struct field fields[INTENSITY_FIELDS_MAX])
{
    size_t n = 0;
    bool quoted = false;
    const char *begin = line.begin;
    for (const char *s = line.begin; s <= line.end; s++) {
        if (s < line.end && *s == '"')
            quoted = !quoted;
        if (s < line.end && (*s != separator || quoted))
            continue;
        if (n < INTENSITY_FIELDS_MAX)
            fields[n] = unquoted((struct field){begin, s});
        n++;
        begin = s + 1;
    }
    return MIN(n, (size_t)INTENSITY_FIELDS_MAX + 1);
}

static bool contains(struct field field, const char *word)
{
    size_t length = strlen(word);
    for (const char *s = field.begin; s + length <= field.end; s++)
        if (strncasecmp(s, word, length) == 0)
            return true;
    return false;
}

static bool begins(struct field field, const char *word)
{
    return field_length(field) >= strlen(word) && strncasecmp(field.begin, word, strlen(word)) == 0;
}

/* ---- The header ---- */

static size_t find(const struct field *fields, size_t n, const char *const *words)
{
    for (size_t w = 0; words[w]; w++)
        for (size_t i = 0; i < n; i++)
            if (field_is(fields[i], words[w]))
                return i;
    return COLUMN_NONE;
}

static size_t find_life_cycle(const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (begins(fields[i], "Carbon intensity") &&
            (contains(fields[i], "(Life cycle)") || contains(fields[i], "(LCA)")))
            return i;
    return COLUMN_NONE;
}

static bool is_electricity_maps(const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (begins(fields[i], "Carbon intensity"))
            return true;
    return false;
}

static bool set_maps(struct intensity_reader *reader, const struct field *fields, size_t n)
{
    static const char *const times[] = {"Datetime (UTC)", NULL};
    static const char *const zones[] = {"Zone id", NULL};
    static const char *const estimated[] = {"Data estimated", NULL};
    struct intensity_columns *columns = &reader->columns;
    columns->form = INTENSITY_ELECTRICITY_MAPS;
    columns->time = find(fields, n, times);
    columns->value = find_life_cycle(fields, n);
    columns->zone = find(fields, n, zones);
    columns->estimated = find(fields, n, estimated);
    if (columns->time != COLUMN_NONE && columns->value != COLUMN_NONE)
        return true;
    complain(&reader->errors, fields[0].begin,
             "expected the columns 'Datetime (UTC)' and 'Carbon intensity gCO2eq/kWh (Life "
             "cycle)' of an hourly export of Electricity Maps");
    return false;
}

static const char *const rates[] = {"Taux de CO2 (g/kWh)", "Taux de CO2", "taux_co2", NULL};

static bool set_eco2mix(struct intensity_reader *reader, const struct field *fields, size_t n)
{
    static const char *const times[] = {"Date et Heure", "Date - Heure", "date_heure", NULL};
    static const char *const days[] = {"Date", NULL};
    static const char *const clocks[] = {"Heures", "Heure", NULL};
    struct intensity_columns *columns = &reader->columns;
    columns->form = INTENSITY_ECO2MIX;
    columns->time = find(fields, n, times);
    columns->day = find(fields, n, days);
    columns->clock = find(fields, n, clocks);
    columns->value = find(fields, n, rates);
    if (columns->time != COLUMN_NONE ||
        (columns->day != COLUMN_NONE && columns->clock != COLUMN_NONE))
        return true;
    complain(&reader->errors, fields[0].begin,
             "expected the column 'Date et Heure', or 'Date' and 'Heures', of an export of "
             "eCO2mix");
    return false;
}

static bool set_plain(struct intensity_reader *reader, const struct field *fields, size_t n)
{
    static const char *const units[] = {"gCO2e/kWh", "gCO2eq/kWh",
                                        "gCO\xe2\x82\x82"
                                        "e/kWh",
                                        NULL};
    struct intensity_columns *columns = &reader->columns;
    columns->form = INTENSITY_PLAIN;
    columns->time = 0;
    columns->value = 1;
    if (n == 2 && field_is(fields[0], "time") && find(fields, n, units) == 1)
        return true;
    complain(&reader->errors, fields[0].begin,
             "expected a header: time,gCO2e/kWh, or that of an export of Electricity Maps or "
             "eCO2mix; got '%s'",
             field_shown(fields[0]).text);
    return false;
}

bool intensity_header(struct intensity_reader *reader, struct field line)
{
    struct field fields[INTENSITY_FIELDS_MAX] = {
        {NULL, NULL}
    };
    size_t length = field_length(line);
    struct intensity_columns *columns = &reader->columns;
    *columns = (struct intensity_columns){.time = COLUMN_NONE,
                                          .day = COLUMN_NONE,
                                          .clock = COLUMN_NONE,
                                          .value = COLUMN_NONE,
                                          .zone = COLUMN_NONE,
                                          .estimated = COLUMN_NONE};
    columns->separator = ',';
    if (memchr(line.begin, '\t', length))
        columns->separator = '\t';
    else if (memchr(line.begin, ';', length))
        columns->separator = ';';
    columns->n = split(line, columns->separator, fields);
    if (columns->n > INTENSITY_FIELDS_MAX) {
        complain(&reader->errors, line.begin, "expected at most %d columns", INTENSITY_FIELDS_MAX);
        return false;
    }
    if (is_electricity_maps(fields, columns->n))
        return set_maps(reader, fields, columns->n);
    if (find(fields, columns->n, rates) != COLUMN_NONE)
        return set_eco2mix(reader, fields, columns->n);
    return set_plain(reader, fields, columns->n);
}

/* ---- Rows ---- */

static enum intensity_answer read_time(struct intensity_reader *reader, const struct field *fields,
                                       struct intensity_value *ret)
{
    const struct intensity_columns *columns = &reader->columns;
    if (columns->time != COLUMN_NONE) {
        struct field field = fields[columns->time];
        bool utc = columns->form == INTENSITY_ELECTRICITY_MAPS;
        if (time_parse(field, utc, &ret->time_s) == 0)
            return ROW_VALUE;
        complain(&reader->errors, field.begin, "time: expected %s, got '%s'",
                 utc ? "UTC, as 2026-11-01 00:00:00"
                     : "one with its offset from UTC, as 2026-11-01T00:00+01:00",
                 field_shown(field).text);
        return ROW_WRONG;
    }
    struct field day = fields[columns->day];
    struct field clock = fields[columns->clock];
    int r = time_parse_paris(day, clock, &ret->time_s);
    if (r < 0) {
        complain(&reader->errors, day.begin,
                 "time: expected a day and a time, as 2026-11-01 and 00:30, got '%s' and '%s'",
                 field_shown(day).text, field_shown(clock).text);
        return ROW_WRONG;
    }
    if (r == WALL_NEVER) {
        complain(&reader->notes, clock.begin,
                 "left out: '%s' never was on this day, clocks were set forward",
                 field_shown(clock).text);
        return ROW_LEFT;
    }
    ret->twice = r == WALL_TWICE;
    return ROW_VALUE;
}

/* What has no value may have no time either. */
static enum intensity_answer read_value(struct intensity_reader *reader, struct field field,
                                        struct intensity_value *ret)
{
    if (field_length(field) == 0 || field_is(field, "ND") || field_is(field, "-"))
        return ROW_EMPTY;
    int r = decimal_parse(field.begin, field_length(field), &ret->grams);
    if (r == 0 && ret->grams <= INTENSITY_MOST)
        return ROW_VALUE;
    bool comma = memchr(field.begin, ',', field_length(field)) != NULL;
    complain(&reader->errors, field.begin, "intensity: expected 0 to %.0f gCO2e/kWh, got '%s'%s",
             INTENSITY_MOST, field_shown(field).text, comma ? ": decimals have a point" : "");
    return ROW_WRONG;
}

/* All rows are of one zone. */
static bool check_zone(struct intensity_reader *reader, struct field field)
{
    char *zone = reader->intensity->zone;
    size_t size = sizeof(reader->intensity->zone);
    if (*zone == '\0') {
        (void)text_escape(zone, size, field.begin, field_length(field));
        return true;
    }
    if (field_is(field, zone))
        return true;
    complain(&reader->errors, field.begin, "zone: expected one in all rows, '%s', got '%s'", zone,
             field_shown(field).text);
    return false;
}

enum intensity_answer intensity_row(struct intensity_reader *reader, struct field line,
                                    struct intensity_value *ret)
{
    struct field fields[INTENSITY_FIELDS_MAX] = {
        {NULL, NULL}
    };
    const struct intensity_columns *columns = &reader->columns;
    size_t n = split(line, columns->separator, fields);
    *ret = (struct intensity_value){.line = reader->errors.line};
    /* eCO2mix ends with a sentence on who is liable. */
    if (columns->form == INTENSITY_ECO2MIX && n < columns->n && begins(line, "RTE "))
        return ROW_EMPTY;
    /* A separator behind the last field is no field. */
    bool one_more =
        n == columns->n + 1 && n <= INTENSITY_FIELDS_MAX && field_length(fields[n - 1]) == 0;
    if (n != columns->n && !one_more) {
        bool comma =
            n == columns->n + 1 && columns->form == INTENSITY_PLAIN && columns->separator == ',';
        complain(&reader->errors, line.begin, "expected %zu fields, got %zu%s", columns->n, n,
                 comma ? ": decimals have a point" : "");
        return ROW_WRONG;
    }
    enum intensity_answer answer = read_value(reader, fields[columns->value], ret);
    if (answer == ROW_VALUE)
        answer = read_time(reader, fields, ret);
    if (answer != ROW_VALUE)
        return answer;
    if (columns->zone != COLUMN_NONE && !check_zone(reader, fields[columns->zone]))
        return ROW_WRONG;
    if (columns->estimated != COLUMN_NONE && field_is(fields[columns->estimated], "true"))
        reader->intensity->estimated++;
    return ROW_VALUE;
}
