/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "hosts/hosts.h"

#include <time.h>

#include "input/configuration.h"
#include "render/render.h"

void hosts_reader_close_p(struct store_reader **reader)
{
    *reader = store_reader_close(*reader);
}

void ctl_complain_database(const char *path, int error, const struct store_reader *reader)
{
    const char *detail = reader ? store_reader_error(reader) : NULL;
    switch (error) {
    case -ENOENT:
        ctl_complain(_("there is no database %s. greend writes the first minute within a minute of "
                       "its start: sudo systemctl start greend. Another file: --database FILE"),
                     path);
        break;
    case -EACCES:
    case -EPERM:
        ctl_complain(_("cannot read %s: permission denied. Reports may be read by members of the "
                       "group greend-read: sudo usermod -aG greend-read $USER, then log in anew"),
                     path);
        break;
    case -EPROTONOSUPPORT:
        ctl_complain(_("%s was written by a newer greend than this greend-ctl (%s): upgrade it"),
                     path, GREEND_VERSION);
        break;
    case -EUCLEAN:
        ctl_complain(_("%s is no database of greend or is corrupt%s%s. A running greend sets a "
                       "corrupt one aside by itself; see its log"),
                     path, detail ? ": " : "", detail ? detail : "");
        break;
    case -EBUSY:
        ctl_complain(_("%s is locked by another program: try again"), path);
        break;
    case -E2BIG:
        ctl_complain(
            _("more rows than a report can hold: ask for a shorter period or another --by"));
        break;
    default:
        ctl_complain(_("cannot read %s: %s%s%s"), path, language_error(-error), detail ? ": " : "",
                     detail ? detail : "");
        break;
    }
}

/* A database without a time zone's name is read in this machine's, also after one that has a name.
 */
void ctl_enter_timezone(const char *name)
{
    static char own[64];
    static bool own_is_known;
    const char *before = getenv("TZ");
    if (!own_is_known)
        (void)str_copy(own, sizeof(own), before ? before : "");
    own_is_known = true;
    if (*name == '\0')
        name = own;
    if (str_equal(before ? before : "", name))
        return;
    if (*name == '\0') {
        (void)unsetenv("TZ");
        tzset();
        return;
    }
    if (!configuration_timezone_exists(name)) {
        ctl_complain(_("this machine does not know the time zone %s of the database: times are UTC "
                       "(package tzdata)"),
                     name);
        name = "UTC";
    }
    (void)setenv("TZ", name, 1);
    tzset();
}

int hosts_find_period(const struct ctl_arguments *arguments, int64_t now_s,
                      struct period *ret_period)
{
    const char *wrong = NULL;
    int r = period_resolve(arguments->since, arguments->until, now_s, ret_period, &wrong);
    if (r < 0)
        ctl_complain(_("'%s' is no time. Expected as in: today, yesterday, 2026-11-01, "
                       "'2026-11-01 12:00', -2h, '2h ago', @1793491200"),
                     wrong);
    else if (r == PERIOD_BACKWARDS)
        ctl_complain(_("the period ends before it begins: expected --since before --until"));
    return r == 0 ? CTL_DONE : CTL_USAGE;
}

int hosts_find_year(const struct ctl_arguments *arguments, int64_t now_s, struct period *ret_period)
{
    static const int64_t year_s = INT64_C(365) * 86400;
    int r = hosts_find_period(arguments, now_s, ret_period);
    if (r == CTL_DONE && !arguments->since)
        ret_period->since_s = ret_period->until_s - year_s;
    return r;
}

int hosts_open(struct store_reader **ret_reader, const char *path, struct store_info *ret_info)
{
    int r = store_reader_open(ret_reader, path);
    if (r == 0)
        r = store_reader_info(*ret_reader, ret_info);
    if (r < 0) {
        ctl_complain_database(path, r, *ret_reader);
        return CTL_FAILED;
    }
    ctl_enter_timezone(ret_info->timezone);
    return CTL_DONE;
}

/* ---- Which host each is of ---- */

static bool is_known(const struct store_info *info)
{
    static const uint8_t unknown[STORE_HOST_ID_SIZE];
    return memcmp(info->host_id, unknown, sizeof(unknown)) != 0;
}

static bool is_same_host(const struct store_info *a, const struct store_info *b)
{
    return memcmp(a->host_id, b->host_id, STORE_HOST_ID_SIZE) == 0;
}

static bool overlap(const struct store_info *a, const struct store_info *b)
{
    return a->first_s < b->last_s && b->first_s < a->last_s;
}

/* Finds the host of the last database among those before. */
static int identify(struct hosts *hosts)
{
    struct hosts_database *last = &hosts->list[hosts->n - 1];
    const uint8_t *id = last->info.host_id;
    last->host = hosts->n_hosts;
    for (size_t i = 0; i + 1 < hosts->n; i++) {
        const struct hosts_database *other = &hosts->list[i];
        if (!is_same_host(&other->info, &last->info))
            continue;
        if (overlap(&other->info, &last->info) || str_equal(other->path, last->path)) {
            ctl_complain(
                _("%s and %s are of the same host (%02x%02x%02x%02x) and of the same time: "
                  "its energy would count twice. Leave one of them out"),
                other->path, last->path, id[0], id[1], id[2], id[3]);
            return CTL_FAILED;
        }
        last->host = other->host;
    }
    hosts->n_hosts = MAX(hosts->n_hosts, last->host + 1);
    return CTL_DONE;
}

static int look_at(struct hosts *hosts, const char *path, bool alone, hosts_look *look,
                   void *userdata)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct hosts_database *database = &hosts->list[hosts->n];
    *database = (struct hosts_database){.path = path};
    int r = hosts_open(&reader, path, &database->info);
    if (r != CTL_DONE)
        return r;
    hosts->n++;
    if (!alone && !is_known(&database->info)) {
        ctl_complain(_("%s does not say which host it is of, so that it cannot be told whether "
                       "another one is of the same: start greend with it on its host, or leave it "
                       "out"),
                     path);
        return CTL_FAILED;
    }
    r = identify(hosts);
    return r == CTL_DONE && look ? look(userdata, database, hosts->n - 1, reader) : r;
}

int hosts_find(struct hosts *ret_hosts, const char *const *paths, size_t n, hosts_look *look,
               void *userdata)
{
    struct hosts hosts = {.list = calloc(n, sizeof(*hosts.list))};
    int r = CTL_DONE;
    if (!hosts.list) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    for (size_t i = 0; r == CTL_DONE && i < n; i++)
        r = look_at(&hosts, paths[i], n == 1, look, userdata);
    if (r == CTL_DONE)
        *ret_hosts = hosts;
    else
        hosts_done(&hosts);
    return r;
}

void hosts_done(struct hosts *hosts)
{
    free(hosts->list);
    *hosts = (struct hosts){0};
}

void hosts_complain_no_data(const struct hosts *hosts, const struct period *period)
{
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    char first[RENDER_TIME_MAX];
    char last[RENDER_TIME_MAX];
    int64_t first_s = INT64_MAX;
    int64_t last_s = INT64_MIN;
    for (size_t i = 0; i < hosts->n; i++) {
        first_s = MIN(first_s, hosts->list[i].info.first_s);
        last_s = MAX(last_s, hosts->list[i].info.last_s);
    }
    (void)render_time(since, FORM_ISO, period->since_s);
    (void)render_time(until, FORM_ISO, period->until_s);
    if (first_s >= last_s) {
        ctl_complain(_("no data from %s to %s: the database is still empty"), since, until);
        return;
    }
    ctl_complain(_("no data from %s to %s: the database holds %s to %s"), since, until,
                 render_time(first, FORM_ISO, first_s), render_time(last, FORM_ISO, last_s));
}
