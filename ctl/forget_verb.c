/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A person's right to be forgotten. The daemon may run: SQLite lets two writers take turns, and the
 * history is renamed at once. But the daemon has names in memory: those in sums that it has not
 * written yet it will write again, and /metrics shows its series until it ends. That is said, not
 * refused, since a daemon that is stopped measures nothing. */

#include <inttypes.h>
#include <limits.h>

#include "core/text.h"
#include "core/workload/workload.h"
#include "ctl.h"
#include "greend/store.h"
#include "storage/writer/store_lock.h"

static void store_close_p(struct store **store)
{
    (void)store_close(*store);
}

static void complain(const char *path, int error, const struct store *store)
{
    const char *detail = store ? store_error(store) : "";
    switch (error) {
    case -ENOENT:
        ctl_complain(_("there is no database %s. Another file: --database FILE"), path);
        break;
    case -EACCES:
    case -EPERM:
        ctl_complain(_("cannot write to %s: permission denied. Try with sudo"), path);
        break;
    case -EPROTONOSUPPORT:
        ctl_complain(_("%s was written by a newer greend than this greend-ctl (%s): upgrade it"),
                     path, GREEND_VERSION);
        break;
    case -EUCLEAN:
        ctl_complain(_("%s is no database of greend or is corrupt: nothing was changed"), path);
        break;
    case -EBUSY:
        ctl_complain(
            _("%s is in use by another program, perhaps a report: the name may still stand "
              "in its -wal file. Try again when that has ended"),
            path);
        break;
    default:
        ctl_complain(_("cannot forget in %s: %s%s%s"), path, language_error(-error),
                     *detail ? ": " : "", detail);
        break;
    }
}

/* By the name as it is stored (long ones are cut there), and by the account's, which units may
 * hold. */
static int forget(struct store *store, const char *user, uint64_t *ret_changed)
{
    char stored[WORKLOAD_USER_MAX];
    uint64_t changed = 0, more = 0;
    workload_user_name(stored, user);
    int r = store_forget_user(store, stored, &changed);
    if (r == 0 && !str_equal(stored, user))
        r = store_forget_user(store, user, &more);
    if (r == 0)
        *ret_changed = changed + more;
    return r;
}

static int print_outcome(const char *path, const char *user, uint64_t changed, bool running)
{
    CLEANUP(text_done) struct text text = {0};
    char shown[1024];
    (void)text_escape(shown, sizeof(shown), user, strlen(user));
    text_format(&text,
                P_("%" PRIu64 " workload of '%s' is now of 'users' in %s.\n",
                   "%" PRIu64 " workloads of '%s' are now of 'users' in %s.\n", changed),
                changed, shown, path);
    text_add(&text, _("With the next start of greend the counters of /metrics begin at zero.\n"));
    if (running)
        text_add(
            &text,
            _("greend is running and has the name in memory: until then /metrics shows it, and "
              "what is not written yet\nbrings it back, as do programs of that user. For "
              "good: [privacy] users=hidden, sudo systemctl restart greend,\nand then forget "
              "once more.\n"));
    return ctl_print(&text);
}

int forget_main(const struct ctl_arguments *arguments)
{
    char path[PATH_MAX];
    CLEANUP(store_close_p) struct store *store = NULL;
    uint64_t changed = 0;
    const char *user = arguments->operand;
    if (*user == '\0' || str_equal(user, "users")) {
        ctl_complain(_("'%s' is no person: expected forget USER"), user);
        return CTL_USAGE;
    }
    if (arguments->n_databases > 1) {
        ctl_complain(_("--database: forget takes one, got %zu"), arguments->n_databases);
        return CTL_USAGE;
    }
    int found = ctl_find_database(arguments, path, sizeof(path));
    if (found != CTL_DONE)
        return found;
    bool running = store_lock_is_held(path);
    int r = store_open_existing(&store, path);
    if (r == 0)
        r = forget(store, user, &changed);
    if (r < 0) {
        complain(path, r, store);
        return CTL_FAILED;
    }
    if (changed == 0) {
        ctl_complain(_("there is no '%s' in %s"), user, path);
        return CTL_NO_DATA;
    }
    return print_outcome(path, user, changed, running);
}
