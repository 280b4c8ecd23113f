/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "targets/target_watch.h"

#include <pthread.h>

#include "input/factor_files.h"
#include "shell/log.h"
#include "targets/targets.h"
#include "threads/clock.h"

/* Targets are of months and years; reading a year of days takes a tenth of a second. */
static const uint64_t refresh_ns = 600 * NS_PER_S;

struct target_watch {
    const struct settings *settings;
    struct factor_table *factors; /* NULL: there are none */
    uint64_t next_ns;             /* the recorder's, likewise baselines */
    struct target_baselines baselines;
    bool failed;          /* said that it failed */
    pthread_mutex_t lock; /* guards what follows */
    struct exposition_target published[SETTINGS_TARGETS_MAX];
    size_t n_published;
};

static void log_line(void *userdata, const char *line)
{
    (void)userdata;
    log_warning("%s", line);
}

struct target_watch *target_watch_free(struct target_watch *watch)
{
    if (!watch)
        return NULL;
    watch->factors = factor_table_free(watch->factors);
    (void)pthread_mutex_destroy(&watch->lock);
    free(watch);
    return NULL;
}

int target_watch_new(struct target_watch **ret_watch, const struct settings *settings)
{
    *ret_watch = NULL;
    if (settings->n_targets == 0)
        return 0;
    struct target_watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return -ENOMEM;
    watch->settings = settings;
    (void)pthread_mutex_init(&watch->lock, NULL);
    int r = factor_files_load(settings->factors_folder, settings->factors, NULL, 0, &watch->factors,
                              log_line, NULL);
    if (r < 0) {
        (void)target_watch_free(watch);
        return r;
    }
    *ret_watch = watch;
    return 0;
}

/* A ratio in parts per million. */
static uint64_t ppm_of(double value, double limit)
{
    const double most = 1e6; /* times the limit */
    double ratio = value / limit;
    return (uint64_t)((ratio < most ? ratio : most) * (double)PPM + 0.5);
}

static void publish(struct target_watch *watch, const struct target_list *list)
{
    (void)pthread_mutex_lock(&watch->lock);
    watch->n_published = 0;
    for (size_t i = 0; i < list->n && i < ARRAY_SIZE(watch->published); i++) {
        const struct target_state *state = &list->states[i];
        struct exposition_target *target = &watch->published[watch->n_published];
        if (!state->limited || !state->valued || state->limit <= 0)
            continue;
        *target = (struct exposition_target){.used_ppm = ppm_of(state->so_far, state->limit)};
        (void)str_copy(target->name, sizeof(target->name), state->target.name);
        target->projected = state->projected;
        if (state->projected)
            target->projected_ppm = ppm_of(state->value, state->limit);
        watch->n_published++;
    }
    (void)pthread_mutex_unlock(&watch->lock);
}

static int evaluate(struct target_watch *watch, struct target_list *list)
{
    struct store_reader *reader = NULL;
    int r = store_reader_open(&reader, watch->settings->database);
    if (r == 0)
        r = targets_evaluate(reader, watch->settings, NULL, watch->factors, &watch->baselines,
                             list);
    (void)store_reader_close(reader);
    return r;
}

void target_watch_refresh(struct target_watch *watch)
{
    struct target_list list = {0};
    if (!watch || clock_mono_ns() < watch->next_ns)
        return;
    watch->next_ns = clock_mono_ns() + refresh_ns;
    int r = evaluate(watch, &list);
    if (r == 0)
        publish(watch, &list);
    target_list_done(&list);
    if (r < 0 && !watch->failed)
        (void)log_errno(LOG_WARNING, r,
                        "cannot evaluate [targets] from the database %s: greend_target_ratio stays "
                        "as it is; it is tried again every ten minutes",
                        watch->settings->database);
    watch->failed = r < 0;
}

size_t target_watch_get(void *userdata, struct exposition_target *ret, size_t max)
{
    struct target_watch *watch = userdata;
    if (!watch)
        return 0;
    (void)pthread_mutex_lock(&watch->lock);
    size_t n = MIN(watch->n_published, max);
    memcpy(ret, watch->published, n * sizeof(*ret));
    (void)pthread_mutex_unlock(&watch->lock);
    return n;
}
