/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Files of impact factors. */
#include "fuzz.h"

#include <math.h>

#include "clean.h"
#include "core/text.h"
#include "greend/factors.h"

static void require_errors(const struct factor_errors *errors, const char *bytes, size_t size)
{
    unsigned last = 1;
    for (size_t i = 0; i < size; i++)
        last += bytes[i] == '\n';
    REQUIRE(errors->n > 0 && errors->n <= FACTOR_ERRORS_MAX);
    REQUIRE(errors->more == 0 || errors->n == FACTOR_ERRORS_MAX);
    for (size_t i = 0; i < errors->n; i++) {
        REQUIRE(errors->list[i].line >= 1 && errors->list[i].line <= last);
        REQUIRE(errors->list[i].column >= 1 && errors->list[i].column <= size + 1);
        REQUIRE(is_clean(errors->list[i].text) && str_starts(errors->list[i].text, "f.csv:"));
    }
}

static void require_row(const struct factor_table *table, const struct factor *row)
{
    REQUIRE(factor_find(table, row->id, row->criterion, row->geography) == row);
    REQUIRE(row->value.known && isfinite(row->value.value) && row->value.value >= 0 &&
            row->value.value <= 1e9);
    REQUIRE(!row->value.banded ||
            (row->value.min <= row->value.value && row->value.value <= row->value.max));
    REQUIRE(row->year >= 1990 && row->year <= 2100 && row->line > 0 && row->set);
    REQUIRE(is_clean(row->source) && row->source[0] != '\0' && is_clean(row->licence) &&
            is_clean(row->method) && is_clean(row->unit));
    REQUIRE((row->criterion == CRITERION_PARAMETER) == factor_is_parameter(row->id));
}

static void write_row(const struct factor *row, struct text *text)
{
    char band[64] = ";";
    if (row->value.banded)
        (void)snprintf(band, sizeof(band), "%.17g;%.17g", row->value.min, row->value.max);
    const char *criterion =
        row->criterion == CRITERION_PARAMETER ? "parameter" : criterion_info(row->criterion)->id;
    text_format(text, "%s;%s;%s;%s;%.17g;%s;%s;%s;%d;%s;%s\n", factor_name(row->id), criterion,
                phase_name(factor_phase(row->id)), geography_info(row->geography)->alpha3,
                row->value.value, row->unit, band, row->source, row->year, row->licence,
                row->method);
}

/* A file of the rows in force reads as the same rows. */
static void read_back(const struct factor_table *table)
{
    static struct factor_errors errors;
    CLEANUP(text_done) struct text text = {0};
    struct factor_table *again = factor_table_new();
    const struct factor *row = NULL;
    size_t cursor = 0, other = 0;
    text_add(&text, "# set: again\n# version: 1\n"
                    "id;criterion;phase;geography;value;unit;min;max;source;year;licence;method\n");
    while ((row = factor_next(table, &cursor))) {
        if (strlen(row->source) + strlen(row->licence) + strlen(row->method) > 1800) {
            (void)factor_table_free(again);
            return; /* written with all digits, the line might be too long */
        }
        write_row(row, &text);
    }
    REQUIRE(text.error == 0);
    REQUIRE(factor_table_add(again, "again.csv", text.data, text.length, &errors) == 0);
    cursor = 0;
    while ((row = factor_next(table, &cursor))) {
        const struct factor *same = factor_next(again, &other);
        REQUIRE(same && same->id == row->id && same->criterion == row->criterion &&
                same->geography == row->geography && same->year == row->year);
        REQUIRE(fabs(same->value.value - row->value.value) <= row->value.value * 1e-15);
        REQUIRE(str_equal(same->source, row->source) && str_equal(same->licence, row->licence) &&
                str_equal(same->method, row->method));
    }
    REQUIRE(!factor_next(again, &other));
    (void)factor_table_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct factor_errors errors;
    CLEANUP(free_p) char *bytes = fuzz_copy(data, size);
    struct factor_table *table = factor_table_new();
    const struct factor *row = NULL;
    size_t cursor = 0, rows = 0;
    int r = factor_table_add(table, "f.csv", bytes, size, &errors);
    REQUIRE(r == 0 || r == FACTORS_WRONG);
    while ((row = factor_next(table, &cursor))) {
        require_row(table, row);
        rows++;
    }
    if (r == FACTORS_WRONG) {
        REQUIRE(rows == 0 && !factor_table_set(table, 0));
        require_errors(&errors, bytes, size);
    } else {
        REQUIRE(errors.n == 0 && rows > 0 && factor_table_set(table, 0)->rows == rows);
        read_back(table);
    }
    (void)factor_table_free(table);
    return 0;
}
