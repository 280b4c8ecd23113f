/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* kill -9 at any moment: what was acknowledged is there, what is there is whole, and the next
 * daemon goes on from it. */

#include "store_fixture.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 100, COMMITS_MAX = 400 };

/* What the writer says before and after each commit. */
struct shared {
    _Atomic uint64_t begun_uj;
    _Atomic uint64_t done_uj;
};

/* Goes on from where the last one was killed, and commits until it is killed itself. */
static void write_until_killed(struct fixture *fixture, struct shared *shared, uint64_t random)
{
    struct batch *batch = batch_new();
    struct store_resume resume;
    fixture_open(fixture);
    assert_int_equal(store_load_resume(fixture->store, &resume), 0);
    fixture->total_uj = resume.position.total_uj;
    fixture->frames = resume.position.frame;
    for (int i = 0; i < COMMITS_MAX; i++) {
        int64_t now_s = utc("2026-10-24 12:00") + (int64_t)fixture->frames * 60;
        batch_clear(batch);
        for (uint32_t w = 0; w < FIXTURE_WORKLOADS; w++)
            batch_energy(batch, now_s, w, w % 3, random_below(&random, 1000000));
        atomic_store(&shared->begun_uj, fixture->total_uj + batch->total_uj);
        assert_int_equal(fixture_commit(fixture, batch, now_s), 0);
        atomic_store(&shared->done_uj, fixture->total_uj);
    }
    _exit(0);
}

static void test_killed(void **state)
{
    (void)state;
    struct fixture fixture;
    uint64_t random = random_seed(), lost = 0;
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    fixture_zone("Europe/Paris");
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    int frames_then = 0;
    uint64_t most_ns = 40 * NS_PER_MS; /* grows where the machine is too slow for a commit in it */
    for (int i = 0; i < KILLS; i++) {
        uint64_t seed = random_next(&random);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(&fixture, shared, seed | 1);
        uint64_t wait_ns = random_below(&random, most_ns);
        const struct timespec wait = {0, (long)wait_ns};
        (void)nanosleep(&wait, NULL);
        int status = 0;
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        if (access(fixture.path, F_OK) < 0 || atomic_load(&shared->begun_uj) == 0) {
            most_ns = MIN(most_ns + most_ns / 4, NS_PER_S - 1);
            continue;
        }
        fixture.total_uj = (uint64_t)fixture_query(&fixture, "SELECT total_uj FROM state");
        assert_true(fixture.total_uj == atomic_load(&shared->done_uj) ||
                    fixture.total_uj == atomic_load(&shared->begun_uj));
        fixture_check(&fixture);
        lost += fixture.total_uj != atomic_load(&shared->begun_uj);
        atomic_store(&shared->done_uj, fixture.total_uj);
        int frames = (int)fixture_query(&fixture, "SELECT frame FROM state");
        if (frames == frames_then)
            most_ns = MIN(most_ns + most_ns / 4, NS_PER_S - 1);
        frames_then = frames;
    }
    print_message("%d commits; %d of %d kills lost the one that was under way, which no one had"
                  " been promised\n",
                  frames_then, (int)lost, KILLS);
    assert_true(frames_then > 10);
    fixture_open(&fixture);
    fixture_check(&fixture);
    fixture_end(&fixture);
    (void)munmap(shared, sizeof(*shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
