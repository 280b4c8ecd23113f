/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* The web file: YAML that says who may ask for /metrics. */
#include "fuzz.h"

#include "clean.h"
#include "core/text.h"
#include "exporter/web/web_file.h"

/* ---- What may be said of a file ---- */

/* A text that a field holds: it ends within it, in one line. */
static void check_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    REQUIRE(length < size);
    for (size_t i = 0; i < length; i++)
        REQUIRE((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static void check_tls(const struct web_tls_options *tls)
{
    bool verifies = tls->client_auth == WEB_CLIENT_VERIFY_IF_GIVEN ||
                    tls->client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
    check_text(tls->cert_file, sizeof(tls->cert_file));
    check_text(tls->key_file, sizeof(tls->key_file));
    check_text(tls->client_ca_file, sizeof(tls->client_ca_file));
    REQUIRE((unsigned)tls->client_auth <= WEB_CLIENT_REQUIRE_AND_VERIFY);
    REQUIRE(tls->min_version == 12 || tls->min_version == 13);
    REQUIRE(tls->max_version == 12 || tls->max_version == 13);
    REQUIRE(tls->n_sans <= WEB_SANS_MAX);
    for (size_t i = 0; i < tls->n_sans; i++) {
        check_text(tls->sans[i], sizeof(tls->sans[i]));
        REQUIRE(tls->sans[i][0] != '\0');
    }
    if (!tls->enabled)
        return;
    REQUIRE(tls->cert_file[0] != '\0' && tls->key_file[0] != '\0');
    REQUIRE(tls->min_version <= tls->max_version);
    REQUIRE(verifies == (tls->client_ca_file[0] != '\0'));
    REQUIRE(tls->n_sans == 0 || tls->client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY);
}

static void check_user(const struct web_file *file, size_t place)
{
    static const char zeros[WEB_NAME_MAX];
    const struct web_user *user = &file->users[place];
    check_text(user->name, sizeof(user->name));
    size_t length = strlen(user->name);
    REQUIRE(length > 0 && !strchr(user->name, ':'));
    REQUIRE(memcmp(user->name + length, zeros, sizeof(user->name) - length) == 0);
    for (size_t i = 0; i < place; i++)
        REQUIRE(strcmp(file->users[i].name, user->name) != 0);
    REQUIRE(strnlen(user->hash, sizeof(user->hash)) == WEB_HASH_MAX - 1);
    REQUIRE(user->hash[0] == '$' && user->hash[1] == '2' && strchr("aby", user->hash[2]));
    long cost = strtol(user->hash + 4, NULL, 10);
    REQUIRE(user->hash[3] == '$' && user->hash[6] == '$');
    REQUIRE(cost >= WEB_COST_MIN && cost <= WEB_COST_MAX);
    for (const char *c = user->hash + 7; *c; c++)
        REQUIRE((*c >= '.' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z'));
}

static void check_file(const struct web_file *file)
{
    check_tls(&file->tls);
    for (size_t i = 0; i < WEB_HEADERS; i++)
        check_text(file->headers[i], sizeof(file->headers[i]));
    REQUIRE(file->n_users <= WEB_USERS_MAX);
    for (size_t i = 0; i < file->n_users; i++)
        check_user(file, i);
}

static void check_error(const struct web_file_error *error, size_t size)
{
    /* libyaml also ends lines at CR, NEL, LS and PS: each is at least a byte. */
    REQUIRE(error->line >= 1 && error->line <= size + 1);
    REQUIRE(error->column >= 1 && error->column <= size + 1);
    REQUIRE(error->text[0] != '\0' && is_clean(error->text));
}

/* ---- The same file, written anew ---- */

static void add_quoted(struct text *text, const char *value)
{
    const unsigned char *at = (const unsigned char *)value;
    text_add(text, "\"");
    while (*at) {
        uint32_t code = *at;
        size_t n = code < 0x80 ? 1 : code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4;
        if (n > 1)
            code &= 0x7fU >> n;
        for (size_t k = 1; k < n; k++)
            code = code << 6 | (at[k] & 0x3fU);
        text_format(text, n > 1 || code == '"' || code == '\\' ? "\\U%08x" : "%c", code);
        at += n;
    }
    text_add(text, "\"");
}

static void add_entry(struct text *text, const char *key, const char *value)
{
    text_format(text, "  %s: ", key);
    add_quoted(text, value);
    text_add(text, "\n");
}

static void write_tls(struct text *text, const struct web_tls_options *tls)
{
    static const char *const kinds[] = {"NoClientCert", "RequestClientCert", "RequireAnyClientCert",
                                        "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"};
    if (!tls->enabled)
        return;
    text_add(text, "tls_server_config:\n");
    add_entry(text, "cert_file", tls->cert_file);
    add_entry(text, "key_file", tls->key_file);
    add_entry(text, "client_ca_file", tls->client_ca_file);
    add_entry(text, "client_auth_type", kinds[tls->client_auth]);
    text_format(text, "  min_version: TLS%d\n  max_version: TLS%d\n", tls->min_version,
                tls->max_version);
    add_entry(text, "prefer_server_cipher_suites", tls->client_chooses_cipher ? "false" : "true");
    text_add(text, tls->n_sans > 0 ? "  client_allowed_sans:\n" : "");
    for (size_t i = 0; i < tls->n_sans; i++) {
        text_add(text, "  - ");
        add_quoted(text, tls->sans[i]);
        text_add(text, "\n");
    }
}

static void write_file(struct text *text, const struct web_file *file)
{
    write_tls(text, &file->tls);
    text_add(text, "http_server_config:\n headers:\n");
    for (size_t i = 0; i < WEB_HEADERS; i++)
        add_entry(text, web_header_name((enum web_header)i), file->headers[i]);
    text_add(text, file->n_users > 0 ? "basic_auth_users:\n" : "");
    for (size_t i = 0; i < file->n_users; i++) {
        text_add(text, "  ? ");
        add_quoted(text, file->users[i].name);
        text_format(text, "\n  : %s\n", file->users[i].hash);
    }
    REQUIRE(text->error == 0);
}

static void check_written(const struct web_file *file)
{
    CLEANUP(text_done) struct text text = {0};
    struct web_file again;
    struct web_file_error error;
    write_file(&text, file);
    REQUIRE(web_file_parse(text.data, text.length, &again, &error) == 0);
    REQUIRE(memcmp(&again, file, sizeof(again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct web_file file, untouched;
    struct web_file_error error;
    if (size > WEB_FILE_BYTES_MAX)
        return 0;
    CLEANUP(free_p) char *bytes = fuzz_copy(data, size);
    memset(&file, 0x5a, sizeof(file));
    memset(&untouched, 0x5a, sizeof(untouched));
    int r = web_file_parse(bytes, size, &file, &error);
    REQUIRE(r == 0 || r == -EINVAL);
    if (r == 0) {
        check_file(&file);
        check_written(&file);
    } else {
        check_error(&error, size);
        REQUIRE(memcmp(&file, &untouched, sizeof(file)) == 0);
    }
    return 0;
}
