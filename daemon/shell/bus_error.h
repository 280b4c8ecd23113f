/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Whoever owns a file, and root, may cut it short while it is mapped, and the kernel then ends with
 * SIGBUS who touches what is gone: the ring, or the -shm file of the database. That cannot be
 * prevented; this makes it an end with a message and status 1 instead of a crash. */

/* message: a line, with its line break; it must last. */
void bus_error_catch(const char *message);

/* What else is to be done before the end: it may do only what signal handlers may. NULL: nothing.
 */
void bus_error_before(void (*before)(void));
