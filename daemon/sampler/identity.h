/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Who is who on this host: the table of workloads with what the shell must give it, account names
 * from /etc/passwd and the operator's [names]. Used by one thread. */

#include "core/settings/settings.h"
#include "core/workload/workload.h"

struct identity;

/* Takes over the numbers that the ring's last producer gave. /etc/passwd alone is read: asking the
 * name service could wait for a network. -ENOMEM. */
int identity_new(struct identity **ret_identity, const struct settings *settings,
                 const struct ring *ring, uint64_t now_ns);

/* Accepts NULL, returns NULL. */
struct identity *identity_free(struct identity *identity);

struct workload_table *identity_workloads(struct identity *identity);
