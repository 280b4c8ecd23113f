/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "input/intensity_file.h"

#include <limits.h>

#include "core/text.h"
#include "input/regular_file.h"

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

int intensity_file_load(const char *path, struct intensity *ret,
                        void (*report)(void *userdata, const char *line, bool wrong),
                        void *userdata)
{
    const struct report target = {report, userdata};
    CLEANUP(free_p) char *bytes = NULL;
    CLEANUP(free_p) struct factor_errors *errors = calloc(2, sizeof(*errors));
    size_t length = 0;
    int r = errors ? regular_file_read(path, INTENSITY_FILE_MAX, &bytes, &length) : -ENOMEM;
    if (r == 0 && length > INTENSITY_FILE_MAX)
        r = -EFBIG;
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
