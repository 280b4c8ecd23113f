/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the operator says of a virtual machine that runs here, in one line of [vm]:
 * "vcpu=4, storage=0.1, cluster=A, entity=DSI, application=Payroll, environment=Production,
 * domain=HR, subdomain=Pay", each word or none. Pure. */

#include "core/settings/settings.h"

enum { VM_FACTS_ERROR_MAX = 256 };

/* "" where not said. */
struct vm_facts {
    char vcpu[SETTINGS_DECLARED_MAX];    /* a whole number */
    char storage[SETTINGS_DECLARED_MAX]; /* decimal, TB of 10^12 bytes */
    char cluster[SETTINGS_DECLARED_MAX];
    char entity[SETTINGS_DECLARED_MAX];
    char application[SETTINGS_DECLARED_MAX];
    char environment[SETTINGS_DECLARED_MAX];
    char domain[SETTINGS_DECLARED_MAX];
    char subdomain[SETTINGS_DECLARED_MAX];
};

/* -EINVAL: ret_error says what was expected, in one line of escaped UTF-8. */
int vm_facts_parse(const char *text, struct vm_facts *ret_facts,
                   char ret_error[VM_FACTS_ERROR_MAX]);
