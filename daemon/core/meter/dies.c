/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/meter/dies.h"

#include "greend/units.h"

/* Counters are refreshed once a millisecond: over two seconds that is a tenth of the tolerance. */
#define WINDOW_NS       (2 * NS_PER_S)
#define TOLERANCE_PPM   UINT64_C(5000)
#define LOADED_PPM      UINT64_C(100000) /* a tenth of the machine's CPUs */
#define WINDOW_LEAST_UJ UJ_PER_J

enum {
    MIRRORED_AFTER = 10, /* loaded windows in a row that agree */
    DISTINCT_AFTER = 3,  /* windows in a row that differ: one may be a disturbed reading */
    RECANTED_AFTER = 10, /* the same, to overturn DIES_MIRRORED */
};

static void window_restart(struct dies *dies)
{
    memset(dies->window, 0, sizeof(dies->window));
    dies->busy_ppm_ns = 0;
}

/* Adds the tick to the window; true when the window is long enough to be judged. A tick without a
 * reading of every die cannot be compared. */
static bool window_add(struct dies *dies, const struct dies_reading readings[], size_t count,
                       uint32_t busy_ppm)
{
    uint64_t shortest_ns = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        if (!readings[i].given || readings[i].elapsed_ns == 0) {
            window_restart(dies);
            return false;
        }
        struct dies_reading *sum = &dies->window[i];
        sum->energy_uj = add_saturated(sum->energy_uj, readings[i].energy_uj);
        sum->elapsed_ns = add_saturated(sum->elapsed_ns, readings[i].elapsed_ns);
        shortest_ns = MIN(shortest_ns, sum->elapsed_ns);
    }
    dies->busy_ppm_ns =
        add_saturated(dies->busy_ppm_ns, mul_div(busy_ppm, readings[0].elapsed_ns, 1));
    return shortest_ns >= WINDOW_NS;
}

/* Whether the mean powers of the window differ: powers, since each die is read at its own time. */
static bool window_differs(const struct dies *dies, size_t count, uint64_t *ret_most_uj)
{
    uint64_t least_uw = UINT64_MAX, most_uw = 0, most_uj = 0;
    for (size_t i = 0; i < count; i++) {
        const struct dies_reading *sum = &dies->window[i];
        uint64_t power_uw = power_of_energy(sum->energy_uj, sum->elapsed_ns);
        least_uw = MIN(least_uw, power_uw);
        most_uw = MAX(most_uw, power_uw);
        most_uj = MAX(most_uj, sum->energy_uj);
    }
    *ret_most_uj = most_uj;
    return most_uw - least_uw > mul_div(most_uw, TOLERANCE_PPM, PPM);
}

static void window_judge(struct dies *dies, size_t count)
{
    uint64_t most_uj = 0;
    bool differs = window_differs(dies, count, &most_uj);
    bool loaded = dies->busy_ppm_ns / LOADED_PPM >= dies->window[0].elapsed_ns;
    window_restart(dies);
    if (most_uj < WINDOW_LEAST_UJ)
        return;
    dies->differed = differs ? dies->differed + 1 : 0;
    if (differs)
        dies->agreed = 0;
    else if (loaded)
        dies->agreed++;
    uint32_t enough = dies->verdict == DIES_MIRRORED ? RECANTED_AFTER : DISTINCT_AFTER;
    if (dies->differed >= enough)
        dies->verdict = DIES_DISTINCT;
    else if (dies->agreed >= MIRRORED_AFTER)
        dies->verdict = DIES_MIRRORED;
}

/* The die that is booked alone. A die that is not read hands over to one that is, and does not get
 * it back: its next reading speaks for time that the other one was booked for. */
static size_t choose_leader(size_t leader, const struct dies_reading readings[], size_t count)
{
    if (leader < count && readings[leader].given)
        return leader;
    for (size_t i = 0; i < count; i++)
        if (readings[i].given)
            return i;
    return leader;
}

struct dies_booking dies_book(struct dies *dies, const struct dies_reading readings[], size_t count,
                              uint32_t busy_ppm, bool keep)
{
    count = MIN(count, DIES_MAX);
    uint64_t sum_uj = 0;
    for (size_t i = 0; i < count; i++)
        if (readings[i].given)
            sum_uj = add_saturated(sum_uj, readings[i].energy_uj);
    enum dies_verdict before = dies->verdict;
    if (before != DIES_DISTINCT && window_add(dies, readings, count, busy_ppm))
        window_judge(dies, count);

    struct dies_booking booking = {.energy_uj = sum_uj, .changed = dies->verdict != before};
    booking.leader = dies->leader = choose_leader(dies->leader, readings, count);
    if (dies->verdict == DIES_DISTINCT) {
        booking.late_uj = dies->aside_uj;
        booking.energy_uj = add_saturated(sum_uj, dies->aside_uj);
        dies->aside_uj = 0;
        return booking;
    }
    bool given = booking.leader < count && readings[booking.leader].given;
    booking.energy_uj = given ? readings[booking.leader].energy_uj : 0;
    if (dies->verdict == DIES_MIRRORED)
        dies->aside_uj = 0;
    else if (keep)
        dies->aside_uj = add_saturated(dies->aside_uj, sum_uj - booking.energy_uj);
    return booking;
}
