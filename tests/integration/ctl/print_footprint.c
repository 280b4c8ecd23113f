/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Prints the reports of all made machines as one JSON object, for recompute.py. */

#include "made_report.h"
#include "render/render.h"

int main(void)
{
    CLEANUP(text_done) struct text text = {0};
    const struct made_case *what = NULL;
    for (size_t i = 0; (what = made_case(i)); i++) {
        struct made *made = malloc(sizeof(*made));
        if (!made)
            return 1;
        made_begin(made, what);
        text_format(&text, "%s\"%s\": ", i ? "," : "{", what->name);
        render_report_json(&made->report, &made->footprint, &text);
        made_done(made);
        free(made);
    }
    text_add(&text, "}\n");
    return text.error || fputs(text.data, stdout) < 0;
}
