/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Evidence for a déclaration d'écoconception: what greend knows of each host, and the text of it.
 */

#include "export/export_impacts.h"
#include "render/render.h"

/* What is not known is negative, or an unknown figure. */
struct evidence_host {
    char name[STORE_FACT_VALUE_MAX];
    char within[STORE_FACT_VALUE_MAX]; /* the host among these that its figures lie in; "": none */
    char environment[SETTINGS_DECLARED_MAX]; /* "": not declared */
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    uint64_t coverage_ppm;
    double energy_kwh;
    bool bare; /* the energy lacks power supplies, fans and disks */
    double modelled_ratio;
    double idle_ratio;
    double cpu_ratio;    /* CPU time used of all there was */
    double memory_ratio; /* held of all there is, while that is known */
    double hourly_kwh;   /* of energy_kwh, what is known hour by hour */
    double night_kwh;    /* of that, 20:00 to 07:00, and Saturday and Sunday */
    double age_years;    /* at the end of the period */
    double life_years;   /* planned, with use elsewhere */
    bool refurbished;
    enum destination destination;
    struct figure mass; /* kg */
    struct figure pue;  /* declared */
    struct figure wue;
    double intensity_g; /* per kWh, of the factor that is used */
    const char *factor_set;
    struct figure use[CRITERIA];
    struct figure hardware[CRITERIA];
    bool complete; /* of the hardware, climate change */
};

struct evidence {
    struct evidence_host *hosts;
    size_t n;
};

enum evidence_language { IN_FRENCH, IN_ENGLISH };

/* The text to paste, in the language. The numbers of French have a decimal comma. */
void export_rgesn_text(const struct evidence *evidence, enum evidence_language language,
                       struct text *text);
