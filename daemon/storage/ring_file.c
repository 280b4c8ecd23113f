/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/ring_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

/* The name under which a new ring is made; whoever holds the lock may remove a stale one. */
#define RING_FILE_TEMPORARY "ring.new"

/* O_NONBLOCK: someone may have put a FIFO there, and opening it must not wait. */
enum { OPEN_FLAGS = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

/* Inside this file: the ring that is there cannot go on. */
enum { UNUSABLE = 1 };

static struct ring_file *ring_file_new(void)
{
    struct ring_file *file = calloc(1, sizeof(*file));
    if (file)
        file->lock_fd = -1;
    return file;
}

static void view_unmap(struct ring *view)
{
    if (view->memory)
        (void)munmap(view->memory, view->size);
    *view = (struct ring){0};
}

struct ring_file *ring_file_close(struct ring_file *file)
{
    if (!file)
        return NULL;
    view_unmap(&file->producer);
    view_unmap(&file->reader);
    close_fd_p(&file->lock_fd);
    free(file);
    return NULL;
}

/* Hands a file that was filled without error to the caller, closes any other. */
static int finish(struct ring_file **ret_file, struct ring_file *file, int r)
{
    if (r < 0)
        (void)ring_file_close(file);
    else
        *ret_file = file;
    return r;
}

/* The ring's memory in a view that is not attached yet. */
static int view_map(struct ring *view, int fd, size_t size, int protection)
{
    void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return -errno;
    *view = (struct ring){.memory = memory, .size = size};
    return 0;
}

/* What is not a ring of today's version is UNUSABLE, not an error. */
static int view_attach(struct ring *view)
{
    int r = ring_attach(view, view->memory, view->size);
    return r == -EBADMSG || r == -EPROTONOSUPPORT ? UNUSABLE : r;
}

/* ---- Producer ---- */

/* A lock on a file of its own: a lock on the ring could be taken by every reader of it, and would
 * get lost when a new ring takes the name. */
static int lock_take(struct ring_file *file, int dir_fd)
{
    file->lock_fd = openat(dir_fd, RING_FILE_LOCK, O_RDWR | O_CREAT | OPEN_FLAGS, 0600);
    if (file->lock_fd < 0)
        return -errno;
    if (flock(file->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    return 0;
}

/* Every page now: a page that is missing when it is first written to, with the file system full, is
 * a SIGBUS. Harmless where they are there already. */
static int allocate(int fd, size_t size)
{
    int error = 0;
    do {
        error = posix_fallocate(fd, 0, (off_t)size);
    } while (error == EINTR);
    return -error;
}

static int map_both(struct ring_file *file, int fd, size_t size)
{
    int r = view_map(&file->producer, fd, size, PROT_READ | PROT_WRITE);
    return r < 0 ? r : view_map(&file->reader, fd, size, PROT_READ);
}

/* Goes on with the ring in an open file. 0 or UNUSABLE. */
static int take_over(struct ring_file *file, int fd, size_t size)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    /* Another user could truncate it. */
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (size_t)status.st_size != size)
        return UNUSABLE;
    int r = allocate(fd, size);
    if (r < 0)
        return r;
    r = map_both(file, fd, size);
    if (r < 0)
        return r;
    r = view_attach(&file->producer);
    if (r != 0)
        return r;
    if (ring_verify(&file->producer) < 0)
        return UNUSABLE;
    return view_attach(&file->reader);
}

static int attach(struct ring_file *file, int dir_fd, size_t size)
{
    int opened = openat(dir_fd, RING_FILE_NAME, O_RDWR | OPEN_FLAGS);
    if (opened < 0)
        return errno == ELOOP ? UNUSABLE : -errno;
    CLEANUP(close_fd_p) int fd = opened;
    int r = take_over(file, fd, size);
    if (r == UNUSABLE) {
        view_unmap(&file->producer);
        view_unmap(&file->reader);
    }
    return r;
}

static int random_id(uint8_t id[RING_ID_SIZE])
{
    ssize_t n = 0;
    do {
        n = getrandom(id, RING_ID_SIZE, 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return n == RING_ID_SIZE ? 0 : -EIO; /* this few bytes come at once */
}

static int fill_new(struct ring_file *file, int fd, size_t size, uint64_t slots)
{
    uint8_t id[RING_ID_SIZE];
    int r = random_id(id);
    if (r < 0)
        return r;
    if (fchmod(fd, 0640) < 0)
        return -errno;
    r = allocate(fd, size);
    if (r < 0)
        return r;
    r = map_both(file, fd, size);
    if (r < 0)
        return r;
    r = ring_format(&file->producer, file->producer.memory, size, slots, id);
    if (r < 0)
        return r;
    return ring_attach(&file->reader, file->reader.memory, size);
}

/* Makes a ring aside and gives it the name only when it is whole. */
static int create(struct ring_file *file, int dir_fd, size_t size, uint64_t slots)
{
    if (unlinkat(dir_fd, RING_FILE_TEMPORARY, 0) < 0 && errno != ENOENT)
        return -errno;
    int opened = openat(dir_fd, RING_FILE_TEMPORARY, O_RDWR | O_CREAT | O_EXCL | OPEN_FLAGS, 0640);
    if (opened < 0)
        return -errno;
    CLEANUP(close_fd_p) int fd = opened;
    int r = fill_new(file, fd, size, slots);
    if (r == 0 && renameat(dir_fd, RING_FILE_TEMPORARY, dir_fd, RING_FILE_NAME) < 0)
        r = -errno;
    if (r < 0)
        (void)unlinkat(dir_fd, RING_FILE_TEMPORARY, 0);
    return r;
}

static int become_producer(struct ring_file *file, int dir_fd, size_t size, uint64_t slots)
{
    int r = lock_take(file, dir_fd);
    if (r < 0)
        return r;
    int attached = attach(file, dir_fd, size);
    if (attached == 0 || (attached < 0 && attached != -ENOENT))
        return attached;
    r = create(file, dir_fd, size, slots);
    if (r < 0)
        return r;
    return attached == UNUSABLE ? RING_FILE_REPLACED : RING_FILE_NEW;
}

int ring_file_create_or_attach(struct ring_file **ret_file, int dir_fd, uint64_t slots)
{
    size_t size = ring_memory_size(slots);
    if (size == 0)
        return -EINVAL;
    struct ring_file *file = ring_file_new();
    if (!file)
        return -ENOMEM;
    return finish(ret_file, file, become_producer(file, dir_fd, size, slots));
}

/* ---- Readers ---- */

static int open_in(const char *directory)
{
    int opened = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        return -errno;
    CLEANUP(close_fd_p) int dir_fd = opened;
    int fd = openat(dir_fd, RING_FILE_NAME, O_RDONLY | OPEN_FLAGS);
    if (fd < 0)
        return errno == ELOOP ? -EBADMSG : -errno;
    return fd;
}

static int become_reader(struct ring_file *file, const char *directory)
{
    int opened = open_in(directory);
    if (opened < 0)
        return opened;
    CLEANUP(close_fd_p) int fd = opened;
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_size <= 0 ||
        (uint64_t)status.st_size > ring_memory_size(RING_SLOTS_MAX))
        return -EBADMSG;
    int r = view_map(&file->reader, fd, (size_t)status.st_size, PROT_READ);
    if (r < 0)
        return r;
    return ring_attach(&file->reader, file->reader.memory, file->reader.size);
}

int ring_file_open(struct ring_file **ret_file, const char *directory)
{
    struct ring_file *file = ring_file_new();
    if (!file)
        return -ENOMEM;
    return finish(ret_file, file, become_reader(file, directory));
}
