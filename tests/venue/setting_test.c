#include "../test.h"

#include <stdio.h>

#include "venue/setting.h"

#include "fresh.h"

TEST(keys_are_the_clients_own)
{
    assert_true(setting_key_is_good(SLICE("api:")));
    assert_true(setting_key_is_good(SLICE("api:Some_key-1")));
    assert_false(setting_key_is_good(SLICE("bfx:theme")));
    assert_false(setting_key_is_good(SLICE("api:a b")));
    assert_false(setting_key_is_good(SLICE("")));
    assert_false(setting_key_is_good(
        SLICE("api:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

TEST(what_was_set_is_found_until_it_is_deleted)
{
    static struct settings_kept settings;
    struct arena *arena = fresh_arena();
    char key[SETTING_KEY_MOST];

    assert_true(setting_set(&settings, arena, SLICE("api:a"), SLICE("1")));
    assert_true(setting_set(&settings, arena, SLICE("api:b"), SLICE("\"x\"")));
    assert_true(setting_set(&settings, arena, SLICE("api:a"), SLICE("[2]")));
    assert_int_equal(settings.count, 2);
    assert_string_equal(setting_find(&settings, SLICE("api:a"))->value, "[2]");
    assert_true(setting_delete(&settings, arena, SLICE("api:a")));
    assert_false(setting_delete(&settings, arena, SLICE("api:a")));
    assert_null(setting_find(&settings, SLICE("api:a")));
    assert_string_equal(setting_find(&settings, SLICE("api:b"))->value, "\"x\"");
    for (unsigned i = 1; i < SETTINGS_MOST; i++) {
        snprintf(key, sizeof key, "api:%u", i);
        assert_true(setting_set(&settings, arena, slice_of(key), SLICE("true")));
    }
    assert_false(setting_set(&settings, arena, SLICE("api:more"), SLICE("true")));
}

TEST(words_part_into_key_and_value)
{
    char words[SETTING_WORDS_MOST];
    size_t size = setting_words(SLICE("api:a"), SLICE("{}"), words);
    struct slice key, value;

    assert_true(setting_words_take((struct slice){ words, size }, &key, &value));
    assert_true(slice_is(key, SLICE("api:a")) && slice_is(value, SLICE("{}")));
    assert_false(setting_words_take(SLICE("api:a"), &key, &value));
}

TEST_MAIN
