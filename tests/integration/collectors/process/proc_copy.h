/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A small copy of /proc, in which a test says what the kernel tells of each process. */

#include "process_watch.h"

enum { TICKS_PER_S = 100 };
#define TICK_NS (NS_PER_S / TICKS_PER_S)

struct copy {
    char path[64];
    int fd;
};

/* What /proc tells of a process; zeroes are plausible. */
struct person {
    int32_t pid, ppid;
    const char *comm, *cgroup;
    uint32_t flags, threads, uid;
    uint64_t user, system, child_user, child_system, start;
    bool only_stat;
};

void copy_write(const struct copy *copy, const char *name, const char *text, size_t length);
void copy_text(const struct copy *copy, const char *name, const char *text);
void copy_person(const struct copy *copy, struct person person);
void copy_forget(const struct copy *copy, int32_t pid);
void copy_uptime(const struct copy *copy, uint64_t ticks);
void copy_stat(const struct copy *copy, uint64_t user, uint64_t irq, uint64_t guest);

/* The collector on this copy. */
struct watch *copy_watch(const struct copy *copy);

/* For each test a copy of its own: *state. */
int copy_setup(void **state);
int copy_teardown(void **state);

#define COPY_TEST(function) cmocka_unit_test_setup_teardown(function, copy_setup, copy_teardown)
