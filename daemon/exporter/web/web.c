/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "core/text.h"
#include "exporter/web/web_auth.h"
#include "exporter/web/web_tls.h"
#include "greend/language.h"
#include "shell/language.h"

enum { PEM_BYTES_MAX = 1 << 20 };

struct load {
    struct web *web;
    const char *path; /* of the web file */
    bool wrong;
    void (*report)(void *userdata, const char *line);
    void *userdata;
};

/* ---- Errors ---- */

/* Says "PLACE: text"; place is a path, perhaps with a line and a column, as it is to be shown. */
static void say(const char *place, const char *text,
                void (*report)(void *userdata, const char *line), void *userdata)
{
    char shown[PATH_MAX + 48];
    CLEANUP(text_done) struct text line = {0};
    (void)text_escape(shown, sizeof(shown), place, strlen(place));
    text_format(&line, _("%s: %s"), shown, text);
    report(userdata, line.error ? _("out of memory") : line.data);
}

__attribute__((format(printf, 3, 4))) static void fail(struct load *load, const char *place,
                                                       const char *format, ...)
{
    char text[WEB_TLS_ERROR_MAX + PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    load->wrong = true;
    say(place, text, load->report, load->userdata);
}

/* ---- Files ---- */

struct bytes {
    char *data; /* with a NUL behind */
    size_t size;
};

static void bytes_wipe(struct bytes *bytes)
{
    if (bytes->data)
        explicit_bzero(bytes->data, bytes->size);
    free(bytes->data);
    *bytes = (struct bytes){.data = NULL};
}

/* 0; 1: longer than `most`; or a negative errno. */
static int read_all(int fd, size_t most, struct bytes *bytes)
{
    bytes->size = most + 1;
    bytes->data = malloc(bytes->size);
    if (!bytes->data)
        return -ENOMEM;
    for (size_t length = 0; length < bytes->size;) {
        ssize_t got = read(fd, bytes->data + length, bytes->size - length);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0) {
            bytes->data[length] = '\0';
            bytes->size = length;
            return 0;
        }
        length += got > 0 ? (size_t)got : 0;
    }
    return 1;
}

static void fail_open(struct load *load, const char *path, int error)
{
    if (error == EACCES && access(path, F_OK) < 0)
        fail(load, path,
             _("cannot be reached: a folder above it is closed to the user that greend runs as: "
               "expected it in /etc/greend, or handed over by LoadCredential= "
               "(docs/security.md)"));
    else if (error == EACCES)
        fail(load, path,
             _("cannot be read: permission denied; expected it to be readable by the user that "
               "greend runs as: chgrp greend %s && chmod 0640 %s"),
             path, path);
    else
        fail(load, path, _("cannot be opened: %s"), language_error(error));
}

static bool read_file(struct load *load, const char *path, size_t most, struct bytes *ret_bytes,
                      mode_t *ret_mode)
{
    /* O_NONBLOCK: a pipe without a writer must not hang the start. */
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about = {0};
    if (fd < 0 || fstat(fd, &about) < 0) {
        fail_open(load, path, errno);
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        fail(load, path, _("expected a file"));
        return false;
    }
    int r = read_all(fd, most, ret_bytes);
    if (r < 0)
        fail(load, path, _("cannot be read: %s"), language_error(-r));
    else if (r > 0)
        fail(load, path, _("too large: expected at most %zu KiB"), most >> 10);
    *ret_mode = about.st_mode;
    return r == 0;
}

/* What is a secret must be read by none but greend's group; what says who may enter must not be
 * written by others. */
static void check_rights(struct load *load, const char *path, mode_t mode, bool secret)
{
    if (secret && (mode & S_IRWXO) != 0)
        fail(
            load, path,
            _("every user of this machine may read or write it, and it holds secrets: chgrp greend "
              "%s && chmod 0640 %s"),
            path, path);
    else if ((mode & S_IWOTH) != 0)
        fail(load, path, _("every user of this machine may write it: chmod o-w %s"), path);
}

/* ---- What the web file names ---- */

/* The path of a file that the web file names. */
static char *resolve(const struct load *load, const char *name)
{
    const char *slash = strrchr(load->path, '/');
    if (name[0] == '/' || !slash)
        return strdup(name);
    return text_print("%.*s/%s", (int)(slash - load->path), load->path, name);
}

static char *read_pem(struct load *load, const char *name, bool secret)
{
    struct bytes bytes = {.data = NULL};
    mode_t mode = 0;
    CLEANUP(free_p) char *path = resolve(load, name);
    if (!path) {
        fail(load, load->path, _("out of memory"));
        return NULL;
    }
    if (read_file(load, path, PEM_BYTES_MAX, &bytes, &mode)) {
        check_rights(load, path, mode, secret);
        /* GnuTLS is given it as a string. */
        if (memchr(bytes.data, '\0', bytes.size))
            fail(load, path, _("expected PEM, which is text"));
    }
    if (load->wrong)
        bytes_wipe(&bytes);
    return bytes.data;
}

static void load_tls(struct load *load)
{
    struct web *web = load->web;
    const struct web_tls_options *tls = &web->file.tls;
    const char *file = NULL;
    char error[WEB_TLS_ERROR_MAX] = "";
    web->cert = read_pem(load, tls->cert_file, false);
    web->key = read_pem(load, tls->key_file, true);
    if (tls->client_ca_file[0] != '\0')
        web->client_ca = read_pem(load, tls->client_ca_file, false);
    if (load->wrong)
        return;
    int r = web_tls_check(web, &file, error);
    CLEANUP(free_p) char *path = resolve(load, r == -EINVAL ? file : "");
    if (r == -EINVAL && path)
        fail(load, path, "%s", error);
    else if (r < 0)
        fail(load, load->path, _("out of memory"));
}

/* ---- The web file ---- */

static void load_text(struct load *load)
{
    struct bytes bytes = {.data = NULL};
    mode_t mode = 0;
    struct web_file_error error;
    struct web_file *file = &load->web->file;
    if (!read_file(load, load->path, WEB_FILE_BYTES_MAX, &bytes, &mode)) {
        bytes_wipe(&bytes);
        return;
    }
    int r = web_file_parse(bytes.data, bytes.size, file, &error);
    bytes_wipe(&bytes);
    if (r == -ENOMEM) {
        fail(load, load->path, _("out of memory"));
        return;
    }
    if (r < 0) {
        char place[PATH_MAX + 48];
        (void)snprintf(place, sizeof(place), "%s:%zu:%zu", load->path, error.line, error.column);
        fail(load, place, "%s", error.text);
        return;
    }
    check_rights(load, load->path, mode, file->n_users > 0);
    if (file->n_users > 0 && !web_auth_works())
        fail(load, load->path,
             _("basic_auth_users: the libcrypt of this machine knows no bcrypt: expected "
               "libxcrypt"));
}

int web_load(const char *path, struct web **ret_web,
             void (*report)(void *userdata, const char *line), void *userdata)
{
    *ret_web = NULL;
    if (*path == '\0')
        return 0;
    struct load load = {.path = path, .report = report, .userdata = userdata};
    load.web = calloc(1, sizeof(*load.web));
    if (!load.web) {
        fail(&load, path, _("out of memory"));
        return -ENOMEM;
    }
    load_text(&load);
    if (!load.wrong && load.web->file.tls.enabled)
        load_tls(&load);
    if (load.wrong) {
        (void)web_free(load.web);
        return WEB_WRONG;
    }
    *ret_web = load.web;
    return 0;
}

struct web *web_free(struct web *web)
{
    if (!web)
        return NULL;
    if (web->key)
        explicit_bzero(web->key, strlen(web->key));
    free(web->cert);
    free(web->key);
    free(web->client_ca);
    free(web);
    return NULL;
}

/* An expired certificate is served all the same: who checks refuses it, and who does not would lose
 * the figures for nothing. */
void web_warn(const struct web *web, void (*report)(void *userdata, const char *line),
              void *userdata)
{
    char text[256];
    char end[sizeof("2026-11-27 and more for years of many digits")];
    int64_t now_s = (int64_t)time(NULL);
    struct tm civil;
    if (!web_is_encrypted(web))
        return;
    time_t end_s = (time_t)web->cert_end_s;
    if (!gmtime_r(&end_s, &civil) || strftime(end, sizeof(end), "%Y-%m-%d", &civil) == 0)
        return;
    if (web->cert_end_s <= now_s)
        (void)snprintf(text, sizeof(text),
                       _("the certificate has expired on %s: clients refuse it; renew it, then "
                         "systemctl reload greend"),
                       end);
    else if (web->cert_begin_s > now_s)
        (void)snprintf(
            text, sizeof(text), "%s",
            _("the certificate is not valid yet: clients refuse it; is the clock right?"));
    else if (web->cert_end_s - now_s < WEB_CERTIFICATE_WARN_S)
        (void)snprintf(text, sizeof(text),
                       _("the certificate expires on %s: renew it, then systemctl reload greend"),
                       end);
    else
        return;
    say(web->file.tls.cert_file, text, report, userdata);
}

int64_t web_certificate_end_s(const struct web *web)
{
    return web_is_encrypted(web) ? web->cert_end_s : 0;
}

bool web_is_encrypted(const struct web *web)
{
    return web && web->file.tls.enabled;
}

bool web_asks_password(const struct web *web)
{
    return web && web->file.n_users > 0;
}
