/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/http/exporter_http.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include "exporter/http/clients.h"
#include "exporter/http/responses.h"
#include "exporter/web/web_guard.h"
#include "threads/clock.h"

enum {
    CONNECTIONS = 64,
    TIMEOUT_S = 10,
    MEMORY = 16 << 10,
    ACCEPTS = 16, /* in a row, before others have their turn */
    LOG_MAX = 256,
};

struct exporter_http {
    struct MHD_Daemon *daemon;
    sd_event_source *io;
    sd_event_source *timer;
    sd_event_source **listeners;
    size_t n_listeners;
    struct clients clients;
    struct responses responses;
    struct web_guard *guard;
    void (*log)(void *userdata, const char *message);
    void *userdata;
};

static void report(const struct exporter_http *http, const char *message)
{
    if (http->log)
        http->log(http->userdata, message);
}

/* ---- Requests ---- */

static bool has_body(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") ||
           (length && !str_equal(length, "0"));
}

static enum MHD_Result answer(struct exporter_http *http, struct MHD_Connection *connection,
                              const char *path)
{
    switch (web_guard_judge(http->guard, connection)) {
    case WEB_PASS:
        return responses_answer(&http->responses, connection, path);
    case WEB_WAIT:
        MHD_suspend_connection(connection);
        return MHD_YES;
    case WEB_LIMITED:
        return responses_line(&http->responses, connection, STATUS_TOO_MANY,
                              "too many passwords were tried: wait");
    default:
        return responses_line(&http->responses, connection, STATUS_UNAUTHORIZED,
                              "a user and a password are asked here");
    }
}

/* Called first when the headers are there, and again when the (empty) body is. An answer at the
 * first call closes the connection: right for what must not go on. */
static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **request)
{
    static int seen;
    struct exporter_http *http = userdata;
    (void)version;
    (void)upload;
    bool has_upload = *upload_size != 0;
    *upload_size = 0;
    if (*request == &seen && !has_upload)
        return answer(http, connection, path);
    if (!web_guard_accepts(http->guard, connection))
        return responses_line(&http->responses, connection, STATUS_FORBIDDEN,
                              "a certificate is asked here");
    if (!str_equal(method, "GET") && !str_equal(method, "HEAD"))
        return responses_line(&http->responses, connection, STATUS_NOT_ALLOWED,
                              "GET and HEAD only");
    if (*request == &seen || has_body(connection))
        return responses_line(&http->responses, connection, STATUS_TOO_LARGE,
                              "a request here has no body");
    *request = &seen;
    return MHD_YES;
}

/* Paths are compared as they were sent. */
static size_t leave_escaped(void *userdata, struct MHD_Connection *connection, char *text)
{
    (void)userdata;
    (void)connection;
    return strlen(text);
}

/* ---- Connections ---- */

static void on_connection(void *userdata, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct exporter_http *http = userdata;
    (void)socket_context;
    if (code != MHD_CONNECTION_NOTIFY_CLOSED) {
        web_guard_meet(http->guard, connection);
        return;
    }
    web_guard_leave(http->guard, connection);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info)
        clients_remove(&http->clients, info->connect_fd);
}

/* Lets libmicrohttpd do what is to be done now, and sets the timer for what it wants to do later.
 * Its epoll descriptor does not tell when a connection times out. */
static int run(struct exporter_http *http)
{
    if (MHD_run(http->daemon) != MHD_YES)
        report(http, "HTTP server: an internal step failed");
    MHD_UNSIGNED_LONG_LONG milliseconds = 0;
    if (MHD_get_timeout(http->daemon, &milliseconds) != MHD_YES)
        return sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
    int result =
        sd_event_source_set_time(http->timer, clock_mono_ns() / NS_PER_US + milliseconds * 1000);
    return result < 0 ? result : sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source;
    (void)fd;
    (void)events;
    return run(userdata);
}

static void on_woken(void *userdata)
{
    (void)run(userdata);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    return run(userdata);
}

/* Shuts one connection down; libmicrohttpd then finds its end and closes it. */
static int make_room(struct exporter_http *http)
{
    const struct client *victim = clients_victim(&http->clients);
    if (!victim)
        return -ENOENT;
    int fd = victim->fd;
    (void)shutdown(fd, SHUT_RDWR);
    int result = run(http);
    /* Still there: it must not be chosen again. */
    clients_remove(&http->clients, fd);
    return result;
}

static int add_client(struct exporter_http *http, int fd, const struct sockaddr_storage *address,
                      socklen_t length)
{
    int result = 0;
    if (http->clients.n >= http->clients.limit)
        result = make_room(http);
    clients_add(&http->clients, fd, clients_address(address, length));
    /* Closes the socket itself where it fails. */
    if (MHD_add_connection(http->daemon, fd, (const struct sockaddr *)address, length) != MHD_YES)
        clients_remove(&http->clients, fd);
    return result;
}

static int on_accept(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct exporter_http *http = userdata;
    (void)source;
    (void)events;
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage address = {0};
        socklen_t length = sizeof(address);
        int client =
            accept4(fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client >= 0) {
            int result = add_client(http, client, &address, length);
            if (result < 0)
                return result;
            continue;
        }
        if (errno == EMFILE || errno == ENFILE)
            (void)make_room(http);
        else if (errno == EINTR || errno == ECONNABORTED)
            continue;
        break;
    }
    return run(http);
}

/* ---- Life ---- */

__attribute__((format(printf, 2, 0))) static void on_log(void *userdata, const char *format,
                                                         va_list arguments)
{
    char message[LOG_MAX];
    (void)vsnprintf(message, sizeof(message), format, arguments);
    message[strcspn(message, "\r\n")] = '\0';
    report(userdata, message);
}

static int start_daemon(struct exporter_http *http, const struct exporter_http_options *options)
{
    unsigned connections = (unsigned)http->clients.limit;
    unsigned timeout_s = options->timeout_s ? options->timeout_s : TIMEOUT_S;
    size_t memory = options->memory ? options->memory : MEMORY;
    /* We accept ourselves, and the limit is ours; the library's leaves room for those that were
     * shut down and not yet closed. */
    struct MHD_OptionItem web[WEB_GUARD_OPTIONS_MAX];
    web_guard_options(options->web, web);
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG |
            web_guard_flags(options->web),
        0, NULL, NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_log, http,
        MHD_OPTION_CONNECTION_LIMIT, 2 * connections, MHD_OPTION_CONNECTION_TIMEOUT, timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        http, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, http, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_ARRAY, web, MHD_OPTION_END);
    return http->daemon ? 0 : -ENOMEM;
}

static int watch(struct exporter_http *http, sd_event *event)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info || info->epoll_fd < 0)
        return -EOPNOTSUPP;
    int result = sd_event_add_io(event, &http->io, info->epoll_fd, EPOLLIN, on_ready, http);
    if (result < 0)
        return result;
    result = sd_event_add_time(event, &http->timer, CLOCK_MONOTONIC, 0, 0, on_timeout, http);
    return result < 0 ? result : run(http);
}

static int listen_to(struct exporter_http *http, sd_event *event, int fd)
{
    sd_event_source **listener = &http->listeners[http->n_listeners];
    int flags = fcntl(fd, F_GETFL);
    /* A socket that systemd passes blocks; a client may be gone before accept(2). */
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    int result = sd_event_add_io(event, listener, fd, EPOLLIN, on_accept, http);
    if (result < 0)
        return result;
    http->n_listeners++;
    return sd_event_source_set_io_fd_own(*listener, 1);
}

static int start(struct exporter_http *http, sd_event *event,
                 const struct exporter_http_options *options)
{
    int result =
        clients_init(&http->clients, options->connections ? options->connections : CONNECTIONS);
    http->listeners = calloc(options->n_fds, sizeof(sd_event_source *));
    if (result == 0 && !http->listeners)
        result = -ENOMEM;
    const struct web_guard_options guard = {
        .web = options->web, .chores = options->chores, .woken = on_woken, .userdata = http};
    if (result == 0)
        result = web_guard_new(&http->guard, event, &guard);
    if (result == 0)
        result = start_daemon(http, options);
    if (result == 0)
        result = watch(http, event);
    for (size_t i = 0; i < options->n_fds && result >= 0; i++)
        result = listen_to(http, event, options->fds[i]);
    return result < 0 ? result : 0;
}

int exporter_http_new(struct exporter_http **ret_http, struct exporter *exporter, sd_event *event,
                      const struct exporter_http_options *options)
{
    *ret_http = NULL;
    if (options->n_fds == 0)
        return 0;
    struct exporter_http *http = calloc(1, sizeof(*http));
    int result = http ? 0 : -ENOMEM;
    if (http) {
        http->responses = (struct responses){.exporter = exporter, .web = options->web};
        http->log = options->log;
        http->userdata = options->userdata;
        result = start(http, event, options);
    }
    if (result < 0) {
        size_t taken = http ? http->n_listeners : 0;
        for (size_t i = taken; i < options->n_fds; i++)
            (void)close(options->fds[i]);
        (void)exporter_http_free(http);
        return result;
    }
    *ret_http = http;
    return 0;
}

struct exporter_http *exporter_http_free(struct exporter_http *http)
{
    if (!http)
        return NULL;
    for (size_t i = 0; i < http->n_listeners; i++)
        (void)sd_event_source_disable_unref(http->listeners[i]);
    (void)sd_event_source_disable_unref(http->io);
    (void)sd_event_source_disable_unref(http->timer);
    http->guard = web_guard_free(http->guard);
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    responses_done(&http->responses);
    clients_done(&http->clients);
    free(http->listeners);
    free(http);
    return NULL;
}
