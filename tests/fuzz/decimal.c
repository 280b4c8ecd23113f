/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Decimal numbers of factor files, and lines of [targets] and [vm]. */
#include "fuzz.h"

#include <math.h>

#include "clean.h"
#include "core/settings/vm_facts.h"
#include "footprint/words/decimal.h"
#include "greend/target.h"

static void check_number(const char *text, size_t size)
{
    char shown[64];
    double value = 4711, again = 0;
    CLEANUP(free_p) char *exact = fuzz_copy(text, size);
    int r = decimal_parse(exact, size, &value);
    REQUIRE(r == 0 || r == -EINVAL || r == -ERANGE);
    if (r != 0) {
        REQUIRE(value == 4711);
        return;
    }
    REQUIRE(isfinite(value) && value >= 0 && value < 1e20 && (value == 0 || value >= 1e-20));
    /* As libc reads it, within one unit in the last place. */
    double libc = strtod(text, NULL);
    REQUIRE(fabs(libc - value) <= nextafter(value, INFINITY) - value);
    (void)snprintf(shown, sizeof(shown), "%.15g", value);
    REQUIRE(decimal_parse(shown, strlen(shown), &again) == 0 || value >= 1e20 * (1 - 1e-15));
    REQUIRE(fabs(again - value) <= value * 1e-14);
}

static void check_target(const char *text)
{
    struct target target;
    char error[TARGET_ERROR_MAX] = "";
    if (target_parse("a target", text, &target, error) < 0) {
        REQUIRE(is_clean(error) && *error != '\0');
        return;
    }
    REQUIRE(str_equal(target.name, "a target") && target.scope < TARGET_SCOPES &&
            target.unit < TARGET_UNITS && target.per < TARGET_PERS);
    REQUIRE((target.scope == TARGET_HOST) == (target.what[0] == '\0'));
    if (target.relative) {
        REQUIRE(target.percent >= 0 && target.percent <= 100);
        REQUIRE(target.baseline_month >= 0 && target.baseline_month <= 12);
    } else {
        REQUIRE(isfinite(target.amount) && target.amount > 0);
    }
}

static void check_machine(const char *text)
{
    struct vm_facts facts, again;
    char error[VM_FACTS_ERROR_MAX] = "", line[1024];
    if (vm_facts_parse(text, &facts, error) < 0) {
        REQUIRE(is_clean(error) && *error != '\0');
        return;
    }
    int length = 0;
    static const char *const keys[] = {"vcpu",        "storage",     "cluster", "entity",
                                       "application", "environment", "domain",  "subdomain"};
    const char *values[] = {facts.vcpu,        facts.storage,     facts.cluster, facts.entity,
                            facts.application, facts.environment, facts.domain,  facts.subdomain};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        REQUIRE(is_clean(values[i]) && !strchr("=+-@", values[i][0]) == (values[i][0] != '\0'));
        if (*values[i] != '\0')
            length += snprintf(line + length, sizeof(line) - (size_t)length, "%s%s=%s",
                               length > 0 ? "," : "", keys[i], values[i]);
    }
    if (length == 0 || length >= (int)sizeof(((struct settings_vm *)NULL)->facts))
        return;
    REQUIRE(vm_facts_parse(line, &again, error) == 0);
    const char *same[] = {again.vcpu,        again.storage,     again.cluster, again.entity,
                          again.application, again.environment, again.domain,  again.subdomain};
    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        REQUIRE(str_equal(values[i], same[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *text = fuzz_string(data, size);
    check_number(text, size);
    check_target(text);
    check_machine(text);
    return 0;
}
