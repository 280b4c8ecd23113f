/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which machine this is, without telling its machine-id. */

#include "greend/store.h"

/* This program's hash of the machine-id, as databases carry it; zeros where there is none.
 * -ENOMEM: zeros as well, and it may have one. */
int machine_id(uint8_t ret_id[STORE_HOST_ID_SIZE]);
