/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "store_fixture.h"

#include "storage/reader/tally.h"

/* Against a plain table, with keys that collide and workloads in many domains. */
static void test_sums(void **state)
{
    (void)state;
    enum { WORKLOADS = 20, DOMAINS = 300 };
    static uint64_t sums[WORKLOADS][DOMAINS];
    struct tally tally = {0};
    uint64_t random = random_seed();
    for (int round = 0; round < 3; round++) {
        memset(sums, 0, sizeof(sums));
        for (int i = 0; i < 50000; i++) {
            uint64_t w = random_below(&random, WORKLOADS), d = random_below(&random, DOMAINS);
            uint64_t value = 1 + random_below(&random, 1000);
            struct tally_entry *entry =
                tally_at(&tally, (int64_t)w << (round * 20), (int64_t)d * 61);
            assert_non_null(entry);
            entry->energy_uj += value;
            sums[w][d] += value;
        }
        tally_sort(&tally);
        for (size_t i = 0; i < tally.count; i++) {
            const struct tally_entry *entry = &tally.entries[i];
            uint64_t *sum = &sums[entry->workload >> (round * 20)][entry->domain / 61];
            assert_int_equal(entry->energy_uj, *sum);
            *sum = 0;
            if (i > 0)
                assert_true(
                    entry[-1].workload < entry->workload ||
                    (entry[-1].workload == entry->workload && entry[-1].domain < entry->domain));
        }
        for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
            for (size_t j = 0; j < DOMAINS; j++)
                assert_int_equal(sums[i][j], 0);
        tally_clear(&tally);
        assert_int_equal(tally.count, 0);
    }
    tally_done(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
