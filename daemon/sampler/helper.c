/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sampler/helper.h"

#include <pthread.h>

#include "threads/clock.h"
#include "threads/thread.h"
#include "threads/wake.h"

enum { SLOW_MAX = 8 };

/* Sensors move slowly and their buses are slow: every 2 s is often enough; and where there are
 * none, a look now and then whether a module was loaded. */
static const uint64_t least_interval_ns = 2 * NS_PER_S;
static const uint64_t absent_interval_ns = 60 * NS_PER_S;

struct slow {
    const struct collector *collector;
    void *state;
    int result;
    uint64_t duration_ns;
    uint64_t next_ns; /* not to be asked before */
};

struct helper {
    struct slow slow[SLOW_MAX];
    size_t count;
    uint64_t interval_ns;
    struct chores *chores; /* NULL: none are posted */

    pthread_t thread;
    bool running;
    struct wake stop;
    struct wake first; /* rung after each round; only the first is waited for */

    struct sample sample; /* the thread's own */
    struct board board;   /* likewise */
    pthread_mutex_t lock; /* guards what follows */
    struct helper_result published;
    bool fresh;
    struct reserved_set reserved; /* the newest reading */
    bool reserved_fresh;
};

/* Copies of no more than is filled: what is never written to takes no memory. */

static void copy_meters(struct meter_set *target, const struct meter_set *set)
{
    target->count = set->count;
    memcpy(target->meters, set->meters, set->count * sizeof(set->meters[0]));
    memcpy(target->readings, set->readings, set->count * sizeof(set->readings[0]));
}

static void copy_sensors(struct sensor_set *target, const struct sensor_set *set)
{
    target->count = set->count;
    memcpy(target->readings, set->readings, set->count * sizeof(set->readings[0]));
}

static void copy_board(struct board *target, const struct board *board)
{
    target->count = board->count;
    memcpy(target->entries, board->entries, board->count * sizeof(board->entries[0]));
}

static void copy_reserved(struct reserved_set *target, const struct reserved_set *set)
{
    memcpy(target, set, offsetof(struct reserved_set, units) + set->count * sizeof(set->units[0]));
}

static void collect(struct helper *helper, struct slow *slow)
{
    uint64_t begin = clock_mono_ns();
    slow->result = slow->collector->collect(slow->state, &helper->sample);
    uint64_t end = clock_mono_ns();
    slow->duration_ns = end - begin;
    uint64_t interval_ns =
        slow->result == COLLECT_NO_DATA ? absent_interval_ns : helper->interval_ns;
    slow->next_ns = begin + MAX(interval_ns, slow->collector->period_ns);
}

/* One round: asks all, but for those with a period that is not over. Meters and sensors are those
 * of one round, so a collector of such has no period. Returns when the next round is due. */
static uint64_t collect_all(struct helper *helper)
{
    struct sample *sample = &helper->sample;
    uint64_t next_ns = UINT64_MAX;
    sample->meters.count = 0;
    sample->sensors.count = 0;
    sample->reserved = NULL;
    helper->board.count = 0;
    for (size_t i = 0; i < helper->count; i++) {
        struct slow *slow = &helper->slow[i];
        uint64_t now = clock_mono_ns();
        if (slow->collector->period_ns == 0 || now >= slow->next_ns)
            collect(helper, slow);
        board_add(&helper->board, slow->collector, slow->state, slow->result, slow->duration_ns,
                  now);
        next_ns = MIN(next_ns, slow->next_ns);
    }
    (void)pthread_mutex_lock(&helper->lock);
    copy_meters(&helper->published.meters, &sample->meters);
    copy_sensors(&helper->published.sensors, &sample->sensors);
    copy_board(&helper->published.board, &helper->board);
    helper->fresh = true;
    if (sample->reserved) {
        copy_reserved(&helper->reserved, sample->reserved);
        helper->reserved_fresh = true;
    }
    (void)pthread_mutex_unlock(&helper->lock);
    return next_ns;
}

/* Until the next round is due; the chores of meanwhile do not delay it by more than one. true: the
 * thread is to end. */
static bool rest(struct helper *helper, uint64_t until_ns)
{
    const struct wake *posted = helper->chores ? chores_posted(helper->chores) : NULL;
    for (;;) {
        bool busy = helper->chores && chores_do(helper->chores);
        if (wake_wait_either(&helper->stop, posted, busy ? 0 : until_ns) == WAKE_FIRST)
            return true;
        if (clock_mono_ns() >= until_ns)
            return false;
    }
}

static void *helper_run(void *userdata)
{
    struct helper *helper = userdata;
    uint64_t next = 0;
    do {
        next = collect_all(helper);
        wake_ring(&helper->first);
    } while (!rest(helper, next));
    return NULL;
}

void helper_wait_first(struct helper *helper, uint64_t until_mono_ns)
{
    if (helper)
        (void)wake_wait(&helper->first, until_mono_ns);
}

struct helper *helper_stop(struct helper *helper)
{
    if (!helper)
        return NULL;
    if (helper->running) {
        wake_ring(&helper->stop);
        (void)pthread_join(helper->thread, NULL);
    }
    for (size_t i = 0; i < helper->count; i++)
        helper->slow[i].collector->close(helper->slow[i].state);
    wake_done(&helper->stop);
    wake_done(&helper->first);
    (void)pthread_mutex_destroy(&helper->lock);
    free(helper);
    return NULL;
}

static void helper_stop_p(struct helper **helper)
{
    (void)helper_stop(*helper);
}

int helper_start(struct helper **ret_helper, const struct collector_env *env, struct chores *chores)
{
    CLEANUP(helper_stop_p) struct helper *helper = calloc(1, sizeof(*helper));
    if (!helper)
        return -ENOMEM;
    helper->stop.fd = helper->first.fd = -1;
    helper->chores = chores;
    helper->interval_ns = MAX(env->interval_ns, least_interval_ns);
    (void)pthread_mutex_init(&helper->lock, NULL);
    for (size_t i = 0; collectors[i] && helper->count < SLOW_MAX; i++) {
        if (!collectors[i]->slow)
            continue;
        struct slow *slow = &helper->slow[helper->count];
        slow->collector = collectors[i];
        int r = collectors[i]->open(env, &slow->state);
        if (r < 0)
            return r;
        helper->count++;
    }
    if (helper->count == 0 && !chores) {
        *ret_helper = NULL;
        return 0;
    }
    int r = wake_init(&helper->stop);
    if (r >= 0)
        r = wake_init(&helper->first);
    if (r < 0)
        return r;
    r = thread_start(&helper->thread, "greend-helper", helper_run, helper);
    if (r < 0)
        return r;
    helper->running = true;
    *ret_helper = TAKE_PTR(helper);
    return 0;
}

bool helper_take(struct helper *helper, struct helper_result *result)
{
    /* The helper holds the lock for one copy only; should it do so now, the next tick takes it. */
    if (!helper || pthread_mutex_trylock(&helper->lock) != 0)
        return false;
    bool fresh = helper->fresh;
    if (fresh) {
        copy_meters(&result->meters, &helper->published.meters);
        copy_sensors(&result->sensors, &helper->published.sensors);
        copy_board(&result->board, &helper->published.board);
    }
    helper->fresh = false;
    (void)pthread_mutex_unlock(&helper->lock);
    return fresh;
}

bool helper_take_reserved(struct helper *helper, struct reserved_set *ret_set)
{
    if (!helper || pthread_mutex_trylock(&helper->lock) != 0)
        return false;
    bool fresh = helper->reserved_fresh;
    if (fresh)
        copy_reserved(ret_set, &helper->reserved);
    helper->reserved_fresh = false;
    (void)pthread_mutex_unlock(&helper->lock);
    return fresh;
}
