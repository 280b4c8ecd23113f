/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Where systemd listens for greend: its unit's ListenStream= lines, as systemd reads them. */

#include "doctor/doctor.h"

#include <dirent.h>
#include <fcntl.h>

#include "core/settings/settings_value.h"

enum { UNIT_BYTES = 1 << 16, ADDRESSES_BYTES = 1024 };

#define UNIT "greend.socket"

/* false: it cannot be read, or is larger than any unit. */
static bool read_unit(const char *path, char text[UNIT_BYTES])
{
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = fd < 0 ? -1 : read(fd, text, UNIT_BYTES - 1);
    if (length < 0)
        return false;
    text[length] = '\0';
    return true;
}

/* An address as [http] listen= would have it; "9841" is every address, a path is none of ours. */
static void add_address(const char *value, char addresses[ADDRESSES_BYTES])
{
    size_t length = strlen(addresses);
    if (*value == '\0')
        addresses[0] = '\0'; /* forgets those before */
    else if (*value != '/' && *value != '@')
        (void)snprintf(addresses + length, ADDRESSES_BYTES - length, "%s%s%s",
                       length > 0 ? " " : "", strchr(value, ':') ? "" : ":", value);
}

static void read_addresses(char *text, char addresses[ADDRESSES_BYTES])
{
    static const char key[] = "ListenStream";
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        line += strspn(line, " \t");
        char *value = strchr(line, '=');
        if (!str_starts(line, key) || !value ||
            strspn(line + strlen(key), " \t") != (size_t)(value - line) - strlen(key))
            continue;
        value += 1 + strspn(value + 1, " \t");
        for (size_t end = strlen(value); end > 0 && strchr(" \t\r", value[end - 1]);)
            value[--end] = '\0';
        add_address(value, addresses);
    }
}

static int is_drop_in(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && str_equal(entry->d_name + length - 5, ".conf");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_drop_ins(const char *root, char *text, char addresses[ADDRESSES_BYTES])
{
    char folder[PATH_MAX];
    struct dirent **entries = NULL;
    (void)snprintf(folder, sizeof(folder), "%s/etc/systemd/system/" UNIT ".d", root);
    int count = scandir(folder, &entries, is_drop_in, by_name);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX + 300];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (read_unit(path, text))
            read_addresses(text, addresses);
        free(entries[i]);
    }
    free(entries);
}

void doctor_read_socket(const char *root, struct settings *settings)
{
    static const char *const folders[] = {"/etc/systemd/system", "/usr/lib/systemd/system",
                                          "/lib/systemd/system"};
    char addresses[ADDRESSES_BYTES] = "";
    CLEANUP(free_p) char *text = malloc(UNIT_BYTES);
    bool found = false;
    for (size_t i = 0; text && i < ARRAY_SIZE(folders) && !found; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof(path), "%s%s/" UNIT, root, folders[i]);
        found = read_unit(path, text);
    }
    if (!found)
        return;
    read_addresses(text, addresses);
    read_drop_ins(root, text, addresses);
    if (value_listen(addresses, settings->listen, &settings->n_listen) < 0)
        settings->n_listen = 0; /* of a form that is not asked */
}
