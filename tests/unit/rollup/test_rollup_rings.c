/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Where the sums go on from: the store and the ring may be of different times, rings and boots. */
#include "unit.h"

#include "support/rollup_bench.h"

static const uint64_t some_uj[DOMAINS] = {1000, 200, 30, 4};

static void push_some(struct bench *bench, int frames)
{
    for (int i = 0; i < frames; i++)
        push_frame(bench, NS_PER_S, 10, 5, some_uj, 0);
}

/* A daemon that made frames, and a store that has them all. */
static void begin_stored(struct bench *bench, int frames)
{
    bench_begin(bench);
    bench->boot_id[0] = 1;
    push_some(bench, frames);
    (void)read_all(bench);
    bench_commit(bench);
}

/* The machine starts anew; without a battery, in 1970. */
static void reboot(struct bench *bench, uint8_t boot, int64_t real_ns)
{
    bench->boot_id[0] = boot;
    bench->mono_ns = NS_PER_S;
    bench->real_ns = real_ns;
}

/* A ring in which nothing is, by another name. */
static void another_ring(struct bench *bench)
{
    plain_ring_format(&bench->ring, "another ring");
    put_names(bench);
    bench->number = 0;
    memset(bench->totals_uj, 0, sizeof(bench->totals_uj));
}

static void set_birth(struct bench *bench)
{
    struct ring_birth birth = {.mono_ns = bench->mono_ns + NS_PER_S};
    memcpy(birth.boot_id, bench->boot_id, sizeof(birth.boot_id));
    ring_set_birth(&bench->ring, &birth);
}

/* Takes in what there is and asserts how many frames are booked, of them how many as nobody's;
 * returns the gap that is declared. */
static uint64_t assert_frames(struct bench *bench, uint64_t booked, uint64_t unattributed)
{
    (void)read_all(bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    uint64_t covered_ns = 0, gap_ns = 0;
    for (size_t i = 0; i < batch.n_spans; i++) {
        covered_ns += batch.spans[i].covered_ns;
        gap_ns += batch.spans[i].gap_ns;
    }
    assert_int_equal(covered_ns, (booked - unattributed) * NS_PER_S);
    for (int d = 0; d < DOMAINS; d++) {
        assert_int_equal(batch_uj(&batch, d, -1), booked * 5 * some_uj[d]);
        assert_int_equal(batch_uj(&batch, d, WORKLOAD_UNATTRIBUTED), unattributed * 5 * some_uj[d]);
    }
    return gap_ns;
}

static size_t count_events(struct bench *bench, enum store_event_kind kind)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    size_t n = 0;
    for (size_t i = 0; i < batch.n_events; i++)
        n += batch.events[i].kind == kind;
    return n;
}

static void assert_no_events(struct bench *bench)
{
    for (int kind = 0; kind < STORE_EVENT_KINDS; kind++)
        assert_int_equal(count_events(bench, (enum store_event_kind)kind), 0);
}

/* A store that opens late tells what it has; what it lacks of the frames before is found. */
static void test_late_resume_finds_what_is_missing(void **state)
{
    (void)state;
    struct bench bench;
    begin_stored(&bench, 4);
    push_some(&bench, 6);
    (void)rollup_free(bench.rollup);
    bench.rollup = rollup_new();
    bench.position = ring_head(&bench.ring);
    push_some(&bench, 1);
    (void)read_all(&bench);
    bench_resume(&bench);
    /* At once: a commit now states that everything up to here is stored. */
    (void)assert_frames(&bench, 7, 6);
    push_some(&bench, 1);
    (void)assert_frames(&bench, 8, 6);
    bench_end(&bench);
}

/* A database that was deleted while the ring stands: its history begins with the oldest frame that
 * is left. What was used before is in no figure: no energy, no time, no event. */
static void test_a_new_store_begins_with_the_oldest_frame(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct bench bench;
        bench_begin(&bench);
        push_some(&bench, 1000);
        uint64_t oldest = 0;
        assert_int_equal(frame_oldest(&bench.ring, &oldest), 0);
        assert_true(oldest > 0); /* frames before it are gone, and in the running totals */
        if (late) {              /* it could not be opened at first: nobody knew that it is new */
            bench.position = ring_head(&bench.ring);
            push_some(&bench, 1);
            (void)read_all(&bench);
            bench_resume(&bench);
        } else {
            next_daemon(&bench);
            assert_int_equal(bench.position, oldest);
        }
        assert_int_equal(assert_frames(&bench, late ? 1 : SLOTS / 16, 0), 0);
        assert_no_events(&bench);

        /* The next daemon does not find that energy either. */
        bench_commit(&bench);
        next_daemon(&bench);
        push_some(&bench, 1);
        (void)assert_frames(&bench, 1, 0);
        assert_no_events(&bench);
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
    begin_stored(&bench, 1000);
    bench_forget_ring(&bench);
    bench.mono_ns = bench.stored.position.mono_ns += 60 * NS_PER_S;
    bench.real_ns = bench.stored.position.real_ns += (int64_t)(60 * NS_PER_S);
    next_daemon(&bench);
    push_some(&bench, 1);
    (void)assert_frames(&bench, 1, 0);
    bench_end(&bench);
}

/* A ring that lost its last frames with the power: the store's position lies beyond its head. */
static void test_a_ring_that_went_back_is_not_booked_again(void **state)
{
    (void)state;
    struct bench bench;
    begin_stored(&bench, 1);
    bench.stored.position.position += 100;
    bench.stored.position.mono_ns += NS_PER_S;
    bench.mono_ns += 2 * NS_PER_S;
    next_daemon(&bench);
    push_some(&bench, 1);
    (void)assert_frames(&bench, 1, 0);
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
    bench_commit(&bench);
    next_daemon(&bench);
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), 5 * energies[d]);
    bench_end(&bench);
}

/* ---- Boots ---- */

/* The machine was started anew with its clock at 1970; the daemon was killed before its first
 * commit. The frames of this boot are new, whatever the clock says. */
static void test_frames_of_1970_are_new(void **state)
{
    (void)state;
    struct bench bench;
    begin_stored(&bench, 3);
    another_ring(&bench);
    reboot(&bench, 2, 0);
    push_some(&bench, 4);
    next_daemon(&bench);
    push_some(&bench, 1);
    (void)assert_frames(&bench, 5, 0);
    assert_int_equal(count_events(&bench, STORE_EVENT_LOST), 0);
    bench_end(&bench);
}

/* The same, with more frames than the ring holds: their energy is in its running totals. */
static void test_a_ring_begun_since_is_booked_as_a_whole(void **state)
{
    (void)state;
    for (uint8_t boot = 1; boot <= 2; boot++) {
        struct bench bench;
        begin_stored(&bench, 3);
        another_ring(&bench);
        if (boot == 2)
            reboot(&bench, 2, 0);
        set_birth(&bench);
        push_some(&bench, 1000);
        next_daemon(&bench);
        (void)assert_frames(&bench, 1000, 1000 - SLOTS / 16);
        assert_int_equal(count_events(&bench, STORE_EVENT_LOST), DOMAINS);
        assert_int_equal(count_events(&bench, STORE_EVENT_GAP), 0);
        bench_end(&bench);
    }
}

/* A ring on a disk, of the boot before. The store followed another one in this boot, whose clock
 * stood at 1970 then. */
static void test_frames_of_an_older_boot_are_old(void **state)
{
    (void)state;
    struct bench bench;
    begin_stored(&bench, 3);
    bench_forget_ring(&bench);
    memset(bench.stored.position.boot_id, 'x', sizeof(bench.boot_id));
    bench.stored.position.real_ns = 0;
    bench.stored.position.mono_ns = 100 * NS_PER_S;
    reboot(&bench, 'x', 0);
    memset(bench.boot_id, 'x', sizeof(bench.boot_id));
    bench.mono_ns = 100 * NS_PER_S;
    next_daemon(&bench);
    push_some(&bench, 1);
    (void)assert_frames(&bench, 1, 0);
    bench_end(&bench);
}

/* Neither the ring's frames nor the store's last commit are of this boot, and nothing tells which
 * was first: what may be there already is not booked, and its time is a gap. */
static void test_doubt_is_a_gap(void **state)
{
    (void)state;
    for (int is_set = 0; is_set < 2; is_set++) {
        struct bench bench;
        begin_stored(&bench, 3);
        bench_forget_ring(&bench);
        memset(bench.stored.position.boot_id, 'x', sizeof(bench.boot_id));
        int64_t real_ns = bench.real_ns;
        bench.stored.position.real_ns = is_set ? real_ns - 100 * (int64_t)NS_PER_S : 0;
        reboot(&bench, 3, real_ns);
        next_daemon(&bench);
        push_some(&bench, 2);
        assert_int_equal(assert_frames(&bench, 2, 0), is_set ? 100 * NS_PER_S : 0);
        assert_int_equal(count_events(&bench, STORE_EVENT_GAP), 1);
        bench_end(&bench);
    }
}

/* The order of the frames in a ring is true whatever the clocks say. */
static void test_frames_behind_the_commit_are_new(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.boot_id[0] = 1;
    push_some(&bench, 2);
    reboot(&bench, 2, bench.real_ns);
    push_some(&bench, 2);
    (void)read_all(&bench);
    bench_commit(&bench);
    bench.stored.position.position += 1000; /* a ring that went back */
    reboot(&bench, 3, 0);
    push_some(&bench, 4);
    reboot(&bench, 4, 0);
    next_daemon(&bench);
    push_some(&bench, 1);
    assert_int_equal(assert_frames(&bench, 5, 0), 0);
    assert_int_equal(count_events(&bench, STORE_EVENT_GAP), 0);
    bench_end(&bench);
}

/* A ring that the store followed before another one, and that was overtaken since: what its running
 * totals have of the time before is in the store already. Meanwhile the machine slept. */
static void test_totals_of_a_ring_that_is_back_are_not_booked(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct bench bench;
        bench_begin(&bench);
        set_birth(&bench);
        push_some(&bench, 1000);
        (void)read_all(&bench);
        bench_commit(&bench);
        bench_forget_ring(&bench);
        bench.asleep_ns += 600 * NS_PER_S;
        bench.real_ns += 600 * (int64_t)NS_PER_S;
        push_some(&bench, 500);
        if (late) { /* the store opens when a frame was added already */
            (void)rollup_free(bench.rollup);
            bench.rollup = rollup_new();
            bench.position = ring_head(&bench.ring);
            push_some(&bench, 1);
            (void)read_all(&bench);
            bench_resume(&bench);
            struct store_batch batch;
            assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
            assert_int_equal(batch_uj(&batch, 0, -1), SLOTS / 16 * 5 * some_uj[0]);
        } else {
            next_daemon(&bench);
            assert_int_equal(assert_frames(&bench, SLOTS / 16, 0),
                             (600 + 500 - SLOTS / 16) * NS_PER_S);
        }
        assert_int_equal(count_events(&bench, STORE_EVENT_GAP), 1);
        bench_end(&bench);
    }
}

/* A ring on a disk that lost frames with the power has grown beyond the store's position since, in
 * the next boot: that position is now within other frames. */
static void test_a_ring_that_went_back_and_grew(void **state)
{
    (void)state;
    for (int aligned = 0; aligned < 2; aligned++) {
        struct bench bench;
        begin_stored(&bench, 5);
        /* The store has three frames more than the ring still holds. */
        bench.stored.position.frame += 3;
        bench.stored.position.position += aligned ? 3 * 18 : 3 * 16 + 1;
        bench.stored.position.mono_ns += 3 * NS_PER_S;
        for (size_t i = 0; i < bench.stored.n_meters; i++)
            bench.meters[i].raw_uj += 3 * 5 * some_uj[i];
        reboot(&bench, 2, bench.real_ns);
        for (int i = 0; i < 6; i++)
            push_frame(&bench, NS_PER_S, 10, 6, some_uj, 0);
        next_daemon(&bench);
        (void)read_all(&bench);
        struct store_batch batch;
        assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
        for (int d = 0; d < DOMAINS; d++)
            assert_int_equal(batch_uj(&batch, d, -1), 6 * 6 * some_uj[d]);
        bench_end(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_resume_finds_what_is_missing),
        cmocka_unit_test(test_a_new_store_begins_with_the_oldest_frame),
        cmocka_unit_test(test_a_ring_that_is_back_is_not_booked_again),
        cmocka_unit_test(test_a_ring_that_went_back_is_not_booked_again),
        cmocka_unit_test(test_domains_of_one_name_are_told_apart),
        cmocka_unit_test(test_frames_of_1970_are_new),
        cmocka_unit_test(test_a_ring_begun_since_is_booked_as_a_whole),
        cmocka_unit_test(test_frames_of_an_older_boot_are_old),
        cmocka_unit_test(test_doubt_is_a_gap),
        cmocka_unit_test(test_frames_behind_the_commit_are_new),
        cmocka_unit_test(test_totals_of_a_ring_that_is_back_are_not_booked),
        cmocka_unit_test(test_a_ring_that_went_back_and_grew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
