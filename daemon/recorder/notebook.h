/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the sampler has learned of the machine, on its way to the disk and back after a restart. The
 * sampler puts a copy down now and then, and never waits for it; the recorder takes it up and
 * writes it beside the database, as DATABASE.learned: a new file is whole before it replaces the
 * old one. A file that is damaged, missing or of other hardware is ignored: all is learned anew. */

#include "core/estimator/learned.h"

struct notebook;

/* Reads what an earlier daemon wrote. -ENOMEM. */
int notebook_open(struct notebook **ret_notebook, const char *database, const char *procfs);

/* Accepts NULL, returns NULL. */
struct notebook *notebook_free(struct notebook *notebook);

/* What was read, NULL: nothing. Valid as long as the notebook. */
const struct learned *notebook_recalled(const struct notebook *notebook);

/* Sampler: a place to write what is to be kept, NULL: the recorder is at it; then give it back. */
struct learned *notebook_take(struct notebook *notebook);
void notebook_give(struct notebook *notebook);

/* Recorder: writes the file if something was put down since. Logs what fails. */
void notebook_write(struct notebook *notebook);
