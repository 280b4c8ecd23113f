/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <inttypes.h>
#include <time.h>

#include "collectors/parse_proc.h"

/* What follows the name in stat of a live process, with PPID, flags, utime, stime, cutime, cstime,
 * num_threads, start time and last CPU to tell apart. */
static const char fields[] =
    "S 4321 7396 3589 0 -1 4194304 99 7 98 2 11 12 13 14 20 0 17 0 182420 3133440 364 "
    "18446744073709551615 94332642328576 94332642348457 140736102270224 0 0 0 0 0 0 0 0 0 17 3 0 0 "
    "0 0 0 94332642364464 94332642366080 94333326262272 140736102271626 140736102271646 "
    "140736102271646 140736102273003 0\n";

static int parse_comm(const char *comm, size_t length, struct proc_stat *stat)
{
    char text[1024] = "1234 (";
    size_t at = strlen(text);
    memcpy(text + at, comm, length);
    at += length;
    text[at++] = ')';
    text[at++] = ' ';
    memcpy(text + at, fields, strlen(fields));
    return parse_proc_pid_stat(text, at + strlen(fields), stat);
}

static void assert_fields(const struct proc_stat *stat)
{
    assert_int_equal(stat->ppid, 4321);
    assert_int_equal(stat->flags, 4194304);
    assert_int_equal(stat->child_faults, 9);
    assert_int_equal(stat->user_ticks, 11);
    assert_int_equal(stat->system_ticks, 12);
    assert_int_equal(stat->child_user_ticks, 13);
    assert_int_equal(stat->child_system_ticks, 14);
    assert_int_equal(stat->threads, 17);
    assert_int_equal(stat->start_ticks, 182420);
    assert_int_equal(stat->last_cpu, 3);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        "nginx",       "",           " ",
        "a b",         ")",          "))) (",
        "(sd-pam)",    ") S 1 2 3",  "a\nb",
        "caf\xe9\xff", "12 (x) R 1", "kworker/u8:2-ext4-rsv-conversion",
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct proc_stat stat;
        assert_int_equal(parse_comm(names[i], strlen(names[i]), &stat), 0);
        assert_string_equal(stat.comm, names[i]);
        assert_fields(&stat);
    }
    char longest[200];
    memset(longest, 'x', sizeof(longest));
    struct proc_stat stat;
    assert_int_equal(parse_comm(longest, sizeof(longest), &stat), 0);
    assert_int_equal(strlen(stat.comm), COMM_MAX - 1);
    assert_fields(&stat);
}

static void test_broken_stat(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "\n",
        "1",
        "1 (a",
        "1 a) S 1",
        "1 (a)",
        "1 (a) ",
        "1 (a)S 1 1 1",
        ")(",
        "1 )a( S 1 2 3",
        "1 (a) S -1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "1 (a) S 99999999 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "1 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",      /* ends before the start time */
        "1 (a) S 1 1 1 1 1 1 1 1 1 1 x 1 1 1 1 1 1 1 1",    /* no number */
        "1 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 -1 1 1 1 1 1 1",   /* negative child time */
        "1 (a) S 1 1 1 1 1 1 1 1 1 1  1 1 1 1 1 1 1 1 1 1", /* an empty field */
        "1 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 18446744073709551616",
    };
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        struct proc_stat stat = {.ppid = -7};
        assert_int_equal(parse_proc_pid_stat(broken[i], strlen(broken[i]), &stat), -EBADMSG);
        assert_int_equal(stat.ppid, -7);
    }
    struct proc_stat old;
    static const char ends_early[] = "1 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5";
    assert_int_equal(parse_proc_pid_stat(ends_early, strlen(ends_early), &old), 0);
    assert_int_equal(old.start_ticks, 5);
    assert_int_equal(old.last_cpu, -1);
}

static void test_pid(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t expected; /* 0: none */
    } cases[] = {
        {"1",                       1      },
        {"4194304",                 4194304},
        {"4194305",                 0      },
        {"",                        0      },
        {"0",                       0      },
        {"007",                     0      },
        {"-1",                      0      },
        {"self",                    0      },
        {"1x",                      0      },
        {"..",                      0      },
        {"99999999999999999999999", 0      },
        {"+1",                      0      },
        {" 1",                      0      },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int32_t pid = 0;
        int r = parse_proc_pid(cases[i].name, strlen(cases[i].name), &pid);
        assert_int_equal(pid, cases[i].expected);
        assert_int_equal(r, cases[i].expected ? 0 : -EBADMSG);
    }
}

static void test_last_pid(void **state)
{
    (void)state;
    int32_t pid = 0;
    static const char good[] = "0.00 0.01 0.05 1/95 7399\n";
    assert_int_equal(parse_proc_last_pid(good, strlen(good), &pid), 0);
    assert_int_equal(pid, 7399);
    static const char *const broken[] = {"",
                                         "0.00 0.01 0.05 1/95",
                                         "0.00 0.01 0.05 1/95 \n",
                                         "0.00  0.01 0.05 1/95 7",
                                         "0.00 0.01 0.05 1/95 -7\n",
                                         "0.00 0.01 0.05 1/95 7 8"};
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        assert_int_equal(parse_proc_last_pid(broken[i], strlen(broken[i]), &pid), -EBADMSG);
}

static void test_uid(void **state)
{
    (void)state;
    uint32_t uid = 7;
    /* The kernel escapes newlines in the name, so no name can hold a line of its own. */
    static const char good[] =
        "Name:\tx\\nUid:\t9\t9\nUmask:\t0022\nUid:\t1000\t0\t0\t0\nGid:\t1\n";
    assert_int_equal(parse_proc_uid(good, strlen(good), &uid), 0);
    assert_int_equal(uid, 1000);
    static const char last[] = "Uid:\t4294967295";
    assert_int_equal(parse_proc_uid(last, strlen(last), &uid), 0);
    assert_int_equal(uid, UINT32_MAX);
    static const char *const broken[] = {
        "",          "Name:\tx\n", "Uid:", "Uid:\t\n", "Uid:\t-1\t0\n", "Uid:\t4294967296\t0\n",
        " Uid:\t1\n"};
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        assert_int_equal(parse_proc_uid(broken[i], strlen(broken[i]), &uid), -EBADMSG);
}

static void test_uptime(void **state)
{
    (void)state;
    uint64_t boot_ns = 0;
    static const char good[] = "1824.19 3539.05\n";
    assert_int_equal(parse_proc_uptime(good, strlen(good), &boot_ns), 0);
    assert_int_equal(boot_ns, UINT64_C(1824190000000));
    static const char *const broken[] = {"",      "1824",      "1824.1 2.00",           ".19 1",
                                         "-1.00", "1.0x 3.00", "99999999999999999.00 1"};
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        assert_int_equal(parse_proc_uptime(broken[i], strlen(broken[i]), &boot_ns), -EBADMSG);
}

static void test_busy(void **state)
{
    (void)state;
    /* user nice system idle iowait irq softirq steal guest guest_nice */
    static const char good[] = "cpu  1 2 4 1000 2000 8 16 4000 1 2\n"
                               "cpu0 1 2 4 1000 2000 8 16 4000 1 2\n"
                               "cpu3 0 0 0 0 0 0 0 0 0 0\n"
                               "intr 12 3 4\n"
                               "ctxt 5\n";
    struct proc_busy busy;
    assert_int_equal(parse_proc_busy(good, strlen(good), &busy), 0);
    assert_int_equal(busy.busy_ticks, 1 + 2 + 4 + 8 + 16);
    assert_int_equal(busy.cpus, 2);
    static const char old[] = "cpu  1 2 4 1000\ncpu0 1 2 4 1000\n";
    assert_int_equal(parse_proc_busy(old, strlen(old), &busy), 0);
    assert_int_equal(busy.busy_ticks, 7);
    assert_int_equal(busy.cpus, 1);
    static const char *const broken[] = {"",
                                         "cpu",
                                         "cpu  1 2 3\n",
                                         "cpu0 1 2 3 4 5\n",
                                         "cpu  1 2 x 4 5 6 7\n",
                                         "cpu  -1 2 3 4 5 6 7\n"};
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        assert_int_equal(parse_proc_busy(broken[i], strlen(broken[i]), &busy), -EBADMSG);
}

static int add_cpu(void *userdata, uint32_t cpu, uint64_t busy_ticks)
{
    uint64_t *sum = userdata;
    *sum += busy_ticks * (cpu + 1);
    return cpu == 9 ? -ENODATA : 0;
}

static void test_cpus(void **state)
{
    (void)state;
    static const char good[] = "cpu  9 9 9 9\n"
                               "cpu0 1 2 4 1000 2000 8 16 4000 1 2\n"
                               "cpu3 1 0 0 0\n"
                               "intr 12 3 4\n";
    uint64_t sum = 0;
    assert_int_equal(parse_proc_cpus(good, strlen(good), add_cpu, &sum), 0);
    assert_int_equal(sum, 31 + 4);
    static const char stopped[] = "cpu  9 9 9 9\ncpu9 1 1 1 1\ncpu0 1 1 1 1\n";
    assert_int_equal(parse_proc_cpus(stopped, strlen(stopped), add_cpu, &sum), -ENODATA);
    static const char *const broken[] = {"cpu  1 1 1 1\ncpu0 1 1 1 1", "cpu  1 1 1 1\ncpu0 1 1 1\n",
                                         "cpu  1 1 1 1\ncpu 1 1 1 1\n",
                                         "cpu  1 1 1 1\ncpux 1 1 1 1\n"};
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        assert_int_equal(parse_proc_cpus(broken[i], strlen(broken[i]), add_cpu, &sum), -EBADMSG);
    /* Which CPUs are online, not how busy they are. */
    static const char *const texts[] = {"cpu  1 1 1 1\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n",
                                        "cpu  2 2 2 2\ncpu0 2 2 2 2\ncpu1 2 2 2 2\n",
                                        "cpu  1 1 1 1\ncpu0 1 1 1 1\ncpu2 1 1 1 1\n"};
    struct proc_busy busy[3];
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        assert_int_equal(parse_proc_busy(texts[i], strlen(texts[i]), &busy[i]), 0);
    assert_int_equal(busy[0].online, busy[1].online);
    assert_int_not_equal(busy[0].online, busy[2].online);
}

/* ---- Properties ---- */

static uint64_t random_next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t test_seed(void)
{
    const char *given = getenv("GREEND_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) ^ (uint64_t)getpid();
    print_message("GREEND_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static void test_any_name(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    for (int i = 0; i < 20000; i++) {
        static const char likely[] = ") (\n\\ 0R";
        char comm[COMM_MAX];
        size_t length = random_next(&random) % COMM_MAX;
        for (size_t k = 0; k < length; k++) {
            uint64_t draw = random_next(&random);
            comm[k] =
                draw & 1 ? likely[draw / 2 % (sizeof(likely) - 1)] : (char)(1 + draw / 2 % 255);
        }
        struct proc_stat stat;
        assert_int_equal(parse_comm(comm, length, &stat), 0);
        assert_memory_equal(stat.comm, comm, length);
        assert_int_equal(stat.comm[length], 0);
        assert_fields(&stat);
    }
}

static void parse_all(const char *text, size_t length)
{
    struct proc_stat stat;
    if (parse_proc_pid_stat(text, length, &stat) == 0)
        assert_non_null(memchr(stat.comm, '\0', sizeof(stat.comm)));
    struct proc_busy busy;
    (void)parse_proc_busy(text, length, &busy);
    uint64_t sum = 0;
    (void)parse_proc_cpus(text, length, add_cpu, &sum);
    int32_t pid = 0;
    if (parse_proc_last_pid(text, length, &pid) == 0 || parse_proc_pid(text, length, &pid) == 0)
        assert_in_range(pid, 0, PID_LIMIT);
    uint32_t uid = 0;
    (void)parse_proc_uid(text, length, &uid);
    uint64_t boot_ns = 0;
    (void)parse_proc_uptime(text, length, &boot_ns);
}

/* Each text stands in memory of exactly its size, so that a sanitizer sees a byte too far. */
static void parse_exact(const char *text, size_t length)
{
    CLEANUP(free_p) char *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    parse_all(copy, length);
}

static void test_any_bytes(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    static const char *const seeds[] = {
        ("1234 (x) S 4321 7396 3589 0 -1 4194304 99 0 0 0 11 12 13 14 20 0 17 0 182420 3133440 "
         "364\n"),
        "cpu  1 2 4 1000 2000 8 16 4000 1 2\ncpu0 1 2 4 1000 2000 8 16 4000 1 2\nintr 12 3 4\n",
        "0.00 0.01 0.05 1/95 7399\n",
        "Name:\tx\nUmask:\t0022\nUid:\t1000\t0\t0\t0\nGid:\t1\n",
        "1824.19 3539.05\n",
    };
    for (int i = 0; i < 100000; i++) {
        char text[256];
        const char *seed = seeds[random_next(&random) % ARRAY_SIZE(seeds)];
        size_t length = strlen(seed);
        memcpy(text, seed, length);
        for (uint64_t n = random_next(&random) % 8; n > 0; n--)
            text[random_next(&random) % length] = (char)random_next(&random);
        parse_exact(text, (size_t)(random_next(&random) % (length + 1)));
        for (size_t k = 0; k < length; k++)
            text[k] = (char)random_next(&random);
        parse_exact(text, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),     cmocka_unit_test(test_broken_stat),
        cmocka_unit_test(test_pid),       cmocka_unit_test(test_last_pid),
        cmocka_unit_test(test_uid),       cmocka_unit_test(test_uptime),
        cmocka_unit_test(test_busy),      cmocka_unit_test(test_any_name),
        cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_cpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
