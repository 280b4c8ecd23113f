/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/meter/counter.h"

#include "greend/units.h"

/* A counter is refreshed about once a millisecond and its reader may be interrupted: a delta can
 * hold the energy of a little more time than lies between its time stamps. */
#define JITTER_NS (10 * NS_PER_MS)

/* Less is not believed: the two clocks are read one after the other. */
#define SLEEP_NS ((int64_t)(500 * NS_PER_MS))

/* No package is known to draw more. */
#define MAX_POWER_DEFAULT_UW (1000 * UW_PER_W)

/* 2^32 units of 2^-16 J, the finest unit in use (AMD; Intel's DRAM has 15.3 uJ): the shortest
 * period that a counter of unknown range can have. */
#define SHORTEST_PERIOD_UJ (UINT64_C(65536) * UJ_PER_J)

/* Declared maximum powers are about sustained load, and turbo goes beyond. A step forward is
 * believed up to this many times the maximum; more is a broken reading, not energy. */
#define LEAP_FACTOR 4

/* No gauge of one host shows more than a megawatt. */
#define GAUGE_MAX_UW (UINT64_C(1000000) * UW_PER_W)

static uint64_t meter_max_power(const struct meter *meter)
{
    return meter->max_power_uw ? meter->max_power_uw : MAX_POWER_DEFAULT_UW;
}

/* 0: unknown. */
static uint64_t meter_period(const struct meter *meter)
{
    return add_saturated(meter->range_uj, meter->range_uj / UINT32_MAX);
}

void counter_init(struct counter *counter, uint64_t stale_ns)
{
    *counter = (struct counter){.stale_ns = stale_ns};
}

void counter_resume(struct counter *counter, uint64_t value, uint64_t time_ns)
{
    counter->known = true;
    counter->value = value;
    counter->time_ns = time_ns;
}

static struct counter_delta delta_of_event(enum counter_event event, uint64_t gap_ns)
{
    return (struct counter_delta){
        .event = event,
        .idle_uj = COUNTER_IDLE_UNKNOWN,
        .gap_ns = gap_ns,
    };
}

static struct counter_delta delta_of_energy(enum counter_event event, uint64_t energy_uj,
                                            uint64_t elapsed_ns)
{
    return (struct counter_delta){
        .event = event,
        .energy_uj = energy_uj,
        .idle_uj = COUNTER_IDLE_UNKNOWN,
        .elapsed_ns = elapsed_ns,
    };
}

/* A step of a counter from `before` to `now`. */
static struct counter_delta step(const struct meter *meter, uint64_t before, uint64_t now,
                                 uint64_t elapsed_ns)
{
    uint64_t power_uw = meter_max_power(meter);
    /* A reading above the range proves that the range is wrong. */
    bool in_range = MAX(before, now) <= meter->range_uj;
    uint64_t period_uj = in_range ? meter_period(meter) : 0;
    uint64_t doubt_uj = (period_uj ? period_uj : SHORTEST_PERIOD_UJ) / 2;
    if (energy_of_power(power_uw, elapsed_ns) > doubt_uj)
        return delta_of_event(COUNTER_GAP, elapsed_ns);

    uint64_t most_uj = energy_of_power(power_uw, add_saturated(elapsed_ns, JITTER_NS));
    if (now >= before) {
        if ((now - before) / LEAP_FACTOR > most_uj)
            return delta_of_event(COUNTER_RESET, elapsed_ns);
        return delta_of_energy(COUNTER_ADVANCED, now - before, elapsed_ns);
    }
    uint64_t wrapped_uj = period_uj - before + now;
    if (period_uj == 0 || wrapped_uj > most_uj)
        return delta_of_event(COUNTER_RESET, elapsed_ns);
    return delta_of_energy(COUNTER_WRAPPED, wrapped_uj, elapsed_ns);
}

/* The whole microjoules of power x time + carry, at most most_uj; the rest stays in carry. */
static uint64_t accumulate(uint64_t power_uw, uint64_t time_ns, uint64_t most_uj, uint64_t *carry)
{
    struct wide total = wide_add(wide_product(power_uw, time_ns), wide_of(*carry));
    uint64_t energy_uj = wide_saturated(wide_div(total, NS_PER_S));
    uint64_t taken_uj = MIN(energy_uj, most_uj);
    *carry = wide_low(wide_sub(total, wide_product(taken_uj, NS_PER_S)));
    return taken_uj;
}

static struct counter_delta hold(struct counter *counter, const struct meter *meter,
                                 const struct meter_reading *reading, uint64_t elapsed_ns)
{
    uint64_t most_uw = meter->max_power_uw ? meter->max_power_uw : GAUGE_MAX_UW;
    if (elapsed_ns > counter->stale_ns || reading->value > MIN(most_uw, GAUGE_MAX_UW))
        return delta_of_event(COUNTER_GAP, elapsed_ns);
    uint64_t energy_uj = accumulate(reading->value, elapsed_ns, UINT64_MAX, &counter->carry);
    struct counter_delta delta = delta_of_energy(COUNTER_ADVANCED, energy_uj, elapsed_ns);
    if (meter->source == SOURCE_MODEL) {
        uint64_t idle_uw = MIN(reading->idle_uw, reading->value);
        delta.idle_uj = accumulate(idle_uw, elapsed_ns, energy_uj, &counter->idle_carry);
    }
    return delta;
}

struct counter_delta counter_update(struct counter *counter, const struct meter *meter,
                                    const struct meter_reading *reading, uint64_t slept_ns)
{
    if (reading->error || (counter->known && reading->time_ns == counter->time_ns))
        return delta_of_event(COUNTER_NONE, 0);
    struct counter before = *counter;
    uint64_t known_ns = slept_ns == COUNTER_SLEPT_UNKNOWN ? 0 : slept_ns;
    counter_resume(counter, reading->value, reading->time_ns);
    if (!before.known)
        return delta_of_event(COUNTER_FIRST, 0);
    if (reading->time_ns < before.time_ns) /* a time stamp of another boot */
        return delta_of_event(COUNTER_GAP, known_ns);
    uint64_t elapsed_ns = reading->time_ns - before.time_ns;
    if (slept_ns) /* some machines clear their counters in sleep, some go on, none says which */
        return delta_of_event(COUNTER_GAP, add_saturated(elapsed_ns, known_ns));
    if (meter->form == METER_GAUGE)
        return hold(counter, meter, reading, elapsed_ns);
    return step(meter, before.value, reading->value, elapsed_ns);
}

uint64_t counter_slept_ns(uint64_t asleep_before_ns, uint64_t asleep_now_ns)
{
    int64_t slept_ns = (int64_t)(asleep_now_ns - asleep_before_ns);
    return slept_ns < SLEEP_NS ? 0 : (uint64_t)slept_ns;
}

uint64_t counter_poll_interval(const struct meter *meter)
{
    if (meter->form == METER_GAUGE)
        return UINT64_MAX;
    uint64_t period_uj = meter->range_uj ? meter_period(meter) : SHORTEST_PERIOD_UJ;
    return mul_div(period_uj / 4, NS_PER_S, meter_max_power(meter));
}
