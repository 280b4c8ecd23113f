/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Retention. Minutes go by whole hours and hours by whole days, so that a reader knows from the
 * span above whether its parts are all there. */

#include "storage/store_internal.h"

/* More events than this are more than anyone reads: a meter that resets at every tick. */
#define EVENTS_MAX "100000"

struct level_pruning {
    const char *end;           /* where the newest span ends that is past retention */
    const char *statements[6]; /* what to do with all that began before it */
};

static const char minutes_gone[] =
    "UPDATE hour_span SET minutes_kept = 0 WHERE begin_s < ?1 AND minutes_kept <> 0";
static const char hours_gone[] =
    "UPDATE day_span SET hours_kept = 0 WHERE begin_s < ?1 AND hours_kept <> 0";

static const struct level_pruning prunings[LEVELS] = {
    [LEVEL_MINUTE] = {"SELECT max(begin_s + length_s) FROM hour_span"
                      " WHERE begin_s + length_s <= ?1",                       {"DELETE FROM minute_energy WHERE begin_s < ?1",
                       "DELETE FROM minute_cpu WHERE begin_s < ?1",
                       "DELETE FROM minute_reserved WHERE begin_s < ?1",
                       "DELETE FROM minute_span WHERE begin_s < ?1", minutes_gone}},
    [LEVEL_HOUR] = {"SELECT max(begin_s + length_s) FROM day_span WHERE begin_s + length_s <= ?1",
                      {"DELETE FROM hour_energy WHERE begin_s < ?1",
                     "DELETE FROM hour_cpu WHERE begin_s < ?1",
                     "DELETE FROM hour_reserved WHERE begin_s < ?1",
                     "DELETE FROM hour_span WHERE begin_s < ?1", hours_gone}                                                                                    },
    [LEVEL_DAY] = {"SELECT max(begin_s + length_s) FROM day_span WHERE begin_s + length_s <= ?1",
                      {"DELETE FROM day_energy WHERE begin_s < ?1",
                    "DELETE FROM day_cpu WHERE begin_s < ?1",
                    "DELETE FROM day_reserved WHERE begin_s < ?1",
                    "DELETE FROM day_span WHERE begin_s < ?1",
                    "DELETE FROM event WHERE time_s < ?1",
                    /* Every bucket of a workload lies in a day that it was seen in. */
                    "DELETE FROM workload WHERE last_day_s < ?1"}                                                                                               },
};

/* The end of the newest span that is wholly past its retention. DATABASE_DONE: there is none. */
static int find_end(sqlite3 *db, const char *sql, int64_t limit_s, int64_t *ret_end_s)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *statement = NULL;
    int r = database_prepare(db, sql, &statement);
    if (r < 0)
        return r;
    database_bind(statement, "i", limit_s);
    r = database_step(statement);
    if (r != DATABASE_ROW)
        return r;
    if (sqlite3_column_type(statement, 0) == SQLITE_NULL)
        return DATABASE_DONE;
    *ret_end_s = sqlite3_column_int64(statement, 0);
    return DATABASE_ROW;
}

static int prune_level(struct store *store, enum level level, int64_t now_s)
{
    const struct level_pruning *pruning = &prunings[level];
    int64_t end_s = 0;
    int r = find_end(store->db, pruning->end, now_s - store->retention_s[level], &end_s);
    if (r != DATABASE_ROW)
        return r;
    r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(pruning->statements) && pruning->statements[i]; i++)
        r = database_do(store->db, pruning->statements[i], "i", end_s);
    return r;
}

static int prune_all(struct store *store, int64_t now_s)
{
    int r = 0;
    for (enum level level = LEVEL_MINUTE; r == 0 && level < LEVELS; level++)
        r = prune_level(store, level, now_s);
    if (r == 0)
        r = database_do(
            store->db, "DELETE FROM event WHERE id <= (SELECT max(id) - " EVENTS_MAX " FROM event)",
            "");
    return r;
}

/* When the history is pruned again. A clock that jumped ahead by more than a day may be wrong, and
 * would empty the history: it is believed after it has stood for a day. One that was set back must
 * not stop pruning until the time that it once showed. */
static int64_t prune_due(int64_t due_s, bool known, int64_t last_s, int64_t now_s)
{
    if (known && now_s - last_s > STORE_DAY_S)
        return now_s + STORE_DAY_S;
    return due_s > now_s + STORE_DAY_S ? now_s + STORE_HOUR_S : due_s;
}

int store_prune(struct store *store, int64_t now_s)
{
    sqlite3_stmt *state = store->statements[STORE_PRUNE_DUE];
    int r = database_step(state);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EUCLEAN;
    bool known = sqlite3_column_int64(state, 0);
    int64_t last_s = sqlite3_column_int64(state, 1) / (int64_t)NS_PER_S;
    const int64_t old_due_s = sqlite3_column_int64(state, 2);
    const int64_t old_names_s = sqlite3_column_int64(state, 3);
    (void)sqlite3_reset(state);
    int64_t names_s = old_names_s;
    if (!store->names_folded || now_s >= names_s || names_s > now_s + STORE_HOUR_S) {
        r = store_names_fold(store, now_s - store->retention_names_s);
        names_s = now_s + STORE_HOUR_S;
    } else {
        r = 0;
    }
    int64_t due_s = prune_due(old_due_s, known, last_s, now_s);
    if (r == 0 && now_s >= due_s) {
        r = prune_all(store, now_s);
        due_s = now_s + STORE_HOUR_S;
    }
    if (r < 0 || (due_s == old_due_s && names_s == old_names_s))
        return r;
    return database_do(store->db, "UPDATE state SET prune_due_s = ?1, names_due_s = ?2", "ii",
                       due_s, names_s);
}
