/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The web file: who may ask for /metrics, and how it is encrypted, as the exporters of Prometheus
 * read it (YAML). Bytes in, plain values out: no file is opened here. What the other exporters know
 * and greend does not is refused, never passed over. */

#include "greend/base.h"

enum {
    WEB_FILE_BYTES_MAX = 64 << 10,
    WEB_FILE_ERROR_MAX = 512,
    WEB_PATH_MAX = 256,
    WEB_USERS_MAX = 64,
    WEB_NAME_MAX = 64,
    WEB_HASH_MAX = 61, /* a bcrypt hash has 60 bytes */
    WEB_HEADER_MAX = 512,
    WEB_SANS_MAX = 16,
    WEB_SAN_MAX = 256,
    /* A round more doubles the time. Of 14, one check takes about a second. */
    WEB_COST_MIN = 4,
    WEB_COST_MAX = 14,
};

/* In the order of their names in the file. */
enum web_client_auth {
    WEB_CLIENT_NONE,
    WEB_CLIENT_REQUEST,           /* asked for, never looked at */
    WEB_CLIENT_REQUIRE_ANY,       /* there has to be one */
    WEB_CLIENT_VERIFY_IF_GIVEN,   /* whoever shows one has to show a good one */
    WEB_CLIENT_REQUIRE_AND_VERIFY /* everyone has to show a good one */
};

enum web_header {
    WEB_HEADER_CONTENT_SECURITY_POLICY,
    WEB_HEADER_FRAME_OPTIONS,
    WEB_HEADER_XSS_PROTECTION,
    WEB_HEADER_TRANSPORT_SECURITY,
    WEB_HEADERS
};

/* What tls_server_config says. Paths as written: relative ones begin at the web file's folder. */
struct web_tls_options {
    bool enabled;
    char cert_file[WEB_PATH_MAX];
    char key_file[WEB_PATH_MAX];
    char client_ca_file[WEB_PATH_MAX]; /* "": none */
    enum web_client_auth client_auth;
    size_t n_sans; /* names of which a client's certificate must have one; 0: any will do */
    char sans[WEB_SANS_MAX][WEB_SAN_MAX];
    int min_version; /* 12 or 13, for TLS 1.2 and 1.3 */
    int max_version;
    bool client_chooses_cipher;
};

struct web_user {
    char name[WEB_NAME_MAX];
    char hash[WEB_HASH_MAX];
};

struct web_file {
    struct web_tls_options tls;
    char headers[WEB_HEADERS][WEB_HEADER_MAX]; /* "": not sent */
    size_t n_users;                            /* 0: no password is asked */
    struct web_user users[WEB_USERS_MAX];
};

struct web_file_error {
    size_t line; /* from 1; 0: the file as a whole */
    size_t column;
    char text[WEB_FILE_ERROR_MAX]; /* one line of escaped UTF-8, translated */
};

/* Reads a whole file's bytes: any bytes. -EINVAL: ret_error says what is wrong first, and how to
 * mend it; it shows nothing that could be a password. -ENOMEM. */
int web_file_parse(const char *bytes, size_t length, struct web_file *ret_file,
                   struct web_file_error *ret_error);

/* What a header is called. */
const char *web_header_name(enum web_header header);
