/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads files of impact factors into a table, and says what is wrong in them. What stands in them
 * is the business of greend/factors.h. */

#include "greend/factors.h"

/* Where `meson install` put the files that come with greend. */
extern const char factor_files_folder[];

/* For CLEANUP(). */
void factor_files_free_p(struct factor_table **table);

/* Reads FOLDER/defaults.csv, FOLDER/hardware.csv, FOLDER/SET.csv and then the operator's own files
 * in their order, of which a later one wins. folder "": factor_files_folder. set: ademe, boavizta,
 * numecoeval, or any other file of that folder. report() is called for each error with one line of
 * escaped UTF-8: "FILE:LINE:COLUMN: what was expected and what was got". 0: ret_table is to be
 * freed with factor_table_free(). FACTORS_WRONG, every error was reported, or -ENOMEM: ret_table is
 * untouched.
 */
int factor_files_load(const char *folder, const char *set, const char *const *own, size_t n_own,
                      struct factor_table **ret_table,
                      void (*report)(void *userdata, const char *line), void *userdata);
