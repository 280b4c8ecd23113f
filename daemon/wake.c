/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "wake.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "clock.h"

int wake_init(struct wake *wake)
{
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->fd < 0 ? -errno : 0;
}

void wake_done(struct wake *wake)
{
    close_fd_p(&wake->fd);
    wake->fd = -1;
}

void wake_ring(const struct wake *wake)
{
    static const uint64_t one = 1;
    (void)!write(wake->fd, &one, sizeof(one));
}

bool wake_wait(const struct wake *wake, uint64_t until_mono_ns)
{
    for (;;) {
        uint64_t left = sub_saturated(until_mono_ns, clock_mono_ns());
        struct timespec timeout = {.tv_sec = (time_t)(left / NS_PER_S),
                                   .tv_nsec = (long)(left % NS_PER_S)};
        struct pollfd poll_fd = {.fd = wake->fd, .events = POLLIN};
        int r = ppoll(&poll_fd, 1, &timeout, NULL);
        if (r > 0) {
            uint64_t count = 0;
            (void)!read(wake->fd, &count, sizeof(count));
            return true;
        }
        if (r == 0 && clock_mono_ns() >= until_mono_ns)
            return false;
    }
}
