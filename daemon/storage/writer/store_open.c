/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Opening the history for writing, whatever stands there: nothing, an older schema, a newer one,
 * another host's, a broken file. Nothing is ever deleted: what cannot be used is set aside. */

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>

#include "storage/check_pages.h"
#include "storage/schema/schema.h"
#include "storage/store_internal.h"

enum { FILE_MODE = 0640, ASIDE_MAX = 100 };

/* Checking every page costs a read of the file: done up to this size, after a stop that was not in
 * order. */
#define CHECKED_SIZE_MAX (INT64_C(64) << 20)

/* ---- What stands there ---- */

static int read_host(sqlite3 *db, uint8_t ret_host_id[STORE_HOST_ID_SIZE])
{
    CLEANUP(database_finalize_p) sqlite3_stmt *host = NULL;
    int r = database_prepare(db, "SELECT host_id FROM state", &host);
    if (r < 0)
        return r;
    r = database_step(host);
    if (r == DATABASE_ROW)
        database_blob(host, 0, ret_host_id, STORE_HOST_ID_SIZE);
    return r < 0 ? r : r == DATABASE_ROW ? 0 : -EUCLEAN;
}

/* Every version tells whose it is; a file that was only begun tells nothing. */
static int probe_older(sqlite3 *db, uint8_t ret_host_id[STORE_HOST_ID_SIZE])
{
    int64_t version = 0;
    char complaint[256];
    int r = check_pages(db, complaint, sizeof(complaint));
    if (r == 0)
        r = database_get(db, "PRAGMA user_version", &version);
    return r < 0 || version == 0 ? r : read_host(db, ret_host_id);
}

/* Looks without touching: a read-only connection takes no checkpoint, so that the file of a newer
 * greend stays as it is, to the byte. */
static int probe(const char *path, int64_t size, uint8_t ret_host_id[STORE_HOST_ID_SIZE])
{
    CLEANUP(database_close_p) sqlite3 *db = NULL;
    int r = database_open(&db, path, SQLITE_OPEN_READONLY, "");
    if (r == 0)
        r = schema_check(db, &schema_current);
    if (r == SCHEMA_OLDER)
        return probe_older(db, ret_host_id);
    int64_t clean = 0;
    char complaint[256];
    if (r == 0)
        r = database_get(db, "SELECT clean FROM state", &clean);
    if (r == 0 && !clean && size <= CHECKED_SIZE_MAX)
        r = check_pages(db, complaint, sizeof(complaint));
    return r < 0 ? r : read_host(db, ret_host_id);
}

/* ---- Setting aside ---- */

static int rename_with(const char *from, const char *to, const char *suffix)
{
    char old[PATH_MAX], new[PATH_MAX];
    if (snprintf(old, sizeof(old), "%s%s", from, suffix) >= (int)sizeof(old) ||
        snprintf(new, sizeof(new), "%s%s", to, suffix) >= (int)sizeof(new))
        return -ENAMETOOLONG;
    return rename(old, new) < 0 ? -errno : 0;
}

/* Renames the database to PATH.reason-UTC. Its -wal goes first: one that stayed behind would be
 * played into the new database. */
static int set_aside(const char *path, const char *reason, char **ret_aside)
{
    char stamp[32], aside[PATH_MAX];
    time_t now = time(NULL);
    struct tm utc;
    if (!gmtime_r(&now, &utc) || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc) == 0)
        return -EOVERFLOW;
    for (int i = 0; i < ASIDE_MAX; i++) {
        int length = i == 0 ? snprintf(aside, sizeof(aside), "%s.%s-%s", path, reason, stamp)
                            : snprintf(aside, sizeof(aside), "%s.%s-%s.%d", path, reason, stamp, i);
        if (length >= (int)sizeof(aside))
            return -ENAMETOOLONG;
        if (access(aside, F_OK) == 0)
            continue;
        char *name = strdup(aside);
        if (!name)
            return -ENOMEM;
        *ret_aside = name;
        int r = rename_with(path, aside, "-wal");
        if (r == 0 || r == -ENOENT)
            r = rename_with(path, aside, "-shm");
        if (r == 0 || r == -ENOENT)
            r = rename_with(path, aside, "");
        if (r < 0) {
            free(name);
            *ret_aside = NULL;
        }
        return r;
    }
    return -EEXIST;
}

/* Makes the way free for a usable file: 0, or STORE_SET_ASIDE. */
static int clear_way(const struct store_options *options, char **ret_aside)
{
    struct stat status;
    if (stat(options->path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -EMEDIUMTYPE;
    uint8_t host_id[STORE_HOST_ID_SIZE] = {0};
    char reason[32] = "corrupt";
    int r = status.st_size == 0 ? 0 : probe(options->path, status.st_size, host_id);
    if (r == -EROFS) /* killed while it was made: a journal that only a writer can take back */
        r = 0;
    if (r == 0 && store_host_is_known(host_id) && store_host_is_known(options->host_id) &&
        memcmp(host_id, options->host_id, sizeof(host_id)) != 0)
        (void)snprintf(reason, sizeof(reason), "host-%02x%02x%02x%02x", host_id[0], host_id[1],
                       host_id[2], host_id[3]);
    else if (r != -EUCLEAN)
        return r;
    r = set_aside(options->path, reason, ret_aside);
    return r < 0 ? r : STORE_SET_ASIDE;
}

/* ---- The file ---- */

/* Makes the file where there is none: SQLite would let others read it. An existing one is not
 * opened here, for closing it would drop the locks that SQLite may hold on it elsewhere in this
 * process. */
static int make_file(const char *path)
{
    CLEANUP(close_fd_p) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    return fd >= 0 || errno == EEXIST ? 0 : -errno;
}

/* A file of this process's own user alone: root must not be led by a link to another one. Closing
 * such a descriptor drops no lock. */
static void mend_mode(const char *path)
{
    CLEANUP(close_fd_p) int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    char link[64];
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != geteuid() || (status.st_mode & 07777) == FILE_MODE)
        return;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    (void)chmod(link, FILE_MODE);
}

/* Gives all three files their mode, whatever the umask took away or a copy brought. Files of
 * another owner stay as they are. */
static void mend_modes(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[PATH_MAX];
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
        if (snprintf(name, sizeof(name), "%s%s", path, suffixes[i]) < (int)sizeof(name))
            mend_mode(name);
}

/* synchronous = FULL: with the commit of a minute the cost of one more fsync is nothing, and each
 * transaction is then on the disk before the next one begins, also while a reader keeps the
 * checkpoint from running. After a power cut the history ends with a whole commit, and its sums
 * agree with its position.
 *
 * auto_vacuum = NONE: pages that pruning frees are needed again within the hour. Giving them back
 * would move pages about in every commit only to ask for them again.
 *
 * secure_delete = ON: a name that was removed must not stay in a free page. */
static int configure(sqlite3 *db)
{
    int persist = 1;
    CLEANUP(database_finalize_p) sqlite3_stmt *mode = NULL;
    char answer[8];
    int r = database_exec(db, "PRAGMA auto_vacuum = NONE");
    if (r == 0)
        r = database_prepare(db, "PRAGMA journal_mode = WAL", &mode);
    if (r < 0)
        return r;
    r = database_step(mode);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EIO;
    database_text(mode, 0, answer, sizeof(answer));
    r = database_row(mode, str_equal(answer, "wal") ? 0 : -EOPNOTSUPP);
    if (r < 0)
        return r; /* a file system without shared memory */
    (void)sqlite3_reset(mode);
    /* Readers without the right to write need the -wal that the last connection would remove. */
    (void)sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    return database_exec(db, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                             "PRAGMA wal_autocheckpoint = " STORE_MOVE_PAGES ";"
                             "PRAGMA journal_size_limit = 4194304;"
                             "PRAGMA cache_size = -1024; PRAGMA foreign_keys = OFF;");
}

static int prepare_all(struct store *store)
{
    int r = store_names_register(store->db);
    for (size_t i = 0; r == 0 && i < STORE_STATEMENTS; i++)
        if (store_sql[i])
            r = database_prepare(store->db, store_sql[i], &store->statements[i]);
    return r;
}

static int put_identity(struct store *store, const struct store_options *options)
{
    int r = 0;
    if (options->timezone)
        r = database_do(store->db, "UPDATE state SET timezone = ?1 WHERE timezone <> ?1", "t",
                        options->timezone);
    if (r == 0 && store_host_is_known(options->host_id))
        r = database_do(store->db, "UPDATE state SET host_id = ?1 WHERE host_id IS NOT ?1", "b",
                        options->host_id, (size_t)STORE_HOST_ID_SIZE);
    if (r == 0 && options->facts)
        r = store_facts_put(store->db, options->facts);
    return r;
}

static int open_database(struct store *store, const struct store_options *options)
{
    int r = make_file(options->path);
    if (r == 0)
        r = database_open(&store->db, options->path, SQLITE_OPEN_READWRITE, "");
    if (r < 0)
        return r;
    if (sqlite3_db_readonly(store->db, "main")) /* SQLite falls back to reading */
        return access(options->path, W_OK) < 0 ? -errno : -EROFS;
    r = schema_check(store->db, &schema_current);
    if (r >= 0)
        r = configure(store->db);
    if (r == 0)
        r = schema_migrate(store->db, &schema_current);
    if (r == 0)
        r = prepare_all(store);
    if (r == 0)
        r = put_identity(store, options);
    if (r < 0)
        return r;
    struct stat status;
    if (stat(options->path, &status) < 0)
        return -errno;
    store->device = status.st_dev;
    store->inode = status.st_ino;
    mend_modes(options->path);
    (void)sqlite3_busy_timeout(store->db, 0);
    (void)store_wipe_wal(store);
    (void)sqlite3_busy_timeout(store->db, DATABASE_BUSY_TIMEOUT_MS);
    return 0;
}

/* ---- The store ---- */

static int64_t retention(uint64_t seconds)
{
    return (int64_t)MIN(seconds, (uint64_t)INT64_MAX / 4);
}

static int store_new(struct store **ret_store, const struct store_options *options)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return -ENOMEM;
    store->path = strdup(options->path);
    int64_t minutes_s = retention(options->retention_minutes_s);
    int64_t hours_s = MAX(minutes_s, retention(options->retention_hours_s));
    store->retention_s[LEVEL_MINUTE] = minutes_s;
    store->retention_s[LEVEL_HOUR] = hours_s;
    store->retention_s[LEVEL_DAY] = MAX(hours_s, retention(options->retention_days_s));
    store->retention_names_s = retention(options->retention_names_s);
    int r = store->path ? open_database(store, options) : -ENOMEM;
    if (r < 0)
        (void)store_close(store);
    else
        *ret_store = store;
    return r;
}

int store_open(struct store **ret_store, const struct store_options *options, char **ret_aside)
{
    *ret_aside = NULL;
    int set = clear_way(options, ret_aside);
    int r = set < 0 ? set : store_new(ret_store, options);
    if (r == -EUCLEAN && set == 0) { /* found only now */
        set = STORE_SET_ASIDE;
        r = set_aside(options->path, "corrupt", ret_aside);
        if (r == 0)
            r = store_new(ret_store, options);
    }
    return r < 0 ? r : set;
}

int store_open_existing(struct store **ret_store, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -EMEDIUMTYPE;
    /* First without touching it: another program's file must stay as it is. */
    uint8_t host_id[STORE_HOST_ID_SIZE];
    int r = status.st_size == 0 ? -EUCLEAN : probe(path, status.st_size, host_id);
    if (r == -EMEDIUMTYPE)
        r = -EUCLEAN;
    if (r < 0)
        return r;
    const struct store_options options = {.path = path};
    return store_new(ret_store, &options);
}

/* What stands open: after some errors SQLite has taken it back itself. Prepared, it needs no
 * memory. */
static int take_back(struct store *store)
{
    sqlite3_stmt *rollback = store->statements[STORE_ROLLBACK];
    return rollback && !sqlite3_get_autocommit(store->db) ? database_run(rollback) : 0;
}

struct store *store_close(struct store *store)
{
    if (!store)
        return NULL;
    (void)take_back(store);
    for (size_t i = 0; i < STORE_STATEMENTS; i++)
        (void)sqlite3_finalize(store->statements[i]);
    if (store->db && !sqlite3_db_readonly(store->db, "main"))
        (void)store_wipe_wal(store);
    (void)sqlite3_close(store->db);
    free(store->path);
    free(store->slots);
    free(store->domains);
    free(store->rows);
    free(store);
    return NULL;
}

const char *store_error(const struct store *store)
{
    return store->error;
}

int store_begin(struct store *store)
{
    store->place.valid = false;
    int r = take_back(store); /* of before, where that failed */
    if (r == 0)
        r = database_run(store->statements[STORE_BEGIN]);
    if (r < 0)
        (void)str_copy(store->error, sizeof(store->error), sqlite3_errmsg(store->db));
    return r;
}

int store_end(struct store *store, int r)
{
    if (r == 0)
        r = database_run(store->statements[STORE_COMMIT]);
    if (r == 0) {
        store->error[0] = '\0';
        return 0;
    }
    (void)str_copy(store->error, sizeof(store->error), sqlite3_errmsg(store->db));
    (void)take_back(store);
    return r;
}

int store_wipe_wal(struct store *store)
{
    int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (result != SQLITE_OK)
        return database_error(store->db, result);
    store->wal_has_names = false;
    return 0;
}
