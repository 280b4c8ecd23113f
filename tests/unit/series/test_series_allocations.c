/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "series_bench.h"

static size_t allocations;

/* The linker sends the core's calls here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    allocations++;
    return __real_realloc(pointer, size);
}

/* Two hours with new names, changes of rank and forgetting: nothing is allocated. */
static void test_allocates_nothing(void **state)
{
    (void)state;
    size_t before = allocations;
    struct bench bench = bench_new(3);
    assert_true(allocations > before); /* they are counted */
    for (uint32_t i = 0; i < 7200; i++) {
        char unit[16];
        (void)snprintf(unit, sizeof(unit), "unit-%u", i);
        uint32_t id = machine_name(bench.machine, 10 + i % 2000, 1 + i / 2000, WORKLOAD_SERVICE,
                                   unit, "main", "");
        machine_begin(bench.machine, NS_PER_S);
        machine_use(bench.machine, bench.package, id, 1, i * UJ_PER_MJ, 1);
        machine_end(bench.machine, &bench.frame);
        size_t reading = allocations; /* the frame's own buffer */
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
        assert_int_equal(allocations, reading);
    }
    bench_done(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
