/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Gives a fuzz target every file of its corpus, and what each begins with: for compilers without
 * libFuzzer, and so that what was found once is tested for ever.
 *
 *     replay_NAME FOLDER_OR_FILE... */

#include <dirent.h>

#include "fuzz.h"

enum { CUTS = 16, FILE_MAX = 1 << 20 };

static size_t replayed;

static void replay(const uint8_t *bytes, size_t length)
{
    (void)LLVMFuzzerTestOneInput(bytes, length);
    for (size_t i = 1; i < CUTS; i++)
        (void)LLVMFuzzerTestOneInput(bytes, length * i / CUTS);
    replayed++;
}

static bool replay_file(const char *path)
{
    CLEANUP(fclose_p) FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return false;
    }
    CLEANUP(free_p) uint8_t *bytes = fuzz_allocate(FILE_MAX);
    size_t length = fread(bytes, 1, FILE_MAX, file);
    printf("%s\n", path); /* the last one named is the one that fails */
    (void)fflush(stdout);
    replay(bytes, length);
    return true;
}

static bool replay_folder(const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return replay_file(path);
    bool good = true;
    for (int i = 0; i < count; i++) {
        CLEANUP(free_p) char *file = NULL;
        if (entries[i]->d_name[0] != '.' && asprintf(&file, "%s/%s", path, entries[i]->d_name) > 0)
            good = replay_file(file) && good;
        free(entries[i]);
    }
    free(entries);
    return good;
}

int main(int argc, char **argv)
{
    bool good = true;
    for (int i = 1; i < argc; i++)
        good = replay_folder(argv[i]) && good;
    if (replayed == 0)
        puts("no file was replayed");
    return good && replayed > 0 ? 0 : 1;
}
