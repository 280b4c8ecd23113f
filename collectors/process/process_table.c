/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_table.h"

enum { CAPACITY_FIRST = 1 << 9, INDEX_PER_SLOT = 2 };

/* More generations within 10 ms only a hostile text has. */
enum { BORN_TOGETHER_MAX = 1 << 10 };

_Static_assert(PROCESSES_MAX % CAPACITY_FIRST == 0, "doubling ends at the limit");

void process_table_init(struct process_table *table)
{
    *table = (struct process_table){.end = 1}; /* slot 0 is nobody */
}

void process_table_done(struct process_table *table)
{
    free(table->slots);
    free(table->index);
    free(table->queue);
    free(table->dead);
    *table = (struct process_table){0};
}

/* Where the search for a PID begins: PIDs come in runs, which the multiplication spreads. */
static uint32_t index_home(const struct process_table *table, int32_t pid)
{
    return (uint32_t)(((uint64_t)((uint32_t)pid * UINT32_C(2654435769)) * table->index_size) >> 32);
}

static uint32_t index_next(const struct process_table *table, uint32_t at)
{
    return at + 1 == table->index_size ? 0 : at + 1;
}

/* The place of a PID, or the empty one where it belongs. */
static uint32_t index_place(const struct process_table *table, int32_t pid)
{
    uint32_t at = index_home(table, pid);
    while (table->index[at] != PROCESS_NONE && process_at(table, table->index[at])->pid != pid)
        at = index_next(table, at);
    return at;
}

/* Empties a place, moving up what searches would no longer reach past the hole. */
static void index_clear(struct process_table *table, uint32_t hole)
{
    uint32_t at = hole;
    for (;;) {
        at = index_next(table, at);
        uint32_t slot = table->index[at];
        if (slot == PROCESS_NONE)
            break;
        uint32_t home = index_home(table, process_at(table, slot)->pid);
        bool reachable = hole <= at ? home > hole && home <= at : home > hole || home <= at;
        if (reachable)
            continue;
        table->index[hole] = slot;
        hole = at;
    }
    table->index[hole] = PROCESS_NONE;
}

static int grow_array(uint32_t **array, uint32_t capacity)
{
    uint32_t *grown = realloc(*array, capacity * sizeof(**array));
    if (!grown)
        return -ENOMEM;
    *array = grown;
    return 0;
}

static int grow_index(struct process_table *table, uint32_t size)
{
    uint32_t *index = calloc(size, sizeof(*index));
    if (!index)
        return -ENOMEM;
    free(table->index);
    table->index = index;
    table->index_size = size;
    for (uint32_t slot = 1; slot < table->end; slot++) {
        const struct process *process = process_at(table, slot);
        if (process->pid && !(process->flags & PROCESS_DEAD))
            table->index[index_place(table, process->pid)] = slot;
    }
    return 0;
}

/* A failure leaves what has grown already: harmless, and grown again from there. */
static int grow(struct process_table *table)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : CAPACITY_FIRST;
    if (capacity > PROCESSES_MAX)
        return -ENOSPC;
    struct process *slots = realloc(table->slots, capacity * sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    table->slots = slots;
    slots[PROCESS_NONE] = (struct process){0};
    int r = grow_array(&table->queue, capacity);
    if (r == 0)
        r = grow_array(&table->dead, capacity);
    if (r == 0)
        r = grow_index(table, capacity * INDEX_PER_SLOT);
    if (r == 0)
        table->capacity = capacity;
    return r;
}

uint32_t process_table_find(const struct process_table *table, int32_t pid)
{
    return table->index_size ? table->index[index_place(table, pid)] : PROCESS_NONE;
}

int process_table_add(struct process_table *table, int32_t pid, uint32_t *ret_slot)
{
    if (table->free == PROCESS_NONE && table->end >= table->capacity) {
        int r = grow(table);
        if (r < 0)
            return r;
    }
    uint32_t slot = table->free;
    if (slot != PROCESS_NONE)
        table->free = process_at(table, slot)->next_sibling;
    else
        slot = table->end++;
    *process_at(table, slot) = (struct process){
        .pid = pid, .flags = PROCESS_NEW, .last_cpu = -1, .threads = 1, .uid = UINT32_MAX};
    table->index[index_place(table, pid)] = slot;
    table->alive++;
    *ret_slot = slot;
    return 0;
}

static void unlink_process(struct process_table *table, struct process *process)
{
    if (process->parent == PROCESS_NONE)
        return;
    if (process->previous_sibling)
        process_at(table, process->previous_sibling)->next_sibling = process->next_sibling;
    else
        process_at(table, process->parent)->first_child = process->next_sibling;
    if (process->next_sibling)
        process_at(table, process->next_sibling)->previous_sibling = process->previous_sibling;
    process->parent = process->previous_sibling = process->next_sibling = PROCESS_NONE;
}

static bool is_start_known(const struct process *process)
{
    return !(process->flags & PROCESS_NEW) || process->flags & PROCESS_LEAVING;
}

/* Nobody is older than the parent, so the tree has no circle; but start times come in ticks, and
 * PIDs may have wrapped within one. Among those born in the same tick, the way up must not lead
 * back to the child. */
static bool may_be_parent(const struct process_table *table, uint32_t parent, uint32_t slot)
{
    const struct process *child = process_at(table, slot);
    const struct process *process = process_at(table, parent);
    if (!is_start_known(process) || !is_start_known(child) ||
        process->start_ticks > child->start_ticks)
        return false;
    uint32_t above = parent;
    for (int i = 0; i < BORN_TOGETHER_MAX; i++) {
        if (above == PROCESS_NONE || process_at(table, above)->start_ticks < child->start_ticks)
            return true;
        if (above == slot)
            return false;
        above = process_at(table, above)->parent;
    }
    return false;
}

void process_table_link(struct process_table *table, uint32_t slot, uint32_t parent)
{
    struct process *process = process_at(table, slot);
    unlink_process(table, process);
    if (parent == PROCESS_NONE || !may_be_parent(table, parent, slot))
        return;
    uint32_t first = process_at(table, parent)->first_child;
    process->parent = parent;
    process->next_sibling = first;
    if (first)
        process_at(table, first)->previous_sibling = slot;
    process_at(table, parent)->first_child = slot;
}

void process_table_enqueue(struct process_table *table, uint32_t slot)
{
    struct process *process = process_at(table, slot);
    if (process->flags & PROCESS_QUEUED)
        return;
    process->flags |= PROCESS_QUEUED;
    table->queue[table->queued++] = slot;
}

void process_table_set_hidden(struct process_table *table, uint32_t slot, bool hidden)
{
    struct process *process = process_at(table, slot);
    if (hidden == (bool)(process->flags & PROCESS_HIDDEN))
        return;
    process->flags ^= PROCESS_HIDDEN;
    if (hidden)
        table->hidden++;
    else
        table->hidden--;
}

void process_table_kill(struct process_table *table, uint32_t slot)
{
    process_table_set_hidden(table, slot, false);
    index_clear(table, index_place(table, process_at(table, slot)->pid));
    process_at(table, slot)->flags |= PROCESS_DEAD;
    table->dead[table->died++] = slot;
    table->alive--;
}

void process_table_remove_dead(struct process_table *table, uint16_t kept)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < table->died; i++) {
        uint32_t slot = table->dead[i];
        if (process_at(table, slot)->flags & kept) {
            table->dead[left++] = slot;
            continue;
        }
        unlink_process(table, process_at(table, slot));
        *process_at(table, slot) = (struct process){.next_sibling = table->free};
        table->free = slot;
    }
    table->died = left;
}
