/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/target.h"

#include "core/text.h"
#include "footprint/words/decimal.h"

static const char *const scopes[TARGET_SCOPES] = {"host", "unit", "environment"};
static const char *const units[TARGET_UNITS] = {"kWh", "kgCO2e"};
static const char *const pers[TARGET_PERS] = {"month", "year"};

static const char expected_what[] = "host, unit PATTERN or environment NAME";
static const char expected_limit[] =
    "AMOUNT kWh per year, AMOUNT kgCO2e per month, or 10% below 2025 in kWh";

enum { WORDS_MAX = 16, FIRST_YEAR = 2000, LAST_YEAR = 2199 };

const char *target_scope_name(enum target_scope scope)
{
    return scopes[scope];
}

const char *target_unit_name(enum target_unit unit)
{
    return units[unit];
}

const char *target_per_name(enum target_per per)
{
    return pers[per];
}

/* A text from the file as it may be shown: escaped and not too long. */
struct shown {
    char text[72];
};

static struct shown show(const char *raw)
{
    struct shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), raw, strlen(raw));
    return shown;
}

/* Where the reading of one line is. */
struct reading {
    const char *name;
    char *words[WORDS_MAX]; /* NULL behind the last */
    size_t next;
    char *error;
};

static int tell_wrong(const struct reading *reading, const char *expected, const char *got)
{
    (void)snprintf(reading->error, TARGET_ERROR_MAX, "%s: expected %s, got '%s'%s",
                   show(reading->name).text, expected, got ? show(got).text : "",
                   got && strchr(got, ',') ? ": decimals have a point" : "");
    return -EINVAL;
}

static const char *word(struct reading *reading)
{
    const char *found = reading->words[reading->next];
    reading->next += found != NULL;
    return found;
}

/* The place of the next word in a list of words. */
static int choose(struct reading *reading, const char *const *list, size_t count,
                  const char *expected, int *ret)
{
    const char *got = word(reading);
    for (size_t i = 0; got && i < count; i++)
        if (str_equal(list[i], got)) {
            *ret = (int)i;
            return 0;
        }
    return tell_wrong(reading, expected, got);
}

static int expect(struct reading *reading, const char *wanted, const char *expected)
{
    const char *got = word(reading);
    return got && str_equal(got, wanted) ? 0 : tell_wrong(reading, expected, got);
}

static int read_what(struct reading *reading, struct target *target)
{
    int scope = 0;
    int r = choose(reading, scopes, TARGET_SCOPES, expected_what, &scope);
    if (r < 0)
        return r;
    target->scope = (enum target_scope)scope;
    if (scope == TARGET_HOST)
        return 0;
    const char *what = word(reading);
    if (!what || !str_copy(target->what, sizeof(target->what), what) ||
        text_safe_length(what, strlen(what)) < strlen(what))
        return tell_wrong(reading, expected_what, what);
    return 0;
}

static int read_unit(struct reading *reading, struct target *target)
{
    int unit = 0;
    int r = choose(reading, units, TARGET_UNITS, "kWh or kgCO2e", &unit);
    target->unit = (enum target_unit)unit;
    return r;
}

/* 120 kWh per year */
static int read_amount(struct reading *reading, struct target *target, const char *amount)
{
    int per = 0;
    if (decimal_parse(amount, strlen(amount), &target->amount) < 0 || target->amount <= 0)
        return tell_wrong(reading, "a number above 0", amount);
    int r = read_unit(reading, target);
    if (r == 0)
        r = expect(reading, "per", "per month or per year");
    if (r == 0)
        r = choose(reading, pers, TARGET_PERS, "per month or per year", &per);
    target->per = (enum target_per)per;
    return r;
}

/* 2025 or 2025-11 */
static int read_baseline(struct reading *reading, struct target *target)
{
    const char *text = word(reading);
    size_t length = text ? strlen(text) : 0;
    int year = length >= 4 ? digits_parse(text, 4) : -1;
    int month = length == 7 && text[4] == '-' ? digits_parse(text + 5, 2) : 0;
    bool right = (length == 4 || (length == 7 && month >= 1 && month <= 12)) &&
                 year >= FIRST_YEAR && year <= LAST_YEAR;
    if (!right)
        return tell_wrong(reading, "a year or a month, as 2025 or 2025-11", text);
    target->baseline_year = year;
    target->baseline_month = month;
    target->per = month > 0 ? TARGET_MONTH : TARGET_YEAR;
    return 0;
}

/* 10% below 2025 in kWh */
static int read_percent(struct reading *reading, struct target *target, const char *percent)
{
    size_t digits = strcspn(percent, "%");
    if (decimal_parse(percent, digits, &target->percent) < 0 || target->percent >= 100)
        return tell_wrong(reading, "a percentage of 0 and more, below 100", percent);
    target->relative = true;
    int r = expect(reading, "below", expected_limit);
    if (r == 0)
        r = read_baseline(reading, target);
    if (r == 0)
        r = expect(reading, "in", "in kWh or in kgCO2e");
    return r == 0 ? read_unit(reading, target) : r;
}

static int read_target(struct reading *reading, struct target *target)
{
    int r = read_what(reading, target);
    if (r < 0)
        return r;
    const char *limit = word(reading);
    if (!limit)
        return tell_wrong(reading, expected_limit, NULL);
    const char *next = reading->words[reading->next]; /* 10 % is 10% */
    bool apart = next && str_equal(next, "%");
    reading->next += apart;
    r = apart || limit[strlen(limit) - 1] == '%' ? read_percent(reading, target, limit)
                                                 : read_amount(reading, target, limit);
    if (r < 0)
        return r;
    const char *more = word(reading);
    return more ? tell_wrong(reading, "nothing behind the target", more) : 0;
}

int target_parse(const char *name, const char *text, struct target *ret, char *ret_error)
{
    char copy[256];
    struct target target = {.scope = TARGET_HOST};
    struct reading reading = {.name = name, .error = ret_error};
    *ret_error = '\0';
    if (!str_copy(target.name, sizeof(target.name), name) ||
        !str_equal(show(name).text, name)) /* it becomes a label */
        return tell_wrong(&reading, "a name of at most 47 bytes of plain text", name);
    if (!str_copy(copy, sizeof(copy), text))
        return tell_wrong(&reading, "a target of at most 255 bytes", text);
    char *rest = NULL;
    size_t n = 0;
    for (char *w = strtok_r(copy, " \t", &rest); w; w = strtok_r(NULL, " \t", &rest)) {
        if (n == WORDS_MAX - 1)
            return tell_wrong(&reading, "nothing behind the target", w);
        reading.words[n++] = w;
    }
    int r = read_target(&reading, &target);
    if (r == 0)
        *ret = target;
    return r;
}
