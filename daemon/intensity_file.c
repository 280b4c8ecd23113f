/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "intensity_file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "core/text.h"

struct report {
    void (*line)(void *userdata, const char *line, bool wrong);
    void *userdata;
};

static void report_all(const struct report *report, const struct factor_errors *errors, bool wrong)
{
    for (size_t i = 0; i < errors->n; i++)
        report->line(report->userdata, errors->list[i].text, wrong);
    if (errors->more > 0) {
        char line[64];
        (void)snprintf(line, sizeof(line), "and %zu more such lines", errors->more);
        report->line(report->userdata, line, wrong);
    }
}

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

/* -EBADMSG: not a regular file; -EFBIG. */
static int read_file(const char *path, char **ret_bytes, size_t *ret_length)
{
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -EBADMSG;
    if (status.st_size > INTENSITY_FILE_MAX)
        return -EFBIG;
    CLEANUP(free_p) char *bytes = malloc((size_t)status.st_size + 1);
    if (!bytes)
        return -ENOMEM;
    int r = read_fd(fd, (size_t)status.st_size, bytes, ret_length);
    if (r == 0)
        *ret_bytes = TAKE_PTR(bytes);
    return r;
}

int intensity_file_load(const char *path, struct intensity *ret,
                        void (*report)(void *userdata, const char *line, bool wrong),
                        void *userdata)
{
    const struct report target = {report, userdata};
    CLEANUP(free_p) char *bytes = NULL;
    CLEANUP(free_p) struct factor_errors *errors = calloc(2, sizeof(*errors));
    size_t length = 0;
    int r = errors ? read_file(path, &bytes, &length) : -ENOMEM;
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        char shown[PATH_MAX];
        char line[PATH_MAX + 128];
        (void)text_escape(shown, sizeof(shown), path, strlen(path));
        (void)snprintf(line, sizeof(line), "%s: cannot be read: %s", shown,
                       r == -EBADMSG ? "not a regular file" : strerror(-r));
        report(userdata, line, true);
        return INTENSITY_WRONG;
    }
    r = intensity_parse(path, bytes, length, ret, &errors[0], &errors[1]);
    if (r == -ENOMEM)
        return r;
    report_all(&target, &errors[0], true);
    report_all(&target, &errors[1], false);
    return r;
}
