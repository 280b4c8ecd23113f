/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>

#include "ctl.h"
#include "greend/units.h"
#include "output/amount.h"
#include "output/json.h"
#include "output/table.h"
#include "render/render.h"
#include "status/status.h"

enum { ERRNO_MAX = 4096 }; /* no kernel has more */

static const struct {
    const char *word; /* stable, for programs */
    const char *shown;
    const char *utf8, *ascii;
    enum style_colour colour;
} healths[HEALTHS] = {
    [HEALTH_WORKING] = {"working",  N_("working"),  "●", "+", COLOUR_PLAIN },
    [HEALTH_DEGRADED] = {"degraded", N_("degraded"), "▲", "!", COLOUR_YELLOW},
    [HEALTH_FAILED] = {"failed",   N_("FAILED"),   "✖", "X", COLOUR_RED   },
    [HEALTH_ABSENT] = {"absent",   N_("absent"),   "○", "-", COLOUR_DIM   },
    [HEALTH_OFF] = {"off",      N_("off"),      "○", "-", COLOUR_DIM   },
};

static const struct {
    const char *word;
    const char *shown;
    const char *advice;
} daemons[] = {
    [STATUS_RUNNING] = {"running",  N_("greend is running"),                                 ""},
    [STATUS_STARTING] = {"starting", N_("greend has not measured anything yet"),
                        N_(" Try again in a few seconds; if nothing changes: systemctl status "
                            "greend")                                                          },
    [STATUS_STALE] = {"stale",    N_("greend is NOT working"),
                        N_(" It has stopped or hangs: see systemctl status greend, and start it "
                         "with: sudo systemctl restart greend")                                },
    [STATUS_REBOOTED] = {"rebooted",
                        N_("greend is NOT running, and has not since this machine started"),
                        N_(" Start it with: sudo systemctl enable --now greend")               },
};

static void add_daemon(const struct status *status, const struct style *style, struct text *text)
{
    char age[48];
    char interval[48];
    CLEANUP(text_done) struct text line = {0};
    bool timed = status->daemon == STATUS_RUNNING || status->daemon == STATUS_STALE;
    text_add(&line, _(daemons[status->daemon].shown));
    if (timed)
        text_format(&line, _(": last figures %s ago, measured over %s"),
                    amount_duration(age, sizeof(age), status->age_ns),
                    amount_duration(interval, sizeof(interval), status->interval_ns));
    text_format(&line, ".%s", language_text(daemons[status->daemon].advice));
    style_add_colour(style, text, status->daemon == STATUS_RUNNING ? COLOUR_BOLD : COLOUR_RED);
    style_add_paragraph(style, text, 2, line.data ? line.data : "");
    style_add_colour(style, text, COLOUR_PLAIN);
}

static void add_cell(const struct style *style, struct table *table, const char *raw)
{
    CLEANUP(text_done) struct text cell = {0};
    text_add(&cell, "");
    style_add_text(style, &cell, raw);
    table_cell(table, cell.data ? cell.data : "");
}

static void add_items(const struct status *status, const struct style *style, struct text *text)
{
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("COLLECTOR"), .least = 8},
                    {.title = _("ITEM"), .least = 8},
                    {.title = _("STATE")},
                    {.title = _("READ IN"), .right = true, .drop = 1}},
        .n_columns = 4,
    };
    for (size_t i = 0; i < status->n_items; i++) {
        const struct ring_status *item = &status->items[i];
        char cell[64];
        table_line(&table, healths[item->health].colour, false);
        add_cell(style, &table, item->collector);
        add_cell(style, &table, item->item);
        (void)snprintf(cell, sizeof(cell), "%s %s",
                       style_sign(style, healths[item->health].utf8, healths[item->health].ascii),
                       _(healths[item->health].shown));
        table_cell(&table, cell);
        cell[0] = '\0';
        if (item->item[0] == '\0' && item->duration_ns > 0)
            (void)snprintf(cell, sizeof(cell), "%" PRIu64 "%s%03" PRIu64 "%sms",
                           item->duration_ns / NS_PER_MS, language_decimal(),
                           item->duration_ns / NS_PER_US % 1000, language_blank());
        table_cell(&table, cell);
    }
    text_add(text, "\n");
    table_render(&table, style, text);
}

/* "rapl package-0/dram: the zone cannot be read (Permission denied). To mend it: ..." */
static void add_reason(const struct ring_status *item, const struct style *style, struct text *text)
{
    CLEANUP(text_done) struct text line = {0};
    style_add_text(style, &line, item->collector);
    if (item->item[0] != '\0') {
        text_add(&line, " ");
        style_add_text(style, &line, item->item);
    }
    text_add(&line, _(": "));
    style_add_text(style, &line, item->why[0] ? _(item->why) : _("no reason was given"));
    if (item->error < 0 && item->error > -ERRNO_MAX)
        text_format(&line, " (%s)", language_error(-item->error));
    text_add(&line, ".");
    if (item->mend[0] != '\0') {
        text_add(&line, _(" To mend it: "));
        style_add_text(style, &line, _(item->mend));
    }
    style_add_paragraph(style, text, 4, line.data ? line.data : "");
}

/* Absent items have a reason only where it tells something. */
static bool has_reason(const struct ring_status *item)
{
    return item->health == HEALTH_DEGRADED || item->health == HEALTH_FAILED ||
           item->why[0] != '\0' || item->mend[0] != '\0';
}

void status_render_table(const struct status *status, const struct style *style, struct text *text)
{
    bool first = true;
    add_daemon(status, style, text);
    if (status->n_items > 0)
        add_items(status, style, text);
    for (size_t i = 0; i < status->n_items; i++) {
        if (!has_reason(&status->items[i]))
            continue;
        text_add(text, first ? "\n" : "");
        first = false;
        add_reason(&status->items[i], style, text);
    }
    if (status->n_busy > 0)
        text_format(text,
                    P_("\n%zu entry was being written and could not be read.\n",
                       "\n%zu entries were being written and could not be read.\n", status->n_busy),
                    status->n_busy);
}

static json_t *item_object(const struct ring_status *item)
{
    json_t *object = json_object();
    json_set_text(object, "collector", item->collector);
    json_set_text(object, "item", item->item);
    json_set(object, "health", json_string(healths[item->health].word));
    json_set(object, "errno", json_integer(item->error < 0 ? -(json_int_t)item->error : 0));
    json_set_text(object, "why", item->why);
    json_set_text(object, "mend", item->mend);
    json_set(object, "read_seconds", json_real((double)item->duration_ns / (double)NS_PER_S));
    return object;
}

void status_render_json(const struct status *status, struct text *text)
{
    bool timed = status->daemon == STATUS_RUNNING || status->daemon == STATUS_STALE;
    json_t *root = json_object();
    json_t *items = json_array();
    for (size_t i = 0; i < status->n_items; i++)
        (void)json_array_append_new(items, item_object(&status->items[i]));
    json_set(root, "format", json_string("greend-status-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set(root, "daemon", json_string(daemons[status->daemon].word));
    json_set(root, "good", json_boolean(status_is_good(status)));
    json_set(root, "age_seconds",
             timed ? json_real((double)status->age_ns / (double)NS_PER_S) : json_null());
    json_set(root, "interval_seconds", json_real((double)status->interval_ns / (double)NS_PER_S));
    json_set(root, "last_unix_seconds", json_integer(status->last_real_ns / (json_int_t)NS_PER_S));
    json_set(root, "items", items);
    json_finish(root, text);
}

void status_render_csv(const struct status *status, struct text *text)
{
    text_add(text, "collector,item,health,errno,why,mend,read_seconds\r\n");
    render_csv_cell(text, "greend", true);
    render_csv_cell(text, "", false);
    render_csv_cell(text, daemons[status->daemon].word, false);
    text_add(text, ",0,,,\r\n");
    for (size_t i = 0; i < status->n_items; i++) {
        const struct ring_status *item = &status->items[i];
        render_csv_cell(text, item->collector, true);
        render_csv_cell(text, item->item, false);
        render_csv_cell(text, healths[item->health].word, false);
        text_format(text, ",%" PRId64, item->error < 0 ? -(int64_t)item->error : 0);
        render_csv_cell(text, item->why, false);
        render_csv_cell(text, item->mend, false);
        text_add(text, ",");
        text_add_micro(text, item->duration_ns / NS_PER_US);
        text_add(text, "\r\n");
    }
}
