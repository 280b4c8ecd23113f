/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <syslog.h>

#include "core/settings/settings.h"
#include "core/settings/settings_value.h"
#include "greend/units.h"

static const uint64_t day_s = 86400;

static void test_defaults(void **state)
{
    (void)state;
    struct settings s;
    settings_defaults(&s);
    assert_int_equal(s.interval_ns, NS_PER_S);
    assert_string_equal(s.sysfs, "/sys");
    assert_string_equal(s.procfs, "/proc");
    assert_string_equal(s.database, "/var/lib/greend/greend.db");
    assert_int_equal(s.flush_ns, 60 * NS_PER_S);
    assert_int_equal(s.retention_minutes_s, 2 * day_s);
    assert_int_equal(s.retention_hours_s, 90 * day_s);
    assert_int_equal(s.retention_days_s, 3652 * day_s + day_s / 2);
    assert_int_equal(s.log_level, LOG_INFO);
    assert_int_equal(s.n_listen, 1);
    assert_string_equal(s.listen[0].host, "127.0.0.1");
    assert_string_equal(s.listen[0].port, "9841");
    assert_string_equal(s.runtime_directory, "/run/greend");
    assert_int_equal(s.ring_slots, 0);
    assert_int_equal(s.top, 50);
    assert_int_equal(s.advise.days, 30);
    assert_int_equal(s.advise.disk_idle, 10240);
    assert_string_equal(s.advise.production, "production prod");
    assert_true(s.exits);
    assert_true(s.model_rest);
    assert_string_equal(s.timezone, "");
    assert_false(s.show_users);
    assert_int_equal(s.n_names, 0);
    settings_done(&s);
}

/* Texts are kept as they are written: they are the footprint's to understand. */
static void test_declared(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    char longest[SETTINGS_DECLARED_MAX + 1] = "";
    settings_defaults(&s);
    assert_string_equal(s.factors, "boavizta");
    assert_string_equal(s.factors_folder, "");
    assert_int_equal(settings_set(&s, "footprint", "folder", "/f", error), 0);
    assert_string_equal(s.factors_folder, "/f");
    assert_int_equal(settings_set(&s, "footprint", "folder", "", error), 0);
    assert_string_equal(s.factors_folder, "");
    assert_int_equal(settings_set(&s, "footprint", "folder", "f", error), -EINVAL);
    assert_string_equal(s.intensity, "");
    assert_int_equal(settings_set(&s, "footprint", "intensity", "/i.csv", error), 0);
    assert_string_equal(s.intensity, "/i.csv");
    assert_int_equal(settings_set(&s, "footprint", "intensity", "i.csv", error), -EINVAL);
    assert_string_equal(s.web_file, "");
    assert_int_equal(settings_set(&s, "http", "web_file", "/w.yml", error), 0);
    assert_string_equal(s.web_file, "/w.yml");
    assert_int_equal(settings_set(&s, "http", "web_file", "w.yml", error), -EINVAL);
    assert_false(s.allow_cleartext);
    assert_int_equal(settings_set(&s, "http", "allow_cleartext", "true", error), -EINVAL);
    assert_int_equal(settings_set(&s, "http", "allow_cleartext", "yes", error), 0);
    assert_true(s.allow_cleartext);
    memset(longest, 'x', SETTINGS_DECLARED_MAX);
    size_t declared = 0;
    for (size_t i = 0; settings_option(i); i++) {
        const struct settings_option *option = settings_option(i);
        const char *text = settings_declared(&s, i);
        if (!text)
            continue;
        declared++;
        assert_string_equal(text, "");
        assert_int_equal(settings_set(&s, option->section, option->key, option->key, error), 0);
        assert_string_equal(text, option->key);
        assert_int_equal(settings_set(&s, option->section, option->key, longest, error), -EINVAL);
        assert_string_equal(text, option->key);
    }
    assert_int_equal(declared, 13);
    assert_null(settings_declared(&s, 9999));
    assert_string_equal(s.declared.country, "country");
    assert_string_equal(s.declared.host_share, "host_share");
    settings_done(&s);
}

/* Each row of the table: its default is what stands there already, and so are its bounds right. */
static void test_every_row(void **state)
{
    (void)state;
    struct settings fresh;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&fresh);
    settings_defaults(&s);
    size_t rows = 0;
    for (const struct settings_option *o; (o = settings_option(rows)); rows++) {
        assert_int_equal(settings_set(&s, o->section, o->key, o->standard, error), 0);
        assert_memory_equal(&s, &fresh, sizeof(s));
        assert_true(strlen(o->help) > 0);
        for (size_t other = 0; other < rows; other++)
            assert_false(str_equal(settings_option(other)->section, o->section) &&
                         str_equal(settings_option(other)->key, o->key));
        if (!o->least)
            continue;
        assert_int_equal(settings_set(&s, o->section, o->key, o->least, error), 0);
        assert_int_equal(settings_set(&s, o->section, o->key, o->most, error), 0);
        assert_int_equal(settings_set(&s, o->section, o->key, o->standard, error), 0);
    }
    assert_int_equal(rows, 64);
    settings_done(&fresh);
    settings_done(&s);
}

static void test_right_values(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&s);
    assert_int_equal(settings_set(&s, "sampling", "interval", "250ms", error), 0);
    assert_int_equal(s.interval_ns, 250 * NS_PER_MS);
    assert_int_equal(settings_set(&s, "store", "retention_hours", "1w 1d", error), 0);
    assert_int_equal(s.retention_hours_s, 8 * day_s);
    assert_int_equal(settings_set(&s, "runtime", "ring_size", "4M", error), 0);
    assert_int_equal(s.ring_slots, 1 << 16);
    assert_int_equal(settings_set(&s, "runtime", "ring_size", "63M", error), 0);
    assert_int_equal(s.ring_slots, 1 << 19);
    assert_int_equal(settings_set(&s, "runtime", "ring_size", "64M", error), 0);
    assert_int_equal(s.ring_slots, RING_SLOTS_MAX);
    assert_int_equal(settings_set(&s, "log", "level", "error", error), 0);
    assert_int_equal(s.log_level, LOG_ERR);
    assert_int_equal(settings_set(&s, "log", "level", "debug", error), 0);
    assert_int_equal(s.log_level, LOG_DEBUG);
    assert_int_equal(settings_set(&s, "sampling", "exits", "off", error), 0);
    assert_false(s.exits);
    assert_int_equal(settings_set(&s, "model", "rest", "off", error), 0);
    assert_false(s.model_rest);
    assert_int_equal(settings_set(&s, "privacy", "users", "names", error), 0);
    assert_int_equal(s.report_idle, 0);
    assert_int_equal(settings_set(&s, "report", "idle", "proportional", error), 0);
    assert_int_equal(s.report_idle, 1);
    assert_true(s.show_users);
    assert_int_equal(settings_set(&s, "site", "timezone", "America/Argentina/Ushuaia", error), 0);
    assert_string_equal(s.timezone, "America/Argentina/Ushuaia");
    settings_done(&s);
}

static void test_listen(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&s);
    assert_int_equal(
        settings_set(&s, "http", "listen", "[::1]:1  :2 10.0.0.1:65535\t[fe80::1%eth0]:0", error),
        0);
    assert_int_equal(s.n_listen, 4);
    assert_string_equal(s.listen[0].host, "::1");
    assert_string_equal(s.listen[0].port, "1");
    assert_string_equal(s.listen[1].host, "");
    assert_string_equal(s.listen[1].port, "2");
    assert_string_equal(s.listen[2].host, "10.0.0.1");
    assert_string_equal(s.listen[2].port, "65535");
    assert_string_equal(s.listen[3].host, "fe80::1%eth0");
    assert_string_equal(s.listen[3].port, "0");
    assert_int_equal(settings_set(&s, "http", "listen", "off", error), 0);
    assert_int_equal(s.n_listen, 0);
    assert_int_equal(settings_set(&s, "http", "listen", ":1 :2 :3 :4 :5 :6 :7 :8", error), 0);
    assert_int_equal(s.n_listen, 8);
    assert_int_equal(settings_set(&s, "http", "listen", "", error), 0);
    assert_int_equal(s.n_listen, 0);
    settings_done(&s);
}

static void test_errors(void **state)
{
    (void)state;
    static const char path[] = "expected an absolute path of at most 255 bytes, got ";
    static const struct {
        const char *section, *key, *value, *expected;
    } cases[] = {
        {"sampling",     "interval",          "5",
         "interval: expected a duration from 100ms to 60s, got '5': the unit is missing, as in 5s"                                               },
        {"sampling",     "interval",          "99ms",
         "interval: expected a duration from 100ms to 60s, got '99ms'"                                                                           },
        {"sampling",     "interval",          "61s",
         "interval: expected a duration from 100ms to 60s, got '61s'"                                                                            },
        {"sampling",     "interval",          "1 sek",
         "interval: expected a duration from 100ms to 60s, got '1 sek'"                                                                          },
        {"sampling",     "interval",          "",                           "interval: expected a duration from 100ms to 60s, got ''"            },
        {"sampling",     "interval",          "1s ; fast",
         "interval: expected a duration from 100ms to 60s, got '1s ; fast'"                                                                      },
        {"sampling",     "sysfs",             "sys",                        path                                                                 },
        {"sampling",     "procfs",            "",                           path                                                                 },
        {"store",        "database",          "greend.db",                  path                                                                 },
        {"runtime",      "directory",         "run",                        path                                                                 },
        {"store",        "flush",             "999ms",                      "flush: expected a duration from 1s to 1h, got '999ms'"              },
        {"store",        "flush",             "4M",                         "flush: expected a duration from 1s to 1h, got '4M'"                 },
        {"store",        "retention_minutes", "59min",                      "from 1h to 1y"                                                      },
        {"store",        "retention_hours",   "23h",                        "from 1d to 10y"                                                     },
        {"store",        "retention_days",    "101y",                       "from 30d to 100y"                                                   },
        {"store",        "retention_days",    "99999999999999999999y",      "from 30d to 100y"                                                   },
        {"log",          "level",             "loud",
         "level: expected error, warning, notice, info or debug, got 'loud'"                                                                     },
        {"log",          "level",             "",                           "level: expected error"                                              },
        {"log",          "level",             "error warning",              "level: expected error"                                              },
        {"http",         "listen",            "localhost:9841",
         "with a numeric address, or off, got 'localhost:9841'"                                                                                  },
        {"http",         "listen",            "9841",                       "listen: expected at most 8 of ADDRESS:PORT"                         },
        {"http",         "listen",            "127.0.0.1:65536",            "listen: expected at most 8"                                         },
        {"http",         "listen",            "127.0.0.1:",                 "listen: expected at most 8"                                         },
        {"http",         "listen",            "[::1]",                      "listen: expected at most 8"                                         },
        {"http",         "listen",            "::1:9841",                   "listen: expected at most 8"                                         },
        {"http",         "listen",            "[fe80::1%]:1",               "listen: expected at most 8"                                         },
        {"http",         "listen",            "[127.0.0.1]:1",              "listen: expected at most 8"                                         },
        {"http",         "listen",            ":1 :2 :3 :4 :5 :6 :7 :8 :9", "listen: expected at most 8"                                         },
        {"runtime",      "ring_size",         "1023K",                      "ring_size: expected auto or a size from 1M to 64M"                  },
        {"runtime",      "ring_size",         "65M",                        "ring_size: expected auto or a size from 1M to 64M"                  },
        {"runtime",      "ring_size",         "4000000",                    "ring_size: expected auto or a size from 1M to 64M"                  },
        {"runtime",      "ring_size",         "4MB",                        "ring_size: expected auto or a size from 1M to 64M"                  },
        {"metrics",      "top",               "0",                          "top: expected a whole number from 1 to 500, got '0'"                },
        {"metrics",      "top",               "501",                        "top: expected a whole number from 1 to 500, got '501'"              },
        {"metrics",      "top",               "-1",                         "top: expected a whole number from 1 to 500, got '-1'"               },
        {"metrics",      "top",               "18446744073709551617",       "top: expected a whole number from 1 to 500"                         },
        {"model",        "rest",              "on",                         "rest: expected auto or off, got 'on'"                               },
        {"privacy",      "users",             "yes",                        "users: expected hidden or names, got 'yes'"                         },
        {"site",         "timezone",          "../../etc/passwd",           "timezone: expected the name of a time zone"                         },
        {"site",         "timezone",          "/etc/localtime",             "timezone: expected the name of a time zone"                         },
        {"site",         "timezone",          "CET-1CEST,M3.5.0",           "timezone: expected the name of a time zone"                         },
        {"sampling",     "intervall",         "1s",
         "unknown key 'intervall' in [sampling]; did you mean 'interval'?"                                                                       },
        {"sampling",     "Interval",          "1s",
         "unknown key 'Interval' in [sampling]; did you mean 'interval'?"                                                                        },
        {"http",         "top",               "5",                          "unknown key 'top' in [http]; it belongs in [metrics]"               },
        {"http",         "zebra",             "5",                          "unknown key 'zebra' in [http]"                                      },
        {"samplnig",     "interval",          "1s",                         "unknown section [samplnig]; did you mean [sampling]?"               },
        {"xyz",          "interval",          "1s",                         "unknown section [xyz]; expected sampling, store,"                   },
        {"",             "interval",          "1s",                         "expected a section such as [sampling] before the first key"         },
        {"names",        "",                  "x",                          "expected a name of 1 to 159 bytes and patterns of 1 to 255 bytes"   },
        {"names",        "x",                 "",                           "x: expected a name of 1 to 159 bytes and patterns of 1 to 255 bytes"},
        {"environments", "test",              "",
         "test: expected a name of 1 to 159 bytes and patterns of 1 to 255 bytes"                                                                },
        {"environments", "b\xe9ta",           "b*",
         "b\\xe9ta: expected a name in UTF-8, of characters that can be seen"                                                                    },
        {"environments", "\x1b[31m",          "b*",
         "\\x1b[31m: expected a name in UTF-8, of characters that can be seen"                                                                   },
        {"targets",      "x",                 "",                           "x: expected a name of 1 to 47 bytes and 1 to 199 bytes after the =" },
        {"targets",      "",                  "host 5 kWh per year",
         "expected a name of 1 to 47 bytes and 1 to 199 bytes after the ="                                                                       },
        {"target",       "x",                 "host 5 kWh per year",        "unknown section [target]; did you mean [targets]?"                  },
        {"log",          "level",             "\x1b[2J\xff",                "got '\\x1b[2J\\xff'"                                                },
    };
    struct settings fresh;
    struct settings s;
    settings_defaults(&fresh);
    settings_defaults(&s);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char error[SETTINGS_ERROR_MAX] = "";
        assert_int_equal(settings_set(&s, cases[i].section, cases[i].key, cases[i].value, error),
                         -EINVAL);
        if (!strstr(error, cases[i].expected))
            fail_msg("'%s' does not say '%s'", error, cases[i].expected);
        assert_memory_equal(&s, &fresh, sizeof(s));
    }
    settings_done(&s);
}

static void test_long_texts(void **state)
{
    (void)state;
    char text[4096];
    char error[SETTINGS_ERROR_MAX];
    struct settings s;
    settings_defaults(&s);
    memset(text, 0xff, sizeof(text) - 1); /* each byte is shown as four */
    text[sizeof(text) - 1] = '\0';
    for (size_t i = 0; settings_option(i); i++) {
        const struct settings_option *o = settings_option(i);
        assert_int_equal(settings_set(&s, o->section, o->key, text, error), -EINVAL);
        assert_int_equal(settings_set(&s, o->section, text, "1", error), -EINVAL);
    }
    assert_int_equal(settings_set(&s, text, "x", "1", error), -EINVAL);
    assert_int_equal(settings_set(&s, "names", text, "x", error), -EINVAL);
    memset(text, '/', sizeof(text) - 1);
    text[SETTINGS_PATH_MAX] = '\0';
    assert_int_equal(settings_set(&s, "sampling", "sysfs", text, error), -EINVAL);
    text[SETTINGS_PATH_MAX - 1] = '\0';
    assert_int_equal(settings_set(&s, "sampling", "sysfs", text, error), 0);
    settings_done(&s);
}

static void test_names(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&s);
    for (int i = 0; i < SETTINGS_NAMES_MAX; i++) {
        char pattern[32];
        (void)snprintf(pattern, sizeof(pattern), "docker:%d*", i);
        assert_int_equal(settings_set(&s, "names", "name", pattern, error), 0);
    }
    assert_int_equal(settings_set(&s, "names", "x", "one more", error), -EINVAL);
    assert_string_equal(error, "expected at most 256 patterns in [names]");
    assert_int_equal(settings_set(&s, "names", "other", "docker:7*", error), 0);
    assert_int_equal(s.n_names, SETTINGS_NAMES_MAX);
    assert_string_equal(s.names[7].pattern, "docker:7*");
    assert_string_equal(s.names[7].name, "other");
    settings_done(&s);
    assert_null(s.names);
    settings_done(&s);
}

/* Texts are kept as they are written, but for tabs; a line of the same name or pattern replaces the
 * one before.
 */
static void test_targets(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&s);
    for (int i = 0; i < SETTINGS_TARGETS_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "t%d", i);
        assert_int_equal(settings_set(&s, "targets", name, "anything", error), 0);
    }
    assert_int_equal(settings_set(&s, "targets", "more", "x", error), -EINVAL);
    assert_string_equal(error, "expected at most 32 lines in [targets]");
    assert_int_equal(settings_set(&s, "targets", "t3", "other\tone", error), 0);
    assert_int_equal(s.n_targets, SETTINGS_TARGETS_MAX);
    assert_string_equal(s.targets[3].text, "other one");
    assert_string_equal(s.targets[4].text, "anything");
    assert_int_equal(settings_set(&s, "environments", "test", "a* b*", error), 0);
    assert_int_equal(settings_set(&s, "environments", "other", "b*", error), 0);
    assert_int_equal(s.n_environments, 2);
    assert_string_equal(s.environments[1].pattern, "b*");
    assert_string_equal(s.environments[1].name, "other");
    for (int i = 2; i < SETTINGS_NAMES_MAX; i++) {
        char pattern[16];
        (void)snprintf(pattern, sizeof(pattern), "x%d*", i);
        assert_int_equal(settings_set(&s, "environments", "test", pattern, error), 0);
    }
    assert_int_equal(settings_set(&s, "environments", "test", "y", error), -EINVAL);
    assert_string_equal(error, "expected at most 256 patterns in [environments]");
    settings_done(&s);
    assert_null(s.targets);
    assert_null(s.environments);
    settings_done(&s);
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(value_distance("", ""), 0);
    assert_int_equal(value_distance("kitten", "sitting"), 3);
    assert_int_equal(value_distance("Top", "tOP"), 0);
    assert_int_equal(value_distance("top", ""), 3);
    assert_int_equal(value_distance("a", "12345678901234567890123456789012"), SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_declared),   cmocka_unit_test(test_right_values),
        cmocka_unit_test(test_listen),     cmocka_unit_test(test_errors),
        cmocka_unit_test(test_long_texts), cmocka_unit_test(test_names),
        cmocka_unit_test(test_targets),    cmocka_unit_test(test_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
