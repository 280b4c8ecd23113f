/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_guard.h"

#include <netdb.h>

#include "core/text.h"
#include "exporter/http/clients.h"
#include "exporter/web/web_auth.h"
#include "exporter/web/web_tls.h"
#include "shell/log.h"
#include "threads/clock.h"

/* Who comes later is told so at once: waiting for more hashes would take a busy machine long. */
enum { SLEEPERS_MAX = 8 };

/* A connection that sleeps until its password is hashed. */
struct sleeper {
    struct chore chore; /* first: the chore is the sleeper's */
    struct web_attempt attempt;
    struct MHD_Connection *connection; /* NULL: nobody */
    bool hashed;
};

struct web_guard {
    const struct web *web;
    struct web_auth *auth; /* NULL: no password is asked */
    struct chores *chores;
    sd_event_source *io;
    void (*woken)(void *userdata);
    void *userdata;
    struct sleeper sleepers[SLEEPERS_MAX];
};

/* ---- Passwords ---- */

static struct sleeper *find_sleeper(struct web_guard *guard,
                                    const struct MHD_Connection *connection)
{
    for (size_t i = 0; i < SLEEPERS_MAX; i++)
        if (guard->sleepers[i].connection == connection)
            return &guard->sleepers[i];
    return NULL;
}

static void forget(struct web_guard *guard, struct sleeper *sleeper)
{
    chores_withdraw(guard->chores, &sleeper->chore);
    explicit_bzero(sleeper, sizeof(*sleeper));
}

/* The next connection may have the same address in memory: it must not be taken for this one. */
void web_guard_leave(struct web_guard *guard, const struct MHD_Connection *connection)
{
    struct sleeper *sleeper = guard ? find_sleeper(guard, connection) : NULL;
    if (sleeper)
        forget(guard, sleeper);
}

/* Helper thread. */
static void hash(struct chore *chore)
{
    web_auth_hash(&((struct sleeper *)chore)->attempt);
}

static int on_hashed(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct web_guard *guard = userdata;
    (void)source;
    (void)fd;
    (void)events;
    for (struct chore *chore; (chore = chores_take(guard->chores));) {
        struct sleeper *sleeper = (struct sleeper *)chore;
        sleeper->hashed = true;
        MHD_resume_connection(sleeper->connection);
    }
    guard->woken(guard->userdata);
    return 0;
}

static const struct sockaddr *address_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

/* The same key for all that have no address: on a socket of this machine. */
static uint64_t key_of(struct MHD_Connection *connection)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    const struct sockaddr *address = address_of(connection);
    if (address && address->sa_family == AF_INET)
        memcpy(&storage, address, sizeof(struct sockaddr_in));
    else if (address && address->sa_family == AF_INET6)
        memcpy(&storage, address, sizeof(struct sockaddr_in6));
    return clients_address(&storage, sizeof(storage));
}

/* Names that are nobody's are not told: people type passwords there. */
static void log_wrong(struct MHD_Connection *connection, const struct web_attempt *attempt)
{
    char host[NI_MAXHOST] = "a local socket";
    const struct sockaddr *address = address_of(connection);
    socklen_t length = address && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                 : sizeof(struct sockaddr_in);
    if (address && (address->sa_family == AF_INET || address->sa_family == AF_INET6))
        (void)getnameinfo(address, length, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
    if (attempt->known)
        log_notice("http: wrong password for user '%s' from %s", attempt->credentials.name, host);
    else
        log_notice("http: unknown user from %s", host);
}

static enum web_verdict wake(struct web_guard *guard, struct sleeper *sleeper)
{
    if (!sleeper->hashed)
        return WEB_WAIT;
    bool right = web_auth_judge(guard->auth, &sleeper->attempt, clock_mono_ns());
    if (!right)
        log_wrong(sleeper->connection, &sleeper->attempt);
    explicit_bzero(sleeper, sizeof(*sleeper));
    return right ? WEB_PASS : WEB_UNKNOWN;
}

static enum web_verdict ask(struct web_guard *guard, struct MHD_Connection *connection,
                            const struct web_credentials *credentials)
{
    struct sleeper *sleeper = find_sleeper(guard, NULL);
    struct web_attempt attempt;
    enum web_auth_answer answer =
        web_auth_ask(guard->auth, credentials, key_of(connection), clock_mono_ns(),
                     sleeper ? &sleeper->attempt : &attempt);
    if (answer == WEB_AUTH_RIGHT)
        return WEB_PASS;
    if (answer == WEB_AUTH_LIMITED || !sleeper) {
        explicit_bzero(&attempt, sizeof(attempt));
        return WEB_LIMITED;
    }
    sleeper->connection = connection;
    sleeper->hashed = false;
    sleeper->chore.work = hash;
    chores_post(guard->chores, &sleeper->chore);
    return WEB_WAIT;
}

static enum MHD_Result count_authorization(void *userdata, enum MHD_ValueKind kind,
                                           const char *name, const char *value)
{
    (void)kind;
    (void)value;
    *(size_t *)userdata += strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0;
    return MHD_YES;
}

/* NULL: none, or more than one. Of two, who stands in front may have looked at the other. */
static const char *authorization_of(struct MHD_Connection *connection)
{
    size_t n = 0;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_authorization, &n);
    return n == 1 ? MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                                MHD_HTTP_HEADER_AUTHORIZATION)
                  : NULL;
}

enum web_verdict web_guard_judge(struct web_guard *guard, struct MHD_Connection *connection)
{
    if (!guard || !guard->auth)
        return WEB_PASS;
    struct sleeper *sleeper = find_sleeper(guard, connection);
    if (sleeper)
        return wake(guard, sleeper);
    struct web_credentials credentials;
    if (!web_credentials_read(&credentials, authorization_of(connection)))
        return WEB_UNKNOWN;
    enum web_verdict verdict = ask(guard, connection, &credentials);
    web_credentials_wipe(&credentials);
    return verdict;
}

/* ---- Certificates ---- */

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? (gnutls_session_t)info->tls_session : NULL;
}

void web_guard_meet(struct web_guard *guard, struct MHD_Connection *connection)
{
    gnutls_session_t session =
        guard && web_is_encrypted(guard->web) ? session_of(connection) : NULL;
    if (session)
        web_tls_begin(guard->web, session);
}

/* The handshake has refused others already; it must not depend on that alone. */
bool web_guard_accepts(struct web_guard *guard, struct MHD_Connection *connection)
{
    if (!guard || !web_is_encrypted(guard->web))
        return true;
    gnutls_session_t session = session_of(connection);
    return session && web_tls_accepts(guard->web, session);
}

unsigned web_guard_flags(const struct web *web)
{
    return (web_is_encrypted(web) ? MHD_USE_TLS : 0) |
           (web_asks_password(web) ? MHD_ALLOW_SUSPEND_RESUME : 0);
}

void web_guard_options(const struct web *web,
                       struct MHD_OptionItem ret_options[WEB_GUARD_OPTIONS_MAX])
{
    size_t n = 0;
    if (web_is_encrypted(web)) {
        ret_options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, web->key};
        ret_options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, web->cert};
        ret_options[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (char *)web->priorities};
        if (web->client_ca)
            ret_options[n++] =
                (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, web->client_ca};
    }
    ret_options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

/* ---- Life ---- */

int web_guard_new(struct web_guard **ret_guard, sd_event *event,
                  const struct web_guard_options *options)
{
    *ret_guard = NULL;
    if (!options->web)
        return 0;
    if (web_is_encrypted(options->web) && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return log_errno(LOG_ERR, -EOPNOTSUPP, "the libmicrohttpd of this machine has no TLS");
    if (web_asks_password(options->web) && !options->chores)
        return -EINVAL;
    struct web_guard *guard = calloc(1, sizeof(*guard));
    if (!guard)
        return -ENOMEM;
    guard->web = options->web;
    guard->chores = options->chores;
    guard->woken = options->woken;
    guard->userdata = options->userdata;
    int r = 0;
    if (web_asks_password(guard->web)) {
        r = web_auth_new(&guard->auth, &guard->web->file);
        if (r >= 0)
            r = sd_event_add_io(event, &guard->io, chores_done_fd(guard->chores), EPOLLIN,
                                on_hashed, guard);
    }
    if (r < 0) {
        (void)web_guard_free(guard);
        return r;
    }
    *ret_guard = guard;
    return 0;
}

struct web_guard *web_guard_free(struct web_guard *guard)
{
    if (!guard)
        return NULL;
    (void)sd_event_source_disable_unref(guard->io);
    for (size_t i = 0; i < SLEEPERS_MAX; i++) {
        struct sleeper *sleeper = &guard->sleepers[i];
        struct MHD_Connection *connection = sleeper->connection;
        bool sleeps = connection && !sleeper->hashed;
        if (connection)
            forget(guard, sleeper);
        if (sleeps)
            MHD_resume_connection(connection);
    }
    guard->auth = web_auth_free(guard->auth);
    free(guard);
    return NULL;
}
