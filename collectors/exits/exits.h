/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Listens to the kernel for the records of threads and processes that exit (taskstats).
 *
 * Needs CAP_NET_ADMIN, in the initial user, PID and network namespaces. The kernel queues a record
 * before the PID of the thread is free, so whoever finds a PID gone and drains then has its record,
 * unless it was lost: where the queue is full, the kernel drops what comes. */

#include "collectors/exits/exit_record.h"
#include "greend/collector.h"

struct exits;

/* Where it cannot listen, 0 as well, and exits_status() says why. -ENOMEM. */
int exits_open(int sysfs_fd, struct exits **ret_exits);

/* Accepts NULL. */
void exits_close(struct exits *exits);

bool exits_is_listening(const struct exits *exits);

/* Hands over all records that came since. How often the kernel had to drop some meanwhile. */
uint32_t exits_drain(struct exits *exits,
                     void (*take)(void *userdata, const struct exit_record *record),
                     void *userdata);

/* Health of the item "exits". */
struct collector_status exits_status(const struct exits *exits);
