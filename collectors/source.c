/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/source.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "collectors/parse.h"

int source_open(int root_fd, const char *path)
{
    /* O_NONBLOCK: a fixture may hold a FIFO, and opening one must not wait for its writer. */
    int fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int source_read_fd(int fd, char *buffer, size_t size, size_t *ret_length)
{
    size_t length = 0;
    while (length < size) {
        ssize_t n = pread(fd, buffer + length, size - length, (off_t)length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    if (length == size)
        return -EFBIG;
    buffer[length] = '\0';
    if (ret_length)
        *ret_length = length;
    return 0;
}

int source_read(int root_fd, const char *path, char *buffer, size_t size, size_t *ret_length)
{
    int opened = source_open(root_fd, path);
    if (opened < 0)
        return opened;
    CLEANUP(close_fd_p) int fd = opened;
    return source_read_fd(fd, buffer, size, ret_length);
}

int source_read_begin_fd(int fd, char *buffer, size_t size, size_t *ret_length)
{
    ssize_t length = 0;
    do
        length = pread(fd, buffer, size - 1, 0);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;
    buffer[length] = '\0';
    *ret_length = (size_t)length;
    return 0;
}

int source_read_begin(int root_fd, const char *path, char *buffer, size_t size, size_t *ret_length)
{
    CLEANUP(close_fd_p) int fd = source_open(root_fd, path);
    return fd < 0 ? fd : source_read_begin_fd(fd, buffer, size, ret_length);
}

int source_read_u64_fd(int fd, uint64_t *ret_value)
{
    char buffer[32];
    size_t length = 0;
    int r = source_read_fd(fd, buffer, sizeof(buffer), &length);
    if (r == -EFBIG)
        return -EBADMSG;
    if (r < 0)
        return r;
    if (length > 0 && buffer[length - 1] == '\n')
        length--;
    return parse_u64(buffer, length, ret_value);
}

int source_read_u64(int root_fd, const char *path, uint64_t *ret_value)
{
    int opened = source_open(root_fd, path);
    if (opened < 0)
        return opened;
    CLEANUP(close_fd_p) int fd = opened;
    return source_read_u64_fd(fd, ret_value);
}

int source_read_line(int root_fd, const char *path, char *buffer, size_t size)
{
    size_t length = 0;
    int r = source_read(root_fd, path, buffer, size, &length);
    if (r < 0)
        return r;
    buffer[strcspn(buffer, "\n")] = '\0';
    return buffer[0] == '\0' ? -ENODATA : 0;
}

/* What is asked of a directory. */
struct listing {
    int fd;
    bool folders; /* no other entries */
    int (*entry)(void *userdata, const char *name);
    void *userdata;
};

static bool is_folder(int fd, const struct dirent64 *found)
{
    struct stat status;
    if (found->d_type != DT_UNKNOWN)
        return found->d_type == DT_DIR;
    return fstatat(fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* One read of a directory. Names end the walk early by a non-zero return of entry(). */
static int list_entries(const struct listing *listing, const char *entries, size_t length)
{
    for (size_t at = 0; at < length;) {
        const struct dirent64 *found = (const struct dirent64 *)(entries + at);
        at += found->d_reclen;
        if (str_equal(found->d_name, ".") || str_equal(found->d_name, "..") ||
            (listing->folders && !is_folder(listing->fd, found)))
            continue;
        int r = listing->entry(listing->userdata, found->d_name);
        if (r != 0)
            return r;
    }
    return 0;
}

static int list(const struct listing *listing)
{
    /* Not opendir(), which allocates at each call: directories are listed again while running. */
    _Alignas(struct dirent64) char entries[4096];
    for (;;) {
        ssize_t length = getdents64(listing->fd, entries, sizeof(entries));
        if (length < 0)
            return -errno;
        if (length == 0)
            return 0;
        int r = list_entries(listing, entries, (size_t)length);
        if (r != 0)
            return r;
    }
}

static int open_folder(int root_fd, const char *path)
{
    int fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    return fd < 0 ? -errno : fd;
}

int source_list(int root_fd, const char *path, int (*entry)(void *userdata, const char *name),
                void *userdata)
{
    CLEANUP(close_fd_p) int fd = open_folder(root_fd, path);
    const struct listing listing = {.fd = fd, .entry = entry, .userdata = userdata};
    return fd < 0 ? fd : list(&listing);
}

int source_list_folders(int root_fd, const char *path,
                        int (*entry)(void *userdata, const char *name), void *userdata)
{
    CLEANUP(close_fd_p) int fd = open_folder(root_fd, path);
    const struct listing listing = {fd, true, entry, userdata};
    struct stat status;
    if (fd < 0)
        return fd;
    /* Its own name and "."; each folder in it would be one link more. File systems that do not
     * count so say 1. */
    if (fstat(fd, &status) == 0 && status.st_nlink == 2)
        return 0;
    return list(&listing);
}
