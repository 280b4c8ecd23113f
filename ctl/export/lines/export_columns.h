/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The files that NumEcoEval and G4IT take: names of files, headers, which columns must be filled,
 * and the option of greend.conf that says what is missing. Tables alone. */

#include "greend/base.h"

/* What a cell can tell. */
enum export_field {
    FIELD_NOTHING, /* greend does not know it */
    FIELD_DATACENTRE,
    FIELD_DATACENTRE_NAME,
    FIELD_PUE,
    FIELD_COUNTRY,
    FIELD_ENTITY,
    FIELD_QUALITY,
    FIELD_SOURCE,
    FIELD_HOST_SOURCE, /* of the line of the physical machine */
    FIELD_PHYSICAL,
    FIELD_MODEL,
    FIELD_QUANTITY,
    FIELD_PURCHASE,
    FIELD_END,
    FIELD_LIFE, /* in months, where no dates say it */
    FIELD_EARLIER,
    FIELD_LATER,
    FIELD_TYPE,
    FIELD_STATUS,
    FIELD_ENERGY,
    FIELD_USER,
    FIELD_CORES,
    FIELD_MAKER,
    FIELD_PROCESSOR,
    FIELD_VIRTUAL,
    FIELD_VIRTUAL_SOURCE, /* of the line of the virtual machine */
    FIELD_SHARE,
    FIELD_VCPU,
    FIELD_CLUSTER,
    FIELD_VIRTUAL_TYPE,
    FIELD_STORAGE,
    FIELD_INFRASTRUCTURE,
    FIELD_APPLICATION,
    FIELD_ENVIRONMENT,
    FIELD_DOMAIN,
    FIELD_SUBDOMAIN,
    FIELDS
};

struct export_column {
    const char *header;
    enum export_field field;
    bool mandatory;
};

enum export_kind { KIND_DATACENTRE, KIND_PHYSICAL, KIND_VIRTUAL, KIND_APPLICATION, KINDS };

struct export_table {
    const char *file;
    const struct export_column *columns;
    size_t n;
};

struct export_profile {
    const char *name; /* of `export NAME` */
    const char *tool;
    bool application_needs_virtual; /* an application is tied to a virtual machine */
    struct export_table tables[KINDS];
};

/* NULL: there is none of that name. */
const struct export_profile *export_profile_find(const char *name);

/* Where greend.conf says a field: section "" where no option does. */
struct export_option {
    const char *section;
    const char *key;
};

struct export_option export_option(enum export_field field);
