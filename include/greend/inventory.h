/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a machine is made of, and how that is known. Filled by who reads the machine and by what the
 * operator declares; docs/method.md says what becomes of what is not known. */

#include "greend/base.h"

/* How a fact is known. */
enum origin {
    ORIGIN_UNKNOWN,
    ORIGIN_DEFAULT,  /* a number of the method, in no way of this machine */
    ORIGIN_READ,     /* the machine says so */
    ORIGIN_DECLARED, /* the operator says so */
};

const char *origin_name(enum origin origin); /* "unknown", "default", "read", "declared" */

/* A characteristic of a part: without a value where origin is ORIGIN_UNKNOWN. */
struct trait {
    enum origin origin;
    double value;
};

enum part_kind {
    PART_CPU,
    PART_RAM, /* a module */
    PART_SSD,
    PART_HDD,
    PART_PSU,
    PART_GPU,
    PART_RACK,  /* the case of a rack server */
    PART_BLADE, /* a blade, with its part of the chassis */
    PARTS
};

const char *part_name(enum part_kind kind); /* "cpu", "ram" */

/* Parts that are alike. */
struct inventory_part {
    enum part_kind kind;
    enum origin origin;
    uint32_t count;
    struct trait size; /* CPU: mm2 of silicon, all dies; RAM: GB of 2^30 bytes; SSD, HDD: GB of 10^9
                          bytes; PSU: kg. Of one. */
    struct trait density; /* RAM, SSD: GB per cm2 */
    char model[64];       /* "": not known */
};

enum machine {
    MACHINE_UNKNOWN,
    MACHINE_PHYSICAL,
    MACHINE_VIRTUAL, /* what it reads of itself is the hypervisor's invention */
};

enum { INVENTORY_PARTS_MAX = 64 };

struct inventory {
    enum machine machine;
    enum origin machine_origin;
    struct inventory_part parts[INVENTORY_PARTS_MAX]; /* of a virtual machine: those of its host,
                                                         declared; read ones are ignored */
    size_t n_parts;
};

/* ---- What the operator declares of them ---- */

enum { PART_ERROR_MAX = 512 };

/* A line of parts that are alike: "kind=ram, count=12, size=32, density=1.79, model=X"; kind alone
 * must be said, and the size of RAM and SSDs. -EINVAL: ret_error (PART_ERROR_MAX bytes) says what
 * was expected, in one line of escaped UTF-8. */
int part_parse(const char *text, struct inventory_part *ret, char *ret_error);

/* Adds declared parts, of which all that was read of their kind gives way: disks, SSD or HDD, are
 * one kind here, and so are cases. */
void inventory_declare(struct inventory *inventory, const struct inventory_part *part);

/* Whether any parts of that kind are declared. */
bool inventory_declares(const struct inventory *inventory, enum part_kind kind);
