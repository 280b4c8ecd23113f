/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <inttypes.h>

#include "collectors/reserved/reserved_walk.h"
#include "fixtures.h"
#include "greend/collector.h"
#include "greend/units.h"
#include "random.h"

extern const struct collector collector_reserved;

#define ID      "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970"
#define MANAGER "user.slice/user-1000.slice/user@1000.service"

enum { MIB = 1 << 20 };

struct machine {
    struct fixture sys;
    struct fixture proc;
    int32_t pid; /* the last that was given out */
    void *collector;
    struct sample *sample;
    const struct reserved_set *set; /* of the last reading, NULL: none */
};

static int begin(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    fixture_make(&machine->sys);
    fixture_make(&machine->proc);
    machine->sample = calloc(1, sizeof(*machine->sample));
    machine->pid = 100;
    *state = machine;
    return 0;
}

static int end(void **state)
{
    struct machine *machine = *state;
    collector_reserved.close(machine->collector);
    fixture_done(&machine->sys);
    fixture_done(&machine->proc);
    free(machine->sample);
    free(machine);
    return 0;
}

static void put(const struct machine *machine, const char *hierarchy, const char *group,
                const char *file, const char *text)
{
    char path[2 * PATH_MAX];
    (void)snprintf(path, sizeof(path), "fs/cgroup%s/%s/%s", hierarchy, group, file);
    fixture_write(&machine->sys, path, text);
}

static void put_number(const struct machine *machine, const char *hierarchy, const char *group,
                       const char *file, uint64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%" PRIu64 "\n", number);
    put(machine, hierarchy, group, file, text);
}

/* Processes of a group, one for each UID. */
static void put_processes(struct machine *machine, const char *hierarchy, const char *group,
                          const uint32_t *uids, size_t n)
{
    char text[4096] = "";
    for (size_t i = 0; i < n; i++) {
        char path[64], status[128];
        size_t length = strlen(text);
        (void)snprintf(text + length, sizeof(text) - length, "%d\n", ++machine->pid);
        (void)snprintf(path, sizeof(path), "%d/status", machine->pid);
        (void)snprintf(status, sizeof(status), "Name:\tx\nUid:\t%u\t0\t0\t0\n", uids[i]);
        fixture_write(&machine->proc, path, status);
    }
    put(machine, hierarchy, group, "cgroup.procs", text);
}

/* A group of v2 with a process of root where it is alive; weight -1: no file, as without the
 * controller. */
static void put_v2(struct machine *machine, const char *group, int64_t mib, int weight, bool alive)
{
    static const uint32_t root[] = {0};
    put_processes(machine, "", group, root, alive);
    if (mib >= 0)
        put_number(machine, "", group, "memory.current", (uint64_t)mib * MIB);
    if (weight >= 0)
        put_number(machine, "", group, "cpu.weight", (uint64_t)weight);
}

static void put_v1(struct machine *machine, const char *group, int64_t mib, int shares, bool alive)
{
    static const uint32_t root[] = {0};
    put_processes(machine, "/memory", group, root, alive);
    put_number(machine, "/memory", group, "memory.usage_in_bytes", (uint64_t)mib * MIB);
    if (shares >= 0)
        put_number(machine, "/cpu", group, "cpu.shares", (uint64_t)shares);
}

static int collect(struct machine *machine)
{
    struct collector_env env = {.sysfs_fd = machine->sys.fd, .procfs_fd = machine->proc.fd};
    if (!machine->collector)
        assert_int_equal(collector_reserved.open(&env, &machine->collector), 0);
    int r = collector_reserved.collect(machine->collector, machine->sample);
    machine->set = machine->sample->reserved;
    return r;
}

static const struct reserved_unit *find(const struct machine *machine, const char *name)
{
    for (size_t i = 0; i < machine->set->count; i++)
        if (str_equal(machine->set->units[i].cgroup.unit, name))
            return &machine->set->units[i];
    return NULL;
}

static void expect(const struct machine *machine, const char *name, uint64_t mib, uint32_t ppb)
{
    const struct reserved_unit *unit = find(machine, name);
    if (!unit)
        fail_msg("no unit %s", name);
    /* Brothers are rounded in the order of their folder. */
    if (unit->memory_kib != mib * 1024 || unit->weight_ppb + 1 < ppb || unit->weight_ppb > ppb + 1)
        fail_msg("%s: %" PRIu64 " KiB and %u ppb, expected %" PRIu64 " and %u", name,
                 unit->memory_kib, unit->weight_ppb, mib * 1024, ppb);
}

struct asked {
    const char *item;
    struct collector_status found;
};

static void keep(void *userdata, const struct collector_status *status)
{
    struct asked *asked = userdata;
    if (str_equal(status->item, asked->item))
        asked->found = *status;
}

static void expect_status(const struct machine *machine, const char *item, enum health health,
                          const char *why)
{
    struct asked asked = {item, {.health = HEALTHS}};
    collector_reserved.status(machine->collector, keep, &asked);
    assert_int_equal(asked.found.health, health);
    if (why && (!asked.found.why || !strstr(asked.found.why, why)))
        fail_msg("%s: %s", item, asked.found.why ? asked.found.why : "(nothing)");
}

/* ---- v2 ---- */

static void put_root_v2(struct machine *machine, const char *controllers)
{
    put(machine, "", ".", "cgroup.controllers", controllers);
    put(machine, "", ".", "cgroup.procs", "1\n2\n");
}

/* As systemd makes it: services below slices, most without a weight of their own. */
static void put_host_v2(struct machine *machine)
{
    put_root_v2(machine, "cpuset cpu io memory pids\n");
    put_v2(machine, "init.scope", 10, 100, true);
    put_v2(machine, "system.slice", 900, 100, false);
    put_v2(machine, "system.slice/postgresql.service", 600, -1, true);
    put_v2(machine, "system.slice/cron.service", 100, -1, true);
    put_v2(machine, "system.slice/done.service", 50, -1, false);
    put_v2(machine, "user.slice", 200, 200, false);
    put_v2(machine, "user.slice/user-1000.slice", 190, 100, false);
    put_v2(machine, MANAGER, 180, 100, false);
    put_v2(machine, MANAGER "/init.scope", 20, 100, true);
    put_v2(machine, MANAGER "/app.slice", 150, 100, false);
    put_v2(machine, MANAGER "/app.slice/firefox.service", 140, 300, true);
    put_v2(machine, MANAGER "/app.slice/empty.scope", 5, 100, false);
}

static void test_v2(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->time_ns > 0);
    assert_true(machine->set->memory_known);
    assert_true(machine->set->weight_known);
    /* 100 of 400 each for init and system, 200 for users; below, brothers without a weight are
     * equal. The manager holds what its application does not. */
    assert_int_equal(machine->set->count, 5);
    expect(machine, "init.scope", 10, 250000000);
    expect(machine, "postgresql.service", 600, 125000000);
    expect(machine, "cron.service", 100, 125000000);
    expect(machine, "user@1000.service", 40, 250000000);
    expect(machine, "firefox.service", 140, 250000000);
    assert_int_equal(find(machine, "firefox.service")->cgroup.owner, 1000);
    expect_status(machine, "", HEALTH_WORKING, NULL);
    expect_status(machine, "memory", HEALTH_WORKING, "cgroup v2");
    expect_status(machine, "CPU weight", HEALTH_WORKING, "cgroup v2");
}

/* A page is counted once, whatever is nested in what. */
static void test_nested(void **state)
{
    struct machine *machine = *state;
    put_root_v2(machine, "cpu memory\n");
    put_v2(machine, "system.slice", 1000, 100, false);
    /* A runtime that keeps its containers below itself; one of them died, and left 7 MiB. */
    put_v2(machine, "system.slice/docker.service", 900, 100, true);
    put_v2(machine, "system.slice/docker.service/docker", 800, 100, false);
    put_v2(machine, "system.slice/docker.service/docker/" ID, 500, 100, true);
    put_v2(machine, "system.slice/docker.service/docker/" ID "/payload", 400, 100, true);
    put_v2(machine, "system.slice/docker.service/docker/dead.service", 7, 100, false);
    /* The inner group was read a moment later and is larger than the outer one. */
    put_v2(machine, "system.slice/outer.service", 50, 100, true);
    put_v2(machine, "system.slice/outer.service/libpod-payload-" ID, 60, 100, true);
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, 4);
    uint32_t half = RESERVED_WEIGHT_ALL / 2, quarter = half / 2;
    /* docker.service's own processes stand beside its groups. */
    expect(machine, "docker.service", 400, quarter);
    expect(machine, "docker:" ID, 500, quarter);
    assert_true(machine->set->memory_known);
    const struct reserved_unit *outer = find(machine, "outer.service");
    assert_int_equal(outer->cgroup.kind, CGROUP_SERVICE);
    assert_int_equal(outer->memory_kib, 0);
    assert_int_equal(outer->weight_ppb, quarter);
}

/* Pods are made of groups that have the pod's name. */
static void test_pods(void **state)
{
    struct machine *machine = *state;
    static const char pod[] = "kubepods/burstable/pod1e597579-417e-482f-bf65-5fe170c3aebd";
    char group[512];
    put_root_v2(machine, "cpu memory\n");
    put_v2(machine, "kubepods", 300, 800, false);
    put_v2(machine, "kubepods/burstable", 290, 100, false);
    put_v2(machine, pod, 280, 100, false);
    (void)snprintf(group, sizeof(group), "%s/%s", pod, ID);
    put_v2(machine, group, 270, 4, true);
    put_v2(machine, "init.scope", 10, 200, true);
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, 2);
    expect(machine, "pod:1e597579-417e-482f-bf65-5fe170c3aebd", 280, 800000000);
    expect(machine, "init.scope", 10, 200000000);
}

/* ---- v1 and hybrid ---- */

static void put_host_v1(struct machine *machine)
{
    put(machine, "/memory", ".", "cgroup.procs", "1\n");
    put(machine, "/memory", ".", "memory.use_hierarchy", "1\n");
    put(machine, "/cpu", ".", "cgroup.procs", "1\n");
    put_v1(machine, "system.slice", 300, 1024, false);
    put_v1(machine, "system.slice/nginx.service", 100, 512, true);
    put_v1(machine, "system.slice/cron.service", 50, -1, true);
    put_v1(machine, "docker", 400, 2048, false);
    put_v1(machine, "docker/" ID, 390, 2, true);
}

static void test_v1(void **state)
{
    struct machine *machine = *state;
    put_host_v1(machine);
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known && machine->set->weight_known);
    assert_int_equal(machine->set->count, 3);
    expect(machine, "nginx.service", 100, 111111111);
    expect(machine, "cron.service", 50, 222222222);
    expect(machine, "docker:" ID, 390, 666666667);
    expect_status(machine, "memory", HEALTH_WORKING, "cgroup v1");
    expect_status(machine, "CPU weight", HEALTH_WORKING, "cgroup v1");
}

/* Memory in v1, the CPU controller in v2 with a part of the tree. */
static void test_hybrid(void **state)
{
    struct machine *machine = *state;
    put_host_v1(machine);
    put(machine, "/unified", ".", "cgroup.controllers", "cpu pids\n");
    put(machine, "/unified", ".", "cgroup.procs", "1\n");
    put_number(machine, "/unified", "system.slice", "cpu.weight", 100);
    put_number(machine, "/unified", "system.slice/nginx.service", "cpu.weight", 300);
    assert_int_equal(collect(machine), 0);
    expect(machine, "nginx.service", 100, 375000000);
    expect(machine, "cron.service", 50, 125000000);
    expect(machine, "docker:" ID, 390, 500000000);
    expect_status(machine, "CPU weight", HEALTH_WORKING, "cgroup v2");
}

/* ---- What is not known is not told ---- */

static void test_no_memory_controller(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    put_root_v2(machine, "cpu pids\n");
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    assert_true(machine->set->weight_known);
    expect(machine, "postgresql.service", 0, 125000000);
    expect_status(machine, "memory", HEALTH_ABSENT, "no memory controller");
    put_root_v2(machine, "memory\n");
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known);
    assert_false(machine->set->weight_known);
    expect(machine, "postgresql.service", 600, 0);
    expect_status(machine, "CPU weight", HEALTH_ABSENT, "no CPU controller");
}

/* On a hybrid host without it the tree is that of systemd. */
static void test_hybrid_without_memory(void **state)
{
    struct machine *machine = *state;
    static const uint32_t root[] = {0};
    put(machine, "/unified", ".", "cgroup.controllers", "\n");
    put(machine, "/systemd", ".", "cgroup.procs", "1\n");
    put(machine, "/cpu", ".", "cgroup.procs", "1\n");
    put_processes(machine, "/systemd", "system.slice/a.service", root, 1);
    put_processes(machine, "/systemd", "system.slice/b.service", root, 1);
    put_number(machine, "/cpu", "system.slice/a.service", "cpu.shares", 3072);
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    expect(machine, "a.service", 0, 750000000);
    expect(machine, "b.service", 0, 250000000);
}

/* What some units hold says nothing of their part of what all hold. */
static void test_units_without_the_controller(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    put_v2(machine, "batch.slice/night.service", -1, -1, true);
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    assert_int_equal(find(machine, "postgresql.service")->memory_kib, 0);
    expect_status(machine, "memory", HEALTH_DEGRADED, "not every unit");
    /* But what has none inside of a unit that has is counted there. */
    fixture_remove(&machine->sys, "fs/cgroup/batch.slice");
    fixture_remove(&machine->sys, "fs/cgroup/" MANAGER "/app.slice/firefox.service/memory.current");
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known);
    assert_int_equal(find(machine, "user@1000.service")->memory_kib, 180 * 1024);
    assert_int_equal(find(machine, "firefox.service")->memory_kib, 0);
}

static void test_flat(void **state)
{
    struct machine *machine = *state;
    put_host_v1(machine);
    put(machine, "/memory", ".", "memory.use_hierarchy", "0\n");
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    assert_true(machine->set->weight_known);
    expect_status(machine, "memory", HEALTH_DEGRADED, "use_hierarchy");
}

static void test_nothing(void **state)
{
    struct machine *machine = *state;
    assert_int_equal(collect(machine), COLLECT_NO_DATA);
    assert_null(machine->set);
    expect_status(machine, "", HEALTH_ABSENT, "no control groups");
    put_root_v2(machine, "cpu memory\n");
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, 0);
    assert_false(machine->set->memory_known || machine->set->weight_known);
    expect_status(machine, "memory", HEALTH_DEGRADED, "no unit has processes");
    collector_reserved.close(NULL);
}

/* ---- Whose processes ---- */

static void test_uids(void **state)
{
    struct machine *machine = *state;
    static const uint32_t cron[] = {1000, 1000, 1001, 0};
    static const uint32_t many[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const uint32_t late[] = {7, 7, 7, 7, 7, 7, 7, 7, 0};
    put_root_v2(machine, "cpu memory\n");
    put_v2(machine, "a.service", 1, 100, false);
    put_v2(machine, "b.service", 1, 100, false);
    put_v2(machine, "c.service", 1, 100, false);
    put_v2(machine, "c.service/worker", 1, 100, false);
    put_processes(machine, "", "a.service", cron, ARRAY_SIZE(cron));
    put_processes(machine, "", "b.service", many, ARRAY_SIZE(many));
    put_processes(machine, "", "c.service/worker", cron, 1);
    put_v2(machine, "f.service", 1, 100, false);
    put_processes(machine, "", "f.service", late, ARRAY_SIZE(late));
    put(machine, "", "d.service", "cgroup.procs", "0\n"); /* of another PID namespace */
    put(machine, "", "e.service", "cgroup.procs", "4000000\n");
    put_number(machine, "", "e.service", "memory.current", MIB);
    assert_int_equal(collect(machine), 0);
    const struct reserved_unit *unit = find(machine, "a.service");
    assert_int_equal(unit->n_uids, 3);
    assert_int_equal(unit->uids[0], 1000);
    assert_int_equal(unit->uids[2], 0);
    assert_int_equal(find(machine, "b.service")->n_uids, RESERVED_UIDS);
    assert_int_equal(find(machine, "c.service")->uids[0], 1000);
    assert_int_equal(find(machine, "f.service")->n_uids, 1); /* not all are asked */
    assert_null(find(machine, "d.service"));
    assert_int_equal(find(machine, "e.service")->n_uids, 0); /* just gone */
}

/* ---- Hostile trees ---- */

static void test_numbers_that_are_none(void **state)
{
    struct machine *machine = *state;
    static const char *const none[] = {"",
                                       "max\n",
                                       "-1\n",
                                       "12 34\n",
                                       "99999999999999999999\n",
                                       "x",
                                       "\n",
                                       "1e9\n",
                                       "18446744073709551615\n"};
    for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
        put_host_v2(machine);
        put(machine, "", "system.slice/cron.service", "memory.current", none[i]);
        assert_int_equal(collect(machine), 0);
        assert_false(machine->set->memory_known);
        assert_true(machine->set->weight_known);
        expect_status(machine, "memory", HEALTH_FAILED, "no number");
        put_host_v2(machine);
        put(machine, "", "user.slice", "cpu.weight", none[i]);
        assert_int_equal(collect(machine), 0);
        assert_true(machine->set->memory_known);
        assert_false(machine->set->weight_known);
        expect_status(machine, "CPU weight", HEALTH_FAILED, "none");
    }
}

static void test_shares(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        bool v2;
        int result;
        uint32_t shares;
    } cases[] = {
        {100,    true,  0,       1024  },
        {1,      true,  0,       10    },
        {10000,  true,  0,       102400},
        {0,      true,  0,       3     },
        {10001,  true,  -ERANGE, 0     },
        {1024,   false, 0,       1024  },
        {2,      false, 0,       2     },
        {262144, false, 0,       262144},
        {262145, false, -ERANGE, 0     },
        {1,      false, -ERANGE, 0     },
        {0,      false, -ERANGE, 0     },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t shares = 0;
        assert_int_equal(reserved_parse_shares(cases[i].value, cases[i].v2, &shares),
                         cases[i].result);
        assert_int_equal(shares, cases[i].shares);
    }
}

/* Links that lead back, pipes, folders where files are expected, names of any bytes. */
static void test_strange_files(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    fixture_link(&machine->sys, "fs/cgroup/system.slice/loop.service", "..");
    fixture_fifo(&machine->sys, "fs/cgroup/system.slice/pipe.service/memory.current");
    fixture_fifo(&machine->sys, "fs/cgroup/system.slice/pipe.service/cgroup.procs");
    fixture_write(&machine->sys, "fs/cgroup/system.slice/a\n\x1b[2J.service/cgroup.procs", "x\n");
    fixture_write(&machine->sys, "fs/cgroup/system.slice/f.service/cgroup.procs/file", "1\n");
    assert_int_equal(collect(machine), 0);
    assert_null(find(machine, "loop.service"));
    assert_null(find(machine, "pipe.service"));
    assert_int_equal(machine->set->count, 5);
    assert_true(machine->set->weight_known);
}

/* A person may make groups as he likes: they cost his own unit its parts, and nobody else. */
static void test_a_crowd_of_groups(void **state)
{
    struct machine *machine = *state;
    char group[256];
    put_host_v2(machine);
    for (int i = 0; i < 260; i++) {
        (void)snprintf(group, sizeof(group), MANAGER "/app.slice/x%d.scope", i);
        put(machine, "", group, "cgroup.procs", "101\n");
    }
    for (int i = 0; i < 3 * 260; i++) { /* more than there is room for units */
        (void)snprintf(group, sizeof(group), "user.slice/user-%d.slice/session-1.scope",
                       2000 + i % 3);
        put_number(machine, "", group, "memory.current", 0);
        (void)snprintf(group, sizeof(group),
                       "user.slice/user-%d.slice/session-1.scope/docker/%064x", 2000 + i % 3,
                       (unsigned)i);
        put(machine, "", group, "cgroup.procs", "101\n");
    }
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known && machine->set->weight_known);
    expect(machine, "postgresql.service", 600, 125000000);
    uint64_t kib = 0, ppb = 0;
    for (size_t i = 0; i < machine->set->count; i++) {
        assert_int_not_equal(machine->set->units[i].cgroup.kind, CGROUP_NONE);
        if (machine->set->units[i].cgroup.kind != CGROUP_USER)
            continue;
        kib += machine->set->units[i].memory_kib;
        ppb += machine->set->units[i].weight_ppb;
    }
    assert_int_equal(kib, 180 * 1024);
    assert_in_range(ppb, RESERVED_WEIGHT_ALL / 2 - 10, RESERVED_WEIGHT_ALL / 2);
    assert_true(machine->set->count < 20);
}

static void test_a_deep_tree(void **state)
{
    struct machine *machine = *state;
    char group[2048] = "system.slice/deep.service";
    put_host_v2(machine);
    put_v2(machine, group, 64, 100, true);
    while (strlen(group) < 900) {
        (void)strcat(group, "/abcdefghijklmnopqrs");
        put_v2(machine, group, 60, 100, true);
    }
    assert_int_equal(collect(machine), 0);
    expect(machine, "deep.service", 64, 83333334);
    assert_true(machine->set->memory_known);
}

/* Below so many slices nobody looks for units, and then nobody knows what all of them have. */
static void test_deep_slices(void **state)
{
    struct machine *machine = *state;
    char group[512] = "a.slice";
    put_host_v2(machine);
    for (int i = 0; i < 30; i++)
        (void)strcat(group, "/a.slice");
    (void)strcat(group, "/deep.service");
    put_v2(machine, group, 1, 100, true);
    assert_int_equal(collect(machine), 0);
    assert_null(find(machine, "deep.service"));
    assert_false(machine->set->memory_known || machine->set->weight_known);
    expect_status(machine, "memory", HEALTH_DEGRADED, "more control groups");
    expect_status(machine, "CPU weight", HEALTH_DEGRADED, "more control groups");
}

/* More units than there is room for: the others are one. */
static void test_many_units(void **state)
{
    struct machine *machine = *state;
    char group[256];
    put_root_v2(machine, "cpu memory\n");
    for (int i = 0; i < RESERVED_UNITS_MAX + 30; i++) {
        (void)snprintf(group, sizeof(group), "system.slice/u%d.service", i);
        put(machine, "", group, "cgroup.procs", "101\n");
        put_number(machine, "", group, "memory.current", 2 * MIB);
    }
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, RESERVED_UNITS_MAX);
    assert_true(machine->set->memory_known && machine->set->weight_known);
    uint64_t kib = 0, ppb = 0;
    for (size_t i = 0; i < machine->set->count; i++) {
        kib += machine->set->units[i].memory_kib;
        ppb += machine->set->units[i].weight_ppb;
    }
    assert_int_equal(kib, (RESERVED_UNITS_MAX + 30) * 2048);
    assert_int_equal(ppb, RESERVED_WEIGHT_ALL);
    const struct reserved_unit *rest = &machine->set->units[RESERVED_UNITS_MAX - 1];
    assert_int_equal(rest->cgroup.kind, CGROUP_NONE);
    assert_int_equal(rest->memory_kib, 31 * 2048);
}

/* ---- The sums ---- */

static void grow(struct random *random, struct reserved_node *nodes, size_t n, size_t units)
{
    nodes[0] = (struct reserved_node){.memory = UINT64_MAX};
    for (size_t i = 1; i < n; i++) {
        struct reserved_node *node = &nodes[i];
        *node = (struct reserved_node){.parent = (uint16_t)random_below(random, i)};
        node->processes = random_below(random, 3) == 0;
        node->shares = (uint32_t)random_below(random, 3) * 700;
        uint16_t above = nodes[node->parent].unit;
        node->unit = above;
        if (above == 0)
            node->unit = (uint16_t)random_below(random, units + 1);
        else if (random_below(random, 4) == 0)
            node->unit = (uint16_t)(1 + random_below(random, units));
        node->memory = random_below(random, UINT64_C(1) << 33);
    }
    /* A group holds what those below it hold, and more. */
    for (size_t i = n; i-- > 1;)
        if (nodes[i].parent != 0)
            nodes[nodes[i].parent].memory += nodes[i].memory;
}

/* What all units hold is what the topmost groups of units hold, whatever the tree. */
static void test_sums(void **state)
{
    (void)state;
    enum { NODES = 60, UNITS = 20 };
    struct random random = random_seeded();
    struct reserved_set *set = calloc(1, sizeof(*set));
    assert_non_null(set);
    for (int round = 0; round < 5000; round++) {
        struct reserved_node nodes[NODES];
        size_t n = 1 + random_below(&random, NODES);
        bool there[UNITS + 1] = {false}, everyone = true;
        grow(&random, nodes, n, UNITS);
        *set = (struct reserved_set){.memory_known = true, .weight_known = true, .count = UNITS};
        for (size_t i = 1; i < n; i++)
            there[nodes[i].unit] |= nodes[i].processes;
        uint64_t kib = 0, alive = 0;
        for (size_t i = 1; i < n; i++) {
            bool covered = false;
            for (size_t at = i; at != 0; at = nodes[at].parent)
                covered |= at != i && nodes[at].unit != 0 && there[nodes[at].unit];
            if (nodes[i].unit != 0 && there[nodes[i].unit] && !covered)
                kib += nodes[i].memory / 1024;
            if (covered && random_below(&random, 5) == 0)
                nodes[i].memory = UINT64_MAX; /* no controller there */
            alive += nodes[i].processes;
            everyone = everyone && (!nodes[i].processes || nodes[i].unit != 0);
        }
        reserved_tally(nodes, n, set);
        uint64_t sum_kib = 0, ppb = 0;
        for (size_t i = 0; i < set->count; i++) {
            sum_kib += set->units[i].memory_kib;
            ppb += set->units[i].weight_ppb;
        }
        assert_in_range(sum_kib, kib, kib + NODES); /* each is rounded to a KiB */
        if (alive > 0 && everyone)
            assert_int_equal(ppb, RESERVED_WEIGHT_ALL);
        assert_true(ppb <= RESERVED_WEIGHT_ALL);
    }
    free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_v2, begin, end),
        cmocka_unit_test_setup_teardown(test_nested, begin, end),
        cmocka_unit_test_setup_teardown(test_pods, begin, end),
        cmocka_unit_test_setup_teardown(test_v1, begin, end),
        cmocka_unit_test_setup_teardown(test_hybrid, begin, end),
        cmocka_unit_test_setup_teardown(test_no_memory_controller, begin, end),
        cmocka_unit_test_setup_teardown(test_hybrid_without_memory, begin, end),
        cmocka_unit_test_setup_teardown(test_units_without_the_controller, begin, end),
        cmocka_unit_test_setup_teardown(test_flat, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_uids, begin, end),
        cmocka_unit_test_setup_teardown(test_numbers_that_are_none, begin, end),
        cmocka_unit_test_setup_teardown(test_strange_files, begin, end),
        cmocka_unit_test_setup_teardown(test_a_crowd_of_groups, begin, end),
        cmocka_unit_test_setup_teardown(test_a_deep_tree, begin, end),
        cmocka_unit_test_setup_teardown(test_deep_slices, begin, end),
        cmocka_unit_test_setup_teardown(test_many_units, begin, end),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
