/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "exporter/web/web_auth.h"
#include "exporter/web/web_limit.h"

/* Who knows a password. The hashes are of "secret", "other" and "p\u00e2ss:word". */

#define NOW (1000 * NS_PER_S)

static const struct web_file file = {
    .n_users = 3,
    .users = {{"alice", "$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"},
              {"bob", "$2b$05$abcdefghijklmnopqrstuuVQd15VhR/oN1H3pzUR5lME0fZO6.qRW"},
              {"carol", "$2y$04$abcdefghijklmnopqrstuur2cQK/sNdwiOkAQcFA/z8S25Vn5Y2ke"}},
};

static struct web_credentials credentials(const char *name, const char *password)
{
    struct web_credentials made = {.name = ""};
    (void)str_copy(made.name, sizeof(made.name), name);
    (void)str_copy(made.password, sizeof(made.password), password);
    return made;
}

/* Asks as the server does; `ret_hashed`: whether it took a bcrypt. */
static bool knows(struct web_auth *auth, const char *name, const char *password, uint64_t address,
                  bool *ret_hashed)
{
    struct web_credentials asked = credentials(name, password);
    struct web_attempt attempt;
    enum web_auth_answer answer = web_auth_ask(auth, &asked, address, NOW, &attempt);
    *ret_hashed = answer == WEB_AUTH_HASH;
    if (answer != WEB_AUTH_HASH)
        return answer == WEB_AUTH_RIGHT;
    web_auth_hash(&attempt);
    static const char zeros[WEB_PASSWORD_MAX];
    assert_memory_equal(attempt.credentials.password, zeros, sizeof(zeros));
    return web_auth_judge(auth, &attempt, NOW);
}

static void test_passwords(void **state)
{
    (void)state;
    struct web_auth *auth = NULL;
    bool hashed = false;
    assert_true(web_auth_works());
    assert_int_equal(web_auth_new(&auth, &file), 0);
    assert_false(knows(auth, "alice", "Secret", 1, &hashed));
    assert_false(knows(auth, "alice", "", 1, &hashed));
    assert_false(knows(auth, "bob", "secret", 2, &hashed));
    assert_true(knows(auth, "alice", "secret", 3, &hashed));
    assert_true(hashed);
    assert_true(knows(auth, "bob", "other", 3, &hashed));
    assert_true(knows(auth, "carol", "p\xc3\xa2ss:word", 3, &hashed));
    assert_true(hashed);
    /* Each is known again, by whoever knows it. */
    assert_true(knows(auth, "alice", "secret", 4, &hashed));
    assert_false(hashed);
    assert_true(knows(auth, "bob", "other", 4, &hashed));
    assert_false(hashed);
    assert_false(knows(auth, "bob", "secret", 5, &hashed));
    assert_true(hashed);
    assert_null(web_auth_free(auth));
}

/* A stranger is compared with a hash as a user is, always the same, and is never right. */
static void test_unknown_users(void **state)
{
    (void)state;
    static const char *const passwords[] = {"secret", "other", "p\xc3\xa2ss:word"};
    unsigned seen[3] = {0};
    struct web_auth *auth = NULL;
    assert_int_equal(web_auth_new(&auth, &file), 0);
    for (unsigned i = 0; i < 300; i++) {
        char name[16];
        struct web_attempt attempts[2];
        (void)snprintf(name, sizeof(name), "user%u", i);
        for (size_t j = 0; j < 2; j++) {
            struct web_credentials asked = credentials(name, "secret");
            assert_int_equal(
                web_auth_ask(auth, &asked, 2 * i + j, NOW + i * 10 * NS_PER_S, &attempts[j]),
                WEB_AUTH_HASH);
            assert_false(attempts[j].known);
        }
        assert_int_equal(attempts[0].user, attempts[1].user);
        assert_string_equal(attempts[0].hash, file.users[attempts[0].user].hash);
        seen[attempts[0].user]++;
        if (i < 20) { /* also with the password of whom it is compared with */
            (void)str_copy(attempts[0].credentials.password,
                           sizeof(attempts[0].credentials.password), passwords[attempts[0].user]);
            web_auth_hash(&attempts[0]);
            assert_true(attempts[0].matches);
            assert_false(web_auth_judge(auth, &attempts[0], NOW));
        }
    }
    for (size_t i = 0; i < 3; i++)
        assert_in_range(seen[i], 50, 150);
    bool hashed = false;
    assert_false(knows(auth, "", "secret", 1, &hashed));
    assert_false(knows(auth, "alic", "secret", 1, &hashed));
    assert_false(knows(auth, "alicee", "secret", 1, &hashed));
    assert_null(web_auth_free(auth));
}

/* Guessing is as slow where the password is known already: no fast way tells it. */
static void test_no_fast_guess(void **state)
{
    (void)state;
    struct web_auth *auth = NULL;
    struct web_attempt attempt;
    bool hashed = false;
    assert_int_equal(web_auth_new(&auth, &file), 0);
    assert_true(knows(auth, "alice", "secret", 1, &hashed));
    for (int i = 0; i < WEB_PEER_BURST; i++)
        assert_false(knows(auth, "alice", "guess", 2, &hashed));
    struct web_credentials right = credentials("alice", "secret");
    assert_int_equal(web_auth_ask(auth, &right, 2, NOW, &attempt), WEB_AUTH_LIMITED);
    assert_int_equal(web_auth_ask(auth, &right, 1, NOW, &attempt), WEB_AUTH_RIGHT);
    assert_null(web_auth_free(auth));
}

static void test_headers(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "Basic",
        "Basic ",
        "Bearer YWxpY2U6c2VjcmV0",
        "Basic YWxpY2U=",
        "Basic !!!!",
        "BasicYWxpY2U6c2VjcmV0",
        "Basic YWxpY2U6c2VjAHJldA==",
        "Basic OnNlY3JldA=",
    };
    struct web_credentials read;
    assert_false(web_credentials_read(&read, NULL));
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        if (web_credentials_read(&read, wrong[i]))
            fail_msg("'%s' was read", wrong[i]);
    assert_true(web_credentials_read(&read, "Basic YWxpY2U6c2VjcmV0"));
    assert_string_equal(read.name, "alice");
    assert_string_equal(read.password, "secret");
    assert_true(web_credentials_read(&read, "basic  YWxpY2U6c2VjcmV0"));
    assert_true(web_credentials_read(&read, "Basic Y2Fyb2w6cMOic3M6d29yZA=="));
    assert_string_equal(read.name, "carol");
    assert_string_equal(read.password, "p\xc3\xa2ss:word");
    assert_true(web_credentials_read(&read, "Basic Og=="));
    assert_string_equal(read.name, "");
    char large[8192] = "Basic ";
    for (size_t length = 4; length < sizeof(large) - 8; length += 4) {
        memset(large + 6, 'Y', length);
        large[6 + length] = '\0';
        assert_false(web_credentials_read(&read, large));
    }
    web_credentials_wipe(&read);
    assert_string_equal(read.password, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_unknown_users),
        cmocka_unit_test(test_no_fast_guess),
        cmocka_unit_test(test_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
