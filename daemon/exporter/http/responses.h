/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the HTTP server answers, for exporter_http.c. */

#include <microhttpd.h>

#include "exporter/exporter.h"
#include "exporter/web/web.h"

/* libmicrohttpd's names for these vary from release to release. */
enum {
    STATUS_OK = 200,
    STATUS_UNAUTHORIZED = 401,
    STATUS_FORBIDDEN = 403,
    STATUS_NOT_FOUND = 404,
    STATUS_NOT_ALLOWED = 405,
    STATUS_TOO_LARGE = 413,
    STATUS_TOO_MANY = 429,
    STATUS_UNAVAILABLE = 503
};

/* An answer that was made, for one edition. */
struct response_cached {
    struct MHD_Response *response;
    uint64_t edition;
};

struct responses {
    struct exporter *exporter;
    const struct web *web;                            /* its headers; NULL: none */
    struct response_cached cache[EXPORTER_BODIES][2]; /* plain, gzip */
};

void responses_done(struct responses *responses);

/* One line of text. */
enum MHD_Result responses_line(const struct responses *responses, struct MHD_Connection *connection,
                               unsigned status, const char *text);

/* What stands at a path. */
enum MHD_Result responses_answer(struct responses *responses, struct MHD_Connection *connection,
                                 const char *path);
