/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/http/clients.h"

#include <netinet/in.h>

int clients_init(struct clients *clients, size_t limit)
{
    *clients = (struct clients){.limit = limit};
    clients->list = calloc(limit, sizeof(*clients->list));
    return clients->list ? 0 : -ENOMEM;
}

void clients_done(struct clients *clients)
{
    free(clients->list);
    *clients = (struct clients){0};
}

uint64_t clients_address(const struct sockaddr_storage *address, socklen_t length)
{
    uint64_t prefix = 0;
    uint32_t v4 = 0;
    if (address->ss_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        v4 = ((const struct sockaddr_in *)address)->sin_addr.s_addr;
    } else if (address->ss_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(v6))
            memcpy(&v4, v6->s6_addr + 12, sizeof(v4));
        else /* who has one address has its whole /64 */
            memcpy(&prefix, v6->s6_addr, sizeof(prefix));
    }
    return v4 != 0 ? v4 : prefix;
}

void clients_add(struct clients *clients, int fd, uint64_t address)
{
    if (clients->n < clients->limit)
        clients->list[clients->n++] = (struct client){fd, address};
}

void clients_remove(struct clients *clients, int fd)
{
    size_t at = 0;
    while (at < clients->n && clients->list[at].fd != fd)
        at++;
    if (at == clients->n)
        return;
    clients->n--;
    memmove(&clients->list[at], &clients->list[at + 1],
            (clients->n - at) * sizeof(clients->list[0]));
}

const struct client *clients_victim(const struct clients *clients)
{
    const struct client *victim = NULL;
    size_t most = 0;
    for (size_t i = 0; i < clients->n; i++) {
        size_t held = 0;
        for (size_t j = i; j < clients->n; j++)
            held += clients->list[j].address == clients->list[i].address;
        if (held > most) {
            most = held;
            victim = &clients->list[i];
        }
    }
    return victim;
}
