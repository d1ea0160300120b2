#include "../test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "venue/snapshot.h"

static const struct journal_mark mark = { 7, 4096, 100, 0xabcdef };

static char folder[64], path[96];

static void begin(struct snapshot *snapshot)
{
    snprintf(folder, sizeof folder, "/tmp/latchkey-snapshot-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/snapshot", folder);
    *snapshot = (struct snapshot){ .folder = folder };
}

static void end(void)
{
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left */
}

/* Waits for the child as its parent would. */
static void written(struct snapshot *snapshot)
{
    assert_int_not_equal(snapshot->child, 0);
    while (!snapshot_is_written(snapshot))
        waitid(P_PID, (id_t)snapshot->child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
}

/* A list that lies here and there, and a block of which one end is used. */
struct link {
    struct link *next;
    uint64_t number;
};

enum { LINKS = 3000, BLOCK = 8 << 20 };

static void list_make(struct arena *arena)
{
    struct link *first = arena_take(arena, sizeof *first);
    char *block = arena_take(arena, BLOCK);

    for (uint64_t i = 1; i < LINKS; i++) {
        struct link *link = arena_take(arena, sizeof *link + i % 7 * 300);

        *link = (struct link){ first->next, i };
        first->next = link;
    }
    block[BLOCK - 1] = 'z';
    first->number = (uint64_t)(uintptr_t)block;
}

static void list_check(struct arena *arena)
{
    const struct link *first = arena_first(arena), *link = first;
    const char *block = (const char *)(uintptr_t)first->number; /* NOLINT */

    for (uint64_t i = LINKS - 1; i > 0; i--) {
        link = link->next;
        assert_int_equal(link->number, i);
    }
    assert_null(link->next);
    assert_int_equal(block[BLOCK - 2], 0);
    assert_int_equal(block[BLOCK - 1], 'z');
}

TEST(memory_comes_back_with_its_pointers_and_goes_on)
{
    struct snapshot snapshot;
    struct journal_mark found;
    struct arena *arena;
    struct stat facts;
    void *next;

    begin(&snapshot);
    assert_int_equal(arena_open(&arena), OK);
    assert_false(snapshot_load(&snapshot, arena, &found));
    list_make(arena);
    snapshot_begin(&snapshot, arena, &mark);
    /* What happens from now on is not in it. */
    ((struct link *)arena_first(arena))->next->number = 0;
    written(&snapshot);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_in_range(facts.st_size, LINKS * sizeof(struct link), BLOCK / 2);
    next = arena_take(arena, 100);
    arena_close(&arena);
    assert_int_equal(arena_open(&arena), OK);
    assert_true(snapshot_load(&snapshot, arena, &found));
    assert_memory_equal(&found, &mark, sizeof mark);
    list_check(arena);
    assert_ptr_equal(arena_take(arena, 100), next);
    arena_close(&arena);
    end();
}

/* One byte of the file at a time. */
TEST(a_damaged_one_is_not_used)
{
    struct snapshot snapshot;
    struct journal_mark found;
    struct arena *arena;
    struct stat facts;
    int fd;

    begin(&snapshot);
    assert_int_equal(arena_open(&arena), OK);
    list_make(arena);
    snapshot_begin(&snapshot, arena, &mark);
    written(&snapshot);
    fd = open(path, O_RDWR);
    assert_int_equal(fstat(fd, &facts), 0);
    for (off_t at = 0; at < facts.st_size; at += at < 200 ? 1 : 40009) {
        char byte, other;

        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (char)(byte ^ 0x20);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        arena_clear(arena);
        assert_false(snapshot_load(&snapshot, arena, &found));
        assert_int_equal(((struct link *)arena_first(arena))->number, 0);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_true(snapshot_load(&snapshot, arena, &found));
    for (off_t size = facts.st_size - 1; size >= 0; size = size * 9 / 10 - 1) {
        assert_int_equal(ftruncate(fd, size), 0);
        arena_clear(arena);
        assert_false(snapshot_load(&snapshot, arena, &found));
    }
    close(fd);
    arena_close(&arena);
    end();
}

TEST(one_that_cannot_be_written_or_is_given_up_leaves_the_one_before)
{
    struct snapshot snapshot;
    struct journal_mark found;
    struct arena *arena;
    char next[128];

    begin(&snapshot);
    assert_int_equal(arena_open(&arena), OK);
    list_make(arena);
    snapshot_begin(&snapshot, arena, &mark);
    written(&snapshot);
    snprintf(next, sizeof next, "%s.next", path);
    assert_int_equal(mkdir(next, 0700), 0); /* takes the place of what is written */
    snapshot_begin(&snapshot, arena, &(struct journal_mark){ 8, 5000, 100, 1 });
    assert_true(snapshot_is_written(&snapshot));
    assert_int_equal(rmdir(next), 0);
    snapshot_begin(&snapshot, arena, &(struct journal_mark){ 8, 5000, 100, 1 });
    snapshot_stop(&snapshot);
    assert_int_equal(snapshot.child, 0);
    arena_clear(arena);
    assert_true(snapshot_load(&snapshot, arena, &found));
    assert_true(found.command_count == 7 || found.command_count == 8);
    list_check(arena);
    arena_close(&arena);
    unlink(next);
    end();
}

TEST_MAIN
