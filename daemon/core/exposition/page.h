/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The small HTML page for people at `/`: no script, nothing loaded from elsewhere. Pure. */

#include "core/exposition/exposition.h"
#include "core/series/series.h"
#include "core/text.h"

struct page {
    const struct series *series;
    const char *version;
    struct exposition_impacts impacts;
    const char *trouble; /* why the figures are not fresh; NULL: they are */
};

void page_render(struct text *text, const struct page *page);
