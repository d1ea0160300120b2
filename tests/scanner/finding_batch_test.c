#include "../test.h"

#include <stdio.h>

#include "scanner/finding_batch.h"

static void added(struct finding_batch *b, const char *sha256, const char *bytes)
{
    struct finding_line line = { .object_follows = bytes != NULL };
    struct buffer object = { .is_cleared = true };

    snprintf(line.object_sha256, sizeof line.object_sha256, "%s", sha256);
    if (bytes != NULL)
        buffer_append(&object, slice_of(bytes));
    finding_batch_add(b, &line, &object, json_object());
    assert_null(object.at);
}

TEST(objects_are_found_by_their_hash_as_long_as_they_are_held)
{
    struct finding_batch b;

    assert_int_equal(finding_batch_init(&b), OK);
    added(&b, "a", "of a");
    added(&b, "a", NULL);
    added(&b, "b", "of b");
    added(&b, "c", "of c");
    assert_int_equal(json_array_size(b.findings), 4);
    assert_true(slice_is(finding_batch_object(&b, "a"), SLICE("of a")));
    assert_int_equal(finding_batch_object(&b, "d").size, 0);
    assert_int_equal(finding_batch_object(&b, NULL).size, 0);
    finding_batch_next(&b);
    assert_int_equal(json_array_size(b.findings), 0);
    assert_int_equal(finding_batch_object(&b, "a").size, 0);
    assert_true(slice_is(finding_batch_object(&b, "b"), SLICE("of b")));
    assert_true(slice_is(finding_batch_object(&b, "c"), SLICE("of c")));
    finding_batch_wipe(&b);
}

TEST(a_batch_is_full_of_findings_or_of_objects)
{
    struct finding_batch b;
    char name[8];

    assert_int_equal(finding_batch_init(&b), OK);
    for (int i = 0; i < FINDING_OBJECTS_MOST; i++) {
        assert_false(finding_batch_is_full(&b));
        snprintf(name, sizeof name, "%d", i);
        added(&b, name, "bytes");
    }
    assert_true(finding_batch_is_full(&b));
    finding_batch_next(&b);
    for (int i = 0; i < FINDING_BATCH_MOST; i++) {
        assert_false(finding_batch_is_full(&b));
        added(&b, "15", NULL);
    }
    assert_true(finding_batch_is_full(&b));
    assert_true(slice_is(finding_batch_object(&b, "15"), SLICE("bytes")));
    finding_batch_wipe(&b);
    finding_batch_wipe(&b);
}

TEST_MAIN
