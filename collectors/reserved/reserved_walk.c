/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/reserved/reserved_walk.h"

#include "collectors/cgroup/cgroup_path.h"
#include "collectors/parse_proc.h"
#include "collectors/source.h"

enum {
    DEPTH_MAX = 24,
    /* Groups below one unit: persons and containers may make as many as they like. */
    BELOW_PERSON_MAX = 256,
    BELOW_UNIT_MAX = 1024,
    ASKED_MAX = 8, /* processes of a unit whose UID is asked for */
    FULL_PATH_MAX = CGROUP_PATH_MAX + 64,
    PROCS_SIZE = 4096,
    STATUS_SIZE = 2048, /* Uid: stands in the first few hundred bytes */
};

/* More than any machine has: the file is no kernel's. */
static const uint64_t memory_most = UINT64_C(1) << 60;

/* ---- Where the files stand ---- */

#define ROOT "fs/cgroup"

static bool has_controller(int sysfs_fd, const char *path, const char *name)
{
    char text[1024];
    size_t length = 0;
    if (source_read(sysfs_fd, path, text, sizeof(text), &length) < 0)
        return false;
    struct part rest = {text, strnlen(text, length)};
    (void)part_cut_suffix(&rest, "\n");
    while (rest.length > 0)
        if (part_is(part_take(&rest, ' '), name))
            return true;
    return false;
}

static bool exists(int sysfs_fd, const char *path)
{
    return faccessat(sysfs_fd, path, F_OK, 0) == 0;
}

/* A controller is in one hierarchy at a time: on a hybrid host in its own one of v1, or in v2's. */
static const char *find_controller(int sysfs_fd, const char *name, const char *v1, bool *ret_v2)
{
    char procs[64];
    (void)snprintf(procs, sizeof(procs), "%s/cgroup.procs", v1);
    *ret_v2 = has_controller(sysfs_fd, ROOT "/unified/cgroup.controllers", name);
    if (*ret_v2)
        return ROOT "/unified";
    return exists(sysfs_fd, procs) ? v1 : NULL;
}

void reserved_find(int sysfs_fd, struct reserved_place *ret_place)
{
    struct reserved_place place = {.memory_v2 = true, .weight_v2 = true};
    if (exists(sysfs_fd, ROOT "/cgroup.controllers")) {
        place.tree = ROOT;
        if (has_controller(sysfs_fd, ROOT "/cgroup.controllers", "memory"))
            place.memory = ROOT;
        if (has_controller(sysfs_fd, ROOT "/cgroup.controllers", "cpu"))
            place.weight = ROOT;
        *ret_place = place;
        return;
    }
    uint64_t hierarchy = 1;
    place.memory = find_controller(sysfs_fd, "memory", ROOT "/memory", &place.memory_v2);
    place.weight = find_controller(sysfs_fd, "cpu", ROOT "/cpu", &place.weight_v2);
    place.memory_flat =
        source_read_u64(sysfs_fd, ROOT "/memory/memory.use_hierarchy", &hierarchy) == 0 &&
        hierarchy == 0 && !place.memory_v2;
    if (place.memory)
        place.tree = place.memory;
    else
        place.tree =
            exists(sysfs_fd, ROOT "/systemd/cgroup.procs") ? ROOT "/systemd" : place.weight;
    *ret_place = place;
}

/* ---- What one group says ---- */

int reserved_parse_shares(uint64_t value, bool v2, uint32_t *ret_shares)
{
    enum {
        WEIGHT_DEFAULT = 100,
        WEIGHT_MAX = 10000,
        SHARES_MIN = 2,
        SHARES_MAX = 1 << 18,
        SHARES_IDLE = 3, /* WEIGHT_IDLEPRIO: what the kernel gives a group of cpu.idle */
    };
    if (value > (v2 ? WEIGHT_MAX : SHARES_MAX) || (!v2 && value < SHARES_MIN))
        return -ERANGE;
    if (!v2)
        *ret_shares = (uint32_t)value;
    else if (value == 0)
        *ret_shares = SHARES_IDLE;
    else /* the kernel's sched_weight_from_cgroup() */
        *ret_shares =
            (uint32_t)((value * RESERVED_SHARES_DEFAULT + WEIGHT_DEFAULT / 2) / WEIGHT_DEFAULT);
    return 0;
}

/* A number in the group that the walk is at. 1: there is no such file. */
static int read_number(const struct reserved_walk *walk, const char *hierarchy, const char *name,
                       uint64_t *ret_value)
{
    char path[FULL_PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s%s/%s", hierarchy, walk->path, name);
    int r = source_read_u64(walk->sysfs_fd, path, ret_value);
    /* ENODEV: the group was removed while its file was open. ENOTDIR: no group of that name. */
    return r == -ENOENT || r == -ENODEV || r == -ENOTDIR ? 1 : r;
}

static void read_memory(struct reserved_walk *walk, struct reserved_node *node)
{
    const struct reserved_place *place = &walk->place;
    uint64_t bytes = 0;
    if (!place->memory)
        return;
    int r = read_number(walk, place->memory,
                        place->memory_v2 ? "memory.current" : "memory.usage_in_bytes", &bytes);
    if (r == 0 && bytes > memory_most)
        r = -ERANGE;
    if (r == 0)
        node->memory = bytes;
    else if (r < 0)
        walk->memory_error = r;
}

static void read_shares(struct reserved_walk *walk, struct reserved_node *node)
{
    const struct reserved_place *place = &walk->place;
    uint64_t value = 0;
    if (!place->weight)
        return;
    int r =
        read_number(walk, place->weight, place->weight_v2 ? "cpu.weight" : "cpu.shares", &value);
    if (r == 0)
        r = reserved_parse_shares(value, place->weight_v2, &node->shares);
    if (r < 0)
        walk->weight_error = r;
}

static void note_uid(struct reserved_unit *unit, uint32_t uid)
{
    for (uint32_t i = 0; i < unit->n_uids; i++)
        if (unit->uids[i] == uid)
            return;
    if (unit->n_uids < RESERVED_UIDS)
        unit->uids[unit->n_uids++] = uid;
}

static void ask_uid(const struct reserved_walk *walk, int32_t pid, struct reserved_unit *unit)
{
    char path[32];
    char status[STATUS_SIZE];
    size_t length = 0;
    uint32_t uid = 0;
    (void)snprintf(path, sizeof(path), "%d/status", pid);
    if (source_read_begin(walk->procfs_fd, path, status, sizeof(status), &length) == 0 &&
        parse_proc_uid(status, length, &uid) == 0)
        note_uid(unit, uid);
}

/* Which processes are in the group itself, in the hierarchy that is walked. */
static void read_processes(struct reserved_walk *walk, struct reserved_node *node)
{
    char path[FULL_PATH_MAX];
    char text[PROCS_SIZE];
    size_t length = 0;
    (void)snprintf(path, sizeof(path), "%s%s/cgroup.procs", walk->place.tree, walk->path);
    /* EOPNOTSUPP: a group of threads, whose processes are told above. */
    if (source_read_begin(walk->sysfs_fd, path, text, sizeof(text), &length) < 0)
        return;
    struct part rest = {text, strnlen(text, length)};
    int32_t pid = 0;
    while (rest.length > 0) {
        struct part line = part_take(&rest, '\n');
        if (parse_proc_pid(line.text, line.length, &pid) < 0)
            continue; /* the last one was cut, or is in another PID namespace: 0 */
        node->processes = true;
        if (node->unit == 0 || walk->asked[node->unit - 1] == ASKED_MAX)
            return;
        walk->asked[node->unit - 1]++;
        ask_uid(walk, pid, &walk->set->units[node->unit - 1]);
    }
}

/* ---- The walk ---- */

static bool same_unit(const struct cgroup_identity *a, const struct cgroup_identity *b)
{
    return a->kind == b->kind && a->owner == b->owner && str_equal(a->unit, b->unit);
}

/* Which unit the group is of. The last place is for all that find none: CGROUP_NONE. Answers
 * whether someone may make groups of his own from here on: a unit, a container, a person. */
static bool name_unit(struct reserved_walk *walk, struct reserved_node *node)
{
    struct cgroup_identity identity;
    struct reserved_set *set = walk->set;
    uint16_t above = walk->nodes[node->parent].unit;
    enum cgroup_rank rank =
        cgroup_path_parse((struct part){walk->path, strlen(walk->path)}, &identity);
    bool owned = rank >= CGROUP_RANK_UNIT;
    bool named = rank >= CGROUP_RANK_UNIT || rank == CGROUP_RANK_GROUP;
    node->unit = above;
    if (!named || (above != 0 && same_unit(&identity, &set->units[above - 1].cgroup)))
        return owned;
    if (set->count < RESERVED_UNITS_MAX) {
        struct reserved_unit *unit = &set->units[set->count++];
        *unit = (struct reserved_unit){.cgroup = identity};
        if (set->count == RESERVED_UNITS_MAX)
            unit->cgroup = (struct cgroup_identity){.kind = CGROUP_NONE, .owner = UINT32_MAX};
        walk->asked[set->count - 1] = 0;
    }
    node->unit = (uint16_t)set->count;
    return owned;
}

static size_t below_most(const struct reserved_walk *walk, const struct reserved_node *node)
{
    const struct cgroup_identity *unit = &walk->set->units[node->unit - 1].cgroup;
    bool person = unit->kind == CGROUP_USER || unit->owner != UINT32_MAX;
    return person ? BELOW_PERSON_MAX : BELOW_UNIT_MAX;
}

/* A group whose folder is being listed. */
struct level {
    struct reserved_walk *walk;
    uint16_t node;
    size_t length; /* of its path */
    unsigned depth;
    struct reserved_allowance *own; /* below its unit, or in all */
    bool cut;                       /* not all could be looked at */
};

static void visit(struct reserved_walk *walk, uint16_t parent, unsigned depth,
                  struct reserved_allowance *own);

static int enter(void *userdata, const char *name)
{
    struct level *level = userdata;
    struct reserved_walk *walk = level->walk;
    size_t length = strlen(name);
    if (walk->all.left == 0 || level->own->left == 0 || walk->n_nodes == RESERVED_NODES_MAX ||
        level->depth == DEPTH_MAX || level->length + 1 + length >= sizeof(walk->path)) {
        level->cut = true;
        return 1;
    }
    walk->all.left--;
    if (level->own != &walk->all)
        level->own->left--;
    walk->path[level->length] = '/';
    memcpy(walk->path + level->length + 1, name, length + 1);
    visit(walk, level->node, level->depth + 1, level->own);
    walk->path[level->length] = '\0';
    return 0;
}

/* Takes a group and all below it for one: what was found there so far goes back. */
static void fold(struct reserved_walk *walk, uint16_t node, size_t n_units)
{
    struct reserved_node *whole = &walk->nodes[node];
    for (size_t i = node + 1U; i < walk->n_nodes; i++)
        whole->processes |= walk->nodes[i].processes;
    walk->n_nodes = node + 1U;
    walk->set->count = n_units;
    walk->lost |= whole->unit == 0;
}

static void visit(struct reserved_walk *walk, uint16_t parent, unsigned depth,
                  struct reserved_allowance *own)
{
    uint16_t self = (uint16_t)walk->n_nodes++;
    struct reserved_node *node = &walk->nodes[self];
    *node = (struct reserved_node){.parent = parent, .memory = UINT64_MAX};
    bool owned = false;
    if (self != 0) {
        owned = name_unit(walk, node);
        read_memory(walk, node);
        read_shares(walk, node);
        read_processes(walk, node);
    }
    size_t n_units = walk->set->count;
    struct reserved_allowance below;
    if (owned && node->unit != 0 && own == &walk->all) {
        below.left = below_most(walk, node);
        own = &below;
    }
    struct level level = {walk, self, strlen(walk->path), depth, own, false};
    char path[FULL_PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s%s", walk->place.tree, walk->path);
    (void)source_list_folders(walk->sysfs_fd, path, enter, &level);
    if (level.cut)
        fold(walk, self, n_units);
}

int reserved_read(struct reserved_walk *walk)
{
    reserved_find(walk->sysfs_fd, &walk->place);
    walk->n_nodes = walk->set->count = 0;
    walk->all.left = RESERVED_NODES_MAX;
    walk->lost = false;
    walk->memory_error = walk->weight_error = 0;
    walk->path[0] = '\0';
    if (!walk->place.tree)
        return -ENOENT;
    visit(walk, 0, 0, &walk->all);
    bool whole = !walk->lost;
    walk->set->memory_known =
        walk->place.memory && !walk->place.memory_flat && whole && walk->memory_error == 0;
    walk->set->weight_known = walk->place.weight && whole && walk->weight_error == 0;
    reserved_tally(walk->nodes, walk->n_nodes, walk->set);
    return 0;
}
