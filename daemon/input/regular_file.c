/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "input/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>

static int read_fd(int fd, size_t size, char *bytes, size_t *ret_length)
{
    size_t length = 0;
    while (length < size) {
        ssize_t n = read(fd, bytes + length, size - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    *ret_length = length;
    return 0;
}

int regular_file_read(const char *path, size_t most, char **ret_bytes, size_t *ret_length)
{
    /* A pipe without a writer must not hang the caller. */
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -EBADMSG;
    size_t size = MIN((size_t)status.st_size, most + 1);
    CLEANUP(free_p) char *bytes = malloc(MAX(size, (size_t)1));
    if (!bytes)
        return -ENOMEM;
    int r = read_fd(fd, size, bytes, ret_length);
    if (r == 0)
        *ret_bytes = TAKE_PTR(bytes);
    return r;
}
