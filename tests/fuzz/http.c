/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Requests to the exporter as it is: libmicrohttpd in the event loop, over a socket of this
 * machine. Each input is one connection; after it the next client must be served. */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "exporter/exporter.h"
#include "machine.h"

enum { ANSWERS_MAX = 1 << 20, TURNS_MAX = 400 };

static struct {
    struct machine *machine;
    struct exporter *exporter;
    sd_event *event;
    struct sockaddr_un address;
    socklen_t length;
} server;

static char answers[ANSWERS_MAX + 1];

/* A socket without a file; the kernel finds a name. */
static int listen_here(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const struct sockaddr_un any = {.sun_family = AF_UNIX};
    REQUIRE(fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) == 0 &&
            listen(fd, 16) == 0);
    server.length = sizeof(server.address);
    REQUIRE(getsockname(fd, (struct sockaddr *)&server.address, &server.length) == 0);
    return fd;
}

static void begin(void)
{
    server.machine = machine_new(RING_SLOTS_MIN, 1);
    (void)machine_add_domain(server.machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    (void)machine_name(server.machine, 10, 1, WORKLOAD_SERVICE, "<b>\"x\\y\".service", "na&me", "");
    machine_begin(server.machine, NS_PER_S);
    machine_idle(server.machine, 0, 20 * UJ_PER_J);
    machine_use(server.machine, 0, ring_workload_id(10, 1), 1, 5 * UJ_PER_J, NS_PER_S / 2);
    machine_end(server.machine, NULL);
    const struct exporter_options options = {
        .ring = &server.machine->ring, .interval_ns = NS_PER_S, .top = 50, .version = "0.1"};
    REQUIRE(exporter_new(&server.exporter, &options) == 0);
    REQUIRE(sd_event_new(&server.event) >= 0);
    int fd = listen_here();
    const struct exporter_http_options http = {.fds = &fd, .n_fds = 1, .timeout_s = 60};
    REQUIRE(exporter_listen(server.exporter, server.event, &http) == 0);
}

static int connect_here(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    REQUIRE(fd >= 0);
    REQUIRE(connect(fd, (const struct sockaddr *)&server.address, server.length) == 0);
    return fd;
}

/* Lets the server do what there is to do. */
static void turn(void)
{
    for (int i = 0; i < 8; i++) {
        int r = sd_event_run(server.event, 0);
        REQUIRE(r >= 0);
        if (r == 0)
            break;
    }
}

static size_t receive(int fd, size_t length)
{
    ssize_t got = 0;
    while ((got = recv(fd, answers + length, ANSWERS_MAX - length, 0)) > 0)
        length += (size_t)got;
    return length;
}

/* Sends all in pieces, hangs up that way, and takes what comes back until the server hangs up. */
static size_t converse(const char *bytes, size_t size, size_t piece)
{
    size_t length = 0;
    int fd = connect_here();
    for (size_t at = 0; at < size;) {
        ssize_t sent = send(fd, bytes + at, MIN(piece, size - at), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            break;
        at += sent > 0 ? (size_t)sent : 0;
        turn();
        length = receive(fd, length);
    }
    (void)shutdown(fd, SHUT_WR);
    for (int i = 0; i < TURNS_MAX; i++) {
        char byte;
        turn();
        length = receive(fd, length);
        if (recv(fd, &byte, 1, MSG_PEEK) == 0 || length == ANSWERS_MAX)
            break;
    }
    (void)close(fd);
    turn();
    answers[length] = '\0';
    return length;
}

/* ---- What must hold of answers ---- */

static const char *field(const char *head, const char *end, const char *name)
{
    const char *found = strcasestr(head, name);
    return found && found < end ? found + strlen(name) : NULL;
}

/* One answer; returns what is behind it. `heads`: requests may have been HEAD, whose answers have
 * no body. */
static const char *check_answer(const char *at, bool heads)
{
    static const int statuses[] = {200, 400, 404, 405, 408, 411, 413,
                                   414, 417, 431, 500, 501, 503, 505};
    bool known = false;
    REQUIRE(str_starts(at, "HTTP/1."));
    int status = (int)strtol(at + 9, NULL, 10);
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        known = known || statuses[i] == status;
    if (status == 100) { /* "go on": only a head */
        const char *end = strstr(at, "\r\n\r\n");
        REQUIRE(end);
        return end + 4;
    }
    REQUIRE(known);
    const char *end = strstr(at, "\r\n\r\n");
    REQUIRE(end);
    const char *length = field(at, end, "\r\nContent-Length: ");
    REQUIRE(length);
    /* What the library refuses itself comes with its head twice (0.9.75), and ends the connection.
     */
    if (!field(at, end, "\r\nX-Content-Type-Options: nosniff")) {
        REQUIRE(status >= 400);
        return NULL;
    }
    uint64_t left = strlen(end + 4), wanted = strtoull(length, NULL, 10);
    if (heads && (left == 0 || str_starts(end + 4, "HTTP/1.")))
        return end + 4;
    bool packed = field(at, end, "\r\nContent-Encoding: gzip");
    REQUIRE(packed || wanted <= left);
    return packed ? NULL : end + 4 + wanted;
}

static void check_answers(const char *request, size_t size, size_t length)
{
    bool heads = memmem(request, size, "HEAD", 4);
    for (const char *at = answers; at && at < answers + length;)
        at = check_answer(at, heads);
}

/* The first byte says in how large pieces the rest is sent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char next[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct fuzz_input input = {data, size};
    if (!server.machine)
        begin();
    unsigned pieces = (unsigned)fuzz_take(&input, 1);
    size_t piece = pieces < 0x20 ? MAX(1 + pieces * 8, input.left / 64) : input.left + 1;
    CLEANUP(free_p) char *bytes = fuzz_copy(input.at, input.left);
    size_t length = converse(bytes, input.left, piece);
    check_answers(bytes, input.left, length);
    length = converse(next, sizeof(next) - 1, sizeof(next));
    REQUIRE(length > 12 &&
            (strncmp(answers + 9, "200", 3) == 0 || strncmp(answers + 9, "503", 3) == 0));
    return 0;
}
