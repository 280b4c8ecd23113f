/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <time.h>

#include "exporter/http/listen.h"
#include "http_client.h"

char answer[ANSWER_MAX];

static unsigned messages; /* logged */

static void count_message(void *userdata, const char *message)
{
    assert_null(strchr(message, '\n'));
    (*(unsigned *)userdata)++;
}

uint64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A frame that ended `age` ago. */
void measure(struct server *server, uint64_t age_ns)
{
    struct machine *machine = server->machine;
    machine->mono_ns = monotonic_ns() - age_ns - NS_PER_S;
    machine_begin(machine, NS_PER_S);
    machine_idle(machine, 0, 20 * UJ_PER_J);
    machine_use(machine, 0, ring_workload_id(10, 1), 1, 5 * UJ_PER_J, NS_PER_S / 2);
    machine_end(machine, NULL);
}

struct server server_new(unsigned timeout_s)
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

void server_done(struct server *server)
{
    server->exporter = exporter_free(server->exporter);
    server->event = sd_event_unref(server->event);
    machine_free(server->machine);
}

void turn(struct server *server)
{
    int result = sd_event_run(server->event, 1000);
    if (result < 0)
        fail_msg("the event loop failed: %s", strerror(-result));
}

/* ---- Clients ---- */

/* Connects from 127.0.0.`from`. */
int client(struct server *server, unsigned from)
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
bool send_bytes(struct server *server, int fd, const char *bytes, size_t length)
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

static bool has_whole_answer(size_t length, bool head)
{
    const char *end = memmem(answer, length, "\r\n\r\n", 4);
    if (!end || head)
        return end;
    const char *field = strcasestr(answer, "Content-Length: ");
    return field && field < end &&
           length - (size_t)(end + 4 - answer) >= strtoull(field + 16, NULL, 10);
}

/* Reads until an answer is there or the server closes. */
size_t receive(struct server *server, int fd, bool head)
{
    size_t length = 0;
    uint64_t patience_ns = monotonic_ns() + PATIENCE_S * NS_PER_S;
    answer[0] = '\0';
    while (monotonic_ns() < patience_ns && !has_whole_answer(length, head)) {
        turn(server);
        ssize_t got = recv(fd, answer + length, ANSWER_MAX - 1 - length, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        length += got > 0 ? (size_t)got : 0;
        answer[length] = '\0';
    }
    return length;
}

/* One request on one connection; returns the status, 0 where there was no answer. */
int ask(struct server *server, unsigned from, const char *request, size_t length)
{
    int fd = client(server, from);
    (void)send_bytes(server, fd, request, length);
    (void)receive(server, fd, str_starts(request, "HEAD"));
    (void)close(fd);
    turn(server);
    return str_starts(answer, "HTTP/1.1 ") ? atoi(answer + 9) : 0;
}

int get(struct server *server, const char *path, const char *headers)
{
    char request[2048];
    int length =
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);
    return ask(server, 1, request, (size_t)length);
}

const char *body(void)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "";
}
