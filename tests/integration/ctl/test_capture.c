/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What may leave the machine, and that control groups keep their shape. */
#include "unit/unit.h"

#include "collectors/cgroup.h"
#include "doctor/capture.h"

#define ID "3f2a91c03f2a91c03f2a91c03f2a91c03f2a91c03f2a91c03f2a91c03f2a91c0"

/* Paths of docs and code of systemd, container runtimes, libvirt. */
static const char *const paths[] = {
    "/system.slice/paie.service",
    "/system.slice/sync@alice.service",
    "/system.slice/system-getty.slice/getty@tty1.service",
    "/system.slice/docker-" ID ".scope",
    "/docker/" ID,
    "/machine.slice/libpod-" ID ".scope",
    "/machine.slice/libpod-" ID ".scope/container",
    "/machine.slice/libpod-conmon-" ID ".scope",
    "/system.slice/cri-containerd-" ID ".scope",
    "/kubepods.slice/kubepods-burstable.slice/"
    "kubepods-burstable-pod0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-" ID ".scope",
    "/kubepods/burstable/pod0a1b2c3d-1111-2222-3333-444455556666/" ID,
    "/machine.slice/machine-qemu\\x2d3\\x2dalice.scope",
    "/machine.slice/machine-qemu\\x2d3\\x2dalice.scope/libvirt/emulator",
    "/machine.slice/machine-alice.scope",
    "/lxc/alice",
    "/lxc.payload.alice",
    "/lxc.monitor.alice",
    "/user.slice/user-1517.slice/session-3.scope",
    "/user.slice/user-1517.slice/user@1517.service/app.slice/app-alice.scope",
    "/user.slice/user-0.slice/session-1.scope",
    "/init.scope",
    "/alice",
};

static void rename_path(struct capture_names *names, const char *path, char *ret, size_t size)
{
    char copy[CGROUP_PATH_MAX];
    char *rest = NULL;
    (void)str_copy(copy, sizeof(copy), path);
    ret[0] = '\0';
    for (char *part = strtok_r(copy, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
        char renamed[CAPTURE_NAME_MAX];
        assert_int_equal(capture_rename(names, part, renamed), 0);
        size_t length = strlen(ret);
        (void)snprintf(ret + length, size - length, "/%s", renamed);
    }
}

/* Before and behind the ":" of a unit's name. */
static size_t prefix_of(const char *unit)
{
    const char *colon = strchr(unit, ':');
    return colon ? (size_t)(colon - unit) : 0;
}

static void test_shapes(void **state)
{
    (void)state;
    struct capture_names names = {0};
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        char renamed[CGROUP_PATH_MAX];
        char again[CGROUP_PATH_MAX];
        struct cgroup_identity before, after;
        rename_path(&names, paths[i], renamed, sizeof(renamed));
        rename_path(&names, paths[i], again, sizeof(again));
        assert_string_equal(renamed, again);
        cgroup_parse_path(paths[i], &before);
        cgroup_parse_path(renamed, &after);
        if (before.kind != after.kind ||
            (before.owner == UINT32_MAX) != (after.owner == UINT32_MAX) ||
            (before.owner >= 1000) != (after.owner >= 1000) ||
            prefix_of(before.unit) != prefix_of(after.unit) ||
            strncmp(before.unit, after.unit, prefix_of(before.unit)) != 0)
            fail_msg("%s (%s) became %s (%s)", paths[i], before.unit, renamed, after.unit);
        static const char *const secrets[] = {"alice", "paie", "1517", "3f2a", "0a1b2c3d", "tty1"};
        for (size_t j = 0; j < ARRAY_SIZE(secrets); j++)
            if (strstr(renamed, secrets[j]))
                fail_msg("%s is still in %s", secrets[j], renamed);
    }
    capture_names_done(&names);
}

/* What is one stays one, and what is two stays two. */
static void test_consistent(void **state)
{
    (void)state;
    struct capture_names names = {0};
    char first[CAPTURE_NAME_MAX], second[CAPTURE_NAME_MAX], third[CAPTURE_NAME_MAX];
    assert_int_equal(capture_rename(&names, "user-1517.slice", first), 0);
    assert_string_equal(first, "user-1001.slice");
    assert_int_equal(capture_rename(&names, "user-1518.slice", second), 0);
    assert_string_equal(second, "user-1002.slice");
    assert_int_equal(capture_rename(&names, "user@1517.service", third), 0);
    assert_string_equal(third, "user@1001.service");
    assert_int_equal(capture_rename(&names, "user-0.slice", third), 0);
    assert_string_equal(third, "user-0.slice");
    assert_int_equal(capture_rename(&names, "a.service", first), 0);
    assert_int_equal(capture_rename(&names, "b.service", second), 0);
    assert_int_equal(capture_rename(&names, "a@x.service", third), 0);
    assert_string_equal(first, "unit1.service");
    assert_string_equal(second, "unit2.service");
    assert_string_equal(third, "unit1@1.service");
    assert_int_equal(capture_rename(&names, "system.slice", third), 0);
    assert_string_equal(third, "system.slice");
    capture_names_done(&names);
}

/* Any bytes that the file system allows. */
static void test_hostile_names(void **state)
{
    (void)state;
    static const char *const hostile[] = {"user-",
                                          "user@",
                                          "session-",
                                          "docker-",
                                          ".service",
                                          "@",
                                          "@.service",
                                          "pod",
                                          "-",
                                          "\x1b[2J\n",
                                          "user-.slice",
                                          "user-99999999999999999999999.slice",
                                          "run-",
                                          "machine-qemu\\x2d",
                                          "machine-qemu\\x2d3\\x2d.scope"};
    struct capture_names names = {0};
    for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
        char renamed[CAPTURE_NAME_MAX];
        assert_int_equal(capture_rename(&names, hostile[i], renamed), 0);
        assert_true(renamed[0] != '\0');
        for (const char *c = renamed; *c; c++)
            assert_true(*c > ' ' && *c < 0x7f && *c != '/');
    }
    char lengthy[CAPTURE_NAME_MAX];
    char renamed[CAPTURE_NAME_MAX];
    memset(lengthy, 'a', sizeof(lengthy) - 1);
    lengthy[sizeof(lengthy) - 1] = '\0';
    assert_int_equal(capture_rename(&names, lengthy, renamed), 0);
    assert_null(strstr(renamed, "aa"));
    capture_names_done(&names);
}

static void check(enum capture_kind kind, const char *bytes, const char *expected)
{
    CLEANUP(text_done) struct text text = {0};
    bool passes = capture_filter(kind, bytes, strlen(bytes), &text);
    if (passes != (expected != NULL) || (expected && strcmp(text.data, expected) != 0))
        fail_msg("of '%s' came '%s', expected '%s'", bytes, text.data ? text.data : "",
                 expected ? expected : "(nothing)");
}

static void test_filter(void **state)
{
    (void)state;
    check(CAPTURE_NUMBERS, "262143328850\n", "262143328850\n");
    check(CAPTURE_NUMBERS, "0-3,5\n", "0-3,5\n");
    check(CAPTURE_NUMBERS, "12 volts\n", NULL);
    check(CAPTURE_NUMBERS, "", NULL);
    check(CAPTURE_TEXT, "Package id 0\n", "Package id 0\n");
    check(CAPTURE_TEXT, "coretemp\nmore\n", "coretemp\n");
    check(CAPTURE_TEXT, "ps_a0_36_9f_01_02_03\n", "ps_x\n");
    check(CAPTURE_TEXT, "port a0:36:9f:01:02:03 x\n", "port x x\n");
    check(CAPTURE_TEXT, "4c4c4544-0031-3110-8046-b8c04f4e3332\n", "x\n");
    check(CAPTURE_TEXT, "SN 123456\n", "SN x\n");
    check(CAPTURE_TEXT, "PowerEdge R740\n", "PowerEdge R740\n");
    check(CAPTURE_TEXT, "\x1b[2J", NULL);
    check(CAPTURE_COUNTS, "usage_usec 5\nalice: secret\nMemTotal:  3 kB\nx y 5\n",
          "usage_usec 5\nMemTotal:  3 kB\n");
    check(CAPTURE_CPUINFO, "model name\t: Xeon\nSerial\t\t: 00000000deadbeef\nflags\t: fpu\n",
          "model name\t: Xeon\nflags\t: fpu\n");
    check(CAPTURE_STAT, "cpu  1 2\ncpu0 1 2\nbtime 3\nintr 4\n", "cpu  1 2\ncpu0 1 2\n");
    check(CAPTURE_MOUNTS, "proc /proc proc rw,hidepid=2 0 0\n/dev/sda1 /home/alice ext4 rw 0 0\n",
          "proc /proc proc rw,hidepid=2 0 0\n");
    check(CAPTURE_MOUNTS,
          "proc /proc proc rw,hidepid=invisible,gid=ALICE 0 0\n"
          "cgroup /sys/fs/cgroup cgroup ro,release_agent=/home/alice/x,name=alice 0 0\n"
          "cgroup /sys/fs/cgroup cgroup name=alice 0 0\n",
          "proc /proc proc rw,hidepid=invisible 0 0\n"
          "cgroup /sys/fs/cgroup cgroup ro 0 0\n"
          "cgroup /sys/fs/cgroup cgroup rw 0 0\n");
    check(CAPTURE_RELEASE, "6.1.0-alice\n", "6.1.0\n");
    check(CAPTURE_RELEASE, "alice\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_consistent),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
