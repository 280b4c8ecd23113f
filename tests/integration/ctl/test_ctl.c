/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <jansson.h>
#include <time.h>

#include "capture.h"
#include "fake_ring.h"
#include "fake_store.h"
#include "greend/units.h"
#include "input/configuration.h"

static const struct workload workloads[] = {
    {1, WORKLOAD_SERVICE, "nginx.service", "nginx", "www-data", 0},
};
static const struct ring_domain_entry domains[] = {
    {.name = "package-0", .source = SOURCE_RAPL, .used = 1},
};
static const struct fake_usage usages[] = {
    {0, 3600, 0, 0, 5 * UJ_PER_WH, UINT64_MAX, 0}
};

/* 2026-11-01 00:00 to 12:00 in Guadeloupe, four hours behind UTC. */
enum { SINCE_S = 1793505600, UNTIL_S = SINCE_S + 43200 };

static void put(void)
{
    fake_store = (struct fake_store){
        .info = {.timezone = "America/Guadeloupe", .first_s = SINCE_S, .last_s = UNTIL_S             },
        .period = {.since_s = SINCE_S,               .until_s = UNTIL_S, .covered_ns = 43200 * NS_PER_S},
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = 1,
    };
    fake_ring = (struct fake_ring){.busy_item = UINT32_MAX};
}

static struct captured captured;

#define RUN(...) capture_ctl(&captured, (const char *const[]){__VA_ARGS__, NULL})

static void test_usage(void **state)
{
    (void)state;
    put();
    RUN(NULL);
    captured_expect(&captured, 2, "", "expected one verb");
    RUN("report", "status");
    captured_expect(&captured, 2, "", "expected one verb");
    RUN("reprot");
    captured_expect(&captured, 2, "", "there is no verb 'reprot'");
    RUN("report", "--bogus");
    captured_expect(&captured, 2, "", "bogus");
    RUN("report", "--since");
    captured_expect(&captured, 2, "", "--since: expected a value behind it");
    RUN("report", "--help=3");
    captured_expect(&captured, 2, "", "--help=3: expected no value");
    RUN("report", "-x");
    captured_expect(&captured, 2, "", "there is no option '-x'");
    RUN("report", "--lang", "de");
    captured_expect(&captured, 2, "", "--lang: expected fr or en, got 'de'");
    RUN("report", "--stylesheet", "/x.css");
    captured_expect(&captured, 2, "", "--stylesheet is for --format html");
    RUN("status", "--format", "html");
    captured_expect(&captured, 2, "", "--format: status is a table, json or csv, got 'html'");
    RUN("inventory", "--format", "html");
    captured_expect(&captured, 2, "", "--format: inventory is a table or json, got 'html'");
    RUN("report", "--since", "soon");
    captured_expect(&captured, 2, "", "'soon' is no time. Expected as in: today");
    RUN("report", "--since", "\x1b[2J");
    captured_expect(&captured, 2, "", "'\\x1b[2J' is no time");
    RUN("report", "--since", "today", "--until", "yesterday");
    captured_expect(&captured, 2, "", "ends before it begins");
    RUN("report", "--by", "weather");
    captured_expect(&captured, 2, "", "'weather' is no group");
    RUN("report", "--top", "0");
    captured_expect(&captured, 2, "", "--top: expected a whole number from 1 to 100000, got '0'");
    RUN("report", "--top", "-1");
    captured_expect(&captured, 2, "", "--top: expected");
    RUN("report", "--top", "5x");
    captured_expect(&captured, 2, "", "--top: expected");
    RUN("report", "--format", "xml");
    captured_expect(&captured, 2, "", "--format: expected table, json, csv or html, got 'xml'");
    RUN("report", "--runtime", "/run");
    captured_expect(&captured, 2, "", "--runtime says nothing to report");
    RUN("status", "--since", "today");
    captured_expect(&captured, 2, "", "--since says nothing to status");
    RUN("forget");
    captured_expect(&captured, 2, "", "expected one verb: forget USER");
    RUN("forget", "alice", "bob");
    captured_expect(&captured, 2, "", "expected one verb: forget USER");
    RUN("forget", "alice", "--format", "json");
    captured_expect(&captured, 2, "", "--format says nothing to forget");
    RUN("forget", "");
    captured_expect(&captured, 2, "", "'' is no person");
    RUN("forget", "users");
    captured_expect(&captured, 2, "", "'users' is no person");
    assert_string_equal(fake_store.opened, ""); /* no file was touched for any of these */
    assert_string_equal(fake_ring.opened, "");
}

static void test_help(void **state)
{
    (void)state;
    RUN("--help");
    captured_expect(&captured, 0, "--database FILE", "");
    captured_expect(&captured, 0, "forget USER", "");
    RUN("report", "--help");
    captured_expect(&captured, 0, "Exit status:", "");
    RUN("--version");
    captured_expect(&captured, 0, "greend-ctl " GREEND_VERSION "\n", "");
}

static void test_report(void **state)
{
    (void)state;
    put();
    RUN("report", "--database", "/x/greend.db", "--since", "2026-11-01", "--until",
        "2026-11-01 12:00");
    captured_expect(&captured, 0, "2026-11-01 00:00 to 2026-11-01 12:00 (America/Guadeloupe), 12 h",
                    "");
    captured_expect(&captured, 0, "nginx.service", "");
    assert_string_equal(fake_store.opened, "/x/greend.db");
    assert_null(strchr(captured.out, '\x1b')); /* no colours into a file */
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=json");
    json_error_t error;
    json_t *root = json_loads(captured.out, 0, &error);
    assert_non_null(root);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(root, "total"), "energy_microjoules")),
        (json_int_t)(5 * UJ_PER_WH));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(root, "period"), "asked_since")),
        "2026-11-01T00:00:00-0400");
    json_decref(root);
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=csv");
    captured_expect(&captured, 0, "row,begin,end,", "");
}

static void test_page(void **state)
{
    (void)state;
    char path[] = "/tmp/greend-css-XXXXXX";
    char option[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "p::after { content: 'mine' }", 28), 28);
    (void)snprintf(option, sizeof(option), "--stylesheet=%s", path);
    put();
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=html", option);
    captured_expect(&captured, 0, "<html lang=\"en\">", "");
    captured_expect(&captured, 0, "p::after { content: 'mine' }", "");
    captured_expect(&captured, 0, "nginx.service", "");
    assert_int_equal(write(fd, "@import 'x';", 12), 12);
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=html", option);
    captured_expect(&captured, 1, "", "--stylesheet: cannot take /tmp/greend-css-");
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, "x", 1, 1 << 20), 1);
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=html", option);
    captured_expect(&captured, 1, "", "it is larger than 1 MiB");
    (void)close(fd);
    assert_int_equal(unlink(path), 0);
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=html", option);
    captured_expect(&captured, 1, "", "No such file or directory");
}

#ifdef GREEND_NLS
/* Words for people, also of errors that come before --lang; never words for programs. */
static void test_french(void **state)
{
    (void)state;
    put();
    RUN("reprot", "--lang=fr");
    captured_expect(&captured, 2, "",
                    "il n’y a pas de verbe «\u00a0reprot\u00a0»\u202f: attendu report");
    RUN("report", "--bogus", "--lang", "fr");
    captured_expect(&captured, 2, "", "il n’y a pas d’option «\u00a0--bogus\u00a0»");
    RUN("report", "--database=/x", "--since=2026-11-01", "--until=2026-11-01 12:00", "--lang=fr");
    captured_expect(&captured, 0,
                    "du 01/11/2026 00:00 au 01/11/2026 12:00 (America/Guadeloupe), 12\u00a0h", "");
    captured_expect(&captured, 0, "Énergie mesurée\u202f: 5,000\u00a0Wh", "");
    captured_expect(&captured, 0, "100,0\u202f%", "");
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=json", "--lang=fr");
    captured_expect(&captured, 0, "\"row\": \"item\"", "");
    captured_expect(&captured, 0, "\"energy_joules\": 18000.0", "");
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=csv", "--lang=fr");
    captured_expect(&captured, 0, ",18000,", "");
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=html", "--lang=fr");
    captured_expect(&captured, 0, "<html lang=\"fr\">", "");
    RUN("--help", "--lang=fr");
    captured_expect(&captured, 0, "--database FICHIER     cette base de données", "");
    assert_int_equal(unsetenv("LANGUAGE"), 0);
}
#endif

static void test_no_data(void **state)
{
    (void)state;
    put();
    RUN("report", "--database=/x", "--since=2020-01-01", "--until=2020-01-02");
    captured_expect(
        &captured, 3, "",
        "no data from 2020-01-01T00:00:00-0400 to 2020-01-02T00:00:00-0400: the database holds "
        "2026-11-01T00:00:00-0400 to 2026-11-01T12:00:00-0400");
    fake_store.info.first_s = INT64_MAX;
    fake_store.info.last_s = INT64_MIN;
    RUN("report", "--database=/x", "--since=2020-01-01", "--until=2020-01-02");
    captured_expect(&captured, 3, "", "the database is still empty");
}

static void test_database_errors(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *expected;
    } cases[] = {
        {-ENOENT,          "there is no database /x."                               },
        {-EACCES,          "cannot read /x: permission denied. Reports may be read by members of the group "
                  "greend-read: sudo usermod -aG greend-read $USER"},
        {-EPROTONOSUPPORT, "/x was written by a newer greend"                       },
        {-EUCLEAN,         "/x is no database of greend or is corrupt"              },
        {-EBUSY,           "/x is locked by another program: try again"             },
        {-EIO,             "cannot read /x: Input/output error"                     },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        put();
        fake_store.open_result = cases[i].error;
        RUN("report", "--database=/x");
        captured_expect(&captured, 1, "", cases[i].expected);
    }
    put();
    fake_store.usage_result = -EUCLEAN;
    fake_store.error = "page 7\n";
    RUN("report", "--database=/x", "--since=2026-11-01");
    captured_expect(&captured, 1, "", "is corrupt: page 7\\x0a.");
}

static void test_unknown_timezone(void **state)
{
    (void)state;
    put();
    (void)str_copy(fake_store.info.timezone, sizeof(fake_store.info.timezone), "Mars/Olympus");
    RUN("report", "--database=/x", "--since=2026-11-01", "--format=csv");
    captured_expect(&captured, 0, "+0000", "this machine does not know the time zone Mars/Olympus");
}

static void test_configuration(void **state)
{
    (void)state;
    char path[] = "/tmp/greend-test-XXXXXX";
    char option[64];
    static const char text[] = "[store]\ndatabase=/d/g.db\n[runtime]\ndirectory=/r\n"
                               "[report]\nidle=proportional\n";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)snprintf(option, sizeof(option), "--config=%s", path);
    put();
    fake_ring.open_result = -ENOENT;
    RUN("report", option, "--since=2026-11-01");
    captured_expect(&captured, 0, "nginx", "");
    assert_string_equal(fake_store.opened, "/d/g.db");
    RUN("report", option, "--since=2026-11-01", "--format=csv");
    captured_expect(&captured, 0, ",proportional,", "");
    RUN("report", option, "--since=2026-11-01", "--format=csv", "--idle=separate");
    captured_expect(&captured, 0, ",separate,", "");
    RUN("report", option, "--since=2026-11-01", "--format=csv", "--database=/x");
    captured_expect(&captured, 0, ",proportional,", "");
    assert_string_equal(fake_store.opened, "/x");
    RUN("status", option);
    captured_expect(&captured, 1, "", "greend is not running: there is no /r/ring");
    assert_string_equal(fake_ring.opened, "/r");
    assert_int_equal(write(fd, "x", 1), 1);
    RUN("report", option);
    captured_expect(&captured, 1, "", ":7: expected [section], key=value or # comment, got 'x'");
    (void)close(fd);
    assert_int_equal(unlink(path), 0);
    RUN("report", option);
    captured_expect(&captured, 1, "", "cannot be opened: No such file or directory");
}

static void test_idle_policy(void **state)
{
    (void)state;
    put();
    RUN("report", "--database", "/x", "--since=2026-11-01", "--idle", "proportional", "--format",
        "csv");
    captured_expect(&captured, 0, ",proportional,", "");
    RUN("report", "--database", "/x", "--since=2026-11-01", "--format", "csv");
    captured_expect(&captured, 0, ",separate,", "");
    RUN("report", "--database", "/x", "--since=2026-11-01", "--idle", "reserved", "--format",
        "csv");
    captured_expect(&captured, 0, ",reserved,", "");
    RUN("report", "--database", "/x", "--idle", "half");
    captured_expect(&captured, 2, "",
                    "--idle: expected separate, proportional or reserved, got 'half'");
    RUN("status", "--idle", "separate");
    captured_expect(&captured, 2, "", "--idle says nothing to status");
}

static void test_status(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *expected;
    } cases[] = {
        {-EACCES,          "cannot read /r/ring: permission denied. It may be read by members of the group"},
        {-EBADMSG,         "/r/ring is corrupt or not of greend"                                           },
        {-EPROTONOSUPPORT, "/r/ring is of another version of greend"                                       },
        {-EIO,             "cannot read /r/ring: Input/output error"                                       },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        put();
        fake_ring.open_result = cases[i].error;
        RUN("status", "--runtime=/r");
        captured_expect(&captured, 1, "", cases[i].expected);
    }
    put();
    fake_ring.has_frame = true; /* of no boot that there ever was */
    RUN("status", "--runtime=/r");
    captured_expect(&captured, 1, "greend is NOT running, and has not since this machine started",
                    "");
    RUN("status", "--runtime=/r", "--format=json");
    captured_expect(&captured, 1, "\"daemon\": \"rebooted\"", "");
    RUN("status", "--runtime=/r", "--format=csv");
    captured_expect(&captured, 1, "greend,,rebooted,0,,,\r\n", "");
}

/* The machine's own boot id and clock say that a frame of now is of now. */
static void test_status_of_now(void **state)
{
    (void)state;
    char text[37] = "";
    struct timespec now;
    put();
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!file || fread(text, 1, 36, file) != 36)
        abort();
    (void)fclose(file);
    uint8_t *byte = fake_ring.host.boot_id;
    for (const char *s = text; *s; s += 2) {
        s += *s == '-';
        char pair[3] = {s[0], s[1], '\0'};
        *byte++ = (uint8_t)strtoul(pair, NULL, 16);
    }
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    fake_ring.has_frame = true;
    fake_ring.frame.interval_ns = 60 * NS_PER_S;
    fake_ring.frame.mono_ns = (uint64_t)now.tv_sec * NS_PER_S;
    RUN("status", "--runtime=/r");
    captured_expect(&captured, 0, "greend is running: last figures", "");
}

static void test_forget(void **state)
{
    (void)state;
    put();
    fake_store.renamed = 3; /* twice: as it is stored, and as it was given */
    RUN("forget",
        "al\x1b"
        "ice",
        "--database=/x");
    captured_expect(
        &captured, 0,
        "6 workloads of 'al\\x1bice' are now of 'users' in /x.\nWith the next start of greend", "");
    assert_null(strstr(captured.out, "greend is running"));
    assert_string_equal(fake_store.opened, "/x");
    put();
    fake_store.renamed = 2;
    fake_store.locked = true;
    RUN("forget", "alice", "--database=/x");
    captured_expect(&captured, 0, "2 workloads of 'alice' are now of 'users' in /x.", "");
    assert_non_null(strstr(captured.out, "begin at zero.\ngreend is running and has"));
    assert_string_equal(fake_store.forgotten, "alice;");
    put();
    fake_store.renamed = 1; /* longer than the field: stored with a hash for its end */
    RUN("forget", "a.very.long.name@some.where.example.org", "--database=/x");
    captured_expect(&captured, 0, "2 workloads", "");
    assert_non_null(strstr(fake_store.forgotten, "a.very.long.name@s~"));
    assert_non_null(strstr(fake_store.forgotten, ";a.very.long.name@some.where.example.org;"));
    put();
    fake_store.renamed = 1;
    RUN("forget", "alice", "--database=/x");
    captured_expect(&captured, 0, "1 workload of 'alice' is now of 'users' in /x.\n", "");
    put();
    RUN("forget", "alice", "--database=/x");
    captured_expect(&captured, 3, "", "there is no 'alice' in /x");
    static const struct {
        int error;
        const char *expected;
    } cases[] = {
        {-ENOENT,          "there is no database /x."                            },
        {-EACCES,          "cannot write to /x: permission denied. Try with sudo"},
        {-EPROTONOSUPPORT, "/x was written by a newer greend"                    },
        {-EUCLEAN,         "/x is no database of greend or is corrupt"           },
        {-EBUSY,           "/x is in use by another program"                     },
        {-EIO,             "cannot forget in /x: Input/output error"             },
    };
    for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
        put();
        *(i % 2 ? &fake_store.open_result : &fake_store.forget_result) = cases[i / 2].error;
        RUN("forget", "alice", "--database=/x");
        captured_expect(&captured, 1, "", cases[i / 2].expected);
    }
}

/* A full disk behind the output is not a success. */
static void test_full_output(void **state)
{
    (void)state;
    put();
    FILE *full = fopen("/dev/full", "we");
    if (!full) {
        print_message("no /dev/full here\n");
        skip();
    }
    (void)fflush(stdout);
    int before = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(full), STDOUT_FILENO) >= 0);
    char words[][32] = {"greend-ctl", "--help"};
    char *argv[] = {words[0], words[1], NULL};
    int status = ctl_main(2, argv);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    clearerr(stdout);
    (void)close(before);
    (void)fclose(full);
    assert_int_equal(status, CTL_FAILED);
}

int main(void)
{
    if (!configuration_timezone_exists("America/Guadeloupe")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    (void)unsetenv("COLUMNS");
    const struct CMUnitTest tests[] = {
#ifdef GREEND_NLS
        cmocka_unit_test(test_french),
#endif
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_database_errors),
        cmocka_unit_test(test_unknown_timezone),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_status_of_now),
        cmocka_unit_test(test_full_output),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_idle_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
