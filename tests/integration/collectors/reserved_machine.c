/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "reserved_machine.h"

#include "greend/units.h"

int begin(void **state)
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

int end(void **state)
{
    struct machine *machine = *state;
    collector_reserved.close(machine->collector);
    fixture_done(&machine->sys);
    fixture_done(&machine->proc);
    free(machine->sample);
    free(machine);
    return 0;
}

void put(const struct machine *machine, const char *hierarchy, const char *group, const char *file,
         const char *text)
{
    char path[2 * PATH_MAX];
    (void)snprintf(path, sizeof(path), "fs/cgroup%s/%s/%s", hierarchy, group, file);
    fixture_write(&machine->sys, path, text);
}

void put_number(const struct machine *machine, const char *hierarchy, const char *group,
                const char *file, uint64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%" PRIu64 "\n", number);
    put(machine, hierarchy, group, file, text);
}

void put_processes(struct machine *machine, const char *hierarchy, const char *group,
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

void put_v2(struct machine *machine, const char *group, int64_t mib, int weight, bool alive)
{
    static const uint32_t root[] = {0};
    put_processes(machine, "", group, root, alive);
    if (mib >= 0)
        put_number(machine, "", group, "memory.current", (uint64_t)mib * MIB);
    if (weight >= 0)
        put_number(machine, "", group, "cpu.weight", (uint64_t)weight);
}

void put_v1(struct machine *machine, const char *group, int64_t mib, int shares, bool alive)
{
    static const uint32_t root[] = {0};
    put_processes(machine, "/memory", group, root, alive);
    put_number(machine, "/memory", group, "memory.usage_in_bytes", (uint64_t)mib * MIB);
    if (shares >= 0)
        put_number(machine, "/cpu", group, "cpu.shares", (uint64_t)shares);
}

int collect(struct machine *machine)
{
    struct collector_env env = {.sysfs_fd = machine->sys.fd, .procfs_fd = machine->proc.fd};
    if (!machine->collector)
        assert_int_equal(collector_reserved.open(&env, &machine->collector), 0);
    int r = collector_reserved.collect(machine->collector, machine->sample);
    machine->set = machine->sample->reserved;
    return r;
}

const struct reserved_unit *find(const struct machine *machine, const char *name)
{
    for (size_t i = 0; i < machine->set->count; i++)
        if (str_equal(machine->set->units[i].cgroup.unit, name))
            return &machine->set->units[i];
    return NULL;
}

void expect(const struct machine *machine, const char *name, uint64_t mib, uint32_t ppb)
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

void expect_status(const struct machine *machine, const char *item, enum health health,
                   const char *why)
{
    struct asked asked = {item, {.health = HEALTHS}};
    collector_reserved.status(machine->collector, keep, &asked);
    assert_int_equal(asked.found.health, health);
    if (why && (!asked.found.why || !strstr(asked.found.why, why)))
        fail_msg("%s: %s", item, asked.found.why ? asked.found.why : "(nothing)");
}

void put_root_v2(struct machine *machine, const char *controllers)
{
    put(machine, "", ".", "cgroup.controllers", controllers);
    put(machine, "", ".", "cgroup.procs", "1\n2\n");
}

void put_host_v2(struct machine *machine)
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

void put_host_v1(struct machine *machine)
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
