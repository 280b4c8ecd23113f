/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The evidence as a text in French and in English. Both stand here side by side, and not in the
 * catalogue of translations: both are written in every locale. */

#include "export/export_rgesn.h"
#include "greend/units.h"

/* What the references ask for. */
#define PUE_ASKED         1.5
#define WUE_ASKED         0.4
#define INTENSITY_ASKED   100.0
#define INTENSITY_OF_2030 80.0
#define LIFE_CITED        8.0

struct teller {
    const struct evidence *evidence;
    enum evidence_language language;
    struct text *text;
};

static const char *say(const struct teller *teller, const char *french, const char *english)
{
    return teller->language == IN_FRENCH ? french : english;
}

static void add(const struct teller *teller, const char *french, const char *english)
{
    text_add(teller->text, say(teller, french, english));
}

/* With the decimal sign of the language, in every locale. */
static void add_digits(const struct teller *teller, char *number)
{
    char *point = strpbrk(number, ".,");
    if (point)
        *point = teller->language == IN_FRENCH ? ',' : '.';
    text_add(teller->text, number);
}

static void add_number(const struct teller *teller, int decimals, double value)
{
    char number[48];
    (void)snprintf(number, sizeof(number), "%.*f", decimals, value);
    add_digits(teller, number);
}

/* Four digits that count. */
static void add_value(const struct teller *teller, double value)
{
    char number[48];
    (void)snprintf(number, sizeof(number), "%.4g", value);
    add_digits(teller, number);
}

static void add_percent(const struct teller *teller, double ratio)
{
    if (ratio < 0) {
        add(teller, "donnée manquante", "not known");
        return;
    }
    add_number(teller, 1, 100 * ratio);
    add(teller, "\u00a0%", " %");
}

static void add_heading(const struct teller *teller, const char *french, const char *english)
{
    text_add(teller->text, "\n");
    add(teller, french, english);
    text_add(teller->text, "\n");
}

/* "  - name : " before what is said of a host. */
static void add_host(const struct teller *teller, const struct evidence_host *host)
{
    text_add(teller->text, "  - ");
    text_add(teller->text, host->name);
    add(teller, "\u00a0: ", ": ");
}

static void add_verdict(const struct teller *teller, bool kept)
{
    add(teller, kept ? " (oui)" : " (non)", kept ? " (yes)" : " (no)");
}

/* ---- 1.5 ---- */

static const char *criterion_text(const struct teller *teller, int criterion)
{
    static const char *const french[CRITERIA] = {
        [CRITERION_GWP] = "changement climatique",
        [CRITERION_ADPE] = "épuisement des ressources abiotiques (minéraux et métaux)",
        [CRITERION_AP] = "acidification",
        [CRITERION_PM] = "particules fines",
        [CRITERION_IR] = "radiations ionisantes",
        [CRITERION_PE] = "énergie primaire totale",
        [CRITERION_WATER] = "eau bleue consommée",
    };
    return teller->language == IN_FRENCH ? french[criterion]
                                         : criterion_info((enum criterion)criterion)->name;
}

static const char *unit_text(int criterion)
{
    return criterion == CRITERION_GWP ? "kgCO₂e" : criterion_info((enum criterion)criterion)->unit;
}

static bool is_contained(const struct evidence_host *host)
{
    return host->within[0] != '\0';
}

/* Of all hosts, each once; unknown where that of one is. */
static struct figure sum_of(const struct evidence *evidence, int criterion, bool hardware)
{
    struct figure sum = {0};
    bool first = true;
    for (size_t i = 0; i < evidence->n; i++) {
        const struct evidence_host *host = &evidence->hosts[i];
        struct figure more = hardware ? host->hardware[criterion] : host->use[criterion];
        if (is_contained(host))
            continue;
        sum = first ? more : figure_add(sum, more);
        first = false;
    }
    return sum;
}

static void add_figure(const struct teller *teller, const struct figure *figure)
{
    if (!figure->known) {
        add(teller, "non publiée ou non déclarée", "not published or not declared");
        return;
    }
    add_value(teller, figure->value);
    if (figure_band(figure) == BAND_NONE)
        return;
    add(teller, " (de ", " (");
    add_value(teller, figure->min);
    add(teller, " à ", " to ");
    add_value(teller, figure->max);
    text_add(teller->text, ")");
}

static void add_footprint(const struct teller *teller)
{
    bool complete = true;
    for (size_t i = 0; i < teller->evidence->n; i++)
        complete &=
            teller->evidence->hosts[i].complete || is_contained(&teller->evidence->hosts[i]);
    add_heading(
        teller,
        "RGESN 1.5 — Empreinte multicritère, objectifs et méthode publiée (période entière, "
        "toutes les machines)",
        "RGESN 1.5 - Multi-criteria footprint, targets and published method (whole period, "
        "all machines)");
    for (int c = 0; c < CRITERIA; c++) {
        struct figure use = sum_of(teller->evidence, c, false);
        struct figure hardware = sum_of(teller->evidence, c, true);
        text_format(teller->text, "  - %s (%s)", criterion_text(teller, c), unit_text(c));
        add(teller, "\u00a0: utilisation ", ": use ");
        add_figure(teller, &use);
        add(teller, "\u00a0; fabrication ", "; manufacture ");
        add_figure(teller, &hardware);
        text_add(teller->text, "\n");
    }
    if (!complete)
        add(teller,
            "  La fabrication est un minimum\u00a0: certaines pièces ne sont pas connues ou "
            "comptées.\n",
            "  Manufacture is a least value: some parts are not known or not counted.\n");
    add(teller,
        "  Méthode\u00a0: docs/method.md de greend (sections 10 à 12). Électricité selon le lieu, "
        "sans "
        "certificats\u00a0; fabrication amortie linéairement sur la durée de vie\u00a0; fin de vie "
        "exclue.\n  Les objectifs et la trajectoire ne sont pas dans cet extrait.\n",
        "  Method: docs/method.md of greend (sections 10 to 12). Electricity location-based, "
        "without "
        "certificates; manufacture spread evenly over the life; end of life excluded.\n  Targets "
        "and "
        "trajectory are not in this extract.\n");
}

/* ---- 2.7, 3.7, 8.10: nights ---- */

static bool is_with(const struct evidence_host *a, const struct evidence_host *b)
{
    return is_contained(a) == is_contained(b) && str_equal(a->environment, b->environment);
}

static bool is_first_of_environment(const struct evidence *evidence, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_with(&evidence->hosts[i], &evidence->hosts[index]))
            return false;
    return true;
}

/* Of all hosts that are told with this one. */
static void add_environment(const struct teller *teller, const struct evidence_host *one)
{
    const struct evidence *evidence = teller->evidence;
    const char *environment = one->environment;
    double hourly_kwh = 0, night_kwh = 0, energy_kwh = 0;
    for (size_t i = 0; i < evidence->n; i++) {
        if (!is_with(&evidence->hosts[i], one))
            continue;
        hourly_kwh += evidence->hosts[i].hourly_kwh;
        night_kwh += evidence->hosts[i].night_kwh;
        energy_kwh += evidence->hosts[i].energy_kwh;
    }
    text_format(teller->text, "  - %s",
                *environment
                    ? environment
                    : say(teller, "environnement non déclaré", "environment not declared"));
    if (is_contained(one))
        add(teller, ", machines virtuelles, dans l'énergie de leurs hôtes",
            ", virtual machines, within the energy of their hosts");
    add(teller, "\u00a0: ", ": ");
    add_number(teller, 2, energy_kwh);
    add(teller, "\u00a0kWh, dont la nuit (20\u00a0h à 7\u00a0h) et en fin de semaine\u00a0: ",
        " kWh, of it at night (20:00 to 07:00) and at weekends: ");
    add_percent(teller, hourly_kwh > 0 ? night_kwh / hourly_kwh : -1);
    add(teller, " (connu heure par heure pour ", " (known hour by hour for ");
    add_percent(teller, energy_kwh > 0 ? hourly_kwh / energy_kwh : -1);
    add(teller, " de l'énergie)\n", " of the energy)\n");
}

static void add_nights(const struct teller *teller)
{
    add_heading(
        teller,
        "RGESN 2.7 et 3.7 — Décommissionnement, environnements hors production éteints la nuit",
        "RGESN 2.7 and 3.7 - Decommissioning, non-production off at night");
    for (size_t i = 0; i < teller->evidence->n; i++)
        if (is_first_of_environment(teller->evidence, i))
            add_environment(teller, &teller->evidence->hosts[i]);
    add(teller,
        "  Les nuits et fins de semaine font 61,3\u00a0% d'une semaine\u00a0: une part proche de "
        "cela dit que "
        "rien ne s'éteint.\n",
        "  Nights and weekends are 61.3 % of a week: a share near that says that nothing is "
        "switched "
        "off.\n");
    add_heading(teller, "RGESN 8.10 — Travaux asynchrones décalés",
                "RGESN 8.10 - Asynchronous work shifted");
    add(teller,
        "  La part de la nuit est ci-dessus. Le décalage selon l'intensité carbone horaire demande "
        "un "
        "fichier d'intensité\u00a0: il n'est pas dans cet extrait.\n",
        "  The share of nights is above. Shifting by hourly carbon intensity needs a file of "
        "intensities: it is not in this extract.\n");
}

/* ---- 3.2, ITEUsv ---- */

static void add_utilisation(const struct teller *teller)
{
    add_heading(
        teller,
        "RGESN 3.2 et ISO/IEC 30134-5 (ITEUsv) — Ressources allouées et utilisées, par serveur",
        "RGESN 3.2 and ISO/IEC 30134-5 (ITEUsv) - Resources allocated and used, by server");
    for (size_t i = 0; i < teller->evidence->n; i++) {
        const struct evidence_host *host = &teller->evidence->hosts[i];
        add_host(teller, host);
        add(teller, "processeurs ", "CPUs ");
        add_percent(teller, host->cpu_ratio);
        add(teller, ", mémoire tenue ", ", memory held ");
        add_percent(teller, host->memory_ratio);
        add(teller, ", énergie au repos ", ", idle energy ");
        add_percent(teller, host->idle_ratio);
        text_add(teller->text, "\n");
    }
    add(teller, "  L'espace disque utilisé n'est pas mesuré par greend.\n",
        "  Disk space in use is not measured by greend.\n");
}

/* ---- 8.2 to 8.6 ---- */

static void add_years(const struct teller *teller, double years)
{
    if (years < 0) {
        add(teller, "non déclarée", "not declared");
        return;
    }
    add_number(teller, 1, years);
    add(teller, "\u00a0ans", " years");
}

/* Where it goes, and how much of it. */
static void add_end(const struct teller *teller, const struct evidence_host *host)
{
    static const char *const french[] = {"non déclarée", "réemploi", "don", "DEEE"};
    static const char *const english[] = {"not declared", "re-use", "donation", "WEEE"};
    add(teller, ", destination prévue ", ", planned destination ");
    add(teller, french[host->destination], english[host->destination]);
    add(teller, ", masse ", ", mass ");
    if (!host->mass.known) {
        add(teller, "non déclarée", "not declared");
        return;
    }
    add_value(teller, host->mass.value);
    add(teller, "\u00a0kg", " kg");
}

static void add_lives(const struct teller *teller)
{
    size_t refurbished = 0;
    size_t machines = 0;
    add_heading(teller,
                "RGESN 8.2 et services publics écoresponsables — Durée de vie des équipements",
                "RGESN 8.2 and eco-responsible public services - Life of equipment");
    for (size_t i = 0; i < teller->evidence->n; i++) {
        const struct evidence_host *host = &teller->evidence->hosts[i];
        if (is_contained(host))
            continue; /* its hardware is its host's */
        machines++;
        refurbished += host->refurbished;
        add_host(teller, host);
        add(teller, "âge ", "age ");
        add_years(teller, host->age_years);
        add(teller, ", durée de vie prévue ", ", planned life ");
        add_years(teller, host->life_years);
        if (host->life_years >= 0)
            add_verdict(teller, host->life_years > LIFE_CITED);
        add_end(teller, host);
        text_add(teller->text, "\n");
    }
    add(teller, "  Plus de 8 ans\u00a0: (oui). Équipements reconditionnés (réemploi)\u00a0: ",
        "  More than 8 years: (yes). Refurbished: ");
    text_format(teller->text, "%zu / %zu. ", refurbished, machines);
    add(teller,
        "Masse et destination en fin de vie sont telles que l'exploitant les déclare\u00a0: greend "
        "n'en calcule aucun impact.\n",
        "Mass and destination at the end are as the operator declares them: greend computes no "
        "impact of them.\n");
}

static void add_limit(const struct teller *teller, const struct figure *figure, double asked,
                      bool below)
{
    if (!figure->known) {
        add(teller, "non déclaré", "not declared");
        return;
    }
    add_value(teller, figure->value);
    add_verdict(teller, below ? figure->value < asked : figure->value <= asked);
}

static void add_sites(const struct teller *teller)
{
    add_heading(
        teller, "RGESN 8.3 (PUE < 1,5), 8.4 (WUE ≤ 0,4 L/kWh), 8.6 (< 100 gCO₂e/kWh, 80 dès 2030)",
        "RGESN 8.3 (PUE < 1.5), 8.4 (WUE <= 0.4 L/kWh), 8.6 (< 100 gCO₂e/kWh, 80 from 2030)");
    for (size_t i = 0; i < teller->evidence->n; i++) {
        const struct evidence_host *host = &teller->evidence->hosts[i];
        add_host(teller, host);
        text_add(teller->text, "PUE ");
        add_limit(teller, &host->pue, PUE_ASKED, true);
        text_add(teller->text, ", WUE ");
        add_limit(teller, &host->wue, WUE_ASKED, false);
        if (host->intensity_g < 0) {
            add(teller, ", intensité non publiée", ", intensity not published");
        } else {
            text_add(teller->text, ", ");
            add_value(teller, host->intensity_g);
            text_add(teller->text, " gCO₂e/kWh");
            add_verdict(teller, host->intensity_g < INTENSITY_ASKED);
            add(teller, ", pour 2030", ", for 2030");
            add_verdict(teller, host->intensity_g < INTENSITY_OF_2030);
            text_format(teller->text, " [%s]", host->factor_set);
        }
        text_add(teller->text, "\n");
    }
    add(teller, "  PUE et WUE sont ceux que l'exploitant déclare, jamais mesurés par greend.\n",
        "  PUE and WUE are what the operator declares, never measured by greend.\n");
}

/* ---- EED, and what it is about ---- */

static void add_within(const struct teller *teller, const struct evidence_host *host)
{
    if (!is_contained(host))
        return;
    add(teller, ", dans l'énergie de ", ", within the energy of ");
    text_add(teller->text, host->within);
    add(teller, ", non ajoutée", ", not added");
}

static void add_energy(const struct teller *teller)
{
    double kwh = 0;
    add_heading(teller, "Règlement délégué (UE) 2024/1364 — Part de ces serveurs dans E_IT",
                "Delegated regulation (EU) 2024/1364 - These servers' part of E_IT");
    for (size_t i = 0; i < teller->evidence->n; i++) {
        const struct evidence_host *host = &teller->evidence->hosts[i];
        kwh += is_contained(host) ? 0 : host->energy_kwh;
        add_host(teller, host);
        add_number(teller, 2, host->energy_kwh);
        add(teller, "\u00a0kWh sans PUE, du ", " kWh without PUE, ");
        text_add(teller->text, host->since);
        add(teller, " au ", " to ");
        text_add(teller->text, host->until);
        add(teller, ", couverture ", ", coverage ");
        add_percent(teller, (double)host->coverage_ppm / (double)PPM);
        add(teller, ", modélisée pour ", ", modelled for ");
        add_percent(teller, host->modelled_ratio);
        if (host->bare)
            add(teller, ", hors alimentation, ventilateurs et disques",
                ", without power supplies, fans and disks");
        add_within(teller, host);
        text_add(teller->text, "\n");
    }
    add(teller, "  Ensemble\u00a0: ", "  Together: ");
    add_number(teller, 2, kwh);
    add(teller, "\u00a0kWh, tels que mesurés\u00a0: rien n'est annualisé ni complété.\n",
        " kWh, as recorded: nothing is annualised or filled in.\n");
}

static void add_contained(const struct teller *teller)
{
    size_t contained = 0;
    for (size_t i = 0; i < teller->evidence->n; i++)
        contained += is_contained(&teller->evidence->hosts[i]);
    if (contained == 0)
        return;
    add(teller,
        "Machines virtuelles dont l'énergie et le matériel sont dans ceux de leurs hôtes, comptés "
        "une seule fois\u00a0: ",
        "Virtual machines whose energy and hardware lie in those of their hosts, counted once: ");
    text_format(teller->text, "%zu\n", contained);
}

void export_rgesn_text(const struct evidence *evidence, enum evidence_language language,
                       struct text *text)
{
    struct teller teller = {evidence, language, text};
    add(&teller,
        "Éléments pour la déclaration d'écoconception (RGESN), relevés par "
        "greend " GREEND_VERSION "\n",
        "Evidence for the eco-design declaration (RGESN), recorded by greend " GREEND_VERSION "\n");
    text_format(text, "%s%zu\n", say(&teller, "Machines\u00a0: ", "Machines: "), evidence->n);
    add_contained(&teller);
    add_footprint(&teller);
    add_nights(&teller);
    add_utilisation(&teller);
    add_lives(&teller);
    add_sites(&teller);
    add_energy(&teller);
}
