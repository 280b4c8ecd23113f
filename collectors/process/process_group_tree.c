/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/cgroup.h"
#include "collectors/process/process_groups_internal.h"
#include "collectors/process/process_identity.h"

enum { IDLE_SWEEPS = 60 /* how long a group without processes is kept */ };

struct process_groups *process_groups_new(void)
{
    struct process_groups *groups = calloc(1, sizeof(*groups));
    if (groups) {
        groups->end = GROUP_NONE + 1;
        groups->root = -1;
    }
    return groups;
}

/* ---- Groups come and go ---- */

static void close_group(struct process_sweep *sweep, struct group *group)
{
    if (!group->gone)
        sweep->kernel->group_close(sweep->kernel_data, group->handle);
    group->gone = true;
}

static void release_workload(struct process_sweep *sweep, struct group *group)
{
    if (group->identified)
        sweep->env->release(sweep->env->userdata, group->workload);
    group->identified = false;
}

/* Those below come first: they are idle at least as long. */
static void remove_idle(struct process_sweep *sweep)
{
    struct process_groups *groups = sweep->groups;
    for (uint16_t i = (uint16_t)(groups->end - 1); i > GROUP_NONE; i--) {
        struct group *group = &groups->groups[i];
        if (!group->used || groups->sweeps - group->seen < (group->gone ? 1 : IDLE_SWEEPS))
            continue;
        process_group_hand_up(groups, group);
        release_workload(sweep, group);
        close_group(sweep, group);
        *group = (struct group){.used = false};
    }
    while (groups->end > GROUP_NONE + 1 && !groups->groups[groups->end - 1].used)
        groups->end--;
}

void process_groups_done(struct process_sweep *sweep)
{
    struct process_groups *groups = sweep->groups;
    for (uint16_t i = GROUP_NONE + 1; groups && i < groups->end; i++) {
        if (!groups->groups[i].used)
            continue;
        release_workload(sweep, &groups->groups[i]);
        close_group(sweep, &groups->groups[i]);
    }
    if (groups && groups->root >= 0)
        sweep->kernel->group_close(sweep->kernel_data, groups->root);
    free(groups);
    sweep->groups = NULL;
}

/* ---- Reading ---- */

/* A unit that was started again has another group of the same path, which is new since the last
 * read: all that it used is of this interval. */
static int read_successor(struct process_sweep *sweep, struct group *group, uint64_t *ret_ns)
{
    close_group(sweep, group);
    int r = sweep->kernel->group_open(sweep->kernel_data, group->path);
    if (r < 0)
        return r;
    group->handle = r;
    group->gone = false;
    group->usage_ns = 0;
    r = sweep->kernel->group_usage(sweep->kernel_data, group->handle, ret_ns);
    if (r < 0)
        close_group(sweep, group);
    return r;
}

/* After the group above, which contains it. */
static void read_group(struct process_sweep *sweep, struct group *group)
{
    struct process_groups *groups = sweep->groups;
    uint64_t usage_ns = 0;
    int r = sweep->kernel->group_usage(sweep->kernel_data, group->handle, &usage_ns);
    if (r < 0)
        r = read_successor(sweep, group, &usage_ns);
    if (r < 0)
        return;
    uint64_t grown_ns = sub_saturated(usage_ns, group->usage_ns);
    group->usage_ns = usage_ns;
    account_credit(&group->account, grown_ns);
    struct account *above = process_group_above(groups, group);
    if (above)
        account_cede(above, grown_ns);
    else if (groups->root < 0)
        account_credit(&groups->total, grown_ns);
}

/* Where the root has a counter, it speaks for all groups together. */
static void read_root(struct process_sweep *sweep)
{
    struct process_groups *groups = sweep->groups;
    uint64_t usage_ns = 0;
    if (groups->sweeps == 1)
        groups->root = sweep->kernel->group_open(sweep->kernel_data, "");
    if (groups->root < 0 ||
        sweep->kernel->group_usage(sweep->kernel_data, groups->root, &usage_ns) < 0)
        return;
    if (groups->sweeps > 1)
        account_credit(&groups->total, sub_saturated(usage_ns, groups->root_ns));
    groups->root_ns = usage_ns;
}

void process_groups_begin(struct process_sweep *sweep)
{
    struct process_groups *groups = sweep->groups;
    if (!groups)
        return;
    remove_idle(sweep);
    groups->sweeps++;
    groups->stray_before_ns = groups->stray_ns;
    groups->stray_ns = 0;
    account_begin(&groups->total);
    read_root(sweep);
    for (uint16_t i = GROUP_NONE + 1; i < groups->end; i++) {
        struct group *group = &groups->groups[i];
        if (!group->used)
            continue;
        release_workload(sweep, group);
        account_begin(&group->account);
        group->adrift = false;
        if (!group->gone)
            read_group(sweep, group);
    }
}

/* ---- Finding ---- */

static bool is_path(const struct group *group, const char *path, size_t length)
{
    return group->used && memcmp(group->path, path, length) == 0 && group->path[length] == '\0';
}

static uint16_t find_path(const struct process_groups *groups, const char *path, size_t length)
{
    uint32_t hash = (uint32_t)hash_bytes(HASH_BEGIN, path, length);
    for (uint16_t i = GROUP_NONE + 1; i < groups->end; i++) {
        if (groups->groups[i].hash == hash && is_path(&groups->groups[i], path, length))
            return i;
    }
    return GROUP_NONE;
}

static uint16_t take_free(struct process_groups *groups, uint16_t above)
{
    for (uint32_t i = above + 1U; i < GROUPS_MAX; i++) {
        if (groups->groups[i].used)
            continue;
        groups->end = (uint16_t)MAX(groups->end, i + 1);
        return (uint16_t)i;
    }
    return GROUP_NONE;
}

/* Its past is in the balance of the group above, if it has one: what it used since the sweep before
 * is taken over from there. */
static bool open_group(struct process_sweep *sweep, struct group *group, bool recent)
{
    int handle = sweep->kernel->group_open(sweep->kernel_data, group->path);
    if (handle < 0)
        return false;
    group->handle = handle;
    group->gone = false;
    if (sweep->kernel->group_usage(sweep->kernel_data, handle, &group->usage_ns) < 0) {
        close_group(sweep, group);
        return false;
    }
    struct account *from = process_group_above(sweep->groups, group);
    if (recent && from && from->balance_ns > 0) {
        uint64_t taken_ns = MIN(group->usage_ns, (uint64_t)from->balance_ns);
        account_cede(from, taken_ns);
        account_credit(&group->account, taken_ns);
    }
    return true;
}

static uint16_t enter(struct process_sweep *sweep, uint16_t above, const char *path,
                      uint32_t identity, bool recent)
{
    struct process_groups *groups = sweep->groups;
    uint16_t number = take_free(groups, above);
    if (number == GROUP_NONE)
        return above;
    struct group *group = &groups->groups[number];
    *group = (struct group){
        .used = true,
        .gone = true,
        .adrift = !recent,
        .parent = above,
        .seen = groups->sweeps,
        .identity = identity,
        .uid = UINT32_MAX,
        .hash = (uint32_t)hash_bytes(HASH_BEGIN, path, strlen(path)),
    };
    (void)str_copy(group->path, sizeof(group->path), path);
    if (open_group(sweep, group, recent))
        return number;
    group->used = false;
    return above;
}

static size_t length_above(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length > 0 ? length - 1 : 0;
}

static size_t length_below(const char *path, size_t length)
{
    const char *next = strchr(path + length + 1, '/');
    return next ? (size_t)(next - path) : length + strlen(path + length);
}

static uint32_t identity_of(const char *path)
{
    struct cgroup_identity identity;
    cgroup_parse_path(path, &identity);
    return process_identity_hash(&identity);
}

/* A part of a path that says no more than the one before has no group of its own here: what a
 * service makes below itself is the service. */
uint16_t process_groups_find(struct process_sweep *sweep, const char *path, bool recent)
{
    struct process_groups *groups = sweep->groups;
    size_t most = strnlen(path, GROUP_PATH_MAX);
    if (!groups || most < 2 || path[0] != '/')
        return GROUP_NONE;
    size_t length = most;
    uint16_t group = GROUP_NONE;
    for (; length > 0; length = length_above(path, length)) {
        group = length < GROUP_PATH_MAX ? find_path(groups, path, length) : GROUP_NONE;
        if (group != GROUP_NONE)
            break;
    }
    char part[GROUP_PATH_MAX];
    while (length < most) {
        length = length_below(path, length);
        if (length >= GROUP_PATH_MAX)
            break;
        memcpy(part, path, length);
        part[length] = '\0';
        uint32_t identity = identity_of(part);
        if (group == GROUP_NONE || groups->groups[group].identity != identity)
            group = enter(sweep, group, part, identity, recent);
    }
    if (group != GROUP_NONE && groups->groups[group].gone)
        (void)open_group(sweep, &groups->groups[group], recent);
    return group;
}
