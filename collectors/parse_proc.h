/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Parsers of the texts in /proc. Pure: bytes in, numbers out; any bytes are accepted, and none of
 * them need a terminator. All return 0, or -EBADMSG for a text that no kernel writes. Outputs are
 * untouched on failure. */

#include "greend/sample.h"

enum {
    PID_LIMIT = 4194304, /* the kernel's PID_MAX_LIMIT: no PID is above it */
    /* In proc_stat.flags, the same in every kernel: PF_EXITING and PF_KTHREAD. */
    PROC_EXITING = 0x00000004,
    PROC_KTHREAD = 0x00200000,
};

/* What greend uses of /proc/PID/stat. Times in ticks of _SC_CLK_TCK. */
struct proc_stat {
    char comm[COMM_MAX]; /* raw bytes */
    int32_t ppid;
    uint32_t flags;
    uint64_t child_faults; /* of children that were waited for */
    uint64_t user_ticks;
    uint64_t system_ticks;
    uint64_t child_user_ticks; /* of children that were waited for, and of theirs */
    uint64_t child_system_ticks;
    uint32_t threads;
    uint64_t start_ticks; /* since boot */
    int32_t last_cpu;     /* -1: not told */
};

/* Whether the process is exiting or a zombie as a whole. From then on a v1 hierarchy shows its
 * cgroup as "/". */
static inline bool parse_proc_is_leaving(const struct proc_stat *stat)
{
    return stat->flags & PROC_EXITING && stat->threads <= 1;
}

int parse_proc_pid_stat(const char *text, size_t length, struct proc_stat *ret_stat);

/* The PID in the name of a directory of /proc: "1234". */
int parse_proc_pid(const char *name, size_t length, int32_t *ret_pid);

/* The PID that was given out last, from /proc/loadavg. */
int parse_proc_last_pid(const char *text, size_t length, int32_t *ret_pid);

/* The real UID from /proc/PID/status. */
int parse_proc_uid(const char *text, size_t length, uint32_t *ret_uid);

/* The time since boot from /proc/uptime. */
int parse_proc_uptime(const char *text, size_t length, uint64_t *ret_boot_ns);

/* CPU time of the whole machine since boot, from /proc/stat. */
struct proc_busy {
    uint64_t busy_ticks; /* user, nice, system, irq, softirq. Guest time is inside user time;
                            iowait and steal are no work of this machine. */
    uint32_t cpus;       /* online now */
    uint64_t online;     /* hash of which those are */
};

/* The text may end anywhere after the lines of the CPUs. */
int parse_proc_busy(const char *text, size_t length, struct proc_busy *ret_busy);

/* The same by CPU: calls take() for each online one. Its negative return ends that and is returned.
 * The text must go on after the lines of the CPUs, or end with the newline of the last one. */
int parse_proc_cpus(const char *text, size_t length,
                    int (*take)(void *userdata, uint32_t cpu, uint64_t busy_ticks), void *userdata);
