/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A real server and clients made of plain sockets, in one thread: who waits for an answer runs the
 * server's event loop meanwhile. Include unit.h first. */

#include <netinet/in.h>

#include "exporter/exporter.h"
#include "machine.h"

enum { ANSWER_MAX = 1 << 20, PATIENCE_S = 60, CONNECTIONS = 64 };

struct server {
    struct machine *machine;
    struct exporter *exporter;
    sd_event *event;
    struct sockaddr_in address;
};

uint64_t monotonic_ns(void);

/* A server of a machine with one modelled domain and one frame, on a free port of 127.0.0.1. */
struct server server_new(unsigned timeout_s);
void server_done(struct server *server);

/* Writes a frame that ended `age` ago. */
void measure(struct server *server, uint64_t age_ns);

/* Runs the event loop for a moment. */
void turn(struct server *server);

/* Connects from 127.0.0.`from`. */
int client(struct server *server, unsigned from);

/* Sends all of it, as far as the server takes it: false where it hung up. */
bool send_bytes(struct server *server, int fd, const char *bytes, size_t length);

/* Reads into answer until one is there or the server closes; returns the length. */
size_t receive(struct server *server, int fd, bool head);

/* The last answer of ask() or get(), and its body. */
extern char answer[ANSWER_MAX];
const char *body(void);

/* One request on a connection of its own; returns the status, 0 where there was no answer. */
int ask(struct server *server, unsigned from, const char *request, size_t length);
int get(struct server *server, const char *path, const char *headers);
