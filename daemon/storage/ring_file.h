/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The ring as a file in greend's runtime directory: it outlives a crash of the daemon, and
 * greend-ctl reads along in it.
 *
 * What readers are promised: the file they opened is a whole ring and stays one. It is never cut
 * short or written over by another version: a new ring is made under another name and renamed, and
 * who has the old one mapped keeps it, without news, until it opens the name again. Its memory is
 * allocated in advance, so a full file system is an error when the ring is made and never a SIGBUS
 * later. What cannot be promised: its owner and root may truncate the file behind greend's back,
 * and then the kernel ends with SIGBUS whoever touches what is gone. */

#include "greend/ring.h"

/* Beside the ring. Only its owner may open it, so no reader can keep a producer out. */
#define RING_FILE_LOCK "ring.lock"

struct ring_file {
    struct ring producer; /* writable; without memory where the file was opened for reading */
    struct ring reader;   /* mapped read-only, so that no reader can damage the ring; threads may
                             share it */
    int lock_fd;          /* producer: held as long as it may write, else -1 */
};

/* What ring_file_create_or_attach() answers besides 0 (the ring that was there goes on). */
enum {
    RING_FILE_NEW = 1,      /* there was none */
    RING_FILE_REPLACED = 2, /* what was there is of another version or size, another user's, corrupt
                               or no file: a new ring has its name now */
};

/* Becomes the one producer of the ring in a directory; makes the ring where there is none that can
 * go on. Mode 0640, whatever the umask.
 * -EBUSY: another process is the producer. -ENOSPC: no room for it; an old ring stays as it is.
 * -EINVAL: not a number of slots. -EACCES, -EROFS, -EISDIR ... as open(2), rename(2), mmap(2). */
int ring_file_create_or_attach(struct ring_file **ret_file, int dir_fd, uint64_t slots);

/* Opens the ring of a running, stopped or dead daemon for reading.
 * -ENOENT, -EACCES: as open(2). -EBADMSG: not a ring, or a corrupt one. -EPROTONOSUPPORT: a ring of
 * another version of greend. */
int ring_file_open(struct ring_file **ret_file, const char *directory);

/* Unmaps; a producer makes way for the next one. No view of it may be in use. Accepts NULL, returns
 * NULL. */
struct ring_file *ring_file_close(struct ring_file *file);
