/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/exporter_http.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <time.h>

#include "exporter/clients.h"
#include "exporter/gzip.h"

enum {
    CONNECTIONS = 64,
    TIMEOUT_S = 10,
    MEMORY = 16 << 10,
    ACCEPTS = 16, /* in a row, before others have their turn */
    LOG_MAX = 256,
};

/* libmicrohttpd's names for these vary from release to release. */
enum {
    STATUS_OK = 200,
    STATUS_NOT_FOUND = 404,
    STATUS_NOT_ALLOWED = 405,
    STATUS_TOO_LARGE = 413,
    STATUS_UNAVAILABLE = 503
};

/* An answer that was made, for one edition. */
struct cached {
    struct MHD_Response *response;
    uint64_t edition;
};

struct exporter_http {
    struct exporter *exporter;
    struct MHD_Daemon *daemon;
    sd_event_source *io;
    sd_event_source *timer;
    sd_event_source **listeners;
    size_t n_listeners;
    struct clients clients;
    struct cached cache[EXPORTER_BODIES][2]; /* plain, gzip */
    void (*log)(void *userdata, const char *message);
    void *userdata;
};

static void report(const struct exporter_http *http, const char *message)
{
    if (http->log)
        http->log(http->userdata, message);
}

/* ---- Answers ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static struct MHD_Response *new_response(const char *bytes, size_t length, const char *type)
{
    /* libmicrohttpd copies; its parameter is not const for the sake of other modes. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)bytes, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return NULL;
    add_header(response, "Content-Type", type);
    add_header(response, "Cache-Control", "no-store");
    add_header(response, "X-Content-Type-Options", "nosniff");
    return response;
}

static enum MHD_Result answer_line(struct MHD_Connection *connection, unsigned status,
                                   const char *text)
{
    char line[LOG_MAX];
    int length = snprintf(line, sizeof(line), "%s\n", text);
    struct MHD_Response *response =
        new_response(line, MIN((size_t)length, sizeof(line) - 1), "text/plain; charset=utf-8");
    if (!response)
        return MHD_NO;
    if (status == STATUS_NOT_ALLOWED)
        add_header(response, "Allow", "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void add_body_headers(struct MHD_Response *response, enum exporter_body body, bool gzip)
{
    if (gzip)
        add_header(response, "Content-Encoding", "gzip");
    if (body != EXPORTER_PAGE) {
        add_header(response, "Vary", "Accept, Accept-Encoding");
        return;
    }
    add_header(response, "Vary", "Accept-Encoding");
    add_header(response, "Content-Security-Policy",
               "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
               "form-action 'none'; frame-ancestors 'none'");
    add_header(response, "Referrer-Policy", "no-referrer");
}

static struct MHD_Response *make_response(struct exporter *exporter, enum exporter_body body,
                                          bool gzip)
{
    const struct text *text = NULL;
    if (exporter_render(exporter, body, &text) < 0)
        return NULL;
    const char *type = body == EXPORTER_PAGE
                           ? "text/html; charset=utf-8"
                           : exposition_content_type((enum exposition_format)body);
    CLEANUP(free_p) char *packed = NULL;
    size_t length = text->length;
    bool is_packed = gzip && gzip_compress(text->data, text->length, &packed, &length) == 0;
    struct MHD_Response *response = new_response(is_packed ? packed : text->data, length, type);
    if (response)
        add_body_headers(response, body, is_packed);
    return response;
}

/* The answer of this edition, made at most once. A client that still reads an older one keeps that:
 * responses are counted. */
static struct MHD_Response *cached_response(struct exporter_http *http, enum exporter_body body,
                                            bool gzip)
{
    struct cached *cached = &http->cache[body][gzip];
    uint64_t edition = exporter_edition(http->exporter);
    if (cached->response && cached->edition == edition)
        return cached->response;
    struct MHD_Response *response = make_response(http->exporter, body, gzip);
    if (!response)
        return NULL;
    if (cached->response)
        MHD_destroy_response(cached->response);
    *cached = (struct cached){response, edition};
    return response;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result answer_body(struct exporter_http *http, struct MHD_Connection *connection,
                                   enum exporter_body body)
{
    bool gzip = exposition_accepts_gzip(header(connection, "Accept-Encoding"));
    struct MHD_Response *response = cached_response(http, body, gzip);
    if (!response)
        return answer_line(connection, STATUS_UNAVAILABLE, "out of memory");
    return MHD_queue_response(connection, STATUS_OK, response);
}

static enum MHD_Result answer_health(struct exporter_http *http, struct MHD_Connection *connection)
{
    const char *trouble = exporter_trouble(http->exporter);
    return answer_line(connection, trouble ? STATUS_UNAVAILABLE : STATUS_OK,
                       trouble ? trouble : "ok");
}

static enum MHD_Result answer(struct exporter_http *http, struct MHD_Connection *connection,
                              const char *path)
{
    (void)exporter_drain(http->exporter);
    if (str_equal(path, "/metrics"))
        return answer_body(http, connection,
                           (enum exporter_body)exposition_negotiate(header(connection, "Accept")));
    if (str_equal(path, "/healthz"))
        return answer_health(http, connection);
    if (str_equal(path, "/"))
        return answer_body(http, connection, EXPORTER_PAGE);
    return answer_line(connection, STATUS_NOT_FOUND, "not found: try /metrics, /healthz or /");
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *length = header(connection, "Content-Length");
    return header(connection, "Transfer-Encoding") || (length && !str_equal(length, "0"));
}

/* Called first when the headers are there, and again when the (empty) body is. An answer at the
 * first call closes the connection: right for what must not go on. */
static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **request)
{
    static int seen;
    (void)version;
    (void)upload;
    bool has_upload = *upload_size != 0;
    *upload_size = 0;
    if (*request == &seen && !has_upload)
        return answer(userdata, connection, path);
    if (!str_equal(method, "GET") && !str_equal(method, "HEAD"))
        return answer_line(connection, STATUS_NOT_ALLOWED, "GET and HEAD only");
    if (*request == &seen || has_body(connection))
        return answer_line(connection, STATUS_TOO_LARGE, "a request here has no body");
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
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED && info)
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
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t usec = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    int result = sd_event_source_set_time(http->timer, usec + milliseconds * 1000);
    return result < 0 ? result : sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source;
    (void)fd;
    (void)events;
    return run(userdata);
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
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
        http, MHD_OPTION_EXTERNAL_LOGGER, on_log, http, MHD_OPTION_CONNECTION_LIMIT,
        2 * connections, MHD_OPTION_CONNECTION_TIMEOUT, timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        http, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, http, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
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
        http->exporter = exporter;
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
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    for (size_t body = 0; body < EXPORTER_BODIES; body++)
        for (size_t gzip = 0; gzip < 2; gzip++)
            if (http->cache[body][gzip].response)
                MHD_destroy_response(http->cache[body][gzip].response);
    clients_done(&http->clients);
    free(http->listeners);
    free(http);
    return NULL;
}
