/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/writer/store_lock.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>

/* A file of its own: closing any descriptor of the database itself would drop SQLite's locks. */
static int open_lock(const char *database, int flags)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s.lock", database) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

bool store_lock_is_held(const char *database)
{
    CLEANUP(close_fd_p) int fd = open_lock(database, O_RDONLY);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int store_lock(int *ret_fd, const char *database)
{
    CLEANUP(close_fd_p) int fd = open_lock(database, O_RDWR | O_CREAT);
    if (fd < 0)
        return fd;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    *ret_fd = take_fd(&fd);
    return 0;
}
