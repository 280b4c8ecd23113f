/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/reader/store_copy.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "storage/check_pages.h"
#include "storage/reader/reader_internal.h"

enum { COPY_MODE = 0640 };

static void reader_close_p(struct store_reader **reader)
{
    (void)store_reader_close(*reader);
}

/* All pages in one step: between two, a daemon that commits would make it begin anew each time. It
 * does not wait for that, since readers of a WAL database lock nobody out. */
static int copy_pages(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return database_error(to, sqlite3_errcode(to));
    (void)sqlite3_backup_step(backup, -1);
    return database_error(to, sqlite3_backup_finish(backup));
}

/* Not in WAL mode: it is to be read from a medium that nobody may write to. */
static int write_copy(const char *name, sqlite3 *from, struct store_copy *ret)
{
    CLEANUP(database_close_p) sqlite3 *db = NULL;
    struct stat status;
    char complaint[256];
    int r = database_open(&db, name, SQLITE_OPEN_READWRITE, "");
    if (r == 0)
        r = copy_pages(db, from);
    if (r == 0)
        r = database_exec(db, "PRAGMA journal_mode = DELETE");
    if (r == 0)
        r = check_pages(db, complaint, sizeof(complaint));
    ret->target_failed = r != -EUCLEAN; /* what was copied is damaged: pages as they were read */
    if (r == 0 && stat(name, &status) == 0)
        ret->bytes = (uint64_t)status.st_size;
    return r;
}

/* Never in the place of another file: that could be the history itself, in use. */
static int name_copy(const char *name, const char *target)
{
    struct stat status;
    if (renameat2(AT_FDCWD, name, AT_FDCWD, target, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS) /* a file system that cannot do that */
        return -errno;
    if (lstat(target, &status) == 0)
        return -EEXIST;
    return rename(name, target) < 0 ? -errno : 0;
}

static int make_file(const char *name)
{
    (void)unlink(name); /* of a process of before that had this number */
    CLEANUP(close_fd_p)
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, COPY_MODE);
    return fd < 0 ? -errno : 0;
}

/* With what SQLite leaves beside it where it could not take a write back, or had no memory to. */
static void remove_copy(const char *name)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char file[PATH_MAX];
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
        if (snprintf(file, sizeof(file), "%s%s", name, suffixes[i]) < (int)sizeof(file))
            (void)unlink(file);
}

int store_copy(const char *path, const char *target, struct store_copy *ret)
{
    CLEANUP(reader_close_p) struct store_reader *reader = NULL;
    char name[PATH_MAX];
    struct stat status;
    *ret = (struct store_copy){0};
    int r = store_reader_open(&reader, path);
    if (r < 0)
        return r;
    ret->target_failed = true;
    if (snprintf(name, sizeof(name), "%s.%ld.new", target, (long)getpid()) >= (int)sizeof(name))
        return -ENAMETOOLONG;
    if (lstat(target, &status) == 0)
        return -EEXIST;
    r = make_file(name);
    if (r < 0)
        return r;
    r = write_copy(name, reader->db, ret);
    if (r == 0)
        r = name_copy(name, target);
    if (r < 0)
        remove_copy(name);
    return r;
}
