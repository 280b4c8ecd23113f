/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/http/sockets.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "exporter/http/listen.h"
#include "shell/log.h"

enum { ADDRESS_MAX = sizeof(struct settings_listen) + sizeof("[]:") };

/* Where a socket listens, as [http] listen= writes it. */
struct place {
    struct settings_listen at;
    bool known; /* it is a TCP socket with an address */
    bool local; /* only this machine reaches it */
};

static bool is_any(const char *host)
{
    return *host == '\0' || str_equal(host, "::") || str_equal(host, "0.0.0.0");
}

/* [http] listen= knows IPv6 by its colons. */
static void write_address(const struct settings_listen *at, char *ret, size_t size)
{
    (void)snprintf(ret, size, strchr(at->host, ':') ? "[%s]:%s" : "%s:%s", at->host, at->port);
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    switch (address->ss_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        return ntohl(v4->sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
    case AF_INET6:
        return IN6_IS_ADDR_LOOPBACK(v6) ||
               (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
    default:
        return false;
    }
}

static struct place find_place(int fd)
{
    struct place place = {0};
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    bool named = getsockname(fd, (struct sockaddr *)&address, &length) == 0;
    place.local = named && is_loopback(&address);
    place.known =
        named && (address.ss_family == AF_INET || address.ss_family == AF_INET6) &&
        getnameinfo((struct sockaddr *)&address, length, place.at.host, sizeof(place.at.host),
                    place.at.port, sizeof(place.at.port), NI_NUMERICHOST | NI_NUMERICSERV) == 0;
    return place;
}

/* The port may have been chosen by the kernel. */
static void log_place(const struct place *place, bool encrypted)
{
    char address[ADDRESS_MAX];
    write_address(&place->at, address, sizeof(address));
    if (place->known)
        log_info("listening on %s://%s/", encrypted ? "https" : "http", address);
    else
        log_info("listening on a socket given by the service manager");
}

/* ---- Sockets of the service manager ---- */

static size_t inherit(int fds[SETTINGS_LISTEN_MAX])
{
    size_t n = 0;
    int given = sd_listen_fds(0);
    for (int i = 0; i < given && n < SETTINGS_LISTEN_MAX; i++) {
        int fd = fcntl(SD_LISTEN_FDS_START + i, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0)
            fds[n++] = fd;
    }
    return n;
}

static bool is_served(const struct settings_listen *wanted, const int fds[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct place place = find_place(fds[i]);
        bool same_host = str_equal(place.at.host, wanted->host) ||
                         (is_any(place.at.host) && is_any(wanted->host));
        if (place.known && same_host && str_equal(place.at.port, wanted->port))
            return true;
    }
    return false;
}

/* Nobody has to have asked for it. */
static bool is_default(const struct settings *settings)
{
    return settings->n_listen == 1 && str_equal(settings->listen[0].host, "127.0.0.1") &&
           str_equal(settings->listen[0].port, "9841");
}

/* The operator's wish is not met, and must not be lost in silence. */
static void warn_about_wishes(const struct settings *settings, const int fds[], size_t n)
{
    if (settings->n_listen == 0)
        log_warning("[http] listen=off has no effect: the service manager holds a socket for "
                    "greend. To serve no metrics: systemctl mask --now greend.socket, then "
                    "systemctl restart greend");
    for (size_t i = 0; i < settings->n_listen && !is_default(settings); i++) {
        char address[ADDRESS_MAX];
        write_address(&settings->listen[i], address, sizeof(address));
        if (!is_served(&settings->listen[i], fds, n))
            log_warning("[http] listen=%s has no effect: the service manager holds the sockets. "
                        "To listen there: systemctl edit greend.socket (ListenStream=), then "
                        "systemctl restart greend",
                        address);
    }
}

/* ---- Sockets of our own ---- */

static void complain(const char *address, int error)
{
    if (error == -EAFNOSUPPORT)
        (void)log_errno(LOG_WARNING, error,
                        "cannot listen on [http] listen=%s: metrics are not served there; in "
                        "greend.service they are served through greend.socket: systemctl status "
                        "greend.socket says why it gave none",
                        address);
    else
        (void)log_errno(LOG_WARNING, error,
                        "cannot listen on [http] listen=%s: metrics are not served there; free "
                        "the port or choose another",
                        address);
}

static size_t open_own(const struct settings *settings, int fds[SETTINGS_LISTEN_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < settings->n_listen; i++) {
        char address[ADDRESS_MAX];
        write_address(&settings->listen[i], address, sizeof(address));
        int fd = listen_open(address);
        if (fd >= 0)
            fds[n++] = fd;
        else
            complain(address, fd);
    }
    return n;
}

/* ---- Who can listen in ---- */

/* Whether a socket may be served. */
static bool admit(const struct settings *settings, const struct place *place, bool encrypted)
{
    char address[ADDRESS_MAX] = "a socket of the service manager";
    if (encrypted || place->local)
        return true;
    if (place->known)
        write_address(&place->at, address, sizeof(address));
    if (settings->allow_cleartext) {
        log_warning("%s is reached from beyond this machine in clear text, as [http] "
                    "allow_cleartext=yes allows: who is on the way reads which services run, and "
                    "passwords",
                    address);
        return true;
    }
    log_error("%s is reached from beyond this machine and would be in clear text: metrics are not "
              "served there. Encrypt them by [http] web_file= with tls_server_config, listen on "
              "127.0.0.1 or [::1], or allow it by [http] allow_cleartext=yes",
              address);
    return false;
}

size_t sockets_open(const struct settings *settings, bool encrypted,
                    int ret_fds[SETTINGS_LISTEN_MAX])
{
    size_t served = 0;
    size_t n = inherit(ret_fds);
    if (n > 0)
        warn_about_wishes(settings, ret_fds, n);
    else
        n = open_own(settings, ret_fds);
    for (size_t i = 0; i < n; i++) {
        struct place place = find_place(ret_fds[i]);
        if (!admit(settings, &place, encrypted)) {
            (void)close(ret_fds[i]);
            continue;
        }
        log_place(&place, encrypted);
        ret_fds[served++] = ret_fds[i];
    }
    return served;
}
