/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_auth.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "exporter/web/web_limit.h"

/* The password of a user that was right. */
struct right {
    bool known;
    uint8_t mac[WEB_MAC_SIZE];
};

struct web_auth {
    const struct web_file *file;
    uint8_t key[WEB_MAC_SIZE];
    struct right right[WEB_USERS_MAX];
    struct web_limit limit;
};

int web_auth_new(struct web_auth **ret_auth, const struct web_file *file)
{
    struct web_auth *auth = calloc(1, sizeof(*auth));
    if (!auth)
        return -ENOMEM;
    auth->file = file;
    if (gnutls_rnd(GNUTLS_RND_KEY, auth->key, sizeof(auth->key)) < 0) {
        free(auth);
        return -EIO;
    }
    *ret_auth = auth;
    return 0;
}

struct web_auth *web_auth_free(struct web_auth *auth)
{
    if (auth)
        explicit_bzero(auth, sizeof(*auth));
    free(auth);
    return NULL;
}

/* ---- Credentials ---- */

void web_credentials_wipe(struct web_credentials *credentials)
{
    explicit_bzero(credentials, sizeof(*credentials));
}

/* name:password */
static bool split(struct web_credentials *ret, const char *text, size_t length)
{
    const char *colon = memchr(text, ':', length);
    size_t name = colon ? (size_t)(colon - text) : length;
    if (name >= sizeof(ret->name) || length - name - 1 >= sizeof(ret->password) ||
        memchr(text, '\0', length))
        return false;
    *ret = (struct web_credentials){.name = ""};
    memcpy(ret->name, text, name);
    memcpy(ret->password, colon + 1, length - name - 1);
    return true;
}

bool web_credentials_read(struct web_credentials *ret, const char *header)
{
    static const char scheme[] = "Basic ";
    if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0)
        return false;
    header += strlen(scheme);
    header += strspn(header, " ");
    size_t length = strlen(header);
    if (length == 0 || length > 2 * (size_t)(WEB_NAME_MAX + WEB_PASSWORD_MAX))
        return false;
    const gnutls_datum_t encoded = {.data = (unsigned char *)header, .size = (unsigned)length};
    gnutls_datum_t decoded = {.data = NULL};
    if (gnutls_base64_decode2(&encoded, &decoded) < 0)
        return false;
    bool is_right = decoded.size > 0 && split(ret, (const char *)decoded.data, decoded.size);
    if (decoded.size > 0)
        explicit_bzero(decoded.data, decoded.size);
    gnutls_free(decoded.data);
    return is_right;
}

/* ---- Hashes ---- */

/* false: GnuTLS refuses. */
static bool make_mac(const struct web_auth *auth, const struct web_credentials *credentials,
                     uint8_t ret_mac[WEB_MAC_SIZE])
{
    return gnutls_hmac_fast(GNUTLS_MAC_SHA256, auth->key, sizeof(auth->key), credentials,
                            sizeof(*credentials), ret_mac) >= 0;
}

static bool same(const void *a, const void *b, size_t size)
{
    return gnutls_memcmp(a, b, size) == 0;
}

/* Compares with all, so that the time does not tell which. Who is unknown is given the hash of
 * somebody, always the same one: its cost is then one that a user has. */
static void find_user(const struct web_auth *auth, const struct web_credentials *credentials,
                      struct web_attempt *attempt)
{
    struct web_credentials nameless = {.name = ""};
    uint8_t mac[WEB_MAC_SIZE] = {0};
    memcpy(nameless.name, credentials->name, sizeof(nameless.name));
    (void)make_mac(auth, &nameless, mac);
    attempt->user = (mac[0] | (size_t)mac[1] << 8) % auth->file->n_users;
    attempt->known = false;
    for (size_t i = 0; i < auth->file->n_users; i++) {
        bool found = same(credentials->name, auth->file->users[i].name, WEB_NAME_MAX);
        attempt->user = found ? i : attempt->user;
        attempt->known |= found;
    }
}

enum web_auth_answer web_auth_ask(struct web_auth *auth, const struct web_credentials *credentials,
                                  uint64_t address, uint64_t now_ns,
                                  struct web_attempt *ret_attempt)
{
    if (!web_limit_admits(&auth->limit, address, now_ns))
        return WEB_AUTH_LIMITED;
    struct web_attempt *attempt = ret_attempt;
    find_user(auth, credentials, attempt);
    const struct right *right = &auth->right[attempt->user];
    bool has_mac = make_mac(auth, credentials, attempt->mac);
    bool is_right = has_mac & right->known & same(attempt->mac, right->mac, WEB_MAC_SIZE);
    if (is_right && attempt->known) {
        web_limit_trust(&auth->limit, address, now_ns, false);
        return WEB_AUTH_RIGHT;
    }
    web_limit_count(&auth->limit, address, now_ns);
    attempt->credentials = *credentials;
    attempt->address = address;
    attempt->matches = false;
    memcpy(attempt->hash, auth->file->users[attempt->user].hash, WEB_HASH_MAX);
    return WEB_AUTH_HASH;
}

static bool matches(const char *password, const char *hash)
{
    CLEANUP(free_p) struct crypt_data *data = calloc(1, sizeof(*data));
    if (!data)
        return false;
    /* Of libxcrypt. crypt_r() would be that of libasan in a build with sanitizers. */
    const char *made = crypt_rn(password, hash, data, sizeof(*data));
    bool equal = made && strlen(made) == WEB_HASH_MAX - 1 && same(made, hash, WEB_HASH_MAX);
    explicit_bzero(data, sizeof(*data));
    return equal;
}

void web_auth_hash(struct web_attempt *attempt)
{
    attempt->matches = matches(attempt->credentials.password, attempt->hash);
    explicit_bzero(attempt->credentials.password, sizeof(attempt->credentials.password));
}

bool web_auth_judge(struct web_auth *auth, const struct web_attempt *attempt, uint64_t now_ns)
{
    if (!(attempt->matches & attempt->known))
        return false;
    struct right *right = &auth->right[attempt->user];
    memcpy(right->mac, attempt->mac, WEB_MAC_SIZE);
    right->known = true;
    web_limit_trust(&auth->limit, attempt->address, now_ns, true);
    return true;
}

bool web_auth_works(void)
{
    /* of the empty password, by the least cost */
    return matches("", "$2y$04$......................w74bL5gU7LSJClZClCa.Pkz14aTv/XO");
}
