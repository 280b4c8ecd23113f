/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/load_switch.h"

#include <math.h>

static const double memory_s = 1800, compare_every_s = 60;
static const double turns_least = 5;

/* A switch must explain so much of the squares of the jumps at its turns, and so many times what
 * the best single load explains; one that was found goes on down to the second. */
static const double begins = 0.5, ends = 0.3;
static const double begins_above_single = 1.3, ends_above_single = 1;

/* And so many times the square of a usual change, 5 standard deviations: of a thousand pairs some
 * have turns that are alike by chance. */
static const double chance = 25;

/* Another one must explain so many times as much as the one that was found. */
static const double better = 1.05;

struct found {
    size_t low, high;
    double explained, single;
    double squares;
};

static size_t pair_of(size_t low, size_t high)
{
    return high * (high + 1) / 2 + low;
}

bool load_switch_turn(struct load_switch *own, double load)
{
    double steps = fmin(fmax(load * LOAD_SWITCH_STEPS, 0), LOAD_SWITCH_STEPS - 1);
    uint8_t now = (uint8_t)steps;
    if (!own->telling)
        own->told = 0;
    own->telling = false;
    memcpy(own->reached[2], own->reached[1], sizeof(own->reached[2]));
    memcpy(own->reached[1], own->reached[0], sizeof(own->reached[1]));
    for (size_t low = 0; low < LOAD_SWITCH_STEPS; low++)
        own->reached[0][low] = now < low ? 0 : MAX(own->reached[0][low], now);
    return own->high > 0 && own->reached[0][own->low] >= own->high;
}

/* A switch turns somewhere in an interval: what counts is how the one after it differs from the one
 * before. */
static void add_turns(struct load_switch *own, double change_w)
{
    for (size_t low = 1; low < LOAD_SWITCH_STEPS; low++) {
        size_t before = MAX(own->reached[2][low], low - 1);
        size_t after = MAX(own->reached[1][low], low - 1);
        float jump_w = (float)(after > before ? change_w : -change_w);
        for (size_t high = MIN(before, after) + 1; high <= MAX(before, after); high++) {
            struct load_switch_pair *pair = &own->pairs[pair_of(low, high)];
            pair->jumps_w += jump_w;
            pair->squares += jump_w * jump_w;
            pair->turns++;
        }
    }
}

static void add_change(struct load_switch *own, double change_w)
{
    own->changes++;
    own->change_squares += change_w * change_w;
    add_turns(own, change_w);
}

/* Of the squares of the jumps at a pair's turns, what jumps of one height explain. */
static double explained(const struct load_switch *own, size_t low, size_t high)
{
    const struct load_switch_pair *pair = &own->pairs[pair_of(low, high)];
    double jumps_w = (double)pair->jumps_w, turns = (double)pair->turns;
    return jumps_w > 0 && turns >= turns_least ? jumps_w * jumps_w / turns : 0;
}

static struct found find(const struct load_switch *own)
{
    struct found ret = {0};
    for (size_t high = 1; high < LOAD_SWITCH_STEPS; high++) {
        for (size_t low = 1; low <= high; low++) {
            double of_pair = explained(own, low, high);
            if (low == high)
                ret.single = fmax(ret.single, of_pair);
            if (of_pair > ret.explained) {
                ret.explained = of_pair;
                ret.low = low;
                ret.high = high;
            }
        }
    }
    ret.squares = (double)own->pairs[pair_of(ret.low, ret.high)].squares;
    return ret;
}

static bool is_switch(const struct load_switch *own, const struct found *found, bool known)
{
    double usual = own->changes > 0 ? own->change_squares / own->changes : 0;
    return found->explained > (known ? ends : begins) * found->squares &&
           found->explained > (known ? ends_above_single : begins_above_single) * found->single &&
           found->explained > chance * usual;
}

/* Whether another switch was found, or none any more. One that does not turn, as at night, is
 * neither shown nor refuted. */
static bool compare(struct load_switch *own)
{
    bool known = own->high > 0;
    if (known && (double)own->pairs[pair_of(own->low, own->high)].turns < turns_least)
        return false;
    struct found best = find(own);
    if (!is_switch(own, &best, known)) {
        own->low = own->high = 0;
        return known;
    }
    if (known && best.explained <= better * explained(own, own->low, own->high))
        return false;
    own->low = (uint8_t)best.low;
    own->high = (uint8_t)best.high;
    return true;
}

static void fade(struct load_switch *own)
{
    float keep = (float)exp(-own->since_s / memory_s);
    own->changes *= (double)keep;
    own->change_squares *= (double)keep;
    for (size_t i = 0; i < LOAD_SWITCH_PAIRS; i++) {
        own->pairs[i].jumps_w *= keep;
        own->pairs[i].squares *= keep;
        own->pairs[i].turns *= keep;
    }
}

bool load_switch_learn(struct load_switch *own, double rest_w, double dt_s)
{
    if (own->told == ARRAY_SIZE(own->rests_w))
        add_change(own, rest_w - own->rests_w[1]);
    else
        own->told++;
    own->rests_w[1] = own->rests_w[0];
    own->rests_w[0] = rest_w;
    own->telling = true;
    own->since_s += dt_s;
    if (own->since_s < compare_every_s)
        return false;
    bool changed = compare(own);
    fade(own);
    own->since_s = 0;
    return changed;
}
