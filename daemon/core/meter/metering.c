/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/meter/metering.h"

#include "greend/units.h"

void metering_init(struct metering *metering, uint64_t stale_ns)
{
    *metering = (struct metering){.stale_ns = stale_ns};
}

/* The meter of that key, or NULL. Samples hardly ever change their order, so `likely`, its place in
 * the sample, is tried first. */
static struct metering_meter *find(struct metering *metering, const char *key, size_t likely)
{
    if (likely < metering->count && str_equal(metering->meters[likely].key, key))
        return &metering->meters[likely];
    for (size_t i = 0; i < metering->count; i++)
        if (str_equal(metering->meters[i].key, key))
            return &metering->meters[i];
    return NULL;
}

static bool is_in(const struct meter_set *set, const char *key)
{
    for (size_t i = 0; i < MIN(set->count, METERS_MAX); i++)
        if (str_equal(set->meters[i].key, key))
            return true;
    return false;
}

/* A free place; or that of a meter that was resumed and never came back; or that of the one that is
 * away for longest. */
static struct metering_meter *find_room(struct metering *metering, const struct meter_set *set)
{
    if (metering->count < METERS_MAX)
        return &metering->meters[metering->count++];
    struct metering_meter *oldest = NULL;
    for (size_t i = 0; i < metering->count; i++) {
        struct metering_meter *meter = &metering->meters[i];
        if (!meter->seen)
            return meter;
        if ((!oldest || meter->last < oldest->last) && !is_in(set, meter->key))
            oldest = meter;
    }
    return oldest;
}

static struct metering_meter *add(struct metering *metering, const struct meter_set *set,
                                  const char *key)
{
    struct metering_meter *meter = find_room(metering, set);
    if (!meter)
        return NULL;
    *meter = (struct metering_meter){0};
    (void)str_copy(meter->key, sizeof(meter->key), key);
    counter_init(&meter->counter, metering->stale_ns);
    return meter;
}

int metering_resume(struct metering *metering, const char *key, uint64_t value, uint64_t time_ns,
                    uint64_t boottime_ns)
{
    struct metering_meter *meter = find(metering, key, 0);
    static const struct meter_set none;
    if (!meter && metering->count < METERS_MAX)
        meter = add(metering, &none, key);
    if (!meter)
        return -ENOSPC;
    counter_resume(&meter->counter, value, time_ns);
    meter->boottime_ns = boottime_ns;
    return 0;
}

static struct meter_delta refuse(int error)
{
    return (struct meter_delta){
        .meter = METERING_NONE,
        .error = error,
        .counter = {.event = COUNTER_NONE, .idle_uj = COUNTER_IDLE_UNKNOWN},
    };
}

/* Where it is not known when the meter was read last, or said to be later than now, it is known
 * whether the machine slept since only if it never did, by clocks that were not shifted. */
static uint64_t slept_since(const struct metering_meter *meter, const struct meter_reading *reading,
                            uint64_t asleep_ns)
{
    bool later = (int64_t)(meter->boottime_ns - (reading->time_ns + asleep_ns)) > 0;
    if (meter->boottime_ns != 0 && !later)
        return counter_slept_ns(meter->boottime_ns - meter->counter.time_ns, asleep_ns);
    return counter_slept_ns(0, asleep_ns) || counter_slept_ns(asleep_ns, 0) ? COUNTER_SLEPT_UNKNOWN
                                                                            : 0;
}

static struct meter_delta update_one(struct metering *metering, const struct meter_set *set,
                                     size_t place)
{
    const struct meter *identity = &set->meters[place];
    const struct meter_reading *reading = &set->readings[place];
    struct metering_meter *meter = find(metering, identity->key, place);
    if (!meter)
        meter = add(metering, set, identity->key);
    if (!meter)
        return refuse(-ENOSPC);
    if (meter->taken)
        return refuse(-EEXIST);
    bool begun = !meter->seen;
    meter->seen = meter->taken = true;
    meter->last = metering->updates;
    struct counter_delta delta = counter_update(&meter->counter, identity, reading,
                                                slept_since(meter, reading, set->asleep_ns));
    if (delta.event != COUNTER_NONE)
        meter->boottime_ns = meter->counter.time_ns + set->asleep_ns;
    return (struct meter_delta){
        .meter = (uint16_t)(meter - metering->meters),
        .begun = begun,
        .error = reading->error,
        .value = meter->counter.value,
        .time_ns = meter->counter.time_ns,
        .boottime_ns = meter->boottime_ns,
        .counter = delta,
    };
}

void metering_update(struct metering *metering, const struct meter_set *set,
                     struct meter_delta deltas[METERS_MAX])
{
    metering->updates++;
    for (size_t i = 0; i < metering->count; i++)
        metering->meters[i].taken = false;
    for (size_t i = 0; i < MIN(set->count, METERS_MAX); i++)
        deltas[i] = update_one(metering, set, i);
}

uint64_t metering_poll_interval(const struct meter_set *set)
{
    uint64_t shortest_ns = UINT64_MAX;
    for (size_t i = 0; i < MIN(set->count, METERS_MAX); i++)
        shortest_ns = MIN(shortest_ns, counter_poll_interval(&set->meters[i]));
    return shortest_ns;
}
