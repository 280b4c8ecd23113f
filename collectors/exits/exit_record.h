/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the kernel tells of a thread or process that exits: the taskstats records of generic
 * netlink. Pure: bytes in, records out; any bytes are accepted.
 *
 * The kernel sends one message for each thread that exits, with the CPU time of that thread alone.
 * The message of the last thread of a process of several also names the process (AGGR_TGID), whose
 * statistics there hold no CPU time: the process used what its threads did. Since version 12 (Linux
 * 5.19) each message names the process and says which is the last. Before, a message that names no
 * process is of a process of one thread, or of one of many: only whoever has called exec() is
 * surely no mere thread.
 *
 * It is sent early in exit(): what the exit itself costs, mostly giving back the memory, is not in
 * it. The parent that waits inherits that too. */

#include "greend/base.h"

enum { EXIT_COMM_MAX = 32 };

struct exit_record {
    int32_t thread;
    int32_t process; /* 0: not known of which process this thread was */
    int32_t parent;  /* of the process, when it exited */
    bool last;       /* the process has ended with it */
    bool forked; /* has not called exec() since the fork: command and program are the parent's */
    uint32_t uid;
    uint32_t program; /* tells program files apart, 0: unknown */
    uint64_t used_ns;
    uint64_t elapsed_ns; /* CLOCK_MONOTONIC, since the thread was made */
    char comm[EXIT_COMM_MAX];
};

/* The next record in what a socket received, of which *offset was read. 1: there is one; 0: no more
 * of them; -EBADMSG: not what a kernel writes, the rest is skipped. */
int exit_record_next(const void *bytes, size_t length, size_t *offset, uint16_t family,
                     struct exit_record *ret_record);

/* The number of a generic netlink family from the answer to CTRL_CMD_GETFAMILY. Negative errno:
 * what the kernel answered; -EBADMSG. */
int exit_family_parse(const void *bytes, size_t length, uint16_t *ret_family);

/* What the kernel answered to a request: 0, a negative errno; 1: it is another message; -EBADMSG.
 */
int exit_answer_parse(const void *bytes, size_t length);
