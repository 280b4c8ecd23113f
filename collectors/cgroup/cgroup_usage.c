/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/cgroup/cgroup_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "collectors/part.h"
#include "collectors/source.h"
#include "greend/units.h"

/* cpu.stat begins with usage_usec: what stands behind it is not read. */
enum { STAT_SIZE = 64 };

/* ---- Finding ---- */

struct place {
    const char *path;
    const char *file; /* that is there where the hierarchy is mounted */
    enum cgroup_hierarchy hierarchy;
    bool shared; /* others beside it may be the ones that are used */
};

static const struct place places[] = {
    {"fs/cgroup",             "cgroup.controllers", CGROUP_HIERARCHY_V2,      false},
    {"fs/cgroup/unified",     "cgroup.controllers", CGROUP_HIERARCHY_V2,      true },
    {"fs/cgroup/cpuacct",     "cpuacct.usage",      CGROUP_HIERARCHY_CPUACCT, false},
    {"fs/cgroup/cpu,cpuacct", "cpuacct.usage",      CGROUP_HIERARCHY_CPUACCT, false},
};

static int meet_folder(void *userdata, const char *name)
{
    const int *fd = userdata;
    struct stat stat;
    return fstatat(*fd, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(stat.st_mode);
}

static bool has_groups(int fd)
{
    return source_list(fd, ".", meet_folder, &fd) == 1;
}

static int open_place(int sysfs_fd, const struct place *place)
{
    int opened = openat(sysfs_fd, place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        return -errno;
    CLEANUP(close_fd_p) int fd = opened;
    if (faccessat(fd, place->file, F_OK, 0) < 0 || (place->shared && !has_groups(fd)))
        return -ENOENT;
    return take_fd(&fd);
}

struct cgroup_usage cgroup_usage_find(int sysfs_fd)
{
    struct cgroup_usage usage = {.root_fd = -1};
    for (size_t i = 0; i < ARRAY_SIZE(places) && sysfs_fd >= 0; i++) {
        int fd = open_place(sysfs_fd, &places[i]);
        if (fd < 0)
            continue;
        if (usage.root_fd < 0) {
            usage.root_fd = fd;
            usage.hierarchy = places[i].hierarchy;
        } else {
            (void)close(fd);
        }
        if (places[i].hierarchy == CGROUP_HIERARCHY_CPUACCT && !usage.whole)
            usage.whole = places[i].path;
    }
    usage.sysfs_fd = sysfs_fd;
    return usage;
}

void cgroup_usage_done(struct cgroup_usage *usage)
{
    close_fd_p(&usage->root_fd);
    *usage = (struct cgroup_usage){.root_fd = -1};
}

/* ---- Reading ---- */

int cgroup_usage_open(const struct cgroup_usage *usage, const char *path)
{
    char name[CGROUP_PATH_MAX + 16];
    const char *file = usage->hierarchy == CGROUP_HIERARCHY_V2 ? "cpu.stat" : "cpuacct.usage";
    bool is_root = path[0] == '\0';
    if (usage->root_fd < 0 || (is_root && !usage->whole))
        return -ENOENT;
    int length = is_root ? snprintf(name, sizeof(name), "%s/cpuacct.usage", usage->whole)
                         : snprintf(name, sizeof(name), ".%s/%s", path, file);
    if (length < 0 || (size_t)length >= sizeof(name))
        return -ENAMETOOLONG;
    return source_open(is_root ? usage->sysfs_fd : usage->root_fd, name);
}

int cgroup_usage_parse(const char *text, size_t length, uint64_t *ret_ns)
{
    struct part rest = {text, length};
    struct part value = part_take(&rest, '\n');
    if (part_is_number(value, ret_ns)) /* cpuacct.usage */
        return 0;
    uint64_t us = 0;
    if (!part_cut_prefix(&value, "usage_usec ") || !part_is_number(value, &us))
        return -EBADMSG;
    *ret_ns = mul_div(us, NS_PER_US, 1);
    return 0;
}

/* One read, however long the file is. */
int cgroup_usage_read(int fd, uint64_t *ret_ns)
{
    char text[STAT_SIZE];
    ssize_t length = pread(fd, text, sizeof(text), 0);
    if (length < 0)
        return -errno;
    return cgroup_usage_parse(text, (size_t)length, ret_ns);
}
