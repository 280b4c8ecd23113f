/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Who used how much in a period. Sums are made here and not in SQL: SQLite's sum() fails where it
 * overflows, and its GROUP BY sorts what a hash table adds up in one pass. */

#include "storage/reader/reader_internal.h"
#include "storage/reader/tally.h"
#include "storage/vocabulary.h"

struct named_workload {
    int64_t id;
    struct workload workload;
};

struct named_domain {
    int64_t id;
    struct ring_domain_entry domain;
};

/* All names, sorted by id. Their number is what the sampler lets live, plus what left since the
 * oldest day that is kept. */
struct names {
    struct named_workload *workloads;
    size_t n_workloads;
    struct named_domain *domains;
    size_t n_domains;
};

static int read_workload(sqlite3_stmt *statement, void *member)
{
    struct named_workload *named = member;
    char word[32];
    *named = (struct named_workload){.id = sqlite3_column_int64(statement, 0)};
    database_text(statement, 1, word, sizeof(word));
    database_text(statement, 2, named->workload.unit, sizeof(named->workload.unit));
    database_text(statement, 3, named->workload.command, sizeof(named->workload.command));
    database_text(statement, 4, named->workload.user, sizeof(named->workload.user));
    return database_row(statement,
                        vocabulary_value(&vocabulary_workload, word, &named->workload.kind));
}

static int read_domain(sqlite3_stmt *statement, void *member)
{
    struct named_domain *named = member;
    char word[32];
    *named = (struct named_domain){.id = sqlite3_column_int64(statement, 0), .domain.used = 1};
    database_text(statement, 1, named->domain.name, sizeof(named->domain.name));
    database_text(statement, 2, word, sizeof(word));
    int r = vocabulary_value(&vocabulary_domain, word, &named->domain.kind);
    database_text(statement, 3, word, sizeof(word));
    if (r == 0)
        r = vocabulary_value(&vocabulary_source, word, &named->domain.source);
    return database_row(statement, r);
}

/* Reads all rows of a statement into an array of members. */
static int load(sqlite3 *db, const char *sql, size_t size,
                int (*read)(sqlite3_stmt *statement, void *member), void **ret_members,
                size_t *ret_count)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *statement = NULL;
    CLEANUP(free_p) char *members = NULL;
    size_t count = 0, capacity = 0;
    int r = database_prepare(db, sql, &statement);
    while (r >= 0 && (r = database_step(statement)) == DATABASE_ROW) {
        if (count == capacity) {
            capacity = MAX(capacity * 2, (size_t)128);
            char *larger = reallocarray(members, capacity, size);
            if (!larger)
                return -ENOMEM;
            members = larger;
        }
        r = read(statement, members + count++ * size);
    }
    if (r < 0)
        return r;
    *ret_members = TAKE_PTR(members);
    *ret_count = count;
    return 0;
}

static int load_names(sqlite3 *db, struct names *names)
{
    int r = load(db, "SELECT id, kind, unit, command, user FROM workload ORDER BY id",
                 sizeof(*names->workloads), read_workload, (void **)&names->workloads,
                 &names->n_workloads);
    return r < 0 ? r
                 : load(db, "SELECT id, name, kind, source FROM domain ORDER BY id",
                        sizeof(*names->domains), read_domain, (void **)&names->domains,
                        &names->n_domains);
}

/* Both kinds of names begin with their id. */
static int compare_id(const void *key, const void *member)
{
    int64_t a = *(const int64_t *)key, b = *(const int64_t *)member;
    return (a > b) - (a < b);
}

static const void *find_name(int64_t id, const void *names, size_t count, size_t size)
{
    return count ? bsearch(&id, names, count, size, compare_id) : NULL;
}

/* ---- Rows ---- */

struct usage_rows {
    struct store_reader *reader;
    int (*row)(void *userdata, const struct store_usage *usage);
    void *userdata;
    struct names names;
    struct tally tally; /* of the bucket */
    struct reader_bucket bucket;
    struct store_period cover; /* likewise */
};

static void usage_rows_done(struct usage_rows *rows)
{
    free(rows->names.workloads);
    free(rows->names.domains);
    tally_done(&rows->tally);
}

static int emit_entry(struct usage_rows *rows, const struct tally_entry *entry)
{
    const struct names *names = &rows->names;
    const struct named_workload *workload =
        find_name(entry->workload, names->workloads, names->n_workloads, sizeof(*workload));
    const struct named_domain *domain =
        find_name(entry->domain, names->domains, names->n_domains, sizeof(*domain));
    if (!workload || (!domain && entry->domain != 0))
        return -EUCLEAN;
    const struct store_usage usage = {
        .begin_s = rows->bucket.begin_s,
        .length_s = rows->bucket.length_s,
        .workload_id = workload->id,
        .workload = &workload->workload,
        .domain = domain ? &domain->domain : NULL,
        .energy_uj = entry->energy_uj,
        .uncertainty_uj = entry->uncertainty_uj,
        .cpu_ns = entry->cpu_ns,
        .memory_kib_s = entry->memory_kib_s,
        .weight_ppb_s = entry->weight_ppb_s,
        .covered_ns = rows->cover.covered_ns,
        .memory_ns = rows->cover.memory_ns,
        .weight_ns = rows->cover.weight_ns,
    };
    return rows->row(rows->userdata, &usage);
}

static int emit_bucket(struct usage_rows *rows)
{
    int r = 0;
    tally_sort(&rows->tally);
    for (size_t i = 0; r == 0 && i < rows->tally.count; i++)
        r = emit_entry(rows, &rows->tally.entries[i]);
    tally_clear(&rows->tally);
    rows->cover = (struct store_period){0};
    return r;
}

static int add_energy(struct usage_rows *rows, const struct reader_span *span)
{
    sqlite3_stmt *energies = NULL;
    int r = reader_statement(rows->reader, READER_ENERGY + span->level, &energies);
    if (r < 0)
        return r;
    database_bind(energies, "i", span->begin_s);
    while ((r = database_step(energies)) == DATABASE_ROW) {
        int64_t domain = sqlite3_column_int64(energies, 1);
        int64_t energy = sqlite3_column_int64(energies, 2);
        bool stated = sqlite3_column_type(energies, 3) != SQLITE_NULL;
        int64_t uncertainty = stated ? sqlite3_column_int64(energies, 3) : 0;
        struct tally_entry *entry =
            tally_at(&rows->tally, sqlite3_column_int64(energies, 0), domain);
        if (!entry || domain <= 0 || energy < 0 || uncertainty < 0) {
            (void)sqlite3_reset(energies);
            return entry ? -EUCLEAN : -ENOMEM;
        }
        entry->energy_uj = add_saturated(entry->energy_uj, (uint64_t)energy);
        entry->uncertainty_uj =
            stated ? add_saturated(entry->uncertainty_uj, (uint64_t)uncertainty) : UINT64_MAX;
    }
    return r;
}

static int add_cpu(struct usage_rows *rows, const struct reader_span *span)
{
    sqlite3_stmt *cpus = NULL;
    int r = reader_statement(rows->reader, READER_CPU + span->level, &cpus);
    if (r < 0)
        return r;
    database_bind(cpus, "i", span->begin_s);
    while ((r = database_step(cpus)) == DATABASE_ROW) {
        int64_t cpu_ns = sqlite3_column_int64(cpus, 1);
        struct tally_entry *entry = tally_at(&rows->tally, sqlite3_column_int64(cpus, 0), 0);
        if (!entry || cpu_ns < 0) {
            (void)sqlite3_reset(cpus);
            return entry ? -EUCLEAN : -ENOMEM;
        }
        entry->cpu_ns = add_saturated(entry->cpu_ns, (uint64_t)cpu_ns);
    }
    return r;
}

static int add_reserved(struct usage_rows *rows, const struct reader_span *span)
{
    sqlite3_stmt *reserved = NULL;
    int r = reader_statement(rows->reader, READER_RESERVED + span->level, &reserved);
    if (r < 0)
        return r;
    database_bind(reserved, "i", span->begin_s);
    while ((r = database_step(reserved)) == DATABASE_ROW) {
        /* NULL, which is not known, comes as 0 and adds nothing. */
        int64_t memory = sqlite3_column_int64(reserved, 1);
        int64_t weight = sqlite3_column_int64(reserved, 2);
        struct tally_entry *entry = tally_at(&rows->tally, sqlite3_column_int64(reserved, 0), 0);
        if (!entry || memory < 0 || weight < 0) {
            (void)sqlite3_reset(reserved);
            return entry ? -EUCLEAN : -ENOMEM;
        }
        entry->memory_kib_s = add_saturated(entry->memory_kib_s, (uint64_t)memory);
        entry->weight_ppb_s = add_saturated(entry->weight_ppb_s, (uint64_t)weight);
    }
    return r;
}

static int collect_usage(void *userdata, const struct reader_span *span,
                         const struct reader_bucket *bucket)
{
    struct usage_rows *rows = userdata;
    int r = rows->bucket.begin_s != bucket->begin_s ? emit_bucket(rows) : 0;
    rows->bucket = *bucket;
    reader_add_cover(&rows->cover, span);
    if (r == 0)
        r = add_energy(rows, span);
    if (r == 0)
        r = add_cpu(rows, span);
    return r ? r : add_reserved(rows, span);
}

int store_reader_usage(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, const struct store_usage *usage), void *userdata)
{
    CLEANUP(usage_rows_done)
    struct usage_rows rows = {.reader = reader, .row = row, .userdata = userdata};
    struct store_period resolved = {0};
    int r = reader_begin(reader);
    if (r == 0)
        r = reader_resolve(reader, period->since_s, period->until_s, &resolved);
    if (r != 0)
        return reader_end(reader, r == STORE_NO_DATA ? 0 : r);
    r = load_names(reader->db, &rows.names);
    if (r == 0)
        r = reader_walk(reader, &resolved, group, collect_usage, &rows);
    if (r == 0)
        r = emit_bucket(&rows);
    return reader_end(reader, r);
}
