/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* On a machine where nothing is wrong no check speaks up. Then one thing at a time is broken, and
 * the check that is for it speaks up. */
#include "unit/unit.h"

#include <jansson.h>

#include "capture.h"
#include "core/settings/settings_value.h"
#include "doctor_broken.h"
#include "fake_ring.h"
#include "fake_store.h"
#include "golden.h"
#include "support/without_ipv6.h"

/* ---- Tests ---- */

static void judge(struct doctor_report *report)
{
    assert_int_equal(doctor_judge(&scene, report), 0);
}

static void test_healthy(void **state)
{
    (void)state;
    CLEANUP(doctor_report_done) struct doctor_report report;
    judge(&report);
    assert_int_equal(report.n, doctor_checks_count);
    for (size_t i = 0; i < report.n; i++)
        if (report.findings[i].verdict != DOCTOR_OK)
            fail_msg("%s speaks up on a machine where nothing is wrong: %s",
                     report.findings[i].check->id, report.findings[i].detail.data);
    assert_true(doctor_is_well(&report));
}

static const struct doctor_finding *finding_of(const struct doctor_report *report, const char *id)
{
    for (size_t i = 0; i < report->n; i++)
        if (str_equal(report->findings[i].check->id, id))
            return &report->findings[i];
    fail_msg("there is no check %s", id);
    return NULL;
}

static void expect_command(const struct doctor_check *check, const char *expected)
{
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    CLEANUP(text_done) struct text shown = {0};
    assert_int_equal(doctor_command(&scene, check, &command), 0);
    text_add(&shown, "");
    doctor_add_command(&scene, &command, &shown);
    if (!str_starts(shown.data, expected))
        fail_msg("%s: expected '%s', got '%s'", check->id, expected, shown.data);
}

static void check_broken(const struct doctor_broken *row)
{
    CLEANUP(doctor_report_done) struct doctor_report report;
    row->breaks();
    judge(&report);
    const struct doctor_finding *finding = finding_of(&report, row->id);
    const char *detail = finding->detail.data ? finding->detail.data : "";
    if (finding->verdict != row->verdict || !strstr(detail, row->detail))
        fail_msg("%s: verdict %d, expected %d; detail '%s', expected '%s'", row->id,
                 finding->verdict, row->verdict, detail, row->detail);
    assert_int_equal(doctor_is_well(&report), row->verdict == DOCTOR_NOTE);
    expect_command(finding->check, row->command);
}

/* Also that each check has something that it speaks up for. */
static void test_broken(void **state)
{
    for (size_t i = 0; i < doctor_broken_count; i++) {
        check_broken(&doctor_broken[i]);
        (void)doctor_tear_down(state);
        (void)doctor_set_up(state);
    }
    for (size_t i = 0; i < doctor_checks_count; i++) {
        bool known = false;
        for (size_t j = 0; j < doctor_broken_count; j++)
            known = known || str_equal(doctor_broken[j].id, doctor_checks[i].id);
        if (!known)
            fail_msg("nothing was broken for the check %s", doctor_checks[i].id);
    }
}

/* What is no trouble where there is another reason, or where nothing can be wrong. */
static void test_silent(void **state)
{
    (void)state;
    static void (*const harmless[])(void) = {doctor_make_virtual, doctor_no_exits, doctor_hidden};
    CLEANUP(doctor_report_done) struct doctor_report report;
    for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
        harmless[i]();
    scene.status.daemon = STATUS_STALE; /* what it says of its sources is of then */
    doctor_add_item("web", "certificate", HEALTH_FAILED, "");
    scene.probes[0] = PROBE_NOBODY;
    scene.info.committed_s = now_s - 3600;
    fixture_remove(&sys, "class/hwmon");
    judge(&report);
    static const char *const silent[] = {"rapl-module", "rapl-meter",     "exits",   "hidepid",
                                         "listen",      "history-recent", "sensors", "certificate"};
    for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
        if (finding_of(&report, silent[i])->verdict != DOCTOR_OK)
            fail_msg("%s speaks up", silent[i]);
    assert_int_equal(finding_of(&report, "daemon-alive")->verdict, DOCTOR_FAULT);
}

static enum doctor_verdict verdict_of(const char *id)
{
    CLEANUP(doctor_report_done) struct doctor_report report;
    judge(&report);
    return finding_of(&report, id)->verdict;
}

/* ACPI's meter measures the whole machine, with or without meters of the processors. */
static void test_platform_meter(void **state)
{
    (void)state;
    doctor_make_virtual();
    doctor_add_item("hwmon", "platform", HEALTH_WORKING, "");
    assert_int_equal(verdict_of("machine"), DOCTOR_OK);
    scene.status.daemon = STATUS_STALE;
    assert_int_equal(verdict_of("machine"), DOCTOR_NOTE);
    scene.status.daemon = STATUS_RUNNING;
    scene.reading.inventory.machine = MACHINE_PHYSICAL;
    assert_int_equal(verdict_of("rapl-meter"), DOCTOR_OK);
    scene.status.items[scene.status.n_items - 1].health = HEALTH_FAILED;
    assert_int_equal(verdict_of("rapl-meter"), DOCTOR_WARNING);
}

static void test_no_ipv6(void **state)
{
    (void)state;
    without_ipv6 = true;
    assert_int_equal(value_listen("[::1]:9841", scene.settings.listen, &scene.settings.n_listen),
                     0);
    doctor_probe(&scene.settings, scene.probes);
    without_ipv6 = false;
    assert_int_equal(scene.probes[0], PROBE_NOBODY);
    assert_int_equal(verdict_of("listen"), DOCTOR_WARNING);
}

static void test_root(void **state)
{
    (void)state;
    CLEANUP(doctor_report_done) struct doctor_report report;
    doctor_no_reader();
    scene.root = true;
    judge(&report);
    assert_int_equal(finding_of(&report, "reader")->verdict, DOCTOR_OK);
    expect_command(finding_of(&report, "rapl-module")->check, "modprobe intel_rapl_msr");
}

/* Names that a shell or a program would read otherwise. */
static void test_hostile_commands(void **state)
{
    (void)state;
    CLEANUP(doctor_report_done) struct doctor_report report;
    judge(&report);
    scene.config = "/etc/a'b;rm -rf $HOME";
    expect_command(finding_of(&report, "site")->check, "sudo vi '/etc/a'\\''b;rm -rf $HOME'");
    scene.config = "/etc/\x1b[2J";
    expect_command(finding_of(&report, "site")->check, "sudo vi '/etc/\\x1b[2J'");
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    (void)str_copy(scene.user, sizeof(scene.user), "--help");
    assert_int_equal(doctor_command(&scene, finding_of(&report, "reader")->check, &command), 0);
    assert_int_equal(command.n, 0);
    scene.packages = "dnf";
    expect_command(finding_of(&report, "factors")->check, "sudo dnf reinstall greend");
    scene.packages = "";
    expect_command(finding_of(&report, "factors")->check, "");
}

static void test_formats(void **state)
{
    (void)state;
    static const struct style usual = {.width = 80, .utf8 = true};
    CLEANUP(doctor_report_done) struct doctor_report report;
    CLEANUP(text_done) struct text text = {0};
    doctor_no_module();
    doctor_no_exits();
    doctor_old_history();
    judge(&report);
    doctor_render_table(&scene, &report, &usual, &text);
    golden_check("tests/golden/doctor.txt", &text);
    text_clear(&text);
    if (golden_is_english()) { /* sentences stand in it, in English */
        doctor_render_json(&scene, &report, &text);
        golden_check("tests/golden/doctor.json", &text);
    }
}

/* ---- The verb ---- */

static void expect_listen(const char *host, const char *port)
{
    settings_done(&scene.settings);
    settings_defaults(&scene.settings);
    doctor_read_socket(sys.root, &scene.settings);
    assert_int_equal(scene.settings.n_listen, *port != '\0');
    if (*port == '\0')
        return;
    assert_string_equal(scene.settings.listen[0].host, host);
    assert_string_equal(scene.settings.listen[0].port, port);
}

/* Where systemd listens, that counts. */
static void test_socket(void **state)
{
    (void)state;
    expect_listen("127.0.0.1", "9841"); /* no unit: as the settings say */
    fixture_write(&sys, "usr/lib/systemd/system/greend.socket",
                  "[Socket]\nListenStream=127.0.0.1:9842\nBacklog=64\n");
    expect_listen("127.0.0.1", "9842");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/a.conf",
                  "[Socket]\n ListenStream = \nListenStream=[::1]:9843\n");
    expect_listen("::1", "9843");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/b.conf",
                  "[Socket]\nListenStream=\nListenStream=9844\n");
    expect_listen("", "9844");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/c.conf",
                  "[Socket]\nListenStream=\nListenStream=/run/greend/socket\n");
    expect_listen("", "");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/d.conf",
                  "[Socket]\nListenStream=vsock:1:2:3\n");
    expect_listen("", "");
}

static struct captured captured;

#define RUN(...) capture_ctl(&captured, (const char *const[]){__VA_ARGS__, NULL})

static void test_verb(void **state)
{
    (void)state;
    char code[8];
    (void)str_copy(code, sizeof(code), language_code());
    fake_ring = (struct fake_ring){.open_result = -ENOENT, .busy_item = UINT32_MAX};
    fake_store = (struct fake_store){.open_result = -EUCLEAN};
    RUN("doctor", "--lang", "en", "--sysfs", sys.root, "--procfs", proc.root, "--runtime",
        "/nowhere", "--database", "/nowhere/greend.db");
    captured_expect(&captured, 1, "greend is not running: nothing is measured: /nowhere/ring.", "");
    assert_non_null(strstr(captured.out, "To mend it: "));
    assert_non_null(strstr(captured.out, "systemctl enable --now greend\n"));
    assert_non_null(strstr(captured.out, "the history is damaged"));
    RUN("doctor", "--format", "json", "--sysfs", sys.root, "--procfs", proc.root);
    captured_expect(&captured, 1, "\"format\": \"greend-doctor-1\"", "");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "checks")), doctor_checks_count);
    assert_false(json_is_true(json_object_get(root, "good")));
    json_decref(root);
    RUN("doctor", "--lang", "en", "--fix");
    captured_expect(&captured, 2, "", "it needs a terminal");
    RUN("doctor", "--lang", "en", "--fix", "--format", "json");
    captured_expect(&captured, 2, "", "--fix asks a person");
    RUN("doctor", "--lang", "en", "--format", "csv");
    captured_expect(&captured, 2, "", "expected table or json, got 'csv'");
    assert_int_equal(language_set(code), 0);
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_healthy, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_silent, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_platform_meter, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_no_ipv6, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_root, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_commands, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_formats, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_socket, doctor_set_up, doctor_tear_down),
        cmocka_unit_test_setup_teardown(test_verb, doctor_set_up, doctor_tear_down),
    };
    /* Parts of texts are looked for in English. */
    const struct CMUnitTest english[] = {
        cmocka_unit_test_setup_teardown(test_broken, doctor_set_up, doctor_tear_down),
    };
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    if (r == 0 && golden_is_english())
        r = cmocka_run_group_tests(english, NULL, NULL);
    return r;
}
