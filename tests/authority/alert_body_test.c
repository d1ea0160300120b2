#include "../test.h"

#include <stdio.h>
#include <stdlib.h>

#include "authority/alert_body.h"

static json_t *parsed(const char *text)
{
    bool too_many;
    json_t *body = alert_body_parse(slice_of(text), &too_many);

    assert_false(too_many);
    return body;
}

TEST(a_body_is_a_list_of_objects)
{
    static const char *const others[] = { "", "{}", "[1]", "[{}", "[{}] x", "null", "[[]]" };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(parsed(others[i]));
    json_decref(parsed("[]"));
}

TEST(more_entries_than_can_be_are_told_apart)
{
    struct buffer text;
    bool too_many;

    buffer_init(&text);
    buffer_append_char(&text, '[');
    for (int i = 0; i < ALERT_ENTRIES_MOST; i++)
        buffer_append(&text, SLICE("{},"));
    buffer_append(&text, SLICE("{}]"));
    assert_null(alert_body_parse(buffer_slice(&text), &too_many));
    assert_true(too_many);
    buffer_wipe(&text);
}

TEST(both_shapes_are_read_and_what_is_not_there_is_empty)
{
    json_t *body = parsed("[{\"token\":\"t\",\"type\":\"y\",\"url\":\"u\",\"source\":\"s\"},"
                          "{\"token\":\"t\",\"location\":\"l\",\"url\":\"\"},"
                          "{\"type\":\"y\"},{\"token\":7}]");
    struct alert_entry entry;

    assert_true(alert_entry_get(body, 0, &entry));
    assert_true(slice_is(entry.url, SLICE("u")));
    assert_true(slice_is(entry.source, SLICE("s")));
    assert_true(alert_entry_get(body, 1, &entry));
    assert_true(slice_is(entry.url, SLICE("l")));
    assert_int_equal(entry.type.size, 0);
    assert_false(alert_entry_get(body, 2, &entry));
    assert_false(alert_entry_get(body, 3, &entry));
    json_decref(body);
}

TEST(labels_carry_the_hash_and_the_type_as_it_came)
{
    json_t *body = parsed("[{\"token\":\"abc\",\"type\":\"a \\\"b\\\"\"},{\"token\":\"\\u00e4\"}]");
    struct alert_entry entry;
    struct buffer answer;

    buffer_init(&answer);
    for (size_t i = 0; i < 2; i++) {
        assert_true(alert_entry_get(body, i, &entry));
        alert_answer_append(&answer, &entry, i == 0);
    }
    alert_answer_end(&answer);
    /* sha256sum of abc, and of the two bytes of U+00E4 */
    assert_true(slice_is(
        buffer_slice(&answer),
        SLICE("[{\"token_hash\":"
              "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
              "\"token_type\":\"a \\\"b\\\"\",\"label\":\"true_positive\"},{\"token_hash\":"
              "\"33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc\","
              "\"token_type\":\"\",\"label\":\"false_positive\"}]")));
    buffer_wipe(&answer);
    json_decref(body);
}

TEST_MAIN
