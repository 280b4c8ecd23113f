/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/http/responses.h"

#include "exporter/gzip.h"

enum { LINE_MAX_BYTES = 256 };

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static struct MHD_Response *new_response(const struct responses *responses, const char *bytes,
                                         size_t length, const char *type)
{
    /* libmicrohttpd copies; its parameter is not const for the sake of other modes. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)bytes, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return NULL;
    add_header(response, "Content-Type", type);
    add_header(response, "Cache-Control", "no-store");
    add_header(response, "X-Content-Type-Options", "nosniff");
    for (size_t i = 0; responses->web && i < WEB_HEADERS; i++)
        if (responses->web->file.headers[i][0] != '\0')
            add_header(response, web_header_name((enum web_header)i),
                       responses->web->file.headers[i]);
    return response;
}

enum MHD_Result responses_line(const struct responses *responses, struct MHD_Connection *connection,
                               unsigned status, const char *text)
{
    char line[LINE_MAX_BYTES];
    int length = snprintf(line, sizeof(line), "%s\n", text);
    struct MHD_Response *response = new_response(
        responses, line, MIN((size_t)length, sizeof(line) - 1), "text/plain; charset=utf-8");
    if (!response)
        return MHD_NO;
    if (status == STATUS_NOT_ALLOWED)
        add_header(response, "Allow", "GET, HEAD");
    if (status == STATUS_UNAUTHORIZED)
        add_header(response, "WWW-Authenticate", "Basic realm=\"greend\", charset=\"UTF-8\"");
    if (status == STATUS_TOO_MANY)
        add_header(response, "Retry-After", "5");
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

static struct MHD_Response *make_response(const struct responses *responses,
                                          enum exporter_body body, bool gzip)
{
    const struct text *text = NULL;
    if (exporter_render(responses->exporter, body, &text) < 0)
        return NULL;
    const char *type = body == EXPORTER_PAGE
                           ? "text/html; charset=utf-8"
                           : exposition_content_type((enum exposition_format)body);
    CLEANUP(free_p) char *packed = NULL;
    size_t length = text->length;
    bool is_packed = gzip && gzip_compress(text->data, text->length, &packed, &length) == 0;
    struct MHD_Response *response =
        new_response(responses, is_packed ? packed : text->data, length, type);
    if (response)
        add_body_headers(response, body, is_packed);
    return response;
}

/* The answer of this edition, made at most once. A client that still reads an older one keeps that:
 * responses are counted. */
static struct MHD_Response *cached_response(struct responses *responses, enum exporter_body body,
                                            bool gzip)
{
    struct response_cached *cached = &responses->cache[body][gzip];
    uint64_t edition = exporter_edition(responses->exporter);
    if (cached->response && cached->edition == edition)
        return cached->response;
    struct MHD_Response *response = make_response(responses, body, gzip);
    if (!response)
        return NULL;
    if (cached->response)
        MHD_destroy_response(cached->response);
    *cached = (struct response_cached){response, edition};
    return response;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result answer_body(struct responses *responses, struct MHD_Connection *connection,
                                   enum exporter_body body)
{
    bool gzip = exposition_accepts_gzip(header(connection, "Accept-Encoding"));
    struct MHD_Response *response = cached_response(responses, body, gzip);
    if (!response)
        return responses_line(responses, connection, STATUS_UNAVAILABLE, "out of memory");
    return MHD_queue_response(connection, STATUS_OK, response);
}

static enum MHD_Result answer_health(struct responses *responses, struct MHD_Connection *connection)
{
    const char *trouble = exporter_trouble(responses->exporter);
    return responses_line(responses, connection, trouble ? STATUS_UNAVAILABLE : STATUS_OK,
                          trouble ? trouble : "ok");
}

enum MHD_Result responses_answer(struct responses *responses, struct MHD_Connection *connection,
                                 const char *path)
{
    (void)exporter_drain(responses->exporter);
    if (str_equal(path, "/metrics"))
        return answer_body(responses, connection,
                           (enum exporter_body)exposition_negotiate(header(connection, "Accept")));
    if (str_equal(path, "/healthz"))
        return answer_health(responses, connection);
    if (str_equal(path, "/"))
        return answer_body(responses, connection, EXPORTER_PAGE);
    return responses_line(responses, connection, STATUS_NOT_FOUND,
                          "not found: try /metrics, /healthz or /");
}

void responses_done(struct responses *responses)
{
    for (size_t body = 0; body < EXPORTER_BODIES; body++)
        for (size_t gzip = 0; gzip < 2; gzip++)
            if (responses->cache[body][gzip].response)
                MHD_destroy_response(responses->cache[body][gzip].response);
    *responses = (struct responses){.exporter = NULL};
}
