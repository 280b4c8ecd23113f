/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "shell/log.h"
#include "threads/thread.h"

/* Standard error leads into a file while the test speaks. */
struct capture {
    int before;
    int file;
};

static struct capture capture_begin(void)
{
    struct capture capture = {.before = dup(STDERR_FILENO),
                              .file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    assert_true(capture.before >= 0 && capture.file >= 0);
    assert_true(dup2(capture.file, STDERR_FILENO) >= 0);
    return capture;
}

static void capture_end(struct capture *capture, char *ret_text, size_t size)
{
    assert_true(dup2(capture->before, STDERR_FILENO) >= 0);
    ssize_t length = pread(capture->file, ret_text, size - 1, 0);
    assert_true(length >= 0);
    ret_text[length] = '\0';
    (void)close(capture->before);
    (void)close(capture->file);
}

static int return_logged(int error)
{
    return log_errno(LOG_WARNING, error, "zone %s", "package-0");
}

static void test_plain(void **state)
{
    (void)state;
    char text[2048];
    struct capture capture = capture_begin();
    log_open();
    log_set_level(LOG_NOTICE);
    log_error("bad: %d", 7);
    log_info("not shown");
    log_notice("name 'a\nb\x1b[2J\xff'");
    errno = EINTR;
    int r = return_logged(-EACCES);
    int errno_after = errno;
    capture_end(&capture, text, sizeof(text));
    assert_int_equal(r, -EACCES);
    assert_int_equal(errno_after, EINTR);
    assert_string_equal(text, "greend: error: bad: 7\n"
                              "greend: notice: name 'a\\x0ab\\x1b[2J\\xff'\n"
                              "greend: warning: zone package-0: Permission denied\n");
}

static void test_journal(void **state)
{
    (void)state;
    char text[256];
    char stream[64];
    struct stat st;
    struct capture capture = capture_begin();
    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    (void)snprintf(stream, sizeof(stream), "%" PRIu64 ":%" PRIu64, (uint64_t)st.st_dev,
                   (uint64_t)st.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_open();
    log_warning("w");
    log_error("e");
    (void)snprintf(stream, sizeof(stream), "%" PRIu64 ":1", (uint64_t)st.st_dev);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_open(); /* standard error is another stream than systemd gave */
    log_warning("w");
    capture_end(&capture, text, sizeof(text));
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    assert_string_equal(text, "<4>w\n<3>e\ngreend: warning: w\n");
}

static void test_long_message(void **state)
{
    (void)state;
    char message[4096];
    char text[4096];
    memset(message, '\x01', sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    struct capture capture = capture_begin();
    log_warning("%s", message);
    capture_end(&capture, text, sizeof(text));
    size_t length = strlen(text);
    assert_true(length > LOG_LINE_MAX / 2 && length <= LOG_LINE_MAX + 64);
    assert_ptr_equal(strchr(text, '\n'), text + length - 1);
}

/* However long it is: why stands behind it. */
static void test_reason_of_a_long_message(void **state)
{
    (void)state;
    static const char end[] = "\\x01: Cannot allocate memory\n";
    char message[4096];
    char text[4096];
    memset(message, '\x01', sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    struct capture capture = capture_begin();
    (void)log_errno(LOG_WARNING, -ENOMEM, "%s", message);
    capture_end(&capture, text, sizeof(text));
    size_t length = strlen(text);
    assert_in_range(length, LOG_LINE_MAX - 64, LOG_LINE_MAX + 64);
    assert_string_equal(text + length - strlen(end), end);
}

static void test_rate(void **state)
{
    (void)state;
    struct log_site site = {0};
    uint32_t held_back = 99;
    const uint64_t start_ns = 5;
    for (int i = 0; i < LOG_BURST; i++) {
        assert_true(log_site_admits(&site, start_ns, &held_back));
        assert_int_equal(held_back, 0);
    }
    for (int i = 0; i < 1000; i++)
        assert_false(log_site_admits(&site, start_ns + LOG_WINDOW_NS - 1, &held_back));
    assert_true(log_site_admits(&site, start_ns + LOG_WINDOW_NS, &held_back));
    assert_int_equal(held_back, 1000);
    assert_true(log_site_admits(&site, start_ns + LOG_WINDOW_NS, &held_back));
    assert_int_equal(held_back, 0);
}

/* A site that breaks all the time says so, and one beside it is still heard. */
static void test_rate_said(void **state)
{
    (void)state;
    char text[8192];
    struct capture capture = capture_begin();
    for (int i = 0; i < 10000; i++)
        log_warning("zone broken");
    log_warning("another");
    capture_end(&capture, text, sizeof(text));
    size_t lines = 0;
    for (const char *s = text; (s = strchr(s, '\n')); s++)
        lines++;
    assert_int_equal(lines, LOG_BURST + 1);
    assert_non_null(strstr(text, "zone broken (more like this are left out for up to a minute)\n"
                                 "greend: warning: another\n"));
}

enum { TALKERS = 4, MESSAGES = 2000 };

static void *talk(void *userdata)
{
    (void)userdata;
    for (int i = 0; i < MESSAGES; i++) {
        log_warning("all at once");
        log_debug("not shown");
        log_set_level(LOG_INFO);
    }
    return NULL;
}

/* What a site may say it says once, whole, whoever speaks. A race is for ThreadSanitizer. */
static void test_threads(void **state)
{
    (void)state;
    char text[8192];
    pthread_t threads[TALKERS];
    struct capture capture = capture_begin();
    for (int i = 0; i < TALKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, talk, NULL), 0);
    for (int i = 0; i < TALKERS; i++)
        (void)pthread_join(threads[i], NULL);
    capture_end(&capture, text, sizeof(text));
    static const char line[] = "greend: warning: all at once";
    size_t lines = 0;
    for (const char *s = text; *s != '\0'; s = strchr(s, '\n') + 1) {
        assert_memory_equal(s, line, sizeof(line) - 1);
        lines++;
    }
    assert_int_equal(lines, LOG_BURST);
}

static void *run(void *userdata)
{
    char byte = 0;
    while (read(*(int *)userdata, &byte, 1) < 0 && errno == EINTR)
        ;
    return NULL;
}

/* What can be done about it stands in the line, and what the thread was for. */
static void test_thread_that_cannot_start(void **state)
{
    (void)state;
    char text[2048];
    pthread_t thread;
    pthread_attr_t whole;
    assert_int_equal(pthread_attr_init(&whole), 0);
    /* More than there are addresses. */
    size_t stack = (size_t)MIN(UINT64_C(1) << 46, SIZE_MAX - SIZE_MAX / 4);
    assert_int_equal(pthread_attr_setstacksize(&whole, stack), 0);
    assert_int_equal(pthread_setattr_default_np(&whole), 0);
    struct capture capture = capture_begin();
    int r = thread_start(&thread, "greend-test", run, NULL);
    capture_end(&capture, text, sizeof(text));
    assert_int_equal(pthread_attr_setstacksize(&whole, (size_t)1 << 20), 0);
    assert_int_equal(pthread_setattr_default_np(&whole), 0);
    (void)pthread_attr_destroy(&whole);
    assert_int_equal(r, -EAGAIN);
    assert_non_null(strstr(text, "greend: error: cannot start the thread greend-test: no memory"));
    assert_non_null(strstr(text, "TasksMax="));

    char name[16] = "";
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(thread_start(&thread, "greend-test", run, &ends[0]), 0);
    assert_int_equal(pthread_getname_np(thread, name, sizeof(name)), 0);
    assert_string_equal(name, "greend-test");
    (void)close(ends[1]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_long_message), cmocka_unit_test(test_reason_of_a_long_message),
        cmocka_unit_test(test_rate),         cmocka_unit_test(test_rate_said),
        cmocka_unit_test(test_threads),      cmocka_unit_test(test_thread_that_cannot_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
