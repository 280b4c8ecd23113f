/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A small file system that only this process sees, to be filled up. It is gone with the process. */

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "greend/base.h"

/* Files made in a user namespace need an owner that it knows: the caller's own ids, nobody else's.
 */
static inline bool private_mount_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        (void)close(fd);
    return written;
}

static inline bool private_mount_namespace(void)
{
    char uids[64];
    char gids[64];
    (void)snprintf(uids, sizeof(uids), "%u %u 1", geteuid(), geteuid());
    (void)snprintf(gids, sizeof(gids), "%u %u 1", getegid(), getegid());
    if (unshare(CLONE_NEWNS) == 0)
        return true;
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           private_mount_write("/proc/self/uid_map", uids) &&
           private_mount_write("/proc/self/setgroups", "deny") &&
           private_mount_write("/proc/self/gid_map", gids);
}

/* Mounts a tmpfs of that size on a directory. False, with the reason on stdout: not allowed, skip.
 */
static inline bool private_mount(const char *directory, const char *size)
{
    char options[64];
    (void)snprintf(options, sizeof(options), "size=%s,mode=0755", size);
    if (private_mount_namespace() && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", directory, "tmpfs", 0, options) == 0)
        return true;
    printf("skipped: may not mount a file system (%s)\n", strerror(errno));
    return false;
}
