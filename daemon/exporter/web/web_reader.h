/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads YAML of a known form, for web_file.c: mappings of known keys, each with a reader of its
 * value. At each step the event is the one to be understood next; who understood one leaves the
 * event behind it. All return 0, -ENOMEM, or -EINVAL with the error filled in. */

#include <yaml.h>

#include "greend/base.h"

enum { WEB_KEYS_MAX = 16, WEB_ERROR_MAX = 512 };

struct web_reader {
    yaml_parser_t parser;
    yaml_event_t event;
    void *target; /* what is filled in */
    size_t line;  /* of the error, from 1 */
    size_t column;
    char error[WEB_ERROR_MAX];
};

/* A key that a mapping may have, and who reads its value. */
struct web_key {
    const char *name;
    int (*read)(struct web_reader *reader, const struct web_key *key);
    size_t field;         /* offset in the target */
    size_t size;          /* of a text */
    const char *choices;  /* of a choice, by blanks */
    const char *expected; /* what would be right */
};

int web_fail(struct web_reader *reader, yaml_mark_t mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A scalar as it may be shown: escaped and not too long. */
struct web_shown {
    char text[72];
};

struct web_shown web_show(const yaml_event_t *event);

/* To the next event. */
int web_step(struct web_reader *reader);

bool web_is_scalar(const struct web_reader *reader);

/* Written as nothing: "key:" or "key: ''". */
bool web_is_empty(const struct web_reader *reader);

/* Whether a scalar can be held by a C string of that size and has no control characters. */
bool web_fits(const yaml_event_t *event, size_t size);

void *web_field(const struct web_reader *reader, const struct web_key *key);

/* A mapping of known keys, or nothing. */
int web_read_mapping(struct web_reader *reader, const char *name, const struct web_key *keys,
                     size_t n);

/* A text of less than the key's size. */
int web_read_text(struct web_reader *reader, const struct web_key *key);

/* The place of the value among the key's choices; -1: it is not among them. */
int web_choose(const struct web_reader *reader, const struct web_key *key);
int web_fail_choice(struct web_reader *reader, const struct web_key *key);

/* What is not done here, and why stands in `expected`: nothing may be asked of it. */
int web_read_refused(struct web_reader *reader, const struct web_key *key);
