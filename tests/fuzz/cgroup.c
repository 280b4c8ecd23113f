/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* /proc/PID/cgroup, and the counters of cgroups. */
#include "fuzz.h"

#include <inttypes.h>

#include "collectors/cgroup/cgroup_usage.h"
#include "greend/units.h"

static void require_sound(const struct cgroup_identity *identity)
{
    REQUIRE(memchr(identity->unit, '\0', sizeof(identity->unit)));
    REQUIRE((unsigned)identity->kind < CGROUP_KINDS);
    REQUIRE((identity->kind == CGROUP_NONE) == (identity->unit[0] == '\0'));
}

/* The version 2 text of a path says what the path alone says. */
static void check_path(const char *text, size_t size)
{
    struct cgroup_identity by_path, by_text;
    size_t length = strnlen(text, size);
    const char *newline = memchr(text, '\n', length);
    length = newline ? (size_t)(newline - text) : length;
    CLEANUP(free_p) char *path = fuzz_string(text, length);
    cgroup_parse_path(path, &by_path);
    require_sound(&by_path);
    if (*path != '/')
        return;
    CLEANUP(free_p) char *line = fuzz_allocate(length + 3);
    memcpy(line, "0::", 3);
    memcpy(line + 3, path, length);
    cgroup_parse(line, length + 3, &by_text);
    REQUIRE(by_path.kind == by_text.kind && by_path.owner == by_text.owner &&
            str_equal(by_path.unit, by_text.unit));
}

static void check_hierarchies(const char *text, size_t size)
{
    for (int i = CGROUP_HIERARCHY_NONE; i <= CGROUP_HIERARCHY_CPUACCT; i++) {
        char path[CGROUP_PATH_MAX], small[24];
        memset(path, 'x', sizeof(path));
        cgroup_parse_hierarchy(text, size, (enum cgroup_hierarchy)i, path, sizeof(path));
        cgroup_parse_hierarchy(text, size, (enum cgroup_hierarchy)i, small, sizeof(small));
        const char *end = memchr(path, '\0', sizeof(path));
        REQUIRE(end && (*path == '\0' || *path == '/') && !str_starts(path, "/.."));
        REQUIRE(i != CGROUP_HIERARCHY_NONE || *path == '\0');
        /* One that does not fit is none. */
        REQUIRE(str_equal(small, strlen(path) < sizeof(small) ? path : ""));
    }
}

static void check_usage(const char *text, size_t size)
{
    char shown[64];
    uint64_t ns = 0, again = 0;
    if (cgroup_usage_parse(text, size, &ns) < 0)
        return;
    int length = snprintf(shown, sizeof(shown), "%" PRIu64 "\n", ns);
    REQUIRE(cgroup_usage_parse(shown, (size_t)length, &again) == 0 && again == ns);
    length = snprintf(shown, sizeof(shown), "usage_usec %" PRIu64 "\nuser_u", ns / NS_PER_US);
    REQUIRE(cgroup_usage_parse(shown, (size_t)length, &again) == 0);
    REQUIRE(again == ns / NS_PER_US * NS_PER_US);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *text = fuzz_copy(data, size);
    struct cgroup_identity identity;
    cgroup_parse(text, size, &identity);
    require_sound(&identity);
    check_path(text, size);
    check_hierarchies(text, size);
    check_usage(text, size);
    return 0;
}
