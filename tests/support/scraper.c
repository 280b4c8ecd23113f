/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "scraper.h"

#include <ctype.h>

struct scraper *scraper_new(void)
{
    struct scraper *scraper = calloc(1, sizeof(*scraper));
    if (!scraper)
        abort();
    return scraper;
}

void scraper_free(struct scraper *scraper)
{
    for (size_t i = 0; scraper && i < SCRAPER_SERIES; i++)
        free(scraper->series[i].name);
    free(scraper);
}

static bool fail(struct scraper *scraper, const char *what, const char *line)
{
    if (scraper->error[0] == '\0')
        (void)snprintf(scraper->error, sizeof(scraper->error), "%s: %.180s", what, line);
    return false;
}

static struct scraper_series *find(struct scraper *scraper, const char *name, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * UINT64_C(1099511628211);
    for (size_t i = hash % SCRAPER_SERIES;; i = (i + 1) % SCRAPER_SERIES) {
        struct scraper_series *series = &scraper->series[i];
        if (!series->name) {
            if (++scraper->n == SCRAPER_SERIES)
                abort();
            series->name = strndup(name, length);
            return series;
        }
        if (strlen(series->name) == length && memcmp(series->name, name, length) == 0)
            return series;
    }
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == ':')
        length++;
    return isdigit((unsigned char)text[0]) ? 0 : length;
}

/* Length of {a="b",...}, 0 where there is none; SIZE_MAX where it is wrong. */
static size_t labels_length(const char *text)
{
    size_t at = 0;
    if (text[at] != '{')
        return 0;
    do {
        at++;
        size_t name = name_length(text + at);
        at += name;
        if (name == 0 || text[at] != '=' || text[at + 1] != '"')
            return SIZE_MAX;
        for (at += 2; text[at] != '"'; at++) {
            if (text[at] == '\n' || text[at] == '\0')
                return SIZE_MAX;
            if (text[at] == '\\' && !strchr("\\\"n", text[++at]))
                return SIZE_MAX;
        }
        at++;
    } while (text[at] == ',');
    return text[at] == '}' ? at + 1 : SIZE_MAX;
}

/* A decimal; what is beyond thousandths is cut. */
static const char *read_value(const char *text, uint64_t *ret_milli, bool *ret_negative)
{
    *ret_negative = *text == '-';
    text += *ret_negative;
    uint64_t number = 0;
    if (!isdigit((unsigned char)*text))
        return NULL;
    for (; isdigit((unsigned char)*text); text++)
        number = number * 10 + (uint64_t)(*text - '0');
    bool point = *text == '.';
    text += point;
    if (point && !isdigit((unsigned char)*text))
        return NULL;
    for (int i = 0; i < 3; i++) {
        number *= 10;
        if (point && isdigit((unsigned char)*text))
            number += (uint64_t)(*text++ - '0');
    }
    while (point && isdigit((unsigned char)*text))
        text++;
    *ret_milli = number;
    return text;
}

static bool take_sample(struct scraper *scraper, const char *line, const char *end,
                        const char *family)
{
    size_t name = name_length(line);
    size_t labels = labels_length(line + name);
    if (name == 0 || labels == SIZE_MAX || line[name + labels] != ' ')
        return fail(scraper, "bad sample", line);
    if (strncmp(line, family, strlen(family)) != 0)
        return fail(scraper, "sample outside its family", line);
    uint64_t milli = 0;
    bool negative = false;
    const char *rest = read_value(line + name + labels + 1, &milli, &negative);
    if (rest != end)
        return fail(scraper, "bad value", line);
    struct scraper_series *series = find(scraper, line, name + labels);
    if (series->scrape == scraper->scrapes)
        return fail(scraper, "twice", line);
    bool counter = name > 6 && strncmp(line + name - 6, "_total", 6) == 0;
    bool fell = counter && series->scrape != 0 && milli < series->value_milli;
    scraper->falls += fell;
    if (series->scrape != 0 && counter)
        series->increase_milli += fell ? milli : milli - series->value_milli;
    series->value_milli = milli;
    series->negative = negative;
    series->scrape = scraper->scrapes;
    return true;
}

/* "# HELP name text": the name becomes the family; each family comes once. */
static bool take_comment(struct scraper *scraper, const char *line, char *family, size_t size)
{
    char word[8];
    char name[128];
    if (sscanf(line, "# %7s %127s", word, name) != 2)
        return fail(scraper, "bad comment", line);
    if (str_equal(word, "HELP")) {
        (void)str_copy(family, size, name);
        struct scraper_series *seen = find(scraper, line, strlen("# HELP ") + strlen(name));
        if (seen->scrape == scraper->scrapes)
            return fail(scraper, "family twice", line);
        seen->scrape = scraper->scrapes;
        return true;
    }
    bool known = str_equal(word, "TYPE") || str_equal(word, "UNIT");
    return (known && str_equal(name, family)) || fail(scraper, "comment of another family", line);
}

bool scraper_take(struct scraper *scraper, const char *text, bool openmetrics)
{
    char family[128] = "";
    bool ended = false;
    scraper->scrapes++;
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (!end)
            return fail(scraper, "no newline at the end", line);
        if (ended)
            return fail(scraper, "text after the end", line);
        if (str_starts(line, "# EOF\n"))
            ended = true;
        else if (*line == '#' ? !take_comment(scraper, line, family, sizeof(family))
                              : !take_sample(scraper, line, end, family))
            return false;
        line = end + 1;
    }
    return ended == openmetrics || fail(scraper, "EOF", "");
}

void scraper_begin(struct scraper *scraper)
{
    for (size_t i = 0; i < SCRAPER_SERIES; i++)
        scraper->series[i].increase_milli = 0;
}

static bool fits(const struct scraper_series *series, const char *prefix, const char *with)
{
    return series->name && str_starts(series->name, prefix) && strstr(series->name, with);
}

uint64_t scraper_increase(const struct scraper *scraper, const char *prefix, const char *with)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SCRAPER_SERIES; i++)
        if (fits(&scraper->series[i], prefix, with))
            sum += scraper->series[i].increase_milli;
    return sum;
}

uint64_t scraper_value(const struct scraper *scraper, const char *prefix, const char *with)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SCRAPER_SERIES; i++)
        if (fits(&scraper->series[i], prefix, with) &&
            scraper->series[i].scrape == scraper->scrapes)
            sum += scraper->series[i].value_milli;
    return sum;
}

size_t scraper_count(const struct scraper *scraper, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < SCRAPER_SERIES; i++)
        count +=
            fits(&scraper->series[i], prefix, "") && scraper->series[i].scrape == scraper->scrapes;
    return count;
}
