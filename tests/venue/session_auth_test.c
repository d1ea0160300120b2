#include "session_scene.h"

TEST(a_login_is_answered_with_caps_and_snapshots_in_the_venues_order)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, ",'subId':'x','filter':null");
    assert_int_equal(s.a.count, 7);
    line_is(&s.a, 0, "{'event':'auth','status':'OK','chanId':0,'userId':7,'subId':'x','auth_id':'");
    assert_true(line_has(&s.a, 0, "\"orders\":{\"read\":1,\"write\":1}"));
    assert_true(line_has(&s.a, 0, "\"withdraw\":{\"read\":0,\"write\":0}"));
    assert_true(line_has(&s.a, 0, "\"positions\":{\"read\":0,\"write\":0}"));
    assert_false(line_has(&s.a, 0, "dms"));
    line_is(&s.a, 1, "[0,'ws',[['exchange','BTC',10,0,null,'Deposit (Bitcoin)',null],");
    line_is(&s.a, 2, "[0,'os',[]]#0");
    line_is(&s.a, 3, "[0,'fos',[]]#0");
    line_is(&s.a, 4, "[0,'fcs',[]]#0");
    line_is(&s.a, 5, "[0,'fls',[]]#0");
    line_is(&s.a, 6, "[0,'bu',[1000000,1000000]]#0");
    assert_true(s.a.has_account);
    assert_int_equal(s.records, 1);
    assert_int_equal(s.latest.status, 200);
    assert_int_equal(s.latest.route, ROUTE_NUMBER_WS_AUTH);
    scene_close(&s);
}

TEST(what_the_key_may_not_read_or_the_client_does_not_want_is_not_told)
{
    struct scene s;

    scene_open(&s);
    s.entry.fixed.scopes = SCOPE_BIT(SCOPE_ORDERS_READ);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    login(&s, &s.a, "");
    assert_int_equal(s.a.count, 2);
    line_is(&s.a, 1, "[0,'os',[]]#0");
    s.entry.fixed.scopes = s.key.key.scopes;
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    login(&s, &s.b, ",'filter':['wallet-exchange-BTC','trading-tETHUSD']");
    assert_int_equal(s.b.count, 3);
    line_is(&s.b, 1, "[0,'ws',[['exchange','BTC',10,0,null,'Deposit (Bitcoin)',null]]]#0");
    line_is(&s.b, 2, "[0,'os',[]]#0");
    scene_close(&s);
}

TEST(an_elevated_key_sees_positions_first)
{
    struct scene s;

    scene_open(&s);
    s.entry.fixed.scopes |= SCOPE_BIT(SCOPE_POSITIONS_READ);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    login(&s, &s.a, "");
    line_is(&s.a, 1, "[0,'ps',[]]#0");
    scene_close(&s);
}

TEST(a_failed_login_says_why_and_the_next_one_may_pass)
{
    struct scene s;

    scene_open(&s);
    say(&s, &s.a, "{'event':'auth'}");
    line_is(&s.a, 0, "error 10100 auth: invalid");
    assert_int_equal(s.latest.verdict, VERDICT_HEADERS_MALFORMED);
    say(&s, &s.a,
        "{'event':'auth','apiKey':'lki_test_0','authNonce':'5','authPayload':'AUTH5',"
        "'authSig':'00'}");
    line_is(&s.a, 0,
            "{'event':'auth','status':'FAILED','chanId':0,'code':10112,'msg':'auth: sig'}");
    say(&s, &s.a, "{'event':'auth','token':'pub:api:none'}");
    line_is(&s.a, 0,
            "{'event':'auth','status':'FAILED','chanId':0,'code':10100,'msg':'token: invalid'}");
    login(&s, &s.a, "");
    line_is(&s.a, 0, "{'event':'auth','status':'OK'");
    s.nonce--;
    login(&s, &s.b, "");
    line_is(&s.b, 0,
            "{'event':'auth','status':'FAILED','chanId':0,'code':10114,"
            "'msg':'nonce: small: last 1000, got 1000'}");
    assert_int_equal(s.records, 5);
    scene_close(&s);
}

TEST(a_second_login_on_a_connection_is_refused_and_changes_nothing)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    login(&s, &s.a, "");
    assert_int_equal(s.a.count, 1);
    line_is(&s.a, 0, "error 10100 auth: dup");
    assert_int_equal(s.records, 2);
    assert_int_equal(s.latest.status, 500);
    say(&s, &s.a, "[0,'calc',null,[['balance']]]");
    line_is(&s.a, 0, "[0,'bu',");
    scene_close(&s);
}

TEST(what_no_switch_or_filter_can_be_is_refused)
{
    static const char *const wrong[] = { ",'dms':3", ",'dms':'x'", ",'filter':'trading'",
                                         ",'filter':[1]" };
    struct scene s;

    scene_open(&s);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        login(&s, &s.a, wrong[i]);
        line_is(&s.a, 0, "error 10100 auth: invalid");
        assert_false(s.a.has_account);
    }
    scene_close(&s);
}

TEST(unauth_ends_it_and_the_connection_stays)
{
    struct scene s;

    scene_open(&s);
    say(&s, &s.a, "{'event':'unauth'}");
    line_is(&s.a, 0, "error 10200 unauth: invalid");
    login(&s, &s.a, "");
    say(&s, &s.a, "{'event':'unauth'}");
    line_is(&s.a, 0, "{'event':'unauth','status':'OK','chanId':0}");
    assert_false(s.a.has_account);
    say(&s, &s.a, "[0,'calc',null,[['balance']]]");
    line_is(&s.a, 0, "error 10100 auth: invalid");
    login(&s, &s.a, "");
    line_is(&s.a, 0, "{'event':'auth','status':'OK'");
    scene_close(&s);
}

TEST_MAIN
