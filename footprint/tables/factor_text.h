/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A factor file's text, parsed: the rows of a set, with the strings they point to. Any bytes are
 * accepted; what is wrong is told by line and column. */

#include "greend/factors.h"

struct factor_text {
    struct factor_set set;
    struct factor *rows;
    size_t n_rows;
    char *name;  /* of the file */
    char *bytes; /* what strings point into */
};

/* As factor_table_add(). full: the table has no room for one more. */
int factor_text_parse(struct factor_text **ret_text, const char *name, const char *bytes,
                      size_t length, bool full, struct factor_errors *ret_errors);

/* Accepts NULL, returns NULL. */
struct factor_text *factor_text_free(struct factor_text *text);

/* The place of an id, criterion and geography among all. */
size_t factor_slot(enum factor_id id, enum criterion criterion, int geography);
