/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Asks for /healthz where greend should listen, as a scraper would. */

#include "doctor/doctor.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "threads/clock.h"

enum { ANSWER_MAX = 1024 };

static const uint64_t patience_ns = 2 * NS_PER_S;

/* false: not in time. */
static bool wait_for(int fd, short events, uint64_t until_ns)
{
    struct pollfd waiting = {.fd = fd, .events = events};
    uint64_t left_ns = sub_saturated(until_ns, clock_mono_ns());
    return poll(&waiting, 1, (int)(left_ns / NS_PER_MS)) == 1;
}

/* As much of the answer as comes in time and fits: not every server ends, or sends at a pace. */
static size_t read_answer(int fd, char *answer, size_t size)
{
    size_t length = 0;
    uint64_t until_ns = clock_mono_ns() + patience_ns;
    while (length < size - 1 && clock_mono_ns() < until_ns && wait_for(fd, POLLIN, until_ns)) {
        ssize_t got = read(fd, answer + length, size - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    answer[length] = '\0';
    return length;
}

/* "HTTP/1.1 200 OK" with "ok" or 503 with a reason is greend's; 401 asks for a password, as greend
 * may. What speaks no HTTP may be encrypted: then nothing is known. */
static enum doctor_probe judge_answer(const char *answer, size_t length)
{
    if (length == 0)
        return PROBE_SILENT;
    const char *blank = strchr(answer, ' ');
    if (!str_starts(answer, "HTTP/1.") || !blank)
        return PROBE_GREEND;
    const char *status = blank + 1;
    const char *body = strstr(answer, "\r\n\r\n");
    bool ok = str_starts(status, "200") && body && str_starts(body + 4, "ok");
    return ok || str_starts(status, "503") || str_starts(status, "401") ? PROBE_GREEND
                                                                        : PROBE_SOMEBODY;
}

static enum doctor_probe ask(int fd)
{
    static const char request[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char answer[ANSWER_MAX];
    if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof(request) - 1))
        return PROBE_SILENT;
    return judge_answer(answer, read_answer(fd, answer, sizeof(answer)));
}

static enum doctor_probe connect_and_ask(const struct addrinfo *address)
{
    int error = 0;
    socklen_t size = sizeof(error);
    CLEANUP(close_fd_p)
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) /* a kernel without IPv6, where nobody can listen either */
        return errno == EAFNOSUPPORT ? PROBE_NOBODY : PROBE_NOT_ASKED;
    if (connect(fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS)
        return errno == ECONNREFUSED ? PROBE_NOBODY : PROBE_SILENT;
    if (!wait_for(fd, POLLOUT, clock_mono_ns() + patience_ns) ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return PROBE_SILENT;
    return error == 0 ? ask(fd) : error == ECONNREFUSED ? PROBE_NOBODY : PROBE_SILENT;
}

/* "" and the addresses that stand for all: the machine's own. */
static const char *host_to_ask(const char *host)
{
    return host[0] == '\0' || str_equal(host, "0.0.0.0") ? "127.0.0.1"
           : str_equal(host, "::")                       ? "::1"
                                                         : host;
}

void doctor_probe(const struct settings *settings, enum doctor_probe ret[SETTINGS_LISTEN_MAX])
{
    for (size_t i = 0; i < settings->n_listen; i++) {
        const struct settings_listen *listen = &settings->listen[i];
        const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                         .ai_socktype = SOCK_STREAM};
        struct addrinfo *address = NULL;
        ret[i] = PROBE_NOT_ASKED;
        if (str_equal(listen->port, "0") ||
            getaddrinfo(host_to_ask(listen->host), listen->port, &numeric, &address) != 0)
            continue;
        ret[i] = connect_and_ask(address);
        freeaddrinfo(address);
    }
}
