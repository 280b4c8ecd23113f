/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a footprint needs to know of a machine beside its energy: what its operator declares, what
 * it is made of, and the impact factors. */

#include "inventory.h"

struct facts {
    bool declared; /* the configuration is the measured machine's; else view.site and view.asset are
                      undeclared, and nothing was read */
    bool here;     /* the measured machine is this one: view.reading is of it, else NULL */
    bool wrong;    /* factors were needed and cannot be had: every error was said */
    struct settings settings;
    struct factor_table *table;
    struct reading *reading;
    struct inventory_view view;
};

/* Takes over the settings, also where it fails. declared: they are those of the measured machine.
 * host_id: whose database it is (struct store_info). Reads this machine where it is the measured
 * one, and the factors where anything is declared that they can be applied to. Errors are said.
 * CTL_DONE or CTL_FAILED; wrong factors are no failure. Release in each case. */
int facts_load(struct facts *ret_facts, struct settings *settings, bool declared,
               const uint8_t *host_id);

/* Accepts zeroed facts. */
void facts_done(struct facts *facts);

/* A folder such as /proc, to read below. CTL_DONE or CTL_FAILED: the error was said. */
int facts_open_root(const char *path, int *ret_fd);

/* For facts_load() and for `inventory`: what the settings declare of parts goes before what is
 * read. CTL_DONE or CTL_FAILED: the error was said. */
int facts_read_machine(const struct settings *settings, struct reading *ret_reading);

/* The table, or NULL: its errors were said. CTL_FAILED: out of memory, which was said. */
int facts_read_factors(const struct settings *settings, struct factor_table **ret_table);
