/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

#include "support/random.h"

static inline struct random random_seeded(void)
{
    return random_begin("property", 20261123);
}
