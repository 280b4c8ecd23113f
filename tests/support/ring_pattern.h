/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Frames in which every record follows from its position and its producer, so that a reader can
 * tell whether what it got is exactly what was written there. */

#include "greend/ring.h"
#include "support/random.h"

/* Where a producer stands. `salt` differs between producers of one ring, so that a frame made of
 * records of two of them is found out. */
struct pattern {
    uint64_t frames;
    uint64_t total_uj;
    uint64_t salt;
};

static inline void pattern_frame(const struct pattern *pattern, uint64_t position, uint32_t records,
                                 union ring_record *ret_record)
{
    *ret_record = (union ring_record){
        .frame = {
                  .type = RING_FRAME,
                  .records = records,
                  .number = pattern->frames + 1,
                  .mono_ns = position,
                  .real_ns = (int64_t)random_mix(position),
                  .interval_ns = pattern->salt,
                  .total_uj = pattern->total_uj,
                  }
    };
}

static inline void pattern_host(uint64_t salt, uint64_t position, union ring_record *ret_record)
{
    *ret_record = (union ring_record){
        .host = {
                 .type = RING_HOST,
                 .boottime_ns = position,
                 .busy_ns = random_mix(position ^ salt),
                 .skew_ns = random_mix(position + salt),
                 }
    };
}

static inline void pattern_energy(uint64_t salt, uint64_t position, union ring_record *ret_record)
{
    uint64_t mixed = random_mix(position ^ salt);
    *ret_record = (union ring_record){
        .energy = {
                   .type = RING_ENERGY,
                   .start_ticks = position,
                   .workload = (uint32_t)mixed,
                   .cpu_ns = mixed,
                   .energy_uj = {mixed % 1009, mixed % 2003, mixed % 4001},
                   }
    };
}

static inline uint64_t pattern_energy_sum(const union ring_record *record)
{
    uint64_t sum = 0;
    for (int lane = 0; lane < RING_LANES; lane++)
        sum += record->energy.energy_uj[lane];
    return sum;
}

/* Pushes record number `index` of a frame of `records`. */
static inline void pattern_push(struct ring *ring, struct pattern *pattern, uint32_t index,
                                uint32_t records)
{
    union ring_record record;
    if (index == 0)
        pattern_frame(pattern, ring->head, records, &record);
    else if (index == 1)
        pattern_host(pattern->salt, ring->head, &record);
    else
        pattern_energy(pattern->salt, ring->head, &record);
    ring_push(ring, &record);
    if (index >= 2)
        pattern->total_uj += pattern_energy_sum(&record);
    if (index + 1 == records)
        pattern->frames++;
}

static inline void pattern_push_frame(struct ring *ring, struct pattern *pattern, uint32_t records)
{
    for (uint32_t i = 0; i < records; i++)
        pattern_push(ring, pattern, i, records);
    ring_publish(ring);
}

/* Whether a frame is exactly what a producer wrote at its position. ret_energy_uj: its energy. */
static inline bool pattern_matches(const struct frame *frame, uint64_t *ret_energy_uj)
{
    const struct ring_frame *first = &frame->records[0].frame;
    struct pattern pattern = {first->number - 1, first->total_uj, first->interval_ns};
    uint64_t energy_uj = 0;
    for (size_t i = 0; i < frame->count; i++) {
        union ring_record expected;
        uint64_t position = frame->position + i;
        if (i == 0)
            pattern_frame(&pattern, position, (uint32_t)frame->count, &expected);
        else if (i == 1)
            pattern_host(pattern.salt, position, &expected);
        else
            pattern_energy(pattern.salt, position, &expected);
        if (memcmp(&expected, &frame->records[i], sizeof(expected)) != 0)
            return false;
        if (i >= 2)
            energy_uj += pattern_energy_sum(&expected);
    }
    *ret_energy_uj = energy_uj;
    return true;
}

/* Goes on where the newest frame of the ring ends, as a producer that attaches does. */
static inline int pattern_resume(const struct ring *ring, uint64_t salt, struct frame *frame,
                                 struct pattern *ret_pattern)
{
    uint64_t position = 0;
    uint64_t energy_uj = 0;
    *ret_pattern = (struct pattern){.salt = salt};
    int r = frame_newest(ring, &position);
    if (r != 0)
        return r;
    r = frame_read(ring, position, frame);
    if (r != 0)
        return r;
    if (!pattern_matches(frame, &energy_uj))
        return -EBADMSG;
    ret_pattern->frames = frame->records[0].frame.number;
    ret_pattern->total_uj = frame->records[0].frame.total_uj + energy_uj;
    return 0;
}
