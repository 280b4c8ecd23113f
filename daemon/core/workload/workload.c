/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/workload/workload.h"

#include "core/workload/workload_describe.h"
#include "greend/units.h"

enum {
    SLOTS = RING_WORKLOADS_MAX,
    BUCKETS = 4096, /* a power of two, about twice the entries */
    SHARES = 4096,  /* likewise; units that fall together share their share */
    NO_SLOT = UINT16_MAX,
};

enum slot_state { SLOT_FREE, SLOT_LIVE, SLOT_WITHHELD };

/* Entries without processes stand in two queues, by the time since when: that of all, and that of
 * their unit. */
enum queue_of { QUEUE_OF_ALL, QUEUE_OF_UNIT, QUEUES };

struct link {
    uint16_t older;
    uint16_t newer;
};

struct queue {
    uint16_t oldest;
    uint16_t newest;
};

struct slot {
    uint64_t unused_since_ns; /* where processes is 0 */
    uint32_t processes;       /* that hold this entry */
    uint16_t next;            /* in the bucket */
    uint16_t share;
    struct link links[QUEUES];
    uint8_t state; /* enum slot_state */
};

struct share {
    uint16_t live;
    struct queue unused;
};

struct workload_table {
    const struct workload_rules *rules;
    struct siphash_key key;
    struct workload_counts counts;
    struct queue unused;
    uint16_t next_free; /* no free slot stands before it */
    uint64_t changed[SLOTS / 64];
    uint16_t buckets[BUCKETS];
    struct share shares[SHARES];
    struct slot slots[SLOTS];
    struct workload entries[SLOTS];
};
_Static_assert(sizeof(struct workload_table) <= 1 << 20, "whatever processes do, a megabyte");

/* What makes two workloads the same: all bytes from kind to user. Unused bytes are 0. */
enum {
    IDENTITY_BEGIN = offsetof(struct workload, kind),
    IDENTITY_SIZE = offsetof(struct workload, reserved) - IDENTITY_BEGIN,
};

static const char *identity_of(const struct workload *workload)
{
    return (const char *)workload + IDENTITY_BEGIN;
}

static void mark_changed(struct workload_table *table, uint32_t slot)
{
    table->changed[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static uint32_t id_of(const struct workload_table *table, uint16_t slot)
{
    return ring_workload_id(slot, table->entries[slot].generation);
}

/* ---- Queues of unused entries ---- */

static void queue_append(struct workload_table *table, struct queue *queue, enum queue_of which,
                         uint16_t slot)
{
    table->slots[slot].links[which] = (struct link){queue->newest, NO_SLOT};
    if (queue->newest == NO_SLOT)
        queue->oldest = slot;
    else
        table->slots[queue->newest].links[which].newer = slot;
    queue->newest = slot;
}

static void queue_remove(struct workload_table *table, struct queue *queue, enum queue_of which,
                         uint16_t slot)
{
    struct link link = table->slots[slot].links[which];
    if (link.older == NO_SLOT)
        queue->oldest = link.newer;
    else
        table->slots[link.older].links[which].newer = link.newer;
    if (link.newer == NO_SLOT)
        queue->newest = link.older;
    else
        table->slots[link.newer].links[which].older = link.older;
}

static struct queue *unit_queue(struct workload_table *table, uint16_t slot)
{
    return &table->shares[table->slots[slot].share].unused;
}

static void begin_unused(struct workload_table *table, uint16_t slot, uint64_t now_ns)
{
    table->slots[slot].unused_since_ns = now_ns;
    queue_append(table, &table->unused, QUEUE_OF_ALL, slot);
    queue_append(table, unit_queue(table, slot), QUEUE_OF_UNIT, slot);
}

static void end_unused(struct workload_table *table, uint16_t slot)
{
    queue_remove(table, &table->unused, QUEUE_OF_ALL, slot);
    queue_remove(table, unit_queue(table, slot), QUEUE_OF_UNIT, slot);
}

/* ---- Finding an entry by its names ---- */

static uint16_t *bucket_of(struct workload_table *table, const struct workload *workload)
{
    uint64_t hash = siphash(&table->key, identity_of(workload), IDENTITY_SIZE);
    return &table->buckets[hash % BUCKETS];
}

static uint16_t find(struct workload_table *table, const struct workload *workload)
{
    uint16_t slot = *bucket_of(table, workload);
    for (; slot != NO_SLOT; slot = table->slots[slot].next) {
        table->counts.compared++;
        if (memcmp(identity_of(&table->entries[slot]), identity_of(workload), IDENTITY_SIZE) == 0)
            break;
    }
    return slot;
}

static void make_findable(struct workload_table *table, uint16_t slot)
{
    uint16_t *bucket = bucket_of(table, &table->entries[slot]);
    table->slots[slot].next = *bucket;
    *bucket = slot;
}

static void make_unfindable(struct workload_table *table, uint16_t slot)
{
    uint16_t *at = bucket_of(table, &table->entries[slot]);
    while (*at != slot)
        at = &table->slots[*at].next;
    *at = table->slots[slot].next;
}

/* ---- Entries come, change and go ---- */

static uint16_t share_of(const struct workload_table *table, const struct workload *workload)
{
    uint64_t hash = siphash(&table->key, workload->unit, sizeof(workload->unit));
    return (uint16_t)((hash ^ workload->kind) % SHARES);
}

static void occupy(struct workload_table *table, uint16_t slot, const struct workload *workload,
                   uint32_t generation)
{
    struct workload *entry = &table->entries[slot];
    *entry = *workload;
    entry->generation = generation;
    table->slots[slot].state = SLOT_LIVE;
    table->slots[slot].share = share_of(table, entry);
    table->shares[table->slots[slot].share].live++;
    make_findable(table, slot);
}

static void vacate(struct workload_table *table, uint16_t slot)
{
    make_unfindable(table, slot);
    table->shares[table->slots[slot].share].live--;
}

/* The numbers of a slot are all different for 2^20 generations: with WORKLOAD_KEEP_S ten years. */
static uint32_t generation_after(uint32_t generation)
{
    uint32_t next = ring_workload_generation(ring_workload_id(0, generation + 1));
    return next != 0 ? next : 1;
}

static uint16_t take_free(struct workload_table *table)
{
    while (table->next_free < SLOTS && table->slots[table->next_free].state != SLOT_FREE)
        table->next_free++;
    if (table->next_free == SLOTS || table->counts.live >= WORKLOAD_LIVE_MAX)
        return NO_SLOT;
    table->counts.live++;
    return table->next_free;
}

static uint16_t take_unused(struct workload_table *table, uint16_t oldest, uint64_t now_ns)
{
    if (oldest == NO_SLOT ||
        sub_saturated(now_ns, table->slots[oldest].unused_since_ns) < WORKLOAD_KEEP_S * NS_PER_S)
        return NO_SLOT;
    end_unused(table, oldest);
    vacate(table, oldest);
    return oldest;
}

/* `crowd`: the entry for what has no place in its unit's share is not counted against it. */
static uint16_t add(struct workload_table *table, const struct workload *workload, bool crowd,
                    uint64_t now_ns)
{
    const struct share *share = &table->shares[share_of(table, workload)];
    uint16_t slot = NO_SLOT;
    if (share->live >= WORKLOAD_UNIT_SHARE && !crowd) {
        slot = take_unused(table, share->unused.oldest, now_ns);
    } else {
        slot = take_free(table);
        if (slot == NO_SLOT)
            slot = take_unused(table, table->unused.oldest, now_ns);
    }
    if (slot == NO_SLOT)
        return NO_SLOT;
    occupy(table, slot, workload, generation_after(table->entries[slot].generation));
    begin_unused(table, slot, now_ns);
    mark_changed(table, slot);
    return slot;
}

/* ---- The table ---- */

static void reserve(struct workload_table *table, uint32_t slot, enum workload_kind kind,
                    const char *unit)
{
    struct workload *entry = &table->entries[slot];
    entry->generation = 1;
    entry->kind = kind;
    (void)str_copy(entry->unit, sizeof(entry->unit), unit);
    table->slots[slot].state = SLOT_WITHHELD;
    mark_changed(table, slot);
}

struct workload_table *workload_table_new(const struct workload_rules *rules,
                                          const struct siphash_key *key)
{
    struct workload_table *table = calloc(1, sizeof(*table));
    if (!table)
        return NULL;
    table->rules = rules;
    table->key = *key;
    table->unused = (struct queue){NO_SLOT, NO_SLOT};
    for (size_t i = 0; i < SHARES; i++)
        table->shares[i].unused = (struct queue){NO_SLOT, NO_SLOT};
    for (size_t i = 0; i < BUCKETS; i++)
        table->buckets[i] = NO_SLOT;
    reserve(table, RING_WORKLOAD_IDLE, WORKLOAD_IDLE, "idle");
    reserve(table, RING_WORKLOAD_UNATTRIBUTED, WORKLOAD_UNATTRIBUTED, "unattributed");
    reserve(table, RING_WORKLOAD_UNSPLIT, WORKLOAD_UNSPLIT, "unsplit");
    reserve(table, RING_WORKLOAD_OTHER, WORKLOAD_OTHER, "other");
    table->next_free = RING_WORKLOAD_FIRST;
    return table;
}

struct workload_table *workload_table_free(struct workload_table *table)
{
    free(table);
    return NULL;
}

/* The new names may be those of an entry that is there already. Both stay, since both numbers are
 * in records; either may be given to new processes. */
static void hide(struct workload_table *table, uint16_t slot)
{
    struct workload hidden = table->entries[slot];
    if (!workload_hide_users(table->rules, &hidden))
        return;
    bool unused = table->slots[slot].processes == 0;
    if (unused)
        queue_remove(table, unit_queue(table, slot), QUEUE_OF_UNIT, slot);
    vacate(table, slot);
    occupy(table, slot, &hidden, hidden.generation);
    if (unused)
        queue_append(table, unit_queue(table, slot), QUEUE_OF_UNIT, slot);
    mark_changed(table, slot);
}

void workload_table_set_rules(struct workload_table *table, const struct workload_rules *rules)
{
    table->rules = rules;
    for (uint16_t slot = RING_WORKLOAD_FIRST; slot < SLOTS && !rules->show_users; slot++)
        if (table->slots[slot].state == SLOT_LIVE)
            hide(table, slot);
}

/* Unused bytes of the fields may hold anything. */
static struct workload without_padding(const struct workload *entry)
{
    struct workload clean = {.generation = entry->generation, .kind = entry->kind};
    (void)str_copy(clean.unit, sizeof(clean.unit), entry->unit);
    (void)str_copy(clean.command, sizeof(clean.command), entry->command);
    (void)str_copy(clean.user, sizeof(clean.user), entry->user);
    return clean;
}

void workload_table_restore(struct workload_table *table, uint32_t slot,
                            const struct workload *entry, uint64_t now_ns)
{
    if (slot < RING_WORKLOAD_FIRST || slot >= SLOTS || table->slots[slot].state != SLOT_FREE)
        return;
    if (entry && entry->generation == 0)
        return; /* was free */
    if (!entry || !workload_is_sound(entry)) {
        table->slots[slot].state = SLOT_WITHHELD;
        return;
    }
    struct workload clean = without_padding(entry);
    occupy(table, (uint16_t)slot, &clean, clean.generation);
    table->counts.live++;
    begin_unused(table, (uint16_t)slot, now_ns);
    if (!table->rules->show_users)
        hide(table, (uint16_t)slot);
}

/* The entry for what has no place in its unit's share. */
static void crowd_out(struct workload *wanted)
{
    memset(wanted->command, 0, sizeof(wanted->command));
    memset(wanted->user, 0, sizeof(wanted->user));
    wanted->command[0] = '*';
    wanted->user[0] = '*';
}

static uint16_t find_or_add(struct workload_table *table, struct workload *wanted, uint64_t now_ns)
{
    uint16_t slot = find(table, wanted);
    if (slot == NO_SLOT)
        slot = add(table, wanted, false, now_ns);
    if (slot != NO_SLOT || table->shares[share_of(table, wanted)].live < WORKLOAD_UNIT_SHARE)
        return slot;
    table->counts.crowded++;
    crowd_out(wanted);
    slot = find(table, wanted);
    return slot != NO_SLOT ? slot : add(table, wanted, true, now_ns);
}

static uint32_t hold(struct workload_table *table, struct workload *wanted, uint64_t now_ns)
{
    uint16_t slot = find_or_add(table, wanted, now_ns);
    if (slot == NO_SLOT) {
        table->counts.refused++;
        return id_of(table, RING_WORKLOAD_OTHER);
    }
    if (table->slots[slot].processes++ == 0)
        end_unused(table, slot);
    return id_of(table, slot);
}

uint32_t workload_intern(struct workload_table *table, const struct process_identity *process,
                         uint64_t now_ns)
{
    struct workload wanted;
    workload_describe(table->rules, process, &wanted);
    return hold(table, &wanted, now_ns);
}

uint32_t workload_intern_unit(struct workload_table *table, const struct reserved_unit *unit,
                              uint64_t now_ns)
{
    struct workload wanted;
    if (unit->cgroup.kind == CGROUP_NONE)
        return id_of(table, RING_WORKLOAD_OTHER);
    workload_describe_unit(table->rules, unit, &wanted);
    return hold(table, &wanted, now_ns);
}

void workload_release(struct workload_table *table, uint32_t id, uint64_t now_ns)
{
    uint32_t slot = ring_workload_slot(id);
    if (!workload_get(table, id) || table->slots[slot].processes == 0)
        return;
    if (--table->slots[slot].processes == 0)
        begin_unused(table, (uint16_t)slot, now_ns);
}

const struct workload *workload_get(const struct workload_table *table, uint32_t id)
{
    uint32_t slot = ring_workload_slot(id);
    if (slot >= SLOTS || ring_workload_generation(id) == 0 ||
        table->entries[slot].generation != ring_workload_generation(id))
        return NULL;
    return &table->entries[slot];
}

const struct workload *workload_next_changed(struct workload_table *table, uint32_t *ret_slot)
{
    for (uint32_t word = 0; word < ARRAY_SIZE(table->changed); word++) {
        if (table->changed[word] == 0)
            continue;
        uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(table->changed[word]);
        table->changed[word] &= table->changed[word] - 1;
        *ret_slot = slot;
        return &table->entries[slot];
    }
    return NULL;
}

struct workload_counts workload_table_counts(const struct workload_table *table)
{
    return table->counts;
}
