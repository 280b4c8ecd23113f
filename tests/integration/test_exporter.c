/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "exporter.h"
#include "listen.h"
#include "machine.h"
#include "scraper.h"

/* A real server and clients made of plain sockets, in one thread: who waits for an answer runs the
 * server's event loop meanwhile. */

enum { ANSWER_MAX = 1 << 20, PATIENCE_S = 60, CONNECTIONS = 64 };

struct server {
    struct machine *machine;
    struct exporter *exporter;
    sd_event *event;
    struct sockaddr_in address;
};

static unsigned messages; /* logged */

static void count_message(void *userdata, const char *message)
{
    assert_null(strchr(message, '\n'));
    (*(unsigned *)userdata)++;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A frame that ended `age` ago. */
static void measure(struct server *server, uint64_t age_ns)
{
    struct machine *machine = server->machine;
    machine->mono_ns = monotonic_ns() - age_ns - NS_PER_S;
    machine_begin(machine, NS_PER_S);
    machine_idle(machine, 0, 20 * UJ_PER_J);
    machine_use(machine, 0, ring_workload_id(10, 1), 1, 5 * UJ_PER_J, NS_PER_S / 2);
    machine_end(machine, NULL);
}

static struct server server_new(unsigned timeout_s)
{
    struct server server = {.machine = machine_new(RING_SLOTS_MIN, 1)};
    (void)machine_add_domain(server.machine, "package-0", DOMAIN_PACKAGE, SOURCE_MODEL, true);
    (void)machine_name(server.machine, 10, 1, WORKLOAD_SERVICE, "<b>\"x\\y\".service", "na&me", "");
    measure(&server, 0);
    const struct exporter_options options = {
        .ring = &server.machine->ring, .interval_ns = NS_PER_S, .top = 50, .version = "0.1"};
    assert_int_equal(exporter_new(&server.exporter, &options), 0);
    assert_int_equal(sd_event_new(&server.event), 0);
    int fd = listen_open("127.0.0.1:0");
    assert_true(fd >= 0);
    socklen_t length = sizeof(server.address);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&server.address, &length), 0);
    const struct exporter_http_options http = {.fds = &fd,
                                               .n_fds = 1,
                                               .connections = CONNECTIONS,
                                               .timeout_s = timeout_s,
                                               .log = count_message,
                                               .userdata = &messages};
    assert_int_equal(exporter_listen(server.exporter, server.event, &http), 0);
    return server;
}

static void server_done(struct server *server)
{
    server->exporter = exporter_free(server->exporter);
    server->event = sd_event_unref(server->event);
    machine_free(server->machine);
}

static void turn(struct server *server)
{
    int result = sd_event_run(server->event, 1000);
    if (result < 0)
        fail_msg("the event loop failed: %s", strerror(-result));
}

/* ---- Clients ---- */

/* Connects from 127.0.0.`from`. */
static int client(struct server *server, unsigned from)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const struct sockaddr_in local = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK + from - 1)};
    assert_int_equal(bind(fd, (const struct sockaddr *)&local, sizeof(local)), 0);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&server->address, sizeof(server->address)), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* Sends all of it, as far as the server takes it: false where it hung up. */
static bool send_bytes(struct server *server, int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        }
        turn(server);
    }
    return true;
}

static bool has_whole_answer(const char *answer, size_t length, bool head)
{
    const char *end = memmem(answer, length, "\r\n\r\n", 4);
    if (!end || head)
        return end;
    const char *field = strcasestr(answer, "Content-Length: ");
    return field && field < end &&
           length - (size_t)(end + 4 - answer) >= strtoull(field + 16, NULL, 10);
}

/* Reads until an answer is there or the server closes. */
static size_t receive(struct server *server, int fd, char *answer, bool head)
{
    size_t length = 0;
    uint64_t patience_ns = monotonic_ns() + PATIENCE_S * NS_PER_S;
    answer[0] = '\0';
    while (monotonic_ns() < patience_ns && !has_whole_answer(answer, length, head)) {
        turn(server);
        ssize_t got = recv(fd, answer + length, ANSWER_MAX - 1 - length, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        length += got > 0 ? (size_t)got : 0;
        answer[length] = '\0';
    }
    return length;
}

static char answer[ANSWER_MAX];

/* One request on one connection; returns the status, 0 where there was no answer. */
static int ask(struct server *server, unsigned from, const char *request, size_t length)
{
    int fd = client(server, from);
    (void)send_bytes(server, fd, request, length);
    (void)receive(server, fd, answer, str_starts(request, "HEAD"));
    (void)close(fd);
    turn(server);
    return str_starts(answer, "HTTP/1.1 ") ? atoi(answer + 9) : 0;
}

static int get(struct server *server, const char *path, const char *headers)
{
    char request[2048];
    int length =
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);
    return ask(server, 1, request, (size_t)length);
}

static const char *body(void)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "";
}

/* ---- Tests ---- */

static void test_routes(void **state)
{
    (void)state;
    struct server server = server_new(10);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "Cache-Control: no-store\r\n"));
    assert_non_null(
        strstr(body(), "greend_energy_joules_total{domain=\"package-0\",source=\"model\"} 25\n"));
    struct scraper *scraper = scraper_new();
    assert_true(scraper_take(scraper, body(), false));
    assert_int_equal(get(&server, "/metrics",
                         "Accept: application/openmetrics-text;version=1.0.0;q=0.75,"
                         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"),
                     200);
    assert_non_null(strstr(
        answer, "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
    assert_true(scraper_take(scraper, body(), true));
    scraper_free(scraper);
    assert_int_equal(get(&server, "/metrics?x=1", ""), 200);
    assert_int_equal(get(&server, "/metrics/", ""), 404);
    assert_int_equal(get(&server, "/etc/passwd", ""), 404);
    assert_int_equal(get(&server, "/../../etc/passwd", ""), 404);
    assert_int_equal(get(&server, "/%2e%2e/metrics", ""), 404);
    assert_int_equal(get(&server, "/metrics%00", ""), 404);
    server_done(&server);
}

static void test_page(void **state)
{
    (void)state;
    struct server server = server_new(10);
    for (int i = 0; i < 3; i++)
        measure(&server, 0);
    assert_int_equal(get(&server, "/", ""), 200);
    assert_non_null(strstr(answer, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none';"));
    assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(body(), "25.0 W"));
    assert_non_null(strstr(body(), "ESTIMATE"));
    assert_non_null(strstr(body(), "&#60;b&#62;&#34;x\\y&#34;.service"));
    assert_non_null(strstr(body(), "na&#38;me"));
    assert_null(strstr(body(), "<b>"));
    assert_null(strstr(body(), "<script"));
    server_done(&server);
}

static void test_health(void **state)
{
    (void)state;
    struct server server = server_new(10);
    assert_int_equal(get(&server, "/healthz", ""), 200);
    assert_string_equal(body(), "ok\n");
    measure(&server, 60 * NS_PER_S);
    assert_int_equal(get(&server, "/healthz", ""), 503);
    assert_non_null(strstr(body(), "too old"));
    assert_int_equal(get(&server, "/", ""), 200);
    assert_non_null(strstr(body(), "too old"));
    measure(&server, 0);
    assert_int_equal(get(&server, "/healthz", ""), 200);
    server_done(&server);
}

static void test_methods(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "get /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    };
    struct server server = server_new(10);
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        assert_int_equal(ask(&server, 1, refused[i], strlen(refused[i])), 405);
        assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
    }
    static const char head[] = "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(ask(&server, 1, head, strlen(head)), 200);
    assert_string_equal(body(), "");
    assert_non_null(strstr(answer, "Content-Length: "));
    assert_null(strstr(answer, "Content-Length: 0\r\n"));
    static const char with_body[] =
        "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    assert_int_equal(ask(&server, 1, with_body, strlen(with_body)), 413);
    server_done(&server);
}

static void test_gzip(void **state)
{
    (void)state;
    struct server server = server_new(10);
    assert_int_equal(get(&server, "/metrics", "Accept-Encoding: gzip;q=0, identity\r\n"), 200);
    assert_null(strstr(answer, "Content-Encoding"));
    assert_int_equal(get(&server, "/metrics", "Accept-Encoding: deflate, gzip;q=0.8\r\n"), 200);
#ifdef HAVE_ZLIB
    assert_non_null(strstr(answer, "Content-Encoding: gzip\r\n"));
    size_t length = strtoull(strstr(answer, "Content-Length: ") + 16, NULL, 10);
    static char plain[ANSWER_MAX];
    z_stream stream = {.next_in = (Bytef *)body(),
                       .avail_in = (uInt)length,
                       .next_out = (Bytef *)plain,
                       .avail_out = sizeof(plain) - 1};
    assert_int_equal(inflateInit2(&stream, 31), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)inflateEnd(&stream);
    struct scraper *scraper = scraper_new();
    assert_true(scraper_take(scraper, plain, false));
    assert_int_equal(scraper_count(scraper, "greend_energy_joules_total{"), 1);
    scraper_free(scraper);
#else
    assert_null(strstr(answer, "Content-Encoding"));
#endif
    server_done(&server);
}

/* The same bytes until something new is published. */
static void test_one_edition(void **state)
{
    (void)state;
    struct server server = server_new(10);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    char *first = strdup(body());
    assert_int_equal(get(&server, "/metrics", ""), 200);
    assert_string_equal(body(), first);
    measure(&server, 0);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    assert_string_not_equal(body(), first);
    free(first);
    server_done(&server);
}

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

/* Whatever a client sends, the next one is served. */
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

/* Counts the connections that the server has not closed. */
static size_t count_open(const int *fds, size_t n)
{
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        char byte;
        open += recv(fds[i], &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
    }
    return open;
}

/* Connections that say nothing, or half a request: whoever asks is served at once, from their
 * address and from another, and at no time more than the limit are open. */
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

/* A crowd at one address does not push out the only one of another. */
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
    assert_true(receive(&server, other, answer, false) > 0);
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

/* Asks again and again and never reads: the server neither waits nor grows. */
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

static void test_addresses(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "127.0.0.1",    "9841",        "localhost:1",     "::1:9841",
        "[::1]",      "[::1:1",       "127.0.0.1:x", "127.0.0.1:65536", "1.2.3:1",
        "127.0.0.1:", "[127.0.0.1]:1"};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        assert_int_equal(listen_open(wrong[i]), -EINVAL);
    int fd = listen_open(":0");
    assert_true(fd >= 0);
    (void)close(fd);
    fd = listen_open("[::1]:0");
    assert_true(fd >= 0 || fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL);
    if (fd >= 0)
        (void)close(fd);
}

/* A ring that went on without its reader: the joules are there, and known to be nobody's. */
static void test_lapped(void **state)
{
    (void)state;
    struct server server = server_new(10);
    assert_int_equal(exporter_drain(server.exporter), 0);
    assert_false(exporter_has_missed(server.exporter));
    for (int i = 0; i < 3 * RING_SLOTS_MIN / 5; i++)
        measure(&server, 0);
    assert_int_equal(exporter_drain(server.exporter), 0);
    assert_true(exporter_has_missed(server.exporter));
    const struct series *series = exporter_series(server.exporter);
    assert_true(series->dropped_uj > 0);
    assert_int_equal(series->domains[0].total.energy_uj, server.machine->domains[0].total_uj);
    assert_int_equal(series->domains[0].unattributed.energy_uj, series->dropped_uj);
    server_done(&server);
}

static void test_resume(void **state)
{
    (void)state;
    static struct store_series rows[64];
    bool reset = false;
    struct server server = server_new(10);
    assert_int_equal(exporter_drain(server.exporter), 0);
    size_t n = series_export(exporter_series(server.exporter), 0, rows, ARRAY_SIZE(rows), &reset);
    assert_in_range(n, 1, ARRAY_SIZE(rows));
    uint64_t position = ring_head(&server.machine->ring);
    measure(&server, 0);
    const struct exporter_options options = {
        .ring = &server.machine->ring, .interval_ns = NS_PER_S, .top = 50, .version = "0.1"};
    struct exporter *second = NULL;
    assert_int_equal(exporter_new(&second, &options), 0);
    assert_int_equal(exporter_resume(second, rows, n, position), 0);
    assert_int_equal(exporter_drain(second), 0);
    assert_int_equal(exporter_series(second)->domains[0].total.shown_mj, 50000);
    rows[2].energy_uj++;
    assert_int_equal(exporter_resume(second, rows, n, position), -EBADMSG);
    assert_int_equal(exporter_series(second)->n_domains, 0);
    (void)exporter_free(second);
    server_done(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_one_edition),
        cmocka_unit_test(test_accept_nonsense),
        cmocka_unit_test(test_malformed_requests),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_idle_connections),
        cmocka_unit_test(test_crowd_harms_itself),
        cmocka_unit_test(test_silence_times_out),
        cmocka_unit_test(test_client_that_never_reads),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_lapped),
        cmocka_unit_test(test_resume),
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
