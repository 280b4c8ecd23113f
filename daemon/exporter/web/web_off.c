/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/text.h"
#include "exporter/web/web.h"
#include "greend/language.h"

/* What is asked for must not be left undone in silence. */
int web_load(const char *path, struct web **ret_web,
             void (*report)(void *userdata, const char *line), void *userdata)
{
    *ret_web = NULL;
    if (*path == '\0')
        return 0;
    char shown[256];
    CLEANUP(text_done) struct text line = {0};
    (void)text_escape(shown, sizeof(shown), path, strlen(path));
    text_format(&line,
                _("%s: this greend was built without TLS and passwords (-Dweb_file): expected "
                  "[http] web_file= to be empty"),
                shown);
    report(userdata, line.error ? _("out of memory") : line.data);
    return WEB_WRONG;
}

struct web *web_free(struct web *web)
{
    (void)web;
    return NULL;
}

void web_warn(const struct web *web, void (*report)(void *userdata, const char *line),
              void *userdata)
{
    (void)web;
    (void)report;
    (void)userdata;
}

int64_t web_certificate_end_s(const struct web *web)
{
    (void)web;
    return 0;
}

bool web_is_encrypted(const struct web *web)
{
    (void)web;
    return false;
}

bool web_asks_password(const struct web *web)
{
    (void)web;
    return false;
}

const char *web_header_name(enum web_header header)
{
    (void)header;
    return "";
}
