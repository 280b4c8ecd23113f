/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Adding a batch: every row goes to its minute, its hour and its day in the same transaction as the
 * position, so that there is no later roll-up to go wrong when the clock is set or the power
 * fails. */

#include <sys/stat.h>

#include "storage/store_internal.h"
#include "storage/vocabulary.h"

static bool workload_is_sound(const struct workload *workload)
{
    return vocabulary_word(&vocabulary_workload, workload->kind) != NULL;
}

static bool domain_is_sound(const struct ring_domain_entry *domain)
{
    return vocabulary_word(&vocabulary_domain, domain->kind) &&
           vocabulary_word(&vocabulary_source, domain->source);
}

static bool minute_is_sound(int64_t begin_s)
{
    return begin_s % STORE_MINUTE_S == 0;
}

/* A caller that breaks the contract is told so before anything is written. */
static bool batch_is_sound(const struct store_batch *batch)
{
    bool sound = true;
    for (size_t i = 0; i < batch->n_workloads; i++)
        sound = sound && workload_is_sound(&batch->workloads[i]);
    for (size_t i = 0; i < batch->n_domains; i++)
        sound = sound && domain_is_sound(&batch->domains[i]);
    for (size_t i = 0; i < batch->n_energies; i++)
        sound = sound && minute_is_sound(batch->energies[i].begin_s) &&
                batch->energies[i].workload < batch->n_workloads &&
                batch->energies[i].domain < batch->n_domains;
    for (size_t i = 0; i < batch->n_activities; i++)
        sound = sound && minute_is_sound(batch->activities[i].begin_s) &&
                batch->activities[i].workload < batch->n_workloads;
    for (size_t i = 0; i < batch->n_reservations; i++)
        sound = sound && minute_is_sound(batch->reservations[i].begin_s) &&
                batch->reservations[i].workload < batch->n_workloads;
    for (size_t i = 0; i < batch->n_spans; i++)
        sound = sound && minute_is_sound(batch->spans[i].begin_s);
    for (size_t i = 0; i < batch->n_events; i++)
        sound = sound && vocabulary_word(&vocabulary_event, batch->events[i].kind);
    for (size_t i = 0; i < batch->n_series; i++)
        sound = sound && vocabulary_word(&vocabulary_workload, batch->series[i].kind) &&
                vocabulary_word(&vocabulary_source, batch->series[i].source);
    return sound;
}

/* Room for `count` members, kept for the next batch; cleared. */
static int reserve(void **array, size_t *capacity, size_t count, size_t member)
{
    if (count > *capacity) {
        void *larger = reallocarray(*array, count, member);
        if (!larger)
            return -ENOMEM;
        *array = larger;
        *capacity = count;
    }
    if (count > 0)
        memset(*array, 0, count * member);
    return 0;
}

static int reserve_all(struct store *store, const struct store_batch *batch)
{
    int r = reserve((void **)&store->slots, &store->slots_capacity, batch->n_workloads,
                    sizeof(*store->slots));
    if (r == 0)
        r = reserve((void **)&store->domains, &store->domains_capacity, batch->n_domains,
                    sizeof(*store->domains));
    size_t rows = MAX(MAX(batch->n_energies, batch->n_activities), batch->n_reservations);
    if (r == 0)
        r = reserve((void **)&store->rows, &store->rows_capacity, rows, sizeof(*store->rows));
    return r;
}

/* Steps a statement that finds an id. 0 where there is none. */
static int find_id(sqlite3_stmt *find, int64_t *ret_id)
{
    int r = database_step(find);
    if (r != DATABASE_ROW)
        return r;
    *ret_id = sqlite3_column_int64(find, 0);
    (void)sqlite3_reset(find);
    return 0;
}

static void bind_workload(sqlite3_stmt *statement, const struct workload *workload, bool anonymous,
                          int64_t day_s, bool with_day)
{
    database_bind(statement, with_day ? "tnnni" : "tnnn",
                  vocabulary_word(&vocabulary_workload, workload->kind), sizeof(workload->unit),
                  anonymous ? "users" : workload->unit, sizeof(workload->command),
                  workload->command, sizeof(workload->user), anonymous ? "users" : workload->user,
                  day_s);
}

/* The row of a workload of the batch; made where there is none. Notes the day it was seen in. */
static int find_workload(struct store *store, const struct workload *workload,
                         struct store_slot *slot, int64_t day_s)
{
    if (slot->id != 0 && slot->day_s == day_s)
        return 0;
    bool anonymous = store->retention_names_s == 0 && store_names_person(workload);
    sqlite3_stmt *find = store->statements[STORE_WORKLOAD_FIND];
    bind_workload(find, workload, anonymous, day_s, false);
    int r = slot->id ? 0 : find_id(find, &slot->id);
    if (r < 0)
        return r;
    slot->day_s = day_s;
    sqlite3_stmt *write = store->statements[slot->id ? STORE_WORKLOAD_SEEN : STORE_WORKLOAD_ADD];
    if (slot->id)
        database_bind(write, "ii", slot->id, day_s);
    else
        bind_workload(write, workload, anonymous, day_s, true);
    r = database_run(write);
    if (r == 0 && slot->id == 0)
        slot->id = sqlite3_last_insert_rowid(store->db);
    return r;
}

static int find_domain(struct store *store, const struct ring_domain_entry *domain, int64_t *id)
{
    if (*id != 0)
        return 0;
    const char *kind = vocabulary_word(&vocabulary_domain, domain->kind);
    const char *source = vocabulary_word(&vocabulary_source, domain->source);
    sqlite3_stmt *find = store->statements[STORE_DOMAIN_FIND];
    database_bind(find, "ntt", sizeof(domain->name), domain->name, kind, source);
    int r = find_id(find, id);
    if (r < 0 || *id != 0)
        return r;
    sqlite3_stmt *add = store->statements[STORE_DOMAIN_ADD];
    database_bind(add, "ntt", sizeof(domain->name), domain->name, kind, source);
    r = database_run(add);
    if (r == 0)
        *id = sqlite3_last_insert_rowid(store->db);
    return r;
}

/* A row of a workload in a minute, without its values. */
static int place_row(struct store *store, const struct store_batch *batch, int64_t minute_s,
                     uint32_t workload, struct store_row *ret_row)
{
    const struct store_place *place = NULL;
    struct store_slot *slot = &store->slots[workload];
    int r = store_place(store, minute_s, &place);
    if (r == 0)
        r = find_workload(store, &batch->workloads[workload], slot, place->begin_s[LEVEL_DAY]);
    if (r < 0)
        return r;
    *ret_row = (struct store_row){
        .workload = slot->id, .values = {UINT64_MAX, UINT64_MAX}
    };
    memcpy(ret_row->begin_s, place->begin_s, sizeof(ret_row->begin_s));
    return 0;
}

static int add_energies(struct store *store, const struct store_batch *batch)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->n_energies; i++) {
        const struct store_energy *energy = &batch->energies[i];
        struct store_row *row = &store->rows[i];
        int64_t *domain = &store->domains[energy->domain];
        r = place_row(store, batch, energy->begin_s, energy->workload, row);
        if (r == 0)
            r = find_domain(store, &batch->domains[energy->domain], domain);
        row->domain = *domain;
        row->values[0] = (uint64_t)store_sum(energy->energy_uj);
        row->values[1] = energy->uncertainty_uj;
    }
    return r < 0 ? r : store_add_rows(store, STORE_ENERGY_ADD, batch->n_energies);
}

static int add_activities(struct store *store, const struct store_batch *batch)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->n_activities; i++) {
        const struct store_activity *activity = &batch->activities[i];
        r = place_row(store, batch, activity->begin_s, activity->workload, &store->rows[i]);
        store->rows[i].values[0] = (uint64_t)store_sum(activity->cpu_ns);
    }
    return r < 0 ? r : store_add_rows(store, STORE_CPU_ADD, batch->n_activities);
}

static int add_reservations(struct store *store, const struct store_batch *batch)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->n_reservations; i++) {
        const struct store_reservation *reservation = &batch->reservations[i];
        struct store_row *row = &store->rows[i];
        r = place_row(store, batch, reservation->begin_s, reservation->workload, row);
        row->values[0] = reservation->memory_kib_s;
        row->values[1] = reservation->weight_ppb_s;
    }
    return r < 0 ? r : store_add_rows(store, STORE_RESERVED_ADD, batch->n_reservations);
}

static int add_spans(struct store *store, const struct store_batch *batch)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->n_spans; i++) {
        const struct store_span *span = &batch->spans[i];
        const struct store_place *place = NULL;
        r = store_place(store, span->begin_s, &place);
        for (enum level level = LEVEL_MINUTE; r == 0 && level < LEVELS; level++) {
            sqlite3_stmt *add = store->statements[STORE_SPAN_ADD + level];
            database_bind(add, "iiiii", place->begin_s[level], store_sum(span->covered_ns),
                          store_sum(span->gap_ns), store_sum(span->memory_ns),
                          store_sum(span->weight_ns));
            r = database_run(add);
        }
    }
    return r;
}

static int add_events(struct store *store, const struct store_batch *batch)
{
    sqlite3_stmt *add = store->statements[STORE_EVENT_ADD];
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->n_events; i++) {
        const struct store_event *event = &batch->events[i];
        database_bind(add, "itnii", event->time_s, vocabulary_word(&vocabulary_event, event->kind),
                      sizeof(event->subject), event->subject, store_sum(event->duration_ns),
                      store_sum(event->energy_uj));
        r = database_run(add);
    }
    return r;
}

static int put_meters(struct store *store, const struct store_batch *batch)
{
    sqlite3_stmt *add = store->statements[STORE_METER_ADD];
    int r = database_run(store->statements[STORE_METERS_FORGET]);
    for (size_t i = 0; r == 0 && i < batch->n_meters; i++) {
        const struct store_meter *meter = &batch->meters[i];
        database_bind(add, "niii", sizeof(meter->key), meter->key, (int64_t)meter->raw_uj,
                      (int64_t)meter->mono_ns, (int64_t)meter->boottime_ns);
        r = database_run(add);
    }
    return r;
}

/* Whether another program has deleted the series, with the name of a person who is to be forgotten.
 * What changed since means nothing without the rest, and the rest brings the name back. */
static int find_forgotten(struct store *store)
{
    sqlite3_stmt *any = store->statements[STORE_SERIES_ANY];
    int r = database_step(any);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EUCLEAN;
    store->series_forgotten |= store->has_series && sqlite3_column_int64(any, 0) == 0;
    (void)sqlite3_reset(any);
    return 0;
}

static int put_series(struct store *store, const struct store_batch *batch)
{
    sqlite3_stmt *put = store->statements[STORE_SERIES_PUT];
    int r = find_forgotten(store);
    if (r < 0 || store->series_forgotten)
        return r;
    if (batch->series_reset) {
        r = database_run(store->statements[STORE_SERIES_FORGET]);
        store->wal_has_names = true;
    }
    for (size_t i = 0; r == 0 && i < batch->n_series; i++) {
        const struct store_series *series = &batch->series[i];
        database_bind(put, "tnnntiiiii", vocabulary_word(&vocabulary_workload, series->kind),
                      sizeof(series->unit), series->unit, sizeof(series->command), series->command,
                      sizeof(series->domain), series->domain,
                      vocabulary_word(&vocabulary_source, series->source),
                      (int64_t)series->energy_uj, (int64_t)series->shown_mj,
                      (int64_t)series->cpu_ns, (int64_t)series->score, series->admitted_mono_ns);
        r = database_run(put);
    }
    return r;
}

static int prune(struct store *store, const struct store_batch *batch)
{
    return store_prune(store, batch->position.real_ns / (int64_t)NS_PER_S);
}

/* Without its series a daemon that goes on from here lets the counters begin anew. */
static int put_position(struct store *store, const struct store_batch *batch)
{
    const struct store_position *position = &batch->position;
    sqlite3_stmt *put = store->statements[STORE_POSITION_PUT];
    database_bind(put, "biiiibiiii", position->ring_id, sizeof(position->ring_id),
                  (int64_t)position->position, (int64_t)position->frame,
                  (int64_t)position->total_uj, position->real_ns, position->boot_id,
                  sizeof(position->boot_id), (int64_t)position->mono_ns, (int64_t)position->clean,
                  (int64_t)(position->series_continuous && !store->series_forgotten),
                  (int64_t)position->boottime_ns);
    return database_run(put);
}

static int add_batch(struct store *store, const struct store_batch *batch)
{
    static int (*const parts[])(struct store *, const struct store_batch *) = {
        add_spans,  add_energies, add_activities, add_reservations, add_events,
        put_meters, put_series,   prune,          put_position,
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(parts); i++)
        r = parts[i](store, batch);
    return r;
}

/* Someone removed or replaced the file: what is written now would be lost without a word. */
static bool file_was_moved(const struct store *store)
{
    struct stat status;
    if (stat(store->path, &status) < 0)
        return errno == ENOENT || errno == ENOTDIR;
    return status.st_ino != store->inode || status.st_dev != store->device;
}

/* Keeps the -wal small, and lets a plain reader of the file see what was committed. What fails here
 * is tried again after the next commit: the batch is safe in the -wal. */
static void checkpoint(struct store *store, const struct store_position *position)
{
    int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    store->moved = result == SQLITE_OK;
    store->moved_ns = position->mono_ns;
}

/* Pages of the current hour change in every commit: moved once for many commits, they cost the disk
 * half, and two of three waits for it. */
static bool is_checkpoint_due(const struct store *store, const struct store_position *position)
{
    return !store->moved || position->mono_ns - store->moved_ns >= STORE_MOVE_NS;
}

static void wipe_names(struct store *store)
{
    if (!store->wal_has_names)
        return;
    (void)sqlite3_busy_timeout(store->db, 0);
    (void)store_wipe_wal(store);
    (void)sqlite3_busy_timeout(store->db, DATABASE_BUSY_TIMEOUT_MS);
}

int store_commit(struct store *store, const struct store_batch *batch)
{
    if (!batch_is_sound(batch)) {
        (void)str_copy(store->error, sizeof(store->error), "the batch contradicts itself");
        return -EINVAL;
    }
    if (file_was_moved(store)) {
        (void)str_copy(store->error, sizeof(store->error), "the file was removed or replaced");
        return -EUCLEAN;
    }
    int r = reserve_all(store, batch);
    if (r < 0)
        return r;
    r = store_begin(store);
    if (r < 0)
        return r;
    r = store_end(store, add_batch(store, batch));
    if (r < 0) {
        /* On a full disk there may be room yet in the -wal, once its pages have moved. */
        checkpoint(store, &batch->position);
        return r;
    }
    store->names_folded = true;
    store->has_series |= batch->n_series > 0;
    if (is_checkpoint_due(store, &batch->position))
        checkpoint(store, &batch->position);
    wipe_names(store);
    return 0;
}
