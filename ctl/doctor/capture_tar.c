/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Files are put into a folder of their own, and tar(1) packs it: every distribution has that
 * program, and a library would be loaded with each greend-ctl. */

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "doctor/capture.h"

enum { FOLDERS_OPEN = 16, NOT_FOUND = 127 };

struct capture_tar {
    char path[PATH_MAX];
    char folder[PATH_MAX];
    int fd; /* of the file */
    int folder_fd;
    int error;
};

int capture_tar_open(struct capture_tar **ret_tar, const char *path)
{
    const char *base = getenv("TMPDIR");
    CLEANUP(free_p) struct capture_tar *tar = calloc(1, sizeof(*tar));
    if (!tar)
        return -ENOMEM;
    if (!str_copy(tar->path, sizeof(tar->path), path) ||
        snprintf(tar->folder, sizeof(tar->folder), "%s/greend-capture-XXXXXX",
                 base && base[0] ? base : "/tmp") >= (int)sizeof(tar->folder))
        return -ENAMETOOLONG;
    tar->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (tar->fd < 0)
        return -errno;
    tar->folder_fd = -1;
    if (mkdtemp(tar->folder))
        tar->folder_fd = open(tar->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    else
        tar->folder[0] = '\0';
    if (tar->folder_fd < 0)
        tar->error = -errno;
    *ret_tar = TAKE_PTR(tar);
    return 0;
}

static int make_folders(int folder_fd, const char *path)
{
    char folder[PATH_MAX];
    if (!str_copy(folder, sizeof(folder), path))
        return -ENAMETOOLONG;
    for (char *slash = strchr(folder, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdirat(folder_fd, folder, 0755) < 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return 0;
}

static int write_file(int folder_fd, const char *path, const char *bytes, size_t length)
{
    CLEANUP(close_fd_p)
    int fd = openat(folder_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno; /* two links to one */
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0)
            return -errno;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

int capture_tar_add(struct capture_tar *tar, const char *path, const char *bytes, size_t length)
{
    if (tar->error == 0)
        tar->error = make_folders(tar->folder_fd, path);
    if (tar->error == 0)
        tar->error = write_file(tar->folder_fd, path, bytes, length);
    return tar->error;
}

/* ---- Packing ---- */

static int pack(const struct capture_tar *tar)
{
    char *const words[] = {(char *)"tar",
                           (char *)"--create",
                           (char *)"--format=gnu",
                           (char *)"--sort=name",
                           (char *)"--owner=0",
                           (char *)"--group=0",
                           (char *)"--numeric-owner",
                           (char *)"--mtime=@0",
                           (char *)"--mode=u=rwX,go=rX",
                           (char *)"--directory",
                           (char *)tar->folder,
                           (char *)"--file=-",
                           (char *)".",
                           NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    int status = 0;
    int r = posix_spawn_file_actions_init(&actions);
    if (r != 0)
        return -r;
    r = posix_spawn_file_actions_adddup2(&actions, tar->fd, STDOUT_FILENO);
    if (r == 0)
        r = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        return r == ENOENT ? -ENOPKG : -r;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND ? -ENOPKG : -EIO;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int capture_tar_close(struct capture_tar *tar)
{
    if (tar->error == 0)
        tar->error = pack(tar);
    close_fd_p(&tar->folder_fd);
    if (tar->folder[0] != '\0')
        (void)nftw(tar->folder, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    if (close(tar->fd) < 0 && tar->error == 0)
        tar->error = -errno;
    int r = tar->error;
    if (r < 0)
        (void)unlink(tar->path);
    free(tar);
    return r;
}
