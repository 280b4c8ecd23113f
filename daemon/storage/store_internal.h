/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the files of the store share. */

#include <sys/types.h>

#include "greend/store.h"
#include "greend/units.h"
#include "storage/calendar.h"
#include "storage/database.h"

/* Buckets exist in three sizes, each in tables of its own, so that what a tick adds lies together
 * at the end of each. */
enum level { LEVEL_MINUTE, LEVEL_HOUR, LEVEL_DAY, LEVELS };

enum { STORE_MINUTE_S = 60, STORE_HOUR_S = 3600, STORE_DAY_S = 86400, STORE_ERROR_MAX = 256 };

/* How often what was committed moves from the -wal into the file; and at this many pages. */
#define STORE_MOVE_NS    (UINT64_C(600) * NS_PER_S)
#define STORE_MOVE_PAGES "1000"

/* The statements of a commit, prepared once. Those of LEVELS are indexed by STATEMENT + level. */
enum store_statement {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_WORKLOAD_FIND,
    STORE_WORKLOAD_ADD,
    STORE_WORKLOAD_SEEN,
    STORE_DOMAIN_FIND,
    STORE_DOMAIN_ADD,
    STORE_EVENT_ADD,
    STORE_METERS_FORGET,
    STORE_METER_ADD,
    STORE_SERIES_ANY,
    STORE_SERIES_FORGET,
    STORE_SERIES_PUT,
    STORE_POSITION_PUT,
    STORE_PRUNE_DUE,
    STORE_ENERGY_ADD,
    STORE_CPU_ADD = STORE_ENERGY_ADD + LEVELS,
    STORE_RESERVED_ADD = STORE_CPU_ADD + LEVELS,
    STORE_SPAN_ADD = STORE_RESERVED_ADD + LEVELS,
    STORE_SPAN_TOUCH = STORE_SPAN_ADD + LEVELS,
    STORE_SPAN_BEFORE = STORE_SPAN_TOUCH + LEVELS,
    STORE_SPAN_AFTER = STORE_SPAN_BEFORE + LEVELS,
    STORE_SPAN_NEW = STORE_SPAN_AFTER + LEVELS,
    STORE_STATEMENTS = STORE_SPAN_NEW + LEVELS
};

/* Adds without leaving int64: SQLite would turn a sum that overflows into a double, silently.
 * min() of NULL is NULL, so what is not stated for one part is not stated for the sum. */
#define STORE_ADD(column)                                                                          \
    column " = min(" column ", 9223372036854775807 - excluded." column ") + excluded." column

/* The same where NULL is what is not known: the sum of what is. */
#define STORE_ADD_KNOWN(column)                                                                    \
    column " = coalesce(min(" column ", 9223372036854775807 - excluded." column                    \
           ") + excluded." column ", " column ", excluded." column ")"

extern const char *const store_sql[STORE_STATEMENTS];

/* A workload of the batch that is being committed. */
struct store_slot {
    int64_t id; /* in the database, 0: not looked up yet */
    int64_t day_s;
};

/* The buckets of one minute. */
struct store_place {
    bool valid;
    int64_t begin_s[LEVELS];
};

/* A row of a batch: ?1 of the statement is the begin of its bucket, ?2 and ?3 are ids, ?4 and ?5
 * the values. */
enum { STORE_ROW_VALUES = 2 };

struct store_row {
    int64_t begin_s[LEVELS];
    int64_t workload, domain;          /* domain 0: of none */
    uint64_t values[STORE_ROW_VALUES]; /* UINT64_MAX: not known */
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    char *path;
    dev_t device;
    ino_t inode;
    int64_t retention_s[LEVELS]; /* never shorter for a longer level */
    int64_t retention_names_s;
    bool wal_has_names;    /* names were removed; older pages with them may stand in the -wal */
    bool names_folded;     /* a commit has looked for old names: their retention may be new */
    bool has_series;       /* rows of series were found or put here */
    bool series_forgotten; /* and another program has deleted them */
    bool moved;            /* the last checkpoint went well, at moved_ns of the positions' clock */
    uint64_t moved_ns;
    char error[STORE_ERROR_MAX];
    struct store_slot *slots; /* one for each workload of a batch */
    size_t slots_capacity;
    int64_t *domains;
    size_t domains_capacity;
    struct store_row *rows; /* those of one kind, which are being added */
    size_t rows_capacity;
    struct store_place place; /* of the minute used last in this transaction */
};

/* store_open.c */

/* Begins and ends a transaction; ending with r < 0 rolls back, keeps the error's text and returns
 * r. */
int store_begin(struct store *store);
int store_end(struct store *store, int r);

/* Empties the -wal file, whose older pages may hold names that were removed. -EBUSY: a reader still
 * needs it. */
int store_wipe_wal(struct store *store);

/* store_facts.c */

/* Replaces what the database tells of the machine, in a transaction of its own. */
int store_facts_put(sqlite3 *db, const struct store_facts *facts);

/* store_span.c */

/* Finds or makes the buckets that a minute belongs to. */
int store_place(struct store *store, int64_t minute_s, const struct store_place **ret_place);

/* store_rows.c */

/* Adds the first rows of store->rows to their minutes, hours and days by the statements from
 * `first` on; what is left in the rows means nothing. */
int store_add_rows(struct store *store, enum store_statement first, size_t count);

/* store_prune.c */

/* Removes what is past its retention, at most once an hour; names also in the first commit. Within
 * a transaction, before the new position is put. */
int store_prune(struct store *store, int64_t now_s);

/* store_names.c */

/* Whether the name of a person stands in a workload. */
bool store_names_person(const struct workload *workload);

/* Folds names of persons out of all buckets that began at a time or before. Within a transaction.
 */
int store_names_fold(struct store *store, int64_t until_s);

/* Makes SQL's users_unit() known to the connection. */
int store_names_register(sqlite3 *db);

/* uint64_t sums in SQLite's int64_t: what does not fit stops at the top. */
static inline int64_t store_sum(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}
