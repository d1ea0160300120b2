#include "trail/line.h"

#include "fixture.h"

static struct trail_row row_of(const char *path)
{
    struct trail_row row = { .index = 7, .record = fixture_record(0) };

    row.record.path_size = (uint16_t)strlen(path);
    memcpy(row.record.path, path, row.record.path_size);
    return row;
}

static void assert_line(enum line_format format, const struct trail_row *row, const char *expected)
{
    struct buffer text;

    buffer_init(&text);
    line_append(format, row, &text);
    assert_false(text.failed);
    assert_string_equal(text.at, expected);
    buffer_wipe(&text);
}

TEST(a_request_as_csv_has_every_field_of_the_head)
{
    struct trail_row row = row_of("/v2/auth/r/wallets");

    row.record.bytes_sent = 321;
    assert_line(LINE_CSV, &row,
                "7,2026-11-23T00:00:00.000Z,request,live,1,lki_live_key00000000000000e1qa0,true,"
                "::,tls,POST,\"/v2/auth/r/wallets\",200,pass,0,321,1,"
                "\"00000000000000000000000000000000\",\r\n");
}

TEST(a_path_cannot_break_a_line_leave_its_field_or_become_a_formula)
{
    struct trail_row row = row_of("=1+\"2\",\r\n%\xff;x");
    struct buffer text;

    buffer_init(&text);
    line_append(LINE_CSV, &row, &text);
    assert_non_null(strstr(text.at, ",\"'=1+\"\"2\"\",%0D%0A%25%FF;x\",200,"));
    assert_ptr_equal(strchr(text.at, '\n'), text.at + text.size - 1);
    buffer_wipe(&text);
}

TEST(a_change_stands_in_the_last_column_and_in_ascii)
{
    struct trail_row row = { .index = 9,
                             .record = { .kind = RECORD_CHANGE, .received_at_us = 1 },
                             .text = SLICE("{\"who\":\"\xc3\xa9\",\"what\":\"a\\nb\"}") };

    assert_line(LINE_CSV, &row,
                "9,1970-01-01T00:00:00.000Z,change,,,,,,,,,,,,,,"
                "\"00000000000000000000000000000000\","
                "\"{\"\"who\"\":\"\"\\u00E9\"\",\"\"what\"\":\"\"a\\nb\"\"}\"\r\n");
}

TEST(every_line_has_as_many_fields_as_the_head)
{
    struct trail_row row = row_of("/x");
    struct buffer head, line;
    size_t commas[2] = { 0 };

    buffer_init(&head);
    buffer_init(&line);
    line_head_append(LINE_CSV, &head);
    line_append(LINE_CSV, &row, &line);
    for (size_t i = 0; i < head.size; i++)
        commas[0] += head.at[i] == ',';
    for (size_t i = 0; i < line.size; i++)
        commas[1] += line.at[i] == ',';
    assert_int_equal(commas[0], commas[1]);
    buffer_wipe(&head);
    buffer_wipe(&line);
}

TEST(json_lines_are_objects_whatever_bytes_a_path_has)
{
    struct trail_row row = row_of("/a\xff\nb");
    struct buffer text;
    json_t *record;

    buffer_init(&text);
    line_head_append(LINE_JSON, &text);
    assert_int_equal(text.size, 0);
    line_append(LINE_JSON, &row, &text);
    record = json_loadb(text.at, text.size, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(record, "path")), "/a%FF%0Ab");
    assert_ptr_equal(strchr(text.at, '\n'), text.at + text.size - 1);
    json_decref(record);
    buffer_wipe(&text);
}

TEST_MAIN
