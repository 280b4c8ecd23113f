/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "exporter/web/web_file.h"

/* What a web file says, and what is said of one that is wrong. */

#define HASH   "$2y$10$......................oqxVpOW8JkOgO4kwtWWpLMPpjkpLEsK"
#define HASH_4 "$2b$04$......................w74bL5gU7LSJClZClCa.Pkz14aTv/XO"

static struct web_file file;
static struct web_file_error error;

static int parse(const char *text)
{
    memset(&file, 0x55, sizeof(file));
    memset(&error, 0x55, sizeof(error));
    return web_file_parse(text, strlen(text), &file, &error);
}

static void test_all(void **state)
{
    (void)state;
    static const char text[] = "# a comment\n"
                               "tls_server_config:\n"
                               "  cert_file: server.crt\n"
                               "  key_file: /etc/greend/server.key\n"
                               "  client_auth_type: RequireAndVerifyClientCert\n"
                               "  client_ca_file: \"ca.crt\"\n"
                               "  client_allowed_sans: [prometheus.example, 192.0.2.1]\n"
                               "  min_version: TLS13\n"
                               "  max_version: TLS13\n"
                               "  prefer_server_cipher_suites: false\n"
                               "  cipher_suites: []\n"
                               "  curve_preferences:\n"
                               "http_server_config:\n"
                               "  http2: false\n"
                               "  headers:\n"
                               "    Strict-Transport-Security: max-age=31536000\n"
                               "    X-Content-Type-Options: nosniff\n"
                               "basic_auth_users:\n"
                               "  prometheus: " HASH "\n"
                               "  'Jos\xc3\xa9': " HASH_4 "\n";
    assert_int_equal(parse(text), 0);
    assert_true(file.tls.enabled);
    assert_string_equal(file.tls.cert_file, "server.crt");
    assert_string_equal(file.tls.key_file, "/etc/greend/server.key");
    assert_string_equal(file.tls.client_ca_file, "ca.crt");
    assert_int_equal(file.tls.client_auth, WEB_CLIENT_REQUIRE_AND_VERIFY);
    assert_int_equal(file.tls.n_sans, 2);
    assert_string_equal(file.tls.sans[0], "prometheus.example");
    assert_string_equal(file.tls.sans[1], "192.0.2.1");
    assert_int_equal(file.tls.min_version, 13);
    assert_int_equal(file.tls.max_version, 13);
    assert_true(file.tls.client_chooses_cipher);
    assert_string_equal(file.headers[WEB_HEADER_TRANSPORT_SECURITY], "max-age=31536000");
    assert_string_equal(file.headers[WEB_HEADER_FRAME_OPTIONS], "");
    assert_int_equal(file.n_users, 2);
    assert_string_equal(file.users[0].name, "prometheus");
    assert_string_equal(file.users[0].hash, HASH);
    assert_string_equal(file.users[1].name, "Jos\xc3\xa9");
    /* Names are compared whole: what stands behind one is zero. */
    static const char zeros[WEB_NAME_MAX];
    assert_memory_equal(file.users[0].name + strlen("prometheus"), zeros,
                        WEB_NAME_MAX - strlen("prometheus"));
}

static void test_defaults(void **state)
{
    (void)state;
    static const char *const nothing[] = {"", "# nothing\n", "---\n", "{}\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
        assert_int_equal(parse(nothing[i]), 0);
        assert_false(file.tls.enabled);
        assert_int_equal(file.n_users, 0);
    }
    assert_int_equal(parse("tls_server_config: {cert_file: a, key_file: b, client_ca_file: ''}"),
                     0);
    assert_true(file.tls.enabled);
    assert_int_equal(file.tls.client_auth, WEB_CLIENT_NONE);
    assert_int_equal(file.tls.min_version, 12);
    assert_int_equal(file.tls.max_version, 13);
    assert_false(file.tls.client_chooses_cipher);
    assert_int_equal(file.tls.n_sans, 0);
    for (size_t i = 0; i < WEB_HEADERS; i++)
        assert_string_equal(file.headers[i], "");
}

/* Wrong files, where they are wrong, and a part of what is said. */
static const struct {
    const char *text;
    size_t line;
    size_t column;
    const char *said;
} wrong[] = {
  /* no YAML at all */
    {"basic_auth_users:\n\tx: y\n",                                                                 2, 1,  "not YAML"                                       },
    {"tls_server_config: {cert_file: [\n",                                                          1, 32, "cert_file: expected a path"                     },
    {"\"b\n",                                                                                       2, 1,  "not YAML"                                       },
    {"{\xff: 1}",                                                                                   1, 1,  "not YAML"                                       },
    {"a\x01: 1",                                                                                    1, 1,  "not YAML"                                       },
    {"&a [*a]",                                                                                     1, 1,  "anchors"                                        },
    {"basic_auth_users: *a\n",                                                                      1, 19, "anchors"                                        },
    {"!!map {}",                                                                                    1, 1,  "anchors"                                        },
    {"{}\n---\n{}\n",                                                                               2, 1,  "one document"                                   },
    {"- a\n",                                                                                       1, 1,  "KEY: VALUE"                                     },
    {"text",                                                                                        1, 1,  "KEY: VALUE"                                     },
    {"[[[[[[[[[[[[[[[[",                                                                            1, 1,  "KEY: VALUE"                                     },
    {"{[a]: b}",                                                                                    1, 2,  "expected a key"                                 },
 /* keys */
    {"tls_config:\n  cert_file: a\n",                                                               1, 1,  "'tls_config' is not known here: expected one of"},
    {"tls_server_config:\n  cert_file: a\n  keyfile: b\n",                                          3, 3,  "'keyfile' is not known"                         },
    {"basic_auth_users: {}\nrate_limit: {}\n",                                                      1, 19, "expected a user"                                },
    {"rate_limit: {}\n",                                                                            1, 1,  "'rate_limit' is not known"                      },
    {"http_server_config: {http3: true}\n",                                                         1, 22, "'http3' is not known"                           },
    {"http_server_config:\n  headers:\n    Server: x\n",                                            3, 5,  "'Server' is not known"                          },
    {"tls_server_config:\n  cert_file: a\n  cert_file: b\n",                                        3, 3,  "cert_file: expected it once"                    },
    {"\"a\\0b\": 1",                                                                                1, 1,  "is not known"                                   },
 /* TLS */
    {"tls_server_config:\n",                                                                        1, 19, "both cert_file and key_file"                    },
    {"tls_server_config: {cert_file: a}\n",                                                         1, 20, "both cert_file and key_file"                    },
    {"tls_server_config: [a]\n",                                                                    1, 20, "KEY: VALUE"                                     },
    {"tls_server_config:\n  cert_file: [a]\n",                                                      2, 14, "cert_file: expected a path"                     },
    {"tls_server_config:\n  cert_file: \"a\\nb\"\n",                                                2, 14, "cert_file: expected a path"                     },
    {"tls_server_config:\n  cert_file: \"a\\0b\"\n",                                                2, 14, "cert_file: expected a path"                     },
    {"tls_server_config:\n  client_auth_type: Required\n",                                          2, 21, "got 'Required'"                                 },
    {"tls_server_config:\n  client_auth_type: RequireAndVerify\n",                                  2, 21, "RequireAnyClientCert"                           },
    {"tls_server_config: {cert_file: a, key_file: b, client_auth_type: "
     "RequireAndVerifyClientCert}\n",                                                          1, 20, "client_ca_file together with"                   },
    {"tls_server_config: {cert_file: a, key_file: b, client_auth_type: VerifyClientCertIfGiven}\n",
     1,                                                                                                20, "client_ca_file together with"                   },
    {"tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}\n",                         1, 20,
     "client_ca_file together with"                                                                                                                         },
    {"tls_server_config: {cert_file: a, key_file: b, client_allowed_sans: [c]}\n",                  1, 20,
     "client_allowed_sans together with"                                                                                                                    },
    {"tls_server_config: {client_allowed_sans: [[c]]}\n",                                           1, 43, "a list of at most 16 names"                     },
    {"tls_server_config:\n  min_version: TLS11\n",                                                  2, 16,
     "min_version: expected TLS12 or TLS13, got 'TLS11'"                                                                                                    },
    {"tls_server_config: {cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12}\n",    1,
     20,                                                                                                   "min_version to be at most max_version"          },
    {"tls_server_config:\n  cipher_suites:\n  - TLS_RSA_WITH_RC4_128_SHA\n",                        3, 3,  "not supported"                                  },
    {"tls_server_config: {curve_preferences: [X25519]}\n",                                          1, 40, "not supported"                                  },
    {"tls_server_config: {prefer_server_cipher_suites: yes please}\n",                              1, 50, "true or false"                                  },
    {"tls_server_config:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    secret\n",                 2, 8,
     "named by cert_file, key_file"                                                                                                                         },
 /* HTTP */
    {"http_server_config: {http2: true}\n",                                                         1, 29, "HTTP/1.1 alone"                                 },
    {"http_server_config: {headers: {X-Frame-Options: \"a\\r\\nb\"}}\n",                            1, 49,
     "a text of at most"                                                                                                                                    },
    {"http_server_config: {headers: {X-Content-Type-Options: off}}\n",                              1, 56, "nosniff"                                        },
 /* users */
    {"basic_auth_users:\n",                                                                         1, 18, "expected a user"                                },
    {"basic_auth_users: [a]\n",                                                                     1, 19, "NAME: HASH"                                     },
    {"basic_auth_users:\n  a: secret\n",                                                            2, 6,  "expected its bcrypt hash"                       },
    {"basic_auth_users:\n  a: [secret]\n",                                                          2, 6,  "expected its bcrypt hash"                       },
    {"basic_auth_users:\n  a: $2x"
     "$10$......................oqxVpOW8JkOgO4kwtWWpLMPpjkpLEsK\n",                            2, 6,  "expected its bcrypt hash"                       },
    {"basic_auth_users:\n  a: " HASH "x\n",                                                         2, 6,  "expected its bcrypt hash"                       },
    {"basic_auth_users:\n  a: $2y"
     "$15$......................oqxVpOW8JkOgO4kwtWWpLMPpjkpLEsK\n",                            2, 6,  "of cost 4 to 14, got 15"                        },
    {"basic_auth_users:\n  a: $2y"
     "$03$......................oqxVpOW8JkOgO4kwtWWpLMPpjkpLEsK\n",                            2, 6,  "of cost 4 to 14, got 3"                         },
    {"basic_auth_users:\n  a: " HASH "\n  a: " HASH "\n",                                           3, 3,  "a: expected it once"                            },
    {"basic_auth_users:\n  'a:b': " HASH "\n",                                                      2, 3,  "without a colon"                                },
    {"basic_auth_users:\n  '': " HASH "\n",                                                         2, 3,  "a user's name"                                  },
    {"basic_auth_users:\n  ? [a]\n  : " HASH "\n",                                                  2, 5,  "a user's name"                                  },
};

static void test_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        if (parse(wrong[i].text) != -EINVAL || !strstr(error.text, wrong[i].said) ||
            error.line != wrong[i].line || error.column != wrong[i].column)
            fail_msg("%zu: '%s' gives %zu:%zu '%s'", i, wrong[i].text, error.line, error.column,
                     error.text);
        assert_null(strchr(error.text, '\n'));
        assert_null(strstr(error.text, "secret")); /* it could be a password */
        static struct web_file untouched;
        memset(&untouched, 0x55, sizeof(untouched));
        assert_memory_equal(&file, &untouched, sizeof(file));
    }
}

static void test_limits(void **state)
{
    (void)state;
    char text[16384];
    size_t at = (size_t)sprintf(text, "basic_auth_users:\n");
    for (int i = 0; i < WEB_USERS_MAX; i++)
        at += (size_t)sprintf(text + at, "  user%d: " HASH "\n", i);
    assert_int_equal(parse(text), 0);
    assert_int_equal(file.n_users, WEB_USERS_MAX);
    (void)sprintf(text + at, "  more: " HASH "\n");
    assert_int_equal(parse(text), -EINVAL);
    assert_non_null(strstr(error.text, "at most 64 users"));
    char name[WEB_NAME_MAX + 1];
    memset(name, 'n', sizeof(name));
    (void)sprintf(text, "basic_auth_users:\n  %.63s: " HASH "\n", name);
    assert_int_equal(parse(text), 0);
    (void)sprintf(text, "basic_auth_users:\n  %.64s: " HASH "\n", name);
    assert_int_equal(parse(text), -EINVAL);
    char path[WEB_PATH_MAX + 1];
    memset(path, 'p', sizeof(path));
    (void)sprintf(text, "tls_server_config:\n  key_file: k\n  cert_file: %.255s\n", path);
    assert_int_equal(parse(text), 0);
    (void)sprintf(text, "tls_server_config:\n  key_file: k\n  cert_file: %.256s\n", path);
    assert_int_equal(parse(text), -EINVAL);
    /* What is shown of a file is short. */
    memset(text, 'k', 5000);
    (void)sprintf(text + 5000, ": 1");
    assert_int_equal(parse(text), -EINVAL);
}

/* Any bytes: every beginning of a good file, and good files with wrong bytes in them. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char text[] = "tls_server_config: {cert_file: a, key_file: b}\n"
                               "http_server_config:\n  headers: {X-Frame-Options: deny}\n"
                               "basic_auth_users:\n  a: " HASH "\n";
    char bytes[sizeof(text)];
    for (size_t length = 0; length < sizeof(text); length++) {
        memcpy(bytes, text, length);
        char *exact = malloc(length + 1); /* so that a sanitizer sees the end */
        assert_non_null(exact);
        memcpy(exact, text, length);
        (void)web_file_parse(exact, length, &file, &error);
        free(exact);
    }
    uint64_t random = UINT64_C(88172645463325252);
    for (int i = 0; i < 20000; i++) {
        memcpy(bytes, text, sizeof(text));
        for (int changes = 0; changes < 3; changes++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            bytes[random % (sizeof(text) - 1)] = (char)(random >> 32);
        }
        int r = web_file_parse(bytes, sizeof(text) - 1, &file, &error);
        assert_true(r == 0 || r == -EINVAL);
        assert_true(r == 0 || error.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),       cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_wrong),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
