/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sampler/board.h"

#include "core/text.h"
#include "exporter/web/web.h"
#include "greend/language.h"

struct board_filling {
    struct board *board;
    const char *collector;
    uint64_t mono_ns;
};

static struct ring_status *board_next(struct board *board)
{
    if (board->count == RING_STATUS_MAX)
        return NULL;
    struct ring_status *entry = &board->entries[board->count++];
    *entry = (struct ring_status){0};
    return entry;
}

static void fill(struct ring_status *entry, const char *collector,
                 const struct collector_status *status, uint64_t mono_ns)
{
    (void)str_copy(entry->collector, sizeof(entry->collector), collector);
    (void)text_escape(entry->item, sizeof(entry->item), status->item, strlen(status->item));
    entry->health = (uint32_t)status->health;
    entry->error = status->error;
    entry->updated_mono_ns = mono_ns;
    (void)str_copy(entry->why, sizeof(entry->why), status->why ? status->why : "");
    (void)str_copy(entry->mend, sizeof(entry->mend), status->mend ? status->mend : "");
}

void board_note(struct board *board, const char *collector, const struct collector_status *status,
                uint64_t mono_ns)
{
    struct ring_status *entry = board_next(board);
    if (entry)
        fill(entry, collector, status, mono_ns);
}

void board_certificate(struct board *board, int64_t end_s, int64_t now_s, uint64_t mono_ns)
{
    struct collector_status status = {
        .item = "certificate", .health = HEALTH_WORKING, .why = "", .mend = ""};
    if (end_s == 0)
        return;
    if (end_s - WEB_CERTIFICATE_WARN_S < now_s) {
        status.health = end_s <= now_s ? HEALTH_FAILED : HEALTH_DEGRADED;
        status.why =
            end_s <= now_s
                ? N_("the certificate that metrics are served with has expired: clients "
                     "that check it refuse it")
                : N_("the certificate that metrics are served with expires within 14 days");
        status.mend = N_("renew it, then: systemctl reload greend");
    }
    board_note(board, "web", &status, mono_ns);
}

static void board_emit(void *userdata, const struct collector_status *status)
{
    struct board_filling *filling = userdata;
    board_note(filling->board, filling->collector, status, filling->mono_ns);
}

void board_add(struct board *board, const struct collector *collector, void *state, int result,
               uint64_t duration_ns, uint64_t mono_ns)
{
    size_t own = board->count;
    if (!board_next(board))
        return;
    struct collector_status status = {.health = result < 0    ? HEALTH_FAILED
                                                : result == 0 ? HEALTH_WORKING
                                                              : HEALTH_ABSENT,
                                      .error = MIN(result, 0)};
    struct board_filling filling = {board, collector->name, mono_ns};
    if (collector->status)
        collector->status(state, board_emit, &filling);

    /* An item without a name speaks for the whole collector. */
    size_t whole = own + 1;
    while (whole < board->count && board->entries[whole].item[0] != '\0')
        whole++;
    if (whole < board->count) {
        board->entries[own] = board->entries[whole];
        memmove(&board->entries[whole], &board->entries[whole + 1],
                (board->count - whole - 1) * sizeof(board->entries[0]));
        board->count--;
        if (result < 0 && board->entries[own].health == HEALTH_WORKING) {
            board->entries[own].health = HEALTH_FAILED;
            board->entries[own].error = result;
        }
    } else {
        fill(&board->entries[own], collector->name, &status, mono_ns);
    }
    board->entries[own].duration_ns = duration_ns;
}

void board_publish(const struct board *first, const struct board *second, struct ring *ring)
{
    static const struct ring_status none;
    uint32_t index = 0;
    for (size_t i = 0; i < first->count && index < RING_STATUS_MAX; i++)
        (void)ring_table_put(ring, RING_TABLE_STATUS, index++, &first->entries[i]);
    for (size_t i = 0; i < second->count && index < RING_STATUS_MAX; i++)
        (void)ring_table_put(ring, RING_TABLE_STATUS, index++, &second->entries[i]);
    while (index < RING_STATUS_MAX)
        (void)ring_table_put(ring, RING_TABLE_STATUS, index++, &none);
}
