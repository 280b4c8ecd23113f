/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The log: one line a message on standard error, with its priority as the journal reads it where
 * standard error is the journal, and in words elsewhere. Control characters are escaped. Each place
 * in the code may speak 20 times a minute, so that a zone that breaks a thousand times a second
 * does not fill a disk.
 *
 * Thread: log_open() before threads start; all others anywhere. */

#include <syslog.h>

#include "greend/base.h"

enum {
    LOG_BURST = 20,
    LOG_LINE_MAX = 1024, /* longer messages are cut */
};
#define LOG_WINDOW_NS UINT64_C(60000000000)

/* Finds out where standard error leads. Level LOG_INFO until log_set_level(). */
void log_open(void);

/* The least important priority that is written: LOG_ERR to LOG_DEBUG. */
void log_set_level(int level);

/* A place in the code that logs. Zeroed: it has not spoken. */
struct log_site {
    uint64_t window_ns; /* when the current minute began */
    uint32_t spoken;    /* in it */
    uint32_t held_back; /* in it */
};

/* Whether the place may speak now, by a monotonic clock. ret_held_back: how many messages were held
 * back since it last spoke. Not locked: for tests and for log_write(). */
bool log_site_admits(struct log_site *site, uint64_t now_ns, uint32_t *ret_held_back);

/* error: 0, or a negative errno whose text is added. */
void log_write(struct log_site *site, int level, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define log_at(level, error, ...)                                                                  \
    ({                                                                                             \
        static struct log_site log_site_;                                                          \
        log_write(&log_site_, (level), (error), __VA_ARGS__);                                      \
    })

#define log_error(...)   log_at(LOG_ERR, 0, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, 0, __VA_ARGS__)
#define log_notice(...)  log_at(LOG_NOTICE, 0, __VA_ARGS__)
#define log_info(...)    log_at(LOG_INFO, 0, __VA_ARGS__)
#define log_debug(...)   log_at(LOG_DEBUG, 0, __VA_ARGS__)

/* Logs "message: text of the error" and is the error: return log_errno(LOG_ERR, r, "..."). */
#define log_errno(level, error, ...)                                                               \
    ({                                                                                             \
        int log_error_ = (error);                                                                  \
        log_at((level), log_error_, __VA_ARGS__);                                                  \
        log_error_;                                                                                \
    })
