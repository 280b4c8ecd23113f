/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "top/window.h"

#include "core/attribution/uncertainty.h"

enum { NAMES_FIRST = 256 };

/* One record's energy in the summed domains. */
struct cell {
    uint32_t name; /* in the window's names */
    int32_t pid;
    uint64_t start_ticks;
    uint64_t cpu_ns;
    struct top_energy energy;
};

/* One frame. */
struct instant {
    uint64_t covered_ns;
    uint64_t gap_ns;
    uint64_t missed_uj;
    uint32_t cpus;
    struct top_energy total;
    struct top_energy idle;
    struct top_energy unattributed;
    uint64_t source_uj[ENERGY_SOURCES];
    struct cell *cells;
    size_t n;
};

/* A workload that cells refer to: numbers of the ring are given away again. */
struct name {
    uint32_t id;
    size_t users; /* cells; 0: free */
    struct workload workload;
};

struct top_window {
    uint64_t length_ns;
    struct instant *instants; /* the oldest first */
    size_t n;
    size_t capacity;
    uint64_t covered_ns; /* of all instants */
    struct name *names;
    size_t n_names;
    uint32_t index_of_slot[RING_WORKLOADS_MAX]; /* + 1: where its newest id may stand */
    bool followed;                              /* last_total_uj is of the frame before the next */
    uint64_t last_total_uj;
    uint64_t missed_uj;
};

struct top_window *top_window_new(uint64_t length_ns)
{
    struct top_window *window = calloc(1, sizeof(*window));
    if (window)
        window->length_ns = length_ns;
    return window;
}

struct top_window *top_window_free(struct top_window *window)
{
    if (!window)
        return NULL;
    for (size_t i = 0; i < window->n; i++)
        free(window->instants[i].cells);
    free(window->instants);
    free(window->names);
    free(window);
    return NULL;
}

static void add_energy(struct top_energy *sum, const struct top_energy *part)
{
    sum->uj = add_saturated(sum->uj, part->uj);
    sum->half_uj = add_saturated(sum->half_uj, part->half_uj);
    sum->modelled_uj = add_saturated(sum->modelled_uj, part->modelled_uj);
}

/* ---- Names ---- */

static int grow_names(struct top_window *window)
{
    size_t count = window->n_names ? 2 * window->n_names : NAMES_FIRST;
    struct name *names = realloc(window->names, count * sizeof(*names));
    if (!names)
        return -ENOMEM;
    memset(names + window->n_names, 0, (count - window->n_names) * sizeof(*names));
    window->names = names;
    window->n_names = count;
    return 0;
}

static size_t free_name(const struct top_window *window)
{
    size_t i = 0;
    while (i < window->n_names && window->names[i].users > 0)
        i++;
    return i;
}

/* `other` where the entry was given away or cannot be read. */
static void read_name(const struct ring *ring, uint32_t id, struct workload *ret)
{
    uint32_t slot = ring_workload_slot(id);
    if (ring_table_get(ring, RING_TABLE_WORKLOAD, slot, ret) == 0 &&
        ret->generation == ring_workload_generation(id) && ret->kind < WORKLOAD_KINDS)
        return;
    *ret = (struct workload){.generation = 1, .kind = WORKLOAD_OTHER};
}

/* The place of an id's name, which has one user more then. -ENOMEM. */
static int hold_name(struct top_window *window, const struct ring *ring, uint32_t id,
                     uint32_t *ret_place)
{
    uint32_t *index = &window->index_of_slot[ring_workload_slot(id) % RING_WORKLOADS_MAX];
    bool known =
        *index != 0 && window->names[*index - 1].users > 0 && window->names[*index - 1].id == id;
    if (!known) {
        size_t place = free_name(window);
        if (place == window->n_names && grow_names(window) < 0)
            return -ENOMEM;
        window->names[place] = (struct name){.id = id};
        read_name(ring, id, &window->names[place].workload);
        *index = (uint32_t)place + 1;
    }
    *ret_place = *index - 1;
    window->names[*ret_place].users++;
    return 0;
}

static void release_cells(struct top_window *window, struct instant *instant)
{
    for (size_t i = 0; i < instant->n; i++)
        window->names[instant->cells[i].name].users--;
    free(instant->cells);
    instant->cells = NULL;
    instant->n = 0;
}

/* ---- One frame ---- */

/* What the frame says of a domain that is summed; record NULL: nothing. */
struct domain {
    struct frame_domain told;
    enum energy_source source;
};

static enum energy_source source_of(const struct ring *ring, uint32_t index)
{
    struct ring_domain_entry entry;
    /* What is not known is not called measured. */
    if (ring_table_get(ring, RING_TABLE_DOMAIN, index, &entry) != 0 || !entry.used ||
        entry.source >= ENERGY_SOURCES)
        return SOURCE_MODEL;
    return (enum energy_source)entry.source;
}

static void find_domains(const struct ring *ring, const struct frame *frame,
                         struct domain domains[FRAME_DOMAINS_MAX])
{
    struct frame_domain told[FRAME_DOMAINS_MAX];
    frame_domains(frame, told);
    for (uint32_t i = 0; i < FRAME_DOMAINS_MAX; i++) {
        domains[i] = (struct domain){.told = {.record = NULL}};
        if (told[i].record && told[i].record->flags & RING_DOMAIN_SUMMED)
            domains[i] = (struct domain){.told = told[i], .source = source_of(ring, i)};
    }
}

static struct top_energy energy_in(const struct domain *domain, uint64_t uj, uint64_t split_ppm)
{
    return (struct top_energy){
        .uj = uj,
        .half_uj = uncertainty_uj(uj, split_ppm, domain->told.record->uncertainty_ppm),
        .modelled_uj = domain->source == SOURCE_MODEL ? uj : 0,
    };
}

static struct top_energy energy_of(const struct ring_energy *record,
                                   const struct domain domains[FRAME_DOMAINS_MAX])
{
    struct top_energy sum = {0};
    for (size_t lane = 0; lane < RING_LANES; lane++) {
        size_t index = record->first_domain + lane;
        if (index >= FRAME_DOMAINS_MAX || !domains[index].told.exact ||
            record->energy_uj[lane] == 0)
            continue;
        struct top_energy part = energy_in(&domains[index], record->energy_uj[lane],
                                           uncertainty_ppm(record->uncertainty, lane));
        add_energy(&sum, &part);
    }
    return sum;
}

static void add_domains(const struct domain domains[FRAME_DOMAINS_MAX], struct instant *instant)
{
    for (size_t i = 0; i < FRAME_DOMAINS_MAX; i++) {
        const struct domain *domain = &domains[i];
        if (!domain->told.record)
            continue;
        struct top_energy whole = energy_in(domain, domain->told.record->energy_uj, 0);
        add_energy(&instant->total, &whole);
        instant->source_uj[domain->source] =
            add_saturated(instant->source_uj[domain->source], whole.uj);
        if (!domain->told.exact)
            add_energy(&instant->unattributed, &whole);
    }
}

/* Where a record's energy belongs: pseudo-workloads are no rows. */
static int add_record(struct top_window *window, const struct ring *ring,
                      const struct ring_energy *record,
                      const struct domain domains[FRAME_DOMAINS_MAX], struct instant *instant)
{
    struct top_energy energy = energy_of(record, domains);
    uint32_t slot = ring_workload_slot(record->workload);
    if (slot == RING_WORKLOAD_IDLE) {
        add_energy(&instant->idle, &energy);
        return 0;
    }
    if (slot == RING_WORKLOAD_UNATTRIBUTED || slot == RING_WORKLOAD_UNSPLIT) {
        add_energy(&instant->unattributed, &energy);
        return 0;
    }
    if (energy.uj == 0 && record->cpu_ns == 0)
        return 0;
    struct cell *cell = &instant->cells[instant->n];
    *cell = (struct cell){.pid = record->pid,
                          .start_ticks = record->start_ticks,
                          .cpu_ns = record->cpu_ns,
                          .energy = energy};
    int r = hold_name(window, ring, record->workload, &cell->name);
    instant->n += r == 0;
    return r;
}

static int read_frame(struct top_window *window, const struct ring *ring, const struct frame *frame,
                      struct instant *instant)
{
    struct domain domains[FRAME_DOMAINS_MAX];
    const struct ring_frame *head = &frame->records[0].frame;
    *instant = (struct instant){.covered_ns = head->interval_ns, .gap_ns = head->gap_ns};
    if (frame->count > 1)
        instant->cpus = frame->records[1].host.cpus;
    instant->cells = calloc(frame->count, sizeof(*instant->cells));
    if (!instant->cells)
        return -ENOMEM;
    find_domains(ring, frame, domains);
    add_domains(domains, instant);
    int r = 0;
    for (size_t i = 0; i < frame->count && r == 0; i++)
        if (frame->records[i].type == RING_ENERGY)
            r = add_record(window, ring, &frame->records[i].energy, domains, instant);
    if (r < 0)
        release_cells(window, instant);
    return r;
}

/* ---- The window ---- */

static void forget_oldest(struct top_window *window)
{
    window->covered_ns = sub_saturated(window->covered_ns, window->instants[0].covered_ns);
    release_cells(window, &window->instants[0]);
    window->n--;
    memmove(window->instants, window->instants + 1, window->n * sizeof(*window->instants));
}

static void trim(struct top_window *window)
{
    while (window->n > 1 &&
           sub_saturated(window->covered_ns, window->instants[0].covered_ns) >= window->length_ns)
        forget_oldest(window);
}

static int grow(struct top_window *window)
{
    if (window->n < window->capacity)
        return 0;
    size_t capacity = MAX(2 * window->capacity, (size_t)64);
    struct instant *instants = realloc(window->instants, capacity * sizeof(*instants));
    if (!instants)
        return -ENOMEM;
    window->instants = instants;
    window->capacity = capacity;
    return 0;
}

int top_window_add(struct top_window *window, const struct ring *ring, const struct frame *frame)
{
    struct instant instant;
    const struct ring_frame *head = &frame->records[0].frame;
    int r = grow(window);
    if (r == 0)
        r = read_frame(window, ring, frame, &instant);
    if (r < 0)
        return r;
    if (window->followed)
        instant.missed_uj = sub_saturated(head->total_uj, window->last_total_uj);
    window->missed_uj = add_saturated(window->missed_uj, instant.missed_uj);
    window->followed = true;
    window->last_total_uj = add_saturated(head->total_uj, instant.total.uj);
    window->covered_ns = add_saturated(window->covered_ns, instant.covered_ns);
    window->instants[window->n++] = instant;
    trim(window);
    return 0;
}

void top_window_set_length(struct top_window *window, uint64_t length_ns)
{
    window->length_ns = length_ns;
    trim(window);
}

uint64_t top_window_length(const struct top_window *window)
{
    return window->length_ns;
}

void top_window_break(struct top_window *window)
{
    window->followed = false;
}

uint64_t top_window_missed(const struct top_window *window)
{
    return window->missed_uj;
}

/* ---- Sums ---- */

static void keep(char *target, size_t size, const char *text, bool told)
{
    if (told)
        (void)str_copy(target, size, text);
}

/* What tells a cell from others in its group. All else is 0. */
static void key_of(enum top_group group, const struct cell *cell, const struct workload *workload,
                   struct top_row *ret)
{
    memset(ret, 0, sizeof(*ret));
    bool whole = group == TOP_BY_WORKLOAD || group == TOP_BY_PROCESS;
    bool boxed = workload->kind == WORKLOAD_CONTAINER || workload->kind == WORKLOAD_VM;
    keep(ret->unit, sizeof(ret->unit), workload->unit,
         whole || group == TOP_BY_UNIT || (group == TOP_BY_CONTAINER && boxed));
    keep(ret->command, sizeof(ret->command), workload->command, whole);
    keep(ret->user, sizeof(ret->user), workload->user, whole || group == TOP_BY_USER);
    ret->kind = whole || group == TOP_BY_UNIT || (group == TOP_BY_CONTAINER && boxed)
                    ? workload->kind
                    : WORKLOAD_KINDS;
    if (group == TOP_BY_PROCESS) {
        ret->pid = cell->pid;
        ret->start_ticks = cell->start_ticks;
    }
}

/* All that key_of() fills. */
enum { KEY_SIZE = offsetof(struct top_row, user) + WORKLOAD_USER_MAX };

static size_t hash_of(const struct top_row *key)
{
    return (size_t)hash_bytes(HASH_BEGIN, key, KEY_SIZE);
}

static int grow_rows(struct top_sums *sums)
{
    if (sums->n < sums->capacity)
        return 0;
    size_t capacity = MAX(2 * sums->capacity, (size_t)64);
    struct top_row *rows = realloc(sums->rows, capacity * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    sums->rows = rows;
    size_t n_buckets = 2 * capacity;
    uint32_t *buckets = calloc(n_buckets, sizeof(*buckets));
    if (!buckets)
        return -ENOMEM;
    free(sums->buckets);
    sums->buckets = buckets;
    sums->n_buckets = n_buckets;
    sums->capacity = capacity;
    for (size_t i = 0; i < sums->n; i++) {
        size_t at = hash_of(&sums->rows[i]) % n_buckets;
        while (buckets[at] != 0)
            at = (at + 1) % n_buckets;
        buckets[at] = (uint32_t)i + 1;
    }
    return 0;
}

/* The row of a key; NULL: out of memory. */
static struct top_row *find_row(struct top_sums *sums, const struct top_row *key)
{
    if (grow_rows(sums) < 0)
        return NULL;
    size_t at = hash_of(key) % sums->n_buckets;
    for (; sums->buckets[at] != 0; at = (at + 1) % sums->n_buckets) {
        struct top_row *row = &sums->rows[sums->buckets[at] - 1];
        if (memcmp(row, key, KEY_SIZE) == 0)
            return row;
    }
    sums->rows[sums->n] = *key;
    sums->buckets[at] = (uint32_t)++sums->n;
    return &sums->rows[sums->n - 1];
}

static void clear(struct top_sums *sums)
{
    const struct top_sums kept = *sums;
    *sums = (struct top_sums){.rows = kept.rows,
                              .capacity = kept.capacity,
                              .buckets = kept.buckets,
                              .n_buckets = kept.n_buckets};
    if (sums->buckets)
        memset(sums->buckets, 0, sums->n_buckets * sizeof(*sums->buckets));
}

static int sum_instant(const struct top_window *window, const struct instant *instant,
                       enum top_group group, struct top_sums *sums)
{
    sums->frames++;
    sums->covered_ns = add_saturated(sums->covered_ns, instant->covered_ns);
    sums->cpus = instant->cpus;
    add_energy(&sums->total, &instant->total);
    add_energy(&sums->idle, &instant->idle);
    add_energy(&sums->unattributed, &instant->unattributed);
    for (size_t i = 0; i < ENERGY_SOURCES; i++)
        sums->source_uj[i] = add_saturated(sums->source_uj[i], instant->source_uj[i]);
    for (size_t i = 0; i < instant->n; i++) {
        const struct cell *cell = &instant->cells[i];
        struct top_row key;
        key_of(group, cell, &window->names[cell->name].workload, &key);
        struct top_row *row = find_row(sums, &key);
        if (!row)
            return -ENOMEM;
        add_energy(&row->energy, &cell->energy);
        row->cpu_ns = add_saturated(row->cpu_ns, cell->cpu_ns);
    }
    return 0;
}

int top_window_sum(const struct top_window *window, enum top_group group, struct top_sums *sums)
{
    clear(sums);
    int r = 0;
    for (size_t i = 0; i < window->n && r == 0; i++) {
        /* What lies before the first frame is not in the window. */
        if (i > 0) {
            sums->gap_ns = add_saturated(sums->gap_ns, window->instants[i].gap_ns);
            sums->missed_uj = add_saturated(sums->missed_uj, window->instants[i].missed_uj);
        }
        r = sum_instant(window, &window->instants[i], group, sums);
    }
    return r;
}

void top_sums_done(struct top_sums *sums)
{
    free(sums->rows);
    free(sums->buckets);
    *sums = (struct top_sums){0};
}
