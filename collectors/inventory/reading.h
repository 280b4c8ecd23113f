/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads what the machine is made of, once, from below /proc and /sys. Nothing read is trusted;
 * texts are the machine's bytes, to be escaped where they are shown. */

#include "greend/inventory.h"
#include "greend/language.h"

enum { READING_GAPS_MAX = 16, READING_TEXT_MAX = 64 };

/* What is missing, or not as it should be. */
struct reading_gap {
    const char *item; /* "memory", "firmware tables": part of the vocabulary */
    const char *why;  /* constant */
    const char *mend; /* constant; "": nothing helps */
    int error;        /* -errno, or 0 */
};

struct reading {
    struct inventory inventory; /* origins are ORIGIN_READ or ORIGIN_UNKNOWN */
    char vendor[READING_TEXT_MAX];
    char product[READING_TEXT_MAX];
    char firmware_date[11]; /* YYYY-MM-DD, or "" */
    const char *chassis;    /* "rack mount"; "": not told */
    uint32_t memory_slots;  /* 0: not told */
    uint32_t empty_slots;
    const char *memory_from; /* "SMBIOS", "EDAC", "MemTotal"; "": nowhere */
    const char *tables_mend; /* what makes the firmware's tables readable; "": nothing */
    struct reading_gap gaps[READING_GAPS_MAX];
    size_t n_gaps;
};

/* What cannot be read is a gap, so this does not fail; -ENOMEM. */
int reading_take(int procfs_fd, int sysfs_fd, struct reading *ret);

/* ---- For the parts of this module ---- */

void reading_gap(struct reading *reading, const char *item, const char *why, const char *mend,
                 int error);

/* Adds to parts that are alike, or begins new ones. model is cut to its room. */
void reading_add(struct reading *reading, enum part_kind kind, uint32_t count, double size,
                 const char *model);

void reading_disks(int sysfs_fd, struct reading *reading);
