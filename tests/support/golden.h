/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Comparing an output with the file that holds the right one, byte for byte. Include after unit.h.
 * With GREEND_GOLDEN=write in the environment the file is written instead. What people read stands
 * in a folder of its language; JSON and CSV are the same in all. */

#define GOLDEN_FOLDER "tests/golden/"

#include <locale.h>

#include "core/text.h"
#include "shell/language.h"

/* Enters the language that GREEND_TEST_LANGUAGE names, English otherwise; whether its texts are
 * there. */
static inline bool golden_language(void)
{
    const char *code = getenv("GREEND_TEST_LANGUAGE");
    return setlocale(LC_CTYPE, "C.UTF-8") && language_set(code ? code : "en") == 0;
}

static inline bool golden_is_english(void)
{
    return str_equal(language_code(), "en");
}

static inline void golden_write(const char *path, const struct text *actual)
{
    CLEANUP(fclose_p) FILE *file = fopen(path, "wb");
    if (!file || fwrite(actual->data, 1, actual->length, file) != actual->length)
        fail_msg("cannot write %s", path);
}

/* The whole file, NUL-terminated. */
static inline void golden_read(const char *path, struct text *ret)
{
    CLEANUP(fclose_p) FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot read %s", path);
    char bytes[4096];
    size_t got = 0;
    text_add(ret, "");
    while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0)
        text_append(ret, bytes, got);
}

/* name: below the root of the source. */
static inline void golden_check(const char *name, const struct text *actual)
{
    char path[1024];
    size_t length = strlen(name);
    bool program = str_equal(name + length - 4, "json") || str_equal(name + length - 4, ".csv");
    bool plain = golden_is_english() || program || !str_starts(name, GOLDEN_FOLDER);
    (void)snprintf(path, sizeof(path), "%s/%s%s%s%s", SOURCE_ROOT, plain ? "" : GOLDEN_FOLDER,
                   plain ? "" : language_code(), plain ? "" : "/",
                   plain ? name : name + strlen(GOLDEN_FOLDER));
    const char *mode = getenv("GREEND_GOLDEN");
    if (mode && str_equal(mode, "write")) {
        golden_write(path, actual);
        return;
    }
    CLEANUP(text_done) struct text expected = {0};
    golden_read(path, &expected);
    if (expected.length != actual->length ||
        memcmp(expected.data, actual->data, actual->length) != 0)
        fail_msg("%s is not what came out:\n%s", name, actual->data);
}
