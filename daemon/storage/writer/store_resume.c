/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a daemon that starts goes on from. */

#include "storage/store_internal.h"
#include "storage/vocabulary.h"

/* Room for one more member of a growing array. */
static int grow(void **array, size_t count, size_t *capacity, size_t member)
{
    if (count < *capacity)
        return 0;
    size_t more = MAX(*capacity * 2, (size_t)16);
    void *larger = reallocarray(*array, more, member);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *capacity = more;
    return 0;
}

static int load_position(sqlite3 *db, struct store_resume *resume)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *state = NULL;
    int r = database_prepare(db,
                             "SELECT ring_id, position, frame, total_uj, real_ns, boot_id, mono_ns,"
                             " clean, series_continuous, boottime_ns FROM state",
                             &state);
    if (r < 0)
        return r;
    r = database_step(state);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EUCLEAN;
    resume->known = sqlite3_column_type(state, 0) != SQLITE_NULL;
    struct store_position *position = &resume->position;
    database_blob(state, 0, position->ring_id, sizeof(position->ring_id));
    position->position = (uint64_t)sqlite3_column_int64(state, 1);
    position->frame = (uint64_t)sqlite3_column_int64(state, 2);
    position->total_uj = (uint64_t)sqlite3_column_int64(state, 3);
    position->real_ns = sqlite3_column_int64(state, 4);
    database_blob(state, 5, position->boot_id, sizeof(position->boot_id));
    position->mono_ns = (uint64_t)sqlite3_column_int64(state, 6);
    position->clean = sqlite3_column_int64(state, 7) != 0;
    position->series_continuous = sqlite3_column_int64(state, 8) != 0;
    position->boottime_ns = (uint64_t)sqlite3_column_int64(state, 9);
    return 0;
}

static int load_meters(sqlite3 *db, struct store_resume *resume)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *meters = NULL;
    size_t capacity = 0;
    int r = database_prepare(db, "SELECT key, raw_uj, mono_ns, boottime_ns FROM meter", &meters);
    while (r >= 0 && (r = database_step(meters)) == DATABASE_ROW) {
        r = grow((void **)&resume->meters, resume->n_meters, &capacity, sizeof(*resume->meters));
        if (r < 0)
            return r;
        struct store_meter *meter = &resume->meters[resume->n_meters++];
        database_text(meters, 0, meter->key, sizeof(meter->key));
        meter->raw_uj = (uint64_t)sqlite3_column_int64(meters, 1);
        meter->mono_ns = (uint64_t)sqlite3_column_int64(meters, 2);
        meter->boottime_ns = (uint64_t)sqlite3_column_int64(meters, 3);
    }
    return r;
}

static int read_series(sqlite3_stmt *statement, struct store_series *series)
{
    char word[32];
    database_text(statement, 0, word, sizeof(word));
    int r = vocabulary_value(&vocabulary_workload, word, &series->kind);
    database_text(statement, 4, word, sizeof(word));
    if (r == 0)
        r = vocabulary_value(&vocabulary_source, word, &series->source);
    database_text(statement, 1, series->unit, sizeof(series->unit));
    database_text(statement, 2, series->command, sizeof(series->command));
    database_text(statement, 3, series->domain, sizeof(series->domain));
    series->energy_uj = (uint64_t)sqlite3_column_int64(statement, 5);
    series->shown_mj = (uint64_t)sqlite3_column_int64(statement, 6);
    series->cpu_ns = (uint64_t)sqlite3_column_int64(statement, 7);
    series->score = (uint64_t)sqlite3_column_int64(statement, 8);
    series->admitted_mono_ns = sqlite3_column_int64(statement, 9);
    return database_row(statement, r);
}

static int load_series(sqlite3 *db, struct store_resume *resume)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *series = NULL;
    size_t capacity = 0;
    int r = database_prepare(db,
                             "SELECT kind, unit, command, domain, source, energy_uj, shown_mj,"
                             " cpu_ns, score, admitted_mono_ns FROM series",
                             &series);
    while (r >= 0 && (r = database_step(series)) == DATABASE_ROW) {
        r = grow((void **)&resume->series, resume->n_series, &capacity, sizeof(*resume->series));
        if (r == 0)
            r = read_series(series, &resume->series[resume->n_series++]);
    }
    return r;
}

/* Series of persons, who are not to be named any more. */
static bool names_persons(const struct store_resume *resume)
{
    for (size_t i = 0; i < resume->n_series; i++)
        if (resume->series[i].kind == WORKLOAD_USER && !str_equal(resume->series[i].unit, "users"))
            return true;
    return false;
}

int store_load_resume(struct store *store, struct store_resume *ret_resume)
{
    CLEANUP(store_resume_done) struct store_resume resume = {0};
    int r = load_position(store->db, &resume);
    if (r == 0)
        r = load_meters(store->db, &resume);
    if (r == 0)
        r = load_series(store->db, &resume);
    if (r < 0)
        return r;
    if (store->retention_names_s == 0 && names_persons(&resume))
        resume.position.series_continuous = false;
    store->has_series = resume.n_series > 0;
    *ret_resume = resume;
    resume = (struct store_resume){0};
    return 0;
}

void store_resume_done(struct store_resume *resume)
{
    free(resume->meters);
    free(resume->series);
    *resume = (struct store_resume){0};
}
