/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/rollup/rollup_state.h"

#include "core/attribution/uncertainty.h"
#include "core/text.h"
#include "greend/units.h"

/* A smaller step of the wall clock is slewing, or two clocks read one after the other. */
static const int64_t clock_step_ns = (int64_t)NS_PER_S;

struct rollup *rollup_new(void)
{
    return calloc(1, sizeof(struct rollup));
}

struct rollup *rollup_free(struct rollup *rollup)
{
    if (!rollup)
        return NULL;
    cells_done(&rollup->cells);
    cells_done(&rollup->spans);
    free(rollup->resume_meters);
    free(rollup->sorted);
    free(rollup->energies);
    free(rollup->activities);
    free(rollup->reservations);
    free(rollup->span_rows);
    free(rollup);
    return NULL;
}

/* ---- Names ---- */

/* The name behind a number of the ring; `other` where the entry was given away or is not readable.
 */
static void workload_name(const struct ring *ring, uint32_t id, struct workload *ret_name)
{
    uint32_t slot = ring_workload_slot(id);
    if (ring_table_get(ring, RING_TABLE_WORKLOAD, slot, ret_name) == 0 &&
        ret_name->generation == ring_workload_generation(id) && ret_name->kind < WORKLOAD_KINDS) {
        ret_name->unit[sizeof(ret_name->unit) - 1] = '\0';
        ret_name->command[sizeof(ret_name->command) - 1] = '\0';
        ret_name->user[sizeof(ret_name->user) - 1] = '\0';
        return;
    }
    *ret_name = (struct workload){.generation = 1, .kind = WORKLOAD_OTHER};
}

uint32_t rollup_workload(struct rollup *rollup, const struct ring *ring, uint32_t id)
{
    uint32_t slot = ring_workload_slot(id) % RING_WORKLOADS_MAX;
    uint32_t index = rollup->index_of_slot[slot];
    if (index != 0 && rollup->ids[index - 1] == id)
        return index - 1;
    if (rollup->n_workloads == RING_WORKLOADS_MAX - 1 && id != ROLLUP_ID_OTHER)
        return rollup_workload(rollup, ring, ROLLUP_ID_OTHER);
    index = (uint32_t)rollup->n_workloads++;
    workload_name(ring, id, &rollup->workloads[index]);
    rollup->ids[index] = id;
    rollup->index_of_slot[slot] = index + 1;
    return index;
}

/* The domain that a record names, NULL if it names none. */
static struct rollup_domain *rollup_domain(struct rollup *rollup, const struct ring *ring,
                                           uint32_t index)
{
    if (index >= ROLLUP_DOMAINS_MAX)
        return NULL;
    struct rollup_domain *domain = &rollup->domains[index];
    if (domain->known)
        return domain;
    if (ring_table_get(ring, RING_TABLE_DOMAIN, index, &domain->entry) != 0 ||
        !domain->entry.used || domain->entry.kind >= DOMAIN_KINDS ||
        domain->entry.source >= ENERGY_SOURCES)
        return NULL;
    domain->entry.name[sizeof(domain->entry.name) - 1] = '\0';
    domain->known = true;
    return domain;
}

/* ---- A frame ---- */

/* What names no domain is not booked. */
static void find_domains(struct rollup *rollup, const struct ring *ring, const struct frame *frame,
                         struct frame_domain found[FRAME_DOMAINS_MAX])
{
    frame_domains(frame, found);
    for (uint32_t i = 0; i < FRAME_DOMAINS_MAX; i++)
        if (found[i].record && !rollup_domain(rollup, ring, i))
            found[i] = (struct frame_domain){.record = NULL};
}

static void book_energy(struct rollup *rollup, const struct ring *ring, const struct spread *spread,
                        const struct ring_energy *energy, const struct frame_domain *found)
{
    uint32_t workload = rollup_workload(rollup, ring, energy->workload);
    spread_book(spread, &rollup->cells, workload, DOMAIN_CPU, energy->cpu_ns, 0);
    for (size_t lane = 0; lane < RING_LANES; lane++) {
        size_t index = energy->first_domain + lane;
        if (index >= FRAME_DOMAINS_MAX || !found[index].exact || energy->energy_uj[lane] == 0)
            continue;
        spread_book(spread, &rollup->cells, workload, (uint32_t)index, energy->energy_uj[lane],
                    uncertainty_uj(energy->energy_uj[lane],
                                   uncertainty_ppm(energy->uncertainty, lane),
                                   found[index].record->uncertainty_ppm));
    }
}

static void add_event(struct rollup *rollup, const struct ring_frame *frame,
                      enum store_event_kind kind, const char *subject, uint64_t duration_ns,
                      uint64_t energy_uj)
{
    struct store_event event = {.time_s = frame->real_ns / (int64_t)NS_PER_S,
                                .kind = kind,
                                .duration_ns = duration_ns,
                                .energy_uj = energy_uj};
    (void)str_copy(event.subject, sizeof(event.subject), subject);
    rollup_event(rollup, &event);
}

void rollup_book_unattributed(struct rollup *rollup, const struct ring *ring,
                              const struct spread *spread, uint32_t domain, uint64_t energy_uj)
{
    uint32_t workload =
        rollup_workload(rollup, ring, ring_workload_id(RING_WORKLOAD_UNATTRIBUTED, 1));
    spread_book(spread, &rollup->cells, workload, domain, energy_uj,
                uncertainty_uj(energy_uj, 0, rollup->domains[domain].uncertainty_ppm));
}

void rollup_book_whole(struct rollup *rollup, const struct ring *ring, const struct spread *spread,
                       uint32_t domain, uint64_t energy_uj)
{
    if (energy_uj > 0)
        spread_band(spread, &rollup->cells,
                    rollup_workload(rollup, ring, ring_workload_id(RING_WORKLOAD_UNSPLIT, 1)),
                    domain, uncertainty_uj(energy_uj, 0, rollup->domains[domain].uncertainty_ppm));
}

/* Books what the frame says of a domain beyond its parts: frames that were missed, parts that do
 * not add up, and how sure the whole is. */
static void book_domain(struct rollup *rollup, const struct ring *ring, const struct spread *spread,
                        const struct ring_frame *frame, const struct frame_domain *found)
{
    const struct ring_domain *record = found->record;
    struct rollup_domain *domain = &rollup->domains[record->domain];
    uint64_t before = sub_saturated(record->total_uj, record->energy_uj);
    uint64_t missed = 0;
    if (domain->seen)
        missed = sub_saturated(before, domain->total_uj);
    else
        domain->base_uj = before;
    domain->seen = true;
    if (!domain->settled && rollup->resumed) {
        missed = add_saturated(missed, rollup_missing_before(rollup, domain));
        domain->settled = true;
    }
    domain->total_uj = record->total_uj;
    domain->uncertainty_ppm = record->uncertainty_ppm;

    if (missed > 0)
        add_event(rollup, frame, STORE_EVENT_LOST, domain->entry.name, 0, missed);
    if (record->flags & RING_DOMAIN_GAP)
        add_event(rollup, frame, STORE_EVENT_GAP, domain->entry.name, record->gap_ns, 0);

    uint64_t unattributed = add_saturated(missed, found->exact ? 0 : record->energy_uj);
    rollup_book_unattributed(rollup, ring, spread, record->domain, unattributed);
    /* An unsplit domain's record says so of itself. */
    bool split = !found->exact || record->flags & RING_DOMAIN_SUMMED;
    rollup_book_whole(rollup, ring, spread, record->domain,
                      add_saturated(missed, split ? record->energy_uj : 0));
}

static void keep_meter(struct rollup *rollup, const struct ring *ring,
                       const struct ring_frame *first, const struct ring_meter *meter)
{
    /* A meter that failed is kept with its last reading: the next interval begins there. */
    if (meter->meter >= METERS_MAX)
        return;
    struct store_meter *kept = &rollup->meters[meter->meter];
    /* Each time: an entry is given away once all frames that refer to it are overwritten. */
    struct ring_meter_entry entry;
    if (ring_table_get(ring, RING_TABLE_METER, meter->meter, &entry) != 0 || !entry.used)
        return;
    (void)str_copy(kept->key, sizeof(kept->key), entry.key);
    kept->raw_uj = meter->raw_uj;
    kept->mono_ns = meter->mono_ns;
    kept->boottime_ns = meter->boottime_ns;
    if (meter->flags & RING_METER_RESET)
        add_event(rollup, first, STORE_EVENT_RESET, kept->key, 0, 0);
}

/* Events that show between two frames: a reboot, a clock that was set. */
static void note_host(struct rollup *rollup, const struct ring_frame *first,
                      const struct ring_host *host)
{
    const struct store_position *last =
        rollup->position.frame != 0 ? &rollup->position : &rollup->before;
    if (last->frame == 0)
        return;
    if (memcmp(last->boot_id, host->boot_id, sizeof(last->boot_id)) != 0) {
        add_event(rollup, first, STORE_EVENT_REBOOT, "", 0, 0);
        return;
    }
    if (last->boottime_ns == 0)
        return;
    /* Both go on while the machine sleeps. */
    int64_t step = (int64_t)(((uint64_t)first->real_ns - (uint64_t)last->real_ns) -
                             (host->boottime_ns - last->boottime_ns));
    if (step > clock_step_ns || step < -clock_step_ns)
        add_event(rollup, first, STORE_EVENT_CLOCK, "",
                  step < 0 ? 0 - (uint64_t)step : (uint64_t)step, 0);
}

static void keep_position(struct rollup *rollup, const struct ring *ring, const struct frame *frame,
                          uint64_t energy_uj)
{
    const struct ring_frame *first = &frame->records[0].frame;
    const struct ring_host *host = &frame->records[1].host;
    struct store_position *position = &rollup->position;
    ring_id(ring, position->ring_id);
    position->position = frame->next;
    position->frame = first->number;
    position->total_uj = add_saturated(first->total_uj, energy_uj);
    position->real_ns = first->real_ns;
    memcpy(position->boot_id, host->boot_id, sizeof(position->boot_id));
    position->mono_ns = first->mono_ns;
    position->boottime_ns = host->boottime_ns;
}

static int reserve(struct rollup *rollup, const struct frame *frame, const struct spread *spread)
{
    size_t domains = frame->records[0].frame.domains;
    size_t cells = MIN(frame->count * (RING_LANES + 1), RING_WORKLOADS_MAX * (domains + 1));
    size_t more = (cells + (size_t)2 * ROLLUP_DOMAINS_MAX) * spread->count;
    int r = cells_reserve(&rollup->cells, more);
    if (r == 0)
        r = cells_reserve(&rollup->spans, spread->count + 2);
    return r < 0 ? r : rollup_reserve_reserved(rollup, frame);
}

int rollup_add(struct rollup *rollup, const struct ring *ring, const struct frame *frame)
{
    const struct ring_frame *first = &frame->records[0].frame;
    struct spread spread =
        spread_frame(first->real_ns, first->interval_ns,
                     ROLLUP_CELLS_MAX / (MIN(frame->count, ROLLUP_CELLS_MAX) * RING_LANES));
    int r = reserve(rollup, frame, &spread);
    if (r < 0)
        return r;

    note_host(rollup, first, &frame->records[1].host);
    if (rollup->doubt) {
        if (rollup->doubt_ns == 0)
            rollup->doubt_ns = rollup_unknown_ns(rollup, frame);
        rollup_declare(rollup, spread_begin_s(&spread, 0), first->real_ns / (int64_t)NS_PER_S);
    }
    struct frame_domain found[FRAME_DOMAINS_MAX];
    find_domains(rollup, ring, frame, found);
    uint64_t summed_uj = 0;
    for (size_t i = 0; i < FRAME_DOMAINS_MAX; i++) {
        if (!found[i].record)
            continue;
        book_domain(rollup, ring, &spread, first, &found[i]);
        if (found[i].record->flags & RING_DOMAIN_SUMMED)
            summed_uj = add_saturated(summed_uj, found[i].record->energy_uj);
    }
    for (size_t i = 0; i < frame->count; i++) {
        const union ring_record *record = &frame->records[i];
        if (record->type == RING_ENERGY)
            book_energy(rollup, ring, &spread, &record->energy, found);
        else if (record->type == RING_METER)
            keep_meter(rollup, ring, first, &record->meter);
    }
    rollup_book_reserved(rollup, ring, frame);
    spread_book(&spread, &rollup->spans, 0, SPAN_COVERED, first->interval_ns, 0);
    if (first->gap_ns > 0) {
        struct cell gap = {.begin_s = spread_begin_s(&spread, 0), .uncertainty = first->gap_ns};
        cells_add(&rollup->spans, &gap);
        add_event(rollup, first, STORE_EVENT_GAP, "", first->gap_ns, 0);
    }
    keep_position(rollup, ring, frame, summed_uj);
    rollup_fold(rollup, ring);
    return 0;
}

void rollup_event(struct rollup *rollup, const struct store_event *event)
{
    if (rollup->n_events == ROLLUP_EVENTS_MAX) {
        memmove(rollup->events, rollup->events + 1, sizeof(*event) * (ROLLUP_EVENTS_MAX - 1));
        rollup->n_events--;
    }
    rollup->events[rollup->n_events++] = *event;
}

size_t rollup_cells(const struct rollup *rollup)
{
    return rollup->cells.count;
}

const struct store_position *rollup_position(const struct rollup *rollup)
{
    return &rollup->position;
}
