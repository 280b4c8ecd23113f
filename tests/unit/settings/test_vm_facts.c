/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What is said for exports: of virtual machines ([vm]) and of the machine itself. */
#include "unit.h"

#include "core/settings/vm_facts.h"

static void test_all_words(void **state)
{
    (void)state;
    struct vm_facts facts;
    char error[VM_FACTS_ERROR_MAX];
    assert_int_equal(
        vm_facts_parse("vcpu=4, storage=0.25 ,cluster=grappe 1,entity=DSI, application=Paie é, "
                       "environment=Production, domain=RH, subdomain = Solde",
                       &facts, error),
        0);
    assert_string_equal(facts.vcpu, "4");
    assert_string_equal(facts.storage, "0.25");
    assert_string_equal(facts.cluster, "grappe 1");
    assert_string_equal(facts.entity, "DSI");
    assert_string_equal(facts.application, "Paie é");
    assert_string_equal(facts.environment, "Production");
    assert_string_equal(facts.domain, "RH");
    assert_string_equal(facts.subdomain, "Solde");
    assert_int_equal(vm_facts_parse("", &facts, error), 0);
    assert_string_equal(facts.vcpu, "");
    assert_string_equal(facts.subdomain, "");
}

static void test_wrong_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"vcpu=0",           "vcpu: expected a whole number from 1 to 1000000, got '0'"  },
        {"vcpu=4.5",         "vcpu: expected a whole number from 1 to 1000000, got '4.5'"},
        {"vcpu=-1",          "vcpu: expected"                                            },
        {"vcpu",             "vcpu: expected a whole number from 1 to 1000000, got ''"   },
        {"storage=0,1",      "storage=, cluster="                                        }, /* the comma ends the word */
        {"storage=.5",       "storage: expected terabytes as 0.1, got '.5'"              },
        {"storage=5.",       "storage: expected terabytes as 0.1, got '5.'"              },
        {"storage=1e3",      "storage: expected terabytes as 0.1, got '1e3'"             },
        {"application==x",   "application: expected a text of at most 63 bytes without ;"},
        {"application=@x",   "application: expected a text"                              },
        {"application=a;b",  "application: expected a text"                              },
        {"application=a\"b", "application: expected a text"                              },
        {"domain=a\x1b[2Jb", "domain: expected a text of at most 63 bytes"               },
        {"cpu=4",            "got 'cpu'"                                                 },
        {"vcpu=4, vcpu=8",   "vcpu: expected it once, got '8'"                           },
        {"\x1b=4",           "got '\\x1b'"                                               },
    };
    struct vm_facts facts = {.vcpu = "7"};
    char error[VM_FACTS_ERROR_MAX];
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(vm_facts_parse(cases[i].text, &facts, error), -EINVAL);
        if (!strstr(error, cases[i].expected))
            fail_msg("%s: %s", cases[i].text, error);
    }
    /* One, but cut it would be none. */
    assert_int_equal(
        vm_facts_parse("vcpu=0000000000000000000000000000000000000000000000000000000000000000"
                       "1",
                       &facts, error),
        -EINVAL);
    assert_string_equal(error, "expected at most 63 bytes");
    assert_string_equal(facts.vcpu, "7"); /* untouched */
    char longest[512];
    memset(longest, ',', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(vm_facts_parse(longest, &facts, error), -EINVAL);
}

static void test_section(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    char name[32];
    settings_defaults(&s);
    assert_int_equal(settings_set(&s, "vm", "web-01", "vcpu=4", error), 0);
    assert_int_equal(settings_set(&s, "vm", "web-02", "", error), 0);
    assert_int_equal(settings_set(&s, "vm", "web-01", "vcpu=8", error), 0); /* a later file */
    assert_int_equal(s.n_vms, 2);
    assert_string_equal(s.vms[0].name, "web-01");
    assert_string_equal(s.vms[0].facts, "vcpu=8");
    assert_int_equal(settings_set(&s, "vm", "web-03", "vcpu=x", error), -EINVAL);
    assert_string_equal(error, "web-03: vcpu: expected a whole number from 1 to 1000000, got 'x'");
    assert_int_equal(settings_set(&s, "vm", "", "vcpu=1", error), -EINVAL);
    assert_int_equal(s.n_vms, 2);
    for (int i = 2; i < SETTINGS_VMS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "vm-%d", i);
        assert_int_equal(settings_set(&s, "vm", name, "", error), 0);
    }
    assert_int_equal(settings_set(&s, "vm", "one-more", "", error), -EINVAL);
    assert_string_equal(error, "expected at most 1024 lines in [vm]");
    assert_int_equal(settings_set(&s, "vms", "a", "", error), -EINVAL);
    assert_string_equal(error, "unknown section [vms]; did you mean [vm]?");
    settings_done(&s);
    assert_int_equal(s.n_vms, 0);
}

/* Lines of parts are kept as they are written: whoever reads files checks them. */
static void test_parts(void **state)
{
    (void)state;
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    char name[64];
    settings_defaults(&s);
    assert_int_equal(settings_set(&s, "parts", "memory", "kind=ram,\tsize=32", error), 0);
    assert_int_equal(settings_set(&s, "parts", "case", "kind=rack", error), 0);
    assert_int_equal(settings_set(&s, "parts", "memory", "kind=ram,\tsize=64", error), 0);
    assert_int_equal(s.n_parts, 2);
    assert_string_equal(s.parts[0].name, "memory");
    assert_string_equal(s.parts[0].text, "kind=ram, size=64");
    assert_int_equal(settings_set(&s, "parts", "memory", "", error), -EINVAL);
    assert_int_equal(settings_set(&s, "parts", "", "kind=rack", error), -EINVAL);
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(settings_set(&s, "parts", name, "kind=rack", error), -EINVAL);
    assert_int_equal(s.n_parts, 2);
    for (int i = 2; i < SETTINGS_PARTS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "part-%d", i);
        assert_int_equal(settings_set(&s, "parts", name, "kind=cpu", error), 0);
    }
    assert_int_equal(settings_set(&s, "parts", "one-more", "kind=cpu", error), -EINVAL);
    assert_string_equal(error, "expected at most 32 lines in [parts]");
    settings_done(&s);
    assert_int_equal(s.n_parts, 0);
}

static void test_described(void **state)
{
    (void)state;
    static const char *const wrong[] = {"=1", "+1", "-1", "@x", "a;b", "a\"b", "a\nb", "\xff"};
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    size_t described = 0;
    settings_defaults(&s);
    for (size_t i = 0; settings_option(i); i++) {
        const struct settings_option *o = settings_option(i);
        const char *text = settings_described(&s, i);
        if (!text)
            continue;
        described++;
        assert_null(settings_declared(&s, i));
        assert_string_equal(text, "");
        for (size_t w = 0; w < ARRAY_SIZE(wrong); w++)
            assert_int_equal(settings_set(&s, o->section, o->key, wrong[w], error), -EINVAL);
        assert_string_equal(text, "");
    }
    assert_int_equal(described, 16);
    assert_int_equal(settings_set(&s, "asset", "user", "Paie & RH, été", error), 0);
    assert_string_equal(s.described.user, "Paie & RH, été");
    assert_int_equal(settings_set(&s, "asset", "user", "", error), 0);
    assert_string_equal(s.described.user, "");
    assert_int_equal(settings_set(&s, "asset", "type", "Shared Server", error), 0);
    assert_int_equal(settings_set(&s, "asset", "type", "server", error), -EINVAL);
    assert_string_equal(error, "type: expected Server, Dedicated Server or Shared Server, got "
                               "'server'");
    assert_int_equal(settings_set(&s, "asset", "cores", "56", error), 0);
    assert_int_equal(settings_set(&s, "asset", "cores", "0", error), -EINVAL);
    settings_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_words), cmocka_unit_test(test_wrong_words),
        cmocka_unit_test(test_section),   cmocka_unit_test(test_parts),
        cmocka_unit_test(test_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
