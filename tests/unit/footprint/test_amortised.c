/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "greend/footprint.h"
#include "random.h"
#include "shipped.h"

static const int64_t day_s = 86400;
static struct factor_table *table;

static int set_up(void **state)
{
    (void)state;
    table = shipped_table("boavizta.csv");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    table = factor_table_free(table);
    return 0;
}

static int32_t day_of(const char *text)
{
    int32_t day = 0;
    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

/* "key=value ..." */
static struct asset asset_of(const char *facts)
{
    struct asset asset;
    char error[FOOTPRINT_ERROR_MAX];
    char text[256];
    char *rest = NULL;
    asset_undeclared(&asset);
    assert_true(str_copy(text, sizeof(text), facts));
    for (char *fact = strtok_r(text, " ", &rest); fact; fact = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(fact, '=');
        assert_non_null(value);
        *value++ = '\0';
        assert_int_equal(asset_set(&asset, fact, value, error), 0);
    }
    assert_int_equal(asset_check(&asset, error), 0);
    return asset;
}

static struct amortised share_of(const char *facts, const char *since, const char *until)
{
    struct asset asset = asset_of(facts);
    struct amortised amortised;
    amortised_share(table, &asset, day_of(since) * day_s, day_of(until) * day_s, &amortised);
    return amortised;
}

static void test_declared_life(void **state)
{
    (void)state;
    struct amortised a =
        share_of("purchase=2023-04-01 planned_end=2029-04-01", "2026-11-01", "2026-12-01");
    assert_int_equal(a.whole_days, 2192);
    assert_true(a.period_days == 30);
    assert_true(a.share.known && a.share.value == 30.0 / 2192);
    assert_int_equal(a.notes, 0);
    assert_null(a.life);
    a = share_of("purchase=2023-04-01 life=6", "2026-11-01", "2026-12-01");
    assert_int_equal(a.whole_days, 2192); /* 6 x 365.25, rounded */
    assert_int_equal(a.end, day_of("2029-04-01"));
}

static void test_default_life(void **state)
{
    (void)state;
    struct amortised a = share_of("purchase=2023-04-01", "2026-11-01", "2026-12-01");
    assert_int_equal(a.whole_days, 1461);
    assert_true(a.share.value == 30.0 / 1461);
    assert_int_equal(a.notes, AMORTISED_DEFAULT_LIFE);
    assert_non_null(a.life);
    assert_true(a.life->value.value == 4);
    struct factor_table *empty = factor_table_new();
    struct asset asset = asset_of("purchase=2023-04-01");
    amortised_share(empty, &asset, 0, day_s, &a);
    assert_false(a.share.known);
    (void)factor_table_free(empty);
}

static void test_no_purchase(void **state)
{
    (void)state;
    struct amortised a = share_of("life=6", "2026-11-01", "2026-12-01");
    assert_false(a.share.known);
    assert_int_equal(a.notes, AMORTISED_NO_PURCHASE);
}

/* The period is cut to [purchase, end), and told. */
static void test_clipping(void **state)
{
    (void)state;
    static const char facts[] = "purchase=2026-11-16 planned_end=2027-11-16";
    static const struct {
        const char *since;
        const char *until;
        double days;
        unsigned notes;
    } cases[] = {
        {"2026-11-01", "2026-12-01", 15,  AMORTISED_BEFORE_PURCHASE                      },
        {"2026-11-01", "2026-11-16", 0,   AMORTISED_BEFORE_PURCHASE                      },
        {"2026-11-16", "2026-11-17", 1,   0                                              },
        {"2027-11-01", "2027-11-16", 15,  0                                              },
        {"2027-11-01", "2027-12-01", 15,  AMORTISED_PAST_LIFE                            },
        {"2027-11-16", "2027-12-01", 0,   AMORTISED_PAST_LIFE                            },
        {"2030-01-01", "2031-01-01", 0,   AMORTISED_PAST_LIFE                            },
        {"2020-01-01", "2031-01-01", 365, AMORTISED_BEFORE_PURCHASE | AMORTISED_PAST_LIFE},
        {"2026-12-01", "2026-12-01", 0,   0                                              },
        {"2026-12-02", "2026-12-01", 0,   0                                              },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct amortised a = share_of(facts, cases[i].since, cases[i].until);
        assert_true(a.share.known);
        assert_true(a.period_days == cases[i].days);
        assert_true(a.share.value == cases[i].days / 365);
        assert_int_equal(a.notes, cases[i].notes);
    }
}

/* The life of a refurbished machine begins with its first owner and ends with its last. */
static void test_refurbished(void **state)
{
    (void)state;
    struct amortised a = share_of("purchase=2025-01-01 life=4 refurbished=yes earlier_use=4",
                                  "2026-01-01", "2027-01-01");
    assert_int_equal(a.whole_days, 1461 + 1461);
    assert_true(a.share.value == 365.0 / 2922);
    assert_int_equal(a.notes, AMORTISED_REFURBISHED);
    a = share_of("purchase=2025-01-01 life=4 refurbished=yes", "2026-01-01", "2027-01-01");
    assert_true(a.share.value == 365.0 / 1461); /* nothing is taken off for what nobody declared */
    assert_int_equal(a.notes, AMORTISED_REFURBISHED | AMORTISED_NO_EARLIER_USE);
    a = share_of("purchase=2025-01-01 life=4 later_use=2", "2026-01-01", "2027-01-01");
    assert_int_equal(a.whole_days, 1461 + 731);
    assert_true(a.share.value == 365.0 / 2192);
    assert_int_equal(a.notes, 0);
}

/* Periods that follow each other add up to the whole, and never to more than 1. */
static void test_periods_add_up(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 500; round++) {
        struct asset asset;
        struct amortised a;
        asset_undeclared(&asset);
        asset.purchase = (int32_t)random_below(&random, 30000);
        asset.life_days = 1 + (int32_t)random_below(&random, 18000);
        asset.refurbished = random_below(&random, 2);
        asset.earlier_days = asset.refurbished ? (int32_t)random_below(&random, 5000) : 0;
        int64_t at = (asset.purchase - 100) * day_s;
        int64_t end = (asset.purchase + asset.life_days + 100) * day_s;
        double sum = 0;
        int steps = 0;
        while (at < end) {
            int64_t next = at + 1 + (int64_t)random_below(&random, 400 * (uint64_t)day_s);
            amortised_share(table, &asset, at, next, &a);
            assert_true(a.share.value >= 0);
            sum += a.share.value;
            at = next;
            steps++;
        }
        double whole = (double)asset.life_days / (asset.life_days + asset.earlier_days);
        assert_true(fabs(sum - whole) <= 1e-15 * (steps + 1));
        amortised_share(table, &asset, INT64_MIN, INT64_MAX, &a);
        assert_true(a.share.value == whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_declared_life, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_default_life, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_purchase, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clipping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refurbished, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_periods_add_up, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("amortised", tests, NULL, NULL);
}
