/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a scrape of a busy machine costs: 10,000 processes, 500 workloads, 50 shown (and up to 150
 * that were, within a day). CPU time of this thread, as a ratio to a floor in the same run: writing
 * as many lines of the same length by snprintf(3), and copying the bytes. Asserts no time. */

#include <inttypes.h>
#include <time.h>

#include "busy_machine.h"
#include "core/exposition/exposition.h"
#include "exporter/gzip.h"

enum { ROUNDS = 15, SCRAPES = 20 };

static uint64_t cpu_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Best, median and worst of the rounds, each a mean over the scrapes. */
static uint64_t print_times(const char *what, uint64_t *times)
{
    qsort(times, ROUNDS, sizeof(*times), compare);
    printf("%-34s %8.1f us  (%.1f .. %.1f)\n", what, (double)times[ROUNDS / 2] / SCRAPES / 1e3,
           (double)times[0] / SCRAPES / 1e3, (double)times[ROUNDS - 1] / SCRAPES / 1e3);
    return times[ROUNDS / 2];
}

/* The same number of lines by the plainest means: what formatting costs at least. */
static void write_floor(char *target, size_t size, size_t lines)
{
    size_t at = 0;
    for (size_t i = 0; i < lines && at < size; i++) {
        int length = snprintf(target + at, size - at,
                              "greend_workload_energy_joules_total{unit=\"%s\",command=\"%s\","
                              "kind=\"%s\",source=\"%s\"} %" PRIu64 ".%03u\n",
                              "application-server-123@instance.service", "java-worker", "service",
                              "rapl", (uint64_t)i * 1234, (unsigned)(i % 1000));
        at += length > 0 ? (size_t)length : 0;
    }
}

struct bench {
    struct machine *machine;
    struct series *series;
    struct frame frame;
    struct text text;
    size_t lines;
    size_t packed;
    char target[1 << 20];
};

static void consume(struct bench *bench)
{
    (void)series_consume(bench->series, &bench->machine->ring, &bench->frame);
}

static void render(struct bench *bench)
{
    text_clear(&bench->text);
    exposition_render(&bench->text,
                      &(struct exposition){.series = bench->series, .version = "0.1.0"},
                      EXPOSITION_OPENMETRICS);
}

static void compress(struct bench *bench)
{
    char *packed = NULL;
    if (gzip_compress(bench->text.data, bench->text.length, &packed, &bench->packed) == 0)
        free(packed);
}

static void floor_snprintf(struct bench *bench)
{
    write_floor(bench->target, sizeof(bench->target), bench->lines);
    __asm__ volatile("" : : "r"(bench->target) : "memory");
}

static void floor_memcpy(struct bench *bench)
{
    memcpy(bench->target, bench->text.data, bench->text.length);
    __asm__ volatile("" : : "r"(bench->target) : "memory");
}

/* All that is measured, in turn within each round. */
enum { RENDER, GZIP, FLOOR_SNPRINTF, FLOOR_MEMCPY, CONSUME, STEPS };

static const struct {
    const char *name;
    void (*step)(struct bench *bench);
} steps[STEPS] = {
    [RENDER] = {"render",                           render        },
    [GZIP] = {"gzip",                             compress      },
    [FLOOR_SNPRINTF] = {"floor: snprintf of as many lines", floor_snprintf},
    [FLOOR_MEMCPY] = {"floor: memcpy",                    floor_memcpy  },
    [CONSUME] = {"consume a frame of 10,000",        consume       },
};

static void fill(struct bench *bench)
{
    for (uint32_t turn = 0; turn < 10; turn++) { /* fills all places */
        busy_machine_step(bench->machine, turn, &bench->frame);
        consume(bench);
    }
    render(bench);
    for (size_t i = 0; i < bench->text.length; i++)
        bench->lines += bench->text.data[i] == '\n';
}

int main(void)
{
    static struct bench bench;
    static uint64_t times[STEPS][ROUNDS];
    uint64_t medians[STEPS];
    bench.machine = busy_machine_new();
    bench.series = series_new(BUSY_TOP);
    fill(&bench);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t step = 0; step < STEPS; step++) {
            uint64_t start = cpu_ns();
            for (int i = 0; i < SCRAPES; i++)
                steps[step].step(&bench);
            times[step][round] = cpu_ns() - start;
        }
    printf("%zu bytes, %zu with gzip\n", bench.text.length, bench.packed);
    for (size_t step = 0; step < STEPS; step++)
        medians[step] = print_times(steps[step].name, times[step]);
    double floor_ns = (double)medians[FLOOR_SNPRINTF];
    printf("render / snprintf %.2f, render and gzip / snprintf %.2f\n",
           (double)medians[RENDER] / floor_ns,
           (double)(medians[RENDER] + medians[GZIP]) / floor_ns);
    text_done(&bench.text);
    frame_done(&bench.frame);
    series_free(bench.series);
    machine_free(bench.machine);
    return 0;
}
