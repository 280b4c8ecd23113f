/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "export/export_units.h"

#include <inttypes.h>
#include <math.h>

#include "core/text.h"
#include "greend/units.h"

/* A double holds each whole number up to here. */
#define UNITS_MOST 9007199254740992.0

struct shown {
    char text[72];
};

static struct shown show(const char *raw, size_t length)
{
    struct shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), raw, length);
    return shown;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The number that a text of a line begins with; ret_end points behind it. */
static bool take_number(const char *text, double *ret_number, const char **ret_end)
{
    char copy[64];
    size_t length = strcspn(text, " \t\r\n");
    if (length == 0 || length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    /* strtod(3) goes by the locale, and knows hexadecimal numbers and names. */
    if (copy[strspn(copy, "0123456789.eE+-")] != '\0')
        return false;
    char *end = NULL;
    double number = strtod(copy, &end);
    if (end == copy || *end != '\0')
        return false;
    *ret_number = number;
    *ret_end = text + length;
    return true;
}

static int take_units(double number, unsigned line, uint64_t *ret_units, char *ret_error)
{
    if (number >= 0 && number <= UNITS_MOST && floor(number) == number) {
        *ret_units = (uint64_t)number;
        return 0;
    }
    (void)snprintf(ret_error, UNITS_ERROR_MAX,
                   "line %u: expected a whole number of units from 0 to 2^53, got %g", line,
                   number);
    return -EINVAL;
}

/* Behind the labels of a sample: their values may hold any sign. NULL: they do not end. */
static const char *skip_labels(const char *text)
{
    bool quoted = false;
    for (; *text && *text != '\n'; text++) {
        if (quoted && *text == '\\' && text[1] && text[1] != '\n')
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (*text == '}' && !quoted)
            return text + 1;
    }
    return NULL;
}

/* The text behind the name and labels of a sample of this metric; NULL: the line is none. */
static const char *value_of(const char *line, const char *metric)
{
    size_t length = strlen(metric);
    while (is_blank(*line))
        line++;
    if (strncmp(line, metric, length) != 0)
        return NULL;
    line += length;
    if (*line == '{')
        line = skip_labels(line);
    else if (!is_blank(*line))
        return NULL;
    while (line && is_blank(*line))
        line++;
    return line;
}

static int sum_samples(const char *text, const char *metric, uint64_t *ret_units, char *ret_error)
{
    uint64_t sum = 0;
    size_t samples = 0;
    unsigned number_of_line = 1;
    for (const char *line = text; *line; number_of_line++) {
        double number = 0;
        uint64_t units = 0;
        const char *value = value_of(line, metric);
        if (value && !take_number(value, &number, &value)) {
            (void)snprintf(ret_error, UNITS_ERROR_MAX, "line %u: expected a number behind %s",
                           number_of_line, show(metric, strlen(metric)).text);
            return -EINVAL;
        }
        if (value) {
            int r = take_units(number, number_of_line, &units, ret_error);
            if (r < 0)
                return r;
            sum = add_saturated(sum, units);
            samples++;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (samples == 0) {
        (void)snprintf(ret_error, UNITS_ERROR_MAX, "expected a sample of the metric %s, got none",
                       show(metric, strlen(metric)).text);
        return -EINVAL;
    }
    if (sum > (uint64_t)UNITS_MOST) {
        (void)snprintf(ret_error, UNITS_ERROR_MAX, "expected at most %" PRIu64 " units in all",
                       (uint64_t)UNITS_MOST);
        return -EINVAL;
    }
    *ret_units = sum;
    return 0;
}

static int one_number(const char *text, uint64_t *ret_units, char *ret_error)
{
    double number = 0;
    const char *end = text + strspn(text, " \t\r\n");
    const char *begin = end;
    if (take_number(begin, &number, &end) && end[strspn(end, " \t\r\n")] == '\0')
        return take_units(number, 1, ret_units, ret_error);
    (void)snprintf(ret_error, UNITS_ERROR_MAX,
                   "expected one whole number, or --metric NAME for a file of metrics, got '%s'",
                   show(begin, strcspn(begin, "\r\n")).text);
    return -EINVAL;
}

int export_units_parse(const char *bytes, size_t length, const char *metric, uint64_t *ret_units,
                       char ret_error[UNITS_ERROR_MAX])
{
    CLEANUP(free_p) char *text = malloc(length + 1);
    uint64_t units = 0;
    if (!text)
        return -ENOMEM;
    memcpy(text, bytes, length);
    text[length] = '\0'; /* what is behind a NUL is not looked at */
    int r =
        metric ? sum_samples(text, metric, &units, ret_error) : one_number(text, &units, ret_error);
    if (r == 0 && units == 0) {
        (void)snprintf(ret_error, UNITS_ERROR_MAX, "expected at least one unit, got 0");
        r = -EINVAL;
    }
    if (r == 0)
        *ret_units = units;
    return r;
}
