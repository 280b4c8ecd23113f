/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The footprint of a report: how it is shared among rows, what is missing and why, and how it
 * looks. That its numbers are right, recompute.py shows. */
#include "unit/unit.h"

#include <locale.h>
#include <math.h>

#include "golden.h"
#include "greend/units.h"
#include "made_report.h"
#include "render/render.h"

static const struct style usual = {.width = 80, .utf8 = true};
static const struct style wide = {.width = 120, .utf8 = true};
static struct made made;

static void begin(const char *name)
{
    const struct made_case *what = NULL;
    for (size_t i = 0; (what = made_case(i)); i++)
        if (str_equal(what->name, name)) {
            made_begin(&made, what);
            return;
        }
    fail_msg("no case %s", name);
}

static void end(void)
{
    made_done(&made);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

static void check_golden(const char *name, const struct style *style, bool programs)
{
    CLEANUP(text_done) struct text text = {0};
    char path[128];
    begin(name);
    render_report_table(&made.report, &made.footprint, style, &text);
    assert_int_equal(text.error, 0);
    for (const char *s = text.data; *s; s += strcspn(s, "\n") + 1) {
        char line[1024] = "";
        memcpy(line, s, MIN(strcspn(s, "\n"), sizeof(line) - 1));
        if (style_width(line) > style->width)
            fail_msg("wider than %zu: '%s'", style->width, line);
    }
    (void)snprintf(path, sizeof(path), "tests/golden/footprint-%s.txt", name);
    golden_check(path, &text);
    if (programs) {
        text_clear(&text);
        render_report_json(&made.report, &made.footprint, &text);
        (void)snprintf(path, sizeof(path), "tests/golden/footprint-%s.json", name);
        golden_check(path, &text);
        text_clear(&text);
        render_report_csv(&made.report, &made.footprint, &text);
        (void)snprintf(path, sizeof(path), "tests/golden/footprint-%s.csv", name);
        golden_check(path, &text);
    }
    end();
}

static void test_golden(void **state)
{
    (void)state;
    check_golden("xeon-month", &wide, true);
    check_golden("xeon-year", &usual, false);
    check_golden("amd-month", &usual, false);
    check_golden("amd-year", &wide, false);
    check_golden("vm-month", &usual, true);
    check_golden("vm-year", &usual, false);
    check_golden("bare", &usual, false);
}

/* Rows add up to the total, in use and, with what no row has, in hardware. */
static void test_sums(void **state)
{
    (void)state;
    const struct made_case *what = NULL;
    for (size_t i = 0; (what = made_case(i)); i++) {
        begin(what->name);
        const struct report_footprint *f = &made.footprint;
        double use[CRITERIA] = {0};
        double embodied[CRITERIA] = {0};
        double shares = f->unshared;
        for (size_t row = 0; row < made.report.n_rows; row++) {
            struct impacts impacts;
            assert_true(report_footprint_row(f, made.report.rows[row], &impacts));
            shares += impacts.embodied_share;
            for (int c = 0; c < CRITERIA; c++) {
                use[c] += impacts.use.impacts[c].value;
                embodied[c] += impacts.embodied[c].value;
                assert_int_equal(impacts.use.impacts[c].known, f->total.use.impacts[c].known);
            }
        }
        assert_true(near(shares, 1));
        for (int c = 0; c < CRITERIA; c++) {
            const struct figure *total = &f->total.embodied[c];
            assert_true(near(use[c], f->total.use.impacts[c].value));
            assert_true(near(embodied[c] + f->unshared * total->value, total->value));
        }
        for (size_t row = 0; row < made.report.n_apart; row++) {
            struct impacts impacts;
            assert_false(report_footprint_row(f, made.report.apart[row], &impacts));
        }
        uint64_t classes = 0;
        for (int q = QUALITY_NONE; q <= QUALITY_HIGH; q++)
            classes += f->quality_uj[q];
        assert_int_equal(classes, made.report.total.sum.energy_uj);
        end();
    }
}

/* Hardware goes by energy among those who used it, and by time among months. */
static void test_sharing(void **state)
{
    (void)state;
    struct impacts impacts;
    begin("xeon-month");
    const struct report_row *first = made.report.rows[0];
    assert_true(report_footprint_row(&made.footprint, first, &impacts));
    assert_true(near(impacts.embodied_share,
                     (double)first->sum.energy_uj / (double)made.report.total.sum.energy_uj));
    assert_true(made.footprint.unshared == 0);
    end();
    begin("amd-year");
    assert_int_equal(made.report.n_rows, 9); /* March to November */
    double march = 1;
    double may = 0;
    assert_true(report_footprint_row(&made.footprint, made.report.rows[0], &impacts));
    march = impacts.embodied_share;
    assert_true(report_footprint_row(&made.footprint, made.report.rows[2], &impacts));
    may = impacts.embodied_share;
    assert_true(march == 0);            /* before its purchase */
    assert_true(near(may, 31.0 / 193)); /* of the days from April 10 to October 20 */
    assert_int_equal(made.footprint.gaps,
                     FOOTPRINT_BEFORE_PURCHASE | FOOTPRINT_PAST_LIFE | FOOTPRINT_INCOMPLETE);
    end();
    begin("xeon-domain");
    assert_true(report_footprint_row(&made.footprint, made.report.rows[0], &impacts));
    assert_false(impacts.embodied[CRITERION_GWP].known || impacts.sum[CRITERION_GWP].known);
    assert_true(made.footprint.unshared == 1);
    end();
}

static void test_states(void **state)
{
    (void)state;
    begin("xeon-month");
    assert_int_equal(made.footprint.state, FOOTPRINT_IN_PROGRESS);
    end();
    begin("amd-month");
    assert_int_equal(made.footprint.state, FOOTPRINT_WHOLE);
    assert_int_equal(made.footprint.asked_covered_ppm, PPM);
    made.report.until_s += 86400; /* of which nothing is known */
    report_footprint_init(&made.footprint, &made.report, &made.facts, MADE_NOW_S);
    assert_int_equal(made.footprint.state, FOOTPRINT_PARTIAL);
    assert_int_equal(made.footprint.asked_covered_ppm, 30 * PPM / 31);
    end();
    begin("xeon-year");
    static const enum footprint_state states[] = {
        FOOTPRINT_PARTIAL, FOOTPRINT_WHOLE,   FOOTPRINT_WHOLE,
        FOOTPRINT_WHOLE,   FOOTPRINT_PARTIAL, FOOTPRINT_WHOLE,
        FOOTPRINT_WHOLE,   FOOTPRINT_WHOLE,   FOOTPRINT_IN_PROGRESS};
    assert_int_equal(made.report.n_rows, ARRAY_SIZE(states));
    for (size_t i = 0; i < ARRAY_SIZE(states); i++)
        assert_int_equal(report_footprint_span(&made.footprint, made.report.rows[i]), states[i]);
    end();
}

/* Whether some exclusion names the item and says these words. */
static bool is_excluded(const char *item, const char *words)
{
    struct inventory_gap gaps[FOOTPRINT_EXCLUSIONS_MAX];
    size_t n = report_footprint_exclusions(&made.footprint, gaps);
    for (size_t i = 0; i < n; i++)
        if (str_equal(gaps[i].item, item) && strstr(gaps[i].why, words))
            return true;
    return false;
}

static void recount(void)
{
    report_footprint_init(&made.footprint, &made.report, &made.facts, MADE_NOW_S);
}

static void test_gaps(void **state)
{
    (void)state;
    struct inventory_view *view = &made.facts.view;
    begin("vm-month");
    assert_int_equal(made.footprint.gaps, FOOTPRINT_NO_SHARE);
    assert_true(is_excluded("machine", "without a declared share"));
    assert_false(made.footprint.total.embodied[CRITERION_GWP].known);
    assert_true(made.footprint.total.use.impacts[CRITERION_GWP].known);
    view->asset.purchase = (int32_t)(MADE_NOW_S / 86400) + 1;
    recount();
    assert_true(made.footprint.gaps & FOOTPRINT_PURCHASE_AHEAD);
    assert_true(is_excluded("purchase", "still to come"));
    view->asset.purchase--; /* today */
    recount();
    assert_false(made.footprint.gaps & FOOTPRINT_PURCHASE_AHEAD);
    view->site.geography = geography_find("Japan", 5);
    recount();
    assert_true(made.footprint.gaps & FOOTPRINT_NO_PUE && made.footprint.gaps & FOOTPRINT_NO_MIX);
    assert_true(is_excluded("pue", "no default") && is_excluded("electricity", "none for"));
    view->site.geography = GEOGRAPHY_UNKNOWN;
    recount();
    assert_true(made.footprint.gaps & FOOTPRINT_NO_COUNTRY);
    assert_true(is_excluded("country", "without it"));
    assert_false(made.footprint.total.use.impacts[CRITERION_GWP].known);
    end();
    begin("amd-ahead"); /* November, its life ended in October */
    assert_true(made.footprint.gaps & FOOTPRINT_PAST_LIFE);
    assert_true(made.footprint.total.embodied[CRITERION_GWP].known);
    assert_true(made.footprint.total.embodied[CRITERION_GWP].value == 0);
    assert_true(is_excluded("life", "behind the planned life"));
    made.facts.here = false;
    recount();
    assert_int_equal(made.footprint.gaps, FOOTPRINT_ELSEWHERE);
    assert_true(is_excluded("inventory", "not this machine's"));
    made.facts.here = true;
    made.facts.wrong = true;
    view->factors = NULL;
    recount();
    assert_int_equal(made.footprint.gaps, FOOTPRINT_NO_FACTORS);
    assert_true(is_excluded("factors", "cannot be read"));
    made.facts.declared = made.facts.wrong = false;
    recount();
    assert_int_equal(made.footprint.gaps, FOOTPRINT_NOT_DECLARED);
    assert_true(is_excluded("declarations", "older than that"));
    end();
}

/* Whatever is missing, nothing is shown as 0 that is not known. */
static void test_unknown_is_not_zero(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    begin("bare");
    render_report_json(&made.report, &made.footprint, &text);
    assert_non_null(strstr(text.data, "\"GWP\": null"));
    assert_null(strstr(text.data, "\"GWP\": {"));
    text_clear(&text);
    render_report_csv(&made.report, &made.footprint, &text);
    assert_non_null(strstr(text.data, ",,,,,,,"));
    end();
    text_clear(&text);
    begin("vm-month");
    render_report_table(&made.report, &made.footprint, &usual, &text);
    assert_non_null(strstr(text.data, "not known"));
    made.facts.declared = made.facts.here = false;
    recount();
    text_clear(&text);
    render_report_table(&made.report, &made.footprint, &usual, &text);
    assert_non_null(strstr(text.data, "\nFootprint: not counted.\n"));
    assert_non_null(strstr(text.data, "--config FILE"));
    end();
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_sums),
                                       cmocka_unit_test(test_sharing),
                                       cmocka_unit_test(test_states), cmocka_unit_test(test_gaps)};
    const struct CMUnitTest english[] = {cmocka_unit_test(test_unknown_is_not_zero)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return golden_is_english() ? failed + cmocka_run_group_tests(english, NULL, NULL) : failed;
}
