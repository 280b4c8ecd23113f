/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "exporter/http/listen.h"
#include "http_client.h"
#include "scraper.h"
#include "support/without_ipv6.h"

/* What the exporter answers to those who mean well. */

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
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
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
    assert_int_equal(get(&server, "/metrics", "Accept-Encoding: gzip;q=0\r\n"), 200);
    assert_null(strstr(answer, "Content-Encoding"));
    assert_int_equal(get(&server, "/metrics", "Accept-Encoding: deflate, gzip;q=0.8\r\n"), 200);
#ifdef HAVE_ZLIB
    assert_non_null(strstr(answer, "Content-Encoding: gzip\r\n"));
    size_t length = (size_t)strtoull(strstr(answer, "Content-Length: ") + 16, NULL, 10);
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
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    uint64_t begin = (uint64_t)used.tv_nsec / (5 * NS_PER_MS);
    do /* until greend_self_cpu_seconds_total would be another */
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    while ((uint64_t)used.tv_nsec / (5 * NS_PER_MS) == begin);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    assert_string_equal(body(), first);
    measure(&server, 0);
    assert_int_equal(get(&server, "/metrics", ""), 200);
    assert_string_not_equal(body(), first);
    free(first);
    server_done(&server);
}

/* No value of an energy has more than thousandths. */
static bool is_in_millijoules(const char *text)
{
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t length = strcspn(line, "\n");
        const char *value = memrchr(line, ' ', length);
        const char *joules = memmem(line, length, "_joules", 7);
        const char *point = value ? memchr(value, '.', length - (size_t)(value - line)) : NULL;
        if (*line != '#' && joules && point && line + length - point > 1 + 3)
            return false;
    }
    return true;
}

/* Meters are read ten times a second, and somebody asks after each: new figures come once a second
 * of the daemon's own clock, in whole millijoules, and the parts are the whole (PLATYPUS). */
static void test_asked_fast(void **state)
{
    (void)state;
    enum { FRAMES = 45 };
    struct server server = server_new(10);
    struct scraper *scraper = scraper_new();
    char *last = strdup("");
    unsigned editions = 0;
    for (int i = 0; i < FRAMES; i++) {
        machine_begin(server.machine, NS_PER_S / 10);
        machine_idle(server.machine, 0, 2000000 + machine_random(server.machine, 1000));
        machine_use(server.machine, 0, ring_workload_id(10, 1), 1,
                    500000 + machine_random(server.machine, 100000), NS_PER_S / 20);
        machine_end(server.machine, NULL);
        assert_int_equal(get(&server, "/metrics", ""), 200);
        assert_true(scraper_take(scraper, body(), false));
        assert_true(is_in_millijoules(body()));
        assert_int_equal(
            scraper_value(scraper, "greend_energy_joules_total{", ""),
            scraper_value(scraper, "greend_idle_energy_joules_total{", "") +
                scraper_value(scraper, "greend_unattributed_energy_joules_total{", "") +
                scraper_value(scraper, "greend_workload_energy_joules_total{", "") +
                scraper_value(scraper, "greend_workload_left_energy_joules{", ""));
        editions += !str_equal(last, body());
        free(last);
        last = strdup(body());
    }
    /* What was there before, and one for each second. */
    assert_int_equal(editions, 1 + FRAMES / 10);
    assert_false(is_in_millijoules("greend_energy_joules_total{a=\"b\"} 1.2345\n"));
    free(last);
    scraper_free(scraper);
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

/* All addresses are those of IPv4 then; an address of IPv6 is refused with its reason. */
static void test_no_ipv6(void **state)
{
    (void)state;
    struct sockaddr_in address = {0};
    socklen_t length = sizeof(address);
    without_ipv6 = true;
    int fd = listen_open(":0");
    assert_true(fd >= 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(address.sin_family, AF_INET);
    assert_int_equal(address.sin_addr.s_addr, htonl(INADDR_ANY));
    (void)close(fd);
    assert_int_equal(listen_open("[::1]:0"), -EAFNOSUPPORT);
    without_ipv6 = false;
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
        cmocka_unit_test(test_routes),    cmocka_unit_test(test_page),
        cmocka_unit_test(test_health),    cmocka_unit_test(test_methods),
        cmocka_unit_test(test_gzip),      cmocka_unit_test(test_one_edition),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_lapped),
        cmocka_unit_test(test_resume),    cmocka_unit_test(test_asked_fast),
        cmocka_unit_test(test_no_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
