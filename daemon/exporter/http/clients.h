/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The open connections of an HTTP server, and which of them must make room for a new one.
 *
 * A fixed limit that turns newcomers away lets whoever opens that many connections and says nothing
 * lock everyone else out. Here the newcomer is let in, and the oldest connection of the address
 * that holds most is shut down: a scraper that asks and leaves is served at any time. */

#include <sys/socket.h>

#include "greend/base.h"

struct client {
    int fd;
    uint64_t address; /* of the client: an IPv4 address or an IPv6 /64; 0: none */
};

struct clients {
    struct client *list; /* oldest first */
    size_t n;
    size_t limit;
};

int clients_init(struct clients *clients, size_t limit);
void clients_done(struct clients *clients);

/* Where a client comes from, for telling one from another. */
uint64_t clients_address(const struct sockaddr_storage *address, socklen_t length);

/* Notes a connection. The caller has made room: n < limit. */
void clients_add(struct clients *clients, int fd, uint64_t address);
void clients_remove(struct clients *clients, int fd);

/* Who is to go first; NULL: there is nobody. */
const struct client *clients_victim(const struct clients *clients);
