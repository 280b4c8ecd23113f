/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* As many processes as a machine can have, without allocating at a sweep. */
#include "proc_copy.h"

static uint64_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    allocations++;
    return __real_realloc(pointer, size);
}

static void test_32768_processes(void **state)
{
    const struct copy *copy = *state;
    enum { MANY = 32768, ACTIVE = 500 };
    for (int32_t pid = 1; pid <= MANY; pid++)
        copy_person(copy,
                    (struct person){
                        .pid = pid, .ppid = pid / 2, .start = (uint64_t)pid, .only_stat = true});
    struct watch *watch = copy_watch(copy);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_processes, MANY);
    assert_true(allocations > 0); /* they are counted */
    uint64_t warm = 0;
    for (int32_t round = 0; round < 3; round++) {
        for (int32_t i = 0; i < ACTIVE; i++) {
            int32_t pid = MANY - ACTIVE + i + 1;
            copy_person(copy, (struct person){.pid = pid,
                                              .ppid = pid / 2,
                                              .start = (uint64_t)pid,
                                              .user = (uint64_t)round + 1,
                                              .only_stat = true});
        }
        if (round == 1)
            warm = allocations;
        assert_int_equal(watch_collect(watch), 0);
        assert_int_equal(watch->sample.n_activities, ACTIVE);
    }
    assert_int_equal(allocations, warm);
    for (int32_t pid = 2; pid <= MANY; pid++)
        copy_forget(copy, pid);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_processes, 1);
    assert_int_equal(watch->sample.n_activities, 0);
    assert_int_equal(allocations, warm);
    watch_close(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPY_TEST(test_32768_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
