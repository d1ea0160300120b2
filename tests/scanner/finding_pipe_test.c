#include "../test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scanner/finding_pipe.h"

TEST(a_secret_goes_through_as_its_hash_alone)
{
    struct finding_pipe pipe = { 0 };
    const struct scan_listener *listener = finding_pipe_listener(&pipe);
    struct scan_finding finding = {
        .match = { .kind = MATCH_SECRET, .encoding = ENCODING_COUNT - 1, .offset = 40 },
        .place = "a.js",
        .line = 3,
        .object = "",
        .object_type = "",
        .source = "src/a.ts",
        .excerpt = "key: lks_live_…a1B2;",
    };
    struct finding_line line;
    struct buffer object;
    json_t *json, *place;
    int ends[2];

    buffer_init(&object);

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pipe.fd = ends[1];
    memcpy(finding.match.text, "lks_test_abc", 13);
    listener->found(listener->context, &finding);
    listener->incomplete(listener->context, "b.zip", "damaged");
    close(ends[1]);
    assert_true(finding_pipe_read(ends[0], &line, &object));
    assert_int_equal(line.kind, FINDING_SECRET);
    assert_int_equal(object.size, 0);
    assert_int_equal(strlen(line.subject), 64);
    assert_null(strstr(line.subject, "lks_"));
    json = finding_line_json(&line, "npm", "packages");
    assert_string_equal(json_string_value(json_object_get(json, "sha256")), line.subject);
    assert_string_equal(json_string_value(json_object_get(json, "excerpt")), finding.excerpt);
    place = json_object_get(json, "place");
    assert_int_equal(json_integer_value(json_object_get(place, "line")), 3);
    assert_int_equal(json_integer_value(json_object_get(place, "offset")), 40);
    assert_string_equal(json_string_value(json_object_get(place, "source")), "src/a.ts");
    assert_null(json_object_get(place, "object"));
    assert_string_equal(json_string_value(json_object_get(place, "encoding")),
                        encoding_word(ENCODING_COUNT - 1));
    assert_string_equal(json_string_value(json_object_get(place, "scanner")), LATCHKEY_VERSION);
    json_decref(json);
    assert_true(finding_pipe_read(ends[0], &line, &object));
    assert_int_equal(line.kind, FINDING_INCOMPLETE);
    assert_string_equal(line.subject, "damaged");
    assert_string_equal(line.place, "b.zip");
    assert_false(finding_pipe_read(ends[0], &line, &object));
    close(ends[0]);
}

/* Names of files are bytes, and a long one is cut: none of that loses a finding. */
TEST(a_place_that_is_no_utf_8_is_told)
{
    static const struct {
        const char *place, *told;
    } rows[] = {
        { "caf\xe9.js", "caf\xef\xbf\xbd.js" },
        { "m\xc3\xbcll.js", "m\xc3\xbcll.js" },
        { "cut \xc3", "cut \xef\xbf\xbd" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct finding_line line = { .kind = FINDING_KEY_ID };
        json_t *json, *place;

        snprintf(line.place, sizeof line.place, "%s", rows[i].place);
        json = finding_line_json(&line, "scan", "drop");
        assert_non_null(json);
        place = json_object_get(json, "place");
        assert_string_equal(json_string_value(json_object_get(place, "path")), rows[i].told);
        json_decref(json);
    }
}

TEST(a_trace_goes_through_behind_its_findings)
{
    struct finding_pipe pipe = { 0 };
    const struct scan_listener *listener = finding_pipe_listener(&pipe);
    const struct provenance_trace trace = { .commit = "cafe", .author = "J\xf6rg", .refs = "a b" };
    struct finding_line line;
    struct buffer text;
    json_t *details;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pipe.fd = ends[1];
    listener->traced(listener->context, "1234", &trace);
    close(ends[1]);
    buffer_init(&text);
    assert_true(finding_pipe_read(ends[0], &line, &text));
    assert_int_equal(line.kind, FINDING_TRACE);
    assert_string_equal(line.subject, "1234");
    details = finding_trace_json(buffer_slice(&text));
    assert_string_equal(json_string_value(json_object_get(details, "commit")), "cafe");
    assert_string_equal(json_string_value(json_object_get(details, "author")),
                        "J\xef\xbf\xbdrg");
    assert_string_equal(json_string_value(json_object_get(details, "refs")), "a b");
    json_decref(details);
    buffer_wipe(&text);
    close(ends[0]);
}

TEST(an_object_comes_once_behind_the_first_finding_in_it)
{
    struct finding_pipe pipe = { 0 };
    const struct scan_listener *listener = finding_pipe_listener(&pipe);
    struct object_part one = { .bytes = SLICE("the first file"), .is_whole = true };
    struct object_part other = { .bytes = SLICE("part of another"), .from = 99 };
    struct scan_finding finding = {
        .match = { .kind = MATCH_ID, .offset = 4 },
        .place = "a.js",
        .object = "",
        .object_type = "",
        .source = "",
        .excerpt = "",
    };
    struct finding_line line;
    struct buffer object;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pipe.fd = ends[1];
    finding.part = &one;
    listener->found(listener->context, &finding);
    listener->found(listener->context, &finding);
    finding.part = &other;
    finding.match.offset = 100;
    listener->found(listener->context, &finding);
    close(ends[1]);
    buffer_init(&object);
    assert_true(finding_pipe_read(ends[0], &line, &object));
    assert_true(slice_is(buffer_slice(&object), one.bytes));
    assert_true(line.object_is_whole && line.object_size == one.bytes.size);
    assert_int_equal(strlen(line.object_sha256), 64);
    assert_true(finding_pipe_read(ends[0], &line, &object));
    assert_int_equal(object.size, 0);
    assert_int_equal(line.object_size, one.bytes.size);
    assert_true(finding_pipe_read(ends[0], &line, &object));
    assert_true(slice_is(buffer_slice(&object), other.bytes));
    assert_true(!line.object_is_whole && line.object_from == 99 && object.is_cleared);
    assert_false(finding_pipe_read(ends[0], &line, &object));
    buffer_wipe(&object);
    close(ends[0]);
}

TEST(what_says_more_than_there_may_be_is_the_end)
{
    struct finding_line line = { .kind = FINDING_SECRET, .object_follows = true };
    static const uint32_t sizes[] = { 0, OBJECT_WINDOW_MOST + 1, UINT32_MAX, 10 };
    struct buffer object;
    int ends[2];

    buffer_init(&object);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        line.object_size = sizes[i];
        assert_int_equal(write(ends[1], &line, sizeof line), sizeof line);
        assert_int_equal(write(ends[1], "nine byte", 9), 9);
        close(ends[1]);
        assert_false(finding_pipe_read(ends[0], &line, &object));
        close(ends[0]);
    }
    buffer_wipe(&object);
}

TEST_MAIN
