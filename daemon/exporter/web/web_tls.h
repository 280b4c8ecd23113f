/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Certificates, by GnuTLS. */

#include <gnutls/gnutls.h>

#include "exporter/web/web.h"

enum { WEB_TLS_ERROR_MAX = 512 };

/* Whether the PEM texts of a web can be used together; fills in its priorities and the times of the
 * certificate. -EINVAL: ret_file is the path as the web file writes it, ret_error says what is
 * wrong with it, in one line, and how to mend it. */
int web_tls_check(struct web *web, const char **ret_file, char ret_error[WEB_TLS_ERROR_MAX]);

/* Asks for the client's certificate as the web file wants it, before the handshake. */
void web_tls_begin(const struct web *web, gnutls_session_t session);

/* Whether the peer of a session has shown what the web file wants. */
bool web_tls_accepts(const struct web *web, gnutls_session_t session);
