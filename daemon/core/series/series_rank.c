/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/series/series.h"

/* ---- Scores ----
 *
 * Forward decay: instead of halving every score each hour, which would change every stored row
 * each minute, energy weighs twice as much each hour later. Only when that has gone on for a while
 * are all scores brought back. */

enum { WEIGH_HOURS = 12, MINUTES = 60 };

#define MINUTE_NS   (60 * NS_PER_S)
#define HOUR_NS     (MINUTES * MINUTE_NS)
#define MINUTE_STEP UINT64_C(4344872412) /* 2^32 * 2^(1/60) */

static void decay(struct series_recent *recent, uint64_t hours)
{
    double factor = 1 / (double)(UINT64_C(1) << MIN(hours, 60)); /* beyond, nothing is left */
    recent->energy_uj *= factor;
    recent->half_uj *= factor;
}

/* Halves all scores once for each hour since the landmark, which moves up to now. */
static void move_landmark(struct series *series, uint64_t hours)
{
    for (size_t i = 0; i < series->n_keys; i++) {
        struct series_workload *key = &series->keys[series->order[i]];
        decay(&key->recent, hours);
        if (key->score == 0)
            continue;
        key->score = hours < 64 ? key->score >> hours : 0;
        key->changed = series->frames;
    }
    decay(&series->recent_other, hours);
    series->landmark_ns += hours * HOUR_NS;
}

void series_weigh(struct series *series)
{
    uint64_t hours = (series->clock_ns - series->landmark_ns) / HOUR_NS;
    if (hours >= WEIGH_HOURS) {
        move_landmark(series, hours);
        hours = 0;
    }
    uint64_t minutes = (series->clock_ns - series->landmark_ns) / MINUTE_NS % MINUTES;
    uint64_t weight = UINT64_C(1) << 32;
    for (uint64_t i = 0; i < minutes; i++)
        weight = weight * (MINUTE_STEP >> 8) >> 24;
    series->weight_q32 = weight << hours;
}

/* ---- Sorting by score ---- */

static const struct series_workload *ranked_key(const struct series *series, uint16_t position)
{
    return &series->keys[series->order[position]];
}

/* Positions in the order; the later one of two equals is the worse. */
static bool is_worse(const struct series *series, uint16_t a, uint16_t b)
{
    uint64_t score_a = ranked_key(series, a)->score;
    uint64_t score_b = ranked_key(series, b)->score;
    return score_a != score_b ? score_a < score_b : a > b;
}

static void sift_down(struct series *series, size_t root, size_t n)
{
    uint16_t *heap = series->ranked;
    for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1) {
        if (child + 1 < n && is_worse(series, heap[child + 1], heap[child]))
            child++;
        if (!is_worse(series, heap[child], heap[root]))
            return;
        uint16_t swap = heap[root];
        heap[root] = heap[child];
        heap[child] = swap;
        root = child;
    }
}

/* Fills series.ranked, best first. A heapsort of our own: qsort(3) may allocate. */
static void sort_ranked(struct series *series)
{
    size_t n = series->n_keys;
    for (size_t i = 0; i < n; i++)
        series->ranked[i] = (uint16_t)i;
    for (size_t i = n / 2; i-- > 0;)
        sift_down(series, i, n);
    for (size_t end = n; end-- > 1;) {
        uint16_t swap = series->ranked[0];
        series->ranked[0] = series->ranked[end];
        series->ranked[end] = swap;
        sift_down(series, 0, end);
    }
}

/* ---- Who is shown ---- */

uint64_t series_admission(const struct series *series)
{
    /* Where everything begins, totals included, there is no past to be told from. */
    bool beginning = series->clock_ns - SERIES_BEGIN_NS < SERIES_NOTICE_NS;
    return beginning ? series->clock_ns : series->clock_ns + SERIES_NOTICE_NS;
}

/* A series has what it shows; what it is still owed, or was given too much, goes to `other`. */
static void settle(struct series *series, struct series_workload *key)
{
    for (size_t source = 0; source < ENERGY_SOURCES; source++) {
        struct series_counter *counter = &key->energy[source];
        struct series_other *other = &series->other[source];
        uint64_t shown_uj = counter->shown_mj * UJ_PER_MJ;
        other->energy.energy_uj += sub_saturated(counter->energy_uj, shown_uj);
        other->debt_uj += sub_saturated(shown_uj, counter->energy_uj);
        counter->energy_uj = shown_uj;
    }
}

/* Lets a series cease to count; its place is free after the notice. It keeps what it shows, to
 * resume from there, and shows nothing new that might not be scraped any more. */
static void send_away(struct series *series, struct series_workload *key)
{
    settle(series, key);
    key->leave_ns = series->clock_ns;
    key->changed = series->frames;
}

static void hide(struct series *series, struct series_workload *key)
{
    key->top_ns = 0;
    key->leave_ns = 0;
    key->changed = series->frames;
}

/* Ends what is over. Never both at once: the last value must have been seen. */
static void end_series(struct series *series)
{
    for (size_t i = 0; i < series->n_keys; i++) {
        struct series_workload *key = &series->keys[series->order[i]];
        if (!series_is_shown(key))
            continue;
        if (key->leave_ns != 0 && series->clock_ns - key->leave_ns >= SERIES_NOTICE_NS)
            hide(series, key);
        else if (key->leave_ns == 0 && series->clock_ns >= key->top_ns + SERIES_STAY_NS)
            send_away(series, key);
    }
}

/* How many are the top: those with any energy, at most series.top. */
static size_t top_size(const struct series *series)
{
    size_t n = 0;
    while (n < series->n_keys && n < series->top &&
           ranked_key(series, series->ranked[n])->score != 0)
        n++;
    return n;
}

/* Sends the `n` least used of those behind the top away. */
static void send_least_away(struct series *series, size_t top, size_t n)
{
    for (size_t i = series->n_keys; i-- > top && n > 0;) {
        struct series_workload *key = &series->keys[series->order[series->ranked[i]]];
        if (!series_is_shown(key) || key->leave_ns != 0)
            continue;
        send_away(series, key);
        n--;
    }
}

static size_t shown_limit(const struct series *series)
{
    return MIN((size_t)series->top * 4, (size_t)SERIES_SHOWN_MAX);
}

/* Who is in the top stays from now on. */
static void keep_top(struct series *series, size_t top)
{
    for (size_t i = 0; i < top; i++) {
        struct series_workload *key = &series->keys[series->order[series->ranked[i]]];
        if (!series_is_shown(key))
            continue;
        key->top_ns = MAX(key->top_ns, series->clock_ns);
        key->leave_ns = 0;
        key->changed = series->frames;
    }
}

static void admit(struct series *series, size_t top, size_t room)
{
    for (size_t i = 0; i < top && room > 0; i++) {
        struct series_workload *key = &series->keys[series->order[series->ranked[i]]];
        if (series_is_shown(key))
            continue;
        key->top_ns = series_admission(series);
        key->changed = series->frames;
        room--;
    }
}

/* ---- Forgetting ---- */

/* Drops the keys at these positions of the order. What they show must be all that they have. */
static void drop(struct series *series, const bool gone[SERIES_KEYS_MAX])
{
    uint16_t freed[SERIES_KEYS_MAX];
    size_t kept = 0;
    size_t n_freed = 0;
    for (size_t i = 0; i < series->n_keys; i++) {
        uint16_t index = series->order[i];
        if (gone[i])
            freed[n_freed++] = index;
        else
            series->order[kept++] = index;
    }
    if (n_freed == 0)
        return;
    memcpy(&series->order[kept], freed, n_freed * sizeof(freed[0]));
    series->n_keys = kept;
    memset(series->slots, 0, sizeof(series->slots));
    series->forgotten = series->frames;
}

/* What a person used, halved each hour, is below a microjoule by now: two days after 78 kWh, sooner
 * after less. Names of persons are kept no longer. Nothing was added for hours, so what the series
 * shows was seen by all who scrape. */
static bool is_person_gone(const struct series *series, const struct series_workload *key)
{
    return key->kind == WORKLOAD_USER && !str_equal(key->unit, "users") &&
           key->score < series->weight_q32 >> 32;
}

static void forget_persons(struct series *series)
{
    bool gone[SERIES_KEYS_MAX] = {false};
    for (size_t i = 0; i < series->n_keys; i++) {
        struct series_workload *key = &series->keys[series->order[i]];
        gone[i] = is_person_gone(series, key);
        if (gone[i])
            settle(series, key);
    }
    drop(series, gone);
}

void series_forget(struct series *series)
{
    enum { BATCH = SERIES_KEYS_MAX / 10 };
    bool gone[SERIES_KEYS_MAX] = {false};
    size_t n_gone = 0;
    sort_ranked(series);
    for (size_t i = series->n_keys; i-- > 0 && n_gone < BATCH;) {
        if (series_is_shown(ranked_key(series, series->ranked[i])))
            continue;
        gone[series->ranked[i]] = true;
        n_gone++;
    }
    drop(series, gone);
}

/* ---- Once a minute ---- */

void series_rank(struct series *series)
{
    series->ranked_ns = series->clock_ns;
    forget_persons(series);
    sort_ranked(series);
    size_t top = top_size(series);
    keep_top(series, top);
    end_series(series);
    size_t shown = 0;
    size_t leaving = 0;
    size_t newcomers = 0;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = ranked_key(series, series->ranked[i]);
        shown += series_is_shown(key);
        leaving += key->leave_ns != 0;
        newcomers += i < top && !series_is_shown(key);
    }
    size_t limit = shown_limit(series);
    if (shown + newcomers > limit + leaving)
        send_least_away(series, top, shown + newcomers - limit - leaving);
    admit(series, top, (size_t)sub_saturated(limit, shown));
}
