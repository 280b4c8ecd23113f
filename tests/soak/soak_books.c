/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "soak/soak_books.h"

/* Clocks and meters of a tick are read within this. */
static const uint64_t skew_ns = 100 * NS_PER_MS;

/* What one zone says of the time since its last reading. */
struct verdict {
    uint64_t interval_ns, gap_ns;
    bool lost;
};

static struct verdict judge(const struct soak_reading *last, const struct soak_machine *machine,
                            const struct soak_zone *zone, bool began_anew)
{
    if (last->boot != machine->boots)
        return (struct verdict){.lost = true};
    uint64_t elapsed_ns = machine->mono_ns - last->mono_ns;
    uint64_t slept_ns = machine->asleep_ns - last->asleep_ns;
    if (last->asleep_unknown && machine->asleep_ns > 0)
        return (struct verdict){.gap_ns = elapsed_ns, .lost = true};
    double most_uj = (double)zone->meter.max_power_uw * ((double)elapsed_ns / 1e9);
    bool doubtful = most_uj > (double)soak_period_uj(&zone->meter) / 2;
    if (slept_ns > 0 || doubtful || began_anew)
        return (struct verdict){.gap_ns = elapsed_ns + slept_ns, .lost = true};
    return (struct verdict){.interval_ns = elapsed_ns};
}

/* How long no daemon ran: over a boot there is but the wall clock to ask. */
static uint64_t away(const struct soak_books *books, const struct soak_machine *machine)
{
    if (books->boot == machine->boots && !books->boottime_unknown)
        return machine->mono_ns + machine->asleep_ns - books->boottime_ns;
    return machine->real_ns > books->real_ns ? (uint64_t)(machine->real_ns - books->real_ns) : 0;
}

void soak_books_tick(struct soak_books *books, const struct soak_machine *machine, bool first)
{
    uint64_t interval_ns = 0, gap_ns = 0;
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        const struct soak_zone *zone = &machine->zones[i];
        struct soak_reading *last = &books->last[i];
        if (zone->failing)
            continue;
        if (last->boot == 0) {
            books->before_uj[i] = zone->true_uj;
        } else {
            struct verdict verdict = judge(last, machine, zone, books->began_anew[i]);
            if (verdict.lost)
                books->lost_uj[i] += zone->true_uj - last->true_uj;
            interval_ns = MAX(interval_ns, verdict.interval_ns);
            gap_ns = MAX(gap_ns, verdict.gap_ns);
            books->zone_gap_ns[i] += verdict.gap_ns;
        }
        *last = (struct soak_reading){machine->boots, machine->mono_ns, machine->asleep_ns,
                                      zone->true_uj, false};
        books->began_anew[i] = false;
    }
    /* Between two daemons: what no reading speaks for. */
    if (first && books->boot != 0) {
        uint64_t away_ns = away(books, machine);
        uint64_t absent_ns = away_ns - MIN(away_ns, interval_ns);
        if (absent_ns >= skew_ns)
            gap_ns = MAX(gap_ns, absent_ns);
    }
    books->boot = machine->boots;
    books->boottime_ns = machine->mono_ns + machine->asleep_ns;
    books->real_ns = machine->real_ns;
    books->boottime_unknown = false;
    books->gaps += gap_ns > 0;
    books->gap_ns += gap_ns;
}
