/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* What a client says that it accepts. The two headers stand in two lines. */
#include "fuzz.h"

#include "core/exposition/exposition.h"

/* As written, with more behind it. */
static char *with_more(const char *header, const char *more)
{
    size_t size = strlen(header) + strlen(more) + 1;
    char *longer = fuzz_allocate(size);
    (void)snprintf(longer, size, "%s%s", header, more);
    return longer;
}

static void check_encoding(const char *encoding)
{
    bool gzip = exposition_accepts_gzip(encoding);
    CLEANUP(free_p) char *other = with_more(encoding, ", a;q=1");
    CLEANUP(free_p) char *refused = with_more(encoding, ", gzip;q=0");
    CLEANUP(free_p) char *wanted = with_more(encoding, ", identity;q=0.5, gzip;q=0.75");
    REQUIRE(!gzip || strcasestr(encoding, "gzip") || strchr(encoding, '*'));
    REQUIRE(exposition_accepts_gzip(other) == gzip);
    REQUIRE(!exposition_accepts_gzip(refused) && exposition_accepts_gzip(wanted));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *text = fuzz_string(data, size);
    char *newline = strchr(text, '\n');
    if (newline)
        *newline = '\0';
    CLEANUP(free_p) char *accept = fuzz_string(text, strlen(text));
    CLEANUP(free_p)
    char *encoding = fuzz_string(newline ? newline + 1 : "", newline ? strlen(newline + 1) : 0);
    CLEANUP(free_p) char *longer = with_more(accept, ", a/b;q=1");
    enum exposition_format format = exposition_negotiate(accept);
    REQUIRE(format < EXPOSITION_FORMATS && exposition_negotiate(longer) == format);
    /* Who names neither is shown the older one. */
    if (format == EXPOSITION_OPENMETRICS)
        REQUIRE(strcasestr(accept, "application/openmetrics-text"));
    check_encoding(encoding);
    REQUIRE(exposition_content_type(format));
    return 0;
}
