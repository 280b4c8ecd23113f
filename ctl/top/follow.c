/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "top/follow.h"

#include <sys/stat.h>

#include "storage/ring_file.h"

static bool ring_status_of(const struct top_follower *follower, struct stat *ret)
{
    char path[PATH_MAX + sizeof(RING_FILE_NAME) + 1];
    (void)snprintf(path, sizeof(path), "%s/%s", follower->directory, RING_FILE_NAME);
    return stat(path, ret) == 0;
}

int top_follower_open(struct top_follower *follower)
{
    struct stat status = {0};
    struct ring_file *file = NULL;
    /* Before: should the name be given to another file meanwhile, it is opened once more. */
    (void)ring_status_of(follower, &status);
    int r = ring_file_open(&file, follower->directory);
    if (r < 0)
        return r;
    (void)ring_file_close(follower->file);
    follower->file = file;
    follower->device = status.st_dev;
    follower->inode = status.st_ino;
    if (frame_oldest(&file->reader, &follower->position) != 0)
        follower->position = ring_head(&file->reader);
    return 0;
}

void top_follower_done(struct top_follower *follower)
{
    follower->file = ring_file_close(follower->file);
    frame_done(&follower->frame);
}

static int take_frame(struct top_follower *follower, struct top_window *window)
{
    const struct frame *frame = &follower->frame;
    int r = top_window_add(window, &follower->file->reader, frame);
    if (r < 0)
        return r;
    follower->position = frame->next;
    follower->last_mono_ns = frame->records[0].frame.mono_ns;
    follower->last_interval_ns = frame->records[0].frame.interval_ns;
    memcpy(follower->last_boot_id, frame->records[1].host.boot_id, sizeof(follower->last_boot_id));
    return 0;
}

/* Up to the head of now: a producer that is faster than this reader does not keep it here. */
static int read_on(struct top_follower *follower, struct top_window *window)
{
    const struct ring *ring = &follower->file->reader;
    const uint64_t head = ring_head(ring);
    while (follower->position < head) {
        int r = frame_read(ring, follower->position, &follower->frame);
        if (r == 0)
            r = take_frame(follower, window);
        else if (r == RING_LAPPED || r == -EBADMSG)
            r = frame_find(ring, follower->position + 1, &follower->position);
        if (r < 0)
            return r;
        if (r == RING_EMPTY)
            break;
    }
    return 0;
}

/* A daemon that could not go on with the ring made another under its name. */
static bool has_other_name(const struct top_follower *follower)
{
    struct stat status;
    return ring_status_of(follower, &status) &&
           (status.st_dev != follower->device || status.st_ino != follower->inode);
}

int top_follow(struct top_follower *follower, struct top_window *window)
{
    int r = read_on(follower, window);
    /* One that is not there, or not yet whole, is looked for again next time. */
    if (r < 0 || !has_other_name(follower) || top_follower_open(follower) < 0)
        return r;
    top_window_break(window);
    return read_on(follower, window);
}

bool top_is_live(const struct top_follower *follower, const struct status_clock *now,
                 uint64_t *ret_age_ns)
{
    *ret_age_ns = sub_saturated(now->mono_ns, follower->last_mono_ns);
    return memcmp(now->boot_id, follower->last_boot_id, sizeof(now->boot_id)) == 0 &&
           *ret_age_ns <= status_fresh_ns(follower->last_interval_ns);
}
