/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What was learned, on the disk: written whole, ignored where it is damaged or of other hardware.
 */
#include "unit/unit.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "recorder/notebook.h"
#include "support/scratch.h"

struct world {
    struct scratch scratch;
    char database[PATH_MAX + 16], file[PATH_MAX + 32], procfs[PATH_MAX + 16];
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void set_processors(struct world *world, const char *name)
{
    char path[PATH_MAX + 32], text[256];
    (void)snprintf(path, sizeof(path), "%s/cpuinfo", world->procfs);
    (void)snprintf(text, sizeof(text),
                   "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
                   "model name\t: %s\n\n",
                   name);
    write_file(path, text);
}

static void world_begin(struct world *world)
{
    world->scratch = scratch_new();
    (void)snprintf(world->database, sizeof(world->database), "%s/greend.db", world->scratch.path);
    (void)snprintf(world->file, sizeof(world->file), "%s.learned", world->database);
    (void)snprintf(world->procfs, sizeof(world->procfs), "%s/proc", world->scratch.path);
    assert_int_equal(mkdir(world->procfs, 0755), 0);
    set_processors(world, "Some Processor 4000");
}

static struct notebook *open_notebook(const struct world *world)
{
    struct notebook *notebook = NULL;
    assert_int_equal(notebook_open(&notebook, world->database, world->procfs), 0);
    return notebook;
}

static void put_down(struct notebook *notebook, double level_w)
{
    struct learned *learned = notebook_take(notebook);
    assert_non_null(learned);
    assert_null(notebook_take(notebook)); /* it is held: the sampler would go on without */
    learned->n_domains = 1;
    learned->domains[0] = (struct learned_domain){
        .name = "package-0", .source = SOURCE_RAPL, .level_w = level_w, .slope_w = 5};
    notebook_give(notebook);
}

static double recalled_w(const struct world *world)
{
    struct notebook *notebook = open_notebook(world);
    const struct learned *learned = notebook_recalled(notebook);
    double level_w = learned ? learned->domains[0].level_w : -1;
    (void)notebook_free(notebook);
    return level_w;
}

static void test_kept(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    struct notebook *notebook = open_notebook(&world);
    assert_null(notebook_recalled(notebook));
    notebook_write(notebook);
    assert_int_equal(access(world.file, F_OK), -1); /* nothing was put down */
    put_down(notebook, 31);
    notebook_write(notebook);
    (void)notebook_free(notebook);
    struct stat status;
    assert_int_equal(stat(world.file, &status), 0);
    assert_int_equal(status.st_mode & 0137, 0);
    assert_true(recalled_w(&world) == 31);
    scratch_done(&world.scratch);
}

static void test_other_hardware(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    struct notebook *notebook = open_notebook(&world);
    put_down(notebook, 31);
    notebook_write(notebook);
    (void)notebook_free(notebook);
    set_processors(&world, "Another Processor");
    assert_true(recalled_w(&world) < 0);
    set_processors(&world, "Some Processor 4000");
    assert_true(recalled_w(&world) == 31);
    scratch_done(&world.scratch);
}

static void test_damaged(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    static const char *const texts[] = {"", "greend-learned 1\n", "SQLite format 3", "\n\n\n"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        write_file(world.file, texts[i]);
        assert_true(recalled_w(&world) < 0);
    }
    assert_int_equal(truncate(world.file, 100 << 20), 0); /* larger than it ever is */
    assert_true(recalled_w(&world) < 0);
    assert_int_equal(unlink(world.file), 0);
    assert_int_equal(mkfifo(world.file, 0600), 0); /* waits for nobody */
    assert_true(recalled_w(&world) < 0);
    assert_int_equal(unlink(world.file), 0);
    assert_int_equal(symlink("/etc/passwd", world.file), 0);
    assert_true(recalled_w(&world) < 0);
    scratch_done(&world.scratch);
}

/* A folder that cannot be written is said, and what was there stays. */
static void test_not_writable(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    struct notebook *notebook = open_notebook(&world);
    put_down(notebook, 31);
    notebook_write(notebook);
    char new[PATH_MAX + 40];
    (void)snprintf(new, sizeof(new), "%s.new", world.file);
    assert_int_equal(mkdir(new, 0700), 0); /* stands in the way, also for root */
    put_down(notebook, 99);
    notebook_write(notebook);
    (void)notebook_free(notebook);
    assert_true(recalled_w(&world) == 31);
    scratch_done(&world.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_other_hardware),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_not_writable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
