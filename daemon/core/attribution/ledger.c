/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/ledger.h"

#include "core/attribution/attribute.h"
#include "core/attribution/ledger_entries.h"
#include "core/attribution/reserve.h"
#include "greend/units.h"

/* The clocks and the meters of one tick are read within this. */
#define SKEW_NS (100 * NS_PER_MS)

void ledger_init(struct ledger *ledger, struct ring *ring, const uint8_t boot_id[16],
                 uint64_t stale_ns)
{
    ledger->ring = ring;
    ledger->stale_ns = stale_ns;
    memcpy(ledger->boot_id, boot_id, sizeof(ledger->boot_id));
    metering_init(&ledger->metering, stale_ns);
    topology_init(&ledger->topology);
}

void ledger_done(struct ledger *ledger)
{
    division_done(&ledger->division);
}

/* ---- What estimators have learned ---- */

void ledger_recall(struct ledger *ledger, const struct learned *learned)
{
    division_recall(&ledger->division, learned);
}

void ledger_name(struct ledger *ledger, uint32_t slot, const struct workload *workload)
{
    division_name(&ledger->division, slot, workload);
}

void ledger_keep(const struct ledger *ledger, struct learned *ret)
{
    division_keep(&ledger->division, &ledger->result, ret);
}

/* ---- A tick ---- */

static uint32_t busy_ppm(const struct busy *busy)
{
    uint64_t capacity = mul_div(busy->elapsed_ns, busy->cpus, 1);
    return (uint32_t)MIN(mul_div(busy->busy_ns, PPM, capacity ? capacity : 1), PPM);
}

/* What the frame says of its time. */
struct frame_time {
    uint64_t interval_ns;
    uint64_t gap_ns;
};

/* Adds what domain i of the topology gave in this tick to an entry. */
static void tell(struct ledger *ledger, size_t i, uint16_t entry)
{
    const struct domain_energy *domain = &ledger->result.domains[i];
    struct ledger_domain *sum = &ledger->domains[entry];
    sum->uncertainty_ppm = sum->members == 0 ? domain->uncertainty_ppm
                           : sum->uncertainty_ppm == 0 || domain->uncertainty_ppm == 0
                               ? 0
                               : MAX(sum->uncertainty_ppm, domain->uncertainty_ppm);
    if (sum->members++ == 0)
        sum->number = i;
    sum->present |= domain->present;
    sum->summed = domain->summed;
    sum->energy_uj = add_saturated(sum->energy_uj, domain->energy_uj);
    sum->late_uj = add_saturated(sum->late_uj, MIN(domain->late_uj, domain->energy_uj));
    sum->interval_ns = MAX(sum->interval_ns, domain->interval_ns);
    sum->gap_ns = MAX(sum->gap_ns, domain->gap_ns);
}

/* Fills ledger->domains by entry; returns how many entries there are. */
static size_t fill_domains(struct ledger *ledger, struct frame_time *time)
{
    memset(ledger->domains, 0, sizeof(ledger->domains));
    time->gap_ns = ledger->result.gap_ns;
    for (size_t i = 0; i < ledger->result.n_domains; i++) {
        const struct domain_energy *domain = &ledger->result.domains[i];
        if (domain->begun) {
            ledger->entry_of_domain[i] = 0;
            division_forget(&ledger->division, i);
        }
        uint16_t entry = ledger_domain_entry(ledger, i);
        if (entry == TOPOLOGY_DOMAINS_MAX) {
            ledger->result.n_refused += domain->present;
            continue;
        }
        tell(ledger, i, entry);
        if (domain->summed) {
            time->interval_ns = MAX(time->interval_ns, domain->interval_ns);
            time->gap_ns = MAX(time->gap_ns, domain->gap_ns);
        }
    }
    size_t n_entries = 0;
    for (size_t i = 0; i < TOPOLOGY_DOMAINS_MAX; i++) {
        if (ledger->domain_entries[i].used)
            n_entries = i + 1;
    }
    return n_entries;
}

/* Finds the idle part of each domain that is summed, and the weights of the rest. */
static void divide_domains(struct ledger *ledger, const struct division_frame *frame)
{
    division_begin(&ledger->division, frame);
    for (size_t i = 0; i < TOPOLOGY_DOMAINS_MAX; i++) {
        struct ledger_domain *domain = &ledger->domains[i];
        if (domain->summed)
            domain->idle_uj = division_domain(&ledger->division, frame, domain->number,
                                              &ledger->result.domains[domain->number],
                                              domain->energy_uj - domain->late_uj);
    }
}

/* How long before the meters were read the last frame was made: a first sweep may take long. Of
 * another boot, or of a store that does not tell CLOCK_BOOTTIME, there is but the wall clock to
 * ask. */
static uint64_t time_since_last(const struct ledger *ledger, const struct meter_set *meters,
                                const struct ledger_clock *now)
{
    const struct ledger_clock *last = &ledger->last;
    if (!ledger->known_before)
        return 0;
    if (ledger->same_boot && last->boottime_ns != 0)
        return sub_saturated(meters->boottime_ns, last->boottime_ns);
    if (!clock_is_set(last->real_ns) || last->real_ns >= now->real_ns)
        return 0;
    return (uint64_t)now->real_ns - (uint64_t)last->real_ns;
}

/* Time in which no greend ran that the first frame's energy does not speak for. */
static uint64_t absence_ns(const struct ledger *ledger, const struct meter_set *meters,
                           const struct ledger_clock *now, uint64_t interval_ns)
{
    uint64_t absent_ns = sub_saturated(time_since_last(ledger, meters, now), interval_ns);
    /* Meters are read a little before the clock. */
    return absent_ns < SKEW_NS ? 0 : absent_ns;
}

/* Domains without a meter now are told too, with the running total that they had: the next daemon
 * goes on from the newest frame alone. */
static void push_domains(struct ledger *ledger)
{
    for (size_t entry = 0; entry < TOPOLOGY_DOMAINS_MAX; entry++) {
        if (!ledger->domain_entries[entry].used)
            continue;
        const struct ledger_domain *domain = &ledger->domains[entry];
        uint64_t *total_uj = &ledger->domain_totals_uj[entry];
        *total_uj = add_saturated(*total_uj, domain->energy_uj);
        union ring_record record = {
            .domain = {.type = RING_DOMAIN,
                       .flags = (uint8_t)((domain->summed ? RING_DOMAIN_SUMMED : 0) |
                                          (domain->gap_ns ? RING_DOMAIN_GAP : 0)),
                       .domain = (uint16_t)entry,
                       .uncertainty_ppm = domain->uncertainty_ppm,
                       .energy_uj = domain->energy_uj,
                       .total_uj = *total_uj,
                       .interval_ns = domain->interval_ns,
                       .gap_ns = domain->gap_ns,
                       .idle_uj = domain->summed ? domain->idle_uj : 0}
        };
        ring_push(ledger->ring, &record);
        if (domain->summed)
            ledger->total_uj = add_saturated(ledger->total_uj, domain->energy_uj);
    }
}

static void push_meter(struct ledger *ledger, const union ring_record *record)
{
    ring_push(ledger->ring, record);
    if (record->meter.meter < METERS_MAX)
        ledger->meter_told[record->meter.meter] = ledger->ring->head;
}

static void push_meters(struct ledger *ledger, const struct meter_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct meter_delta *delta = &ledger->deltas[i];
        union ring_record record = {
            .meter = {.type = RING_METER,
                      .meter = METERS_MAX,
                      .error = delta->error,
                      .raw_uj = delta->value,
                      .mono_ns = delta->time_ns,
                      .delta_uj = delta->counter.energy_uj,
                      .boottime_ns = delta->boottime_ns}
        };
        if (delta->counter.event == COUNTER_RESET)
            record.meter.flags = RING_METER_RESET;
        if (delta->meter != METERING_NONE)
            record.meter.meter = ledger_meter_entry(ledger, delta->meter);
        if (delta->time_ns == 0)
            record.meter.meter = METERS_MAX; /* never read: nothing to go on from */
        push_meter(ledger, &record);
    }
}

/* Whether a meter is known of the daemon before and has not come back yet. */
static bool is_awaited(const struct metering_meter *meter)
{
    return !meter->seen && meter->counter.known;
}

static size_t awaited_meters(const struct ledger *ledger)
{
    size_t n = 0;
    for (size_t i = 0; i < ledger->metering.count; i++)
        n += is_awaited(&ledger->metering.meters[i]);
    return n;
}

/* Their last readings are handed on to the next daemon. */
static void push_awaited_meters(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->metering.count; i++) {
        const struct metering_meter *meter = &ledger->metering.meters[i];
        if (!is_awaited(meter))
            continue;
        union ring_record record = {
            .meter = {.type = RING_METER,
                      .meter = ledger_meter_entry(ledger, i),
                      .error = -ENODATA,
                      .raw_uj = meter->counter.value,
                      .mono_ns = meter->counter.time_ns,
                      .boottime_ns = meter->boottime_ns}
        };
        push_meter(ledger, &record);
    }
}

static size_t domains_with_entry(const struct ledger *ledger)
{
    size_t n = 0;
    for (size_t i = 0; i < TOPOLOGY_DOMAINS_MAX; i++)
        n += ledger->domain_entries[i].used != 0;
    return n;
}

/* One activity for each workload, without processes. */
static size_t sum_by_workload(struct ledger *ledger, const struct sample *sample)
{
    for (size_t i = 0; i < RING_WORKLOADS_MAX; i++)
        ledger->summed[i] = (struct activity){.last_cpu = -1, .package = -1};
    for (size_t i = 0; i < sample->n_activities; i++) {
        const struct activity *activity = &sample->activities[i];
        struct activity *sum =
            &ledger->summed[ring_workload_slot(activity->workload) % RING_WORKLOADS_MAX];
        sum->workload = activity->workload;
        sum->cpu_ns = add_saturated(sum->cpu_ns, activity->cpu_ns);
        sum->child_ns = add_saturated(sum->child_ns, activity->child_ns);
    }
    size_t n = 0;
    for (size_t i = 0; i < RING_WORKLOADS_MAX; i++) {
        if (ledger->summed[i].cpu_ns != 0 || ledger->summed[i].child_ns != 0)
            ledger->summed[n++] = ledger->summed[i];
    }
    return n;
}

/* Who the frame's energy is divided among: processes where the ring has room for them, else their
 * workloads, else all of them as one. */
struct consumers {
    const struct activity *activities;
    size_t n;
};

static struct consumers find_consumers(struct ledger *ledger, const struct sample *sample,
                                       size_t fixed, size_t n_entries)
{
    size_t room = (size_t)ledger->ring->slots / 2;
    struct consumers all = {sample->activities, sample->n_activities};
    if (fixed + attribute_records(all.n, n_entries) <= room)
        return all;
    struct consumers summed = {ledger->summed, sum_by_workload(ledger, sample)};
    if (fixed + attribute_records(summed.n, n_entries) <= room)
        return summed;
    struct activity other = {
        .last_cpu = -1, .package = -1, .workload = ring_workload_id(RING_WORKLOAD_OTHER, 1)};
    for (size_t i = 0; i < summed.n; i++) {
        other.cpu_ns = add_saturated(other.cpu_ns, summed.activities[i].cpu_ns);
        other.child_ns = add_saturated(other.child_ns, summed.activities[i].child_ns);
    }
    ledger->summed[0] = other;
    return (struct consumers){ledger->summed, 1};
}

static void push_head(struct ledger *ledger, const struct sample *sample,
                      const struct ledger_clock *clock, const struct frame_time *time,
                      const struct attribute_time *cpu, size_t records)
{
    union ring_record record = {
        .frame = {.type = RING_FRAME,
                  .domains = (uint16_t)domains_with_entry(ledger),
                  .records = (uint32_t)records,
                  .number = ++ledger->frame_number,
                  .mono_ns = clock->mono_ns,
                  .real_ns = clock->real_ns,
                  .interval_ns = time->interval_ns,
                  .gap_ns = time->gap_ns,
                  .total_uj = ledger->total_uj}
    };
    ring_push(ledger->ring, &record);
    record = (union ring_record){
        .host = {.type = RING_HOST,
                 .cpus = (uint16_t)MIN(sample->busy.cpus, UINT16_MAX),
                 .processes = sample->n_processes,
                 .boottime_ns = clock->boottime_ns,
                 .busy_ns = cpu->busy_ns,
                 .unattributed_ns = cpu->unattributed_ns,
                 .skew_ns = cpu->skew_ns}
    };
    memcpy(record.host.boot_id, ledger->boot_id, sizeof(record.host.boot_id));
    ring_push(ledger->ring, &record);
}

void ledger_tick(struct ledger *ledger, const struct sample *sample,
                 const struct ledger_clock *clock)
{
    metering_update(&ledger->metering, &sample->meters, ledger->deltas);
    topology_update(&ledger->topology, &sample->meters, ledger->deltas, busy_ppm(&sample->busy),
                    &ledger->result);
    struct frame_time time = {0};
    size_t n_entries = fill_domains(ledger, &time);
    if (!ledger->ticked)
        time.gap_ns =
            MAX(time.gap_ns, absence_ns(ledger, &sample->meters, clock, time.interval_ns));

    struct attribute_time cpu = attribute_time(sample->activities, sample->n_activities,
                                               sample->busy.busy_ns, &ledger->balance);
    size_t fixed = 2 + domains_with_entry(ledger) + sample->meters.count + awaited_meters(ledger);
    struct consumers consumers = find_consumers(ledger, sample, fixed, n_entries);
    struct division_frame frame = {consumers.activities, consumers.n, cpu.unattributed_ns,
                                   &sample->busy};
    divide_domains(ledger, &frame);
    if (ledger->frame_number == 0) {
        struct ring_birth birth = {.mono_ns = clock->mono_ns};
        memcpy(birth.boot_id, ledger->boot_id, sizeof(birth.boot_id));
        ring_set_birth(ledger->ring, &birth);
    }
    size_t records = fixed + attribute_records(consumers.n, n_entries);
    size_t room = (size_t)sub_saturated(ledger->ring->slots / 2, records);
    size_t reserved = reserve_records(&sample->reservations, room);
    push_head(ledger, sample, clock, &time, &cpu, records + reserved);
    push_domains(ledger);
    push_meters(ledger, &sample->meters);
    push_awaited_meters(ledger);
    attribute_push(ledger->ring, ledger->domains, n_entries, &ledger->division, &frame);
    reserve_push(ledger->ring, &sample->reservations, reserved);
    ring_publish(ledger->ring);

    ledger->last = *clock;
    ledger->known_before = true;
    ledger->same_boot = true;
    ledger->ticked = true;
}

uint64_t ledger_poll_interval(const struct sample *sample)
{
    return metering_poll_interval(&sample->meters);
}
