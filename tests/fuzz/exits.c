/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* What the kernel sends of processes that exit. */
#include "fuzz.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>

#include "collectors/exits/exit_record.h"
#include "greend/units.h"

enum { FAMILY = 21, MESSAGE_MAX = 1024 };

static void require_sound(const struct exit_record *record)
{
    REQUIRE(record->thread > 0 && record->process >= 0 && record->parent >= 0);
    REQUIRE(memchr(record->comm, '\0', sizeof(record->comm)));
    /* Who has called exec() is a process; what is the last of one is of a known one. */
    REQUIRE(record->process != 0 || record->forked);
}

/* Everything that comes out of the bytes; each step goes on. */
static size_t read_all(const char *bytes, size_t size, struct exit_record *ret_first)
{
    size_t records = 0, offset = 0;
    for (;;) {
        struct exit_record record;
        size_t before = offset;
        int r = exit_record_next(bytes, size, &offset, FAMILY, &record);
        REQUIRE(r == 0 || r == 1 || r == -EBADMSG);
        REQUIRE(offset <= size && offset >= before);
        if (r == 0)
            return records;
        REQUIRE(offset > before);
        if (r == 1) {
            require_sound(&record);
            if (records++ == 0 && ret_first)
                *ret_first = record;
        }
    }
}

/* ---- A message made of any statistics ---- */

static size_t put_attribute(char *target, uint16_t type, const void *value, size_t length)
{
    struct nlattr head = {.nla_len = (uint16_t)(sizeof(head) + length), .nla_type = type};
    memcpy(target, &head, sizeof(head));
    if (value)
        memcpy(target + sizeof(head), value, length);
    return NLA_ALIGN(sizeof(head) + length);
}

static size_t put_message(char *target, uint32_t thread, const struct taskstats *stats)
{
    char attributes[MESSAGE_MAX] = {0};
    size_t length = put_attribute(attributes, TASKSTATS_TYPE_PID, &thread, sizeof(thread));
    length += put_attribute(attributes + length, TASKSTATS_TYPE_STATS, stats, sizeof(*stats));
    struct nlmsghdr head = {.nlmsg_type = FAMILY};
    struct genlmsghdr command = {.cmd = TASKSTATS_CMD_NEW, .version = TASKSTATS_GENL_VERSION};
    size_t at = sizeof(head);
    memcpy(target + at, &command, sizeof(command));
    at += sizeof(command);
    at += put_attribute(target + at, TASKSTATS_TYPE_AGGR_PID, attributes, length);
    head.nlmsg_len = (uint32_t)at;
    memcpy(target, &head, sizeof(head));
    return NLMSG_ALIGN(at);
}

static void read_back(const uint8_t *data, size_t size)
{
    struct taskstats stats = {0};
    struct exit_record record = {0};
    char bytes[2 * MESSAGE_MAX] = {0};
    memcpy(&stats, data, MIN(size, sizeof(stats)));
    stats.version = 11;
    stats.ac_pid = 1 + stats.ac_pid % INT32_MAX;
    stats.ac_ppid %= INT32_MAX;
    size_t length = put_message(bytes, stats.ac_pid, &stats);
    length += put_message(bytes + length, stats.ac_pid, &stats);
    CLEANUP(free_p) char *copy = fuzz_copy(bytes, length);
    REQUIRE(read_all(copy, length, &record) == 2);
    REQUIRE((uint32_t)record.thread == stats.ac_pid && (uint32_t)record.parent == stats.ac_ppid);
    REQUIRE(record.uid == stats.ac_uid);
    REQUIRE(strncmp(record.comm, stats.ac_comm, sizeof(record.comm) - 1) == 0);
    REQUIRE(record.elapsed_ns == mul_div(stats.ac_etime, NS_PER_US, 1));
    /* Never less than what the scheduler counted, and a tick above it at most. */
    if (stats.cpu_count != 0)
        REQUIRE(record.used_ns >= stats.cpu_run_virtual_total &&
                record.used_ns <= add_saturated(stats.cpu_run_virtual_total, 10 * NS_PER_MS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *bytes = fuzz_copy(data, size);
    uint16_t family = 0;
    (void)read_all(bytes, size, NULL);
    int r = exit_family_parse(bytes, size, &family);
    REQUIRE(r <= 0 && (r == 0 || family == 0));
    int answer = exit_answer_parse(bytes, size);
    REQUIRE(answer <= 1);
    REQUIRE(r != 0 || answer == 1);
    read_back(data, size);
    return 0;
}
