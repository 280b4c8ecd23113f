/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "random.h"
#include "shipped.h"

static struct factor_errors errors;

/* What holds of any row that was taken. */
static void assert_sound(const struct factor *f)
{
    assert_true(f->value.known);
    assert_true(0 <= f->value.min && f->value.min <= f->value.value);
    assert_true(f->value.value <= f->value.max && f->value.max <= 1e9);
    assert_true(f->value.banded != f->value.unbanded);
    assert_int_equal(factor_is_parameter(f->id), f->criterion == CRITERION_PARAMETER);
    assert_true(factor_phase(f->id) == PHASE_USE || f->geography == GEOGRAPHY_WORLD);
    assert_true(f->year >= 1990 && f->year <= 2100);
    assert_true(*f->source != '\0' && strlen(f->method) < 2048);
    assert_true(*f->set->name != '\0' && *f->set->version != '\0');
    if (f->id == FACTOR_PUE)
        assert_true(f->value.min > 1);
    if (f->id == FACTOR_RAM_DENSITY || f->id == FACTOR_SSD_DENSITY || f->id == FACTOR_LIFE)
        assert_true(f->value.min > 0);
}

/* What holds of the answer to any bytes. */
static void assert_answer(const char *bytes, size_t length)
{
    struct factor_table *table = factor_table_new();
    assert_non_null(table);
    int r = factor_table_add(table, "hostile.csv", bytes, length, &errors);
    size_t cursor = 0;
    size_t rows = 0;
    for (const struct factor *f; (f = factor_next(table, &cursor)); rows++)
        assert_sound(f);
    if (r == 0) {
        assert_int_equal(errors.n, 0);
        assert_int_equal(rows, factor_table_set(table, 0)->rows);
        assert_true(rows > 0);
    } else {
        assert_int_equal(r, FACTORS_WRONG);
        assert_true(errors.n > 0 && errors.n <= FACTOR_ERRORS_MAX);
        assert_int_equal(rows, 0);
    }
    for (size_t i = 0; i < errors.n; i++) {
        assert_true(errors.list[i].line >= 1 && errors.list[i].column >= 1);
        assert_true(strlen(errors.list[i].text) < FACTOR_ERROR_MAX);
        for (const char *c = errors.list[i].text; *c; c++)
            assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
    }
    (void)factor_table_free(table);
}

static size_t at_most(size_t number, size_t limit)
{
    return MIN(number, limit);
}

/* Changes a file here and there, by bytes that mean something to it and by any. */
static size_t mutate(struct random *random, char *bytes, size_t length)
{
    static const char telling[] = ";;;;\n\n\r#.,-0019eE\"' \t:\xc3\xa9\xef\xbb\xbf";
    for (size_t n = 1 + random_index(random, 6); n > 0 && length > 1; n--) {
        size_t at = random_index(random, length);
        switch (random_below(random, 4)) {
        case 0:
            bytes[at] = telling[random_below(random, sizeof(telling) - 1)];
            break;
        case 1:
            bytes[at] = (char)random_next(random);
            break;
        case 2: { /* take some away */
            size_t cut = at_most(1 + random_index(random, 30), length - at);
            memmove(bytes + at, bytes + at + cut, length - at - cut);
            length -= cut;
            break;
        }
        default: { /* repeat some */
            size_t from = random_index(random, length);
            size_t many = at_most(random_index(random, 200), length - MAX(at, from));
            memmove(bytes + at, bytes + from, many);
            break;
        }
        }
    }
    return length;
}

static void test_mutations(void **state)
{
    (void)state;
    struct random random = random_seeded();
    size_t taken = 0;
    for (int i = 0; i < 3000; i++) {
        const char *text = shipped_files[random_below(&random, ARRAY_SIZE(shipped_files))].text;
        size_t length = strlen(text);
        char *bytes = malloc(length);
        assert_non_null(bytes);
        memcpy(bytes, text, length);
        length = mutate(&random, bytes, length);
        assert_answer(bytes, length);
        taken += errors.n == 0;
        free(bytes);
    }
    assert_true(taken > 300 && taken < 2700); /* both answers were met */
}

static void test_noise(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int i = 0; i < 2000; i++) {
        char bytes[512];
        size_t length = random_index(&random, sizeof(bytes));
        for (size_t b = 0; b < length; b++)
            bytes[b] = (char)random_next(&random);
        assert_answer(bytes, length);
    }
}

/* A file cut anywhere. */
static void test_cuts(void **state)
{
    (void)state;
    const char *text = shipped_files[0].text;
    for (size_t length = 0; length <= strlen(text); length++) {
        char *bytes = malloc(length + 1);
        assert_non_null(bytes);
        memcpy(bytes, text, length);
        assert_answer(bytes, length);
        free(bytes);
    }
}

/* Random right rows are taken as they are. */
static void test_right_rows(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int i = 0; i < 300; i++) {
        char text[512];
        char unit[24];
        int geography = (int)random_below(&random, GEOGRAPHIES);
        enum criterion criterion = (enum criterion)random_below(&random, CRITERIA);
        double min = random_unit(&random) * 1e-3;
        double value = min * (1 + random_unit(&random));
        double max = value * (1 + random_unit(&random));
        (void)snprintf(unit, sizeof(unit), "%s/kWh", criterion_info(criterion)->unit);
        (void)snprintf(text, sizeof(text),
                       "# set: a\n# version: 1\nid;criterion;phase;geography;value;unit;min;max;"
                       "source;year;licence;method\nelectricity;%s;use;%s;%.15g;%s;%.15g;%.15g;s;"
                       "2020;l;m",
                       criterion_info(criterion)->id, geography_info(geography)->alpha3, value,
                       unit, min, max);
        struct factor_table *table = factor_table_new();
        int r = factor_table_add(table, "right.csv", text, strlen(text), &errors);
        if (r != 0)
            print_error("%s\n%s\n", text, errors.list[0].text);
        assert_int_equal(r, 0);
        const struct factor *f = factor_find(table, FACTOR_ELECTRICITY, criterion, geography);
        assert_non_null(f);
        char again[3][32];
        char asked[3][32];
        const double got[3] = {f->value.value, f->value.min, f->value.max};
        const double want[3] = {value, min, max};
        for (int n = 0; n < 3; n++) {
            (void)snprintf(again[n], sizeof(again[n]), "%.15g", got[n]);
            (void)snprintf(asked[n], sizeof(asked[n]), "%.15g", want[n]);
            assert_string_equal(again[n], asked[n]);
        }
        assert_string_equal(f->source, "s");
        assert_string_equal(f->licence, "l");
        assert_string_equal(f->method, "m");
        (void)factor_table_free(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_right_rows),
    };
    return cmocka_run_group_tests_name("factors_hostile", tests, NULL, NULL);
}
