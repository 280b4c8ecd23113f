/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "recorder/notebook.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>

#include "collectors/model/cpuinfo.h"
#include "shell/log.h"

enum { FILE_MAX = 1 << 20, MODE = 0640 };

struct notebook {
    char path[PATH_MAX];
    uint64_t hardware;
    bool known;
    struct learned recalled;
    pthread_mutex_t lock;
    bool fresh;
    struct learned kept;
    struct learned writing;
};

/* ---- Reading ---- */

/* What must be the same for what was learned to hold: the processors. Domains have names of their
 * own. */
static uint64_t hardware_of(const char *procfs)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%.4000s/cpuinfo", procfs);
    CLEANUP(free_p) struct cpuinfo_parser *parser = malloc(sizeof(*parser));
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct cpuinfo info = {0};
    if (parser && fd >= 0) {
        char bytes[4096];
        ssize_t length = 0;
        cpuinfo_begin(parser);
        while ((length = read(fd, bytes, sizeof(bytes))) > 0)
            cpuinfo_feed(parser, bytes, (size_t)length);
        cpuinfo_end(parser, &info);
    }
    char text[sizeof(info.name) + 64];
    (void)snprintf(text, sizeof(text), "%u %u %u %u %u %s", info.family, info.model, info.threads,
                   info.cores, info.sockets, info.name);
    return hash_bytes(HASH_BEGIN, text, strlen(text));
}

/* -EBADMSG also for what is no regular file, or larger than any that greend writes. */
static int read_file(const char *path, struct learned *ret)
{
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
        return -EBADMSG;
    size_t size = (size_t)status.st_size;
    CLEANUP(free_p) char *bytes = malloc(size + 1);
    if (!bytes)
        return -ENOMEM;
    size_t length = 0;
    while (length < size) {
        ssize_t n = read(fd, bytes + length, size - length);
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    return learned_read(bytes, length, ret);
}

static void recall(struct notebook *notebook)
{
    int r = read_file(notebook->path, &notebook->recalled);
    if (r == -ENOENT)
        return;
    if (r < 0) {
        (void)log_errno(LOG_WARNING, r,
                        "%s cannot be used: idle power and watts of workloads are learned anew",
                        notebook->path);
        return;
    }
    notebook->known = notebook->recalled.hardware == notebook->hardware;
    if (!notebook->known)
        log_notice("%s was learned on other processors: idle power and watts of workloads are "
                   "learned anew",
                   notebook->path);
}

int notebook_open(struct notebook **ret_notebook, const char *database, const char *procfs)
{
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    if (!notebook)
        return -ENOMEM;
    (void)pthread_mutex_init(&notebook->lock, NULL);
    (void)snprintf(notebook->path, sizeof(notebook->path), "%.4000s.learned", database);
    notebook->hardware = hardware_of(procfs);
    recall(notebook);
    *ret_notebook = notebook;
    return 0;
}

struct notebook *notebook_free(struct notebook *notebook)
{
    if (!notebook)
        return NULL;
    (void)pthread_mutex_destroy(&notebook->lock);
    free(notebook);
    return NULL;
}

const struct learned *notebook_recalled(const struct notebook *notebook)
{
    return notebook->known ? &notebook->recalled : NULL;
}

/* ---- From the sampler to the recorder ---- */

struct learned *notebook_take(struct notebook *notebook)
{
    return pthread_mutex_trylock(&notebook->lock) == 0 ? &notebook->kept : NULL;
}

void notebook_give(struct notebook *notebook)
{
    notebook->kept.hardware = notebook->hardware;
    notebook->fresh = true;
    (void)pthread_mutex_unlock(&notebook->lock);
}

static int write_all(int fd, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t n = write(fd, bytes + at, length - at);
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int write_file(const char *path, const struct text *text)
{
    char new[PATH_MAX + 8];
    (void)snprintf(new, sizeof(new), "%s.new", path);
    CLEANUP(close_fd_p)
    int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
    if (fd < 0)
        return -errno;
    int r = write_all(fd, text->data, text->length);
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    if (r >= 0 && rename(new, path) < 0)
        r = -errno;
    if (r < 0)
        (void)unlink(new);
    return r;
}

void notebook_write(struct notebook *notebook)
{
    (void)pthread_mutex_lock(&notebook->lock);
    bool fresh = notebook->fresh;
    notebook->fresh = false;
    if (fresh)
        notebook->writing = notebook->kept;
    (void)pthread_mutex_unlock(&notebook->lock);
    if (!fresh || notebook->writing.n_domains == 0)
        return;
    CLEANUP(text_done) struct text text = {0};
    learned_write(&notebook->writing, &text);
    int r = text.error ? text.error : write_file(notebook->path, &text);
    if (r < 0)
        (void)log_errno(LOG_WARNING, r,
                        "cannot write %s: after a restart, idle power is learned anew",
                        notebook->path);
}
