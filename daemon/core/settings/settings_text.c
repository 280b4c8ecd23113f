/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the table of options says to a person. */
#include "core/settings/settings.h"
#include "greend/language.h"

#define SECTION(name, form, help, examples, comment)                                               \
    {                                                                                              \
        (name), (form), (help), (examples), (comment)                                              \
    }

/* The sections whose keys are the operator's: settings_lists.h. Help is one line and translated,
 * the comment and its examples stand in the sample and in greend.conf(5), in English. */
static const struct {
    const char *name, *form, *help, *examples, *comment;
} sections[] = {
    SECTION("names", "NAME=PATTERN...", N_("Names for units and containers."),
            "#payroll=docker:3f2a* docker:91c0*\n",
            "Names for units and containers: name=PATTERN..., where * and ? stand for any text and "
            "any character. The first pattern that matches wins. Names are in UTF-8."),
    SECTION("environments", "NAME=PATTERN...", N_("What units are for."),
            "#test=test-*.service docker:test*\n",
            "What units are for, for targets and advice: environment=PATTERN..., of the names that "
            "reports show. The first pattern that matches wins. Names are in UTF-8."),
    SECTION("targets", "NAME=WHAT AMOUNT kWh|kgCO2e per month|year",
            N_("Limits for energy or climate impact."),
            "#energy=host 2000 kWh per year\n"
            "#payroll-climate=unit payroll 4.5 kgCO2e per month\n"
            "#tests=environment test 10% below 2025 in kWh\n",
            "Limits for energy or climate impact: name=WHAT AMOUNT kWh|kgCO2e per month|year, or "
            "name=WHAT PERCENT% below BASELINE in kWh|kgCO2e, where the baseline is a year or "
            "month that was measured, as 2025 or 2025-11, and the target of the same length. WHAT "
            "is host (all of the machine), unit PATTERN or environment NAME (the work of units, "
            "without idle energy)."),
    SECTION("vm", "NAME=FACT=VALUE, ...",
            N_("What virtual machines on this host are, for exports."),
            "#web-01=vcpu=4, storage=0.1, application=Payroll, environment=Production\n",
            "For exports, what virtual machines on this host are: NAME=vcpu=N, storage=TB, "
            "cluster=, entity=, application=, environment=, domain=, subdomain=, each or none, "
            "with commas between."),
    SECTION(
        "parts", "NAME=kind=KIND, count=N, size=SIZE, ...",
        N_("Parts of the machine that greend cannot read, or reads wrong."),
        "#memory=kind=ram, count=12, size=32\n",
        "Parts that greend cannot read, or reads wrong: NAME=kind=cpu|ram|ssd|hdd|psu|gpu|rack|"
        "blade, count=N, size=, density=, model=. Those of a kind replace what is read of it. "
        "size of one: mm2 of silicon of a cpu, GB of a ram module or disk, kg of a psu; density "
        "in GB per cm2. In a virtual machine they are its host's."),
};

/* Words behind "# ", broken before column 80. */
static void add_comment(struct text *text, const char *words)
{
    size_t column = 0;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (column == 0 || column + 1 + length >= 80) {
            text_add(text, column == 0 ? "#" : "\n#");
            column = 1;
        }
        text_add(text, " ");
        text_append(text, words, length);
        column += 1 + length;
        words += length;
        words += strspn(words, " ");
    }
    text_add(text, "\n");
}

void settings_sample(struct text *text)
{
    add_comment(text, "The configuration of greend: every option with its default. Files in "
                      "greend.conf.d/*.conf are read after this one, in the order of their names, "
                      "and win. Check with: greend --check-config");
    const char *section = "";
    const struct settings_option *option = NULL;
    for (size_t i = 0; (option = settings_option(i)); i++) {
        if (!str_equal(section, option->section))
            text_format(text, "\n[%s]\n", option->section);
        section = option->section;
        add_comment(text, option->help);
        if (option->least)
            text_format(text, "# From %s to %s.\n", option->least, option->most);
        text_format(text, "#%s=%s\n", option->key, option->standard);
    }
    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
        text_format(text, "\n[%s]\n", sections[i].name);
        add_comment(text, sections[i].comment);
        text_add(text, sections[i].examples);
    }
}

void settings_help(struct text *text)
{
    const struct settings_option *option = NULL;
    for (size_t i = 0; (option = settings_option(i)); i++) {
        text_format(text, "  [%s] %s=%s\n        %s", option->section, option->key,
                    option->standard, _(option->help));
        if (option->least)
            text_format(text, _(" From %s to %s."), option->least, option->most);
        text_add(text, "\n");
    }
    for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
        text_format(text, "  [%s] %s\n        %s\n", sections[i].name, sections[i].form,
                    _(sections[i].help));
}
