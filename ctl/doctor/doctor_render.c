/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor/doctor.h"
#include "output/json.h"

static const struct {
    const char *word; /* stable, for programs */
    const char *shown;
    const char *utf8, *ascii;
    enum style_colour colour;
} verdicts[DOCTOR_VERDICTS] = {
    [DOCTOR_OK] = {"ok",      N_("fine"),    "●", "+", COLOUR_GREEN },
    [DOCTOR_NOTE] = {"note",    N_("note"),    "○", "-", COLOUR_DIM   },
    [DOCTOR_WARNING] = {"warning", N_("warning"), "▲", "!", COLOUR_YELLOW},
    [DOCTOR_FAULT] = {"fault",   N_("FAULT"),   "✖", "X", COLOUR_RED   },
};

static void add_message(const struct doctor_finding *finding, const struct style *style,
                        struct text *text)
{
    enum { INDENT = 4 };
    CLEANUP(text_done) struct text line = {0};
    struct style narrow = *style;
    narrow.width -= INDENT; /* of the first line; the paragraph indents the others */
    text_add(&line, _(finding->check->message));
    if (finding->detail.length > 0) {
        text_add(&line, _(": "));
        style_add_text(style, &line, finding->detail.data);
    }
    text_add(&line, ".");
    text_format(text, "%*s", INDENT, "");
    style_add_paragraph(&narrow, text, INDENT, line.data ? line.data : "");
}

/* On a line of its own and never broken, so that it can be copied. */
static void add_mend(const struct doctor_scene *scene, const struct doctor_finding *finding,
                     struct text *text)
{
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    if (doctor_command(scene, finding->check, &command) < 0)
        text->error = -ENOMEM;
    if (command.n == 0)
        return;
    text_format(text, "    %s", _("To mend it: "));
    doctor_add_command(scene, &command, text);
    text_add(text, "\n");
}

static void add_finding(const struct doctor_scene *scene, const struct doctor_finding *finding,
                        const struct style *style, struct text *text)
{
    enum doctor_verdict verdict = finding->verdict;
    style_add_colour(style, text, verdicts[verdict].colour);
    text_format(text, "%s %s", style_sign(style, verdicts[verdict].utf8, verdicts[verdict].ascii),
                _(verdicts[verdict].shown));
    style_add_colour(style, text, COLOUR_PLAIN);
    text_format(text, "  %s\n", _(finding->check->looks_at));
    add_message(finding, style, text);
    add_mend(scene, finding, text);
    text_add(text, "\n");
}

static void add_sum(const struct doctor_report *report, struct text *text)
{
    const size_t *n = report->by_verdict;
    text_format(text, P_("%zu check", "%zu checks", report->n), report->n);
    text_format(text, _(": %zu fine"), n[DOCTOR_OK]);
    if (n[DOCTOR_NOTE] > 0)
        text_format(text, P_(", %zu note", ", %zu notes", n[DOCTOR_NOTE]), n[DOCTOR_NOTE]);
    if (n[DOCTOR_WARNING] > 0)
        text_format(text, P_(", %zu warning", ", %zu warnings", n[DOCTOR_WARNING]),
                    n[DOCTOR_WARNING]);
    if (n[DOCTOR_FAULT] > 0)
        text_format(text, P_(", %zu fault", ", %zu faults", n[DOCTOR_FAULT]), n[DOCTOR_FAULT]);
    text_add(text, "\n");
}

/* What is worst first; what is fine is only counted. */
void doctor_render_table(const struct doctor_scene *scene, const struct doctor_report *report,
                         const struct style *style, struct text *text)
{
    for (int verdict = DOCTOR_FAULT; verdict > DOCTOR_OK; verdict--)
        for (size_t i = 0; i < report->n; i++)
            if (report->findings[i].verdict == (enum doctor_verdict)verdict)
                add_finding(scene, &report->findings[i], style, text);
    add_sum(report, text);
}

/* Any bytes: escaped, so that they are UTF-8. */
static json_t *word_string(const char *raw)
{
    char shown[4 * PATH_MAX];
    (void)text_escape(shown, sizeof(shown), raw, strlen(raw));
    return json_string(shown);
}

static json_t *mend_array(const struct doctor_scene *scene, const struct doctor_finding *finding,
                          struct text *text)
{
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    json_t *words = json_array();
    if (finding->verdict == DOCTOR_OK)
        return words;
    if (doctor_command(scene, finding->check, &command) < 0)
        text->error = -ENOMEM;
    for (size_t i = 0; i < command.n; i++)
        (void)json_array_append_new(words, word_string(command.words[i]));
    return words;
}

static json_t *finding_object(const struct doctor_scene *scene,
                              const struct doctor_finding *finding, struct text *text)
{
    bool fine = finding->verdict == DOCTOR_OK;
    json_t *object = json_object();
    json_set(object, "id", json_string(finding->check->id));
    json_set(object, "looks_at", json_string(finding->check->looks_at));
    json_set(object, "verdict", json_string(verdicts[finding->verdict].word));
    json_set(object, "message", fine ? json_null() : json_string(finding->check->message));
    json_set(object, "detail",
             json_string(finding->detail.data && !fine ? finding->detail.data : ""));
    json_set(object, "mend", mend_array(scene, finding, text));
    return object;
}

void doctor_render_json(const struct doctor_scene *scene, const struct doctor_report *report,
                        struct text *text)
{
    json_t *root = json_object();
    json_t *checks = json_array();
    for (size_t i = 0; i < report->n; i++)
        (void)json_array_append_new(checks, finding_object(scene, &report->findings[i], text));
    json_set(root, "format", json_string("greend-doctor-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set(root, "good", json_boolean(doctor_is_well(report)));
    json_set(root, "checks", checks);
    json_finish(root, text);
}
