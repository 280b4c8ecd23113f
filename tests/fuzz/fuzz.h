/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What every fuzz target includes first. A target is one function that takes any bytes and aborts
 * where something is not as documented; libFuzzer calls it (-Dfuzz=true), and so does replay.c,
 * which gives it the files of its corpus on machines without clang. */

#include "greend/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_fail(__FILE__, __LINE__, #condition);                                             \
    } while (0)

_Noreturn static inline void fuzz_fail(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
    abort();
}

static inline void *fuzz_allocate(size_t size)
{
    void *memory = size <= PTRDIFF_MAX ? calloc(1, size) : NULL;
    if (!memory && size > 0) {
        (void)fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

/* A copy without a byte behind it, so that AddressSanitizer sees who reads too far. */
static inline char *fuzz_copy(const void *data, size_t size)
{
    char *copy = fuzz_allocate(size);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* A terminated copy; NUL bytes may be within. */
static inline char *fuzz_string(const void *data, size_t size)
{
    char *copy = fuzz_allocate(MIN(size, PTRDIFF_MAX) + 1);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* ---- Input that is structure rather than text ---- */

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* A number of so many bytes (8 at most); what is missing at the end is zero. */
static inline uint64_t fuzz_take(struct fuzz_input *input, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes && input->left > 0; i++, input->at++, input->left--)
        value |= (uint64_t)*input->at << (8 * i);
    return value;
}

/* The same for what is counted in memory: 3 bytes at most. */
static inline size_t fuzz_take_size(struct fuzz_input *input, size_t bytes)
{
    return (size_t)fuzz_take(input, bytes);
}

static inline uint64_t fuzz_below(struct fuzz_input *input, uint64_t limit)
{
    return fuzz_take(input, limit > 256 ? 4 : 1) % limit;
}

/* A text of up to size - 1 bytes, which ends at a NUL, a newline or the end. */
static inline void fuzz_take_text(struct fuzz_input *input, char *target, size_t size)
{
    size_t length = 0;
    while (input->left > 0 && length < size - 1) {
        uint8_t byte = (uint8_t)fuzz_take(input, 1);
        if (byte == '\0' || byte == '\n')
            break;
        target[length++] = (char)byte;
    }
    target[length] = '\0';
}
