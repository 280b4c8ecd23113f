/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/exits/exit_record.h"

#include <linux/acct.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>

#include "greend/units.h"

/* What the headers of an older system lack: the process and its program, of version 12. */
enum { VERSION_OF_PROCESS = 12, FLAG_FORKED = 0x01, FLAG_LAST = 0x20, PROCESS_PART_AT = 368 };

struct process_part {
    uint32_t process;
    uint64_t elapsed_us;
    uint64_t device;
    uint64_t inode;
};

/* No running thread goes without an update of its clock for longer than a tick, of 10 ms at most.
 */
#define TICK_MOST_NS (10 * NS_PER_MS)

/* ---- Attributes ---- */

struct attributes {
    const char *bytes;
    size_t length;
};

struct attribute {
    uint16_t type;
    struct attributes value;
};

/* 1: taken; 0: no more; -EBADMSG: it reaches beyond the end, or has no head. */
static int take_attribute(struct attributes *rest, struct attribute *ret)
{
    struct nlattr head;
    if (rest->length == 0)
        return 0;
    if (rest->length < sizeof(head))
        return -EBADMSG;
    memcpy(&head, rest->bytes, sizeof(head));
    if (head.nla_len < sizeof(head) || head.nla_len > rest->length)
        return -EBADMSG;
    *ret = (struct attribute){
        .type = head.nla_type & NLA_TYPE_MASK,
        .value = {rest->bytes + sizeof(head), head.nla_len - sizeof(head)},
    };
    size_t step = MIN((size_t)NLA_ALIGN(head.nla_len), rest->length);
    *rest = (struct attributes){rest->bytes + step, rest->length - step};
    return 1;
}

static int read_u32(struct attributes value, uint32_t *ret)
{
    if (value.length != sizeof(*ret))
        return -EBADMSG;
    memcpy(ret, value.bytes, sizeof(*ret));
    return 0;
}

/* ---- Messages ---- */

/* The bytes behind the head of the next netlink message. */
static int take_message(const void *bytes, size_t length, size_t *offset, struct nlmsghdr *ret_head,
                        struct attributes *ret_payload)
{
    size_t left = length - MIN(*offset, length);
    if (left == 0)
        return 0;
    const char *at = (const char *)bytes + *offset;
    *offset = length;
    if (left < sizeof(*ret_head))
        return -EBADMSG;
    memcpy(ret_head, at, sizeof(*ret_head));
    if (ret_head->nlmsg_len < sizeof(*ret_head) || ret_head->nlmsg_len > left)
        return -EBADMSG;
    *offset -= left - MIN((size_t)NLMSG_ALIGN(ret_head->nlmsg_len), left);
    *ret_payload =
        (struct attributes){at + sizeof(*ret_head), ret_head->nlmsg_len - sizeof(*ret_head)};
    return 1;
}

/* Takes the head of generic netlink from the payload. */
static int take_command(struct attributes *payload, uint8_t *ret_command)
{
    struct genlmsghdr head;
    if (payload->length < sizeof(head))
        return -EBADMSG;
    memcpy(&head, payload->bytes, sizeof(head));
    *ret_command = head.cmd;
    *payload = (struct attributes){payload->bytes + sizeof(head), payload->length - sizeof(head)};
    return 0;
}

int exit_answer_parse(const void *bytes, size_t length)
{
    struct nlmsghdr head;
    struct attributes payload;
    size_t offset = 0;
    int32_t error = 0;
    if (take_message(bytes, length, &offset, &head, &payload) != 1)
        return -EBADMSG;
    if (head.nlmsg_type != NLMSG_ERROR)
        return 1;
    if (payload.length < sizeof(error))
        return -EBADMSG;
    memcpy(&error, payload.bytes, sizeof(error));
    return error > 0 ? -EBADMSG : error;
}

int exit_family_parse(const void *bytes, size_t length, uint16_t *ret_family)
{
    int r = exit_answer_parse(bytes, length);
    if (r != 1)
        return r < 0 ? r : -EBADMSG;
    struct nlmsghdr head;
    struct attributes payload;
    struct attribute attribute;
    size_t offset = 0;
    uint8_t command = 0;
    if (take_message(bytes, length, &offset, &head, &payload) != 1 ||
        take_command(&payload, &command) < 0)
        return -EBADMSG;
    while (take_attribute(&payload, &attribute) == 1) {
        if (attribute.type != CTRL_ATTR_FAMILY_ID || attribute.value.length != sizeof(*ret_family))
            continue;
        memcpy(ret_family, attribute.value.bytes, sizeof(*ret_family));
        return 0;
    }
    return -EBADMSG;
}

/* ---- Records ---- */

/* utime and stime are sampled in most kernels: whoever ran when a tick came is charged for all of
 * it. The scheduler counts exactly, but up to the last tick or sleep alone. Who never slept has run
 * whenever it did not wait for a CPU, to the end. */
static uint64_t used_ns(const struct taskstats *stats)
{
    uint64_t sampled_ns = mul_div(add_saturated(stats->ac_utime, stats->ac_stime), NS_PER_US, 1);
    uint64_t least_ns = stats->cpu_run_virtual_total;
    if (stats->cpu_count == 0) /* a kernel that does not count so */
        return sampled_ns;
    uint64_t elapsed_ns = mul_div(stats->ac_etime, NS_PER_US, 1);
    uint64_t most_ns = MIN(sub_saturated(elapsed_ns, stats->cpu_delay_total),
                           add_saturated(least_ns, TICK_MOST_NS));
    if (most_ns <= least_ns)
        return least_ns;
    if (stats->nvcsw == 0)
        return most_ns;
    return MIN(MAX(sampled_ns, least_ns), most_ns);
}

/* What distinguishes one program file from another. */
static uint32_t hash_program(uint64_t device, uint64_t inode)
{
    uint64_t hash = (device * UINT64_C(0x9e3779b97f4a7c15)) ^ inode;
    return inode == 0 ? 0 : (uint32_t)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32) | 1;
}

/* One AGGR_PID: the thread's number and statistics. */
struct thread_stats {
    uint32_t thread;
    bool complete;
    struct taskstats stats;
    struct process_part process;
};

static int read_stats(struct attributes value, struct thread_stats *ret)
{
    struct taskstats *stats = &ret->stats;
    if (value.length <= offsetof(struct taskstats, nvcsw))
        return -EBADMSG; /* a kernel without extended accounting */
    memcpy(stats, value.bytes, MIN(value.length, sizeof(*stats)));
    ret->complete = true;
    if (stats->version < VERSION_OF_PROCESS ||
        value.length < PROCESS_PART_AT + sizeof(ret->process))
        return 0;
    memcpy(&ret->process, value.bytes + PROCESS_PART_AT, sizeof(ret->process));
    return 0;
}

static int read_thread(struct attributes rest, struct thread_stats *ret)
{
    struct attribute attribute;
    int r = 0;
    while ((r = take_attribute(&rest, &attribute)) == 1) {
        if (attribute.type == TASKSTATS_TYPE_PID)
            r = read_u32(attribute.value, &ret->thread);
        else if (attribute.type == TASKSTATS_TYPE_STATS)
            r = read_stats(attribute.value, ret);
        if (r < 0)
            return r;
    }
    return r;
}

static int read_process(struct attributes rest, uint32_t *ret_process)
{
    struct attribute attribute;
    int r = 0;
    while ((r = take_attribute(&rest, &attribute)) == 1) {
        if (attribute.type == TASKSTATS_TYPE_TGID && read_u32(attribute.value, ret_process) < 0)
            return -EBADMSG;
    }
    return r;
}

/* `named`: the process that AGGR_TGID names, 0: there is none. */
static int make_record(const struct thread_stats *thread, uint32_t named, struct exit_record *ret)
{
    const struct taskstats *stats = &thread->stats;
    /* Fields were once moved (version 15): the number of the thread shows where they are. */
    if (!thread->complete || thread->thread == 0 || thread->thread > INT32_MAX ||
        stats->ac_pid != thread->thread || stats->ac_ppid > INT32_MAX ||
        thread->process.process > INT32_MAX || named > INT32_MAX)
        return -EBADMSG;
    *ret = (struct exit_record){
        .thread = (int32_t)thread->thread,
        .process = (int32_t)thread->process.process,
        .parent = (int32_t)stats->ac_ppid,
        .last = stats->ac_flag & FLAG_LAST,
        .forked = stats->ac_flag & FLAG_FORKED,
        .uid = stats->ac_uid,
        .program = hash_program(thread->process.device, thread->process.inode),
        .used_ns = used_ns(stats),
        .elapsed_ns = mul_div(stats->ac_etime, NS_PER_US, 1),
    };
    memcpy(ret->comm, stats->ac_comm, sizeof(ret->comm) - 1);
    if (ret->process == 0 && named != 0) {
        ret->process = (int32_t)named;
        ret->last = true;
    } else if (ret->process == 0 && !ret->forked) {
        ret->process = ret->thread;
        ret->last = true;
    }
    return 0;
}

static int parse_exit(struct attributes payload, struct exit_record *ret_record)
{
    struct thread_stats thread = {.thread = 0};
    struct attribute attribute;
    uint32_t named = 0;
    uint8_t command = 0;
    int r = take_command(&payload, &command);
    if (r < 0 || command != TASKSTATS_CMD_NEW)
        return -EBADMSG;
    while ((r = take_attribute(&payload, &attribute)) == 1) {
        if (attribute.type == TASKSTATS_TYPE_AGGR_PID)
            r = read_thread(attribute.value, &thread);
        else if (attribute.type == TASKSTATS_TYPE_AGGR_TGID)
            r = read_process(attribute.value, &named);
        if (r < 0)
            return r;
    }
    return r < 0 ? r : make_record(&thread, named, ret_record);
}

int exit_record_next(const void *bytes, size_t length, size_t *offset, uint16_t family,
                     struct exit_record *ret_record)
{
    struct nlmsghdr head;
    struct attributes payload;
    int r = 0;
    while ((r = take_message(bytes, length, offset, &head, &payload)) == 1) {
        if (head.nlmsg_type != family)
            continue;
        r = parse_exit(payload, ret_record);
        return r < 0 ? r : 1;
    }
    return r;
}
