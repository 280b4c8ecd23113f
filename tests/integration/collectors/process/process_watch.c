/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "process_watch.h"

static uint32_t watch_identify(void *userdata, const struct process_identity *identity)
{
    struct watch *watch = userdata;
    assert_true(watch->n_identities < WATCH_IDENTITIES_MAX);
    watch->identities[watch->n_identities] = (struct watch_identity){
        .identity = *identity,
        .session = watch->env.live_procfs && identity->pid ? getsid(identity->pid) : -1,
    };
    return (uint32_t)watch->n_identities++;
}

static void watch_release(void *userdata, uint32_t workload)
{
    struct watch *watch = userdata;
    assert_true(workload < watch->n_identities);
    assert_false(watch->identities[workload].released);
    watch->identities[workload].released = true;
}

struct watch *watch_open(int procfs_fd, bool live)
{
    return watch_open_exits(procfs_fd, live, false);
}

struct watch *watch_open_exits(int procfs_fd, bool live, bool exits)
{
    return watch_open_groups(procfs_fd, live, exits, -1);
}

struct watch *watch_open_groups(int procfs_fd, bool live, bool exits, int sysfs_fd)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    assert_non_null(watch);
    watch->env = (struct collector_env){
        .sysfs_fd = sysfs_fd,
        .procfs_fd = procfs_fd,
        .live_procfs = live,
        .live_sysfs = sysfs_fd >= 0,
        .exits = exits,
        .identify = watch_identify,
        .release = watch_release,
        .userdata = watch,
    };
    assert_int_equal(collector_process.open(&watch->env, &watch->state), 0);
    return watch;
}

void watch_close(struct watch *watch)
{
    collector_process.close(watch->state);
    for (size_t i = 0; i < watch->n_identities; i++)
        assert_true(watch->identities[i].released);
    close_fd_p(&watch->env.procfs_fd);
    close_fd_p(&watch->env.sysfs_fd);
    free(watch);
}

static void remember(struct watch *watch, const struct activity *activity)
{
    struct watch_told *told = watch->told;
    while (told < watch->told + watch->n_told &&
           (told->pid != activity->pid || told->start_ticks != activity->start_ticks ||
            (told->pid == 0 && told->workload != activity->workload)))
        told++;
    if (told == watch->told + watch->n_told) {
        assert_true(watch->n_told < WATCH_TOLD_MAX);
        watch->n_told++;
        *told = (struct watch_told){.pid = activity->pid, .start_ticks = activity->start_ticks};
    }
    told->workload = activity->workload;
    told->cpu_ns += activity->cpu_ns;
    told->child_ns += activity->child_ns;
}

int watch_collect(struct watch *watch)
{
    int r = collector_process.collect(watch->state, &watch->sample);
    for (size_t i = 0; i < watch->sample.n_activities; i++) {
        const struct activity *activity = &watch->sample.activities[i];
        assert_true(activity->cpu_ns + activity->child_ns > 0);
        assert_true(activity->workload < watch->n_identities);
        assert_false(watch->identities[activity->workload].released);
        remember(watch, activity);
    }
    return r;
}

const struct activity *watch_activity(const struct watch *watch, int32_t pid)
{
    for (size_t i = 0; i < watch->sample.n_activities; i++) {
        if (watch->sample.activities[i].pid == pid)
            return &watch->sample.activities[i];
    }
    return NULL;
}

uint64_t watch_cpu_ns(const struct watch *watch, int32_t pid)
{
    uint64_t sum_ns = 0;
    for (size_t i = 0; i < watch->n_told; i++)
        sum_ns += watch->told[i].pid == pid ? watch->told[i].cpu_ns : 0;
    return sum_ns;
}

uint64_t watch_child_ns(const struct watch *watch, int32_t pid)
{
    uint64_t sum_ns = 0;
    for (size_t i = 0; i < watch->n_told; i++)
        sum_ns += watch->told[i].pid == pid ? watch->told[i].child_ns : 0;
    return sum_ns;
}

uint64_t watch_session_ns(const struct watch *watch, pid_t session)
{
    uint64_t sum_ns = 0;
    for (size_t i = 0; i < watch->n_told; i++) {
        const struct watch_told *told = &watch->told[i];
        if (watch->identities[told->workload].session == session)
            sum_ns += told->cpu_ns + told->child_ns;
    }
    return sum_ns;
}

uint64_t watch_unit_ns(const struct watch *watch, const char *unit, const char *command)
{
    uint64_t sum_ns = 0;
    for (size_t i = 0; i < watch->n_told; i++) {
        const struct watch_told *told = &watch->told[i];
        const struct process_identity *identity = &watch->identities[told->workload].identity;
        if (str_equal(identity->cgroup.unit, unit) &&
            (!command || str_equal(identity->comm, command)))
            sum_ns += told->cpu_ns + told->child_ns;
    }
    return sum_ns;
}

const struct watch_identity *watch_identity(const struct watch *watch, int32_t pid)
{
    for (size_t i = watch->n_identities; i > 0; i--) {
        if (watch->identities[i - 1].identity.pid == pid)
            return &watch->identities[i - 1];
    }
    return NULL;
}

struct wanted {
    const char *item;
    enum health health;
};

static void compare_item(void *userdata, const struct collector_status *status)
{
    struct wanted *wanted = userdata;
    assert_true(status->health == HEALTH_WORKING || status->why != NULL);
    if (str_equal(status->item, wanted->item))
        wanted->health = status->health;
}

enum health watch_health(const struct watch *watch, const char *item)
{
    struct wanted wanted = {item, HEALTHS};
    collector_process.status(watch->state, compare_item, &wanted);
    return wanted.health;
}
