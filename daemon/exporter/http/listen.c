/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/http/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "collectors/parse.h"

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int parse_port(const char *text, in_port_t *ret_port)
{
    uint64_t port = 0;
    if (parse_u64(text, strlen(text), &port) != 0 || port > UINT16_MAX)
        return -EINVAL;
    *ret_port = htons((uint16_t)port);
    return 0;
}

/* Splits at the last colon; the host may stand in brackets, and must where it has colons. */
static int parse_address(const char *text, union socket_address *ret_address)
{
    char host[INET6_ADDRSTRLEN + 2];
    in_port_t port = 0;
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof(host) || parse_port(colon + 1, &port) != 0)
        return -EINVAL;
    size_t length = (size_t)(colon - text);
    memcpy(host, text, length);
    host[length] = '\0';
    *ret_address = (union socket_address){0};
    if (length == 0) {
        ret_address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
        return 0;
    }
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        ret_address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
        return inet_pton(AF_INET6, host + 1, &ret_address->v6.sin6_addr) == 1 ? 0 : -EINVAL;
    }
    ret_address->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    return inet_pton(AF_INET, host, &ret_address->v4.sin_addr) == 1 ? 0 : -EINVAL;
}

static int listen_on(const union socket_address *address, bool both)
{
    enum { BACKLOG = 64 };
    const int yes = 1;
    const int only = !both;
    bool is_v6 = address->any.sa_family == AF_INET6;
    CLEANUP(close_fd_p)
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        (is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0) ||
        bind(fd, &address->any, is_v6 ? sizeof(address->v6) : sizeof(address->v4)) < 0 ||
        listen(fd, BACKLOG) < 0)
        return -errno;
    return take_fd(&fd);
}

int listen_open(const char *address)
{
    union socket_address parsed;
    int result = parse_address(address, &parsed);
    if (result < 0)
        return result;
    bool all = address[0] == ':';
    int fd = listen_on(&parsed, all);
    if (fd != -EAFNOSUPPORT || !all)
        return fd;
    /* a kernel without IPv6 */
    in_port_t port = parsed.v6.sin6_port;
    parsed.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    return listen_on(&parsed, false);
}
