/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The factor files that are installed, as the build found them, and tables of them. */

#include "greend/factors.h"

struct shipped {
    const char *name;
    const char *text;
};

/* clang-format off */
static const struct shipped shipped_files[] = {
    {"defaults.csv",
#include "defaults.csv.inc"
    },
    {"hardware.csv",
#include "hardware.csv.inc"
    },
    {"boavizta.csv",
#include "boavizta.csv.inc"
    },
    {"numecoeval.csv",
#include "numecoeval.csv.inc"
    },
    {"ademe.csv",
#include "ademe.csv.inc"
    },
};
/* clang-format on */

static inline void shipped_add(struct factor_table *table, const char *name)
{
    struct factor_errors errors;
    for (size_t i = 0; i < ARRAY_SIZE(shipped_files); i++) {
        const struct shipped *file = &shipped_files[i];
        if (!str_equal(file->name, name))
            continue;
        int r = factor_table_add(table, name, file->text, strlen(file->text), &errors);
        if (r != 0)
            print_error("%s\n", r > 0 ? errors.list[0].text : "out of memory");
        assert_int_equal(r, 0);
        return;
    }
    fail();
}

/* As a report loads them: the common files, and a set of electricity. */
static inline struct factor_table *shipped_table(const char *electricity)
{
    struct factor_table *table = factor_table_new();
    assert_non_null(table);
    shipped_add(table, "defaults.csv");
    shipped_add(table, "hardware.csv");
    shipped_add(table, electricity);
    return table;
}
