/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/rollup/rollup.h"
#include "greend/units.h"
#include "random.h"

enum { DOMAINS = 4, SLOTS = 4096 };

/* A ring with a producer that makes frames of known energy, and a rollup that reads it. */
struct bench {
    void *memory;
    struct ring ring;
    struct rollup *rollup;
    struct frame frame;
    uint64_t position;
    uint64_t number;
    uint64_t totals_uj[DOMAINS];
    int64_t real_ns;
    uint64_t mono_ns;
    uint64_t gap_ns; /* of the next frames */
};

static void put_names(struct bench *bench)
{
    for (uint32_t i = 0; i < DOMAINS; i++) {
        struct ring_domain_entry domain = {
            .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL, .used = 1};
        (void)snprintf(domain.name, sizeof(domain.name), "package-%u", i);
        assert_int_equal(ring_table_put(&bench->ring, RING_TABLE_DOMAIN, i, &domain), 0);
    }
    for (uint32_t i = 0; i < RING_WORKLOADS_MAX; i++) {
        struct workload workload = {.generation = 1,
                                    .kind = i == RING_WORKLOAD_IDLE ? WORKLOAD_IDLE
                                            : i == RING_WORKLOAD_UNATTRIBUTED
                                                ? WORKLOAD_UNATTRIBUTED
                                            : i == RING_WORKLOAD_UNSPLIT ? WORKLOAD_UNSPLIT
                                            : i == RING_WORKLOAD_OTHER   ? WORKLOAD_OTHER
                                                                         : WORKLOAD_SERVICE};
        (void)snprintf(workload.unit, sizeof(workload.unit), "unit-%u.service", i);
        assert_int_equal(ring_table_put(&bench->ring, RING_TABLE_WORKLOAD, i, &workload), 0);
    }
}

static void bench_begin(struct bench *bench)
{
    *bench = (struct bench){.real_ns = INT64_C(1800000000000000000), .mono_ns = NS_PER_S};
    size_t size = ring_memory_size(SLOTS);
    bench->memory = aligned_alloc(64, size);
    assert_non_null(bench->memory);
    memset(bench->memory, 0, size);
    static const uint8_t id[RING_ID_SIZE] = "a ring of tests";
    assert_int_equal(ring_format(&bench->ring, bench->memory, size, SLOTS, id), 0);
    put_names(bench);
    bench->rollup = rollup_new();
    assert_non_null(bench->rollup);
}

static void bench_end(struct bench *bench)
{
    bench->rollup = rollup_free(bench->rollup);
    frame_done(&bench->frame);
    free(bench->memory);
}

/* Pushes a frame in which `workloads` workloads from `first` on use energies[d] each in domain d.
 */
static void push_frame(struct bench *bench, uint64_t interval_ns, uint32_t first,
                       uint32_t workloads, const uint64_t energies_uj[DOMAINS], uint64_t lie_uj)
{
    uint32_t lines = workloads * ((DOMAINS + RING_LANES - 1) / RING_LANES);
    uint64_t total = 0;
    for (int d = 0; d < DOMAINS; d++)
        total += bench->totals_uj[d];
    union ring_record record = {
        .frame = {.type = RING_FRAME,
                  .domains = DOMAINS,
                  .records = 2 + DOMAINS + lines,
                  .number = ++bench->number,
                  .mono_ns = bench->mono_ns += interval_ns,
                  .real_ns = bench->real_ns += (int64_t)interval_ns,
                  .interval_ns = interval_ns,
                  .gap_ns = bench->gap_ns,
                  .total_uj = total}
    };
    ring_push(&bench->ring, &record);
    record = (union ring_record){
        .host = {.type = RING_HOST, .cpus = 4}
    };
    ring_push(&bench->ring, &record);
    for (uint16_t d = 0; d < DOMAINS; d++) {
        uint64_t energy = energies_uj[d] * workloads + lie_uj;
        bench->totals_uj[d] += energy;
        record = (union ring_record){
            .domain = {.type = RING_DOMAIN,
                       .flags = RING_DOMAIN_SUMMED,
                       .domain = d,
                       .uncertainty_ppm = 50000,
                       .energy_uj = energy,
                       .total_uj = bench->totals_uj[d],
                       .interval_ns = interval_ns}
        };
        ring_push(&bench->ring, &record);
    }
    for (uint32_t w = 0; w < workloads; w++) {
        for (uint16_t d = 0; d < DOMAINS; d = (uint16_t)(d + RING_LANES)) {
            record = (union ring_record){
                .energy = {.type = RING_ENERGY,
                           .first_domain = d,
                           .workload = ring_workload_id(first + w, 1),
                           .cpu_ns = d == 0 ? 1000 : 0}
            };
            for (int lane = 0; lane < RING_LANES && d + lane < DOMAINS; lane++)
                record.energy.energy_uj[lane] = energies_uj[d + lane];
            ring_push(&bench->ring, &record);
        }
    }
    ring_publish(&bench->ring);
}

/* Takes in every frame there is; returns how often it was overtaken. */
static int read_all(struct bench *bench)
{
    int lapped = 0;
    for (;;) {
        int r = frame_read(&bench->ring, bench->position, &bench->frame);
        if (r == RING_EMPTY)
            return lapped;
        if (r == RING_LAPPED) {
            assert_int_equal(frame_oldest(&bench->ring, &bench->position), 0);
            lapped++;
            continue;
        }
        assert_int_equal(r, 0);
        assert_int_equal(rollup_add(bench->rollup, &bench->ring, &bench->frame), 0);
        bench->position = bench->frame.next;
    }
}

static uint64_t batch_uj(const struct store_batch *batch, int domain, int kind)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < batch->n_energies; i++) {
        const struct store_energy *energy = &batch->energies[i];
        if ((int)energy->domain == domain &&
            (kind < 0 || batch->workloads[energy->workload].kind == (uint32_t)kind))
            sum += energy->energy_uj;
    }
    return sum;
}

static void assert_exact(struct bench *bench)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), bench->totals_uj[d]);
}

static void test_every_microjoule_once(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct bench bench;
    bench_begin(&bench);
    for (int i = 0; i < 300; i++) {
        uint64_t energies[DOMAINS];
        for (int d = 0; d < DOMAINS; d++)
            energies[d] = random_bits(&random, 30);
        push_frame(&bench, random_bits(&random, 38), (uint32_t)random_below(&random, 100),
                   1 + (uint32_t)random_below(&random, 50), energies, 0);
        assert_int_equal(read_all(&bench), 0);
    }
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (size_t i = 1; i < batch.n_energies; i++)
        assert_true(batch.energies[i - 1].begin_s <= batch.energies[i].begin_s);
    assert_int_equal(batch.position.frame, 300);
    bench_end(&bench);
}

/* A reader that was overtaken finds the energy by the running totals and gives it to nobody. */
static void test_missed_frames_are_unattributed(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    assert_int_equal(read_all(&bench), 0);
    for (int i = 0; i < 1000; i++)
        push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    assert_int_equal(read_all(&bench), 1);
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    uint64_t lost = 0;
    for (size_t i = 0; i < batch.n_events; i++)
        lost += batch.events[i].kind == STORE_EVENT_LOST ? batch.events[i].energy_uj : 0;
    uint64_t unattributed = 0;
    for (int d = 0; d < DOMAINS; d++)
        unattributed += batch_uj(&batch, d, WORKLOAD_UNATTRIBUTED);
    assert_true(lost > 0);
    assert_int_equal(lost, unattributed);
    bench_end(&bench);
}

static void test_parts_that_do_not_add_up(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 5, energies, 1);
    (void)read_all(&bench);
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_SERVICE), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_UNATTRIBUTED), 5001);
    bench_end(&bench);
}

/* A store that opens late tells what it has; what it lacks of the frames before is found. */
static void test_late_resume_finds_what_is_missing(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    for (int i = 0; i < 10; i++)
        push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    bench.position = ring_head(&bench.ring);
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    /* The store ended with the fourth frame. */
    struct store_meter meters[DOMAINS];
    for (int d = 0; d < DOMAINS; d++) {
        (void)snprintf(meters[d].key, sizeof(meters[d].key), "domain/%d/package-%d", SOURCE_RAPL,
                       d);
        meters[d].raw_uj = 4 * 5 * energies[d];
    }
    struct store_resume resume = {.known = true, .meters = meters, .n_meters = DOMAINS};
    resume.position.frame = 4;
    ring_id(&bench.ring, resume.position.ring_id);
    assert_int_equal(rollup_resume(bench.rollup, &resume, &bench.ring), 0);
    /* At once: a commit now states that everything up to here is stored. */
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), 7 * 5 * energies[d]);
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++) {
        assert_int_equal(batch_uj(&batch, d, -1), 8 * 5 * energies[d]);
        assert_int_equal(batch_uj(&batch, d, WORKLOAD_UNATTRIBUTED), 6 * 5 * energies[d]);
    }
    bench_end(&bench);
}

/* What the store knows after all that the rollup has. */
static struct store_resume committed(struct bench *bench, struct store_batch *ret_batch)
{
    assert_int_equal(rollup_batch(bench->rollup, ret_batch), 0);
    struct store_resume resume = {
        .known = true, .position = ret_batch->position, .n_meters = ret_batch->n_meters};
    resume.meters = malloc((ret_batch->n_meters + 1) * sizeof(*resume.meters));
    assert_non_null(resume.meters);
    memcpy(resume.meters, ret_batch->meters, ret_batch->n_meters * sizeof(*resume.meters));
    return resume;
}

/* The next daemon: another rollup that goes on from what was committed. */
static void next_daemon(struct bench *bench, const struct store_resume *resume)
{
    (void)rollup_free(bench->rollup);
    bench->rollup = rollup_new();
    assert_non_null(bench->rollup);
    assert_int_equal(rollup_resume(bench->rollup, resume, &bench->ring), 0);
    bench->position = rollup_begin(bench->rollup);
}

/* A database that was deleted while the ring stands: its history begins with the oldest frame that
 * is left. What was used before is in no figure: no energy, no time, no event. */
static void test_a_new_store_begins_with_the_oldest_frame(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct bench bench;
        bench_begin(&bench);
        const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
        for (int i = 0; i < 1000; i++)
            push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
        struct store_resume resume = {.known = false};
        uint64_t oldest = 0;
        assert_int_equal(frame_oldest(&bench.ring, &oldest), 0);
        assert_true(oldest > 0); /* frames before it are gone, and in the running totals */
        if (late) {              /* it could not be opened at first: nobody knew that it is new */
            bench.position = ring_head(&bench.ring);
            push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
            (void)read_all(&bench);
            assert_int_equal(rollup_resume(bench.rollup, &resume, &bench.ring), 0);
        } else {
            next_daemon(&bench, &resume);
            assert_int_equal(bench.position, oldest);
            (void)read_all(&bench);
        }
        struct store_batch batch;
        struct store_resume kept = committed(&bench, &batch);
        uint64_t frames = late ? 1 : SLOTS / 16;
        uint64_t covered_ns = 0;
        for (size_t i = 0; i < batch.n_spans; i++) {
            covered_ns += batch.spans[i].covered_ns;
            assert_int_equal(batch.spans[i].gap_ns, 0);
        }
        assert_int_equal(covered_ns, frames * NS_PER_S);
        assert_int_equal(batch.n_events, 0);
        for (int d = 0; d < DOMAINS; d++)
            assert_int_equal(batch_uj(&batch, d, -1), frames * 5 * energies[d]);

        /* The next daemon does not find that energy either. */
        next_daemon(&bench, &kept);
        push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
        (void)read_all(&bench);
        assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
        assert_int_equal(batch.n_events, 0);
        for (int d = 0; d < DOMAINS; d++)
            assert_int_equal(batch_uj(&batch, d, -1), 5 * energies[d]);
        free(kept.meters);
        bench_end(&bench);
    }
}

/* Another greend with another ring went on with the store; now the ring before is back (a run by
 * hand with another runtime directory, a /run that was read-only for a while). What it holds is in
 * the store already, or was measured again from the raw counters. */
static void test_a_ring_that_is_back_is_not_booked_again(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    for (int i = 0; i < 1000; i++)
        push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    struct store_resume resume = committed(&bench, &batch);
    memset(resume.position.ring_id, 'x', sizeof(resume.position.ring_id));
    bench.mono_ns = resume.position.mono_ns += 60 * NS_PER_S;
    bench.real_ns = resume.position.real_ns += (int64_t)(60 * NS_PER_S);

    next_daemon(&bench, &resume);
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), 5 * energies[d]);
    free(resume.meters);
    bench_end(&bench);
}

/* A ring that lost its last frames with the power: the store's position lies beyond its head. */
static void test_a_ring_that_went_back_is_not_booked_again(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    struct store_resume resume = committed(&bench, &batch);
    resume.position.position += 100;
    resume.position.mono_ns += NS_PER_S;
    bench.mono_ns += 2 * NS_PER_S;
    next_daemon(&bench, &resume);
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), 5 * energies[d]);
    free(resume.meters);
    bench_end(&bench);
}

/* The model's `platform` and the power meter's: the running total of one says nothing of the other.
 */
static void test_domains_of_one_name_are_told_apart(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    for (uint32_t i = 0; i < 2; i++) {
        struct ring_domain_entry entry = {.name = "platform",
                                          .kind = DOMAIN_PLATFORM,
                                          .source = i == 0 ? SOURCE_MODEL : SOURCE_ACPI,
                                          .used = 1};
        assert_int_equal(ring_table_put(&bench.ring, RING_TABLE_DOMAIN, i, &entry), 0);
    }
    const uint64_t energies[DOMAINS] = {200, 1000, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    struct store_resume resume = committed(&bench, &batch);
    next_daemon(&bench, &resume);
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), 5 * energies[d]);
    free(resume.meters);
    bench_end(&bench);
}

/* A store that takes nothing for days: memory has a limit, the sums stay exact. */
static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    for (int i = 0; i < 1500; i++) {
        push_frame(&bench, 60 * NS_PER_S, 10 + (uint32_t)i, 200, energies, 0);
        (void)read_all(&bench);
        assert_true(rollup_cells(bench.rollup) <= ROLLUP_CELLS_MAX);
    }
    assert_exact(&bench);
    bench_end(&bench);
}

/* Pushes an empty frame a minute; takes each in. */
static void idle_minutes(struct bench *bench, int minutes)
{
    const uint64_t energies[DOMAINS] = {0};
    for (int i = 0; i < minutes; i++) {
        bench->gap_ns = i % 7 == 0 ? 7 : 0;
        push_frame(bench, 60 * NS_PER_S, 10, 1, energies, 0);
        (void)read_all(bench);
    }
}

static void assert_spans(struct bench *bench, uint64_t covered_ns, uint64_t gap_ns)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    assert_true(batch.n_spans <= ROLLUP_SPANS_MAX);
    for (size_t i = 0; i < batch.n_spans; i++) {
        covered_ns -= batch.spans[i].covered_ns;
        gap_ns -= batch.spans[i].gap_ns;
        assert_int_equal(batch.spans[i].begin_s % 60, 0);
    }
    assert_int_equal(covered_ns, 0);
    assert_int_equal(gap_ns, 0);
}

/* A disk that is full for months: the spans are bounded as well, and no time is lost. */
static void test_spans_are_bounded(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    uint64_t minutes = 0;
    for (uint64_t weeks = 1; weeks <= 35; weeks++) {
        idle_minutes(&bench, 7 * 1440);
        minutes += UINT64_C(7) * 1440;
        assert_spans(&bench, minutes * 60 * NS_PER_S, minutes);
    }
    bench_end(&bench);
}

/* A clock that is set all the time makes days without end. */
static void test_memory_is_bounded_whatever_the_clock_says(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    enum { FRAMES = 3 * ROLLUP_SPANS_MAX };
    for (int i = 0; i < FRAMES; i++) {
        bench.real_ns = (int64_t)random_below(&random, UINT64_C(1) << 62);
        push_frame(&bench, 60 * NS_PER_S, 10, 1, energies, 0);
        (void)read_all(&bench);
        assert_true(rollup_cells(bench.rollup) <= ROLLUP_CELLS_MAX);
    }
    assert_spans(&bench, FRAMES * 60 * NS_PER_S, 0);
    assert_exact(&bench);
    bench_end(&bench);
}

static void test_a_name_given_away_is_other(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    struct workload next = {.generation = 2, .kind = WORKLOAD_VM, .unit = "somebody else"};
    assert_int_equal(ring_table_put(&bench.ring, RING_TABLE_WORKLOAD, 10, &next), 0);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 2, energies, 0);
    (void)read_all(&bench);
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_OTHER), 1000);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_SERVICE), 1000);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_VM), 0);
    bench_end(&bench);
}

static void test_clock_and_reboot_events(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1, 1, 1, 1};
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    rollup_committed(bench.rollup);
    bench.real_ns -= 3600 * (int64_t)NS_PER_S;
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch.n_events, 1);
    assert_int_equal(batch.events[0].kind, STORE_EVENT_CLOCK);
    assert_int_equal(batch.events[0].duration_ns, 3600 * NS_PER_S);

    /* After a reboot the ring is a new one: only the store knows the boot before. */
    rollup_committed(bench.rollup);
    struct store_resume resume = committed(&bench, &batch);
    memset(resume.position.ring_id, 'x', sizeof(resume.position.ring_id));
    memset(resume.position.boot_id, 'x', sizeof(resume.position.boot_id));
    resume.position.real_ns = bench.real_ns += (int64_t)(7200 * NS_PER_S);
    next_daemon(&bench, &resume);
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch.n_events, 1);
    assert_int_equal(batch.events[0].kind, STORE_EVENT_REBOOT);
    free(resume.meters);
    bench_end(&bench);
}

/* Nobody measured for an hour, and no clock was set. */
static void test_a_gap_is_not_a_set_clock(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1, 1, 1, 1};
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    bench.mono_ns += 3600 * NS_PER_S;
    bench.real_ns += (int64_t)(3600 * NS_PER_S);
    bench.gap_ns = 3600 * NS_PER_S;
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    bench.real_ns += (int64_t)(3600 * NS_PER_S); /* asleep */
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (size_t i = 0; i < batch.n_events; i++)
        assert_int_equal(batch.events[i].kind, STORE_EVENT_GAP);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_microjoule_once),
        cmocka_unit_test(test_missed_frames_are_unattributed),
        cmocka_unit_test(test_parts_that_do_not_add_up),
        cmocka_unit_test(test_late_resume_finds_what_is_missing),
        cmocka_unit_test(test_a_new_store_begins_with_the_oldest_frame),
        cmocka_unit_test(test_a_ring_that_is_back_is_not_booked_again),
        cmocka_unit_test(test_a_ring_that_went_back_is_not_booked_again),
        cmocka_unit_test(test_domains_of_one_name_are_told_apart),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_spans_are_bounded),
        cmocka_unit_test(test_memory_is_bounded_whatever_the_clock_says),
        cmocka_unit_test(test_a_name_given_away_is_other),
        cmocka_unit_test(test_clock_and_reboot_events),
        cmocka_unit_test(test_a_gap_is_not_a_set_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
