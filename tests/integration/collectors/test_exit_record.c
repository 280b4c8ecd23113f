/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The parser of taskstats messages: what a kernel sends, and what none does. */
#include "unit/unit.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>

#include "collectors/exits/exit_record.h"
#include "greend/units.h"

enum { FAMILY = 31, SIZE = 4096, STATS_SIZE = 560, TGID_AT = 368 };

struct message {
    size_t length;
    char bytes[SIZE];
};

static void put(struct message *message, const void *bytes, size_t length)
{
    assert_true(message->length + length <= SIZE);
    if (length > 0)
        memcpy(message->bytes + message->length, bytes, length);
    message->length += length;
    message->length = NLA_ALIGN(message->length);
}

/* Leaves the length of the attribute open: end_attribute() writes it. */
static size_t begin_attribute(struct message *message, uint16_t type)
{
    struct nlattr head = {.nla_type = type};
    size_t at = message->length;
    put(message, &head, sizeof(head));
    return at;
}

static void end_attribute(struct message *message, size_t at)
{
    uint16_t length = (uint16_t)(message->length - at);
    memcpy(message->bytes + at, &length, sizeof(length));
}

static void put_attribute(struct message *message, uint16_t type, const void *value, size_t length)
{
    struct nlattr head = {.nla_len = (uint16_t)(sizeof(head) + length), .nla_type = type};
    put(message, &head, sizeof(head));
    put(message, value, length);
}

static void begin_message(struct message *message, uint16_t type, uint8_t command)
{
    *message = (struct message){.length = 0};
    struct nlmsghdr head = {.nlmsg_type = type};
    struct genlmsghdr generic = {.cmd = command, .version = 1};
    put(message, &head, sizeof(head));
    put(message, &generic, sizeof(generic));
}

static void end_message(struct message *message)
{
    uint32_t length = (uint32_t)message->length;
    memcpy(message->bytes, &length, sizeof(length));
}

struct parts {
    uint16_t version;
    uint32_t thread, process, aggregate; /* 0: without */
    uint8_t flags;
    uint64_t user_us, system_us, elapsed_us;
    uint64_t run_ns, delay_ns, sleeps, runs;
};

static void put_thread(struct message *message, const struct parts *parts)
{
    char stats[STATS_SIZE] = {0};
    struct taskstats head = {
        .version = parts->version,
        .ac_flag = parts->flags,
        .ac_comm = "worker",
        .ac_uid = 1000,
        .ac_pid = parts->thread,
        .ac_ppid = 7,
        .ac_etime = parts->elapsed_us,
        .ac_utime = parts->user_us,
        .ac_stime = parts->system_us,
        .cpu_count = parts->runs,
        .cpu_run_virtual_total = parts->run_ns,
        .cpu_delay_total = parts->delay_ns,
        .nvcsw = parts->sleeps,
    };
    memcpy(stats, &head, MIN(sizeof(head), (size_t)TGID_AT));
    memcpy(stats + TGID_AT, &parts->process, sizeof(parts->process));
    size_t at = begin_attribute(message, TASKSTATS_TYPE_AGGR_PID);
    put_attribute(message, TASKSTATS_TYPE_PID, &parts->thread, sizeof(parts->thread));
    put_attribute(message, TASKSTATS_TYPE_NULL, NULL, 0);
    put_attribute(message, TASKSTATS_TYPE_STATS, stats, sizeof(stats));
    end_attribute(message, at);
}

static void make(struct message *message, const struct parts *parts)
{
    begin_message(message, FAMILY, TASKSTATS_CMD_NEW);
    put_thread(message, parts);
    if (parts->aggregate != 0) {
        size_t at = begin_attribute(message, TASKSTATS_TYPE_AGGR_TGID);
        put_attribute(message, TASKSTATS_TYPE_TGID, &parts->aggregate, sizeof(parts->aggregate));
        char stats[STATS_SIZE] = {0};
        put_attribute(message, TASKSTATS_TYPE_STATS, stats, sizeof(stats));
        end_attribute(message, at);
    }
    end_message(message);
}

static int parse(const struct message *message, struct exit_record *record)
{
    size_t offset = 0;
    /* At the end of an allocation, where a read beyond it is seen by the sanitizer. */
    char *copy = malloc(MAX(message->length, 1));
    assert_non_null(copy);
    memcpy(copy, message->bytes, message->length);
    int r = exit_record_next(copy, message->length, &offset, FAMILY, record);
    assert_true(offset <= message->length || message->length == 0);
    free(copy);
    return r;
}

static const struct parts single = {.version = 12,
                                    .thread = 100,
                                    .process = 100,
                                    .flags = 0x20,
                                    .user_us = 3000,
                                    .system_us = 1000,
                                    .elapsed_us = 9000};

/* ---- What a kernel sends ---- */

struct meaning {
    const char *what;
    struct parts parts;
    int32_t process;
    bool last;
};

static void test_processes_and_threads(void **state)
{
    (void)state;
#define PARTS(v, t, p, a, f)                                                                       \
    {                                                                                              \
        .version = (v), .thread = (t), .process = (p), .aggregate = (a), .flags = (f)              \
    }
    static const struct meaning meanings[] = {
        {"one thread",                     PARTS(12, 100, 100, 0,   0x20), 100, true },
        {"a thread of many",               PARTS(12, 101, 100, 0,   0x01), 100, false},
        {"the first thread, others go on", PARTS(13, 100, 100, 0,   0),    100, false},
        {"the last thread",                PARTS(12, 101, 100, 100, 0x21), 100, true },
        {"old: has called exec()",         PARTS(10, 100, 0,   0,   0),    100, true },
        {"old: thread or child",           PARTS(10, 100, 0,   0,   0x01), 0,   false},
        {"old: the last thread",           PARTS(10, 101, 0,   100, 0x01), 100, true },
    };
    for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
        struct message message;
        struct exit_record record;
        make(&message, &meanings[i].parts);
        print_message("%s\n", meanings[i].what);
        assert_int_equal(parse(&message, &record), 1);
        assert_int_equal(record.thread, meanings[i].parts.thread);
        assert_int_equal(record.process, meanings[i].process);
        assert_int_equal(record.last, meanings[i].last);
        assert_int_equal(record.parent, 7);
        assert_int_equal(record.uid, 1000);
        assert_string_equal(record.comm, "worker");
    }
}

/* Never less than the scheduler counted, never more than can have been. */
static void test_times(void **state)
{
    (void)state;
    static const struct {
        uint64_t sampled_us, elapsed_us, run_ns, delay_ns, sleeps, runs, used_ns;
    } times[] = {
        {4000,       9000,       0,          0,      0, 0, 4000000   }, /* only samples */
        {4000,       1500,       900000,     100000, 0, 1, 1400000   }, /* never slept: all but the waiting */
        {0,          1500,       900000,     100000, 0, 1, 1400000   },
        {4000,       90000,      900000,     100000, 3, 5, 4000000   }, /* slept: the sample */
        {0,          90000,      900000,     100000, 3, 5, 900000    }, /* at least that */
        {80000,      90000,      900000,     100000, 3, 5, 10900000  }, /* at most a tick more */
        {0,          1,          900000,     100000, 3, 5, 900000    }, /* clocks that disagree */
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, 0,      0, 1, UINT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        struct parts parts = single;
        parts.user_us = times[i].sampled_us;
        parts.system_us = 0;
        parts.elapsed_us = times[i].elapsed_us;
        parts.run_ns = times[i].run_ns;
        parts.delay_ns = times[i].delay_ns;
        parts.sleeps = times[i].sleeps;
        parts.runs = times[i].runs;
        struct message message;
        struct exit_record record;
        make(&message, &parts);
        assert_int_equal(parse(&message, &record), 1);
        assert_int_equal(record.used_ns, times[i].used_ns);
    }
}

/* ---- What no kernel sends ---- */

static void test_truncated(void **state)
{
    (void)state;
    struct parts parts = single;
    parts.aggregate = 100;
    struct message whole;
    make(&whole, &parts);
    for (size_t length = 0; length < whole.length; length++) {
        struct message message = whole;
        struct exit_record record;
        message.length = length;
        int r = parse(&message, &record);
        assert_int_equal(r, length == 0 ? 0 : -EBADMSG); /* the head says more */
        uint32_t said = (uint32_t)length;
        if (length >= sizeof(struct nlmsghdr)) {
            memcpy(message.bytes, &said, sizeof(said));
            assert_true(parse(&message, &record) != 0);
        }
    }
}

/* Each two bytes that can be a length or a type, set to what reaches too far or nowhere. */
static void test_every_length(void **state)
{
    (void)state;
    static const uint16_t values[] = {0, 1, 3, 4, 5, 8, 0x7fff, 0xffff};
    struct parts parts = single;
    parts.aggregate = 100;
    struct message whole;
    make(&whole, &parts);
    for (size_t at = 0; at + 2 <= whole.length; at += 2) {
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            struct message message = whole;
            struct exit_record record = {.thread = -1};
            memcpy(message.bytes + at, &values[i], sizeof(values[i]));
            int r = parse(&message, &record);
            assert_true(r == 1 || r == 0 || r == -EBADMSG);
            assert_true(r != 1 || (record.thread > 0 && record.process >= 0));
        }
    }
}

struct wrong {
    const char *what;
    void (*spoil)(struct message *message);
};

static size_t first_attribute(void)
{
    return sizeof(struct nlmsghdr) + sizeof(struct genlmsghdr);
}

static void spoil_zero_length(struct message *message)
{
    memset(message->bytes + first_attribute(), 0, 2);
}

static void spoil_nested_overrun(struct message *message)
{
    uint16_t length = STATS_SIZE * 2;
    memcpy(message->bytes + first_attribute() + 4, &length, sizeof(length));
}

static void spoil_long_number(struct message *message)
{
    uint16_t length = 12;
    memcpy(message->bytes + first_attribute() + 4, &length, sizeof(length));
}

static void spoil_other_thread(struct message *message)
{
    uint32_t thread = 101;
    memcpy(message->bytes + first_attribute() + 8, &thread, sizeof(thread));
}

static void spoil_command(struct message *message)
{
    message->bytes[sizeof(struct nlmsghdr)] = TASKSTATS_CMD_GET;
}

static void test_wrong(void **state)
{
    (void)state;
    static const struct wrong wrongs[] = {
        {"an attribute of no length",                  spoil_zero_length   },
        {"one that reaches beyond what it is in",      spoil_nested_overrun},
        {"a number of eight bytes",                    spoil_long_number   },
        {"statistics of another thread: moved fields", spoil_other_thread  },
        {"another command",                            spoil_command       },
    };
    for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
        struct message message;
        struct exit_record record;
        make(&message, &single);
        wrongs[i].spoil(&message);
        print_message("%s\n", wrongs[i].what);
        assert_int_equal(parse(&message, &record), -EBADMSG);
    }
}

static void test_unknown_attributes(void **state)
{
    (void)state;
    struct message message;
    struct exit_record record;
    begin_message(&message, FAMILY, TASKSTATS_CMD_NEW);
    put_attribute(&message, 77, "new", 3);
    put_thread(&message, &single);
    put_attribute(&message, 78, "", 0);
    end_message(&message);
    assert_int_equal(parse(&message, &record), 1);
    assert_int_equal(record.thread, 100);
}

static void test_many_in_one(void **state)
{
    (void)state;
    struct message first;
    struct message other;
    make(&first, &single);
    begin_message(&other, FAMILY + 1, TASKSTATS_CMD_NEW);
    end_message(&other);
    struct message all = first;
    put(&all, other.bytes, other.length);
    put(&all, first.bytes, first.length);
    struct exit_record record;
    size_t offset = 0;
    assert_int_equal(exit_record_next(all.bytes, all.length, &offset, FAMILY, &record), 1);
    assert_int_equal(exit_record_next(all.bytes, all.length, &offset, FAMILY, &record), 1);
    assert_int_equal(exit_record_next(all.bytes, all.length, &offset, FAMILY, &record), 0);
}

/* ---- Answers ---- */

static void test_answers(void **state)
{
    (void)state;
    struct {
        struct nlmsghdr head;
        int32_t error;
    } answer = {
        {.nlmsg_len = sizeof(answer), .nlmsg_type = NLMSG_ERROR},
        -EPERM
    };
    assert_int_equal(exit_answer_parse(&answer, sizeof(answer)), -EPERM);
    answer.error = 0;
    assert_int_equal(exit_answer_parse(&answer, sizeof(answer)), 0);
    answer.error = 5;
    assert_int_equal(exit_answer_parse(&answer, sizeof(answer)), -EBADMSG);
    assert_int_equal(exit_answer_parse(&answer, sizeof(answer) - 1), -EBADMSG);
    assert_int_equal(exit_answer_parse(&answer, 0), -EBADMSG);

    struct message message;
    uint16_t family = 0;
    begin_message(&message, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
    put_attribute(&message, CTRL_ATTR_FAMILY_NAME, "TASKSTATS", 10);
    put_attribute(&message, CTRL_ATTR_FAMILY_ID, &(uint16_t){FAMILY}, sizeof(uint16_t));
    end_message(&message);
    assert_int_equal(exit_family_parse(message.bytes, message.length, &family), 0);
    assert_int_equal(family, FAMILY);
    for (size_t length = 0; length < message.length; length++)
        assert_int_equal(exit_family_parse(message.bytes, length, &family), -EBADMSG);
    answer.error = -ENOENT;
    assert_int_equal(exit_family_parse(&answer, sizeof(answer), &family), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_and_threads),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_unknown_attributes),
        cmocka_unit_test(test_many_in_one),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
