/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* /proc/stat. */
#include "fuzz.h"

#include <inttypes.h>

#include "collectors/parse_proc.h"

struct taken {
    uint32_t n;
    uint32_t stop_at;
};

static int take(void *userdata, uint32_t cpu, uint64_t busy_ticks)
{
    struct taken *taken = userdata;
    (void)cpu;
    (void)busy_ticks;
    return ++taken->n == taken->stop_at ? -ECANCELED : 0;
}

static void read_back(uint64_t ticks)
{
    char text[128];
    struct proc_busy again;
    int length = snprintf(text, sizeof(text),
                          "cpu  %" PRIu64 " 0 0 18446744073709551615 7 0 0\ncpu0 1 2 3 4 5", ticks);
    REQUIRE(parse_proc_busy(text, (size_t)length, &again) == 0);
    REQUIRE(again.busy_ticks == ticks && again.cpus == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *text = fuzz_copy(data, size);
    struct proc_busy busy = {.cpus = 4711};
    struct taken all = {0}, first = {.stop_at = 1};
    int r = parse_proc_busy(text, size, &busy);
    REQUIRE(r == 0 || (r == -EBADMSG && busy.cpus == 4711));
    int cpus = parse_proc_cpus(text, size, take, &all);
    REQUIRE(cpus == 0 || cpus == -EBADMSG);
    REQUIRE(cpus != 0 || r != 0 || all.n == busy.cpus);
    if (all.n > 0) {
        REQUIRE(parse_proc_cpus(text, size, take, &first) == -ECANCELED);
        REQUIRE(first.n == 1);
    }
    if (r == 0)
        read_back(busy.busy_ticks);
    return 0;
}
