/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Listening sockets, from addresses as people write them. */

#include "greend/base.h"

/* Opens a listening TCP socket, close-on-exec and non-blocking. `address` is numeric:
 * "127.0.0.1:9841", "[::1]:9841", ":9841" (all addresses, IPv6 and IPv4 where the kernel has
 * both); port 0: one that is free. Returns the descriptor, -EINVAL: not such an address,
 * -EADDRINUSE, -EADDRNOTAVAIL, -EACCES ... as bind(2). */
int listen_open(const char *address);
