/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Targets for people and programs. The process is in the store's time zone. */

#include <jansson.h>

#include "ctl.h"
#include "output/style.h"
#include "output/table.h"
#include "targets/targets.h"

/* A table with what stands behind each number, JSON, CSV. */
void targets_render_table(const struct target_list *list, const struct style *style,
                          struct text *text);
void targets_render_json(const struct target_list *list, struct text *text);
void targets_render_csv(const struct target_list *list, struct text *text);

/* The parts of that table, for a page: "Targets, as of ..."; its columns and lines, all of them or
 * those that a terminal has room for; what stands behind a target, and behind all. */
void targets_add_title(const struct target_list *list, struct text *text);
void targets_fill_table(const struct target_list *list, const struct style *style, bool all,
                        struct table *table);
void targets_add_details(const struct target_state *state, const struct style *style,
                         struct text *line);
void targets_add_method(const struct target_list *list, struct text *line);

/* For a report: the array `targets`, and a sentence for one. */
json_t *targets_json(const struct target_list *list);
void targets_add_line(const struct target_state *state, const struct style *style,
                      struct text *line);

/* A word for a person. */
const char *targets_verdict_text(enum target_verdict verdict);

/* Why there is no limit, or no projection, and what to do: a sentence; "" where there is. */
void targets_add_lack(const struct target_state *state, bool projection, struct text *text);

/* "2026" or "2026-11". */
void targets_add_period(const struct target_state *state, struct text *text);

/* What the configuration asks for, with the factors it names: where there are targets. CTL_DONE, or
 * after a complaint CTL_FAILED. Release in each case. */
int targets_find(const struct settings *settings, struct store_reader *reader, const char *path,
                 struct target_list *ret_list);
