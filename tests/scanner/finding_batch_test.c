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

static json_t *found_in(struct finding_batch *b, const char *object)
{
    const struct finding_line line = { .kind = FINDING_SECRET };
    struct buffer none = { .at = NULL };
    json_t *finding = json_pack("{s:{s:s}}", "place", "object", object);

    finding_batch_add(b, &line, &none, finding);
    return finding;
}

TEST(a_trace_is_a_detail_of_the_findings_in_its_object)
{
    struct finding_batch b;
    json_t *first, *second, *other;

    assert_int_equal(finding_batch_init(&b), OK);
    first = found_in(&b, "1234");
    other = found_in(&b, "12");
    second = found_in(&b, "1234");
    json_object_set_new(second, "details", json_pack("{s:s}", "etag", "x"));
    finding_batch_trace(&b, "1234", SLICE("{\"commit\":\"c\"}"));
    finding_batch_trace(&b, "1234", SLICE("no JSON"));
    finding_batch_trace(&b, "1234", SLICE("[]"));
    finding_batch_trace(&b, "1234", SLICE_EMPTY);
    assert_int_equal(json_object_size(json_object_get(first, "details")), 1);
    assert_int_equal(json_object_size(json_object_get(second, "details")), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(second, "details"), "commit")), "c");
    assert_null(json_object_get(other, "details"));
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
