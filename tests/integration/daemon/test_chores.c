/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <poll.h>
#include <pthread.h>

#include "threads/chores.h"
#include "threads/clock.h"

/* Work that one thread posts and another does. */

struct piece {
    struct chore chore; /* first */
    struct wake begun;
    struct wake may_end;
    int order; /* in which it was done; 0: not */
    bool slow;
};

static int n_done;

static void work(struct chore *chore)
{
    struct piece *piece = (struct piece *)chore;
    if (piece->slow) {
        wake_ring(&piece->begun);
        (void)wake_wait(&piece->may_end, clock_mono_ns() + 10 * NS_PER_S);
    }
    piece->order = ++n_done;
}

static bool is_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

static void test_order(void **state)
{
    (void)state;
    struct chores *chores = NULL;
    struct piece pieces[4] = {
        {{work, NULL}, .order = 0}
    };
    n_done = 0;
    assert_int_equal(chores_new(&chores), 0);
    assert_false(chores_do(chores));
    assert_false(wake_wait(chores_posted(chores), 0));
    for (size_t i = 0; i < 4; i++) {
        pieces[i].chore.work = work;
        chores_post(chores, &pieces[i].chore);
    }
    assert_true(wake_wait(chores_posted(chores), 0));
    assert_false(is_readable(chores_done_fd(chores)));
    assert_null(chores_take(chores));
    chores_withdraw(chores, &pieces[1].chore); /* before it is done */
    while (chores_do(chores))
        ;
    assert_true(is_readable(chores_done_fd(chores)));
    assert_ptr_equal(chores_take(chores), &pieces[0].chore);
    chores_withdraw(chores, &pieces[3].chore); /* after */
    assert_ptr_equal(chores_take(chores), &pieces[2].chore);
    assert_null(chores_take(chores));
    assert_false(is_readable(chores_done_fd(chores)));
    assert_int_equal(pieces[0].order, 1);
    assert_int_equal(pieces[1].order, 0);
    assert_int_equal(pieces[2].order, 2);
    assert_int_equal(pieces[3].order, 3);
    chores_post(chores, &pieces[1].chore); /* again */
    assert_true(chores_do(chores));
    assert_ptr_equal(chores_take(chores), &pieces[1].chore);
    assert_null(chores_free(chores));
}

static void *do_one(void *userdata)
{
    (void)chores_do(userdata);
    return NULL;
}

static void *let_end(void *userdata)
{
    struct piece *piece = userdata;
    (void)poll(NULL, 0, 50);
    wake_ring(&piece->may_end);
    return NULL;
}

/* What is being done is waited for: its memory may go afterwards. */
static void test_withdraw_waits(void **state)
{
    (void)state;
    struct chores *chores = NULL;
    struct piece piece = {.chore.work = work, .slow = true};
    pthread_t helper, patience;
    n_done = 0;
    assert_int_equal(chores_new(&chores), 0);
    assert_int_equal(wake_init(&piece.begun), 0);
    assert_int_equal(wake_init(&piece.may_end), 0);
    chores_post(chores, &piece.chore);
    assert_int_equal(pthread_create(&helper, NULL, do_one, chores), 0);
    assert_true(wake_wait(&piece.begun, clock_mono_ns() + 10 * NS_PER_S));
    assert_int_equal(pthread_create(&patience, NULL, let_end, &piece), 0);
    chores_withdraw(chores, &piece.chore);
    assert_int_equal(piece.order, 1);
    assert_null(chores_take(chores));
    (void)pthread_join(helper, NULL);
    (void)pthread_join(patience, NULL);
    wake_done(&piece.begun);
    wake_done(&piece.may_end);
    assert_null(chores_free(chores));
}

enum { PIECES = 64, ROUNDS = 20000 };

struct crew {
    struct chores *chores;
    struct wake stop;
};

static void *do_all(void *userdata)
{
    const struct crew *crew = userdata;
    while (wake_wait_either(&crew->stop, chores_posted(crew->chores),
                            clock_mono_ns() + 10 * NS_PER_S) != WAKE_FIRST) {
        while (chores_do(crew->chores))
            ;
    }
    return NULL;
}

static size_t take_all(struct chores *chores, size_t taken)
{
    for (struct chore *chore; (chore = chores_take(chores)) != NULL; taken++) {
        struct piece *piece = (struct piece *)chore;
        assert_int_equal(piece->order, (int)taken + 1);
        piece->order = 0;
    }
    return taken;
}

/* Posted, done and taken back all at once: each once, in order. A race is for ThreadSanitizer. */
static void test_side_by_side(void **state)
{
    (void)state;
    static struct piece pieces[PIECES];
    struct crew crew = {0};
    pthread_t helper;
    n_done = 0;
    assert_int_equal(chores_new(&crew.chores), 0);
    assert_int_equal(wake_init(&crew.stop), 0);
    assert_int_equal(pthread_create(&helper, NULL, do_all, &crew), 0);
    size_t taken = 0;
    for (size_t posted = 0; taken < ROUNDS;) {
        if (posted < ROUNDS && posted - taken < PIECES) {
            struct piece *piece = &pieces[posted++ % PIECES];
            piece->chore.work = work;
            chores_post(crew.chores, &piece->chore);
        } else {
            struct pollfd done = {.fd = chores_done_fd(crew.chores), .events = POLLIN};
            assert_int_equal(poll(&done, 1, 10000), 1);
        }
        taken = take_all(crew.chores, taken);
    }
    wake_ring(&crew.stop);
    (void)pthread_join(helper, NULL);
    wake_done(&crew.stop);
    assert_null(chores_free(crew.chores));
}

static void test_either_bell(void **state)
{
    (void)state;
    struct wake first, second;
    assert_int_equal(wake_init(&first), 0);
    assert_int_equal(wake_init(&second), 0);
    assert_int_equal(wake_wait_either(&first, &second, 0), WAKE_NONE);
    assert_int_equal(wake_wait_either(&first, NULL, 0), WAKE_NONE);
    wake_ring(&second);
    wake_ring(&first);
    uint64_t soon = clock_mono_ns() + 10 * NS_PER_S;
    assert_int_equal(wake_wait_either(&first, &second, soon), WAKE_FIRST);
    assert_int_equal(wake_wait_either(&first, &second, soon), WAKE_SECOND);
    assert_int_equal(wake_wait_either(&first, &second, 0), WAKE_NONE);
    wake_done(&first);
    wake_done(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_withdraw_waits),
        cmocka_unit_test(test_side_by_side),
        cmocka_unit_test(test_either_bell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
