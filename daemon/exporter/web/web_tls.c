/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_tls.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <stdarg.h>

#include "greend/language.h"

/* ---- The server's certificate ---- */

static gnutls_datum_t datum_of(const char *pem)
{
    return (gnutls_datum_t){.data = (unsigned char *)pem, .size = (unsigned)strlen(pem)};
}

static void free_credentials_p(gnutls_certificate_credentials_t *credentials)
{
    if (*credentials)
        gnutls_certificate_free_credentials(*credentials);
}

static void free_certificate_p(gnutls_x509_crt_t *certificate)
{
    if (*certificate)
        gnutls_x509_crt_deinit(*certificate);
}

static void free_key_p(gnutls_x509_privkey_t *key)
{
    if (*key)
        gnutls_x509_privkey_deinit(*key);
}

/* A GnuTLS of 32 bits may have been built with times of 32 bits, as Debian's for i386 is: the upper
 * half of what greend sees then is left to chance. The lower one is right until 2106. */
static int64_t certificate_time(time_t time)
{
    uint32_t low = (uint32_t)time;
    if (sizeof(void *) > sizeof(low))
        return time;
    return low == UINT32_MAX ? -1 : (int64_t)low;
}

/* The first of the file is the server's own. */
static int check_certificate(struct web *web)
{
    CLEANUP(free_certificate_p) gnutls_x509_crt_t certificate = NULL;
    const gnutls_datum_t pem = datum_of(web->cert);
    int r = gnutls_x509_crt_init(&certificate);
    if (r >= 0)
        r = gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM);
    if (r < 0)
        return r;
    web->cert_begin_s = certificate_time(gnutls_x509_crt_get_activation_time(certificate));
    web->cert_end_s = certificate_time(gnutls_x509_crt_get_expiration_time(certificate));
    return 0;
}

static int check_key(const struct web *web)
{
    CLEANUP(free_key_p) gnutls_x509_privkey_t key = NULL;
    const gnutls_datum_t pem = datum_of(web->key);
    int r = gnutls_x509_privkey_init(&key);
    return r < 0 ? r : gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
}

static void set_priorities(struct web *web)
{
    const struct web_tls_options *tls = &web->file.tls;
    (void)snprintf(web->priorities, sizeof(web->priorities), "NORMAL:-VERS-ALL%s%s%s",
                   tls->max_version >= 13 ? ":+VERS-TLS1.3" : "",
                   tls->min_version <= 12 ? ":+VERS-TLS1.2" : "",
                   tls->client_chooses_cipher ? "" : ":%SERVER_PRECEDENCE");
}

static int check_priorities(const struct web *web)
{
    gnutls_priority_t priority = NULL;
    int r = gnutls_priority_init(&priority, web->priorities, NULL);
    if (r >= 0)
        gnutls_priority_deinit(priority);
    return r;
}

__attribute__((format(printf, 4, 5))) static int fail(const char **ret_file, char *ret_error,
                                                      const char *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(ret_error, WEB_TLS_ERROR_MAX, format, arguments);
    va_end(arguments);
    *ret_file = file;
    return -EINVAL;
}

int web_tls_check(struct web *web, const char **ret_file, char ret_error[WEB_TLS_ERROR_MAX])
{
    const struct web_tls_options *tls = &web->file.tls;
    CLEANUP(free_credentials_p) gnutls_certificate_credentials_t credentials = NULL;
    int r = check_certificate(web);
    if (r < 0)
        return fail(ret_file, ret_error, tls->cert_file,
                    _("expected a certificate in PEM, '-----BEGIN CERTIFICATE-----': %s"),
                    gnutls_strerror(r));
    r = check_key(web);
    if (r == GNUTLS_E_DECRYPTION_FAILED)
        return fail(ret_file, ret_error, tls->key_file,
                    _("the key is encrypted with a password: expected one without, as "
                      "'openssl pkey -in KEY -out NEW' writes it"));
    if (r < 0)
        return fail(ret_file, ret_error, tls->key_file,
                    _("expected a private key in PEM, '-----BEGIN PRIVATE KEY-----': %s"),
                    gnutls_strerror(r));
    r = gnutls_certificate_allocate_credentials(&credentials);
    if (r < 0)
        return -ENOMEM;
    const gnutls_datum_t cert = datum_of(web->cert);
    const gnutls_datum_t key = datum_of(web->key);
    r = gnutls_certificate_set_x509_key_mem(credentials, &cert, &key, GNUTLS_X509_FMT_PEM);
    if (r < 0)
        return fail(ret_file, ret_error, tls->key_file,
                    _("expected the key of the certificate in %s, the server's own first: %s"),
                    tls->cert_file, gnutls_strerror(r));
    const gnutls_datum_t trust = datum_of(web->client_ca ? web->client_ca : "");
    if (web->client_ca &&
        gnutls_certificate_set_x509_trust_mem(credentials, &trust, GNUTLS_X509_FMT_PEM) <= 0)
        return fail(ret_file, ret_error, tls->client_ca_file,
                    _("expected certificates in PEM of who signs the clients' certificates"));
    set_priorities(web);
    r = check_priorities(web);
    if (r < 0)
        return fail(
            ret_file, ret_error, tls->cert_file,
            _("this system's policy for GnuTLS forbids the versions of TLS that the web file "
              "asks for: %s"),
            gnutls_strerror(r));
    return 0;
}

/* ---- Clients' certificates ---- */

static bool is_verified(const struct web *web)
{
    return web->file.tls.client_auth == WEB_CLIENT_VERIFY_IF_GIVEN ||
           web->file.tls.client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
}

static bool is_required(const struct web *web)
{
    return web->file.tls.client_auth == WEB_CLIENT_REQUIRE_ANY ||
           web->file.tls.client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
}

static bool is_same_address(const char *bytes, size_t size, const char *wanted)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (size != sizeof(struct in_addr) && size != sizeof(struct in6_addr))
        return false;
    int family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
    return inet_pton(family, wanted, address) == 1 && memcmp(bytes, address, size) == 0;
}

/* GnuTLS counts a NUL of its own or not, from release to release; one within the name is no end. */
static bool is_same_text(const char *name, size_t size, const char *wanted)
{
    size_t length = strlen(wanted);
    bool is_long = size == length || (size == length + 1 && name[length] == '\0');
    return is_long && memcmp(name, wanted, length) == 0;
}

static bool is_same_name(int type, const char *name, size_t size, const char *wanted)
{
    switch (type) {
    case GNUTLS_SAN_IPADDRESS:
        return is_same_address(name, size, wanted);
    case GNUTLS_SAN_DNSNAME:
    case GNUTLS_SAN_RFC822NAME:
    case GNUTLS_SAN_URI:
        return is_same_text(name, size, wanted);
    default:
        return false;
    }
}

static bool has_allowed_name(const struct web_tls_options *tls, gnutls_x509_crt_t certificate)
{
    for (unsigned i = 0;; i++) {
        char name[WEB_SAN_MAX];
        size_t size = sizeof(name);
        int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, NULL);
        if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
            continue; /* longer than any that is allowed */
        if (type < 0)
            return false;
        for (size_t j = 0; j < tls->n_sans; j++)
            if (is_same_name(type, name, size, tls->sans[j]))
                return true;
    }
}

/* The first certificate of the peer's is its own. */
static bool is_allowed(const struct web_tls_options *tls, const gnutls_datum_t *peer)
{
    CLEANUP(free_certificate_p) gnutls_x509_crt_t certificate = NULL;
    return gnutls_x509_crt_init(&certificate) >= 0 &&
           gnutls_x509_crt_import(certificate, peer, GNUTLS_X509_FMT_DER) >= 0 &&
           has_allowed_name(tls, certificate);
}

bool web_tls_accepts(const struct web *web, gnutls_session_t session)
{
    const struct web_tls_options *tls = &web->file.tls;
    unsigned n = 0;
    const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &n);
    if (!peers || n == 0)
        return !is_required(web);
    if (!is_verified(web))
        return true;
    /* gnutls_certificate_verify_peers2() and, as in Go: the certificate has to be a client's. */
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT};
    unsigned status = UINT32_MAX;
    if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) < 0 || status != 0)
        return false;
    return tls->n_sans == 0 || is_allowed(tls, &peers[0]);
}

/* In the handshake: who is refused there is not even asked what it wants. */
static int on_verify(gnutls_session_t session)
{
    const struct web *web = gnutls_db_get_ptr(session);
    return web && web_tls_accepts(web, session) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

void web_tls_begin(const struct web *web, gnutls_session_t session)
{
    if (web->file.tls.client_auth == WEB_CLIENT_NONE)
        return;
    gnutls_certificate_server_set_request(session, is_required(web) ? GNUTLS_CERT_REQUIRE
                                                                    : GNUTLS_CERT_REQUEST);
    /* A session has one more pointer, which libmicrohttpd uses itself. */
    gnutls_db_set_ptr(session, (void *)web);
    gnutls_session_set_verify_function(session, on_verify);
}
