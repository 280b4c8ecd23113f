/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Which files go in: a list of folders and names. */

#include "doctor/capture.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>

#include "collectors/source.h"

enum {
    FILE_BYTES = 4 << 20, /* cpuinfo of a thousand processors */
    GROUPS_MOST = 4096,
    DEPTH_MOST = 16,
};

struct capture {
    struct capture_tar *tar;
    struct capture_names names;
    int sysfs_fd;
    int procfs_fd;
    char *bytes; /* FILE_BYTES */
    struct capture_result result;
    int error;
    size_t groups;
};

/* One file of the list. Below "fs/cgroup" `shown` has other names than `path`. */
static void take_file(struct capture *capture, int root_fd, const char *root, const char *path,
                      const char *shown, enum capture_kind kind)
{
    CLEANUP(text_done) struct text text = {0};
    char name[PATH_MAX];
    size_t length = 0;
    int r = source_read(root_fd, path, capture->bytes, FILE_BYTES, &length);
    if (r == -EACCES || r == -EPERM)
        capture->result.unreadable++;
    if (r < 0 || capture->error < 0 || !capture_filter(kind, capture->bytes, length, &text))
        return;
    (void)snprintf(name, sizeof(name), "%s/%s", root, shown);
    capture->error =
        text.error < 0 ? text.error : capture_tar_add(capture->tar, name, text.data, text.length);
    capture->result.files++;
}

/* ---- Folders of /sys ---- */

struct rule {
    const char *folder;  /* below /sys */
    const char *entries; /* its folders, as fnmatch(3); NULL: the folder itself */
    const char *file;    /* likewise, in each */
    enum capture_kind kind;
};

static const struct rule rules[] = {
    {"class/powercap",     "intel-rapl*",  "name",              CAPTURE_TEXT   },
    {"class/powercap",     "intel-rapl*",  "constraint_*_name", CAPTURE_TEXT   },
    {"class/powercap",     "intel-rapl*",  "constraint_*_uw",   CAPTURE_NUMBERS},
    {"class/powercap",     "intel-rapl*",  "constraint_*_us",   CAPTURE_NUMBERS},
    {"class/powercap",     "intel-rapl*",  "*energy*_uj",       CAPTURE_NUMBERS},
    {"class/powercap",     "intel-rapl*",  "enabled",           CAPTURE_NUMBERS},
    {"class/hwmon",        "hwmon*",       "name",              CAPTURE_TEXT   },
    {"class/hwmon",        "hwmon*",       "*_label",           CAPTURE_TEXT   },
    {"class/hwmon",        "hwmon*",       "*_input",           CAPTURE_NUMBERS},
    {"class/hwmon",        "hwmon*",       "power*_average*",   CAPTURE_NUMBERS},
    {"class/hwmon",        "hwmon*",       "power*_is_battery", CAPTURE_NUMBERS},
    {"class/dmi/id",       NULL,           "sys_vendor",        CAPTURE_TEXT   },
    {"class/dmi/id",       NULL,           "product_name",      CAPTURE_TEXT   },
    {"class/dmi/id",       NULL,           "chassis_type",      CAPTURE_NUMBERS},
    {"module",             "intel_rapl_*", "refcnt",            CAPTURE_NUMBERS},
    {"devices/system/cpu", NULL,           "online",            CAPTURE_NUMBERS},
    {"devices/system/cpu", NULL,           "possible",          CAPTURE_NUMBERS},
    {"devices/system/cpu", NULL,           "present",           CAPTURE_NUMBERS},
};

/* Deeper, of each processor. */
static const char *const topology[] = {"physical_package_id", "die_id", "core_id"};

struct walk {
    struct capture *capture;
    const struct rule *rule;
    char path[PATH_MAX];
};

static int on_rule_file(void *userdata, const char *name)
{
    struct walk *walk = userdata;
    char path[PATH_MAX + 300];
    if (fnmatch(walk->rule->file, name, 0) != 0)
        return 0;
    (void)snprintf(path, sizeof(path), "%s/%s", walk->path, name);
    take_file(walk->capture, walk->capture->sysfs_fd, "sys", path, path, walk->rule->kind);
    return 0;
}

static int on_rule_folder(void *userdata, const char *name)
{
    struct walk *walk = userdata;
    struct walk inner = {.capture = walk->capture, .rule = walk->rule};
    if (fnmatch(walk->rule->entries, name, 0) != 0)
        return 0;
    (void)snprintf(inner.path, sizeof(inner.path), "%s/%s", walk->rule->folder, name);
    (void)source_list(walk->capture->sysfs_fd, inner.path, on_rule_file, &inner);
    return 0;
}

static void take_rule(struct capture *capture, const struct rule *rule)
{
    struct walk walk = {.capture = capture, .rule = rule};
    (void)str_copy(walk.path, sizeof(walk.path), rule->folder);
    (void)source_list(capture->sysfs_fd, rule->folder,
                      rule->entries ? on_rule_folder : on_rule_file, &walk);
}

static int on_cpu(void *userdata, const char *name)
{
    struct capture *capture = userdata;
    if (fnmatch("cpu[0-9]*", name, 0) != 0)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(topology); i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof(path), "devices/system/cpu/%s/topology/%s", name, topology[i]);
        take_file(capture, capture->sysfs_fd, "sys", path, path, CAPTURE_NUMBERS);
    }
    return 0;
}

/* ---- Control groups ---- */

static const struct {
    const char *name;
    enum capture_kind kind;
} group_files[] = {
    {"cpu.stat",              CAPTURE_COUNTS },
    {"cpu.weight",            CAPTURE_NUMBERS},
    {"cpu.shares",            CAPTURE_NUMBERS},
    {"cpuacct.usage",         CAPTURE_NUMBERS},
    {"memory.current",        CAPTURE_NUMBERS},
    {"memory.usage_in_bytes", CAPTURE_NUMBERS},
    {"memory.use_hierarchy",  CAPTURE_NUMBERS},
};

/* Words of the kernel. */
static void take_controllers(struct capture *capture, const char *path)
{
    static const char *const known[] = {"cpuset", "cpu",  "io",      "memory", "hugetlb",
                                        "pids",   "rdma", "cpuacct", "misc"};
    CLEANUP(text_done) struct text text = {0};
    char line[512];
    char name[PATH_MAX];
    char *rest = NULL;
    size_t length = 0;
    (void)snprintf(name, sizeof(name), "%s/cgroup.controllers", path);
    if (source_read_begin(capture->sysfs_fd, name, line, sizeof(line), &length) < 0)
        return;
    text_add(&text, "");
    for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
            if (str_equal(word, known[i]))
                text_format(&text, "%s%s", text.length > 0 ? " " : "", word);
    text_add(&text, "\n");
    (void)snprintf(name, sizeof(name), "sys/%s/cgroup.controllers", path);
    if (capture->error == 0)
        capture->error = text.error < 0
                             ? text.error
                             : capture_tar_add(capture->tar, name, text.data, text.length);
    capture->result.files++;
}

struct group {
    struct capture *capture;
    const char *path;
    const char *shown;
    unsigned depth;
};

static void take_group(const struct group *group);

static int on_group(void *userdata, const char *name)
{
    const struct group *outer = userdata;
    struct capture *capture = outer->capture;
    char renamed[CAPTURE_NAME_MAX];
    if (++capture->groups > GROUPS_MOST || outer->depth == DEPTH_MOST)
        return 0;
    int r = capture_rename(&capture->names, name, renamed);
    if (r < 0) {
        capture->error = r;
        return r;
    }
    CLEANUP(free_p) char *path = text_print("%s/%s", outer->path, name);
    CLEANUP(free_p) char *shown = text_print("%s/%s", outer->shown, renamed);
    if (!path || !shown) {
        capture->error = -ENOMEM;
        return -ENOMEM;
    }
    const struct group inner = {capture, path, shown, outer->depth + 1};
    take_group(&inner);
    return 0;
}

static void take_group(const struct group *group)
{
    struct capture *capture = group->capture;
    for (size_t i = 0; i < ARRAY_SIZE(group_files); i++) {
        char path[PATH_MAX];
        char shown[PATH_MAX];
        (void)snprintf(path, sizeof(path), "%s/%s", group->path, group_files[i].name);
        (void)snprintf(shown, sizeof(shown), "%s/%s", group->shown, group_files[i].name);
        take_file(capture, capture->sysfs_fd, "sys", path, shown, group_files[i].kind);
    }
    (void)source_list_folders(capture->sysfs_fd, group->path, on_group, (void *)group);
}

/* ---- All of it ---- */

static const struct {
    const char *path;
    enum capture_kind kind;
} proc_files[] = {
    {"cpuinfo",                        CAPTURE_CPUINFO},
    {"stat",                           CAPTURE_STAT   },
    {"meminfo",                        CAPTURE_COUNTS },
    {"loadavg",                        CAPTURE_NUMBERS},
    {"uptime",                         CAPTURE_NUMBERS},
    {"mounts",                         CAPTURE_MOUNTS },
    {"sys/kernel/perf_event_paranoid", CAPTURE_NUMBERS},
    {"sys/kernel/osrelease",           CAPTURE_RELEASE},
};

static void take_all(struct capture *capture)
{
    static const char *const hierarchies[] = {"fs/cgroup", "fs/cgroup/unified"};
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        take_rule(capture, &rules[i]);
    (void)source_list(capture->sysfs_fd, "devices/system/cpu", on_cpu, capture);
    for (size_t i = 0; i < ARRAY_SIZE(hierarchies); i++)
        take_controllers(capture, hierarchies[i]);
    const struct group root = {capture, hierarchies[0], hierarchies[0], 0};
    take_group(&root);
    for (size_t i = 0; i < ARRAY_SIZE(proc_files); i++)
        take_file(capture, capture->procfs_fd, "proc", proc_files[i].path, proc_files[i].path,
                  proc_files[i].kind);
}

int capture_write(const char *path, int sysfs_fd, int procfs_fd, struct capture_result *ret)
{
    struct capture capture = {.sysfs_fd = sysfs_fd, .procfs_fd = procfs_fd};
    CLEANUP(free_p) char *bytes = malloc(FILE_BYTES);
    if (!bytes)
        return -ENOMEM;
    capture.bytes = bytes;
    int r = capture_tar_open(&capture.tar, path);
    if (r < 0)
        return r;
    take_all(&capture);
    r = capture_tar_close(capture.tar);
    capture_names_done(&capture.names);
    *ret = capture.result;
    return capture.error < 0 ? capture.error : r;
}
