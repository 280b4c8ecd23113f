/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Folding: taking out of a name what differs from one run to the next (a PID, a counter, a hash, a
 * connection) and leaving what people mean by it. Without it a host would have as many workloads as
 * it ever had processes.
 *
 * All of these work in place on a terminated text, never make it longer and never leave it empty
 * that was not. A folded unit or command is not changed by folding it again. A '*' stands where
 * something was taken out: no unit has one in its name. Pure. */

/* A systemd unit: "session-3.scope" -> "session-*.scope", "run-u12.service" -> "run-*.service",
 * "sshd@3-10.0.0.1:22-10.0.0.2:4711.service" -> "sshd@.service", "user@1000.service" ->
 * "user@.service". Instances that a person chose stay: "postgresql@15-main.service". Other names
 * than those of units stay as they are. */
void fold_unit(char *unit);

/* A command name: "worker-12" -> "worker", "gunicorn: maste" -> "gunicorn". Digits that belong to
 * the name stay: "python3.11", "php-fpm8.2". */
void fold_command(char *command);

/* A kernel thread: "kworker/0:1-events" -> "kworker", "jbd2/sda1-8" -> "jbd2", "kswapd0" ->
 * "kswapd". */
void fold_kernel_thread(char *name);
