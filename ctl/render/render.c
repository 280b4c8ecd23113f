/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/render.h"

#include <time.h>

#include "ctl.h"
#include "greend/units.h"

const char *render_row_type(enum report_row_type type)
{
    static const char *const names[] = {
        [REPORT_ROW_ITEM] = "item",
        [REPORT_ROW_REST] = "rest",
        [REPORT_ROW_OUTSIDE] = "outside",
        [REPORT_ROW_UNATTRIBUTED] = "unattributed",
        [REPORT_ROW_IDLE] = "idle",
        [REPORT_ROW_TOTAL] = "total",
        [REPORT_ROW_NOT_SUMMED] = "not_summed",
    };
    return names[type];
}

const char *render_kind(int kind)
{
    static const char *const names[WORKLOAD_KINDS] = {
        [WORKLOAD_SERVICE] = "service",     [WORKLOAD_USER] = "user",
        [WORKLOAD_CONTAINER] = "container", [WORKLOAD_VM] = "vm",
        [WORKLOAD_KERNEL] = "kernel",       [WORKLOAD_OTHER] = "other",
        [WORKLOAD_IDLE] = "idle",           [WORKLOAD_UNATTRIBUTED] = "unattributed",
        [WORKLOAD_UNSPLIT] = "unsplit",
    };
    return kind >= 0 && kind < WORKLOAD_KINDS ? names[kind] : NULL;
}

const char *render_energy_source(int source)
{
    static const char *const names[ENERGY_SOURCES] = {
        [SOURCE_RAPL] = "rapl", [SOURCE_HWMON] = "hwmon", [SOURCE_ACPI] = "acpi",
        [SOURCE_BMC] = "bmc",   [SOURCE_GPU] = "gpu",     [SOURCE_MODEL] = NC_("meter", "model"),
    };
    return source >= 0 && source < ENERGY_SOURCES ? names[source] : NULL;
}

const char *render_origin(const struct report_sum *sum)
{
    if (sum->energy_uj == 0)
        return "none";
    if (sum->modelled_uj == 0)
        return "measured";
    return sum->modelled_uj >= sum->energy_uj ? "modelled" : "mixed";
}

static size_t format_time(char *target, enum render_form form, const struct tm *wall)
{
    /* Not those of the locale, which may not be installed. */
    static const char *const weekdays[] = {N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"),
                                           N_("Thu"), N_("Fri"), N_("Sat")};
    size_t length = 0;
    switch (form) {
    case FORM_ISO:
        return strftime(target, RENDER_TIME_MAX, "%Y-%m-%dT%H:%M:%S%z", wall);
    case FORM_MOMENT:
        return strftime(target, RENDER_TIME_MAX, _("%Y-%m-%d %H:%M"), wall);
    case FORM_HOUR:
        return strftime(target, RENDER_TIME_MAX, _("%Y-%m-%d %H:%M %z"), wall);
    case FORM_DAY:
        (void)snprintf(target, RENDER_TIME_MAX, "%s ", _(weekdays[wall->tm_wday]));
        length = strlen(target);
        return strftime(target + length, RENDER_TIME_MAX - length, _("%Y-%m-%d"), wall);
    case FORM_MONTH:
        return strftime(target, RENDER_TIME_MAX, _("%Y-%m"), wall);
    }
    return 0;
}

const char *render_time(char *target, enum render_form form, int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm wall;
    if (!localtime_r(&time, &wall) || format_time(target, form, &wall) == 0)
        (void)str_copy(target, RENDER_TIME_MAX, "?");
    return target;
}

const char *render_date(char *target, int32_t day)
{
    time_t time = (time_t)day * 86400;
    struct tm wall;
    if (!gmtime_r(&time, &wall) || strftime(target, RENDER_TIME_MAX, _("%Y-%m-%d"), &wall) == 0)
        (void)str_copy(target, RENDER_TIME_MAX, "?");
    return target;
}

uint64_t render_coverage_ppm(uint64_t covered_ns, int64_t length_s)
{
    if (length_s <= 0)
        return 0;
    uint64_t length_ns = mul_div((uint64_t)length_s, NS_PER_S, 1);
    return MIN(mul_div(covered_ns, PPM, length_ns), PPM);
}

void render_csv_cell(struct text *text, const char *raw, bool first)
{
    char shown[1024];
    (void)text_escape(shown, sizeof(shown), raw, strlen(raw));
    if (!first)
        text_add(text, ",");
    bool formula = *raw != '\0' && strchr("=+-@\t\r", *raw) != NULL;
    bool quoted = strpbrk(shown, "\",") != NULL;
    if (quoted)
        text_add(text, "\"");
    if (formula)
        text_add(text, "'");
    for (const char *s = shown; *s; s++)
        text_add(text, *s == '"' ? "\"\"" : (const char[]){*s, '\0'});
    if (quoted)
        text_add(text, "\"");
}

void render_csv_number(struct text *text, bool known, double value)
{
    text_add(text, ",");
    if (known)
        text_format(text, "%.15g", value);
}
