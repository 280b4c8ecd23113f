/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine where nothing is wrong, for doctor to look at: the files below its roots, and the scene
 * that is made of them. */

#include "unit/unit.h"

#include "doctor/doctor.h"
#include "fixtures.h"

#define ZONE "class/powercap/intel-rapl:0/"

extern struct fixture sys;
extern struct fixture proc;
extern struct doctor_scene scene;

static const int64_t now_s = 1793530000; /* 2026-11-01 */

/* As cmocka calls them; set_up() makes all of it anew. */
int doctor_set_up(void **state);
int doctor_tear_down(void **state);

/* Anew, after the files of zones changed. */
void doctor_find_zones(void);

/* What the running greend says of a source. */
void doctor_add_item(const char *collector, const char *item, enum health health, const char *why);
