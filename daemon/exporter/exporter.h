/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The exporter: follows the ring on the main thread and answers for it over HTTP.
 *
 * It serves what was last published, at most once a second of frame time, so that who scrapes
 * cannot choose the instant of a meter's reading (PLATYPUS, CVE-2020-8694), and a fast scraper
 * costs little: each answer is made once per publication. */

#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "core/exposition/exposition.h"
#include "core/series/series.h"
#include "greend/base.h"
#include "greend/ring.h"
#include "greend/store.h"

struct chores;
struct exporter;
struct impacts;
struct wake;
struct web;

/* A view of the ring of its own is copied; its memory must outlive the exporter. */
struct exporter_options {
    const struct ring *ring;
    uint64_t position;       /* in the ring, where reading begins */
    uint64_t interval_ns;    /* between two frames, for the freshness of /healthz */
    unsigned top;            /* workloads shown, 1 to SERIES_TOP_MAX */
    const char *version;     /* must outlive the exporter */
    struct impacts *impacts; /* likewise; NULL: none are shown */
    /* Copies where the targets stand, and returns how many; NULL: there are none. Must not wait. */
    size_t (*targets)(void *userdata, struct exposition_target *ret, size_t max);
    void *targets_userdata;
};

int exporter_new(struct exporter **ret_exporter, const struct exporter_options *options);
struct exporter *exporter_free(struct exporter *exporter);

/* Resumes the counters from stored rows and goes on from the position that was stored with them.
 * -EBADMSG: the rows contradict each other: the counters begin at zero, from that position on. */
int exporter_resume(struct exporter *exporter, const struct store_series *rows, size_t n_rows,
                    uint64_t position);

/* Reads all frames that are new. exporter_listen() sees to it that this is often enough. 0;
 * -ENOMEM; -EBADMSG where the ring is damaged: goes on from its newest frame. */
int exporter_drain(struct exporter *exporter);

/* Whether frames were ever missed: then the counters differ from those of another reader of the
 * ring, and must not be resumed from its rows. */
bool exporter_has_missed(const struct exporter *exporter);

/* NULL where the last frame is fresh (at most three intervals old, or five seconds); otherwise why
 * it is not, in a line. */
const char *exporter_trouble(const struct exporter *exporter);

const struct series *exporter_series(const struct exporter *exporter);

/* ---- Answers ---- */

enum exporter_body {
    EXPORTER_PROMETHEUS, /* in the order of enum exposition_format */
    EXPORTER_OPENMETRICS,
    EXPORTER_PAGE,
    EXPORTER_BODIES
};

/* What the answers are made from: the same number, the same answers. */
uint64_t exporter_edition(const struct exporter *exporter);

/* Makes an answer; *ret_text is valid until the next call. -ENOMEM. */
int exporter_render(struct exporter *exporter, enum exporter_body body,
                    const struct text **ret_text);

/* ---- HTTP ---- */

/* Zeros stand for the defaults. */
struct exporter_http_options {
    const int *fds; /* listening sockets; closed by the exporter, also when listening fails */
    size_t n_fds;
    unsigned connections;    /* at once; 64 */
    unsigned timeout_s;      /* of a connection on which nothing happens; 10 */
    size_t memory;           /* for each connection's request; 16 KiB */
    const struct web *web;   /* who may ask; NULL: everyone; outlives the exporter */
    struct chores *chores;   /* where passwords are hashed; likewise */
    const struct wake *bell; /* rings where much of the ring is new; likewise; NULL: none */
    /* A message for the log, one line; may be NULL. */
    void (*log)(void *userdata, const char *message);
    void *userdata;
};

/* Serves HTTP within the caller's event loop until exporter_free(), and keeps reading the ring.
 * No sockets: only the latter. -EOPNOTSUPP: sockets, but built without HTTP, or without TLS. */
int exporter_listen(struct exporter *exporter, sd_event *event,
                    const struct exporter_http_options *options);
