/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <fcntl.h>
#include <limits.h>

#include "ctl.h"
#include "status/status.h"
#include "storage/ring_file.h"
#include "threads/clock.h"

static void ring_file_close_p(struct ring_file **file)
{
    (void)ring_file_close(*file);
}

void status_complain_ring(const char *directory, int error)
{
    char path[PATH_MAX + sizeof(RING_FILE_NAME) + 1];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, RING_FILE_NAME);
    switch (error) {
    case -ENOENT:
        ctl_complain(_("greend is not running: there is no %s. Start it with: sudo systemctl start "
                       "greend. Another directory: --runtime DIR"),
                     path);
        break;
    case -EACCES:
    case -EPERM:
        ctl_complain(_("cannot read %s: permission denied. It may be read by members of the group "
                       "greend-read: sudo usermod -aG greend-read $USER, then log in anew"),
                     path);
        break;
    case -EPROTONOSUPPORT:
        ctl_complain(_("%s is of another version of greend than this greend-ctl (%s): install the "
                       "same of both and restart greend"),
                     path, GREEND_VERSION);
        break;
    case -EBADMSG:
        ctl_complain(_("%s is corrupt or not of greend: sudo systemctl restart greend makes a new "
                       "one"),
                     path);
        break;
    default:
        ctl_complain(_("cannot read %s: %s"), path, language_error(-error));
        break;
    }
}

/* "6ba7b810-9dad-..." as 16 bytes; false for anything else. */
static bool parse_boot_id(const char *text, uint8_t ret_id[16])
{
    static const char digits[] = "0123456789abcdef";
    size_t nibbles = 0;
    for (; *text && *text != '\n'; text++) {
        const char *digit = strchr(digits, *text);
        if (*text == '-')
            continue;
        if (!digit || nibbles == 32)
            return false;
        unsigned value = (unsigned)(digit - digits);
        uint8_t *byte = &ret_id[nibbles / 2];
        *byte = (uint8_t)(nibbles % 2 == 0 ? value << 4 : *byte | value);
        nibbles++;
    }
    return nibbles == 32;
}

void status_read_clock(struct status_clock *ret)
{
    char text[64] = "";
    *ret = (struct status_clock){.mono_ns = clock_mono_ns()};
    CLEANUP(close_fd_p)
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || !parse_boot_id(text, ret->boot_id))
        ctl_complain(_("cannot read this machine's boot id below /proc"));
}

static int print_status(const struct ctl_arguments *arguments, const struct status *status)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    switch (arguments->format) {
    case FORMAT_TABLE:
        style_detect(&style);
        status_render_table(status, &style, &text);
        break;
    case FORMAT_JSON:
        status_render_json(status, &text);
        break;
    case FORMAT_CSV:
        status_render_csv(status, &text);
        break;
    case FORMAT_HTML: /* refused before */
        break;
    }
    int r = ctl_print(&text);
    return r == CTL_DONE && !status_is_good(status) ? CTL_FAILED : r;
}

int status_main(const struct ctl_arguments *arguments)
{
    char directory[PATH_MAX];
    struct status_clock now;
    CLEANUP(free_p) struct status *status = malloc(sizeof(*status));
    CLEANUP(ring_file_close_p) struct ring_file *file = NULL;
    if (arguments->format == FORMAT_HTML) {
        ctl_complain(_("--format: status is a table, json or csv, got 'html'"));
        return CTL_USAGE;
    }
    int r = ctl_find_runtime(arguments, directory, sizeof(directory));
    if (r != CTL_DONE)
        return r;
    r = ring_file_open(&file, directory);
    if (r < 0) {
        status_complain_ring(directory, r);
        return CTL_FAILED;
    }
    status_read_clock(&now);
    if (!status || status_collect(&file->reader, &now, status) < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    return print_status(arguments, status);
}
