/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Advice: what this machine's history and settings say of good practices. */

#include "core/settings/settings.h"
#include "greend/practice.h"
#include "greend/store.h"
#include "output/style.h"

/* What is read of the machine, now. */
struct advise_live {
    unsigned cpus;       /* 0: not known */
    uint64_t memory_kib; /* 0: not known */
    struct observation uptime;
    struct observation network;
    struct observation disk;
    struct observation performance;
    struct observation idle_states;
    const char *idle_word; /* see practice.h */
    struct observation psu;
};

/* machine: in a virtual one clocks and supplies are its host's. What cannot be read says why. */
void advise_read_live(int procfs_fd, int sysfs_fd, enum machine machine, struct advise_live *ret);

/* Adds what the store knows. The process is in the store's time zone. 0; STORE_NO_DATA; -ENOMEM;
 * else as the reader's calls. */
int advise_read_store(struct store_reader *reader, const struct settings *settings,
                      const struct advise_live *live, struct practice_evidence *evidence);

struct practice_limits advise_limits(const struct settings *settings);

/* All that is shown. */
struct advice {
    struct practice_evidence evidence;
    struct practice_limits limits;
    struct practice_result results[PRACTICE_RESULTS_MAX];
    size_t n;
};

/* The evidence with its numbers, in a sentence without its full stop. */
void advise_add_evidence(const struct advice *advice, const struct practice_result *result,
                         struct text *text);

void advise_render_table(const struct advice *advice, const struct style *style, struct text *text);
void advise_render_json(const struct advice *advice, struct text *text);
