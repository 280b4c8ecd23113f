/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Preloaded into a program: counts what the thread named $GREEND_COUNT_THREAD asks of the heap, in
 * the file $GREEND_COUNT_FILE (one 64-bit number in native order), while the program runs. */

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t *counter;
static char thread_name[16];
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *pointer, size_t size);

__attribute__((constructor)) static void begin(void)
{
    real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    const char *file = getenv("GREEND_COUNT_FILE"), *name = getenv("GREEND_COUNT_THREAD");
    if (!file || !name)
        return;
    strncpy(thread_name, name, sizeof(thread_name) - 1);
    int fd = open(file, O_RDWR | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED
                       : mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED)
        counter = map;
}

static void count(void)
{
    char name[16] = "";
    if (counter && pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 &&
        strcmp(name, thread_name) == 0)
        ++*counter;
}

void *malloc(size_t size)
{
    extern void *__libc_malloc(size_t); /* until dlsym() has found the other one */
    count();
    return real_malloc ? real_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    extern void *__libc_calloc(size_t, size_t);
    count();
    return real_calloc ? real_calloc(n, size) : __libc_calloc(n, size);
}

void *realloc(void *pointer, size_t size)
{
    extern void *__libc_realloc(void *, size_t);
    count();
    return real_realloc ? real_realloc(pointer, size) : __libc_realloc(pointer, size);
}
