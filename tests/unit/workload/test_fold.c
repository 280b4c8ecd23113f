/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/workload/fold.h"
#include "random.h"

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32
#define UUID  "1e597579-417e-482f-bf65-5fe170c3aebd"

struct row {
    const char *name, *folded;
};

/* clang-format off */
static const struct row units[] = {
    /* What people named stays. */
    {"nginx.service", "nginx.service"},
    {"system.slice", "system.slice"},
    {"init.scope", "init.scope"},
    {"postgresql@15-main.service", "postgresql@15-main.service"},
    {"postgresql@15-2.service", "postgresql@15-2.service"},
    {"redis@6379.service", "redis@6379.service"},
    {"redis@65535.service", "redis@65535.service"},
    {"getty@tty1.service", "getty@tty1.service"},
    {"openvpn@site-2.service", "openvpn@site-2.service"},
    {"wg-quick@wg0.service", "wg-quick@wg0.service"},
    {"php8.2-fpm.service", "php8.2-fpm.service"},
    {"dm-2.service", "dm-2.service"},
    {"dev-disk-by\\x2duuid-a.swap", "dev-disk-by\\x2duuid-a.swap"},
    {"runner.service", "runner.service"},
    {"run-parts.service", "run-parts.service"},
    {"run-upgrade.service", "run-upgrade.service"},
    {"run-p1.service", "run-p1.service"},
    {"session-manager.scope", "session-manager.scope"},
    {"session-3.service", "session-3.service"},
    {"user.slice", "user.slice"},
    {"app-deadbeef.scope", "app-deadbeef.scope"},
    {"0a1b2c3d4e.scope", "0a1b2c3d4e.scope"},
    {"app-firefox@autostart.service", "app-firefox@autostart.service"},
    {"x@y@3-1.2.3.4:5-6.service", "x@y@3-1.2.3.4:5-6.service"},
    {"", ""},
    {".service", ".service"},
    {"kernel", "kernel"},
    {"vm:web-12", "vm:web-12"},
    {"pod:" UUID, "pod:" UUID},
    {"cgroup:batch-12", "cgroup:batch-12"},

    /* Login sessions and users. */
    {"session-3.scope", "session-*.scope"},
    {"session-c12.scope", "session-*.scope"},
    {"user@1000.service", "user@.service"},
    {"user-runtime-dir@1000.service", "user-runtime-dir@.service"},
    {"user-1000.slice", "user-*.slice"},

    /* Made up by systemd-run. */
    {"run-u1234.service", "run-*.service"},
    {"run-r" HEX32 ".service", "run-*.service"},
    {"run-r" HEX32 ".scope", "run-*.scope"},
    {"run-p4711-i815.scope", "run-*.scope"},
    {"run-4711.scope", "run-*.scope"},

    /* Connections. */
    {"sshd@3-10.0.0.1:22-10.0.0.2:4711.service", "sshd@.service"},
    {"sshd@12-fe80::1:22-fe80::2%eth0:4711.service", "sshd@.service"},
    {"sshd@0-vsock:2:22-vsock:1:7.service", "sshd@.service"},
    {"systemd-coredump@5-4711-0.service", "systemd-coredump@.service"},
    {"systemd-creds@0-4711_8123-1000.service", "systemd-creds@.service"},
    {"varlink@3-unknown.service", "varlink@.service"},
    {"dbus-:1.36-org.example.Problems@0.service", "dbus-*-org.example.Problems@.service"},
    {"job@123456.service", "job@.service"},
    {"job@99999.service", "job@.service"},
    {"job@99999999999999999999999.service", "job@.service"},
    {"app-firefox@" HEX32 ".service", "app-firefox@.service"},
    {"job@" UUID ".service", "job@.service"},

    /* Hashes, PIDs. */
    {"libpod-conmon-" HEX64 ".scope", "libpod-conmon-*.scope"},
    {"crio-conmon-" HEX64 ".scope", "crio-conmon-*.scope"},
    {"machine-libpod_pod_" HEX64 ".slice", "machine-libpod_pod_*.slice"},
    {"snap.firefox.firefox-" UUID ".scope", "snap.firefox.firefox-*.scope"},
    {"snap.lxd." UUID ".scope", "snap.lxd.*.scope"},
    {"vte-spawn-" UUID ".scope", "vte-spawn-*.scope"},
    {"job-" UUID ".service", "job-*.service"},
    {"app-gnome-firefox-4711.scope", "app-gnome-firefox-*.scope"},
    {"app-org.kde.konsole-0a1b2c3d4e5f6071.scope", "app-org.kde.konsole-*.scope"},
    {"podman-239302.scope", "podman-*.scope"},
    {"krun-1-22-333.scope", "krun-*.scope"},
};

static const struct row commands[] = {
    {"nginx", "nginx"},
    {"", ""},
    {"python3.11", "python3.11"},
    {"php-fpm8.2", "php-fpm8.2"},
    {"qemu-system-x86", "qemu-system-x86"},
    {"sha256sum", "sha256sum"},
    {"redis6", "redis6"},
    {"x264", "x264"},
    {"kube-proxy", "kube-proxy"},
    {"(sd-pam)", "(sd-pam)"},
    {"runc:[2:INIT]", "runc:[2:INIT]"},
    {"a b)", "a b)"},
    {"6", "6"},
    {"-12", "-12"},
    {"123456", "123456"},
    {": x", ": x"},
    {"worker-12", "worker"},
    {"worker 3", "worker"},
    {"writer/3", "writer"},
    {"pool#7", "pool"},
    {"web-1-2", "web"},
    {"gcc-12", "gcc"},
    {"build48213", "build"},
    {"python3-4711", "python3"},
    {"php-fpm: pool w", "php-fpm"},
    {"gunicorn: maste", "gunicorn"},
    {"postgres: 15/ma", "postgres"},
    {"imap: alice", "imap"},
    {"sshd:", "sshd"},
    {"web-1: alice", "web"},
    {"x:-12", "x"},
};

static const struct row kernel_threads[] = {
    {"kthreadd", "kthreadd"},
    {"kworker/0:1-events", "kworker"},
    {"kworker/u8:2+flush-btrfs-1", "kworker"},
    {"kworker/R-rcu_gp", "kworker"},
    {"ksoftirqd/3", "ksoftirqd"},
    {"migration/127", "migration"},
    {"irq/124-nvme0q1", "irq"},
    {"jbd2/sda1-8", "jbd2"},
    {"xfsaild/dm-0", "xfsaild"},
    {"dmcrypt_write/253:0", "dmcrypt_write"},
    {"napi/eth0-8193", "napi"},
    {"kswapd0", "kswapd"},
    {"scsi_eh_12", "scsi_eh"},
    {"vhost-4711", "vhost"},
    {"vhost-4711-0", "vhost"},
    {"kvm-nx-lpage-recovery-4711", "kvm-nx-lpage-recovery"},
    {"f2fs_gc-8:1", "f2fs_gc"},
    {"loop0", "loop"},
    {"md127_raid1", "md_raid1"},
    {"md0_resync", "md_resync"},
    {"rcu_preempt", "rcu_preempt"},
    {"oom_reaper", "oom_reaper"},
    {"/0", "/"},
    {"0", "0"},
    {"", ""},
};
/* clang-format on */

static void check_table(const struct row *rows, size_t count, void (*fold)(char *))
{
    for (size_t i = 0; i < count; i++) {
        char name[256];
        (void)str_copy(name, sizeof(name), rows[i].name);
        fold(name);
        if (!str_equal(name, rows[i].folded))
            fail_msg("\"%s\" -> \"%s\", expected \"%s\"", rows[i].name, name, rows[i].folded);
    }
}

static void test_units(void **state)
{
    (void)state;
    check_table(units, ARRAY_SIZE(units), fold_unit);
}

static void test_commands(void **state)
{
    (void)state;
    check_table(commands, ARRAY_SIZE(commands), fold_command);
}

static void test_kernel_threads(void **state)
{
    (void)state;
    check_table(kernel_threads, ARRAY_SIZE(kernel_threads), fold_kernel_thread);
}

/* What the header promises for any text: in a buffer that is not a byte larger. */
static void check_promises(const char *text, void (*fold)(char *), bool twice_is_once)
{
    size_t length = strlen(text);
    char *name = strdup(text);
    assert_non_null(name);
    fold(name);
    size_t folded = strlen(name);
    if (folded > length || (folded == 0) != (length == 0))
        fail_msg("\"%s\" -> \"%s\"", text, name);
    char *again = strdup(name);
    assert_non_null(again);
    fold(again);
    if (twice_is_once && !str_equal(name, again))
        fail_msg("\"%s\" -> \"%s\" -> \"%s\"", text, name, again);
    free(again);
    free(name);
}

static void append(char *name, size_t size, const char *piece)
{
    size_t length = strlen(name);
    (void)snprintf(name + length, size - length, "%s", piece);
}

/* Pieces of real names in any order, and single bytes. */
static void random_name(struct random *random, char *name, size_t size)
{
    static const char *const pieces[] = {
        "-",      "-",        "@",      ".",        ":",      ": ",      "/",        "*",
        "_",      "0",        "7",      "12",       "4711",   "99999",   "abcdef12", HEX32,
        UUID,     "run-",     "user",   "session-", "dbus-:", "1.36",    "sshd@",    "kworker/",
        "md",     "_raid",    "app",    "r",        "u",      "p",       "-i",       "x",
        ".scope", ".service", ".slice", " ",        "\xff",   "unknown", "c",        "#",
    };
    name[0] = '\0';
    for (uint64_t n = random_below(random, 9); n > 0; n--) {
        const char *piece = pieces[random_below(random, ARRAY_SIZE(pieces))];
        if (strlen(name) + strlen(piece) < size)
            append(name, size, piece);
    }
}

static void test_promises(void **state)
{
    (void)state;
    struct random random = random_seeded();
    static const char *const types[] = {".scope", ".service", ".slice"};
    for (int round = 0; round < 100000; round++) {
        char name[240];
        random_name(&random, name, sizeof(name) - 10);
        check_promises(name, fold_command, true);
        check_promises(name, fold_kernel_thread, false); /* jbd2/sda1 -> jbd2 -> jbd */
        check_promises(name, fold_unit, true);
        append(name, sizeof(name), types[random_below(&random, ARRAY_SIZE(types))]);
        check_promises(name, fold_unit, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_kernel_threads),
        cmocka_unit_test(test_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
