/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "threads/chores.h"

#include <pthread.h>

struct queue {
    struct chore *first;
    struct chore **end;
};

struct chores {
    struct wake posted;
    struct wake done;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t idle;  /* nothing is being done */
    struct queue to_do;
    struct queue finished;
    const struct chore *current; /* being done */
};

static void queue_init(struct queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

static void queue_add(struct queue *queue, struct chore *chore)
{
    chore->next = NULL;
    *queue->end = chore;
    queue->end = &chore->next;
}

static struct chore *queue_take(struct queue *queue)
{
    struct chore *chore = queue->first;
    if (!chore)
        return NULL;
    queue->first = chore->next;
    if (!queue->first)
        queue->end = &queue->first;
    return chore;
}

static void queue_remove(struct queue *queue, const struct chore *chore)
{
    for (struct chore **at = &queue->first; *at; at = &(*at)->next) {
        if (*at != chore)
            continue;
        *at = chore->next;
        if (!*at)
            queue->end = at;
        return;
    }
}

int chores_new(struct chores **ret_chores)
{
    struct chores *chores = calloc(1, sizeof(*chores));
    if (!chores)
        return -ENOMEM;
    chores->posted.fd = chores->done.fd = -1;
    (void)pthread_mutex_init(&chores->lock, NULL);
    (void)pthread_cond_init(&chores->idle, NULL);
    queue_init(&chores->to_do);
    queue_init(&chores->finished);
    int r = wake_init(&chores->posted);
    if (r >= 0)
        r = wake_init(&chores->done);
    if (r < 0) {
        (void)chores_free(chores);
        return r;
    }
    *ret_chores = chores;
    return 0;
}

struct chores *chores_free(struct chores *chores)
{
    if (!chores)
        return NULL;
    wake_done(&chores->posted);
    wake_done(&chores->done);
    (void)pthread_cond_destroy(&chores->idle);
    (void)pthread_mutex_destroy(&chores->lock);
    free(chores);
    return NULL;
}

void chores_post(struct chores *chores, struct chore *chore)
{
    (void)pthread_mutex_lock(&chores->lock);
    queue_add(&chores->to_do, chore);
    (void)pthread_mutex_unlock(&chores->lock);
    wake_ring(&chores->posted);
}

int chores_done_fd(const struct chores *chores)
{
    return chores->done.fd;
}

struct chore *chores_take(struct chores *chores)
{
    /* The bell first: what is done after this rings again. */
    uint64_t count = 0;
    (void)!read(chores->done.fd, &count, sizeof(count));
    (void)pthread_mutex_lock(&chores->lock);
    struct chore *chore = queue_take(&chores->finished);
    (void)pthread_mutex_unlock(&chores->lock);
    return chore;
}

void chores_withdraw(struct chores *chores, struct chore *chore)
{
    (void)pthread_mutex_lock(&chores->lock);
    while (chores->current == chore)
        (void)pthread_cond_wait(&chores->idle, &chores->lock);
    queue_remove(&chores->to_do, chore);
    queue_remove(&chores->finished, chore);
    (void)pthread_mutex_unlock(&chores->lock);
}

const struct wake *chores_posted(const struct chores *chores)
{
    return &chores->posted;
}

bool chores_do(struct chores *chores)
{
    (void)pthread_mutex_lock(&chores->lock);
    struct chore *chore = queue_take(&chores->to_do);
    chores->current = chore;
    (void)pthread_mutex_unlock(&chores->lock);
    if (!chore)
        return false;
    chore->work(chore);
    (void)pthread_mutex_lock(&chores->lock);
    chores->current = NULL;
    queue_add(&chores->finished, chore);
    (void)pthread_cond_broadcast(&chores->idle);
    (void)pthread_mutex_unlock(&chores->lock);
    wake_ring(&chores->done);
    return true;
}
