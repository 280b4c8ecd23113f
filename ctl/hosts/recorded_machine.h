/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a database tells of the machine that it was recorded on: greend kept there what greend.conf
 * declared and what it read of the machine. A database is untrusted: texts are escaped, and what no
 * honest greend wrote counts as not told. */

#include "core/settings/settings.h"
#include "greend/inventory.h"
#include "greend/store.h"

struct recorded_machine {
    char name[STORE_FACT_VALUE_MAX];
    char kind[16]; /* physical, virtual */
    char vendor[STORE_FACT_VALUE_MAX];
    char product[STORE_FACT_VALUE_MAX];
    char cores[24];
    char threads[24];
    char memory_kib[24];
    char version[64]; /* of the greend that recorded */
    double disk_gb;
};

/* Takes into settings, which have their defaults, what [site], [asset], [vm] and [parts] declared;
 * into machine and inventory, both zeroed, what was read: declared parts go before those only with
 * configuration_parts(). ret_told: there is anything. 0; -ENOMEM; else as store_reader_facts(). */
int recorded_machine_read(struct store_reader *reader, struct settings *settings,
                          struct recorded_machine *machine, struct inventory *inventory,
                          bool *ret_told);
