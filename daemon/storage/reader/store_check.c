/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Readers: whether the file is sound. */

#include <time.h>

#include "greend/units.h"
#include "storage/check_pages.h"
#include "storage/reader/reader_internal.h"

enum { STEPS = 10000 /* of SQLite's machine between two looks at the clock */ };

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int on_progress(void *userdata)
{
    const uint64_t *end_ns = userdata;
    return now_ns() >= *end_ns;
}

int store_reader_check(struct store_reader *reader, uint64_t most_ns, char *ret_complaint,
                       size_t size)
{
    uint64_t end_ns = add_saturated(now_ns(), most_ns);
    ret_complaint[0] = '\0';
    sqlite3_progress_handler(reader->db, STEPS, on_progress, &end_ns);
    int r = check_pages(reader->db, ret_complaint, size);
    sqlite3_progress_handler(reader->db, 0, NULL, NULL);
    if (r == -EINTR)
        return STORE_CHECK_UNFINISHED;
    if (r < 0 && ret_complaint[0] == '\0')
        (void)str_copy(ret_complaint, size, sqlite3_errmsg(reader->db));
    return r;
}
