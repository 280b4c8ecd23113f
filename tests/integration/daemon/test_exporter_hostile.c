/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include "http_client.h"

/* What the exporter does with those who do not: whatever a client sends or leaves unsaid, the next
 * one is served. */

static void test_accept_nonsense(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Accept: \r\n",
        "Accept: ;;;,,,;q=;q=q\r\n",
        "Accept: application/json\r\n",
        "Accept: text/html;q=2, */*;q=-1\r\n",
        "Accept-Encoding: gzip;q=9\r\n",
        "Accept-Encoding: ,,,\r\n",
        "Accept: \x01\xff\xfe\r\n",
    };
    struct server server = server_new(10);
    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        int status = get(&server, "/metrics", headers[i]);
        assert_true(status == 200 || status == 400);
        if (status == 200)
            assert_non_null(strstr(answer, "text/plain; version=0.0.4"));
    }
    assert_int_equal(get(&server, "/metrics", ""), 200);
    server_done(&server);
}

static void test_malformed_requests(void **state)
{
    (void)state;
    struct server server = server_new(10);
    size_t size = 1 << 20;
    char *large = malloc(size + 64);
    assert_non_null(large);
    memset(large, 'a', size + 64);
    memcpy(large, "GET /", 5);
    int status = ask(&server, 1, large, size); /* a request line of 1 MiB */
    assert_true(status == 0 || (status >= 400 && status < 500));
    size_t length = (size_t)sprintf(large, "GET /metrics HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 10000; i++)
        length += (size_t)sprintf(large + length, "X-%d: y\r\n", i);
    length += (size_t)sprintf(large + length, "\r\n");
    status = ask(&server, 1, large, length);
    assert_true(status == 0 || (status >= 400 && status < 500));
    static const char nul[] = "GET /met\0rics HTTP/1.1\r\nHost: x\r\n\r\n";
    status = ask(&server, 1, nul, sizeof(nul) - 1);
    assert_true(status == 0 || (status >= 400 && status < 500));
    for (uint64_t i = 0; i < 50; i++) { /* noise */
        for (size_t j = 0; j < 4096; j++)
            large[j] = (char)machine_random(server.machine, 256);
        large[4095] = '\n';
        int fd = client(&server, 1);
        (void)send_bytes(&server, fd, large, 4096);
        turn(&server);
        (void)close(fd);
    }
    free(large);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    server_done(&server);
}

static void test_pipelining(void **state)
{
    (void)state;
    static const char requests[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                                   "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                                   "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct server server = server_new(10);
    int fd = client(&server, 1);
    assert_true(send_bytes(&server, fd, requests, strlen(requests)));
    size_t length = 0;
    ssize_t got = -1;
    uint64_t patience_ns = monotonic_ns() + PATIENCE_S * NS_PER_S;
    while (got != 0 && monotonic_ns() < patience_ns) {
        turn(&server);
        got = recv(fd, answer + length, ANSWER_MAX - 1 - length, 0);
        length += got > 0 ? (size_t)got : 0;
    }
    answer[length] = '\0';
    (void)close(fd);
    const char *second = strstr(answer, "HTTP/1.1 404");
    assert_true(str_starts(answer, "HTTP/1.1 200") && second);
    assert_non_null(strstr(second, "HTTP/1.1 200"));
    server_done(&server);
}

static size_t count_open(const int *fds, size_t n)
{
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        char byte;
        open += recv(fds[i], &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
    }
    return open;
}

static void test_idle_connections(void **state)
{
    (void)state;
    enum { CLIENTS = 1000 };
    static int fds[CLIENTS];
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    struct server server = server_new(60);
    for (size_t i = 0; i < CLIENTS; i++) {
        fds[i] = client(&server, 1);
        if (i % 2)
            (void)send(fds[i], "GET /metrics HTTP/1.1\r\nHos", 26, MSG_NOSIGNAL);
        turn(&server);
    }
    assert_in_range(count_open(fds, CLIENTS), 1, CONNECTIONS);
    assert_int_equal(ask(&server, 1, request, strlen(request)), 200);
    assert_int_equal(ask(&server, 2, request, strlen(request)), 200);
    assert_in_range(count_open(fds, CLIENTS), CONNECTIONS - 8, CONNECTIONS);
    for (size_t i = 0; i < CLIENTS; i++)
        (void)close(fds[i]);
    server_done(&server);
}

static void test_crowd_harms_itself(void **state)
{
    (void)state;
    enum { CLIENTS = 200 };
    static int fds[CLIENTS];
    struct server server = server_new(60);
    int other = client(&server, 2);
    turn(&server);
    for (size_t i = 0; i < CLIENTS; i++) {
        fds[i] = client(&server, 1);
        turn(&server);
    }
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_true(send_bytes(&server, other, request, strlen(request)));
    assert_true(receive(&server, other, false) > 0);
    (void)close(other);
    for (size_t i = 0; i < CLIENTS; i++)
        (void)close(fds[i]);
    server_done(&server);
}

static void test_silence_times_out(void **state)
{
    (void)state;
    struct server server = server_new(1);
    int fd = client(&server, 1);
    assert_true(send_bytes(&server, fd, "GET /metrics HT", 15));
    uint64_t patience_ns = monotonic_ns() + PATIENCE_S * NS_PER_S;
    while (count_open(&fd, 1) != 0 && monotonic_ns() < patience_ns)
        turn(&server);
    assert_int_equal(count_open(&fd, 1), 0);
    (void)close(fd);
    server_done(&server);
}

static void test_client_that_never_reads(void **state)
{
    (void)state;
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    struct server server = server_new(1);
    int fd = client(&server, 1);
    bool open = true;
    uint64_t patience_ns = monotonic_ns() + PATIENCE_S * NS_PER_S;
    while (open && monotonic_ns() < patience_ns) {
        ssize_t sent = send(fd, request, strlen(request), MSG_NOSIGNAL);
        open = sent >= 0 || errno == EAGAIN;
        turn(&server);
    }
    assert_false(open); /* hung up on */
    (void)close(fd);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    server_done(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept_nonsense),
        cmocka_unit_test(test_malformed_requests),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_idle_connections),
        cmocka_unit_test(test_crowd_harms_itself),
        cmocka_unit_test(test_silence_times_out),
        cmocka_unit_test(test_client_that_never_reads),
    };
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max < 2048) {
        puts("skipped: fewer than 2,048 open files allowed");
        return 77;
    }
    files.rlim_cur = MIN(files.rlim_max, (rlim_t)4096);
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
