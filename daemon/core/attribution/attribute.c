/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/attribute.h"

#include "core/attribution/split.h"

static uint64_t weight_of(const struct activity *activity)
{
    return add_saturated(activity->cpu_ns, activity->child_ns);
}

struct attribute_time attribute_time(const struct activity *activities, size_t n, uint64_t busy_ns)
{
    uint64_t used = 0;
    for (size_t i = 0; i < n; i++)
        used = add_saturated(used, weight_of(&activities[i]));
    /* /proc/stat is sampled by ticks and may say less than what processes are known to have used.
     */
    return (struct attribute_time){.busy_ns = MAX(used, busy_ns),
                                   .unattributed_ns = sub_saturated(busy_ns, used),
                                   .skew_ns = sub_saturated(used, busy_ns)};
}

static size_t groups_of(size_t n_entries)
{
    return (n_entries + RING_LANES - 1) / RING_LANES;
}

size_t attribute_records(size_t n_activities, size_t n_entries)
{
    return (n_activities + 3) * MAX(groups_of(n_entries), 1);
}

/* One line of the ledger: a workload's energy in each domain, pushed in groups of lanes. */
struct line {
    struct ring_energy record;
    uint64_t energy_uj[TOPOLOGY_DOMAINS_MAX];
};

/* Every line has the same number of records, so that a frame's length is known before it is pushed.
 */
static void push_line(struct ring *ring, const struct line *line, size_t n_entries)
{
    union ring_record record = {.energy = line->record};
    record.energy.type = RING_ENERGY;
    size_t first = 0;
    do {
        record.energy.first_domain = (uint16_t)first;
        for (size_t lane = 0; lane < RING_LANES; lane++)
            record.energy.energy_uj[lane] =
                first + lane < n_entries ? line->energy_uj[first + lane] : 0;
        ring_push(ring, &record);
        record.energy.cpu_ns = 0; /* told once */
        first += RING_LANES;
    } while (first < n_entries);
}

void attribute_push(struct ring *ring, const struct ledger_domain *domains, size_t n_entries,
                    const struct activity *activities, size_t n, const struct attribute_time *time)
{
    struct line idle = {.record.workload = ring_workload_id(RING_WORKLOAD_IDLE, 1)};
    struct line unattributed = {.record.workload = ring_workload_id(RING_WORKLOAD_UNATTRIBUTED, 1),
                                .record.cpu_ns = time->unattributed_ns};
    struct line unsplit = {.record.workload = ring_workload_id(RING_WORKLOAD_UNSPLIT, 1)};
    struct split splits[TOPOLOGY_DOMAINS_MAX];
    for (size_t i = 0; i < n_entries; i++) {
        const struct ledger_domain *domain = &domains[i];
        uint64_t dynamic_uj = domain->energy_uj - domain->idle_uj - domain->late_uj;
        splits[i] = split_begin(domain->summed ? dynamic_uj : 0, time->busy_ns);
        if (domain->summed)
            idle.energy_uj[i] = domain->idle_uj;
        else
            unsplit.energy_uj[i] = domain->energy_uj;
    }

    push_line(ring, &idle, n_entries);
    push_line(ring, &unsplit, n_entries);
    for (size_t i = 0; i < n; i++) {
        const struct activity *activity = &activities[i];
        struct line line = {
            .record = {.pid = activity->pid,
                       .start_ticks = activity->start_ticks,
                       .workload = activity->workload,
                       .cpu_ns = weight_of(activity)}
        };
        for (size_t entry = 0; entry < n_entries; entry++)
            line.energy_uj[entry] = split_next(&splits[entry], weight_of(activity));
        push_line(ring, &line, n_entries);
    }
    for (size_t i = 0; i < n_entries; i++) {
        if (domains[i].summed)
            unattributed.energy_uj[i] = split_rest(&splits[i]) + domains[i].late_uj;
    }
    push_line(ring, &unattributed, n_entries);
}
