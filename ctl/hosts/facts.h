/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a footprint needs to know of a machine beside its energy: what its operator declares, what
 * it is made of, and the impact factors. */

#include "greend/store.h"
#include "inventory/inventory.h"

/* Where they are from. */
enum facts_from {
    FACTS_NOWHERE,       /* nothing is known: site and asset are undeclared, nothing was read */
    FACTS_CONFIGURATION, /* greend.conf, and this machine as it is now where it is the measured one
                          */
    FACTS_DATABASE, /* the database: what was declared on the measured machine and read of it */
};

struct facts {
    enum facts_from from;
    bool declared; /* it is known what the measured machine's operator declares */
    bool here;     /* it is known what the machine is made of: view.reading, else NULL */
    bool wrong;    /* factors were needed and cannot be had: every error was said */
    char name[STORE_FACT_VALUE_MAX]; /* the machine's, escaped; "": not told */
    char version[64];                /* FACTS_DATABASE: of the greend that recorded, likewise */
    struct settings settings;
    struct factor_table *table; /* owned; NULL where view.factors is somebody else's */
    struct reading *reading;
    struct inventory_view view;
};

/* Whether a database is of this machine (struct store_info). */
bool facts_are_here(const uint8_t *host_id);

/* Takes over the settings, also where it fails. declared: they are those of the measured machine.
 * host_id: whose database it is (struct store_info). Reads this machine where it is the measured
 * one, and the factors where anything is declared that they can be applied to. Errors are said.
 * CTL_DONE or CTL_FAILED; wrong factors are no failure. Release in each case. */
int facts_load(struct facts *ret_facts, struct settings *settings, bool declared,
               const uint8_t *host_id);

/* Facts that greend kept in the database; *ret_facts, to be freed, is NULL where there are none
 * (they came with version 4). The factors are left to facts_use(). CTL_DONE or CTL_FAILED, with
 * errors said; path is for those. */
int facts_load_stored(struct facts **ret_facts, struct store_reader *reader, const char *path);

/* Whether the facts are such that factors can be applied to them. */
bool facts_need_factors(const struct facts *facts);

/* Computes with these factors, which must live as long; NULL: they cannot be had. */
void facts_use(struct facts *facts, const struct factor_table *factors);

/* "greend.conf", "database"; NULL: from nowhere. */
const char *facts_from_name(enum facts_from from);

/* Accepts zeroed facts. */
void facts_done(struct facts *facts);

/* Of facts on the heap. Accepts NULL, returns NULL. */
struct facts *facts_free(struct facts *facts);
void facts_free_p(struct facts **facts);

/* A folder such as /proc, to read below. CTL_DONE or CTL_FAILED: the error was said. */
int facts_open_root(const char *path, int *ret_fd);

/* For facts_load() and for `inventory`: what the settings declare of parts goes before what is
 * read. CTL_DONE or CTL_FAILED: the error was said. */
int facts_read_machine(const struct settings *settings, struct reading *ret_reading);

/* The table, or NULL: its errors were said. CTL_FAILED: out of memory, which was said. */
int facts_read_factors(const struct settings *settings, struct factor_table **ret_table);
