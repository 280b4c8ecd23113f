/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "history.h"

#include "greend/units.h"
#include "storage/database.h"
#include "storage/vocabulary.h"

static struct workload workloads[HISTORY_WORKLOADS];
static struct ring_domain_entry domains[HISTORY_DOMAINS];

static void name_things(void)
{
    static const char *const names[HISTORY_DOMAINS] = {"package-0", "dram-0", "rest"};
    static const enum domain_kind kinds[HISTORY_DOMAINS] = {DOMAIN_PACKAGE, DOMAIN_DRAM,
                                                            DOMAIN_REST};
    for (uint32_t i = 0; i < HISTORY_DOMAINS; i++) {
        domains[i].kind = kinds[i];
        domains[i].source = kinds[i] == DOMAIN_REST ? SOURCE_MODEL : SOURCE_RAPL;
        (void)str_copy(domains[i].name, DOMAIN_NAME_MAX, names[i]);
    }
    for (uint32_t i = 0; i < HISTORY_WORKLOADS; i++) {
        struct workload *workload = &workloads[i];
        workload->kind = WORKLOAD_SERVICE;
        (void)snprintf(workload->unit, WORKLOAD_UNIT_MAX, "application-%u.service", i);
        (void)snprintf(workload->command, WORKLOAD_COMMAND_MAX, "worker-%u", i);
    }
}

/* A share that falls with the rank of the workload, 80 W in all, another one each day. */
static uint64_t energy_of(uint32_t workload, uint32_t domain, int64_t begin_s, int64_t minutes)
{
    uint64_t rank = workload + 1, part = domain + 1;
    uint64_t noise = ((uint64_t)begin_s / 86400 * 7919 + rank * 104729) % 10007;
    return (2200000000 / (rank * rank) + 20000 * rank + 97 * noise) / (part * part) *
           (uint64_t)minutes;
}

/* ---- The past ---- */

static const char *const span_sql[] = {
    "INSERT INTO minute_span VALUES (?1, 60000000000, 0, 60000000000, 60000000000)",
    "INSERT INTO hour_span VALUES (?1, 3600, 0, ?1, ?1 + 3600, 3600000000000, 0, ?2, "
    "3600000000000, 3600000000000)",
    "INSERT INTO day_span VALUES (?1, 86400, 0, ?1, ?1 + 86400, 86400000000000, 0, ?2, "
    "86400000000000, 86400000000000)",
};
static const char *const energy_sql[] = {
    "INSERT INTO minute_energy VALUES (?1, ?2, ?3, ?4, ?5)",
    "INSERT INTO hour_energy VALUES (?1, ?2, ?3, ?4, ?5)",
    "INSERT INTO day_energy VALUES (?1, ?2, ?3, ?4, ?5)",
};
static const char *const cpu_sql[] = {
    "INSERT INTO minute_cpu VALUES (?1, ?2, ?3)",
    "INSERT INTO hour_cpu VALUES (?1, ?2, ?3)",
    "INSERT INTO day_cpu VALUES (?1, ?2, ?3)",
};

static const char *const reserved_sql[] = {
    "INSERT INTO minute_reserved VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO hour_reserved VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO day_reserved VALUES (?1, ?2, ?3, ?4)",
};

/* KiB x s, and billionths of the machine x s: each workload is a unit. */
static uint64_t memory_of(uint32_t workload, int64_t begin_s, int64_t minutes)
{
    return (400000 + energy_of(workload, 0, begin_s, 1) % 100000) * 60 * (uint64_t)minutes;
}

static uint64_t weight_of(int64_t minutes)
{
    return UINT64_C(1000000000) / HISTORY_WORKLOADS * 60 * (uint64_t)minutes;
}

/* One bucket; the number of its rows. */
static int add_bucket(sqlite3_stmt *energy, sqlite3_stmt *cpu, sqlite3_stmt *reserved,
                      int64_t begin_s, int64_t minutes)
{
    int rows = 0, r = 0;
    for (uint32_t w = 0; r == 0 && w < HISTORY_WORKLOADS; w++) {
        for (uint32_t d = 0; r == 0 && d < HISTORY_DOMAINS; d++, rows++) {
            int64_t uj = (int64_t)energy_of(w, d, begin_s, minutes);
            database_bind(energy, "iiiii", begin_s, (int64_t)w + 1, (int64_t)d + 1, uj, uj / 20);
            r = database_run(energy);
        }
        int64_t cpu_ns = (int64_t)energy_of(w, 0, begin_s, minutes) * 17;
        database_bind(cpu, "iii", begin_s, (int64_t)w + 1, cpu_ns);
        r = r < 0 ? r : database_run(cpu);
        database_bind(reserved, "iiii", begin_s, (int64_t)w + 1,
                      (int64_t)memory_of(w, begin_s, minutes), (int64_t)weight_of(minutes));
        r = r < 0 ? r : database_run(reserved);
        rows += 2;
    }
    return r < 0 ? r : rows;
}

static int add_level(sqlite3 *db, int level, const struct history *history, uint64_t *rows)
{
    static const int64_t lengths_s[] = {60, 3600, 86400};
    const int64_t days[] = {history->days_of_minutes, history->days_of_hours, history->days};
    const int64_t finer[] = {0, history->days_of_minutes, history->days_of_hours};
    CLEANUP(database_finalize_p)
    sqlite3_stmt *span = NULL, *energy = NULL, *cpu = NULL, *reserved = NULL;
    int r = database_prepare(db, span_sql[level], &span);
    if (r == 0)
        r = database_prepare(db, energy_sql[level], &energy);
    if (r == 0)
        r = database_prepare(db, cpu_sql[level], &cpu);
    if (r == 0)
        r = database_prepare(db, reserved_sql[level], &reserved);
    int64_t begin_s = history->end_s - days[level] * 86400;
    for (; r >= 0 && begin_s < history->end_s; begin_s += lengths_s[level]) {
        database_bind(span, "ii", begin_s,
                      (int64_t)(begin_s >= history->end_s - finer[level] * 86400));
        r = database_run(span);
        r = r < 0 ? r : add_bucket(energy, cpu, reserved, begin_s, lengths_s[level] / 60);
        *rows += r > 0 ? (uint64_t)r : 0;
    }
    return r < 0 ? r : 0;
}

static int add_names(sqlite3 *db, const struct history *history)
{
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < HISTORY_WORKLOADS; i++)
        r = database_do(db, "INSERT INTO workload VALUES (?1, 'service', ?2, ?3, '', ?4, ?5)",
                        "ittii", (int64_t)i + 1, workloads[i].unit, workloads[i].command,
                        history->end_s - history->days * 86400, history->end_s - 86400);
    for (uint32_t i = 0; r == 0 && i < HISTORY_DOMAINS; i++)
        r = database_do(db, "INSERT INTO domain VALUES (?1, ?2, ?3, ?4)", "ittt", (int64_t)i + 1,
                        domains[i].name, vocabulary_word(&vocabulary_domain, domains[i].kind),
                        vocabulary_word(&vocabulary_source, domains[i].source));
    return r;
}

int history_make(const struct history *history, uint64_t *ret_rows)
{
    CLEANUP(database_close_p) sqlite3 *db = NULL;
    name_things();
    *ret_rows = 0;
    int r = database_open(&db, history->path, SQLITE_OPEN_READWRITE, "");
    if (r == 0)
        r = database_exec(db, "BEGIN");
    if (r == 0)
        r = add_names(db, history);
    for (int level = 0; r == 0 && level < 3; level++)
        r = add_level(db, level, history, ret_rows);
    return r < 0 ? r : database_exec(db, "COMMIT");
}

/* ---- The present ---- */

void history_minute(int64_t begin_s, struct store_batch *ret_batch)
{
    static struct store_energy energies[HISTORY_WORKLOADS * HISTORY_DOMAINS];
    static struct store_activity activities[HISTORY_WORKLOADS];
    static struct store_reservation reservations[HISTORY_WORKLOADS];
    static struct store_series series[HISTORY_WORKLOADS];
    static struct store_span span;
    static struct store_meter meters[] = {
        {"intel-rapl/package-0",      1, 0, 0},
        {"intel-rapl/package-0/dram", 1, 0, 0}
    };
    name_things();
    for (uint32_t w = 0; w < HISTORY_WORKLOADS; w++) {
        for (uint32_t d = 0; d < HISTORY_DOMAINS; d++) {
            uint64_t uj = energy_of(w, d, begin_s, 1);
            energies[w * HISTORY_DOMAINS + d] = (struct store_energy){begin_s, w, d, uj, uj / 20};
        }
        activities[w] = (struct store_activity){begin_s, w, energy_of(w, 0, begin_s, 1) * 17};
        reservations[w] =
            (struct store_reservation){begin_s, w, memory_of(w, begin_s, 1), weight_of(1)};
        (void)str_copy(series[w].unit, WORKLOAD_UNIT_MAX, workloads[w].unit);
        (void)str_copy(series[w].command, WORKLOAD_COMMAND_MAX, workloads[w].command);
        series[w].energy_uj += energy_of(w, 0, begin_s, 1);
        series[w].shown_mj = series[w].energy_uj / 1000;
    }
    span = (struct store_span){.begin_s = begin_s,
                               .covered_ns = 60 * NS_PER_S,
                               .memory_ns = 60 * NS_PER_S,
                               .weight_ns = 60 * NS_PER_S};
    meters[0].raw_uj += (uint64_t)begin_s;
    *ret_batch = (struct store_batch){
        .workloads = workloads,
        .n_workloads = HISTORY_WORKLOADS,
        .domains = domains,
        .n_domains = HISTORY_DOMAINS,
        .energies = energies,
        .n_energies = ARRAY_SIZE(energies),
        .activities = activities,
        .n_activities = ARRAY_SIZE(activities),
        .reservations = reservations,
        .n_reservations = ARRAY_SIZE(reservations),
        .spans = &span,
        .n_spans = 1,
        .meters = meters,
        .n_meters = ARRAY_SIZE(meters),
        .series = series,
        .n_series = ARRAY_SIZE(series),
    };
}
