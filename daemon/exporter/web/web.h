/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The web file and the certificates and keys that it names, in memory: what the exporter needs to
 * know before the pipeline before is ended. Built as web.c, or as web_off.c where libyaml, GnuTLS
 * or libcrypt are not there. */

#include "exporter/web/web_file.h"

struct web {
    struct web_file file;
    char *cert; /* PEM; NULL: no TLS */
    char *key;
    char *client_ca;      /* NULL: none */
    char priorities[128]; /* of GnuTLS */
    int64_t cert_begin_s; /* since 1970 */
    int64_t cert_end_s;
};

/* What web_load() answers besides 0. */
enum { WEB_WRONG = 1 /* every error was reported */ };

/* Reads a web file; "": there is none, and *ret_web is NULL. report() is called for each error with
 * one line of escaped UTF-8: where, what is wrong, and how to mend it. -ENOMEM likewise. */
int web_load(const char *path, struct web **ret_web,
             void (*report)(void *userdata, const char *line), void *userdata);

/* Wipes the key. Accepts NULL, returns NULL. */
struct web *web_free(struct web *web);

/* Tells, in the same way, what is served all the same: a certificate that has expired, or will. */
void web_warn(const struct web *web, void (*report)(void *userdata, const char *line),
              void *userdata);

/* An end that is nearer than this is told: a certificate is renewed weeks before, where somebody
 * sees to it. */
#define WEB_CERTIFICATE_WARN_S (INT64_C(14) * 86400)

/* When the server's certificate ends, since 1970; 0: none is served. */
int64_t web_certificate_end_s(const struct web *web);

/* NULL: no. */
bool web_is_encrypted(const struct web *web);
bool web_asks_password(const struct web *web);
