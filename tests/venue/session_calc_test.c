#include "session_scene.h"

static void scene_of_calc(struct scene *s)
{
    scene_open(s);
    s->entry.fixed.scopes |= SCOPE_BIT(SCOPE_POSITIONS_READ);
    assert_int_equal(key_table_publish(s->segment, &s->entry), OK);
    login(s, &s->a, "");
}

TEST(each_item_has_its_answer)
{
    struct scene s;

    scene_of_calc(&s);
    say(&s, &s.a,
        "[0,'calc',null,[['margin_base'],['margin_sym_tBTCUSD'],['funding_sym_fUSD'],"
        "['position_tBTCUSD'],['wallet_exchange_USD'],['balance']]]");
    line_is(&s.a, 0, "[0,'miu',['base',[0,0,0,0,0]]]");
    line_is(&s.a, 1, "[0,'miu',['sym','tBTCUSD',[0,0,0,0,null,null,null,null]]]");
    line_is(&s.a, 2, "[0,'fiu',['sym','fUSD',[0,0,0,0]]]");
    line_is(&s.a, 3, "[0,'wu',['exchange','USD',1000000,0,1000000,");
    line_is(&s.a, 4, "[0,'bu',[1000000,1000000]]");
    assert_int_equal(s.a.count, 5);
    assert_int_equal(s.records, 2);
    assert_int_equal(s.latest.route, ROUTE_NUMBER_WS_CALC);
    assert_int_equal(s.latest.status, 200);
    scene_close(&s);
}

TEST(what_cannot_be_calculated_is_an_error)
{
    static const char *const wrong[] = { "['wallet_exchange_XYZ']",
                                         "['wallet_exchange']",
                                         "['wallet']",
                                         "['margin_sym_tX']",
                                         "['funding_sym_USD']",
                                         "['hop']",
                                         "[7]",
                                         "7" };
    struct scene s;
    char text[96];

    scene_of_calc(&s);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(text, sizeof text, "[0,'calc',null,[%s]]", wrong[i]);
        say(&s, &s.a, text);
        assert_int_equal(s.a.count, 1);
        line_is(&s.a, 0, "error 10020 calc: invalid");
        assert_int_equal(s.latest.status, 500);
    }
    say(&s, &s.a, "[0,'calc',null,{}]");
    line_is(&s.a, 0, "error 10020 calc: invalid");
    scene_close(&s);
}

TEST(an_item_needs_its_own_scope)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a, "[0,'calc',null,[['margin_base'],['balance']]]");
    line_is(&s.a, 0, "error 10001 api_key: permission invalid");
    line_is(&s.a, 1, "[0,'bu',");
    scene_close(&s);
}

TEST(more_than_the_venue_calculates_is_refused)
{
    struct scene s;
    char text[600] = "[0,'calc',null,[['balance']";
    size_t size = strlen(text);

    scene_of_calc(&s);
    for (int i = 1; i < 30; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, ",['balance']");
    snprintf(text + size, sizeof text - size, "]]");
    say(&s, &s.a, text);
    assert_int_equal(s.a.count, 30);
    say(&s, &s.a, text);
    assert_int_equal(s.a.count, 1);
    line_is(&s.a, 0, "error 11010 ratelimit: error");
    scene_close(&s);
}

TEST_MAIN
