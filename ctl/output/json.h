/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Building JSON. A value that could not be allocated becomes an absent key; ctl_main() has jansson
 * note that, so that nothing is printed then (text_lacked_memory()). */

#include <jansson.h>

#include "core/text.h"

static inline void json_set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

/* Above 2^63 JSON's integers end for most readers: stops there. */
static inline void json_set_u64(json_t *object, const char *key, uint64_t value)
{
    json_set(object, key, json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value));
}

/* Any bytes: escaped, so that they are UTF-8. */
static inline void json_set_text(json_t *object, const char *key, const char *raw)
{
    char shown[1024];
    (void)text_escape(shown, sizeof(shown), raw, strlen(raw));
    json_set(object, key, json_string(shown));
}

/* Appends the text of the value and releases it. */
static inline void json_finish(json_t *root, struct text *text)
{
    /* 15 digits are what a double holds for certain: 0.1 stays 0.1. */
    char *dump = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
    if (dump) {
        text_add(text, dump);
        text_add(text, "\n");
    } else {
        text->error = -ENOMEM;
    }
    free(dump);
    json_decref(root);
}
