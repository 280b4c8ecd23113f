/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A disk that can be made to fail: a layer over SQLite's own file system that counts what is
 * written, lets the n-th write, truncation or sync fail, and knows what a power cut would leave. */

#include <stdbool.h>
#include <stdint.h>

struct fault_disk {
    uint64_t operations; /* writes, truncations and syncs so far */
    uint64_t syncs;
    uint64_t bytes;   /* written, of all files */
    uint64_t fail_at; /* the operation that fails, 0: none */
    bool stays;       /* so do all after it */
    bool torn;        /* a failing write leaves its first half */
    int error;        /* SQLITE_FULL, SQLITE_IOERR_WRITE ... */
    bool fired;
    bool keep_synced; /* copies each file to NAME.synced when it is synced */
};

extern struct fault_disk fault_disk;

/* Makes it the default of this process, for connections opened from then on. */
void fault_vfs_register(void);
