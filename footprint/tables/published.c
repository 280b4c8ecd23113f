/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/tables/published.h"

#include "footprint/tables/factor_complaint.h"
#include "footprint/words/decimal.h"
#include "footprint/words/vocabulary.h"

enum { FIELDS_MAX = 320, PRIORITY_NONE = 1000 };

/* The value of a criterion in a country, as it will be written. */
struct pick {
    int priority; /* PRIORITY_NONE: there is none */
    int year;
    struct field value;
    struct field source;
};

struct importer {
    struct complaint complaint;
    const struct published *table;
    struct field fields[FIELDS_MAX]; /* of the current line */
    size_t n_fields;
    struct field columns[FIELDS_MAX]; /* of the header */
    size_t n_columns;
    struct pick picks[CRITERIA][GEOGRAPHIES];
    struct text unknown; /* comments */
};

/* How a table calls a criterion. */
struct term {
    const char *name;
    const char *unit; /* NULL: the table names none */
};

struct published {
    const char *set;
    char separator;
    const char *header; /* its beginning */
    const char *licence;
    struct term terms[CRITERIA];
    void (*row)(struct importer *importer);
};

/* ---- Lines ---- */

/* Splits a line at separators that stand in no quotes; quotes around a field are taken off. False,
 * and told: its fields cannot be told apart, so its numbers would be those of other columns. */
static bool split(struct importer *importer, struct field line)
{
    const char separator = importer->table->separator;
    const char *s = line.begin;
    bool quoted = false;
    importer->n_fields = 0;
    for (const char *at = s; at <= line.end; at++) {
        if (at < line.end && *at == '"')
            quoted = !quoted;
        if (at < line.end && (quoted || *at != separator))
            continue;
        if (importer->n_fields == FIELDS_MAX)
            break;
        struct field field = field_trim((struct field){s, at});
        if (field_length(field) >= 2 && *field.begin == '"' && field.end[-1] == '"')
            field = (struct field){field.begin + 1, field.end - 1};
        importer->fields[importer->n_fields++] = field;
        s = at + 1;
    }
    bool header = importer->n_columns == 0;
    if (s == line.end + 1 && !quoted && (header || importer->n_fields == importer->n_columns))
        return true;
    complain(&importer->complaint, line.begin,
             "expected as many fields as in the first line, at most %d, and no '\"' left open",
             FIELDS_MAX);
    return false;
}

/* The field of the current line below a column; empty where there is none. */
static struct field below(const struct importer *importer, const char *column)
{
    for (size_t i = 0; i < importer->n_fields; i++)
        if (field_is(importer->columns[i], column))
            return importer->fields[i];
    return (struct field){importer->complaint.line_begin, importer->complaint.line_begin};
}

static int criterion_of(const struct importer *importer, struct field name)
{
    for (int c = 0; c < CRITERIA; c++)
        if (importer->table->terms[c].name && field_is(name, importer->table->terms[c].name))
            return c;
    return -1;
}

/* The first four digits, as of "2011 & 2016"; 0 for none. */
static int year_of(struct field field)
{
    int year = 0;
    for (int i = 0; i < 4; i++) {
        if (field.begin + i >= field.end || field.begin[i] < '0' || field.begin[i] > '9')
            return 0;
        year = year * 10 + (field.begin[i] - '0');
    }
    return year;
}

static void take(struct importer *importer, int criterion, struct field place, struct field value,
                 const struct pick *pick)
{
    double number = 0;
    int geography = geography_find(place.begin, field_length(place));
    if (geography == GEOGRAPHY_UNKNOWN) {
        text_format(&importer->unknown, "# not taken, no place of ISO 3166: %s, %s\n",
                    field_shown(place).text, criterion_info((enum criterion)criterion)->id);
        return;
    }
    if (decimal_parse(value.begin, field_length(value), &number) != 0 || pick->year == 0) {
        complain(&importer->complaint, value.begin,
                 "expected a number of 0 or more and its year for %s, got '%s'",
                 field_shown(place).text, field_shown(value).text);
        return;
    }
    struct pick *best = &importer->picks[criterion][geography];
    if (pick->priority < best->priority) {
        *best = *pick;
        best->value = value;
    }
}

/* ---- The tables ---- */

/* A row is a criterion, a column a country. */
static void boavizta_row(struct importer *importer)
{
    enum { FIRST_COUNTRY = 7 };
    int criterion = criterion_of(importer, below(importer, "name"));
    if (criterion < 0)
        return;
    struct field unit = below(importer, "unit");
    const char *expected = importer->table->terms[criterion].unit;
    if (!field_is(unit, expected)) {
        complain(&importer->complaint, unit.begin, "unit: expected '%s', got '%s'", expected,
                 field_shown(unit).text);
        return;
    }
    double priority = 0;
    struct field order = below(importer, "priority");
    if (decimal_parse(order.begin, field_length(order), &priority) != 0 ||
        priority >= PRIORITY_NONE) {
        complain(&importer->complaint, order.begin, "priority: expected a number, got '%s'",
                 field_shown(order).text);
        return;
    }
    struct pick pick = {
        .priority = (int)priority,
        .year = year_of(below(importer, "reference_year")),
        .source = below(importer, "source"),
    };
    for (size_t i = FIRST_COUNTRY; i < importer->n_fields; i++)
        if (field_length(importer->fields[i]) > 0)
            take(importer, criterion, importer->columns[i], importer->fields[i], &pick);
}

/* A row is a value. The table tells no years: those of Base IMPACTS speak of 2011. */
static void numecoeval_row(struct importer *importer)
{
    static const char base_impacts[] = "Base IMPACTS";
    struct field source = below(importer, "source");
    int criterion = criterion_of(importer, below(importer, "critere"));
    if (criterion < 0 || !field_is(below(importer, "categorie"), "electricity-mix"))
        return;
    bool known = field_length(source) >= sizeof(base_impacts) - 1 &&
                 memcmp(source.begin, base_impacts, sizeof(base_impacts) - 1) == 0;
    struct pick pick = {.priority = 1, .year = known ? 2011 : 0, .source = source};
    take(importer, criterion, below(importer, "localisation"), below(importer, "valeur"), &pick);
}

static const struct published tables[] = {
    {
     .set = "boaviztapi",
     .separator = ',',
     .header = "english_name,french_name,unit,source,priority,reference_year,name,",
     .licence = "BoaviztAPI is under AGPL-3.0, the source has its own terms",
     .terms =
            {
                [CRITERION_GWP] = {"gwp", "kg \xc3\xa9q. CO2"},
                [CRITERION_ADPE] = {"adpe", "kg \xc3\xa9q. Sb"},
                [CRITERION_AP] = {"ap", "mol \xc3\xa9q. H+"},
                [CRITERION_PM] = {"pm", "incidence de maladie"},
                [CRITERION_IR] = {"ir", "\xc3\xa9q. kBq U235"},
                [CRITERION_PE] = {"pe", "MJ"},
            },                                        .row = boavizta_row,
     },
    {
     .set = "numecoeval-table",
     .separator = ';',
     .header = "nom;etapeacv;critere;description;niveau;tiers;categorie;consoElecMoyenne;"
                  "localisation;valeur;unite;source",                                                      .licence = "the source has its own terms",
     .terms =
            {
                [CRITERION_GWP] = {"Climate change", NULL},
                [CRITERION_ADPE] = {"Resource use (minerals and metals)", NULL},
                [CRITERION_AP] = {"Acidification", NULL},
                [CRITERION_PM] = {"Particulate matter and respiratory inorganics", NULL},
                [CRITERION_IR] = {"Ionising radiation", NULL},
            }, .row = numecoeval_row,
     },
};

/* ---- Reading and writing ---- */

static bool header_line(struct importer *importer, struct field line)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables) && !importer->table; i++) {
        size_t length = strlen(tables[i].header);
        if (field_length(line) >= length && memcmp(line.begin, tables[i].header, length) == 0)
            importer->table = &tables[i];
    }
    if (!importer->table) {
        complain(&importer->complaint, line.begin,
                 "expected electrical_mix.csv of BoaviztAPI or characterizationFactors.csv of "
                 "NumEcoEval, whose first line is known, got '%s'",
                 field_shown(line).text);
        return false;
    }
    if (!split(importer, line))
        return false;
    memcpy(importer->columns, importer->fields, importer->n_fields * sizeof(importer->fields[0]));
    importer->n_columns = importer->n_fields;
    return true;
}

static void read_lines(struct importer *importer, const char *begin, const char *end)
{
    while (begin < end) {
        const char *newline = memchr(begin, '\n', (size_t)(end - begin));
        struct field line = {begin, newline ? newline : end};
        importer->complaint.line++;
        importer->complaint.line_begin = begin;
        begin = newline ? newline + 1 : end;
        if (line.end > line.begin && line.end[-1] == '\r')
            line.end--;
        if (!importer->table) {
            if (!header_line(importer, line))
                return;
        } else if (line.begin < line.end && split(importer, line)) {
            importer->table->row(importer);
        }
    }
}

/* A source as a field of a factor file. */
static void add_source(struct text *text, struct field source)
{
    char shown[512];
    (void)text_escape(shown, sizeof(shown), source.begin, field_length(source));
    for (char *c = shown; *c; c++)
        if (*c == ';' || *c == '"')
            *c = ',';
    text_add(text, shown);
}

static size_t write_rows(const struct importer *importer, const char *name, struct text *text)
{
    struct field file = {name, name + strlen(name)};
    size_t rows = 0;
    for (int c = 0; c < CRITERIA; c++) {
        for (int g = 0; g < GEOGRAPHIES; g++) {
            const struct pick *pick = &importer->picks[c][g];
            if (pick->priority == PRIORITY_NONE)
                continue;
            text_format(text, "%s;%s;%s;%s;", factor_name(FACTOR_ELECTRICITY),
                        criterion_info((enum criterion)c)->id, phase_name(PHASE_USE),
                        geography_info(g)->alpha3);
            text_append(text, pick->value.begin, field_length(pick->value));
            text_format(text, ";%s;;;", factor_unit(FACTOR_ELECTRICITY, (enum criterion)c).text);
            add_source(text, pick->source);
            text_add(text, ", in ");
            add_source(text, file);
            text_format(text, ";%d;%s;\n", pick->year, importer->table->licence);
            rows++;
        }
    }
    return rows;
}

static int import(struct importer *importer, const char *version, const char *bytes, size_t length,
                  struct text *text)
{
    struct complaint *complaint = &importer->complaint;
    for (int c = 0; c < CRITERIA; c++)
        for (int g = 0; g < GEOGRAPHIES; g++)
            importer->picks[c][g].priority = PRIORITY_NONE;
    if (length == 0 || length > FACTOR_FILE_MAX) {
        complaint->line = 1;
        complain(complaint, complaint->line_begin, "expected a file of 1 to %d bytes",
                 FACTOR_FILE_MAX);
    } else {
        read_lines(importer, bytes, bytes + length);
    }
    if (complaint->errors->n > 0)
        return FACTORS_WRONG;
    text_format(text, "# set: %s\n# version: %s\n", importer->table->set, version);
    if (importer->unknown.length > 0)
        text_append(text, importer->unknown.data, importer->unknown.length);
    text_add(text, "id;criterion;phase;geography;value;unit;min;max;source;year;licence;method\n");
    if (write_rows(importer, complaint->file, text) == 0)
        complain(complaint, complaint->line_begin, "expected rows of electricity mixes");
    return complaint->errors->n > 0 ? FACTORS_WRONG : 0;
}

int factors_from_published(const char *name, const char *version, const char *bytes, size_t length,
                           struct text *ret_text, struct factor_errors *ret_errors)
{
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(free_p) struct importer *importer = calloc(1, sizeof(*importer));
    ret_errors->n = 0;
    ret_errors->more = 0;
    if (!importer)
        return -ENOMEM;
    importer->complaint =
        (struct complaint){.file = name, .errors = ret_errors, .line_begin = bytes};
    int r = import(importer, version, bytes, length, &text);
    if (text.error == 0)
        text.error = importer->unknown.error;
    text_done(&importer->unknown);
    if (r == 0 && text.error == 0)
        text_append(ret_text, text.data, text.length);
    return r != 0 ? r : text.error != 0 ? text.error : ret_text->error;
}
