#include "session_scene.h"

TEST(the_book_needs_its_own_scope)
{
    struct scene s;
    char text[VISIT_TEXT_SIZE];

    scene_open(&s);
    login(&s, &s.a, "");
    assert_true(session_may_subscribe(s.a.session, "book", text));
    s.entry.fixed.scopes &= ~SCOPE_BIT(SCOPE_DEPTH_READ);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    assert_false(session_may_subscribe(s.a.session, "book", text));
    assert_true(session_may_subscribe(s.a.session, "ticker", text));
    scene_close(&s);
}

/* What a key opened ends with the key's scope, what was open to everybody when it ends for
 * everybody; whoever logs out is one of everybody. */
TEST(a_book_is_heard_as_long_as_that_is_allowed)
{
    struct gate_settings settings;
    struct scene s;
    char text[VISIT_TEXT_SIZE];

    scene_open(&s);
    settings = segment_settings_get(s.segment);
    settings.depth_open = true;
    segment_settings_set(s.segment, &settings);
    login(&s, &s.a, "");
    assert_true(session_may_go_on(s.a.session, "book", true, text));
    assert_true(session_may_go_on(s.a.session, "book", false, text));
    s.entry.fixed.scopes &= ~SCOPE_BIT(SCOPE_DEPTH_READ);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    assert_false(session_may_go_on(s.a.session, "book", true, text));
    assert_string_equal(text, "api_key: permission invalid: needs depth:read");
    assert_true(session_may_go_on(s.a.session, "ticker", true, text));
    assert_true(session_may_go_on(s.a.session, "book", false, text));
    say(&s, &s.a, "{'event':'unauth'}");
    assert_true(session_may_go_on(s.a.session, "book", true, text));
    settings.depth_open = false;
    segment_settings_set(s.segment, &settings);
    assert_false(session_may_go_on(s.a.session, "book", true, text));
    assert_false(session_may_go_on(s.b.session, "book", false, text));
    scene_close(&s);
}

TEST(a_gate_that_is_away_closes_no_book)
{
    struct scene s;
    char text[VISIT_TEXT_SIZE];

    scene_open(&s);
    login(&s, &s.a, "");
    segment_retire(s.segment);
    assert_false(session_may_subscribe(s.a.session, "book", text));
    assert_true(session_may_go_on(s.a.session, "book", true, text));
    assert_true(session_may_go_on(s.b.session, "book", false, text));
    scene_close(&s);
}

TEST_MAIN
