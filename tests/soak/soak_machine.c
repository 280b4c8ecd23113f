/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "soak/soak_machine.h"

#include <math.h>

/* 1 January 2027, 00:00 UTC. */
static const int64_t begin_s = INT64_C(1798761600);

/* Ranges of real machines. max_power_uw is what the collector makes of the declared limit. */
static const struct meter meters[SOAK_ZONES] = {
    {.key = "intel-rapl/package-0",
     .domain = "package-0",
     .kind = DOMAIN_PACKAGE,
     .form = METER_COUNTER,
     .package = 0,
     .die = -1,
     .range_uj = UINT64_C(262143328850),
     .max_power_uw = UINT64_C(410000000)},
    {.key = "intel-rapl/package-1",
     .domain = "package-1",
     .kind = DOMAIN_PACKAGE,
     .form = METER_COUNTER,
     .package = 1,
     .die = -1,
     .range_uj = UINT64_C(262143328850),
     .max_power_uw = UINT64_C(410000000)},
    {.key = "intel-rapl/package-0/dram",
     .domain = "dram-0",
     .kind = DOMAIN_DRAM,
     .form = METER_COUNTER,
     .package = 0,
     .die = -1,
     .range_uj = UINT64_C(65712999613),
     .max_power_uw = UINT64_C(100000000)},
};

/* Of each zone, in W: at rest, and more at full load. */
static const double rest_w[SOAK_ZONES] = {28, 24, 6}, load_w[SOAK_ZONES] = {70, 65, 14};

static void spawn(struct soak_machine *machine, size_t place)
{
    static const char *const commands[] = {"bash", "python3", "make", "vim"};
    struct soak_process *process = &machine->processes[place];
    *process = (struct soak_process){.day = place >= 5};
    struct process_identity *identity = &process->identity;
    uint64_t number = ++machine->spawned;
    identity->pid = (int32_t)(100 + number % 30000);
    identity->start_ticks = number;
    struct cgroup_identity *cgroup = &identity->cgroup;
    cgroup->owner = UINT32_MAX;
    if (place < 5) {
        cgroup->kind = CGROUP_SERVICE;
        (void)snprintf(cgroup->unit, sizeof(cgroup->unit), "service-%zu.service", place);
        (void)snprintf(identity->comm, sizeof(identity->comm), "daemon-%zu", place);
    } else if (place < 9) {
        cgroup->kind = CGROUP_USER;
        cgroup->owner = identity->uid = (uint32_t)(1000 + number % 7);
        (void)snprintf(cgroup->unit, sizeof(cgroup->unit), "session-%u.scope", (unsigned)number);
        (void)str_copy(identity->comm, sizeof(identity->comm),
                       commands[number % ARRAY_SIZE(commands)]);
    } else if (place < 12) {
        cgroup->kind = CGROUP_CONTAINER;
        (void)snprintf(cgroup->unit, sizeof(cgroup->unit), "docker:%016llx%016llx%016llx%016llx",
                       (unsigned long long)random_mix(number), 0ULL, 0ULL, 0ULL);
        (void)str_copy(identity->comm, sizeof(identity->comm), "java");
    } else {
        cgroup->kind = CGROUP_SERVICE;
        (void)snprintf(cgroup->unit, sizeof(cgroup->unit), "run-r%016llx.service",
                       (unsigned long long)random_mix(number));
        (void)str_copy(identity->comm, sizeof(identity->comm), "backup");
    }
}

static void begin_counters(struct soak_machine *machine)
{
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        struct soak_zone *zone = &machine->zones[i];
        zone->failing = false;
        zone->count_uj = random_below(&machine->random, soak_period_uj(&zone->meter));
    }
}

void soak_machine_init(struct soak_machine *machine, uint64_t seed)
{
    *machine = (struct soak_machine){.random = random_begin("soak", seed),
                                     .mono_ns = 20 * NS_PER_S,
                                     .real_ns = begin_s * (int64_t)NS_PER_S,
                                     .boots = 1};
    for (size_t i = 0; i < SOAK_ZONES; i++)
        machine->zones[i].meter = meters[i];
    begin_counters(machine);
    for (size_t i = 0; i < SOAK_PROCESSES; i++)
        spawn(machine, i);
}

static void use(struct soak_zone *zone, uint64_t energy_uj)
{
    uint64_t period_uj = soak_period_uj(&zone->meter);
    zone->true_uj += energy_uj;
    uint64_t sum_uj = zone->count_uj + energy_uj;
    zone->wraps += sum_uj / period_uj;
    zone->count_uj = sum_uj % period_uj;
}

/* Little at night, most in the afternoon, less at weekends. */
static double load_at(const struct soak_machine *machine)
{
    double day = (double)machine->elapsed_ns / 86400e9;
    double working = fmod(day, 7) < 5 ? 1 : 0.4;
    return 0.05 + working * 0.8 * pow(sin(M_PI * fmod(day, 1)), 4);
}

void soak_machine_run(struct soak_machine *machine, uint64_t time_ns)
{
    machine->elapsed_ns += time_ns;
    machine->mono_ns += time_ns;
    machine->real_ns += (int64_t)time_ns;
    machine->load = load_at(machine) * (0.8 + 0.2 * random_unit(&machine->random));
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        double power_w = rest_w[i] + load_w[i] * machine->load;
        use(&machine->zones[i],
            (uint64_t)(power_w * (double)time_ns / 1e3) + random_below(&machine->random, 1000));
    }
}

void soak_machine_sleep(struct soak_machine *machine, uint64_t time_ns, bool clears_counters)
{
    machine->elapsed_ns += time_ns;
    machine->asleep_ns += time_ns;
    machine->real_ns += (int64_t)time_ns;
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        use(&machine->zones[i], time_ns / 1000);
        if (clears_counters)
            machine->zones[i].count_uj = 0;
    }
}

void soak_machine_boot(struct soak_machine *machine, uint64_t off_ns)
{
    soak_machine_run(machine, off_ns / 3); /* going down and coming up */
    machine->elapsed_ns += off_ns;
    machine->real_ns += (int64_t)off_ns;
    machine->mono_ns = 20 * NS_PER_S + random_below(&machine->random, NS_PER_S);
    machine->asleep_ns = 0;
    machine->boots++;
    begin_counters(machine);
    for (size_t i = 0; i < SOAK_PROCESSES; i++)
        spawn(machine, i);
}

size_t soak_machine_churn(struct soak_machine *machine)
{
    size_t place = 5 + random_index(&machine->random, SOAK_PROCESSES - 5);
    spawn(machine, place);
    return place;
}

void soak_machine_read(struct soak_machine *machine)
{
    struct meter_set *set = &machine->sample.meters;
    set->count = SOAK_ZONES;
    set->boottime_ns = machine->mono_ns + machine->asleep_ns;
    set->asleep_ns = machine->asleep_ns;
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        const struct soak_zone *zone = &machine->zones[i];
        set->meters[i] = zone->meter;
        set->readings[i] = zone->failing ? (struct meter_reading){.error = -EIO}
                                         : (struct meter_reading){.time_ns = machine->mono_ns,
                                                                  .value = zone->count_uj};
    }
}

void soak_machine_work(struct soak_machine *machine, uint64_t time_ns)
{
    struct sample *sample = &machine->sample;
    uint64_t sum_ns = 0;
    size_t n = 0;
    for (size_t i = 0; i < SOAK_PROCESSES; i++) {
        const struct soak_process *process = &machine->processes[i];
        double share =
            (process->day ? machine->load : 0.1) * SOAK_CPUS / SOAK_PROCESSES / (double)(1 + i % 3);
        uint64_t cpu_ns = (uint64_t)(share * (double)time_ns * random_unit(&machine->random));
        if (cpu_ns < time_ns / 50 || !process->interned)
            continue;
        sum_ns += cpu_ns;
        machine->activities[n++] = (struct activity){.pid = process->identity.pid,
                                                     .last_cpu = (int32_t)(i % SOAK_CPUS),
                                                     .start_ticks = process->identity.start_ticks,
                                                     .workload = process->workload,
                                                     .threads = 1,
                                                     .package = (int16_t)(i % 2),
                                                     .cpu_ns = cpu_ns};
    }
    sample->activities = machine->activities;
    sample->n_activities = n;
    sample->n_processes = SOAK_PROCESSES;
    uint64_t busy_ns = sum_ns + sum_ns / 50;
    sample->busy = (struct busy){
        .busy_ns = busy_ns,
        .elapsed_ns = time_ns,
        .cpus = SOAK_CPUS,
        .packages = 2,
        .package_cpus = {SOAK_CPUS / 2, SOAK_CPUS / 2        },
        .package_busy_ns = {busy_ns / 2,   busy_ns - busy_ns / 2}
    };
}
