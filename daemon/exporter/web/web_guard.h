/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Who may ask the HTTP server, as the web file says: stands between libmicrohttpd and the answers.
 * Passwords are hashed as chores of the helper thread; the connection sleeps meanwhile. Built as
 * web_guard.c, or as web_guard_off.c, which lets everyone pass: there is no web file then. */

#include <microhttpd.h>
#include <systemd/sd-event.h>

#include "exporter/web/web.h"
#include "threads/chores.h"

struct web_guard;

struct web_guard_options {
    const struct web *web; /* NULL: everyone may ask; outlives the guard */
    struct chores *chores; /* likewise; needed where passwords are asked */
    /* Connections were woken: libmicrohttpd has to run. */
    void (*woken)(void *userdata);
    void *userdata;
};

/* *ret_guard is NULL where there is no web file. */
int web_guard_new(struct web_guard **ret_guard, sd_event *event,
                  const struct web_guard_options *options);

/* Wakes all connections that sleep: to be called while libmicrohttpd's daemon is still there. */
struct web_guard *web_guard_free(struct web_guard *guard);

enum { WEB_GUARD_OPTIONS_MAX = 5 };

/* The flags that libmicrohttpd's daemon needs, and its options, ended by MHD_OPTION_END. */
unsigned web_guard_flags(const struct web *web);
void web_guard_options(const struct web *web,
                       struct MHD_OptionItem ret_options[WEB_GUARD_OPTIONS_MAX]);

/* What follows accepts NULL: everyone may ask. */

/* A new connection, before anything is read. */
void web_guard_meet(struct web_guard *guard, struct MHD_Connection *connection);

/* The connection is being closed. */
void web_guard_leave(struct web_guard *guard, const struct MHD_Connection *connection);

/* Whether the client's certificate is as it has to be. */
bool web_guard_accepts(struct web_guard *guard, struct MHD_Connection *connection);

enum web_verdict {
    WEB_PASS,
    WEB_WAIT,    /* suspend the connection; ask again when it was resumed */
    WEB_UNKNOWN, /* 401 */
    WEB_LIMITED, /* 429 */
};

/* Whether this request may be answered. */
enum web_verdict web_guard_judge(struct web_guard *guard, struct MHD_Connection *connection);
