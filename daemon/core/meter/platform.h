/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Whether a meter that claims to see the whole machine can be believed: over ten minutes it must
 * have seen at least what the processors' own meters saw. Many do not: psys is wired to a part of
 * the board on some machines and to nothing on others, and a server's power meter may belong to one
 * of two supplies. Pure. */

#include "greend/base.h"

enum platform_verdict { PLATFORM_UNJUDGED, PLATFORM_BELIEVED, PLATFORM_REFUSED };

struct platform {
    enum platform_verdict verdict;
    uint32_t passed; /* good windows in a row after a refusal */
    bool aligned;    /* the window begins at a reading of the platform meter */
    uint64_t window_ns;
    uint64_t seen_uj;      /* by the platform meter in the window */
    uint64_t reference_uj; /* by the others in the same time */
    uint64_t waiting_uj;   /* by the others since the platform meter's last reading */
};

/* What was seen cannot be compared (a gap on either side): a new window begins at the platform
 * meter's next reading. */
void platform_restart(struct platform *platform);

/* Takes one tick: what the platform meter saw in elapsed_ns (0 where it brought nothing new) and
 * what the others saw. A platform meter may be slower than the others. True: the verdict changed.
 */
bool platform_judge(struct platform *platform, uint64_t seen_uj, uint64_t elapsed_ns,
                    uint64_t reference_uj);
