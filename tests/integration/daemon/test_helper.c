/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A sensor that hangs, as a BMC may for 30 seconds: the helper thread waits for it, and the sampler
 * neither waits nor misses what comes in the end. */

#include "unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "greend/units.h"
#include "sampler/helper.h"
#include "support/scratch.h"
#include "threads/clock.h"

/* A FIFO in the place of the sensor's file: it is read until somebody writes. */
static int sensor_fd = -1;

static int sensor_open(const struct collector_env *env, void **ret_state)
{
    (void)env;
    *ret_state = NULL;
    return 0;
}

static int sensor_collect(void *state, struct sample *sample)
{
    char byte = 0;
    (void)state;
    if (read(sensor_fd, &byte, 1) != 1)
        return -EIO;
    struct meter *meter = &sample->meters.meters[sample->meters.count];
    *meter = (struct meter){.key = "bmc/power", .kind = DOMAIN_PLATFORM, .form = METER_GAUGE};
    sample->meters.readings[sample->meters.count++] =
        (struct meter_reading){.time_ns = clock_mono_ns(), .value = (uint64_t)byte};
    return 0;
}

static void sensor_close(void *state)
{
    (void)state;
}

static const struct collector sensor = {.name = "bmc",
                                        .slow = true,
                                        .open = sensor_open,
                                        .collect = sensor_collect,
                                        .close = sensor_close};

const struct collector *const collectors[] = {&sensor, NULL};

static void test_hanging_read(void **state)
{
    (void)state;
    static struct helper_result result;
    static struct reserved_set reserved;
    const struct collector_env env = {.sysfs_fd = -1, .procfs_fd = -1, .interval_ns = NS_PER_S};
    struct scratch scratch = scratch_new();
    struct helper *helper = NULL;
    assert_int_equal(mkfifoat(scratch.fd, "power", 0600), 0);
    sensor_fd = openat(scratch.fd, "power", O_RDWR | O_CLOEXEC); /* never at its end */
    assert_true(sensor_fd >= 0);

    assert_int_equal(helper_start(&helper, &env, NULL), 0);
    /* A start gives up waiting; ticks get nothing, and get it at once. Who waits for the sensor
     * here waits for ever. */
    helper_wait_first(helper, clock_mono_ns() + 20 * NS_PER_MS);
    for (int i = 0; i < 1000; i++) {
        assert_false(helper_take(helper, &result));
        assert_false(helper_take_reserved(helper, &reserved));
    }
    assert_int_equal(write(sensor_fd, "A", 1), 1);
    while (!helper_take(helper, &result))
        (void)usleep(1000);
    assert_int_equal(result.meters.count, 1);
    assert_int_equal(result.meters.readings[0].value, 'A');
    assert_true(result.board.count > 0);

    assert_int_equal(write(sensor_fd, "B", 1), 1); /* so that the thread can end */
    assert_null(helper_stop(helper));
    assert_int_equal(close(sensor_fd), 0);
    scratch_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hanging_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
