/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the table of options says to a person. */
#include "core/settings/settings.h"
#include "greend/language.h"

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
    text_add(text, "\n[names]\n");
    add_comment(text,
                "Names for units and containers: name=PATTERN..., where * and ? stand for any "
                "text and any character. The first pattern that matches wins.");
    text_add(text, "#payroll=docker:3f2a* docker:91c0*\n\n[vm]\n");
    add_comment(text,
                "For exports, what virtual machines on this host are: NAME=vcpu=N, storage=TB, "
                "cluster=, entity=, application=, environment=, domain=, subdomain=, each or "
                "none, with commas between.");
    text_add(text, "#web-01=vcpu=4, storage=0.1, application=Payroll, environment=Production\n");
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
    text_format(text, "  [names] NAME=PATTERN...\n        %s\n",
                _("Names for units and containers."));
    text_format(text, "  [vm] NAME=FACT=VALUE, ...\n        %s\n",
                _("What virtual machines on this host are, for exports."));
}
