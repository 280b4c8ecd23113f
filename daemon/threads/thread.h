/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

#include <pthread.h>

/* Starts a thread under a name of at most 15 characters. What fails is logged, with what to do, and
 * returned as a negative errno. */
int thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *), void *userdata);
