/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The source as it is, with the atomics of the shim. Not compiled by its own name: what reads how
 * files are compiled, as clang-tidy does, would take the model's way for the ring's. */
#include "core/ring/frame.c"
