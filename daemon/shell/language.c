/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "shell/language.h"

#include <langinfo.h>
#include <locale.h>
#include <strings.h>

#define DOMAIN "greend"

/* A locale that is on every system, and in which gettext(3) heeds LANGUAGE; in "C" it does not. */
static const char everywhere[] = "C.UTF-8";

static const char *const codes[] = {"en", "fr"};

/* ---- The locale ---- */

static const char *environment_locale(const char *category)
{
    const char *const names[] = {"LC_ALL", category, "LANG"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value != '\0')
            return value;
    }
    return "C";
}

static bool is_plain(const char *locale)
{
    return !locale || str_equal(locale, "C") || str_equal(locale, "POSIX");
}

/* Where the locale that was asked for is not installed, its characters still can be shown. */
static void enter_characters(void)
{
    const char *asked = environment_locale("LC_CTYPE");
    const char *charset = strchr(asked, '.');
    if (setlocale(LC_CTYPE, "") || !charset)
        return;
    if (strncasecmp(charset, ".UTF-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0)
        (void)setlocale(LC_CTYPE, everywhere);
}

/* After each change of locale or LANGUAGE: gettext(3) remembers translations otherwise. */
static void bind_texts(void)
{
#ifdef GREEND_NLS
    const char *folder = secure_getenv("GREEND_LOCALEDIR");
    (void)bindtextdomain(DOMAIN, folder ? folder : GREEND_LOCALE_DIR);
    (void)textdomain(DOMAIN);
#endif
}

void language_of_environment(void)
{
    enter_characters();
    const char *asked = environment_locale("LC_MESSAGES");
    if (!setlocale(LC_MESSAGES, "") && !is_plain(asked) && setlocale(LC_MESSAGES, everywhere)) {
        const char *list = getenv("LANGUAGE");
        char name[32];
        size_t length = strcspn(asked, ".@");
        if (!(list && *list != '\0') && length < sizeof(name)) {
            memcpy(name, asked, length);
            name[length] = '\0';
            (void)setenv("LANGUAGE", name, 1);
        }
    }
    bind_texts();
}

bool language_exists(const char *code)
{
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        if (str_equal(code, codes[i]))
            return true;
    return false;
}

int language_set(const char *code)
{
    if (!language_exists(code))
        return -EINVAL;
    bool english = str_equal(code, "en");
    if (english)
        (void)setlocale(LC_MESSAGES, "C");
    else if (is_plain(setlocale(LC_MESSAGES, "")))
        (void)setlocale(LC_MESSAGES, everywhere);
    /* Who asks for French where no characters are declared, as in a cron job, gets UTF-8. */
    if (!english && is_plain(setlocale(LC_CTYPE, NULL)))
        (void)setlocale(LC_CTYPE, everywhere);
    (void)setenv("LANGUAGE", code, 1);
    bind_texts();
    return english || str_equal(language_code(), code) ? 0 : -ENOENT;
}

const char *language_code(void)
{
#ifdef GREEND_NLS
    const char *header = gettext(""); /* of the file of translations */
    const char *language = strstr(header, "\nLanguage: ");
    for (size_t i = 0; language && i < ARRAY_SIZE(codes); i++)
        if (str_starts(language + strlen("\nLanguage: "), codes[i]))
            return codes[i];
#endif
    return "en";
}

bool language_is_utf8(void)
{
    return str_equal(nl_langinfo(CODESET), "UTF-8");
}

void language_utf8(void)
{
    if (!language_is_utf8())
        (void)setlocale(LC_CTYPE, everywhere);
#ifdef GREEND_NLS
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
#endif
}

/* ---- Texts ---- */

const char *language_text(const char *text)
{
    return *text != '\0' ? _(text) : text;
}

/* As gettext.h of GNU gettext does: files of translations hold "context\004text". */
const char *language_in(const char *context, const char *text)
{
#ifdef GREEND_NLS
    char joined[256];
    int length = snprintf(joined, sizeof(joined), "%s\004%s", context, text);
    if (length < 0 || (size_t)length >= sizeof(joined))
        return text;
    const char *found = gettext(joined);
    return found == joined ? text : found;
#else
    (void)context;
    return text;
#endif
}

const char *language_error(int error)
{
    /* What glibc calls them; its own translations are seldom installed on servers. */
    static const char *const common[] = {
        N_("Operation not permitted"),
        N_("No such file or directory"),
        N_("Input/output error"),
        N_("No such device"),
        N_("No such device or address"),
        N_("Cannot allocate memory"),
        N_("Permission denied"),
        N_("Device or resource busy"),
        N_("File exists"),
        N_("Not a directory"),
        N_("Is a directory"),
        N_("Invalid argument"),
        N_("Too many open files"),
        N_("No space left on device"),
        N_("Read-only file system"),
        N_("Broken pipe"),
        N_("No data available"),
        N_("Function not implemented"),
        N_("Operation not supported"),
        N_("Connection refused"),
        N_("Disk quota exceeded"),
        N_("Too many levels of symbolic links"),
        N_("File name too long"),
    };
    const char *name = strerrordesc_np(error);
    for (size_t i = 0; name && i < ARRAY_SIZE(common); i++)
        if (str_equal(common[i], name))
            return _(common[i]);
    return strerror(error);
}

/* ---- Numbers ---- */

const char *language_decimal(void)
{
    /* Translators: the sign before the decimals of a number. */
    return language_in("decimal sign", ".");
}

const char *language_thousands(void)
{
    /* Translators: the sign between groups of three digits, or "none". */
    const char *sign = language_in("sign between thousands", "none");
    return str_equal(sign, "none") ? "" : sign;
}

const char *language_blank(void)
{
    /* Translators: what stands between a number and its unit. */
    return language_in("between number and unit", " ");
}

const char *language_percent(void)
{
    /* Translators: what stands behind a number in percent, with its blank. */
    return language_in("behind a number", " %");
}

const char *language_number(char target[LANGUAGE_NUMBER_MAX], const char *digits)
{
    const char *thousands = language_thousands();
    size_t whole = strspn(digits, "0123456789");
    size_t length = 0;
    for (size_t i = 0; digits[i] != '\0'; i++) {
        const char one[] = {digits[i], '\0'};
        const char *sign = digits[i] == '.' ? language_decimal() : one;
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            length +=
                (size_t)snprintf(target + length, LANGUAGE_NUMBER_MAX - length, "%s", thousands);
        if (length + strlen(sign) >= LANGUAGE_NUMBER_MAX)
            break;
        length += (size_t)snprintf(target + length, LANGUAGE_NUMBER_MAX - length, "%s", sign);
    }
    target[MIN(length, (size_t)LANGUAGE_NUMBER_MAX - 1)] = '\0';
    return target;
}
