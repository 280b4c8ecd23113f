/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_reader.h"

#include <stdarg.h>

#include "core/text.h"
#include "greend/language.h"

/* ---- Errors ---- */

int web_fail(struct web_reader *reader, yaml_mark_t mark, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reader->error, sizeof(reader->error), format, arguments);
    va_end(arguments);
    reader->line = mark.line + 1;
    reader->column = mark.column + 1;
    return -EINVAL;
}

struct web_shown web_show(const yaml_event_t *event)
{
    struct web_shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), (const char *)event->data.scalar.value,
                      event->data.scalar.length);
    return shown;
}

/* ---- Events ---- */

static bool is_strange(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return true;
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor || event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor || event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor || event->data.mapping_start.tag;
    default:
        return false;
    }
}

int web_step(struct web_reader *reader)
{
    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event)) {
        const yaml_parser_t *parser = &reader->parser;
        if (parser->error == YAML_MEMORY_ERROR)
            return -ENOMEM;
        /* libyaml leaves no mark where bytes are no text. */
        bool is_text = parser->error != YAML_READER_ERROR;
        return web_fail(reader, is_text ? parser->problem_mark : parser->mark, _("not YAML: %s"),
                        parser->problem ? parser->problem : "?");
    }
    if (is_strange(&reader->event))
        return web_fail(reader, reader->event.start_mark,
                        _("expected a plain value: anchors, aliases and tags are not read here"));
    return 0;
}

bool web_is_scalar(const struct web_reader *reader)
{
    return reader->event.type == YAML_SCALAR_EVENT;
}

bool web_is_empty(const struct web_reader *reader)
{
    return web_is_scalar(reader) && reader->event.data.scalar.length == 0;
}

bool web_fits(const yaml_event_t *event, size_t size)
{
    const unsigned char *bytes = event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (length >= size)
        return false;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] < ' ' || bytes[i] == 0x7f)
            return false;
    return true;
}

void *web_field(const struct web_reader *reader, const struct web_key *key)
{
    return (char *)reader->target + key->field;
}

/* ---- Mappings ---- */

static const struct web_key *find_key(const struct web_key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(keys[i].name, name))
            return &keys[i];
    return NULL;
}

static int fail_unknown(struct web_reader *reader, const struct web_key *keys, size_t n)
{
    char known[256] = "";
    struct web_shown shown = web_show(&reader->event);
    for (size_t i = 0, at = 0; i < n && at < sizeof(known); i++)
        at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i ? ", " : "", keys[i].name);
    return web_fail(reader, reader->event.start_mark,
                    _("'%s' is not known here: expected one of %s"), shown.text, known);
}

static int read_entry(struct web_reader *reader, const struct web_key *keys, size_t n, bool *seen)
{
    const yaml_event_t *event = &reader->event;
    if (!web_is_scalar(reader))
        return web_fail(reader, event->start_mark, _("expected a key, as 'cert_file:'"));
    const struct web_key *key =
        strlen((const char *)event->data.scalar.value) == event->data.scalar.length
            ? find_key(keys, n, (const char *)event->data.scalar.value)
            : NULL;
    if (!key)
        return fail_unknown(reader, keys, n);
    if (seen[key - keys])
        return web_fail(reader, event->start_mark, _("%s: expected it once"), key->name);
    seen[key - keys] = true;
    int r = web_step(reader);
    return r < 0 ? r : key->read(reader, key);
}

int web_read_mapping(struct web_reader *reader, const char *name, const struct web_key *keys,
                     size_t n)
{
    bool seen[WEB_KEYS_MAX] = {false};
    if (web_is_empty(reader))
        return web_step(reader);
    if (reader->event.type != YAML_MAPPING_START_EVENT)
        return web_fail(reader, reader->event.start_mark,
                        _("%s: expected lines KEY: VALUE below it"), name);
    int r = web_step(reader);
    while (r == 0 && reader->event.type != YAML_MAPPING_END_EVENT)
        r = read_entry(reader, keys, n, seen);
    return r < 0 ? r : web_step(reader);
}

/* ---- Values ---- */

int web_read_text(struct web_reader *reader, const struct web_key *key)
{
    const yaml_event_t *event = &reader->event;
    if (!web_is_scalar(reader) || !web_fits(event, key->size))
        return web_fail(reader, event->start_mark, _("%s: expected %s"), key->name,
                        _(key->expected));
    memcpy(web_field(reader, key), event->data.scalar.value, event->data.scalar.length + 1);
    return web_step(reader);
}

int web_choose(const struct web_reader *reader, const struct web_key *key)
{
    const char *value = (const char *)reader->event.data.scalar.value;
    size_t length = web_is_scalar(reader) ? reader->event.data.scalar.length : 0;
    const char *word = key->choices;
    for (int place = 0; length > 0 && *word != '\0'; place++) {
        size_t end = strcspn(word, " ");
        if (end == length && memcmp(word, value, length) == 0)
            return place;
        word += end;
        word += strspn(word, " ");
    }
    return -1;
}

int web_fail_choice(struct web_reader *reader, const struct web_key *key)
{
    struct web_shown shown =
        web_is_scalar(reader) ? web_show(&reader->event) : (struct web_shown){"?"};
    return web_fail(reader, reader->event.start_mark, _("%s: expected %s, got '%s'"), key->name,
                    _(key->expected), shown.text);
}

int web_read_refused(struct web_reader *reader, const struct web_key *key)
{
    yaml_mark_t mark = reader->event.start_mark;
    bool is_list = reader->event.type == YAML_SEQUENCE_START_EVENT;
    if (!is_list && !web_is_empty(reader))
        return web_fail(reader, mark, _("%s: %s"), key->name, _(key->expected));
    int r = web_step(reader);
    if (r < 0 || !is_list)
        return r;
    if (reader->event.type != YAML_SEQUENCE_END_EVENT)
        return web_fail(reader, mark, _("%s: %s"), key->name, _(key->expected));
    return web_step(reader);
}
