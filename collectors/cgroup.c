/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/cgroup.h"

#include "collectors/cgroup/cgroup_path.h"
#include "collectors/source.h"
#include "greend/collector.h"

/* 14 hierarchies with a path of PATH_MAX each: the kernel answers -ENAMETOOLONG beyond. */
enum { CGROUP_TEXT_MAX = 1 << 16 };

/* ---- /proc/PID/cgroup ---- */

enum hierarchy { HIERARCHY_CONTROLLER, HIERARCHY_SYSTEMD, HIERARCHY_V2, HIERARCHY_BROKEN };

struct line {
    struct part controllers;
    struct part path;
};

/* Splits "ID:CONTROLLERS:PATH". The path may hold more colons, but never a newline: the kernel
 * refuses to make such a group. */
static enum hierarchy split_line(struct part line, struct line *ret)
{
    struct part id = part_take(&line, ':');
    struct part controllers = part_take(&line, ':');
    *ret = (struct line){controllers, line};
    uint64_t number = 0;
    if (!part_is_number(id, &number) || line.length == 0 || line.text[0] != '/')
        return HIERARCHY_BROKEN;
    if (number == 0 && controllers.length == 0)
        return HIERARCHY_V2;
    return part_is(controllers, "name=systemd") ? HIERARCHY_SYSTEMD : HIERARCHY_CONTROLLER;
}

void cgroup_parse(const char *text, size_t length, struct cgroup_identity *ret_identity)
{
    *ret_identity = (struct cgroup_identity){.kind = CGROUP_NONE, .owner = UINT32_MAX};
    struct part rest = {text, strnlen(text, length)};
    int best = -1;
    while (rest.length > 0) {
        struct line line;
        enum hierarchy hierarchy = split_line(part_take(&rest, '\n'), &line);
        if (hierarchy == HIERARCHY_BROKEN)
            continue;
        struct cgroup_identity identity;
        /* Rank before hierarchy: on a hybrid host older runtimes leave the v2 group of a container
         * where its shim is, and move the container in v1 alone. */
        int score =
            (int)cgroup_path_parse(line.path, &identity) * HIERARCHY_BROKEN + (int)hierarchy;
        if (score <= best)
            continue;
        best = score;
        *ret_identity = identity;
    }
}

static bool is_hierarchy(enum hierarchy kind, struct part controllers, enum cgroup_hierarchy wanted)
{
    if (wanted == CGROUP_HIERARCHY_V2)
        return kind == HIERARCHY_V2;
    while (kind == HIERARCHY_CONTROLLER && controllers.length > 0) {
        if (part_is(part_take(&controllers, ','), "cpuacct"))
            return true;
    }
    return false;
}

void cgroup_parse_hierarchy(const char *text, size_t length, enum cgroup_hierarchy hierarchy,
                            char *path, size_t size)
{
    path[0] = '\0';
    struct part rest = {text, strnlen(text, length)};
    while (hierarchy != CGROUP_HIERARCHY_NONE && rest.length > 0) {
        struct line line;
        enum hierarchy kind = split_line(part_take(&rest, '\n'), &line);
        if (!is_hierarchy(kind, line.controllers, hierarchy))
            continue;
        struct part found = line.path;
        if (found.length >= size || part_cut_prefix(&found, "/..") ||
            part_cut_suffix(&found, " (deleted)"))
            return;
        memcpy(path, found.text, found.length);
        path[found.length] = '\0';
        return;
    }
}

static int read_text(int procfs_fd, const char *process, char *text, size_t size,
                     size_t *ret_length)
{
    char path[32];
    (void)snprintf(path, sizeof(path), "%s/cgroup", process);
    return source_read(procfs_fd, path, text, size, ret_length);
}

int cgroup_read(int procfs_fd, int32_t pid, struct cgroup_identity *ret_identity)
{
    char path[1];
    return cgroup_read_both(procfs_fd, pid, CGROUP_HIERARCHY_NONE, ret_identity, path,
                            sizeof(path));
}

int cgroup_read_both(int procfs_fd, int32_t pid, enum cgroup_hierarchy hierarchy,
                     struct cgroup_identity *ret_identity, char *path, size_t size)
{
    char process[16];
    char text[CGROUP_TEXT_MAX];
    size_t length = 0;
    (void)snprintf(process, sizeof(process), "%d", pid);
    int r = read_text(procfs_fd, process, text, sizeof(text), &length);
    if (r < 0)
        return r;
    cgroup_parse(text, length, ret_identity);
    cgroup_parse_hierarchy(text, length, hierarchy, path, size);
    return 0;
}

/* ---- The collector: tells the operator which hierarchy the names come from ---- */

enum hierarchies { HAS_V1 = 1 << 0, HAS_V2 = 1 << 1, SEEN_FROM_INSIDE = 1 << 2 };

struct cgroup_state {
    unsigned hierarchies; /* of enum hierarchies */
    int error;
};

static unsigned hierarchies_of(const char *text, size_t length)
{
    unsigned found = 0;
    struct part rest = {text, strnlen(text, length)};
    while (rest.length > 0) {
        struct line line;
        enum hierarchy hierarchy = split_line(part_take(&rest, '\n'), &line);
        if (hierarchy == HIERARCHY_BROKEN)
            continue;
        found |= hierarchy == HIERARCHY_V2 ? HAS_V2 : HAS_V1;
        if (part_cut_prefix(&line.path, "/.."))
            found |= SEEN_FROM_INSIDE;
    }
    return found;
}

/* PID 1's text: a hierarchy has a line there once it was mounted, and where greend is in a cgroup
 * namespace of its own PID 1 stands outside of it. */
static int cgroup_open(const struct collector_env *env, void **ret_state)
{
    struct cgroup_state *state = calloc(1, sizeof(*state));
    if (!state)
        return -ENOMEM;
    char text[CGROUP_TEXT_MAX];
    size_t length = 0;
    int r = read_text(env->procfs_fd, "1", text, sizeof(text), &length);
    if (r == -ENOENT)
        r = read_text(env->procfs_fd, "self", text, sizeof(text), &length);
    if (r == 0)
        state->hierarchies = hierarchies_of(text, length);
    else if (r != -ENOENT)
        state->error = r;
    *ret_state = state;
    return 0;
}

/* Hierarchies do not come and go while a host runs: what open() saw stays true. */
static int cgroup_collect(void *state, struct sample *sample)
{
    (void)sample;
    const struct cgroup_state *cgroup = state;
    if (cgroup->error < 0)
        return cgroup->error;
    return cgroup->hierarchies == 0 ? COLLECT_NO_DATA : 0;
}

static void cgroup_status(void *state,
                          void (*emit)(void *userdata, const struct collector_status *status),
                          void *userdata)
{
    const struct cgroup_state *cgroup = state;
    struct collector_status status = {.health = HEALTH_WORKING, .error = cgroup->error};
    if (cgroup->error < 0) {
        status.health = HEALTH_FAILED;
        status.why = N_("the cgroups of processes cannot be read: services are not told apart");
    } else if (cgroup->hierarchies == 0) {
        status.health = HEALTH_ABSENT;
        status.why = N_("none: processes are told apart by command name and user");
    } else if (cgroup->hierarchies & SEEN_FROM_INSIDE) {
        status.health = HEALTH_DEGRADED;
        status.why = N_("seen from inside a container: names of units outside may be incomplete");
        status.mend = N_("run greend on the host, or its container with --cgroupns=host");
    } else if (cgroup->hierarchies == HAS_V2) {
        status.why = N_("cgroup v2");
    } else {
        status.why =
            cgroup->hierarchies == HAS_V1 ? N_("cgroup v1") : N_("cgroup v1 and v2 (hybrid)");
    }
    emit(userdata, &status);
}

static void cgroup_close(void *state)
{
    free(state);
}

const struct collector collector_cgroup = {
    .name = "cgroup",
    .open = cgroup_open,
    .collect = cgroup_collect,
    .status = cgroup_status,
    .close = cgroup_close,
};
