/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/parse_proc.h"

#include "collectors/parse.h"
#include "greend/units.h"

/* A piece of text that is eaten from the front. */
struct cursor {
    const char *at;
    size_t left;
};

static void cursor_skip(struct cursor *cursor, size_t length)
{
    cursor->at += length;
    cursor->left -= length;
}

/* Takes what stands before the separator, and the separator. What is left where there is none. */
static struct cursor cursor_take(struct cursor *cursor, char separator)
{
    const char *found = cursor->left ? memchr(cursor->at, separator, cursor->left) : NULL;
    struct cursor token = {cursor->at, found ? (size_t)(found - cursor->at) : cursor->left};
    cursor_skip(cursor, found ? token.left + 1 : token.left);
    return token;
}

static bool cursor_starts(const struct cursor *cursor, const char *prefix)
{
    size_t length = strlen(prefix);
    return cursor->left >= length && memcmp(cursor->at, prefix, length) == 0;
}

static int take_u64(const struct cursor *token, uint64_t *ret_value)
{
    return parse_u64(token->at, token->left, ret_value) < 0 ? -EBADMSG : 0;
}

static int take_u32(const struct cursor *token, uint32_t *ret_value)
{
    uint64_t value = 0;
    if (take_u64(token, &value) < 0 || value > UINT32_MAX)
        return -EBADMSG;
    *ret_value = (uint32_t)value;
    return 0;
}

/* A number between 0 and limit. */
static int take_int(const struct cursor *token, int32_t limit, int32_t *ret_value)
{
    uint32_t value = 0;
    if (take_u32(token, &value) < 0 || value > (uint32_t)limit)
        return -EBADMSG;
    *ret_value = (int32_t)value;
    return 0;
}

/* Fields are numbered as in proc(5), where the PID is 1 and comm is 2. */
enum { FIELD_FIRST = 3, FIELD_START = 22, FIELD_CPU = 39 };

static int take_faults(const struct cursor *token, struct proc_stat *stat)
{
    uint64_t faults = 0;
    if (take_u64(token, &faults) < 0)
        return -EBADMSG;
    stat->child_faults = add_saturated(stat->child_faults, faults);
    return 0;
}

static int take_field(struct proc_stat *stat, int field, const struct cursor *token)
{
    switch (field) {
    case 4:
        return take_int(token, PID_LIMIT, &stat->ppid);
    case 9:
        return take_u32(token, &stat->flags);
    case 11: /* minor, major */
    case 13:
        return take_faults(token, stat);
    case 14:
        return take_u64(token, &stat->user_ticks);
    case 15:
        return take_u64(token, &stat->system_ticks);
    case 16:
        return take_u64(token, &stat->child_user_ticks);
    case 17:
        return take_u64(token, &stat->child_system_ticks);
    case 20:
        return take_u32(token, &stat->threads);
    case FIELD_START:
        return take_u64(token, &stat->start_ticks);
    case FIELD_CPU:
        return take_int(token, INT32_MAX, &stat->last_cpu);
    default:
        return token->left ? 0 : -EBADMSG;
    }
}

/* comm may hold anything, parentheses, spaces and newlines too. What follows it holds no
 * parenthesis, so it ends at the last one. */
static int take_comm(struct cursor *rest, struct proc_stat *stat)
{
    const char *begin = rest->left ? memchr(rest->at, '(', rest->left) : NULL;
    const char *end = rest->left ? memrchr(rest->at, ')', rest->left) : NULL;
    if (!begin || !end || end < begin)
        return -EBADMSG;
    size_t length = MIN((size_t)(end - begin - 1), sizeof(stat->comm) - 1);
    memcpy(stat->comm, begin + 1, length);
    cursor_skip(rest, (size_t)(end + 1 - rest->at));
    if (!cursor_starts(rest, " "))
        return -EBADMSG;
    cursor_skip(rest, 1);
    return 0;
}

int parse_proc_pid_stat(const char *text, size_t length, struct proc_stat *ret_stat)
{
    struct cursor rest = {text, length};
    if (rest.left && rest.at[rest.left - 1] == '\n')
        rest.left--;
    struct proc_stat stat = {.last_cpu = -1};
    int r = take_comm(&rest, &stat);
    int field = FIELD_FIRST;
    for (; r == 0 && field <= FIELD_CPU && rest.left > 0; field++) {
        struct cursor token = cursor_take(&rest, ' ');
        r = take_field(&stat, field, &token);
    }
    if (r < 0 || field <= FIELD_START)
        return -EBADMSG;
    *ret_stat = stat;
    return 0;
}

int parse_proc_pid(const char *name, size_t length, int32_t *ret_pid)
{
    struct cursor token = {name, length};
    if (length == 0 || name[0] == '0')
        return -EBADMSG;
    return take_int(&token, PID_LIMIT, ret_pid);
}

int parse_proc_last_pid(const char *text, size_t length, int32_t *ret_pid)
{
    struct cursor rest = {text, length};
    struct cursor line = cursor_take(&rest, '\n');
    for (int field = 0; field < 4; field++) {
        if (cursor_take(&line, ' ').left == 0)
            return -EBADMSG;
    }
    return take_int(&line, PID_LIMIT, ret_pid);
}

int parse_proc_uid(const char *text, size_t length, uint32_t *ret_uid)
{
    struct cursor rest = {text, length};
    while (rest.left > 0) {
        struct cursor line = cursor_take(&rest, '\n');
        if (!cursor_starts(&line, "Uid:\t"))
            continue;
        cursor_skip(&line, strlen("Uid:\t"));
        struct cursor token = cursor_take(&line, '\t');
        return take_u32(&token, ret_uid);
    }
    return -EBADMSG;
}

int parse_proc_uptime(const char *text, size_t length, uint64_t *ret_boot_ns)
{
    struct cursor rest = {text, length};
    struct cursor time = cursor_take(&rest, ' ');
    struct cursor whole = cursor_take(&time, '.');
    uint64_t seconds = 0;
    uint64_t hundredths = 0;
    if (take_u64(&whole, &seconds) < 0 || time.left != 2 || take_u64(&time, &hundredths) < 0 ||
        seconds > UINT64_MAX / NS_PER_S - 1)
        return -EBADMSG;
    *ret_boot_ns = seconds * NS_PER_S + hundredths * (NS_PER_S / 100);
    return 0;
}

/* "cpu  user nice system idle iowait irq softirq steal guest guest_nice": old kernels end after
 * idle. */
static int take_busy(struct cursor line, uint64_t *ret_ticks)
{
    enum { IDLE = 3, IOWAIT = 4, SOFTIRQ = 6, LEAST = 4 };
    uint64_t sum = 0;
    int field = 0;
    for (; field <= SOFTIRQ && line.left > 0; field++) {
        struct cursor token = cursor_take(&line, ' ');
        uint64_t ticks = 0;
        if (take_u64(&token, &ticks) < 0)
            return -EBADMSG;
        if (field != IDLE && field != IOWAIT)
            sum = add_saturated(sum, ticks);
    }
    if (field < LEAST)
        return -EBADMSG;
    *ret_ticks = sum;
    return 0;
}

/* The separator keeps "1", "23" from "12", "3". */
static uint64_t hash_token(uint64_t hash, struct cursor token)
{
    return hash_bytes(hash_bytes(hash, token.at, token.left), " ", 1);
}

int parse_proc_busy(const char *text, size_t length, struct proc_busy *ret_busy)
{
    struct cursor rest = {text, length};
    struct cursor total = cursor_take(&rest, '\n');
    struct proc_busy busy = {.online = HASH_BEGIN};
    if (!cursor_starts(&total, "cpu  "))
        return -EBADMSG;
    cursor_skip(&total, strlen("cpu  "));
    if (take_busy(total, &busy.busy_ticks) < 0)
        return -EBADMSG;
    while (cursor_starts(&rest, "cpu")) {
        struct cursor line = cursor_take(&rest, '\n');
        busy.online = hash_token(busy.online, cursor_take(&line, ' '));
        busy.cpus++;
    }
    *ret_busy = busy;
    return 0;
}

int parse_proc_cpus(const char *text, size_t length,
                    int (*take)(void *userdata, uint32_t cpu, uint64_t busy_ticks), void *userdata)
{
    struct cursor rest = {text, length};
    (void)cursor_take(&rest, '\n');
    while (cursor_starts(&rest, "cpu")) {
        if (!memchr(rest.at, '\n', rest.left))
            return -EBADMSG; /* cut off, maybe within a number */
        struct cursor line = cursor_take(&rest, '\n');
        cursor_skip(&line, strlen("cpu"));
        struct cursor number = cursor_take(&line, ' ');
        uint32_t cpu = 0;
        uint64_t ticks = 0;
        if (take_u32(&number, &cpu) < 0 || take_busy(line, &ticks) < 0)
            return -EBADMSG;
        int r = take(userdata, cpu, ticks);
        if (r < 0)
            return r;
    }
    return 0;
}
