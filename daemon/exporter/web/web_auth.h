/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Who knows a password. What was right once is known again by a keyed hash of it (HMAC-SHA-256 with
 * a key of this process), so that a scraper costs one bcrypt and not one a scrape, and no password
 * is kept. Nobody can tell by the time of an answer whether a user exists.
 *
 * One thread, but for web_auth_hash(). */

#include "exporter/web/web_file.h"

enum { WEB_PASSWORD_MAX = 256, WEB_MAC_SIZE = 32 };

struct web_auth;

/* The file outlives it. -EIO: GnuTLS gives no random bytes. */
int web_auth_new(struct web_auth **ret_auth, const struct web_file *file);
struct web_auth *web_auth_free(struct web_auth *auth);

/* What a client says of itself. */
struct web_credentials {
    char name[WEB_NAME_MAX];         /* zeros behind it */
    char password[WEB_PASSWORD_MAX]; /* likewise */
};

/* From the value of an Authorization header (NULL: there is none). false: it is nothing that could
 * be right. */
bool web_credentials_read(struct web_credentials *ret, const char *header);
void web_credentials_wipe(struct web_credentials *credentials);

/* A password that has to be hashed to be judged. */
struct web_attempt {
    struct web_credentials credentials;
    uint64_t address;
    size_t user; /* whose hash it is compared with */
    bool known;  /* that is the user who was named */
    char hash[WEB_HASH_MAX];
    uint8_t mac[WEB_MAC_SIZE];
    bool matches;
};

enum web_auth_answer {
    WEB_AUTH_RIGHT,
    WEB_AUTH_HASH,   /* ret_attempt is to be hashed, then judged */
    WEB_AUTH_LIMITED /* tried too often */
};

/* address: as of clients_address(). */
enum web_auth_answer web_auth_ask(struct web_auth *auth, const struct web_credentials *credentials,
                                  uint64_t address, uint64_t now_ns,
                                  struct web_attempt *ret_attempt);

/* Any thread, at most a second: fills in `matches` and wipes the password. */
void web_auth_hash(struct web_attempt *attempt);

/* Whether it was right. */
bool web_auth_judge(struct web_auth *auth, const struct web_attempt *attempt, uint64_t now_ns);

/* Whether libcrypt knows bcrypt here. */
bool web_auth_works(void);
