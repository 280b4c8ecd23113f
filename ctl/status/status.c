/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "status/status.h"

#include "greend/units.h"

uint64_t status_fresh_ns(uint64_t interval_ns)
{
    const uint64_t least_ns = 5 * NS_PER_S;
    const uint64_t most_ns = 180 * NS_PER_S;
    return MIN(MAX(mul_div(interval_ns, 3, 1), least_ns), most_ns);
}

/* What the newest frame says of the daemon. */
static void judge(const struct frame *frame, const struct status_clock *now, struct status *status)
{
    const struct ring_frame *head = &frame->records[0].frame;
    const struct ring_host *host = &frame->records[1].host;
    status->interval_ns = head->interval_ns;
    status->last_real_ns = head->real_ns;
    status->age_ns = sub_saturated(now->mono_ns, head->mono_ns);
    if (memcmp(host->boot_id, now->boot_id, sizeof(now->boot_id)) != 0 ||
        head->mono_ns > now->mono_ns)
        status->daemon = STATUS_REBOOTED;
    else if (status->age_ns > status_fresh_ns(head->interval_ns))
        status->daemon = STATUS_STALE;
    else
        status->daemon = STATUS_RUNNING;
}

/* Tried again where the producer overtakes the reader; a frame is a thousandth of the ring. */
static int read_newest(const struct ring *ring, const struct status_clock *now,
                       struct status *status)
{
    CLEANUP(frame_done) struct frame frame = {0};
    for (int attempt = 0; attempt < 10; attempt++) {
        uint64_t position = 0;
        int r = frame_newest(ring, &position);
        if (r == 0)
            r = frame_read(ring, position, &frame);
        if (r == -ENOMEM)
            return r;
        if (r == 0 && frame.count >= 2) {
            judge(&frame, now, status);
            return 0;
        }
    }
    return 0;
}

static void read_items(const struct ring *ring, struct status *status)
{
    uint32_t count = MIN(ring_table_count(RING_TABLE_STATUS), (uint32_t)RING_STATUS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_status *item = &status->items[status->n_items];
        int r = ring_table_get(ring, RING_TABLE_STATUS, i, item);
        if (r < 0) {
            status->n_busy++;
            continue;
        }
        if (item->collector[0] == '\0')
            continue;
        item->collector[sizeof(item->collector) - 1] = '\0';
        item->item[sizeof(item->item) - 1] = '\0';
        item->why[sizeof(item->why) - 1] = '\0';
        item->mend[sizeof(item->mend) - 1] = '\0';
        if (item->health >= HEALTHS)
            item->health = HEALTH_FAILED;
        status->by_health[item->health]++;
        status->n_items++;
    }
}

int status_collect(const struct ring *ring, const struct status_clock *now,
                   struct status *ret_status)
{
    *ret_status = (struct status){.daemon = STATUS_STARTING};
    int r = read_newest(ring, now, ret_status);
    if (r < 0)
        return r;
    read_items(ring, ret_status);
    return 0;
}

bool status_is_good(const struct status *status)
{
    return status->daemon == STATUS_RUNNING && status->by_health[HEALTH_FAILED] == 0;
}
