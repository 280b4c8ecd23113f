/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <fcntl.h>
#include <sys/stat.h>

#include "export/export.h"

enum { TEMPORARY_NAME_MAX = 128 };

static void temporary_name(char target[TEMPORARY_NAME_MAX], const struct export_file *file)
{
    (void)snprintf(target, TEMPORARY_NAME_MAX, ".%s.%ld.new", file->name, (long)getpid());
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        length -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

static int write_temporary(int folder_fd, const struct export_file *file)
{
    char name[TEMPORARY_NAME_MAX];
    temporary_name(name, file);
    if (text_lacked_memory() || file->text.error < 0)
        return -ENOMEM;
    (void)unlinkat(folder_fd, name, 0); /* of a process of before that had this number */
    CLEANUP(close_fd_p)
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    return fd < 0 ? -errno : write_all(fd, file->text.data, file->text.length);
}

static int put_in_place(int folder_fd, const struct export_file *file)
{
    char name[TEMPORARY_NAME_MAX];
    temporary_name(name, file);
    return renameat(folder_fd, name, folder_fd, file->name) < 0 ? -errno : 0;
}

static void remove_temporaries(int folder_fd, const struct export_file *files, size_t n)
{
    char name[TEMPORARY_NAME_MAX];
    for (size_t i = 0; i < n; i++) {
        temporary_name(name, &files[i]);
        (void)unlinkat(folder_fd, name, 0);
    }
}

static int open_folder(const char *folder)
{
    if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        return -errno;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* A folder in the place of a file is found before anything is replaced. */
static int check_place(int folder_fd, const struct export_file *file)
{
    struct stat status;
    bool folder = fstatat(folder_fd, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                  S_ISDIR(status.st_mode);
    return folder ? -EISDIR : 0;
}

int export_files_write(const char *folder, const struct export_file *files, size_t n)
{
    CLEANUP(close_fd_p) int fd = open_folder(folder);
    if (fd < 0) {
        ctl_complain(_("--output: cannot write to the folder %s: %s. Nothing was written"), folder,
                     language_error(-fd));
        return CTL_FAILED;
    }
    for (size_t i = 0; i < n; i++) {
        int r = check_place(fd, &files[i]);
        if (r == 0)
            r = write_temporary(fd, &files[i]);
        if (r == 0)
            continue;
        ctl_complain(_("cannot write %s/%s: %s. Nothing was written"), folder, files[i].name,
                     language_error(-r));
        remove_temporaries(fd, files, n);
        return CTL_FAILED;
    }
    for (size_t i = 0; i < n; i++) {
        int r = put_in_place(fd, &files[i]);
        if (r == 0)
            continue;
        ctl_complain(_("cannot put %s/%s in its place: %s. %zu of %zu files are new: export again"),
                     folder, files[i].name, language_error(-r), i, n);
        remove_temporaries(fd, files, n);
        return CTL_FAILED;
    }
    if (fsync(fd) == 0)
        return CTL_DONE;
    ctl_complain(_("%s: the files are written, but may not outlive a power cut: %s"), folder,
                 language_error(errno));
    return CTL_FAILED;
}
