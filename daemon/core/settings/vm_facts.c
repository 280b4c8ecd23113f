/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/vm_facts.h"

#include "core/settings/settings_value.h"
#include "core/text.h"
#include "greend/language.h"

static bool storage_valid(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t length = whole;
    if (text[whole] == '.')
        length += 1 + strspn(text + whole + 1, "0123456789");
    return whole > 0 && text[length] == '\0' && text[length - 1] != '.' && length <= 15;
}

static const char text_expected[] =
    N_("a text of at most 63 bytes without ; or \", that begins with none of = + - @");

static const struct {
    const char *key;
    bool (*valid)(const char *value);
    const char *expected;
    size_t field;
} facts[] = {
    {"vcpu",        value_cores_valid,       N_("a whole number from 1 to 1000000"),
     offsetof(struct vm_facts,                                                                                 vcpu)       },
    {"storage",     storage_valid,           N_("terabytes as 0.1"),                 offsetof(struct vm_facts, storage)    },
    {"cluster",     value_description_valid, text_expected,                          offsetof(struct vm_facts, cluster)    },
    {"entity",      value_description_valid, text_expected,                          offsetof(struct vm_facts, entity)     },
    {"application", value_description_valid, text_expected,                          offsetof(struct vm_facts, application)},
    {"environment", value_description_valid, text_expected,                          offsetof(struct vm_facts, environment)},
    {"domain",      value_description_valid, text_expected,                          offsetof(struct vm_facts, domain)     },
    {"subdomain",   value_description_valid, text_expected,                          offsetof(struct vm_facts, subdomain)  },
};

static int tell_wrong(char *ret_error, const char *key, const char *expected, const char *got)
{
    char shown[72];
    (void)text_escape(shown, sizeof(shown), got, strlen(got));
    (void)snprintf(ret_error, VM_FACTS_ERROR_MAX, _("%s: expected %s, got '%s'"), key, _(expected),
                   shown);
    return -EINVAL;
}

static int take_word(char *word, struct vm_facts *target, unsigned *said, char *ret_error)
{
    char shown[72];
    char *value = text_split_pair(&word);
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        if (!str_equal(facts[i].key, word))
            continue;
        if (*said & 1U << i)
            return tell_wrong(ret_error, word, N_("it once"), value);
        if (!facts[i].valid(value))
            return tell_wrong(ret_error, word, facts[i].expected, value);
        if (!str_copy((char *)target + facts[i].field, SETTINGS_DECLARED_MAX, value)) {
            (void)snprintf(ret_error, VM_FACTS_ERROR_MAX, _("expected at most %zu bytes"),
                           (size_t)SETTINGS_DECLARED_MAX - 1);
            return -EINVAL;
        }
        *said |= 1U << i;
        return 0;
    }
    (void)text_escape(shown, sizeof(shown), word, strlen(word));
    (void)snprintf(ret_error, VM_FACTS_ERROR_MAX,
                   _("expected vcpu=, storage=, cluster=, entity=, application=, environment=, "
                     "domain= or subdomain=, with commas between, got '%s'"),
                   shown);
    return -EINVAL;
}

int vm_facts_parse(const char *text, struct vm_facts *ret_facts, char ret_error[VM_FACTS_ERROR_MAX])
{
    char copy[sizeof(((struct settings_vm *)NULL)->facts)];
    struct vm_facts parsed = {0};
    if (!str_copy(copy, sizeof(copy), text)) {
        (void)snprintf(ret_error, VM_FACTS_ERROR_MAX, _("expected at most %zu bytes"),
                       sizeof(copy) - 1);
        return -EINVAL;
    }
    char *rest = NULL;
    unsigned said = 0;
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        int r = take_word(word, &parsed, &said, ret_error);
        if (r < 0)
            return r;
    }
    *ret_facts = parsed;
    return 0;
}
