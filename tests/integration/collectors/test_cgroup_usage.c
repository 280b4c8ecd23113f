/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Where the CPU time of cgroups stands, and what the files say, on copies of /sys. */
#include "unit/unit.h"

#include "collectors/cgroup/cgroup_usage.h"
#include "fixtures.h"
#include "greend/units.h"

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_make(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_done(*state);
    return 0;
}

static void assert_usage(const struct cgroup_usage *usage, const char *path, uint64_t expected_ns)
{
    uint64_t ns = 0;
    int fd = cgroup_usage_open(usage, path);
    assert_true(fd >= 0);
    assert_int_equal(cgroup_usage_read(fd, &ns), 0);
    assert_int_equal(ns, expected_ns);
    assert_int_equal(close(fd), 0);
}

static const char stat_text[] = "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n"
                                "nice_usec 0\ncore_sched.force_idle_usec 0\nnr_periods 0\n"
                                "nr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n";

static void test_nothing(void **state)
{
    const struct fixture *fixture = *state;
    struct cgroup_usage usage = cgroup_usage_find(-1);
    assert_int_equal(usage.hierarchy, CGROUP_HIERARCHY_NONE);
    cgroup_usage_done(&usage);
    fixture_write(fixture, "fs/cgroup/systemd/cgroup.procs", "");
    usage = cgroup_usage_find(fixture->fd);
    assert_int_equal(usage.hierarchy, CGROUP_HIERARCHY_NONE);
    assert_int_equal(cgroup_usage_open(&usage, "/a"), -ENOENT);
    assert_int_equal(cgroup_usage_open(&usage, ""), -ENOENT);
    cgroup_usage_done(&usage);
}

static void test_version_2(void **state)
{
    const struct fixture *fixture = *state;
    fixture_write(fixture, "fs/cgroup/cgroup.controllers", "cpu\n");
    fixture_write(fixture, "fs/cgroup/cpu.stat", stat_text);
    fixture_write(fixture, "fs/cgroup/system.slice/a b.service/cpu.stat", stat_text);
    struct cgroup_usage usage = cgroup_usage_find(fixture->fd);
    assert_int_equal(usage.hierarchy, CGROUP_HIERARCHY_V2);
    assert_usage(&usage, "/system.slice/a b.service", UINT64_C(1234567) * NS_PER_US);
    assert_int_equal(cgroup_usage_open(&usage, "/system.slice/b.service"), -ENOENT);
    assert_int_equal(cgroup_usage_open(&usage, ""), -ENOENT); /* the root counts in ticks */
    char path[2 * CGROUP_PATH_MAX];
    memset(path, '/', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(cgroup_usage_open(&usage, path), -ENAMETOOLONG);
    cgroup_usage_done(&usage);
}

static void test_version_1(void **state)
{
    const struct fixture *fixture = *state;
    fixture_write(fixture, "fs/cgroup/cpu,cpuacct/cpuacct.usage", "98765432101\n");
    fixture_write(fixture, "fs/cgroup/cpu,cpuacct/docker/x/cpuacct.usage", "42\n");
    struct cgroup_usage usage = cgroup_usage_find(fixture->fd);
    assert_int_equal(usage.hierarchy, CGROUP_HIERARCHY_CPUACCT);
    assert_usage(&usage, "/docker/x", 42);
    assert_usage(&usage, "", UINT64_C(98765432101));
    cgroup_usage_done(&usage);
}

/* systemd makes its groups in both. A hierarchy that is mounted and empty tells nothing apart. */
static void test_hybrid(void **state)
{
    const struct fixture *fixture = *state;
    fixture_write(fixture, "fs/cgroup/cpuacct/cpuacct.usage", "7000\n");
    fixture_write(fixture, "fs/cgroup/unified/cgroup.controllers", "");
    struct cgroup_usage usage = cgroup_usage_find(fixture->fd);
    assert_int_equal(usage.hierarchy, CGROUP_HIERARCHY_CPUACCT);
    cgroup_usage_done(&usage);
    fixture_write(fixture, "fs/cgroup/unified/system.slice/cpu.stat", stat_text);
    usage = cgroup_usage_find(fixture->fd);
    assert_int_equal(usage.hierarchy, CGROUP_HIERARCHY_V2);
    assert_usage(&usage, "/system.slice", UINT64_C(1234567) * NS_PER_US);
    assert_usage(&usage, "", 7000);
    cgroup_usage_done(&usage);
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int expected;
        uint64_t ns;
    } texts[] = {
        {"usage_usec 0\n",                    0,        0         },
        {"usage_usec 5\nuser_usec 1\n",       0,        5000      },
        {"usage_usec 12",                     0,        12000     },
        {"17\n",                              0,        17        },
        {"18446744073709551615\n",            0,        UINT64_MAX},
        {"usage_usec 18446744073709551615\n", 0,        UINT64_MAX},
        {"usage_usec 18446744073709551616\n", -EBADMSG, 0         },
        {"",                                  -EBADMSG, 0         },
        {"\n",                                -EBADMSG, 0         },
        {"-1\n",                              -EBADMSG, 0         },
        {"usage_usec \n",                     -EBADMSG, 0         },
        {"usage_usec 1 2\n",                  -EBADMSG, 0         },
        {"user_usec 1\nusage_usec 5\n",       -EBADMSG, 0         },
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        uint64_t ns = 0;
        assert_int_equal(cgroup_usage_parse(texts[i].text, strlen(texts[i].text), &ns),
                         texts[i].expected);
        assert_int_equal(ns, texts[i].ns);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing), TEST(test_version_2),         TEST(test_version_1),
        TEST(test_hybrid),  cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
