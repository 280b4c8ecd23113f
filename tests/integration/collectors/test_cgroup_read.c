/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* /proc/PID/cgroup as it is read, and what the collector says of the machine's hierarchies. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "collectors/cgroup.h"
#include "greend/collector.h"

extern const struct collector collector_cgroup;

struct fixture {
    char root[64];
    int fd;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    (void)snprintf(fixture.root, sizeof(fixture.root), "/tmp/greend-cgroup-XXXXXX");
    assert_non_null(mkdtemp(fixture.root));
    fixture.fd = open(fixture.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fixture.fd >= 0);
    *state = &fixture;
    return 0;
}

static void write_text(const struct fixture *fixture, const char *process, const char *text,
                       size_t length)
{
    char path[64];
    (void)mkdirat(fixture->fd, process, 0700);
    (void)snprintf(path, sizeof(path), "%s/cgroup", process);
    int fd = openat(fixture->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(close(fd), 0);
}

static void remove_process(const struct fixture *fixture, const char *process)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/cgroup", process);
    (void)unlinkat(fixture->fd, path, 0);
    (void)unlinkat(fixture->fd, path, AT_REMOVEDIR);
    (void)unlinkat(fixture->fd, process, AT_REMOVEDIR);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    remove_process(fixture, "1");
    remove_process(fixture, "42");
    assert_int_equal(close(fixture->fd), 0);
    return rmdir(fixture->root);
}

static void test_read(void **state)
{
    const struct fixture *fixture = *state;
    struct cgroup_identity identity;
    assert_int_equal(cgroup_read(fixture->fd, 42, &identity), -ENOENT);
    static const char text[] = "0::/system.slice/cron.service\n";
    write_text(fixture, "42", text, strlen(text));
    assert_int_equal(cgroup_read(fixture->fd, 42, &identity), 0);
    assert_string_equal(identity.unit, "cron.service");
}

static void test_read_too_long(void **state)
{
    const struct fixture *fixture = *state;
    size_t length = 1 << 20;
    char *text = calloc(1, length);
    assert_non_null(text);
    memset(text, 'x', length);
    write_text(fixture, "42", text, length);
    free(text);
    struct cgroup_identity identity = {.owner = 7};
    assert_int_equal(cgroup_read(fixture->fd, 42, &identity), -EFBIG);
    assert_int_equal(identity.owner, 7);
}

static void keep_status(void *userdata, const struct collector_status *status)
{
    *(struct collector_status *)userdata = *status;
}

static void check_status(const struct fixture *fixture, int collected, enum health health,
                         const char *why)
{
    struct collector_env env = {.sysfs_fd = -1, .procfs_fd = fixture->fd};
    void *collector = NULL;
    struct collector_status status = {.health = HEALTHS};
    assert_int_equal(collector_cgroup.open(&env, &collector), 0);
    assert_int_equal(collector_cgroup.collect(collector, NULL), collected);
    collector_cgroup.status(collector, keep_status, &status);
    collector_cgroup.close(collector);
    assert_int_equal(status.health, health);
    assert_non_null(strstr(status.why, why));
    assert_string_equal(status.item, "");
    assert_int_equal(status.mend != NULL, health == HEALTH_DEGRADED);
}

static void test_status(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *text, *why;
        enum health health;
        int collected;
    } cases[] = {
        {"0::/init.scope\n",                  "cgroup v2", HEALTH_WORKING,  0              },
        {"1:name=systemd:/init.scope\n",      "cgroup v1", HEALTH_WORKING,  0              },
        {"2:cpu:/\n1:name=systemd:/\n0::/\n", "hybrid",    HEALTH_WORKING,  0              },
        {"0::/../../init.scope\n",            "inside",    HEALTH_DEGRADED, 0              },
        {"",                                  "none",      HEALTH_ABSENT,   COLLECT_NO_DATA},
        {"not a cgroup file\n",               "none",      HEALTH_ABSENT,   COLLECT_NO_DATA},
    };
    check_status(fixture, COLLECT_NO_DATA, HEALTH_ABSENT, "none"); /* no file */
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        write_text(fixture, "1", cases[i].text, strlen(cases[i].text));
        check_status(fixture, cases[i].collected, cases[i].health, cases[i].why);
    }
    remove_process(fixture, "1");
    assert_int_equal(mkdirat(fixture->fd, "1", 0700), 0);
    assert_int_equal(mkdirat(fixture->fd, "1/cgroup", 0700), 0);
    check_status(fixture, -EISDIR, HEALTH_FAILED, "cannot be read");
    collector_cgroup.close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
