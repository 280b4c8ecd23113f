/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reading the value of one option. Pure. Each returns 0, -EINVAL or -ERANGE; the caller knows what
 * was expected. Only value_duration() can answer DURATION_NO_UNIT. */

#include "core/settings/settings.h"

/* Nanoseconds. */
int value_duration(const char *text, uint64_t *ret_ns);

/* Bytes: a whole number with K, M or G, which are powers of 1024. */
int value_size(const char *text, uint64_t *ret_bytes);

/* A whole number. */
int value_number(const char *text, uint64_t *ret_number);

/* Addresses separated by blanks: 127.0.0.1:9841, [::1]:9841, :9841; "" and "off" are none. */
int value_listen(const char *text, struct settings_listen ret_listen[SETTINGS_LISTEN_MAX],
                 size_t *ret_count);

/* The name of a time zone as in the tz database, or "". Whether it exists is not asked. */
bool value_timezone_valid(const char *text);

/* What is described of a machine, of at least one byte: UTF-8 that no table file and no spreadsheet
 * takes for more than a text. */
bool value_description_valid(const char *text);

/* Server, Dedicated Server or Shared Server; 1 to 1000000. */
bool value_server_type_valid(const char *text);
bool value_cores_valid(const char *text);

/* The place of a word in a list of words separated by blanks. -EINVAL: not among them. */
int value_choice(const char *text, const char *words);

/* Single-character changes that turn one word into the other, letters of both cases being the same;
 * for guessing what was meant. Words above 31 bytes are taken as far apart. */
size_t value_distance(const char *a, const char *b);
