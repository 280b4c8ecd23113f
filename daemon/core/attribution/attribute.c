/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/attribute.h"

#include "core/attribution/split.h"
#include "core/attribution/uncertainty.h"

/* /proc/stat counts in steps of 10 ms; two of them. */
static const uint64_t stat_step_ns = 20 * NS_PER_MS;

/* Children that were reaped now could have been counted long ago, or in the last moment: as much
 * time can be told too late as was told now, and in the next intervals, less and less. */
static void bound_balance(struct attribute_balance *balance, uint64_t child_ns)
{
    balance->most_ns = MAX(MAX(child_ns, balance->most_ns - balance->most_ns / 8), stat_step_ns);
}

struct attribute_time attribute_time(const struct activity *activities, size_t n, uint64_t busy_ns,
                                     struct attribute_balance *balance)
{
    uint64_t used = 0, child_ns = 0;
    for (size_t i = 0; i < n; i++) {
        used = add_saturated(used, activity_time_ns(&activities[i]));
        child_ns = add_saturated(child_ns, activities[i].child_ns);
    }
    bound_balance(balance, child_ns);
    /* What was told early is not unattributed when /proc/stat comes to count it. */
    uint64_t missing_ns = sub_saturated(busy_ns, used);
    uint64_t known_ns = MIN(missing_ns, balance->early_ns);
    uint64_t early_ns = add_saturated(balance->early_ns - known_ns, sub_saturated(used, busy_ns));
    balance->early_ns = MIN(early_ns, balance->most_ns);
    uint64_t unattributed_ns = missing_ns - known_ns;
    return (struct attribute_time){.busy_ns = add_saturated(used, unattributed_ns),
                                   .unattributed_ns = unattributed_ns,
                                   .skew_ns = early_ns - balance->early_ns};
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

/* How sure the lanes of one record are. */
static uint32_t codes_of(const struct line *line, const struct ledger_domain *domains, size_t first,
                         size_t n_entries, const struct division *division)
{
    uint32_t codes = 0;
    for (size_t lane = 0; lane < RING_LANES && first + lane < n_entries; lane++) {
        const struct ledger_domain *domain = &domains[first + lane];
        if (domain->summed && line->energy_uj[first + lane] > 0)
            codes |= division_code(division, domain->number, line->record.workload)
                     << (lane * UNCERTAINTY_BITS);
    }
    return codes;
}

/* Every line has the same number of records, so that a frame's length is known before it is pushed.
 */
static void push_line(struct ring *ring, const struct line *line,
                      const struct ledger_domain *domains, size_t n_entries,
                      const struct division *division)
{
    union ring_record record = {.energy = line->record};
    record.energy.type = RING_ENERGY;
    size_t first = 0;
    do {
        record.energy.first_domain = (uint16_t)first;
        record.energy.uncertainty = codes_of(line, domains, first, n_entries, division);
        for (size_t lane = 0; lane < RING_LANES; lane++)
            record.energy.energy_uj[lane] =
                first + lane < n_entries ? line->energy_uj[first + lane] : 0;
        ring_push(ring, &record);
        record.energy.cpu_ns = 0; /* told once */
        first += RING_LANES;
    } while (first < n_entries);
}

/* Weights of all who used CPU time, known or not. */
static uint64_t total_weight(const struct division *division, size_t number,
                             const struct division_frame *frame)
{
    uint64_t sum = division_weight(division, number, NULL, frame->unknown_ns);
    for (size_t i = 0; i < frame->n_activities; i++)
        sum += division_weight(division, number, &frame->activities[i],
                               activity_time_ns(&frame->activities[i]));
    return sum;
}

static void begin_splits(struct split *splits, const struct ledger_domain *domains,
                         size_t n_entries, const struct division *division,
                         const struct division_frame *frame)
{
    for (size_t i = 0; i < n_entries; i++) {
        const struct ledger_domain *domain = &domains[i];
        splits[i] = split_begin(0, 1);
        if (domain->summed)
            splits[i] = split_begin(domain->energy_uj - domain->idle_uj - domain->late_uj,
                                    total_weight(division, domain->number, frame));
    }
}

static void push_activity(struct ring *ring, const struct activity *activity, struct split *splits,
                          const struct ledger_domain *domains, size_t n_entries,
                          const struct division *division)
{
    struct line line = {
        .record = {.pid = activity->pid,
                   .start_ticks = activity->start_ticks,
                   .workload = activity->workload,
                   .cpu_ns = activity_time_ns(activity)}
    };
    for (size_t i = 0; i < n_entries; i++) {
        if (domains[i].summed)
            line.energy_uj[i] =
                split_next(&splits[i], division_weight(division, domains[i].number, activity,
                                                       line.record.cpu_ns));
    }
    push_line(ring, &line, domains, n_entries, division);
}

void attribute_push(struct ring *ring, const struct ledger_domain *domains, size_t n_entries,
                    const struct division *division, const struct division_frame *frame)
{
    struct line idle = {.record.workload = ring_workload_id(RING_WORKLOAD_IDLE, 1)};
    struct line unattributed = {.record.workload = ring_workload_id(RING_WORKLOAD_UNATTRIBUTED, 1),
                                .record.cpu_ns = frame->unknown_ns};
    struct line unsplit = {.record.workload = ring_workload_id(RING_WORKLOAD_UNSPLIT, 1)};
    struct split splits[TOPOLOGY_DOMAINS_MAX];
    begin_splits(splits, domains, n_entries, division, frame);
    for (size_t i = 0; i < n_entries; i++) {
        if (domains[i].summed)
            idle.energy_uj[i] = domains[i].idle_uj;
        else
            unsplit.energy_uj[i] = domains[i].energy_uj;
    }

    push_line(ring, &idle, domains, n_entries, division);
    push_line(ring, &unsplit, domains, n_entries, division);
    for (size_t i = 0; i < frame->n_activities; i++)
        push_activity(ring, &frame->activities[i], splits, domains, n_entries, division);
    for (size_t i = 0; i < n_entries; i++) {
        if (domains[i].summed)
            unattributed.energy_uj[i] = split_rest(&splits[i]) + domains[i].late_uj;
    }
    push_line(ring, &unattributed, domains, n_entries, division);
}
