/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Small tools that every layer uses.
 *
 * Errors, everywhere in greend: an int is 0 or a negative errno (fatal for the call: pass it on
 * unchanged), or a positive value of the module's own enum (a documented answer that the caller
 * must handle). Outputs (ret_*) are untouched on a negative return. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* Declares a variable that is released when it goes out of scope: CLEANUP(free_p) char *s = NULL;
 */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Hands ownership of a pointer to the caller, leaving NULL behind. */
#define TAKE_PTR(pointer)                                                                          \
    ({                                                                                             \
        __typeof__(pointer) take_ptr_ = (pointer);                                                 \
        (pointer) = NULL;                                                                          \
        take_ptr_;                                                                                 \
    })

static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* Destructors for CLEANUP. Each accepts what was never filled. */
static inline void free_p(void *pointer)
{
    free(*(void **)pointer);
}

static inline void close_fd_p(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static inline void fclose_p(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static inline bool str_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* FNV-1a of more bytes; the first hash is HASH_BEGIN. A shorter one is its low bits: few bytes do
 * not reach the high ones. Who chooses the bytes can make two of them meet: where users do, compare
 * them as well, or use core/siphash.h. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Copies text into a fixed array; false when it had to be cut. Always terminated. */
static inline bool str_copy(char *target, size_t size, const char *text)
{
    size_t length = strlen(text);
    bool fits = length < size;
    if (!fits)
        length = size - 1;
    memcpy(target, text, length);
    target[length] = '\0';
    return fits;
}
