#include "test.h"

#include <string.h>

#include "authority/leak_mask.h"

/* Wrong checksum: no secret of anybody's. */
#define SHAPE  "lks_live_EXAMPLE000000000000000000000000000000000abcdef"
#define MASKED "lks_live_******************************************cdef"

static const char *copied(const char *text, size_t size)
{
    static char to[600];

    leak_text_copy(slice_of(text), to, size);
    return to;
}

TEST(a_secret_keeps_its_prefix_and_its_last_four)
{
    assert_string_equal(copied("key=" SHAPE ";", 600), "key=" MASKED ";");
    assert_string_equal(copied(SHAPE SHAPE, 600), MASKED MASKED);
    assert_string_equal(copied("lki_live_0000000000000000abcdef", 600),
                        "lki_live_0000000000000000abcdef");
    assert_string_equal(copied("lks_live_short", 600), "lks_live_short");
}

TEST(characters_are_not_cut_in_two_and_lines_not_broken)
{
    assert_string_equal(copied("a\xC3\xA4", 3), "a");
    assert_string_equal(copied("a\xC3\xA4", 4), "a\xC3\xA4");
    assert_string_equal(copied("a\nb\x7F", 600), "a b ");
    assert_string_equal(copied("", 1), "");
}

TEST(a_place_is_strings_and_numbers_and_no_more_than_fits)
{
    json_t *place = json_pack("{s:s, s:i, s:[i], s:s, s:b}", "url", "x?" SHAPE, "line", 7, "list",
                              1, SHAPE, "name", "yes", 1);
    json_t *clean = leak_place_clean(place, 4096);

    assert_int_equal(json_object_size(clean), 2);
    assert_string_equal(json_string_value(json_object_get(clean, "url")), "x?" MASKED);
    assert_int_equal(json_integer_value(json_object_get(clean, "line")), 7);
    json_decref(clean);
    for (int i = 0; i < 40; i++) {
        char name[16], text[601];

        snprintf(name, sizeof name, "m%d", i);
        memset(text, '"', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        json_object_set_new(place, name, json_string(text));
    }
    clean = leak_place_clean(place, 4096);
    assert_in_range(json_dumpb(clean, NULL, 0, JSON_COMPACT), 2048, 4095);
    json_decref(clean);
    json_decref(place);
    clean = leak_place_clean(NULL, 100);
    assert_int_equal(json_object_size(clean), 0);
    json_decref(clean);
}

TEST_MAIN
