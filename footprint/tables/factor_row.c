/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/tables/factor_row.h"

#include "footprint/words/decimal.h"
#include "footprint/words/vocabulary.h"
#include "greend/language.h"

enum column {
    COLUMN_ID,
    COLUMN_CRITERION,
    COLUMN_PHASE,
    COLUMN_GEOGRAPHY,
    COLUMN_VALUE,
    COLUMN_UNIT,
    COLUMN_MIN,
    COLUMN_MAX,
    COLUMN_SOURCE,
    COLUMN_YEAR,
    COLUMN_LICENCE,
    COLUMN_METHOD,
    COLUMNS
};

/* ---- Fields ---- */

/* Splits a line; false where it has not as many fields as there are columns. */
static bool split(struct complaint *complaint, struct field line, struct field fields[COLUMNS])
{
    size_t n = 0;
    const char *s = line.begin;
    for (const char *end = s; end <= line.end; end++) {
        if (end < line.end && *end != ';')
            continue;
        if (n < COLUMNS)
            fields[n] = field_trim((struct field){s, end});
        n++;
        s = end + 1;
    }
    if (n != COLUMNS) {
        bool commas = n == 1 && memchr(line.begin, ',', field_length(line));
        complain(complaint, line.begin, "expected %d fields with ';' between them, found %zu%s",
                 COLUMNS, n, commas ? _(": ',' does not part fields") : "");
        return false;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        if (fields[i].begin < fields[i].end && *fields[i].begin == '"') {
            complain(complaint, fields[i].begin,
                     "fields stand without quotes: remove '\"', and write ',' for a ';' inside");
            return false;
        }
    }
    return true;
}

/* ---- Words ---- */

static bool parse_id(struct complaint *complaint, struct field field, struct factor *row)
{
    for (int i = 0; i < FACTORS; i++) {
        if (field_is(field, factor_name((enum factor_id)i))) {
            row->id = (enum factor_id)i;
            return true;
        }
    }
    char names[320] = "";
    for (size_t i = 0, length = 0; i < FACTORS && length < sizeof(names); i++)
        length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
                                   i > 0 ? ", " : "", factor_name((enum factor_id)i));
    complain(complaint, field.begin, "id: '%s' is not known: expected one of %s",
             field_shown(field).text, names);
    return false;
}

static bool parse_criterion(struct complaint *complaint, struct field field, struct factor *row)
{
    bool parameter = factor_is_parameter(row->id);
    int begin = parameter ? CRITERION_PARAMETER : 0;
    int end = parameter ? CRITERION_PARAMETER + 1 : CRITERIA;
    for (int i = begin; i < end; i++) {
        if (field_is(field, criterion_info((enum criterion)i)->id)) {
            row->criterion = (enum criterion)i;
            return true;
        }
    }
    complain(complaint, field.begin, "criterion: expected %s for %s, got '%s'",
             parameter ? "parameter" : "GWP, ADPe, AP, PM, IR, PE or water", factor_name(row->id),
             field_shown(field).text);
    return false;
}

static bool parse_phase(struct complaint *complaint, struct field field, const struct factor *row)
{
    const char *phase = phase_name(factor_phase(row->id));
    if (field_is(field, phase))
        return true;
    complain(complaint, field.begin, "phase: expected %s for %s, got '%s'", phase,
             factor_name(row->id), field_shown(field).text);
    return false;
}

static bool parse_geography(struct complaint *complaint, struct field field, struct factor *row)
{
    row->geography = geography_find(field.begin, field_length(field));
    if (row->geography == GEOGRAPHY_UNKNOWN) {
        complain(complaint, field.begin,
                 "geography: '%s' is not known: expected a country as in ISO 3166 (FRA), EEE for "
                 "Europe or WOR for the world",
                 field_shown(field).text);
        return false;
    }
    if (factor_phase(row->id) == PHASE_USE || row->geography == GEOGRAPHY_WORLD)
        return true;
    complain(complaint, field.begin,
             "geography: expected WOR for %s, got '%s': hardware is counted for the world",
             factor_name(row->id), field_shown(field).text);
    return false;
}

/* ---- Numbers ---- */

/* What a person should write where a comma stands for the point; false: it is something else. */
static bool without_comma(struct field field, char *target, size_t size)
{
    double ignored = 0;
    size_t length = field_length(field);
    const char *comma = memchr(field.begin, ',', length);
    if (!comma || length >= size)
        return false;
    memcpy(target, field.begin, length);
    target[length] = '\0';
    target[comma - field.begin] = '.';
    return decimal_parse(target, length, &ignored) == 0;
}

static bool parse_number(struct complaint *complaint, struct field field, const char *name,
                         double *ret)
{
    char better[40];
    size_t length = field_length(field);
    int r = decimal_parse(field.begin, length, ret);
    if (r == 0)
        return true;
    if (length > 0 && *field.begin == '-')
        complain(complaint, field.begin, "%s: expected 0 or more, got '%s'", name,
                 field_shown(field).text);
    else if (without_comma(field, better, sizeof(better)))
        complain(complaint, field.begin, "%s: '%s' has a decimal comma: write %s", name,
                 field_shown(field).text, better);
    else if (r == -ERANGE)
        complain(complaint, field.begin,
                 "%s: expected at most %d digits, and 0 or 1e-20 to 1e20, got '%s'", name,
                 DECIMAL_DIGITS_MAX, field_shown(field).text);
    else
        complain(complaint, field.begin,
                 "%s: expected a number with a decimal point, as 0.098 or 4.86e-8, got '%s'", name,
                 field_shown(field).text);
    return false;
}

static bool parse_value(struct complaint *complaint, struct field field, struct factor *row)
{
    const struct factor_kind *kind = factor_kind(row->id);
    double value = 0;
    if (field.begin == field.end) {
        complain(complaint, field.begin,
                 "value: expected a number: leave the row out where nobody published one");
        return false;
    }
    if (!parse_number(complaint, field, "value", &value))
        return false;
    if (value > kind->most || (kind->parameter && value <= kind->above)) {
        if (kind->parameter)
            complain(complaint, field.begin,
                     "value: expected above %g and up to %g for %s, got '%s'", kind->above,
                     kind->most, kind->name, field_shown(field).text);
        else
            complain(complaint, field.begin, "value: expected up to %g, got '%s'", kind->most,
                     field_shown(field).text);
        return false;
    }
    row->value = figure_unbanded(value);
    return true;
}

static bool parse_band(struct complaint *complaint, struct field least, struct field most,
                       struct factor *row)
{
    const struct factor_kind *kind = factor_kind(row->id);
    double min = 0;
    double max = 0;
    if (least.begin == least.end && most.begin == most.end)
        return true;
    if (least.begin == least.end || most.begin == most.end) {
        complain(complaint, least.begin,
                 "min and max: expected both, or neither where no band was published");
        return false;
    }
    if (!parse_number(complaint, least, "min", &min) || !parse_number(complaint, most, "max", &max))
        return false;
    if (min > row->value.value || max < row->value.value || max > kind->most ||
        (kind->parameter && min <= kind->above)) {
        complain(complaint, least.begin,
                 "min and max: expected min <= value <= max within %g and %g, got '%s' and '%s'",
                 kind->above, kind->most, field_shown(least).text, field_shown(most).text);
        return false;
    }
    row->value = figure_banded(row->value.value, min, max);
    return true;
}

static bool parse_year(struct complaint *complaint, struct field field, struct factor *row)
{
    row->year = 0;
    for (const char *s = field.begin; s < field.end && row->year < 10000; s++)
        row->year = *s >= '0' && *s <= '9' ? row->year * 10 + (*s - '0') : 10000;
    if (field_length(field) == 4 && row->year >= 1990 && row->year <= 2100)
        return true;
    complain(complaint, field.begin,
             "year: expected the year that the value speaks of, 1990 to 2100, got '%s'",
             field_shown(field).text);
    return false;
}

/* ---- Units ---- */

/* What to do with a value in another unit. */
static const char *unit_advice(struct field field)
{
    static const struct {
        const char *begin;
        const char *advice;
    } others[] = {
        {"gCO2", N_(": divide value, min and max by 1000") },
        {"gSb",  N_(": divide value, min and max by 1000") },
        {"L/",   N_(": divide value, min and max by 1000") },
        {"kWh/", N_(": multiply value, min and max by 3.6")},
    };
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        size_t length = strlen(others[i].begin);
        if (field_length(field) >= length && strncmp(field.begin, others[i].begin, length) == 0)
            return _(others[i].advice);
    }
    return "";
}

static bool parse_unit(struct complaint *complaint, struct field field, struct factor *row)
{
    struct unit_text expected = factor_unit(row->id, row->criterion);
    (void)str_copy(row->unit, sizeof(row->unit), expected.text);
    size_t length = field_length(field);
    if (length == strlen(expected.text) && memcmp(field.begin, expected.text, length) == 0)
        return true;
    if (length == 0)
        complain(complaint, field.begin, "unit: missing: expected %s", expected.text);
    else
        complain(complaint, field.begin, "unit: expected %s for %s of %s, got '%s'%s",
                 expected.text, criterion_info(row->criterion)->id, factor_name(row->id),
                 field_shown(field).text, unit_advice(field));
    return false;
}

/* ---- The row ---- */

/* A field as a string: what parts it from the next is overwritten. */
static const char *string_of(struct field field)
{
    *(char *)field.end = '\0';
    return field.begin;
}

bool factor_row_parse(struct complaint *complaint, struct field line, struct factor *ret_row)
{
    struct field fields[COLUMNS];
    struct factor row = {0};
    if (!split(complaint, line, fields) || !parse_id(complaint, fields[COLUMN_ID], &row) ||
        !parse_criterion(complaint, fields[COLUMN_CRITERION], &row) ||
        !parse_phase(complaint, fields[COLUMN_PHASE], &row) ||
        !parse_geography(complaint, fields[COLUMN_GEOGRAPHY], &row) ||
        !parse_value(complaint, fields[COLUMN_VALUE], &row) ||
        !parse_unit(complaint, fields[COLUMN_UNIT], &row) ||
        !parse_band(complaint, fields[COLUMN_MIN], fields[COLUMN_MAX], &row))
        return false;
    if (fields[COLUMN_SOURCE].begin == fields[COLUMN_SOURCE].end) {
        complain(complaint, fields[COLUMN_SOURCE].begin, "source: expected who says so, and where");
        return false;
    }
    if (!parse_year(complaint, fields[COLUMN_YEAR], &row))
        return false;
    row.source = string_of(fields[COLUMN_SOURCE]);
    row.licence = string_of(fields[COLUMN_LICENCE]);
    row.method = string_of(fields[COLUMN_METHOD]);
    *ret_row = row;
    return true;
}
