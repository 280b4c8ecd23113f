/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* The small texts: /proc/loadavg, /proc/uptime, /proc/PID/status, names of folders in /proc, and
 * files that are one number. */
#include "fuzz.h"

#include <inttypes.h>

#include "collectors/parse.h"
#include "collectors/parse_proc.h"
#include "greend/units.h"

static void check_pids(const char *text, size_t size)
{
    char shown[64];
    int32_t pid = -1, again = -1;
    if (parse_proc_pid(text, size, &pid) == 0) {
        REQUIRE(pid > 0 && pid <= PID_LIMIT);
        /* Folders of /proc have no zeros in front: the name is the number. */
        size_t length = (size_t)snprintf(shown, sizeof(shown), "%" PRId32, pid);
        REQUIRE(length == size && memcmp(shown, text, size) == 0);
    } else {
        REQUIRE(pid == -1);
    }
    pid = -1;
    if (parse_proc_last_pid(text, size, &pid) == 0) {
        REQUIRE(pid >= 0 && pid <= PID_LIMIT);
        size_t length =
            (size_t)snprintf(shown, sizeof(shown), "0.00 0.01 0.05 1/88 %" PRId32 "\n", pid);
        REQUIRE(parse_proc_last_pid(shown, length, &again) == 0 && again == pid);
    } else {
        REQUIRE(pid == -1);
    }
}

static void check_numbers(const char *text, size_t size)
{
    char shown[96];
    uint64_t value = 4711, again = 0;
    uint32_t uid = 4711, uid_again = 0;
    if (parse_u64(text, size, &value) == 0) {
        size_t length = (size_t)snprintf(shown, sizeof(shown), "%" PRIu64, value);
        REQUIRE(length <= size && memcmp(text + size - length, shown, length) == 0);
    } else {
        REQUIRE(value == 4711);
    }
    if (parse_proc_uptime(text, size, &value) == 0) {
        REQUIRE(value % (NS_PER_S / 100) == 0);
        size_t length = (size_t)snprintf(shown, sizeof(shown), "%" PRIu64 ".%02" PRIu64 " 1.00\n",
                                         value / NS_PER_S, value % NS_PER_S / (NS_PER_S / 100));
        REQUIRE(parse_proc_uptime(shown, length, &again) == 0 && again == value);
    }
    if (parse_proc_uid(text, size, &uid) == 0) {
        size_t length =
            (size_t)snprintf(shown, sizeof(shown), "Name:\tx\nUid:\t%" PRIu32 "\t1\t2\t3\n", uid);
        REQUIRE(parse_proc_uid(shown, length, &uid_again) == 0 && uid_again == uid);
    } else {
        REQUIRE(uid == 4711);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *text = fuzz_copy(data, size);
    check_pids(text, size);
    check_numbers(text, size);
    return 0;
}
