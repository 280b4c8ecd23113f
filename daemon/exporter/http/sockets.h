/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Where the exporter listens: on sockets that the service manager holds for greend, and only where
 * there are none on those that [http] listen= names. */

#include "core/settings/settings.h"

/* Fills in descriptors, close-on-exec, which are the caller's to close, and returns how many. Those
 * that the network beyond this machine reaches are served only where `encrypted`, or where
 * [http] allow_cleartext=yes says otherwise. The log tells where each listens, and which address is
 * not listened on, why, and how to mend it. May be called again, after a reload: the service
 * manager's sockets are still there. */
size_t sockets_open(const struct settings *settings, bool encrypted,
                    int ret_fds[SETTINGS_LISTEN_MAX]);
