/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "proc_copy.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sys/stat.h>

void copy_write(const struct copy *copy, const char *name, const char *text, size_t length)
{
    int fd = openat(copy->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(close(fd), 0);
}

void copy_text(const struct copy *copy, const char *name, const char *text)
{
    copy_write(copy, name, text, strlen(text));
}

void copy_person(const struct copy *copy, struct person person)
{
    char name[64];
    char text[1024];
    (void)snprintf(name, sizeof(name), "%d", person.pid);
    assert_true(mkdirat(copy->fd, name, 0755) == 0 || errno == EEXIST);
    (void)snprintf(text, sizeof(text),
                   "%d (%s) S %d 1 1 0 -1 %u 0 0 0 0 %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                   " 20 0 %u 0 %" PRIu64 " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0\n",
                   person.pid, person.comm ? person.comm : "some", person.ppid, person.flags,
                   person.user, person.system, person.child_user, person.child_system,
                   person.threads ? person.threads : 1, person.start);
    (void)snprintf(name, sizeof(name), "%d/stat", person.pid);
    copy_text(copy, name, text);
    if (person.only_stat)
        return;
    (void)snprintf(name, sizeof(name), "%d/cgroup", person.pid);
    (void)snprintf(text, sizeof(text), "0::/%s\n", person.cgroup ? person.cgroup : "");
    copy_text(copy, name, text);
    (void)snprintf(name, sizeof(name), "%d/status", person.pid);
    (void)snprintf(text, sizeof(text), "Name:\tx\nUid:\t%u\t0\t0\t0\n", person.uid);
    copy_text(copy, name, text);
}

void copy_forget(const struct copy *copy, int32_t pid)
{
    static const char *const files[] = {"stat", "cgroup", "status"};
    char name[64];
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        (void)snprintf(name, sizeof(name), "%d/%s", pid, files[i]);
        (void)unlinkat(copy->fd, name, 0);
    }
    (void)snprintf(name, sizeof(name), "%d", pid);
    assert_int_equal(unlinkat(copy->fd, name, AT_REMOVEDIR), 0);
}

void copy_uptime(const struct copy *copy, uint64_t ticks)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%02" PRIu64 " 1.00\n", ticks / TICKS_PER_S,
                   ticks % TICKS_PER_S);
    copy_text(copy, "uptime", text);
}

void copy_stat(const struct copy *copy, uint64_t user, uint64_t irq, uint64_t guest)
{
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "cpu  %" PRIu64 " 0 0 5000 600 %" PRIu64 " 0 700 %" PRIu64 " 0\n"
                   "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 1 2 3\n",
                   user, irq, guest);
    copy_text(copy, "stat", text);
}

int copy_setup(void **state)
{
    struct copy *copy = calloc(1, sizeof(*copy));
    assert_non_null(copy);
    (void)str_copy(copy->path, sizeof(copy->path), "/dev/shm/greend-proc-XXXXXX");
    if (!mkdtemp(copy->path)) {
        (void)str_copy(copy->path, sizeof(copy->path), "/tmp/greend-proc-XXXXXX");
        assert_non_null(mkdtemp(copy->path));
    }
    copy->fd = open(copy->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(copy->fd >= 0);
    copy_uptime(copy, 100000);
    copy_stat(copy, 1000, 10, 0);
    *state = copy;
    return 0;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

int copy_teardown(void **state)
{
    struct copy *copy = *state;
    assert_int_equal(close(copy->fd), 0);
    assert_int_equal(nftw(copy->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(copy);
    return 0;
}

struct watch *copy_watch(const struct copy *copy)
{
    return watch_open(open(copy->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), false);
}
