/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "report/report_html.h"

#include <fcntl.h>

#include "render/render_html.h"

enum { STYLESHEET_MAX = 1 << 20 };

/* One byte more than a stylesheet may have tells that it is too long. */
static int read_file(const char *path, char **ret_bytes, size_t *ret_length)
{
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    CLEANUP(free_p) char *bytes = malloc(STYLESHEET_MAX + 2);
    size_t length = 0;
    if (fd < 0)
        return -errno;
    if (!bytes)
        return -ENOMEM;
    while (length <= STYLESHEET_MAX) {
        ssize_t n = read(fd, bytes + length, STYLESHEET_MAX + 1 - length);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        length += n > 0 ? (size_t)n : 0;
    }
    bytes[length] = '\0';
    *ret_bytes = TAKE_PTR(bytes);
    *ret_length = length;
    return length > STYLESHEET_MAX ? -EFBIG : 0;
}

int report_html_stylesheet(const struct ctl_arguments *arguments, char **ret_css)
{
    const char *path = arguments->stylesheet;
    CLEANUP(free_p) char *css = NULL;
    size_t length = 0;
    *ret_css = NULL;
    if (!path)
        return CTL_DONE;
    int r = read_file(path, &css, &length);
    const char *wrong = r == -EFBIG ? _("it is larger than 1 MiB")
                        : r < 0     ? language_error(-r)
                                    : html_stylesheet_wrong(css, length);
    if (wrong) {
        ctl_complain(_("--stylesheet: cannot take %s: %s"), path, wrong);
        return CTL_FAILED;
    }
    *ret_css = TAKE_PTR(css);
    return CTL_DONE;
}

void report_html_with(const struct report *report, const struct report_footprint *footprint,
                      const struct report *by_time, const char *css, struct text *text)
{
    const struct html_report page = {
        .report = report,
        .footprint = footprint,
        .by_time = by_time,
        .stylesheet = css,
    };
    render_report_html(&page, text);
}

int report_html(const struct report *report, const struct report_footprint *footprint,
                struct store_reader *reader, const char *css, struct text *text)
{
    CLEANUP(report_done)
    struct report by_time = {
        .group = html_report_spans(&report->period),
        .idle = report->idle,
        .top = REPORT_ROWS_MAX,
        .info = report->info,
        .since_s = report->since_s,
        .until_s = report->until_s,
    };
    bool spans = report_group_is_span(report->group);
    int r = spans ? 0 : report_collect(&by_time, reader);
    if (r != 0)
        return r;
    report_html_with(report, footprint, spans ? NULL : &by_time, css, text);
    return 0;
}
