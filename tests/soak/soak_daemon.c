/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "soak/soak_daemon.h"

#include "unit/unit.h"

#include <sys/mman.h>

static const uint64_t stale_ns = 180 * NS_PER_S;

void soak_ring_new(struct soak_run *run, uint64_t slots)
{
    size_t size = ring_memory_size(slots);
    if (!run->memory || run->slots != slots) {
        soak_ring_done(run);
        run->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(run->memory != MAP_FAILED);
    }
    memset(run->memory, 0, size);
    uint8_t id[RING_ID_SIZE] = "soak";
    run->rings++;
    memcpy(id + 8, &run->rings, 8);
    run->slots = slots;
    assert_int_equal(ring_format(&run->ring, run->memory, size, slots, id), 0);
}

void soak_ring_of_before(struct soak_run *run)
{
    enum { SLOT = 8 + RING_RECORD_SIZE }; /* a sequence and a record */
    size_t readings = 0;
    char *slots = (char *)run->memory + run->ring.size - run->slots * SLOT;
    for (uint64_t i = 0; i < run->slots; i++) {
        union ring_record record;
        memcpy(&record, slots + i * SLOT + 8, sizeof(record));
        if (record.type != RING_METER)
            continue;
        record.meter.boottime_ns = 0;
        memcpy(slots + i * SLOT + 8, &record, sizeof(record));
        readings++;
    }
    assert_true(readings >= SOAK_ZONES);
}

void soak_ring_done(struct soak_run *run)
{
    if (run->memory)
        assert_int_equal(munmap(run->memory, run->ring.size), 0);
    run->memory = NULL;
}

/* ---- Names ---- */

static void take_names_over(struct soak_daemon *daemon)
{
    static const struct workload_rules rules;
    static const struct siphash_key key;
    daemon->names = workload_table_new(&rules, &key);
    assert_non_null(daemon->names);
    for (uint32_t slot = RING_WORKLOAD_FIRST; slot < RING_WORKLOADS_MAX; slot++) {
        struct workload entry;
        bool read = ring_table_get(daemon->ring, RING_TABLE_WORKLOAD, slot, &entry) == 0;
        workload_table_restore(daemon->names, slot, read ? &entry : NULL, daemon->machine->mono_ns);
    }
}

static void name_processes(struct soak_daemon *daemon)
{
    struct soak_machine *machine = daemon->machine;
    for (size_t i = 0; i < SOAK_PROCESSES; i++) {
        struct soak_process *process = &machine->processes[i];
        if (process->interned)
            continue;
        process->workload = workload_intern(daemon->names, &process->identity, machine->mono_ns);
        process->interned = true;
    }
    const struct workload *entry = NULL;
    for (uint32_t slot = 0; (entry = workload_next_changed(daemon->names, &slot));) {
        assert_int_equal(ring_table_put(daemon->ring, RING_TABLE_WORKLOAD, slot, entry), 0);
        ledger_name(daemon->ledger, slot, entry);
    }
}

/* ---- The sampler's part ---- */

static void churn(struct soak_daemon *daemon, uint64_t since_ns)
{
    struct soak_machine *machine = daemon->machine;
    /* A newcomer in half an hour. */
    if (random_below(&machine->random, 1800 * NS_PER_S) >= since_ns)
        return;
    struct soak_process before[SOAK_PROCESSES];
    memcpy(before, machine->processes, sizeof(before));
    size_t place = soak_machine_churn(machine);
    workload_release(daemon->names, before[place].workload, machine->mono_ns);
}

void soak_daemon_tick(struct soak_daemon *daemon)
{
    struct soak_machine *machine = daemon->machine;
    bool first = daemon->ticked_ns == 0;
    uint64_t since_ns = first ? 0 : machine->mono_ns - daemon->ticked_ns;
    soak_machine_read(machine);
    soak_machine_work(machine, since_ns);
    struct ledger_clock clock = {machine->mono_ns, machine->mono_ns + machine->asleep_ns,
                                 machine->real_ns};
    name_processes(daemon);
    ledger_tick(daemon->ledger, &machine->sample, &clock);
    daemon->ticked_ns = machine->mono_ns;
    if (!first)
        churn(daemon, since_ns);
}

/* ---- The recorder's part ---- */

static void take_frame(struct soak_daemon *daemon)
{
    assert_int_equal(rollup_add(daemon->rollup, daemon->ring, &daemon->frame), 0);
    if (series_consume(daemon->series, daemon->ring, &daemon->frame) < 0)
        daemon->series_continuous = false;
}

void soak_daemon_drain(struct soak_daemon *daemon)
{
    for (;;) {
        int r = frame_read(daemon->ring, daemon->position, &daemon->frame);
        if (r == RING_EMPTY)
            return;
        if (r == 0) {
            take_frame(daemon);
            daemon->position = daemon->frame.next;
            continue;
        }
        assert_int_equal(r, RING_LAPPED);
        daemon->lapped++;
        daemon->series_continuous = false;
        if (frame_find(daemon->ring, daemon->position + 1, &daemon->position) != 0)
            daemon->position = ring_head(daemon->ring);
    }
}

static void add_series(struct soak_daemon *daemon, struct store_batch *batch)
{
    for (;;) {
        batch->n_series =
            series_export(daemon->series, daemon->series_exported, daemon->series_rows,
                          daemon->series_capacity, &batch->series_reset);
        batch->series = daemon->series_rows;
        if (batch->n_series <= daemon->series_capacity)
            return;
        daemon->series_capacity = batch->n_series * 2;
        daemon->series_rows =
            realloc(daemon->series_rows, daemon->series_capacity * sizeof(*daemon->series_rows));
        assert_non_null(daemon->series_rows);
    }
}

int soak_daemon_commit(struct soak_daemon *daemon, bool clean)
{
    struct store_batch batch;
    soak_daemon_drain(daemon);
    assert_int_equal(rollup_batch(daemon->rollup, &batch), 0);
    add_series(daemon, &batch);
    batch.position.clean = clean;
    batch.position.series_continuous = daemon->series_continuous;
    batch.series_reset |= !daemon->series_forgotten;
    int r = store_commit(daemon->store, &batch);
    if (r < 0)
        return r;
    rollup_committed(daemon->rollup);
    daemon->series_exported = daemon->series->frames;
    daemon->series_forgotten = true;
    return 0;
}

/* ---- Life ---- */

static void note(struct soak_daemon *daemon, enum store_event_kind kind)
{
    struct store_event event = {.time_s = daemon->machine->real_ns / (int64_t)NS_PER_S,
                                .kind = kind};
    rollup_event(daemon->rollup, &event);
}

static void resume_series(struct soak_daemon *daemon)
{
    const struct store_position *position = &daemon->resume.position;
    uint8_t id[RING_ID_SIZE];
    ring_id(daemon->ring, id);
    bool same = memcmp(id, position->ring_id, sizeof(id)) == 0;
    bool whole = daemon->resume.known && position->series_continuous &&
                 (same ? position->position >= ring_oldest(daemon->ring) : position->clean);
    daemon->series_continuous = true;
    daemon->series_forgotten =
        whole && series_import(daemon->series, daemon->resume.series, daemon->resume.n_series) >= 0;
}

void soak_daemon_start(struct soak_daemon *daemon, struct soak_machine *machine,
                       struct soak_run *run, const struct store_options *options)
{
    uint8_t boot_id[16];
    char *aside = NULL;
    *daemon = (struct soak_daemon){.machine = machine, .ring = &run->ring};
    soak_boot_id(machine, boot_id);
    assert_int_equal(store_open(&daemon->store, options, &aside), 0);
    assert_int_equal(store_load_resume(daemon->store, &daemon->resume), 0);
    daemon->rollup = rollup_new();
    daemon->series = series_new(10);
    daemon->ledger = calloc(1, sizeof(*daemon->ledger));
    assert_true(daemon->rollup && daemon->series && daemon->ledger);
    assert_int_equal(rollup_resume(daemon->rollup, &daemon->resume, daemon->ring, boot_id), 0);
    daemon->position = rollup_begin(daemon->rollup);
    resume_series(daemon);
    soak_daemon_drain(daemon);
    note(daemon, STORE_EVENT_START);
    take_names_over(daemon);
    for (size_t i = 0; i < SOAK_PROCESSES; i++)
        machine->processes[i].interned = false;
    ledger_init(daemon->ledger, daemon->ring, boot_id, stale_ns);
    ledger_resume(daemon->ledger, &daemon->resume, &daemon->frame);
}

void soak_daemon_kill(struct soak_daemon *daemon)
{
    daemon->store = store_close(daemon->store);
    store_resume_done(&daemon->resume);
    daemon->names = workload_table_free(daemon->names);
    ledger_done(daemon->ledger);
    free(daemon->ledger);
    daemon->rollup = rollup_free(daemon->rollup);
    daemon->series = series_free(daemon->series);
    free(daemon->series_rows);
    frame_done(&daemon->frame);
    *daemon = (struct soak_daemon){0};
}

void soak_daemon_stop(struct soak_daemon *daemon)
{
    soak_daemon_tick(daemon);
    note(daemon, STORE_EVENT_STOP);
    assert_int_equal(soak_daemon_commit(daemon, true), 0);
    soak_daemon_kill(daemon);
}
