/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "shell/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "core/text.h"
#include "greend/units.h"

/* Guards the level and every log_site. Never held while writing: a journal that hangs must not hold
 * up a thread that would not have written. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int most_detailed = LOG_INFO;
static bool to_journal;

/* systemd names the device and inode of the stream that it gave; a program that redirects standard
 * error inherits the variable and not the stream. */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char own[48];
    struct stat st;
    if (!stream || fstat(STDERR_FILENO, &st) < 0)
        return false;
    (void)snprintf(own, sizeof(own), "%" PRIu64 ":%" PRIu64, (uint64_t)st.st_dev,
                   (uint64_t)st.st_ino);
    return str_equal(stream, own);
}

void log_open(void)
{
    to_journal = stderr_is_journal();
}

void log_set_level(int level)
{
    (void)pthread_mutex_lock(&lock);
    most_detailed = level;
    (void)pthread_mutex_unlock(&lock);
}

bool log_site_admits(struct log_site *site, uint64_t now_ns, uint32_t *ret_held_back)
{
    if (now_ns - site->window_ns >= LOG_WINDOW_NS || site->spoken == 0) {
        *ret_held_back = site->held_back;
        *site = (struct log_site){.window_ns = now_ns, .spoken = 1};
        return true;
    }
    if (site->spoken >= LOG_BURST) {
        site->held_back++;
        return false;
    }
    *ret_held_back = 0;
    site->spoken++;
    return true;
}

static bool admitted(struct log_site *site, int level, uint32_t *ret_held_back, bool *ret_last)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)pthread_mutex_lock(&lock);
    bool yes = level <= most_detailed &&
               log_site_admits(site, (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec,
                               ret_held_back);
    *ret_last = yes && site->spoken == LOG_BURST;
    (void)pthread_mutex_unlock(&lock);
    return yes;
}

static const char *level_name(int level)
{
    static const char *const names[] = {
        [LOG_EMERG] = "error", [LOG_ALERT] = "error",     [LOG_CRIT] = "error",
        [LOG_ERR] = "error",   [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
        [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
    };
    return names[level & LOG_PRIMASK];
}

/* The prefix, the escaped message, what is added to it, and a newline, in one write so that threads
 * do not mix. A long message is cut, what is added is not. */
static void write_line(int level, const char *message, const char *added)
{
    char line[LOG_LINE_MAX + 64];
    int prefix = to_journal ? snprintf(line, sizeof(line), "<%d>", level & LOG_PRIMASK)
                            : snprintf(line, sizeof(line), "greend: %s: ", level_name(level));
    size_t length = (size_t)prefix, after = strlen(added) + 1;
    length += text_escape(line + length, sizeof(line) - length - after, message, strlen(message));
    memcpy(line + length, added, after);
    length += after;
    line[length - 1] = '\n';
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written; /* there is nowhere left to say that it failed */
}

/* Allocates nothing: that memory is refused is told here too. */
void log_write(struct log_site *site, int level, int error, const char *format, ...)
{
    uint32_t held_back = 0;
    bool last = false;
    int errno_before = errno;
    if (!admitted(site, level, &held_back, &last))
        return;
    char message[LOG_LINE_MAX], left_out[64] = "", added[192];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    const char *reason = error < 0 ? strerrordesc_np(-error) : NULL;
    if (held_back > 0)
        (void)snprintf(left_out, sizeof(left_out),
                       " (%" PRIu32 " messages like this were left out)", held_back);
    (void)snprintf(added, sizeof(added), "%s%s%s%s", error < 0 ? ": " : "",
                   reason ? reason : (error < 0 ? "?" : ""), left_out,
                   last ? " (more like this are left out for up to a minute)" : "");
    write_line(level, message, added);
    errno = errno_before;
}
