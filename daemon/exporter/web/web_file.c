/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_file.h"

#include "exporter/web/web_reader.h"
#include "greend/language.h"

static struct web_file *file_of(struct web_reader *reader)
{
    return reader->target;
}

/* ---- Users ---- */

/* $2y$12$, then 53 characters. $2x$ is of a faulty implementation. */
static bool is_bcrypt(const char *hash, size_t length, int *ret_cost)
{
    static const char digits[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (length != WEB_HASH_MAX - 1 || hash[0] != '$' || hash[1] != '2' || !strchr("aby", hash[2]) ||
        hash[3] != '$' || !strchr("0123", hash[4]) || hash[5] < '0' || hash[5] > '9' ||
        hash[6] != '$')
        return false;
    *ret_cost = (hash[4] - '0') * 10 + hash[5] - '0';
    return strspn(hash + 7, digits) == length - 7;
}

static bool is_known_user(const struct web_file *file, const char *name)
{
    for (size_t i = 0; i < file->n_users; i++)
        if (str_equal(file->users[i].name, name))
            return true;
    return false;
}

static int read_hash(struct web_reader *reader, struct web_user *user, const char *shown)
{
    const yaml_event_t *event = &reader->event;
    int cost = 0;
    if (!web_is_scalar(reader) ||
        !is_bcrypt((const char *)event->data.scalar.value, event->data.scalar.length, &cost))
        /* What stands there is not shown: it may be the password itself. */
        return web_fail(
            reader, event->start_mark,
            _("the password of '%s': expected its bcrypt hash, 60 characters that begin "
              "with $2y$, as 'htpasswd -nBC 10 NAME' prints behind the colon"),
            shown);
    if (cost < WEB_COST_MIN || cost > WEB_COST_MAX)
        return web_fail(reader, event->start_mark,
                        _("the password of '%s': expected a bcrypt hash of cost %d to %d, got %d: "
                          "each more doubles the time of a check"),
                        shown, WEB_COST_MIN, WEB_COST_MAX, cost);
    (void)str_copy(user->hash, sizeof(user->hash), (const char *)event->data.scalar.value);
    return web_step(reader);
}

static int read_user(struct web_reader *reader)
{
    const yaml_event_t *event = &reader->event;
    struct web_file *file = file_of(reader);
    if (!web_is_scalar(reader) || web_is_empty(reader) || !web_fits(event, WEB_NAME_MAX) ||
        strchr((const char *)event->data.scalar.value, ':'))
        return web_fail(reader, event->start_mark,
                        _("basic_auth_users: expected a user's name of at most %d bytes without a "
                          "colon, and its bcrypt hash"),
                        WEB_NAME_MAX - 1);
    struct web_shown shown = web_show(event);
    if (is_known_user(file, (const char *)event->data.scalar.value))
        return web_fail(reader, event->start_mark, _("%s: expected it once"), shown.text);
    if (file->n_users == WEB_USERS_MAX)
        return web_fail(reader, event->start_mark, _("basic_auth_users: expected at most %d users"),
                        WEB_USERS_MAX);
    struct web_user *user = &file->users[file->n_users];
    (void)str_copy(user->name, sizeof(user->name), (const char *)event->data.scalar.value);
    int r = web_step(reader);
    if (r == 0)
        r = read_hash(reader, user, shown.text);
    file->n_users += r == 0;
    return r;
}

/* Empty is refused: a list that somebody emptied must not open the door to all. */
static int read_users(struct web_reader *reader, const struct web_key *key)
{
    yaml_mark_t mark = reader->event.start_mark;
    int r = 0;
    if (reader->event.type == YAML_MAPPING_START_EVENT) {
        r = web_step(reader);
        while (r == 0 && reader->event.type != YAML_MAPPING_END_EVENT)
            r = read_user(reader);
    } else if (!web_is_empty(reader)) {
        return web_fail(reader, mark, _("%s: expected lines NAME: HASH below it"), key->name);
    }
    if (r == 0 && file_of(reader)->n_users == 0)
        return web_fail(reader, mark,
                        _("%s: expected a user; to ask for no password, leave the key out"),
                        key->name);
    return r < 0 ? r : web_step(reader);
}

/* ---- TLS ---- */

/* Empty: what it is by default. */
static int read_client_auth(struct web_reader *reader, const struct web_key *key)
{
    int place = web_choose(reader, key);
    if (place < 0 && !web_is_empty(reader))
        return web_fail_choice(reader, key);
    file_of(reader)->tls.client_auth = (enum web_client_auth)MAX(place, 0);
    return web_step(reader);
}

static int read_version(struct web_reader *reader, const struct web_key *key)
{
    int place = web_choose(reader, key);
    if (place < 0 && !web_is_empty(reader))
        return web_fail_choice(reader, key);
    if (place >= 0)
        *(int *)web_field(reader, key) = 12 + place;
    return web_step(reader);
}

static int read_prefer_server(struct web_reader *reader, const struct web_key *key)
{
    int place = web_choose(reader, key);
    if (place < 0)
        return web_fail_choice(reader, key);
    file_of(reader)->tls.client_chooses_cipher = place % 2 != 0;
    return web_step(reader);
}

/* One word, which changes nothing: greend does nothing else. */
static int read_only(struct web_reader *reader, const struct web_key *key)
{
    return web_choose(reader, key) < 0 ? web_fail_choice(reader, key) : web_step(reader);
}

static int read_sans(struct web_reader *reader, const struct web_key *key)
{
    struct web_tls_options *tls = &file_of(reader)->tls;
    if (web_is_empty(reader))
        return web_step(reader);
    if (reader->event.type != YAML_SEQUENCE_START_EVENT)
        return web_fail(reader, reader->event.start_mark, _("%s: expected %s"), key->name,
                        _(key->expected));
    int r = web_step(reader);
    while (r == 0 && reader->event.type != YAML_SEQUENCE_END_EVENT) {
        const yaml_event_t *event = &reader->event;
        if (!web_is_scalar(reader) || web_is_empty(reader) || !web_fits(event, WEB_SAN_MAX) ||
            tls->n_sans == WEB_SANS_MAX)
            return web_fail(reader, event->start_mark, _("%s: expected %s"), key->name,
                            _(key->expected));
        memcpy(tls->sans[tls->n_sans++], event->data.scalar.value, event->data.scalar.length + 1);
        r = web_step(reader);
    }
    return r < 0 ? r : web_step(reader);
}

/* ---- The file ---- */

/* Not all that is written right makes sense together. */
static int check_tls(struct web_reader *reader, yaml_mark_t mark)
{
    const struct web_tls_options *tls = &file_of(reader)->tls;
    bool verifies = tls->client_auth == WEB_CLIENT_VERIFY_IF_GIVEN ||
                    tls->client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
    if (tls->cert_file[0] == '\0' || tls->key_file[0] == '\0')
        return web_fail(
            reader, mark,
            _("tls_server_config: expected both cert_file and key_file; to serve without "
              "TLS, leave tls_server_config out"));
    if (verifies != (tls->client_ca_file[0] != '\0'))
        return web_fail(
            reader, mark,
            _("tls_server_config: expected client_ca_file together with client_auth_type "
              "RequireAndVerifyClientCert or VerifyClientCertIfGiven, or neither"));
    if (tls->n_sans > 0 && tls->client_auth != WEB_CLIENT_REQUIRE_AND_VERIFY)
        return web_fail(reader, mark,
                        _("tls_server_config: expected client_allowed_sans together with "
                          "client_auth_type RequireAndVerifyClientCert"));
    if (tls->min_version > tls->max_version)
        return web_fail(reader, mark,
                        _("tls_server_config: expected min_version to be at most max_version"));
    return 0;
}

#define TLS_PATH(name)                                                                             \
    .field = offsetof(struct web_file, tls.name), .size = WEB_PATH_MAX,                            \
    .expected = N_("a path of at most 255 bytes")
#define TLS_VERSION(name)                                                                          \
    .field = offsetof(struct web_file, tls.name), .choices = "TLS12 TLS13",                        \
    .expected = N_("TLS12 or TLS13")
#define INLINE                                                                                     \
    .expected =                                                                                    \
        N_("what stands in the file itself is not read: expected it in a file of its own, "        \
           "named by cert_file, key_file or client_ca_file")

static int read_tls(struct web_reader *reader, const struct web_key *key)
{
    /* clang-format off */
    static const struct web_key keys[] = {
        {"cert_file", web_read_text, TLS_PATH(cert_file)},
        {"key_file", web_read_text, TLS_PATH(key_file)},
        {"client_ca_file", web_read_text, TLS_PATH(client_ca_file)},
        {"client_auth_type", read_client_auth,
         .choices = "NoClientCert RequestClientCert RequireAnyClientCert VerifyClientCertIfGiven "
                    "RequireAndVerifyClientCert",
         .expected = N_("NoClientCert, RequestClientCert, RequireAnyClientCert, "
                        "VerifyClientCertIfGiven or RequireAndVerifyClientCert")},
        {"client_allowed_sans", read_sans,
         .expected = N_("a list of at most 16 names, each of at most 255 bytes")},
        {"min_version", read_version, TLS_VERSION(min_version)},
        {"max_version", read_version, TLS_VERSION(max_version)},
        {"prefer_server_cipher_suites", read_prefer_server, .choices = "true false",
         .expected = N_("true or false")},
        {"cipher_suites", web_read_refused,
         .expected = N_("not supported: greend takes the ciphers that GnuTLS holds for safe, within "
                        "the system's policy; leave the key out")},
        {"curve_preferences", web_read_refused,
         .expected = N_("not supported: greend takes the curves that GnuTLS holds for safe, within "
                        "the system's policy; leave the key out")},
        {"cert", web_read_refused, INLINE},
        {"key", web_read_refused, INLINE},
        {"client_ca", web_read_refused, INLINE},
    };
    /* clang-format on */
    yaml_mark_t mark = reader->event.start_mark;
    file_of(reader)->tls.enabled = true;
    int r = web_read_mapping(reader, key->name, keys, ARRAY_SIZE(keys));
    return r < 0 ? r : check_tls(reader, mark);
}

#define HEADER(place)                                                                              \
    .field = offsetof(struct web_file, headers[place]), .size = WEB_HEADER_MAX,                    \
    .expected = N_("a text of at most 511 bytes")

/* clang-format off */
static const struct web_key headers[] = {
    [WEB_HEADER_CONTENT_SECURITY_POLICY] = {"Content-Security-Policy", web_read_text,
                                            HEADER(WEB_HEADER_CONTENT_SECURITY_POLICY)},
    [WEB_HEADER_FRAME_OPTIONS] = {"X-Frame-Options", web_read_text, HEADER(WEB_HEADER_FRAME_OPTIONS)},
    [WEB_HEADER_XSS_PROTECTION] = {"X-XSS-Protection", web_read_text,
                                   HEADER(WEB_HEADER_XSS_PROTECTION)},
    [WEB_HEADER_TRANSPORT_SECURITY] = {"Strict-Transport-Security", web_read_text,
                                       HEADER(WEB_HEADER_TRANSPORT_SECURITY)},
    /* What greend always says. */
    [WEB_HEADERS] = {"X-Content-Type-Options", read_only, .choices = "nosniff",
                     .expected = "nosniff"},
};
/* clang-format on */

const char *web_header_name(enum web_header header)
{
    return headers[header].name;
}

static int read_headers(struct web_reader *reader, const struct web_key *key)
{
    return web_read_mapping(reader, key->name, headers, ARRAY_SIZE(headers));
}

static int read_http(struct web_reader *reader, const struct web_key *key)
{
    /* clang-format off */
    static const struct web_key keys[] = {
        {"http2", read_only, .choices = "false",
         .expected = N_("false, as greend speaks HTTP/1.1 alone")},
        {.name = "headers", .read = read_headers},
    };
    /* clang-format on */
    return web_read_mapping(reader, key->name, keys, ARRAY_SIZE(keys));
}

static int read_stream(struct web_reader *reader)
{
    static const struct web_key keys[] = {
        {.name = "tls_server_config",  .read = read_tls  },
        {.name = "http_server_config", .read = read_http },
        {.name = "basic_auth_users",   .read = read_users},
    };
    int r = web_step(reader);
    if (r == 0)
        r = web_step(reader);
    if (r < 0 || reader->event.type == YAML_STREAM_END_EVENT)
        return r;
    r = web_step(reader);
    if (r == 0)
        r = web_read_mapping(reader, _("the file"), keys, ARRAY_SIZE(keys));
    if (r == 0) /* the end of the document */
        r = web_step(reader);
    if (r == 0 && reader->event.type != YAML_STREAM_END_EVENT)
        return web_fail(reader, reader->event.start_mark,
                        _("expected one document, without '---'"));
    return r;
}

int web_file_parse(const char *bytes, size_t length, struct web_file *ret_file,
                   struct web_file_error *ret_error)
{
    struct web_reader reader = {.line = 0};
    CLEANUP(free_p) struct web_file *file = calloc(1, sizeof(*file));
    *ret_error = (struct web_file_error){.line = 0};
    if (!file || !yaml_parser_initialize(&reader.parser))
        return -ENOMEM;
    file->tls.min_version = 12;
    file->tls.max_version = 13;
    reader.target = file;
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)bytes, length);
    int r = read_stream(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    ret_error->line = reader.line;
    ret_error->column = reader.column;
    (void)str_copy(ret_error->text, sizeof(ret_error->text), reader.error);
    if (r == 0)
        *ret_file = *file;
    return r;
}
