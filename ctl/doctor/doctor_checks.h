/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The verdicts of the rows of doctor_table.c. */

#include "doctor/doctor.h"

#define DOCTOR_JUDGE(name)                                                                         \
    enum doctor_verdict name(const struct doctor_scene *scene, struct text *detail)

/* doctor_meters.c */
DOCTOR_JUDGE(doctor_virtual);
DOCTOR_JUDGE(doctor_module);
DOCTOR_JUDGE(doctor_no_meter);
DOCTOR_JUDGE(doctor_meter_group);
DOCTOR_JUDGE(doctor_meter_readable);
DOCTOR_JUDGE(doctor_udev_rule);
DOCTOR_JUDGE(doctor_range);
DOCTOR_JUDGE(doctor_wrap);
DOCTOR_JUDGE(doctor_readers);
DOCTOR_JUDGE(doctor_sensors);
DOCTOR_JUDGE(doctor_rest);

/* doctor_daemon.c */
DOCTOR_JUDGE(doctor_configuration);
DOCTOR_JUDGE(doctor_started);
DOCTOR_JUDGE(doctor_alive);
DOCTOR_JUDGE(doctor_first);
DOCTOR_JUDGE(doctor_ring_format);
DOCTOR_JUDGE(doctor_failed);
DOCTOR_JUDGE(doctor_degraded);
DOCTOR_JUDGE(doctor_exits);
DOCTOR_JUDGE(doctor_hidepid);
DOCTOR_JUDGE(doctor_perf);
DOCTOR_JUDGE(doctor_nobody);
DOCTOR_JUDGE(doctor_taken);
DOCTOR_JUDGE(doctor_unreachable);
DOCTOR_JUDGE(doctor_certificate);
DOCTOR_JUDGE(doctor_reader_group);
DOCTOR_JUDGE(doctor_reader);
DOCTOR_JUDGE(doctor_reader_session);

/* doctor_history.c */
DOCTOR_JUDGE(doctor_history_missing);
DOCTOR_JUDGE(doctor_history_access);
DOCTOR_JUDGE(doctor_history_unreadable);
DOCTOR_JUDGE(doctor_history_damaged);
DOCTOR_JUDGE(doctor_history_unchecked);
DOCTOR_JUDGE(doctor_history_newer);
DOCTOR_JUDGE(doctor_history_old);
DOCTOR_JUDGE(doctor_disk_full);
DOCTOR_JUDGE(doctor_disk_readonly);
DOCTOR_JUDGE(doctor_clock_unset);
DOCTOR_JUDGE(doctor_clock_back);
DOCTOR_JUDGE(doctor_clock_adrift);
DOCTOR_JUDGE(doctor_no_cgroups);
DOCTOR_JUDGE(doctor_old_cgroups);
DOCTOR_JUDGE(doctor_site);
DOCTOR_JUDGE(doctor_asset);
DOCTOR_JUDGE(doctor_factors);
DOCTOR_JUDGE(doctor_factors_old);

/* For the parts of this module. */

/* Appends what is not trusted, escaped; behind ", " where something stands there. */
void doctor_add_name(struct text *detail, const char *name);

/* Whether a path below a root is there. */
bool doctor_exists(int root_fd, const char *path);

/* A collector's state, as the ring has it; NULL: it says nothing. item "": as a whole. */
const struct ring_status *doctor_item(const struct doctor_scene *scene, const char *collector,
                                      const char *item);

/* Whether the daemon works, so that what the ring says is true now. */
bool doctor_daemon_runs(const struct doctor_scene *scene);

/* The module of the processor's sensors; NULL: neither Intel nor AMD, which alone have RAPL. */
const char *doctor_sensor_module(const struct doctor_scene *scene);
