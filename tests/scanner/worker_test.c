#include "../test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/worker.h"

/* A secret of nobody, whose checksum is right (docs/formats/key.md). */
#define SECRET                                        \
    "lks_test_00000000000000000000000000000000000000" \
    "4e004qz0"

struct seen {
    unsigned secrets, incomplete;
    struct finding_line last;
    bool has_object;
};

static void line_take(void *context, const struct finding_line *line, struct buffer *object)
{
    struct seen *seen = context;

    seen->has_object = object->size > 0 && object->size == line->object_size;

    seen->secrets += line->kind == FINDING_SECRET;
    seen->incomplete += line->kind == FINDING_INCOMPLETE;
    seen->last = *line;
}

TEST(what_is_found_comes_with_its_place)
{
    struct seen seen = { 0 };
    struct work work[] = { { .place = "one", .fd = memfd_create("one", 0) },
                           { .place = "/nowhere/at/all", .fd = -1 } };
    static const char text[] = "\n\nkey = \"" SECRET "\"\n";

    assert_int_equal(write(work[0].fd, text, sizeof text - 1), sizeof text - 1);
    assert_int_equal(lseek(work[0].fd, 0, SEEK_SET), 0);
    assert_int_equal(worker_scan(work, 1, -1, line_take, &seen), OK);
    assert_int_equal(seen.secrets, 1);
    assert_string_equal(seen.last.place, "one");
    assert_int_equal(seen.last.line, 3);
    assert_true(seen.has_object && seen.last.object_is_whole);
    assert_int_equal(seen.last.object_size, sizeof text - 1);
    assert_int_equal(worker_scan(work + 1, 1, -1, line_take, &seen), OK);
    assert_int_equal(seen.incomplete, 1);
    close(work[0].fd);
}

TEST(a_stop_ends_it)
{
    struct seen seen = { 0 };
    struct work work = { .place = "/", .fd = -1 };
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(worker_scan(&work, 1, ends[0], line_take, &seen), ERR_CONFLICT);
    close(ends[0]);
    close(ends[1]);
}

TEST_MAIN
