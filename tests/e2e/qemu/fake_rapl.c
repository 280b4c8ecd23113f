// SPDX-License-Identifier: EUPL-1.2 OR GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The greend authors

/* For tests alone: a kernel module that registers a powercap zone as Intel's driver does, with an
 * energy_uj of mode 0400 that counts 50 W. No virtual machine has a real one. */

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/powercap.h>

#define WATTS 50

static struct powercap_control_type *type;
static struct powercap_zone *zone;

static int get_max_energy_range_uj(struct powercap_zone *which, u64 *range)
{
    *range = 262143328850ULL;
    return 0;
}

static int get_energy_uj(struct powercap_zone *which, u64 *energy)
{
    *energy = (u64)ktime_to_us(ktime_get()) * WATTS % 262143328911ULL;
    return 0;
}

static const struct powercap_zone_ops ops = {
    .get_max_energy_range_uj = get_max_energy_range_uj,
    .get_energy_uj = get_energy_uj,
};

/* The kernel registers no zone without a limit. */
static int get_limit(struct powercap_zone *which, int id, u64 *value)
{
    *value = 2 * WATTS * 1000000ULL;
    return 0;
}

static int set_limit(struct powercap_zone *which, int id, u64 value)
{
    return -EPERM;
}

static const struct powercap_zone_constraint_ops limit_ops = {
    .get_power_limit_uw = get_limit,
    .set_power_limit_uw = set_limit,
    .get_time_window_us = get_limit,
    .set_time_window_us = set_limit,
    .get_max_power_uw = get_limit,
};

static int __init fake_rapl_init(void)
{
    type = powercap_register_control_type(NULL, "intel-rapl", NULL);
    if (IS_ERR(type))
        return PTR_ERR(type);
    zone = powercap_register_zone(NULL, type, "package-0", NULL, &ops, 1, &limit_ops);
    if (IS_ERR(zone)) {
        powercap_unregister_control_type(type);
        return PTR_ERR(zone);
    }
    return 0;
}

static void __exit fake_rapl_exit(void)
{
    powercap_unregister_zone(type, zone);
    powercap_unregister_control_type(type);
}

module_init(fake_rapl_init);
module_exit(fake_rapl_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A powercap zone without hardware, for tests of greend");
