/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend-ctl says of targets. */
#include "unit/unit.h"

#include <jansson.h>

#include "capture.h"
#include "golden.h"
#include "input/configuration.h"
#include "months.h"
#include "targets/targets_render.h"

/* A split's interval is relative to the meter: where that states none, the interval lacks it. */
static void test_unmetered(void **unused)
{
    (void)unused;
    static const struct style usual = {.width = 1000, .utf8 = true};
    CLEANUP(text_done) struct text line = {0};
    for (int metered = 1; metered >= 0; metered--) {
        months_stated = true;
        months_put();
        for (size_t i = MONTHS_UNSPLIT; !metered && i < fake_store.n_usages; i += MONTHS_WORKLOADS)
            months_usages[i].uncertainty_uj = UINT64_MAX;
        months_evaluate(true);
        const struct target_state *s = months_state("web");
        assert_true(s->stated);
        assert_int_equal(s->metered, metered);
        assert_near(s->so_far_half, 0.1 * months_november(false, MONTHS_NGINX));
        json_t *array = targets_json(&months_list);
        const json_t *web = json_array_get(array, 1);
        const json_t *included =
            json_object_get(json_object_get(web, "projected"), "meter_interval_included");
        assert_int_equal(json_is_true(included), metered);
        assert_int_equal(json_is_null(json_object_get(web, "so_far_half_width")), !metered);
        json_decref(array);
        text_clear(&line);
        targets_add_line(s, &usual, &line);
        if (golden_is_english())
            assert_int_equal(strstr(line.data, "without the meters' own interval") != NULL,
                             !metered);
        months_clean(NULL);
        months_stated = false;
    }
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

/* What a model says is not called measured. */
static void test_modelled(void **unused)
{
    (void)unused;
    static const struct style usual = {.width = 1000, .utf8 = true};
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(text_done) struct text line = {0};
    months_put();
    fake_store.domains = months_modelled;
    months_evaluate(true);
    const struct target_state *s = months_state("web");
    assert_near(s->so_far_modelled, 1);
    assert_near(s->baseline_modelled, 1);
    assert_true(s->estimate);
    json_t *array = targets_json(&months_list);
    assert_near(number(json_array_get(array, 1), "modelled_ratio"), 1);
    assert_near(number(json_object_get(json_array_get(array, 1), "baseline"), "modelled_ratio"), 1);
    assert_true(json_is_true(json_object_get(json_array_get(array, 1), "estimate")));
    json_decref(array);
    targets_render_table(&months_list, &usual, &text);
    targets_add_line(s, &usual, &line);
    if (golden_is_english()) {
        assert_non_null(strstr(text.data, "measured or modelled 100.0 % of the period so far, of "
                                          "its energy modelled: 100.0 %"));
        assert_null(strstr(text.data, "; measured 1"));
        assert_non_null(strstr(text.data, "~112.1"));
        assert_non_null(strstr(text.data, "~ ESTIMATE"));
        assert_non_null(strstr(line.data, "an ESTIMATE"));
    }
    /* Measured by now, projected from days that were not. */
    months_clean(NULL);
    static struct ring_domain_entry both[2];
    both[0] = months_domains[0];
    both[1] = months_modelled[0];
    fake_store.domains = both;
    for (size_t i = 0; i < (size_t)(MONTHS_DAYS - 22) * MONTHS_WORKLOADS; i++)
        months_usages[i].domain = 1;
    months_evaluate(true);
    s = months_state("energy");
    assert_true(s->so_far_modelled == 0 && s->estimate);
}

static void check(const char *golden,
                  void (*render)(const struct target_list *months_list, struct text *text))
{
    CLEANUP(text_done) struct text text = {0};
    render(&months_list, &text);
    assert_int_equal(text.error, 0);
    golden_check(golden, &text);
}

static void test_shown(void **unused)
{
    (void)unused;
    static const struct style usual = {.width = 100, .utf8 = true};
    CLEANUP(text_done) struct text text = {0};
    months_put();
    months_evaluate(true);
    check("tests/golden/targets.json", targets_render_json);
    check("tests/golden/targets.csv", targets_render_csv);
    targets_render_table(&months_list, &usual, &text);
    for (size_t i = 0; i < months_list.n; i++) {
        CLEANUP(text_done) struct text line = {0};
        targets_add_line(&months_list.states[i], &usual, &line);
        style_add_paragraph(&usual, &text, 2, line.data);
    }
    golden_check("tests/golden/targets.txt", &text);
}

/* ---- The verb ---- */

static struct captured captured;

#define RUN(...) capture_ctl(&captured, (const char *const[]){__VA_ARGS__, NULL})

static void write_configuration(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

static void test_verb(void **unused)
{
    (void)unused;
    if (!golden_is_english()) /* the texts below are */
        return;
    char path[] = "/tmp/greend-targets-XXXXXX";
    char none[] = "/tmp/greend-targets-XXXXXX";
    write_configuration(path, "[footprint]\nfolder=" SOURCE_ROOT
                              "/footprint/factors\n[targets]\nenergy=host 160 kWh per month\n");
    write_configuration(none, "[log]\nlevel=info\n");
    months_put();
    RUN("targets", "--config", path);
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err, "");
    assert_non_null(strstr(captured.out, "Targets, as of 2026-11-22 14:00"));
    assert_non_null(strstr(captured.out, "on course"));
    RUN("targets", "--config", path, "--format", "json");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "format")), "greend-targets-1");
    json_t *only = json_array_get(json_object_get(root, "targets"), 0);
    assert_int_equal(json_array_size(json_object_get(root, "targets")), 1);
    /* It looks back beyond the month. */
    assert_int_equal(json_integer_value(json_object_get(only, "days_used")), 28);
    json_decref(root);
    /* A report has them as well, unless the database may be another machine's. */
    RUN("report", "--config", path, "--since", "2026-11-01", "--until", "2026-11-23");
    assert_non_null(
        strstr(captured.out, "Target energy 2026-11: on course; so far 112.1 of 160.0"));
    RUN("report", "--config", path, "--since", "2026-11-01", "--until", "2026-11-23", "--format",
        "json");
    root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "targets")), 1);
    json_decref(root);
    RUN("report", "--database", "x", "--since", "2026-11-01", "--until", "2026-11-23", "--format",
        "json");
    assert_null(strstr(captured.out, "\"targets\""));
    RUN("targets", "--config", none);
    assert_int_equal(captured.status, CTL_NO_DATA);
    assert_non_null(strstr(captured.err, "there are no targets: expected lines in [targets] of"));
    RUN("targets", "--config", path, "--top", "3");
    assert_int_equal(captured.status, CTL_USAGE);
    fake_store.info.first_s = INT64_MAX;
    fake_store.info.last_s = INT64_MIN;
    RUN("targets", "--config", path);
    assert_int_equal(captured.status, CTL_NO_DATA);
    assert_non_null(strstr(captured.err, "still empty"));
    fake_store.open_result = -EACCES;
    RUN("targets", "--config", path);
    assert_int_equal(captured.status, CTL_FAILED);
    assert_non_null(strstr(captured.err, "greend-read"));
    (void)unlink(path);
    (void)unlink(none);
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_unmetered, months_clean),
        cmocka_unit_test_teardown(test_modelled, months_clean),
        cmocka_unit_test_teardown(test_shown, months_clean),
        cmocka_unit_test(test_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
