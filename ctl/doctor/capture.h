/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine as a fixture: its meter, sensor, topology and control-group files in a tar, below sys/
 * and proc/, so that greend --sysfs DIR/sys --procfs DIR/proc sees what it saw there.
 *
 * Only files of a list go in, and of these only what their kind lets pass: numbers, short texts
 * without anything that looks like a serial, UUID or MAC address, lines with known keys. Names of
 * control groups are replaced, by others of the same shape. Nothing of processes goes in. */

#include "core/text.h"

/* ---- The archive ---- */

struct capture_tar;

/* A new file, made by tar(1) when it is closed: -EEXIST where there is one. */
int capture_tar_open(struct capture_tar **ret_tar, const char *path);

/* A plain file. Negative errno, which stays: see close. */
int capture_tar_add(struct capture_tar *tar, const char *path, const char *bytes, size_t length);

/* The first error, or that of closing; the file is removed then. Its entries are nobody's and of no
 * time, in the order of their names. -ENOPKG: there is no tar. */
int capture_tar_close(struct capture_tar *tar);

/* ---- What may pass: capture_text.c, pure ---- */

enum capture_kind {
    CAPTURE_NUMBERS, /* digits, and what stands between them */
    CAPTURE_TEXT,    /* one line: what could be an address or a serial becomes x */
    CAPTURE_COUNTS,  /* lines of a word and numbers: "usage_usec 12", "MemTotal: 3 kB" */
    CAPTURE_CPUINFO, /* lines whose key tells of the processor, and not which one it is */
    CAPTURE_STAT,    /* lines of CPUs */
    CAPTURE_MOUNTS,  /* /proc and control groups */
    CAPTURE_RELEASE, /* the numbers that it begins with */
};

/* Appends what may pass of a file. false: nothing may. */
bool capture_filter(enum capture_kind kind, const char *bytes, size_t length, struct text *ret);

/* ---- Names of control groups: capture_names.c, pure ---- */

/* Which name became which. Zeroed: empty. */
struct capture_names {
    struct capture_name *list;
    size_t n;
    size_t capacity;
};

enum { CAPTURE_NAME_MAX = 256 };

/* The name that stands for one part of a path, the same each time: it keeps what rules know (the
 * unit's suffix, slices of systemd, "docker-", "libpod-", "pod", "user-"), and nothing else.
 * -ENOMEM. */
int capture_rename(struct capture_names *names, const char *name, char ret[CAPTURE_NAME_MAX]);
void capture_names_done(struct capture_names *names);

/* ---- All of it ---- */

struct capture_result {
    size_t files;
    size_t unreadable; /* of the list, there, and not to be read by this user */
};

/* sysfs_fd, procfs_fd: the roots. Negative errno. */
int capture_write(const char *path, int sysfs_fd, int procfs_fd, struct capture_result *ret);
