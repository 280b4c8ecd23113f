/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "fixtures.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

static _Noreturn void give_up(const char *what, const char *path)
{
    (void)fprintf(stderr, "fixture: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

static void full_path(const struct fixture *fixture, const char *path, char full[PATH_MAX])
{
    int length = snprintf(full, PATH_MAX, "%s/%s", fixture->root, path);
    if (length < 0 || length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        give_up("path", path);
    }
}

static void make_parents(const struct fixture *fixture, const char *path)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    for (char *slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(full, 0755) < 0 && errno != EEXIST)
            give_up("mkdir", full);
        *slash = '/';
    }
}

void fixture_make(struct fixture *fixture)
{
    (void)str_copy(fixture->root, sizeof(fixture->root), "/tmp/greend-test-XXXXXX");
    if (!mkdtemp(fixture->root))
        give_up("mkdtemp", fixture->root);
    if (chmod(fixture->root, 0755) < 0) /* also for tests that change their user */
        give_up("chmod", fixture->root);
    fixture->fd = open(fixture->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fixture->fd < 0)
        give_up("open", fixture->root);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void fixture_remove(const struct fixture *fixture, const char *path)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    if (nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
        give_up("remove", full);
}

void fixture_done(struct fixture *fixture)
{
    (void)close(fixture->fd);
    if (nftw(fixture->root, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
        give_up("remove", fixture->root);
}

static void write_file(const char *path, int flags, const void *bytes, size_t length)
{
    int opened = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
    CLEANUP(close_fd_p) int fd = opened;
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        give_up("write", path);
}

void fixture_write_bytes(const struct fixture *fixture, const char *path, const void *bytes,
                         size_t length)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    make_parents(fixture, path);
    if (unlink(full) < 0 && errno != ENOENT)
        give_up("unlink", full);
    write_file(full, O_CREAT | O_EXCL, bytes, length);
}

void fixture_write(const struct fixture *fixture, const char *path, const char *text)
{
    fixture_write_bytes(fixture, path, text, strlen(text));
}

void fixture_rewrite(const struct fixture *fixture, const char *path, const char *text)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    write_file(full, O_TRUNC, text, strlen(text));
}

void fixture_link(const struct fixture *fixture, const char *path, const char *target)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    make_parents(fixture, path);
    if (symlink(target, full) < 0)
        give_up("symlink", full);
}

void fixture_fifo(const struct fixture *fixture, const char *path)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    make_parents(fixture, path);
    if (mkfifo(full, 0644) < 0)
        give_up("mkfifo", full);
}

void fixture_chmod(const struct fixture *fixture, const char *path, unsigned mode)
{
    char full[PATH_MAX];
    full_path(fixture, path, full);
    if (chmod(full, mode) < 0)
        give_up("chmod", full);
}
