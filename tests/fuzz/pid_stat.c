/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* /proc/PID/stat. */
#include "fuzz.h"

#include <inttypes.h>

#include "collectors/parse_proc.h"

/* What a kernel writes for it reads back as it was. */
static void read_back(const struct proc_stat *stat)
{
    char line[1024];
    int length = snprintf(line, sizeof(line),
                          "1 (%s) S %" PRId32 " 0 0 0 -1 %" PRIu32 " 0 %" PRIu64 " 0 0 %" PRIu64
                          " %" PRIu64 " %" PRIu64 " %" PRIu64 " 20 0 %" PRIu32 " 0 %" PRIu64,
                          stat->comm, stat->ppid, stat->flags, stat->child_faults, stat->user_ticks,
                          stat->system_ticks, stat->child_user_ticks, stat->child_system_ticks,
                          stat->threads, stat->start_ticks);
    if (stat->last_cpu >= 0)
        length += snprintf(line + length, sizeof(line) - (size_t)length,
                           " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 %" PRId32 " 0 0\n", stat->last_cpu);
    struct proc_stat again;
    REQUIRE(parse_proc_pid_stat(line, (size_t)length, &again) == 0);
    REQUIRE(str_equal(again.comm, stat->comm) && again.ppid == stat->ppid &&
            again.flags == stat->flags && again.child_faults == stat->child_faults);
    REQUIRE(again.user_ticks == stat->user_ticks && again.system_ticks == stat->system_ticks &&
            again.child_user_ticks == stat->child_user_ticks &&
            again.child_system_ticks == stat->child_system_ticks);
    REQUIRE(again.threads == stat->threads && again.start_ticks == stat->start_ticks &&
            again.last_cpu == stat->last_cpu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *text = fuzz_copy(data, size);
    struct proc_stat stat, untouched;
    memset(&untouched, 0x5a, sizeof(untouched));
    memcpy(&stat, &untouched, sizeof(stat));
    int r = parse_proc_pid_stat(text, size, &stat);
    if (r != 0) {
        REQUIRE(r == -EBADMSG);
        REQUIRE(memcmp(&stat, &untouched, sizeof(stat)) == 0);
        return 0;
    }
    REQUIRE(memchr(stat.comm, '\0', sizeof(stat.comm)));
    REQUIRE(stat.ppid >= 0 && stat.ppid <= PID_LIMIT && stat.last_cpu >= -1);
    read_back(&stat);
    return 0;
}
