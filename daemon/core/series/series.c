/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/series/series.h"

#include "core/attribution/uncertainty.h"
#include "core/text.h"

struct series *series_new(unsigned top)
{
    struct series *series = calloc(1, sizeof(*series));
    if (!series)
        return NULL;
    series->top = MIN(MAX(top, 1U), (unsigned)SERIES_TOP_MAX);
    series_restart(series);
    return series;
}

struct series *series_free(struct series *series)
{
    free(series);
    return NULL;
}

void series_restart(struct series *series)
{
    series->frames++;
    series->forgotten = series->frames;
    series->clock_ns = SERIES_BEGIN_NS;
    series->published_ns = SERIES_BEGIN_NS;
    series->ranked_ns = SERIES_BEGIN_NS;
    series->landmark_ns = SERIES_BEGIN_NS;
    series->gap_ns = 0;
    series->dropped_uj = 0;
    memset(series->other, 0, sizeof(series->other));
    series->other_cpu_ns = 0;
    series->recent_other = (struct series_recent){0};
    series->n_domains = 0;
    series->n_keys = 0;
    for (size_t i = 0; i < SERIES_KEYS_MAX; i++)
        series->order[i] = (uint16_t)i;
    memset(series->slots, 0, sizeof(series->slots));
    memset(series->lanes, 0, sizeof(series->lanes));
}

/* ---- Keys ---- */

int series_compare(const struct series_workload *workload, uint32_t kind, const char *unit,
                   const char *command)
{
    if (workload->kind != kind)
        return workload->kind < kind ? -1 : 1;
    int order = strcmp(workload->unit, unit);
    return order != 0 ? order : strcmp(workload->command, command);
}

/* Where in the order a key is or belongs. */
static size_t key_position(const struct series *series, uint32_t kind, const char *unit,
                           const char *command)
{
    size_t low = 0;
    size_t high = series->n_keys;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series_compare(&series->keys[series->order[middle]], kind, unit, command) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct series_workload *series_find(struct series *series, uint32_t kind, const char *unit,
                                    const char *command)
{
    size_t position = key_position(series, kind, unit, command);
    if (position == series->n_keys)
        return NULL;
    struct series_workload *key = &series->keys[series->order[position]];
    return series_compare(key, kind, unit, command) == 0 ? key : NULL;
}

struct series_workload *series_key(struct series *series, uint32_t kind, const char *unit,
                                   const char *command)
{
    struct series_workload *found = series_find(series, kind, unit, command);
    if (found)
        return found;
    if (series->n_keys == SERIES_KEYS_MAX)
        series_forget(series);
    if (series->n_keys == SERIES_KEYS_MAX)
        return NULL;
    size_t position = key_position(series, kind, unit, command);
    uint16_t index = series->order[series->n_keys];
    memmove(&series->order[position + 1], &series->order[position],
            (series->n_keys - position) * sizeof(series->order[0]));
    series->order[position] = index;
    series->n_keys++;
    struct series_workload *made = &series->keys[index];
    *made = (struct series_workload){.kind = kind, .changed = series->frames};
    (void)str_copy(made->unit, sizeof(made->unit), unit);
    (void)str_copy(made->command, sizeof(made->command), command);
    return made;
}

/* The key of a workload of the ring; NULL: it has no series of its own. */
static struct series_workload *key_of_id(struct series *series, const struct ring *ring,
                                         uint32_t id)
{
    uint32_t index = ring_workload_slot(id);
    if (index < RING_WORKLOAD_FIRST || index >= RING_WORKLOADS_MAX)
        return NULL;
    struct series_slot *slot = &series->slots[index];
    if (slot->id == id)
        return &series->keys[slot->key];
    struct workload workload;
    if (ring_table_get(ring, RING_TABLE_WORKLOAD, index, &workload) != 0 ||
        ring_workload_id(index, workload.generation) != id || workload.kind >= WORKLOAD_OTHER)
        return NULL;
    char unit[WORKLOAD_UNIT_MAX];
    char command[WORKLOAD_COMMAND_MAX];
    text_escape(unit, sizeof(unit), workload.unit, strnlen(workload.unit, sizeof(workload.unit)));
    text_escape(command, sizeof(command), workload.command,
                strnlen(workload.command, sizeof(workload.command)));
    struct series_workload *key = series_key(series, workload.kind, unit, command);
    if (key)
        *slot = (struct series_slot){id, (uint16_t)(key - series->keys)};
    return key;
}

bool series_counts(const struct series *series, const struct series_workload *workload)
{
    return series_is_shown(workload) && workload->leave_ns == 0 &&
           series->clock_ns >= workload->top_ns;
}

/* ---- Domains ---- */

static int domain_compare(const struct series_domain *domain, const char *name, uint32_t source)
{
    int order = strcmp(domain->name, name);
    return order != 0 ? order : (domain->source > source) - (domain->source < source);
}

struct series_domain *series_domain(struct series *series, const char *name, uint32_t source)
{
    size_t at = 0;
    while (at < series->n_domains && domain_compare(&series->domains[at], name, source) < 0)
        at++;
    struct series_domain *domain = &series->domains[at];
    if (at < series->n_domains && domain_compare(domain, name, source) == 0)
        return domain;
    if (series->n_domains == SERIES_DOMAINS_MAX)
        return NULL;
    memmove(domain + 1, domain, (series->n_domains - at) * sizeof(*domain));
    for (size_t i = 0; i < SERIES_LANES; i++)
        if (series->lanes[i].domain >= at)
            series->lanes[i].domain++;
    series->n_domains++;
    *domain = (struct series_domain){.source = source, .kind = DOMAIN_KINDS};
    (void)str_copy(domain->name, sizeof(domain->name), name);
    return domain;
}

/* The domain that an entry of the ring names. While the entry is being written, what it named in
 * the frame before. */
static struct series_domain *domain_of_entry(struct series *series, const struct ring *ring,
                                             uint16_t index)
{
    const struct series_lane *lane = &series->lanes[index];
    struct ring_domain_entry entry;
    if (ring_table_get(ring, RING_TABLE_DOMAIN, index, &entry) != 0)
        return lane->opened != 0 ? &series->domains[lane->domain] : NULL;
    if (!entry.used || entry.source >= ENERGY_SOURCES || entry.kind >= DOMAIN_KINDS)
        return NULL;
    char name[DOMAIN_NAME_MAX];
    text_escape(name, sizeof(name), entry.name, strnlen(entry.name, sizeof(entry.name)));
    struct series_domain *domain = series_domain(series, name, entry.source);
    if (domain)
        domain->kind = entry.kind;
    return domain;
}

/* ---- Booking a frame ---- */

/* Energy that the ring's running total has and no frame that was consumed. Whether the domain was
 * summed meanwhile is not known: it is taken to have been what it is now. */
static void book_missed(struct series *series, struct series_domain *domain,
                        const struct ring_domain *record)
{
    uint64_t before_uj = sub_saturated(record->total_uj, record->energy_uj);
    uint64_t missed_uj = domain->running_known ? sub_saturated(before_uj, domain->running_uj) : 0;
    domain->running_uj = record->total_uj;
    domain->running_known = true;
    if (missed_uj == 0 || missed_uj > SERIES_FRAME_LIMIT_UJ)
        return;
    if (!domain->summed) {
        domain->overlap.energy_uj += missed_uj;
        return;
    }
    domain->total.energy_uj += missed_uj;
    domain->unattributed.energy_uj += missed_uj;
    series->dropped_uj = add_saturated(series->dropped_uj, missed_uj);
}

static void open_lane(struct series *series, const struct ring *ring,
                      const struct ring_domain *record)
{
    if (record->domain >= SERIES_LANES)
        return;
    struct series_lane *lane = &series->lanes[record->domain];
    if (lane->opened == series->frames)
        return;
    struct series_domain *domain = domain_of_entry(series, ring, record->domain);
    if (!domain)
        return;
    domain->summed = record->flags & RING_DOMAIN_SUMMED;
    domain->uncertainty_ppm = record->uncertainty_ppm;
    book_missed(series, domain, record);
    if (domain->summed && series->other[domain->source].count_ns == 0) {
        series->other[domain->source].count_ns = series_admission(series);
        series->forgotten = series->frames; /* rows may be stored in another source from now on */
    }
    *lane = (struct series_lane){
        .opened = series->frames,
        .domain = (uint16_t)(domain - series->domains),
        .split = domain->summed && record->idle_uj <= record->energy_uj,
        .source = domain->source,
        .uncertainty_ppm = record->uncertainty_ppm,
        .summed = domain->summed,
        .energy_uj = record->energy_uj <= SERIES_FRAME_LIMIT_UJ ? record->energy_uj : 0,
        .idle_uj = record->idle_uj,
    };
    if (lane->idle_uj > lane->energy_uj)
        lane->split = false;
    domain->recent_uj = add_saturated(domain->recent_uj, lane->energy_uj);
    domain->recent_ns = add_saturated(domain->recent_ns, record->interval_ns);
}

/* The lane that a record's energy belongs to; NULL: none of this frame. */
static struct series_lane *lane_of(struct series *series, const struct ring_energy *record,
                                   size_t i)
{
    size_t index = record->first_domain + i;
    if (record->energy_uj[i] == 0 || index >= SERIES_LANES)
        return NULL;
    struct series_lane *lane = &series->lanes[index];
    return lane->opened == series->frames ? lane : NULL;
}

/* Idle energy is in the domain's record, and unattributed is what remains. */
static bool is_workload(const struct ring_energy *record)
{
    uint32_t slot = ring_workload_slot(record->workload);
    return slot != RING_WORKLOAD_IDLE && slot != RING_WORKLOAD_UNATTRIBUTED &&
           slot != RING_WORKLOAD_UNSPLIT;
}

/* A domain whose parts are more than the whole is booked as unattributed. */
static void check_parts(struct series *series, const struct ring_energy *record)
{
    for (size_t i = 0; i < RING_LANES; i++) {
        struct series_lane *lane = lane_of(series, record, i);
        if (!lane)
            continue;
        lane->workloads_uj = add_saturated(lane->workloads_uj, record->energy_uj[i]);
        if (lane->workloads_uj > sub_saturated(lane->energy_uj, lane->idle_uj))
            lane->split = false;
    }
}

/* CPU time begins again at zero before SQLite's integers end: 146 years of one CPU are 104 days of
 * 512. */
static void add_cpu(uint64_t *total_ns, uint64_t cpu_ns)
{
    uint64_t sum = add_saturated(*total_ns, cpu_ns);
    *total_ns = sum < UINT64_C(1) << 62 ? sum : 0;
}

static void add_score(const struct series *series, struct series_workload *key, uint64_t energy_uj)
{
    uint64_t weighed = mul_div(energy_uj, series->weight_q32, UINT64_C(1) << 32);
    key->score = MIN(add_saturated(key->score, weighed), SERIES_ENERGY_LIMIT_UJ);
}

static void add_recent(const struct series *series, struct series_recent *recent,
                       uint64_t energy_uj, uint64_t ppm)
{
    double weighed = (double)energy_uj * ((double)series->weight_q32 / 0x1p32);
    recent->energy_uj += weighed;
    recent->half_uj += weighed * ((double)ppm / (double)PPM);
}

static void book_workload(struct series *series, const struct ring *ring,
                          const struct ring_energy *record)
{
    struct series_workload *key = key_of_id(series, ring, record->workload);
    bool counts = key && series_counts(series, key);
    add_cpu(counts ? &key->cpu_ns : &series->other_cpu_ns, record->cpu_ns);
    for (size_t i = 0; i < RING_LANES; i++) {
        const struct series_lane *lane = lane_of(series, record, i);
        if (!lane || !lane->split)
            continue;
        struct series_other *other = &series->other[lane->source];
        bool own = counts && series->clock_ns >= other->count_ns;
        struct series_counter *counter = own ? &key->energy[lane->source] : &other->energy;
        counter->energy_uj += record->energy_uj[i];
        if (key)
            add_score(series, key, record->energy_uj[i]);
        /* Half-widths add up as in the store: core/attribution/uncertainty.h. */
        uint64_t ppm = uncertainty_ppm(record->uncertainty, i) + lane->uncertainty_ppm;
        if (ppm > 0 && key)
            add_recent(series, &key->recent, record->energy_uj[i], ppm);
        if (ppm > 0 && !own)
            add_recent(series, &series->recent_other, record->energy_uj[i], ppm);
    }
    if (key)
        key->changed = series->frames;
}

static void close_lane(struct series *series, const struct series_lane *lane)
{
    struct series_domain *domain = &series->domains[lane->domain];
    if (!lane->summed) {
        domain->overlap.energy_uj += lane->energy_uj;
        return;
    }
    domain->total.energy_uj += lane->energy_uj;
    if (!lane->split) {
        domain->unattributed.energy_uj += lane->energy_uj;
        return;
    }
    domain->idle.energy_uj += lane->idle_uj;
    domain->unattributed.energy_uj += lane->energy_uj - lane->idle_uj - lane->workloads_uj;
}

static void book_records(struct series *series, const struct ring *ring, const struct frame *frame)
{
    for (size_t i = 1; i < frame->count; i++)
        if (frame->records[i].type == RING_DOMAIN)
            open_lane(series, ring, &frame->records[i].domain);
    for (size_t i = 1; i < frame->count; i++)
        if (frame->records[i].type == RING_ENERGY && is_workload(&frame->records[i].energy))
            check_parts(series, &frame->records[i].energy);
    for (size_t i = 1; i < frame->count; i++)
        if (frame->records[i].type == RING_ENERGY && is_workload(&frame->records[i].energy))
            book_workload(series, ring, &frame->records[i].energy);
    for (size_t i = 0; i < SERIES_LANES; i++)
        if (series->lanes[i].opened == series->frames)
            close_lane(series, &series->lanes[i]);
}

/* Whether some counter comes near the end of what it can hold. */
static bool is_full(const struct series *series)
{
    uint64_t totals_uj[ENERGY_SOURCES] = {0};
    /* Names that came and went over years: those that are there find room in the new count. */
    bool full = series->n_domains == SERIES_DOMAINS_MAX ||
                series->clock_ns > SERIES_ENERGY_LIMIT_UJ ||
                series->dropped_uj > SERIES_ENERGY_LIMIT_UJ;
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        totals_uj[domain->source] += domain->total.energy_uj;
        full |= totals_uj[domain->source] > SERIES_ENERGY_LIMIT_UJ ||
                domain->overlap.energy_uj > SERIES_ENERGY_LIMIT_UJ;
    }
    return full;
}

int series_consume(struct series *series, const struct ring *ring, const struct frame *frame)
{
    if (frame->count == 0 || frame->records[0].type != RING_FRAME)
        return -EBADMSG;
    const struct ring_frame *head = &frame->records[0].frame;
    series->frames++;
    series_weigh(series);
    book_records(series, ring, frame);
    series->gap_ns = add_saturated(series->gap_ns, head->gap_ns);
    series->clock_ns = add_saturated(series->clock_ns, head->interval_ns);
    if (is_full(series))
        series_restart(series);
    else if (series->clock_ns - series->published_ns >= SERIES_PUBLISH_NS)
        series_publish(series);
    return 0;
}
