/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What units reserve for themselves, whether they work or not: the memory that they hold and the
 * CPU weight that they were given, from the control groups of v1, v2 and of both. */

#include <time.h>

#include "collectors/reserved/reserved_walk.h"
#include "greend/collector.h"
#include "greend/units.h"

struct reserved {
    struct reserved_walk walk;
    struct reserved_set set;
    struct reserved_node nodes[RESERVED_NODES_MAX];
};

static int reserved_open(const struct collector_env *env, void **ret_state)
{
    struct reserved *reserved = calloc(1, sizeof(*reserved));
    if (!reserved)
        return -ENOMEM;
    reserved->walk = (struct reserved_walk){.sysfs_fd = env->sysfs_fd,
                                            .procfs_fd = env->procfs_fd,
                                            .nodes = reserved->nodes,
                                            .set = &reserved->set};
    *ret_state = reserved;
    return 0;
}

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int reserved_collect(void *state, struct sample *sample)
{
    struct reserved *reserved = state;
    uint64_t begin_ns = now_ns();
    int r = reserved_read(&reserved->walk);
    sample->reserved = NULL;
    if (r < 0)
        return COLLECT_NO_DATA;
    reserved->set.time_ns = begin_ns + (now_ns() - begin_ns) / 2;
    sample->reserved = &reserved->set;
    return 0;
}

/* ---- Health ---- */

static struct collector_status memory_status(const struct reserved *reserved)
{
    const struct reserved_walk *walk = &reserved->walk;
    struct collector_status status = {.item = "memory", .health = HEALTH_DEGRADED};
    if (!walk->place.memory) {
        status.health = HEALTH_ABSENT;
        status.why = N_("there is no memory controller: nobody owns what idle memory uses "
                        "(idle=reserved)");
        status.mend = N_("where the distribution switches it off, boot with cgroup_enable=memory");
    } else if (walk->place.memory_flat) {
        status.why = N_("memory.use_hierarchy is 0: what a unit holds cannot be told");
        status.mend = N_("use cgroup v2, or write 1 to /sys/fs/cgroup/memory/memory.use_hierarchy "
                         "at boot");
    } else if (walk->memory_error < 0) {
        status.health = HEALTH_FAILED;
        status.error = walk->memory_error;
        status.why = N_("what a control group says of its memory is no number of bytes");
    } else if (walk->lost) {
        status.why = N_("more control groups than are looked at");
    } else if (reserved->set.count == 0) {
        status.why = N_("no unit has processes");
    } else if (!reserved->set.memory_known) {
        status.why = N_("not every unit has a memory controller: nobody owns what idle memory uses "
                        "(idle=reserved)");
        status.mend = N_("DefaultMemoryAccounting=yes in /etc/systemd/system.conf");
    } else {
        status.health = HEALTH_WORKING;
        status.why = walk->place.memory_v2 ? N_("memory.current of cgroup v2")
                                           : N_("memory.usage_in_bytes of cgroup v1");
    }
    return status;
}

static struct collector_status weight_status(const struct reserved *reserved)
{
    const struct reserved_walk *walk = &reserved->walk;
    struct collector_status status = {.item = "CPU weight", .health = HEALTH_DEGRADED};
    if (!walk->place.weight) {
        status.health = HEALTH_ABSENT;
        status.why = N_("there is no CPU controller: nobody owns what idle processors use "
                        "(idle=reserved)");
    } else if (walk->weight_error < 0) {
        status.health = HEALTH_FAILED;
        status.error = walk->weight_error;
        status.why = N_("what a control group says of its CPU weight is none");
    } else if (reserved->set.weight_known) {
        status.health = HEALTH_WORKING;
        status.why = walk->place.weight_v2
                         ? N_("cpu.weight of cgroup v2; 100 where a unit has none")
                         : N_("cpu.shares of cgroup v1; 1024 where a unit has none");
    } else {
        status.why =
            walk->lost ? N_("more control groups than are looked at") : N_("no unit has processes");
    }
    return status;
}

static void reserved_status(void *state,
                            void (*emit)(void *userdata, const struct collector_status *status),
                            void *userdata)
{
    const struct reserved *reserved = state;
    struct collector_status status = {.health = HEALTH_WORKING};
    if (!reserved->walk.place.tree) {
        status.health = HEALTH_ABSENT;
        status.why = N_("no control groups: idle energy has no owner by reservation");
        emit(userdata, &status);
        return;
    }
    emit(userdata, &status);
    status = memory_status(reserved);
    emit(userdata, &status);
    status = weight_status(reserved);
    emit(userdata, &status);
}

static void reserved_close(void *state)
{
    free(state);
}

const struct collector collector_reserved = {
    .name = "reserved",
    .slow = true,
    .period_ns = 60 * NS_PER_S,
    .open = reserved_open,
    .collect = reserved_collect,
    .status = reserved_status,
    .close = reserved_close,
};
