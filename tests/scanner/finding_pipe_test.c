#include "../test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scanner/finding_pipe.h"

TEST(a_secret_goes_through_as_its_hash_alone)
{
    struct finding_pipe pipe = { 0 };
    const struct scan_listener *listener = finding_pipe_listener(&pipe);
    struct scan_finding finding = { .match = { .kind = MATCH_SECRET }, .place = "a.js", .line = 3 };
    struct finding_line line;
    json_t *json;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pipe.fd = ends[1];
    memcpy(finding.match.text, "lks_test_abc", 13);
    listener->found(listener->context, &finding);
    listener->incomplete(listener->context, "b.zip", "damaged");
    close(ends[1]);
    assert_true(finding_pipe_read(ends[0], &line));
    assert_int_equal(line.kind, FINDING_SECRET);
    assert_int_equal(strlen(line.subject), 64);
    assert_null(strstr(line.subject, "lks_"));
    json = finding_line_json(&line, "npm", "packages");
    assert_string_equal(json_string_value(json_object_get(json, "sha256")), line.subject);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "place"), "line")),
                     3);
    json_decref(json);
    assert_true(finding_pipe_read(ends[0], &line));
    assert_int_equal(line.kind, FINDING_INCOMPLETE);
    assert_string_equal(line.subject, "damaged");
    assert_string_equal(line.place, "b.zip");
    assert_false(finding_pipe_read(ends[0], &line));
    close(ends[0]);
}

TEST_MAIN
