/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/reserved/reserved_tally.h"

#include "greend/units.h"

enum { BYTES_PER_KIB = 1024 };

static uint64_t shares_of(const struct reserved_node *node)
{
    return node->shares ? node->shares : RESERVED_SHARES_DEFAULT;
}

/* Children stand behind their parents: backwards, each is whole before its parent is looked at. */
static void find_populated(struct reserved_node *nodes, size_t n_nodes)
{
    for (size_t i = 0; i < n_nodes; i++) {
        nodes[i].populated = nodes[i].processes && i > 0;
        nodes[i].among = nodes[i].seen = 0;
        nodes[i].given = nodes[i].ppb = 0;
    }
    for (size_t i = n_nodes; i-- > 1;) {
        struct reserved_node *parent = &nodes[nodes[i].parent];
        if (!nodes[i].populated)
            continue;
        parent->populated = true;
        parent->among += shares_of(&nodes[i]);
    }
    for (size_t i = 1; i < n_nodes; i++)
        if (nodes[i].processes && nodes[i].among > 0)
            nodes[i].among += RESERVED_SHARES_DEFAULT;
}

/* The next part of what a group divides: rounded by the running sum, so that nothing is left. */
static uint32_t give(struct reserved_node *parent, uint64_t shares)
{
    parent->seen += shares;
    uint32_t due = (uint32_t)mul_div(parent->ppb, parent->seen, parent->among);
    uint32_t part = due - parent->given;
    parent->given = due;
    return part;
}

static void divide_weight(struct reserved_node *nodes, size_t n_nodes, struct reserved_set *set)
{
    nodes[0].ppb = RESERVED_WEIGHT_ALL;
    for (size_t i = 1; i < n_nodes; i++)
        if (nodes[i].populated)
            nodes[i].ppb = give(&nodes[nodes[i].parent], shares_of(&nodes[i]));
    for (size_t i = 1; i < n_nodes; i++)
        if (nodes[i].unit != 0 && nodes[i].processes)
            set->units[nodes[i].unit - 1].weight_ppb += nodes[i].ppb - nodes[i].given;
}

/* The nearest group above that tells its memory and is of a unit which is there; NULL: none. */
static const struct reserved_node *find_holder(const struct reserved_node *nodes,
                                               const struct reserved_node *node, const bool *there)
{
    while (node != nodes) {
        node = &nodes[node->parent];
        if (node->unit != 0 && there[node->unit - 1] && node->memory != UINT64_MAX)
            return node;
    }
    return NULL;
}

/* Books what a group holds to its unit instead of the one above, which may be the same. */
static void add_memory(const struct reserved_node *nodes, const struct reserved_node *node,
                       const bool *there, struct reserved_set *set)
{
    if (node->unit == 0 || !there[node->unit - 1])
        return;
    const struct reserved_node *holder = find_holder(nodes, node, there);
    if (node->memory == UINT64_MAX) {
        set->memory_known = set->memory_known && holder; /* counted there */
        return;
    }
    uint64_t kib = node->memory / BYTES_PER_KIB;
    struct reserved_unit *unit = &set->units[node->unit - 1];
    unit->memory_kib = add_saturated(unit->memory_kib, kib);
    /* Groups are read one after the other: the inner one may have grown beyond the outer. */
    if (holder) {
        struct reserved_unit *outer = &set->units[holder->unit - 1];
        outer->memory_kib = sub_saturated(outer->memory_kib, kib);
    }
}

static void drop_empty(const bool *there, struct reserved_set *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        if (there[i])
            set->units[kept++] = set->units[i];
    set->count = kept;
}

void reserved_tally(struct reserved_node *nodes, size_t n_nodes, struct reserved_set *set)
{
    bool there[RESERVED_UNITS_MAX] = {false};
    for (size_t i = 1; i < n_nodes; i++)
        if (nodes[i].unit != 0 && nodes[i].processes)
            there[nodes[i].unit - 1] = true;
    find_populated(nodes, n_nodes);
    divide_weight(nodes, n_nodes, set);
    /* From the top: what an inner unit takes off has been added to the outer one by then. */
    for (size_t i = 1; i < n_nodes; i++)
        add_memory(nodes, &nodes[i], there, set);
    drop_empty(there, set);
    uint64_t memory_kib = 0, weight_ppb = 0;
    for (size_t i = 0; i < set->count; i++) {
        memory_kib = add_saturated(memory_kib, set->units[i].memory_kib);
        weight_ppb += set->units[i].weight_ppb;
    }
    set->memory_known = set->memory_known && memory_kib > 0;
    set->weight_known = set->weight_known && weight_ppb > 0;
    for (size_t i = 0; i < set->count; i++) {
        set->units[i].memory_kib = set->memory_known ? set->units[i].memory_kib : 0;
        set->units[i].weight_ppb = set->weight_known ? set->units[i].weight_ppb : 0;
    }
}
