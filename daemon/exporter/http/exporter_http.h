/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The exporter's HTTP server. For exporter.c; built as exporter_http.c, or as exporter_http_off.c
 * where there is no libmicrohttpd. */

#include "exporter/exporter.h"

struct exporter_http;

/* As exporter_listen(). No sockets: 0, and *ret_http stays NULL. */
int exporter_http_new(struct exporter_http **ret_http, struct exporter *exporter, sd_event *event,
                      const struct exporter_http_options *options);
struct exporter_http *exporter_http_free(struct exporter_http *http);
