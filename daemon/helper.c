/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "helper.h"

#include <pthread.h>

#include "clock.h"
#include "wake.h"

enum { SLOW_MAX = 8 };

/* Sensors move slowly and their buses are slow: every 2 s is often enough; and where there are
 * none, a look now and then whether a module was loaded. */
static const uint64_t least_interval_ns = 2 * NS_PER_S;
static const uint64_t absent_interval_ns = 60 * NS_PER_S;

struct helper {
    const struct collector *collectors[SLOW_MAX];
    void *states[SLOW_MAX];
    size_t count;
    uint64_t interval_ns;

    pthread_t thread;
    bool running;
    struct wake stop;
    struct wake first; /* rung after each round; only the first is waited for */

    struct sample sample;          /* the thread's own */
    struct helper_result building; /* the thread's own */
    pthread_mutex_t lock;          /* guards what follows */
    struct helper_result published;
    bool fresh;
};

/* False: there is nothing to read on this machine. */
static bool collect_all(struct helper *helper)
{
    struct sample *sample = &helper->sample;
    bool any = false;
    sample->meters.count = 0;
    sample->sensors.count = 0;
    helper->building.board.count = 0;
    for (size_t i = 0; i < helper->count; i++) {
        uint64_t begin = clock_mono_ns();
        int r = helper->collectors[i]->collect(helper->states[i], sample);
        uint64_t end = clock_mono_ns();
        any = any || r != COLLECT_NO_DATA;
        board_add(&helper->building.board, helper->collectors[i], helper->states[i], r, end - begin,
                  end);
    }
    helper->building.meters = sample->meters;
    helper->building.sensors = sample->sensors;

    (void)pthread_mutex_lock(&helper->lock);
    helper->published = helper->building;
    helper->fresh = true;
    (void)pthread_mutex_unlock(&helper->lock);
    return any;
}

static void *helper_run(void *userdata)
{
    struct helper *helper = userdata;
    uint64_t next = clock_mono_ns();
    do {
        uint64_t interval_ns = collect_all(helper) ? helper->interval_ns : absent_interval_ns;
        wake_ring(&helper->first);
        next = MAX(next + interval_ns, clock_mono_ns());
    } while (!wake_wait(&helper->stop, next));
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
        helper->collectors[i]->close(helper->states[i]);
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

int helper_start(struct helper **ret_helper, const struct collector_env *env)
{
    CLEANUP(helper_stop_p) struct helper *helper = calloc(1, sizeof(*helper));
    if (!helper)
        return -ENOMEM;
    helper->stop.fd = helper->first.fd = -1;
    helper->interval_ns = MAX(env->interval_ns, least_interval_ns);
    (void)pthread_mutex_init(&helper->lock, NULL);
    for (size_t i = 0; collectors[i] && helper->count < SLOW_MAX; i++) {
        if (!collectors[i]->slow)
            continue;
        int r = collectors[i]->open(env, &helper->states[helper->count]);
        if (r < 0)
            return r;
        helper->collectors[helper->count++] = collectors[i];
    }
    if (helper->count == 0) {
        *ret_helper = NULL;
        return 0;
    }
    int r = wake_init(&helper->stop);
    if (r >= 0)
        r = wake_init(&helper->first);
    if (r < 0)
        return r;
    r = pthread_create(&helper->thread, NULL, helper_run, helper);
    if (r != 0)
        return -r;
    (void)pthread_setname_np(helper->thread, "greend-helper");
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
    if (fresh)
        *result = helper->published;
    helper->fresh = false;
    (void)pthread_mutex_unlock(&helper->lock);
    return fresh;
}
