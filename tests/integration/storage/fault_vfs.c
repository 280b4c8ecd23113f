/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "fault_vfs.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct fault_disk fault_disk;

struct fault_file {
    sqlite3_file base;
    const char *name;    /* SQLite's, stays as long as the file is open */
    sqlite3_file real[]; /* the file of the layer below; SQLite aligns to 8 bytes */
};

static sqlite3_file *real_file(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

static sqlite3_vfs *below(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

/* Counts an operation; whether it is to fail. */
static bool fails(void)
{
    uint64_t number = ++fault_disk.operations;
    bool fail = fault_disk.fail_at != 0 &&
                (number == fault_disk.fail_at || (fault_disk.stays && number > fault_disk.fail_at));
    fault_disk.fired = fault_disk.fired || fail;
    return fail;
}

static int file_close(sqlite3_file *file)
{
    return real_file(file)->pMethods->xClose(real_file(file));
}

static int file_read(sqlite3_file *file, void *buffer, int amount, sqlite3_int64 offset)
{
    return real_file(file)->pMethods->xRead(real_file(file), buffer, amount, offset);
}

static int file_write(sqlite3_file *file, const void *buffer, int amount, sqlite3_int64 offset)
{
    sqlite3_file *real = real_file(file);
    if (fails()) {
        if (fault_disk.torn)
            (void)real->pMethods->xWrite(real, buffer, amount / 2, offset);
        return fault_disk.error;
    }
    fault_disk.bytes += (uint64_t)amount;
    return real->pMethods->xWrite(real, buffer, amount, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fails() ? fault_disk.error : real_file(file)->pMethods->xTruncate(real_file(file), size);
}

/* Through the open file: opening it once more and closing it would drop SQLite's locks. */
static void keep_copy(sqlite3_file *file)
{
    static char bytes[16 << 20];
    char path[256];
    sqlite3_file *real = real_file(file);
    sqlite3_int64 size = 0;
    (void)snprintf(path, sizeof(path), "%s.synced", ((struct fault_file *)file)->name);
    FILE *copy = fopen(path, "we");
    if (!copy || real->pMethods->xFileSize(real, &size) != SQLITE_OK ||
        size > (sqlite3_int64)sizeof(bytes) ||
        (size > 0 && real->pMethods->xRead(real, bytes, (int)size, 0) != SQLITE_OK) ||
        fwrite(bytes, 1, (size_t)size, copy) != (size_t)size)
        abort();
    (void)fclose(copy);
}

static int file_sync(sqlite3_file *file, int flags)
{
    fault_disk.syncs++;
    if (fails())
        return fault_disk.error;
    if (fault_disk.keep_synced && ((struct fault_file *)file)->name)
        keep_copy(file);
    return real_file(file)->pMethods->xSync(real_file(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int file_check_lock(sqlite3_file *file, int *answer)
{
    return real_file(file)->pMethods->xCheckReservedLock(real_file(file), answer);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int file_characteristics(sqlite3_file *file)
{
    return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **map)
{
    return real_file(file)->pMethods->xShmMap(real_file(file), page, size, extend, map);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    real_file(file)->pMethods->xShmBarrier(real_file(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return real_file(file)->pMethods->xShmUnmap(real_file(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* without memory-mapped pages, which would pass by unseen */
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    int result = below(vfs)->xOpen(below(vfs), name, real_file(file), flags, ret_flags);
    ((struct fault_file *)file)->name = name;
    file->pMethods = real_file(file)->pMethods ? &methods : NULL;
    return result;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    return below(vfs)->xDelete(below(vfs), name, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer)
{
    return below(vfs)->xAccess(below(vfs), name, flags, answer);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *path)
{
    return below(vfs)->xFullPathname(below(vfs), name, size, path);
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *bytes)
{
    return below(vfs)->xRandomness(below(vfs), size, bytes);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    return below(vfs)->xSleep(below(vfs), microseconds);
}

static int vfs_time(sqlite3_vfs *vfs, double *days)
{
    return below(vfs)->xCurrentTime(below(vfs), days);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *text)
{
    return below(vfs)->xGetLastError(below(vfs), size, text);
}

void fault_vfs_register(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct fault_file) + real->szOsFile,
        .mxPathname = real->mxPathname,
        .zName = "fault",
        .pAppData = real,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
    };
    (void)sqlite3_vfs_register(&vfs, 1);
}
