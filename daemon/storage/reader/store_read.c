/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Readers: opening a history that someone else may be writing, and its plain facts. */

#include <limits.h>
#include <sys/stat.h>

#include "storage/reader/reader_internal.h"
#include "storage/schema/schema.h"
#include "storage/vocabulary.h"

#define EACH_LEVEL(statement, sql)                                                                 \
    [(statement) + LEVEL_MINUTE] = sql("minute"), [(statement) + LEVEL_HOUR] = sql("hour"),        \
                   [(statement) + LEVEL_DAY] = sql("day")

#define ENERGY(level)                                                                              \
    "SELECT workload, domain, energy_uj, uncertainty_uj FROM " level "_energy WHERE begin_s = ?1"
#define CPU(level) "SELECT workload, cpu_ns FROM " level "_cpu WHERE begin_s = ?1"

#define RESERVED(level)                                                                            \
    "SELECT workload, memory_kib_s, weight_ppb_s FROM " level "_reserved WHERE begin_s = ?1"

/* `known`: the columns of how long reservations are known for. */
#define MINUTE_COLUMNS(known)                                                                      \
    "begin_s, 60, begin_s, begin_s + 60, covered_ns, gap_ns, 0, " known " FROM minute_span"
#define HOUR_COLUMNS(known)                                                                        \
    "begin_s, length_s, first_s, last_s, covered_ns, gap_ns, minutes_kept, " known " FROM "        \
    "hour_span"
#define DAY_COLUMNS(known)                                                                         \
    "begin_s, length_s, first_s, last_s, covered_ns, gap_ns, hours_kept, " known " FROM day_span"

#define SPANS(columns)   "SELECT " columns " WHERE begin_s >= ?1 AND begin_s < ?2 ORDER BY begin_s"
#define SPAN_AT(columns) "SELECT " columns " WHERE begin_s < ?1 ORDER BY begin_s DESC LIMIT 1"

#define ALL_SPANS(known)                                                                           \
    [READER_SPANS + LEVEL_MINUTE] = SPANS(MINUTE_COLUMNS(known)),                                  \
                    [READER_SPANS + LEVEL_HOUR] = SPANS(HOUR_COLUMNS(known)),                      \
                    [READER_SPANS + LEVEL_DAY] = SPANS(DAY_COLUMNS(known)),                        \
                    [READER_SPAN_AT + LEVEL_MINUTE] = SPAN_AT(MINUTE_COLUMNS(known)),              \
                    [READER_SPAN_AT + LEVEL_HOUR] = SPAN_AT(HOUR_COLUMNS(known)),                  \
                    [READER_SPAN_AT + LEVEL_DAY] = SPAN_AT(DAY_COLUMNS(known))

static const char *const reader_sql[READER_STATEMENTS] = {
    EACH_LEVEL(READER_ENERGY, ENERGY),
    EACH_LEVEL(READER_CPU, CPU),
    EACH_LEVEL(READER_RESERVED, RESERVED),
    ALL_SPANS("memory_ns, weight_ns"),
    [READER_EXTENT] = "SELECT (SELECT first_s FROM day_span ORDER BY begin_s LIMIT 1),"
                      " (SELECT last_s FROM day_span ORDER BY begin_s DESC LIMIT 1)",
    [READER_EVENTS] = "SELECT time_s, kind, subject, duration_ns, energy_uj FROM event"
                      " WHERE time_s >= ?1 AND time_s < ?2 ORDER BY time_s, id",
};

/* What differs in databases of before version 3, which know nothing of reservations. */
enum { VERSION_RESERVED = 3 };
#define NO_ROWS(level) "SELECT 0, NULL, NULL WHERE ?1 IS NULL"
static const char *const older_sql[READER_STATEMENTS] = {
    EACH_LEVEL(READER_RESERVED, NO_ROWS),
    ALL_SPANS("0, 0"),
};

/* Whether a -wal with something in it stands beside the file. */
static bool wal_has_content(const char *path)
{
    char name[PATH_MAX];
    struct stat status;
    if (snprintf(name, sizeof(name), "%s-wal", path) >= (int)sizeof(name))
        return true;
    return stat(name, &status) == 0 && status.st_size > 0;
}

static int open_and_check(struct store_reader *reader, const char *path, const char *parameters)
{
    CLEANUP(database_close_p) sqlite3 *db = NULL;
    int r = database_open(&db, path, SQLITE_OPEN_READONLY, parameters);
    if (r == 0)
        r = schema_check(db, &schema_current);
    if (r < 0)
        return r == -EMEDIUMTYPE ? -EUCLEAN : r;
    /* An empty file has none. */
    int64_t version = schema_current.version;
    r = r == SCHEMA_OLDER ? database_get(db, "PRAGMA user_version", &version) : 0;
    if (r < 0 || version < 1)
        return r < 0 ? r : -EUCLEAN;
    reader->db = TAKE_PTR(db);
    reader->version = version;
    return 0;
}

/* A database in WAL mode is read through its -shm file, which SQLite may not be able to make beside
 * a copy or on read-only media. Without a -wal nobody is writing and the file alone is the whole
 * truth, so it can be read as it is. */
static int open_database(struct store_reader *reader, const char *path)
{
    int r = open_and_check(reader, path, "");
    bool refused = r == -EROFS || r == -EACCES || r == -EPERM || r == -ENOENT || r == -EIO;
    if (refused && !wal_has_content(path))
        return open_and_check(reader, path, "immutable=1");
    return r == -ENOENT ? -EROFS : r; /* the file is there: it is the -shm that cannot be made */
}

int store_reader_open(struct store_reader **ret_reader, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -EUCLEAN;
    if (access(path, R_OK) < 0)
        return -errno;
    struct store_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return -ENOMEM;
    int r = open_database(reader, path);
    if (r < 0)
        (void)store_reader_close(reader);
    else
        *ret_reader = reader;
    return r;
}

/* Most readers need few of them, and a report of many hosts opens many databases. */
int reader_statement(struct store_reader *reader, unsigned which, sqlite3_stmt **ret_statement)
{
    sqlite3_stmt **statement = &reader->statements[which];
    bool older = reader->version < VERSION_RESERVED && older_sql[which];
    const char *sql = older ? older_sql[which] : reader_sql[which];
    int r = *statement ? 0 : database_prepare(reader->db, sql, statement);
    *ret_statement = *statement;
    return r;
}

struct store_reader *store_reader_close(struct store_reader *reader)
{
    if (!reader)
        return NULL;
    for (size_t i = 0; i < READER_STATEMENTS; i++)
        (void)sqlite3_finalize(reader->statements[i]);
    (void)sqlite3_close(reader->db);
    free(reader);
    return NULL;
}

const char *store_reader_error(const struct store_reader *reader)
{
    return reader->error;
}

int reader_begin(struct store_reader *reader)
{
    int r = database_rollback(reader->db); /* of before, where there was no memory to end it */
    if (r == 0)
        r = database_exec(reader->db, "BEGIN");
    return r < 0 ? reader_end(reader, r) : 0;
}

int reader_end(struct store_reader *reader, int r)
{
    if (r < 0)
        (void)str_copy(reader->error, sizeof(reader->error), sqlite3_errmsg(reader->db));
    if (!sqlite3_get_autocommit(reader->db))
        (void)database_exec(reader->db, "COMMIT");
    return r;
}

int store_reader_info(struct store_reader *reader, struct store_info *ret_info)
{
    struct store_info info = {.first_s = INT64_MAX, .last_s = INT64_MIN};
    CLEANUP(database_finalize_p) sqlite3_stmt *state = NULL;
    int r = database_prepare(reader->db,
                             "SELECT host_id, timezone, real_ns / 1000000000,"
                             " (SELECT first_s FROM day_span ORDER BY begin_s LIMIT 1),"
                             " (SELECT last_s FROM day_span ORDER BY begin_s DESC LIMIT 1)"
                             " FROM state",
                             &state);
    if (r == 0)
        r = database_step(state);
    if (r != DATABASE_ROW)
        return reader_end(reader, r < 0 ? r : -EUCLEAN);
    database_blob(state, 0, info.host_id, sizeof(info.host_id));
    database_text(state, 1, info.timezone, sizeof(info.timezone));
    info.committed_s = sqlite3_column_int64(state, 2);
    if (sqlite3_column_type(state, 3) != SQLITE_NULL) {
        info.first_s = sqlite3_column_int64(state, 3);
        info.last_s = sqlite3_column_int64(state, 4);
        if (!reader_knows_time(info.first_s) || !reader_knows_time(info.last_s) ||
            info.first_s >= info.last_s)
            return reader_end(reader, -EUCLEAN);
    }
    r = database_row(state, 0);
    if (r < 0)
        return reader_end(reader, r);
    *ret_info = info;
    return 0;
}

static int read_event(sqlite3_stmt *events, struct store_event *event)
{
    char word[32];
    uint32_t kind = 0;
    database_text(events, 1, word, sizeof(word));
    int r = vocabulary_value(&vocabulary_event, word, &kind);
    event->kind = (enum store_event_kind)kind;
    event->time_s = sqlite3_column_int64(events, 0);
    database_text(events, 2, event->subject, sizeof(event->subject));
    event->duration_ns = (uint64_t)MAX(sqlite3_column_int64(events, 3), 0);
    event->energy_uj = (uint64_t)MAX(sqlite3_column_int64(events, 4), 0);
    return database_row(events, r);
}

int store_reader_events(struct store_reader *reader, const struct store_period *period,
                        int (*row)(void *userdata, const struct store_event *event), void *userdata)
{
    sqlite3_stmt *events = NULL;
    int answer = 0;
    int r = reader_statement(reader, READER_EVENTS, &events);
    if (r < 0)
        return reader_end(reader, r);
    database_bind(events, "ii", period->since_s, period->until_s);
    while (answer == 0 && (r = database_step(events)) == DATABASE_ROW) {
        struct store_event event;
        r = read_event(events, &event);
        if (r < 0)
            break;
        answer = row(userdata, &event);
    }
    (void)sqlite3_reset(events);
    return answer ? answer : reader_end(reader, r);
}
