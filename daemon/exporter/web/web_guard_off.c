/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_guard.h"

int web_guard_new(struct web_guard **ret_guard, sd_event *event,
                  const struct web_guard_options *options)
{
    (void)event;
    *ret_guard = NULL;
    return options->web ? -EOPNOTSUPP : 0;
}

struct web_guard *web_guard_free(struct web_guard *guard)
{
    (void)guard;
    return NULL;
}

unsigned web_guard_flags(const struct web *web)
{
    (void)web;
    return 0;
}

void web_guard_options(const struct web *web,
                       struct MHD_OptionItem ret_options[WEB_GUARD_OPTIONS_MAX])
{
    (void)web;
    ret_options[0] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

void web_guard_meet(struct web_guard *guard, struct MHD_Connection *connection)
{
    (void)guard;
    (void)connection;
}

void web_guard_leave(struct web_guard *guard, const struct MHD_Connection *connection)
{
    (void)guard;
    (void)connection;
}

bool web_guard_accepts(struct web_guard *guard, struct MHD_Connection *connection)
{
    (void)guard;
    (void)connection;
    return true;
}

enum web_verdict web_guard_judge(struct web_guard *guard, struct MHD_Connection *connection)
{
    (void)guard;
    (void)connection;
    return WEB_PASS;
}
