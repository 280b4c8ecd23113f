/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the ring costs the sampler: a frame of 1,000 records pushed and published, against a plain
 * memcpy() of the same bytes through memory of the same size, turn by turn in one run. */

#include <time.h>

#include "greend/ring.h"
#include "support/ring_pattern.h"

enum { RECORDS = 1000, ROUNDS = 5000, WARM_UP = 200 };

static uint64_t now_ns(void)
{
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0)
        abort();
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts. */
static void print_spread(const char *name, double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    printf("%-24s median %8.2f   5%%..95%% %8.2f .. %8.2f\n", name, values[count / 2],
           values[count / 20], values[count - 1 - count / 20]);
}

static void push_frame(struct ring *ring, const union ring_record *records)
{
    for (size_t i = 0; i < RECORDS; i++)
        ring_push(ring, &records[i]);
    ring_publish(ring);
}

/* memcpy() that the compiler cannot see through, into the next part of a buffer that is as large as
 * the ring's slots. */
static void copy_frame(char *buffer, size_t size, size_t *offset, const union ring_record *records)
{
    size_t bytes = RECORDS * sizeof(*records);
    if (*offset + bytes > size)
        *offset = 0;
    memcpy(buffer + *offset, records, bytes);
    __asm__ volatile("" : : "r"(buffer) : "memory");
    *offset += bytes;
}

static void measure(struct ring *ring, char *buffer, size_t size, const union ring_record *records)
{
    static double push_ns[ROUNDS];
    static double copy_ns[ROUNDS];
    static double ratios[ROUNDS];
    size_t offset = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        uint64_t begin = now_ns();
        push_frame(ring, records);
        uint64_t middle = now_ns();
        copy_frame(buffer, size, &offset, records);
        uint64_t end = now_ns();
        if (i < 0)
            continue;
        push_ns[i] = (double)(middle - begin) / RECORDS;
        copy_ns[i] = (double)(end - middle) / RECORDS;
        ratios[i] = (double)(middle - begin) / (double)MAX(end - middle, 1);
    }
    printf("frames of %d records, %d rounds\n", RECORDS, ROUNDS);
    print_spread("push+publish, ns/record", push_ns, ROUNDS);
    print_spread("memcpy, ns/record", copy_ns, ROUNDS);
    print_spread("ratio", ratios, ROUNDS);
}

int main(void)
{
    static const uint8_t id[RING_ID_SIZE] = "bench";
    static union ring_record records[RECORDS];
    size_t memory_size = ring_memory_size(RING_SLOTS_DEFAULT);
    size_t buffer_size = (size_t)RING_SLOTS_DEFAULT * 64;
    void *memory = aligned_alloc(64, memory_size);
    char *buffer = aligned_alloc(64, buffer_size);
    struct ring ring;
    if (!memory || !buffer)
        return 1;
    memset(memory, 0, memory_size);
    memset(buffer, 0, buffer_size);
    if (ring_format(&ring, memory, memory_size, RING_SLOTS_DEFAULT, id) != 0)
        return 1;
    for (uint64_t i = 0; i < RECORDS; i++)
        pattern_energy(1, i, &records[i]);
    measure(&ring, buffer, buffer_size, records);
    free(buffer);
    free(memory);
    return 0;
}
