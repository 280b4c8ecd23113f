/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <time.h>

#include "fake_store.h"
#include "golden.h"
#include "greend/units.h"
#include "input/configuration.h"
#include "made_report.h"
#include "months.h"
#include "output/html.h"
#include "render/render_html.h"
#include "report/report_html.h"

/* Sunday 2026-11-01 00:00 in Paris. */
#define DAY_S INT64_C(1793487600)

enum { HOURS = 6, WEB = 0, BASE, USERS, OUTSIDE, IDLE, UNKNOWN };

static const struct ring_domain_entry domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL,  .used = 1},
    {.name = "rest",      .kind = DOMAIN_REST,    .source = SOURCE_MODEL, .used = 1},
};

static const struct workload workloads[] = {
    [WEB] = {1, WORKLOAD_SERVICE,      "php8.2-fpm.service",         "php-fpm8.2", "www-data", 0},
    [BASE] = {1, WORKLOAD_SERVICE,      "postgresql@15-main.service", "postgres",   "postgres", 0},
    [USERS] = {1, WORKLOAD_USER,         "users",                      "make",       "users",    0},
    [OUTSIDE] = {1, WORKLOAD_CONTAINER,    "docker:3f2a91c07b11",        "node",       "users",    0},
    [IDLE] = {1, WORKLOAD_IDLE,         "",                           "",           "",         0},
    [UNKNOWN] = {1, WORKLOAD_UNATTRIBUTED, "",                           "",           "",         0},
};

/* Whatever a process may call itself. */
static const struct workload hostile[] = {
    [WEB] = {1, WORKLOAD_SERVICE,      "</script><script>alert(1)</script>", "\"><img src=x onerror=a>",
             "a'b",                                                                                                  0},
    [BASE] = {1, WORKLOAD_SERVICE,      "</style></title></svg>&amp;&lt;",    "]]><![CDATA[",             "--><!--",  0},
    [USERS] = {1, WORKLOAD_USER,
             "\xe2\x80\xae"
               "evil\x1b[2J\x01\xff",                                        "\xe2\x80\x8b\xef\xbb\xbf", "\x09",     0},
    [OUTSIDE] = {1, WORKLOAD_CONTAINER,    "{{7*7}} ${x} %s%n",                  "javascript:alert(1)",      "\xc2\x9b", 0},
    [IDLE] = {1, WORKLOAD_IDLE,         "",                                   "",                         "",         0},
    [UNKNOWN] = {1, WORKLOAD_UNATTRIBUTED, "",                                   "",                         "",         0},
};

static struct fake_usage usages[HOURS * 8];
static struct fake_span spans[HOURS];
static const struct store_event events[] = {
    {DAY_S + 9000, STORE_EVENT_GAP, "", 900 * NS_PER_S, 0},
};

/* Hours of more and less work; of the fourth only a part was measured. modelled: no meter at all.
 */
static void put(const struct workload *names, bool modelled)
{
    static const uint64_t load[HOURS] = {2, 5, 9, 4, 7, 3};
    size_t n = 0;
    for (int i = 0; i < HOURS; i++) {
        const int64_t begin_s = DAY_S + (int64_t)i * 3600;
        const int meter = modelled ? 1 : 0;
        const struct fake_usage hour[] = {
            {begin_s, 3600, WEB,     meter, load[i] * 21000 * UJ_PER_J, 900 * UJ_PER_J,  0                       },
            {begin_s, 3600, WEB,     -1,    0,                          UINT64_MAX,      load[i] * 400 * NS_PER_S},
            {begin_s, 3600, BASE,    meter, load[i] * 13000 * UJ_PER_J, 700 * UJ_PER_J,  0                       },
            {begin_s, 3600, USERS,   meter, 1500 * UJ_PER_J,            300 * UJ_PER_J,  0                       },
            {begin_s, 3600, OUTSIDE, meter, 4000 * UJ_PER_J,            500 * UJ_PER_J,  0                       },
            {begin_s, 3600, UNKNOWN, meter, 200 * UJ_PER_J,             UINT64_MAX,      0                       },
            {begin_s, 3600, IDLE,    meter, 180000 * UJ_PER_J,          5000 * UJ_PER_J, 0                       },
            {begin_s, 3600, IDLE,    1,     20000 * UJ_PER_J,           9000 * UJ_PER_J, 0                       },
        };
        for (size_t j = 0; j < ARRAY_SIZE(hour); j++)
            usages[n++] = hour[j];
        uint64_t covered_s = i == 3 ? 2700 : 3600;
        spans[i] =
            (struct fake_span){begin_s, 3600, covered_s * NS_PER_S, (3600 - covered_s) * NS_PER_S};
    }
    fake_store = (struct fake_store){
        .info = {.host_id = {0x3f, 0x2a, 0x91, 0xc0, 1},
                 .timezone = "Europe/Paris",
                 .first_s = DAY_S,
                 .last_s = DAY_S + (int64_t)HOURS * 3600},
        .period = {.since_s = DAY_S,
                 .until_s = DAY_S + (int64_t)HOURS * 3600,
                 .covered_ns = (HOURS * 3600 - 900) * NS_PER_S,
                 .gap_ns = 900 * NS_PER_S               },
        .workloads = names,
        .domains = domains,
        .usages = usages,
        .n_usages = n,
        .spans = spans,
        .n_spans = HOURS,
        .events = events,
        .n_events = ARRAY_SIZE(events),
    };
}

static void page(enum report_group group, const char *css, struct text *text)
{
    struct store_reader *reader = NULL;
    CLEANUP(report_done)
    struct report report = {.group = group,
                            .top = REPORT_TOP_DEFAULT,
                            .info = fake_store.info,
                            .since_s = DAY_S,
                            .until_s = DAY_S + (int64_t)HOURS * 3600};
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(&report, reader), 0);
    assert_int_equal(report_html(&report, NULL, reader, css, text), 0);
    assert_int_equal(text->error, 0);
}

static void check(enum report_group group, const char *golden)
{
    CLEANUP(text_done) struct text text = {0};
    page(group, NULL, &text);
    golden_check(golden, &text);
}

static void test_pages(void **state)
{
    (void)state;
    put(workloads, false);
    check(REPORT_BY_WORKLOAD, "tests/golden/report.html");
    check(REPORT_BY_HOUR, "tests/golden/report-hour.html");
    put(workloads, true);
    check(REPORT_BY_DOMAIN, "tests/golden/report-modelled.html");
}

/* Three machines with their footprints. */
static void test_footprints(void **state)
{
    (void)state;
    static const char *const names[] = {"xeon-month", "amd-year", "vm-month", "bare"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        CLEANUP(text_done) struct text text = {0};
        static struct made made;
        struct store_reader *reader = NULL;
        char golden[64];
        const struct made_case *what = NULL;
        for (size_t j = 0; (what = made_case(j)) && !str_equal(what->name, names[i]); j++)
            ;
        assert_non_null(what);
        made_begin(&made, what);
        assert_int_equal(store_reader_open(&reader, "x"), 0);
        assert_int_equal(report_html(&made.report, &made.footprint, reader, NULL, &text), 0);
        made_done(&made);
        (void)snprintf(golden, sizeof(golden), "tests/golden/footprint-%s.html", names[i]);
        golden_check(golden, &text);
    }
}

/* Targets have their baseline, gap and trend in the page, and a chart that words tell of. */
static void test_targets(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    struct store_reader *reader = NULL;
    months_put();
    months_evaluate(true);
    CLEANUP(report_done)
    struct report report = {.group = REPORT_BY_UNIT,
                            .top = REPORT_TOP_DEFAULT,
                            .info = fake_store.info,
                            .since_s = fake_store.period.since_s,
                            .until_s = fake_store.period.until_s,
                            .targets = &months_list};
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(&report, reader), 0);
    assert_int_equal(report_html(&report, NULL, reader, NULL, &text), 0);
    golden_check("tests/golden/targets.html", &text);
    months_clean(NULL);
}

static void test_hostile(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    put(hostile, false);
    check(REPORT_BY_WORKLOAD, "tests/golden/report-hostile.html");
    page(REPORT_BY_UNIT, NULL, &text);
    assert_null(strstr(text.data, "<script"));
    assert_null(strstr(text.data, "</script"));
    assert_null(strstr(text.data, "<img"));
    assert_null(strstr(text.data, "\xe2\x80\xae"));
    assert_null(strchr(text.data, '\x1b'));
    assert_null(strchr(text.data, '\x01'));
    assert_non_null(strstr(text.data, "&lt;/script&gt;&lt;script&gt;alert(1)"));
    assert_non_null(strstr(text.data, "&amp;amp;&amp;lt;"));
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* The operator's stylesheet is behind the page's own and cannot end its element. */
static void test_stylesheet(void **state)
{
    (void)state;
    static const char css[] = "h1::after { content: '</style><script>x</script>'; }";
    CLEANUP(text_done) struct text text = {0};
    put(workloads, false);
    page(REPORT_BY_UNIT, css, &text);
    assert_non_null(strstr(text.data, "content: '<\\/style><script>x<\\/script>'"));
    assert_int_equal(count(text.data, "</style"), 2);
    static const struct {
        const char *css;
        bool wrong;
    } cases[] = {
        {"h1 { color: red }",                                  false},
        {"h1 { background: url(data:image/png;base64,AA==) }", false},
        {"h1 { background: url( \"data:x\" ) }",               false},
        {"h1 { background: URL(https://example.org/x.png) }",  true },
        {"h1 { background: url(x.png) }",                      true },
        {"@IMPORT 'x.css';",                                   true },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (cases[i].wrong != (html_stylesheet_wrong(cases[i].css, strlen(cases[i].css)) != NULL))
            fail_msg("%s", cases[i].css);
    assert_non_null(html_stylesheet_wrong("a\0b", 3));
}

static void test_spans(void **state)
{
    (void)state;
    struct store_period period = {.since_s = 0, .until_s = 86400};
    assert_int_equal(html_report_spans(&period), REPORT_BY_HOUR);
    period.until_s = INT64_C(31) * 86400;
    assert_int_equal(html_report_spans(&period), REPORT_BY_DAY);
    period.until_s = INT64_C(366) * 86400;
    assert_int_equal(html_report_spans(&period), REPORT_BY_MONTH);
}

/* An empty period has a page too: nothing is divided by its energy. */
static void test_empty(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    put(workloads, false);
    fake_store.n_usages = fake_store.n_spans = 0;
    page(REPORT_BY_WORKLOAD, NULL, &text);
    assert_non_null(strstr(text.data, "</html>"));
    assert_null(strstr(text.data, "nan"));
    assert_null(strstr(text.data, "inf"));
}

static void test_writer(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    struct html html = {.text = &text};
    html_open(&html, "p");
    html_attribute(&html, "title", "a\"b'<>&\n\xff");
    html_open(&html, "br");
    html_close(&html);
    html_element(&html, "b", "c", "<&>");
    html_open(&html, "rect");
    html_coordinate(&html, "x", -1.005);
    html_coordinate(&html, "y", 12.3456);
    html_close(&html);
    html_open(&html, "i");
    html_close(&html);
    html_close(&html);
    assert_int_equal(html.depth, 0);
    assert_string_equal(text.data, "<p title=\"a&quot;b&#39;&lt;&gt;&amp;\\x0a\\xff\"><br/>"
                                   "<b class=\"c\">&lt;&amp;&gt;</b>\n<rect x=\"-1\" y=\"12.35\"/>"
                                   "<i></i></p>");
}

int main(void)
{
    if (!configuration_timezone_exists("Europe/Paris") || !golden_language()) {
        puts("needs the time zones (tzdata), the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    if (setenv("TZ", "Europe/Paris", 1) < 0)
        return 1;
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),      cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_footprints), cmocka_unit_test(test_targets),
        cmocka_unit_test(test_empty),      cmocka_unit_test(test_stylesheet),
        cmocka_unit_test(test_spans),      cmocka_unit_test(test_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
