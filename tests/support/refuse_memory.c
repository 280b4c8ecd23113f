/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Preloaded into a program: numbers what it asks of the heap, in whatever library, and refuses what
 * the file $GREEND_REFUSE_FILE says, which a test may change while the program runs. */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The file's bytes, in native order. */
struct control {
    uint64_t asked;   /* so far */
    uint64_t from;    /* the first that is refused; 0: none */
    uint64_t count;   /* and how many in a row */
    uint64_t refused; /* so far */
};

static struct control *control;
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);

extern void *__libc_malloc(size_t); /* until dlsym() has found the others */
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *pointer, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **ret, size_t alignment, size_t size);

__attribute__((constructor)) static void begin(void)
{
    real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    real_aligned_alloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "aligned_alloc");
    real_posix_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
    const char *file = getenv("GREEND_REFUSE_FILE");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (map != MAP_FAILED)
        control = map;
}

static bool refuses(void)
{
    if (!control)
        return false;
    uint64_t number = __atomic_add_fetch(&control->asked, 1, __ATOMIC_SEQ_CST);
    uint64_t from = __atomic_load_n(&control->from, __ATOMIC_SEQ_CST);
    if (from == 0 || number < from || number - from >= control->count)
        return false;
    (void)__atomic_add_fetch(&control->refused, 1, __ATOMIC_SEQ_CST);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (refuses())
        return NULL;
    return real_malloc ? real_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (refuses())
        return NULL;
    return real_calloc ? real_calloc(count, size) : __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
    if (refuses())
        return NULL;
    return real_realloc ? real_realloc(pointer, size) : __libc_realloc(pointer, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refuses() || !real_aligned_alloc ? NULL : real_aligned_alloc(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
    return refuses() || !real_posix_memalign ? ENOMEM : real_posix_memalign(ret, alignment, size);
}
