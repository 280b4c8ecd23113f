/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "threads/wake.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "threads/clock.h"

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

bool wake_hear(const struct wake *wake)
{
    uint64_t count = 0;
    return read(wake->fd, &count, sizeof(count)) == sizeof(count);
}

enum wake_rang wake_wait_either(const struct wake *first, const struct wake *second,
                                uint64_t until_mono_ns)
{
    for (;;) {
        uint64_t left = sub_saturated(until_mono_ns, clock_mono_ns());
        struct timespec timeout = {.tv_sec = (time_t)(left / NS_PER_S),
                                   .tv_nsec = (long)(left % NS_PER_S)};
        /* A negative descriptor is passed over. */
        struct pollfd bells[] = {
            {.fd = first->fd,                .events = POLLIN},
            {.fd = second ? second->fd : -1, .events = POLLIN}
        };
        int r = ppoll(bells, ARRAY_SIZE(bells), &timeout, NULL);
        if (r > 0 && bells[0].revents != 0 && wake_hear(first))
            return WAKE_FIRST;
        if (r > 0 && second && bells[1].revents != 0 && wake_hear(second))
            return WAKE_SECOND;
        if (r == 0 && clock_mono_ns() >= until_mono_ns)
            return WAKE_NONE;
    }
}

bool wake_wait(const struct wake *wake, uint64_t until_mono_ns)
{
    return wake_wait_either(wake, NULL, until_mono_ns) == WAKE_FIRST;
}
