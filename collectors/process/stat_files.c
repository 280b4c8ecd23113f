/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/stat_files.h"

#include <sys/resource.h>

#include "collectors/process/process_path.h"
#include "collectors/source.h"

enum { DESCRIPTORS_SHARE = 8 };

struct stat_files *stat_files_new(void)
{
    struct stat_files *files = calloc(1, sizeof(*files));
    if (!files)
        return NULL;
    for (size_t i = 0; i < STAT_FILES; i++)
        files->files[i].fd = -1;
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    files->open_most = (uint32_t)MIN(limit.rlim_cur / DESCRIPTORS_SHARE, STAT_FILES_OPEN_MAX);
    return files;
}

static void close_file(struct stat_files *files, struct stat_file *file)
{
    if (file->fd < 0)
        return;
    close_fd_p(&file->fd);
    file->fd = -1;
    files->open--;
}

void stat_files_free(struct stat_files *files)
{
    for (size_t i = 0; files && i < STAT_FILES; i++)
        close_file(files, &files->files[i]);
    free(files);
}

/* Whether what was just read is to be kept in this place. */
static bool may_keep(struct stat_files *files, struct stat_file *file, int32_t pid)
{
    if (file->pid == pid)
        return files->open < files->open_most;
    if (file->fd >= 0 && file->used) {
        file->used = false;
        return false;
    }
    close_file(files, file);
    file->pid = pid;
    return false;
}

int stat_files_read(struct stat_files *files, int procfs_fd, int32_t pid, char *buffer, size_t size,
                    size_t *ret_length)
{
    struct stat_file *file = &files->files[(uint32_t)pid % STAT_FILES];
    if (file->fd >= 0 && file->pid == pid) {
        if (source_read_begin_fd(file->fd, buffer, size, ret_length) == 0) {
            file->used = true;
            return 0;
        }
        close_file(files, file); /* that process is gone; the PID may have another */
    }
    char path[PROCESS_PATH_SIZE];
    process_path(path, pid, "stat");
    int fd = source_open(procfs_fd, path);
    if (fd < 0)
        return fd == -ENOENT ? -ESRCH : fd;
    int r = source_read_begin_fd(fd, buffer, size, ret_length);
    if (r == 0 && may_keep(files, file, pid)) {
        file->fd = fd;
        file->used = true;
        files->open++;
        return 0;
    }
    (void)close(fd);
    return r;
}
