/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/store_lock.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>

/* A file of its own: closing any descriptor of the database itself would drop SQLite's locks. */
int store_lock(int *ret_fd, const char *database)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s.lock", database) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    CLEANUP(close_fd_p)
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    *ret_fd = take_fd(&fd);
    return 0;
}
