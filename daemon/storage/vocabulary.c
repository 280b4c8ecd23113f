/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/vocabulary.h"

#include "greend/store.h"

static const char *const workload_words[WORKLOAD_KINDS] = {
    [WORKLOAD_SERVICE] = "service",     [WORKLOAD_USER] = "user",
    [WORKLOAD_CONTAINER] = "container", [WORKLOAD_VM] = "vm",
    [WORKLOAD_KERNEL] = "kernel",       [WORKLOAD_OTHER] = "other",
    [WORKLOAD_IDLE] = "idle",           [WORKLOAD_UNATTRIBUTED] = "unattributed",
    [WORKLOAD_UNSPLIT] = "unsplit",
};

static const char *const domain_words[DOMAIN_KINDS] = {
    [DOMAIN_PLATFORM] = "platform", [DOMAIN_PSYS] = "psys",     [DOMAIN_PACKAGE] = "package",
    [DOMAIN_DRAM] = "dram",         [DOMAIN_GPU] = "gpu",       [DOMAIN_REST] = "rest",
    [DOMAIN_CORE] = "core",         [DOMAIN_UNCORE] = "uncore",
};

static const char *const source_words[ENERGY_SOURCES] = {
    [SOURCE_RAPL] = "rapl", [SOURCE_HWMON] = "hwmon", [SOURCE_ACPI] = "acpi",
    [SOURCE_BMC] = "bmc",   [SOURCE_GPU] = "gpu",     [SOURCE_MODEL] = "model",
};

static const char *const event_words[STORE_EVENT_KINDS] = {
    [STORE_EVENT_START] = "start",   [STORE_EVENT_STOP] = "stop",   [STORE_EVENT_GAP] = "gap",
    [STORE_EVENT_LOST] = "lost",     [STORE_EVENT_RESET] = "reset", [STORE_EVENT_CLOCK] = "clock",
    [STORE_EVENT_REBOOT] = "reboot",
};

const struct vocabulary vocabulary_workload = {workload_words, WORKLOAD_KINDS};
const struct vocabulary vocabulary_domain = {domain_words, DOMAIN_KINDS};
const struct vocabulary vocabulary_source = {source_words, ENERGY_SOURCES};
const struct vocabulary vocabulary_event = {event_words, STORE_EVENT_KINDS};

const char *vocabulary_word(const struct vocabulary *vocabulary, uint32_t value)
{
    return value < vocabulary->count ? vocabulary->words[value] : NULL;
}

int vocabulary_value(const struct vocabulary *vocabulary, const char *word, uint32_t *ret_value)
{
    for (uint32_t value = 0; value < vocabulary->count; value++) {
        if (vocabulary->words[value] && str_equal(vocabulary->words[value], word)) {
            *ret_value = value;
            return 0;
        }
    }
    return -EUCLEAN;
}
