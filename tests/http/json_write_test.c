#include "../test.h"

#include "base/fixed.h"
#include "http/json_write.h"

static struct buffer out;
static struct json_writer w;

static void begin(void)
{
    buffer_wipe(&out);
    w = json_writer_of(&out);
}

TEST(commas_come_by_themselves)
{
    begin();
    json_put_open(&w, '[');
    json_put_uint(&w, 7);
    json_put_nulls(&w, 2);
    json_put_open(&w, '{');
    json_put_key(&w, "a");
    json_put_bool(&w, true);
    json_put_key(&w, "b");
    json_put_open(&w, '[');
    json_put_close(&w, ']');
    json_put_close(&w, '}');
    json_put_text(&w, NULL);
    json_put_close(&w, ']');
    assert_string_equal(out.at, "[7,null,null,{\"a\":true,\"b\":[]},null]");
}

TEST(numbers_are_exact)
{
    begin();
    json_put_open(&w, '[');
    json_put_fixed(&w, INT64_C(1234567891234567891));
    json_put_fixed(&w, -FIXED_ONE / 10);
    json_put_fixed(&w, 1);
    json_put_fixed(&w, 0);
    json_put_int(&w, INT64_MIN);
    json_put_uint(&w, UINT64_MAX);
    json_put_close(&w, ']');
    assert_string_equal(out.at, "[12345678912.34567891,-0.1,1e-8,0,-9223372036854775808,"
                                "18446744073709551615]");
}

TEST(text_is_escaped_and_always_utf8)
{
    begin();
    json_put_slice(&w, SLICE("a\"b\\c\n\0\xc3\xa9\xff\xc3"));
    assert_string_equal(out.at, "\"a\\\"b\\\\c\\u000a\\u0000\xc3\xa9\\ufffd\\ufffd\"");
    begin();
    json_put_slice(&w, SLICE("\xed\xa0\x80")); /* half of a surrogate pair */
    assert_string_equal(out.at, "\"\\ufffd\\ufffd\\ufffd\"");
    buffer_wipe(&out);
}

TEST_MAIN
