#include "session_scene.h"

#include "base/fixed.h"
#include "shm/announced.h"
#include "venue/entry.h"

#define ORDER "[0,'on',null,{'symbol':'tBTCUSD','type':'EXCHANGE LIMIT','amount':'1','price':'1'}]"

static unsigned active(const struct scene *s)
{
    return engine_order_count(venue_engine(s->venue));
}

TEST(the_dead_mans_switch_cancels_when_the_connection_ends)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, ",'dms':4");
    assert_true(line_has(&s.a, 0, "\"dms\":4"));
    login(&s, &s.b, ",'dms':0");
    say(&s, &s.a, ORDER);
    forget(&s.b);
    session_close(&s.b.session);
    turn(&s);
    assert_int_equal(active(&s), 1);
    scene_admit(&s, &s.b);
    login(&s, &s.b, "");
    forget(&s.b);
    session_close(&s.a.session);
    turn(&s);
    assert_int_equal(active(&s), 0);
    line_is(&s.b, 0, "[0,'oc',[");
    scene_close(&s);
}

TEST(a_key_that_may_not_trade_has_no_switch)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.b, "");
    say(&s, &s.b, ORDER);
    s.entry.fixed.scopes = scopes_of_group(SCOPE_GROUP_READ);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    login(&s, &s.a, ",'dms':4");
    assert_false(line_has(&s.a, 0, "dms"));
    session_close(&s.a.session);
    turn(&s);
    assert_int_equal(active(&s), 1);
    scene_close(&s);
}

TEST(a_revocation_ends_a_session_at_its_next_word)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    s.entry.fixed.state = KEY_REVOKED;
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    say(&s, &s.a, ORDER);
    assert_true(line_has(&s.a, 0, "\"on-req\""));
    assert_true(line_has(&s.a, 0, "\"ERROR\",\"apikey: revoked: "));
    line_is(&s.a, 1,
            "{'event':'auth','status':'FAILED','chanId':0,'code':10100,'msg':'apikey: "
            "revoked: ");
    assert_false(s.a.has_account);
    assert_int_equal(s.latest.verdict, VERDICT_KEY_REVOKED);
    assert_int_equal(s.a.closed, 1008);
    say(&s, &s.a, ORDER);
    line_is(&s.a, 0, "error 10100 auth: invalid");
    assert_int_equal(active(&s), 0);
    scene_close(&s);
}

TEST(a_revocation_ends_a_silent_session_and_its_orders_if_it_asked_for_that)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, ",'dms':4");
    say(&s, &s.a, ORDER);
    forget(&s.a);
    assert_in_range(sessions_wait_ms(s.sessions), 1, SESSION_LOOK_MS);
    s.entry.fixed.state = KEY_REVOKED;
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    s.sessions->look_at_ns = 0;
    turn(&s);
    line_is(&s.a, 0, "{'event':'auth','status':'FAILED'");
    assert_int_equal(s.a.closed, 1008);
    assert_int_equal(active(&s), 0);
    assert_int_equal(sessions_wait_ms(s.sessions), -1);
    scene_close(&s);
}

/* News came for up to 200 ms after a revocation had been acknowledged. */
TEST(a_revoked_key_hears_nothing_more_whenever_it_is_looked_at_next)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, ",'dms':4");
    say(&s, &s.a, ORDER);
    forget(&s.a);
    s.entry.fixed.state = KEY_REVOKED;
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    s.sessions->look_at_ns = UINT64_MAX;
    other_orders(&s, -FIXED_ONE, FIXED_ONE);
    turn(&s);
    assert_int_equal(s.a.count, 0);
    assert_int_equal(sessions_wait_ms(s.sessions), 0);
    turn(&s);
    assert_int_equal(s.a.count, 1);
    line_is(&s.a, 0, "{'event':'auth','status':'FAILED'");
    assert_int_equal(s.a.closed, 1008);
    assert_int_equal(active(&s), 0);
    scene_close(&s);
}

TEST(scopes_that_are_taken_away_blind_a_session)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a, ORDER);
    s.entry.fixed.scopes &= ~SCOPE_BIT(SCOPE_ORDERS_READ);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    s.sessions->look_at_ns = 0;
    turn(&s);
    forget(&s.a);
    other_orders(&s, -FIXED_ONE, FIXED_ONE);
    turn(&s);
    line_is(&s.a, 0, "[0,'wu',");
    scene_close(&s);
}

TEST(nobody_logs_in_from_an_address_that_was_not_told)
{
    struct scene s;

    scene_open(&s);
    session_close(&s.a.session);
    s.a.peer.address[0] = '\0';
    s.a.session = sessions_admit(s.sessions, &s.a);
    login(&s, &s.a, "");
    line_is(&s.a, 0, "{'event':'auth','status':'FAILED'");
    assert_true(line_has(&s.a, 0, "\"code\":11000"));
    assert_int_equal(s.records, 0);
    scene_close(&s);
}

static void nothing_kept(void *context, const struct audit_record *record, uint64_t *intent)
{
    (void)context;
    (void)record;
    (void)intent;
}

static bool all_kept(void *context, const struct audit_record *record)
{
    (void)context;
    (void)record;
    return true;
}

static void keep(struct scene *s)
{
    announced_show(s->segment, 8, nothing_kept, NULL);
    announced_settle(s->segment, all_kept, NULL);
}

TEST(what_waits_for_its_record_is_carried_out_in_its_order)
{
    struct scene s;
    struct gate_settings settings;

    scene_open(&s);
    settings = segment_settings_get(s.segment);
    settings.durable = true;
    segment_settings_set(s.segment, &settings);
    login(&s, &s.a, "");
    assert_int_equal(s.a.count, 0);
    assert_int_equal(sessions_wait_ms(s.sessions), 1);
    say(&s, &s.a, ORDER);
    say(&s, &s.a, "[0,'oc_multi',null,{'all':1}]");
    assert_int_equal(s.a.count, 0);
    keep(&s);
    turn(&s);
    line_is(&s.a, 0, "{'event':'auth','status':'OK'");
    assert_int_equal(active(&s), 0);
    keep(&s);
    turn(&s);
    assert_int_equal(active(&s), 1);
    keep(&s);
    turn(&s);
    assert_int_equal(active(&s), 0);
    assert_int_equal(s.records, 3);
    assert_int_equal(s.latest.route, ROUTE_NUMBER_WS_OC_MULTI);
    scene_close(&s);
}

TEST(who_leaves_while_it_waits_has_done_nothing)
{
    struct scene s;
    struct gate_settings settings;

    scene_open(&s);
    login(&s, &s.a, "");
    settings = segment_settings_get(s.segment);
    settings.durable = true;
    segment_settings_set(s.segment, &settings);
    say(&s, &s.a, ORDER);
    say(&s, &s.a, ORDER);
    session_close(&s.a.session);
    turn(&s);
    assert_int_equal(active(&s), 0);
    assert_int_equal(gatehouse_waiting_count(s.house), 0);
    announced_leave(s.segment);
    turn(&s);
    assert_int_equal(s.records, 2);
    assert_int_equal(s.latest.status, 499);
    scene_close(&s);
}

TEST(who_says_too_much_ahead_is_sent_away)
{
    struct scene s;
    struct gate_settings settings;

    scene_open(&s);
    settings = segment_settings_get(s.segment);
    settings.durable = true;
    segment_settings_set(s.segment, &settings);
    login(&s, &s.a, "");
    for (unsigned i = 0; s.a.closed == 0 && i < 1000; i++)
        say(&s, &s.a, ORDER);
    assert_int_equal(s.a.closed, 1008);
    session_close(&s.a.session);
    turn(&s);
    announced_leave(s.segment);
    scene_close(&s);
}

TEST(snapshots_come_a_moment_after_the_answer_and_before_all_news)
{
    struct scene s;

    scene_open(&s);
    s.sessions->pause_ns = UINT64_C(3600) * NS_PER_S;
    login(&s, &s.a, "");
    assert_int_equal(s.a.count, 1);
    assert_in_range(sessions_wait_ms(s.sessions), 1, 100);
    login(&s, &s.b, "");
    say(&s, &s.b, ORDER);
    line_is(&s.b, 0, "[0,'ws',[");
    assert_true(line_has(&s.b, s.b.count - 1, "[0,\"on\",["));
    assert_int_equal(s.a.count, 1);
    say(&s, &s.a, "[0,'oc_multi',null,{'all':1}]");
    line_is(&s.a, 1, "[0,'os',[[");
    assert_true(line_has(&s.a, s.a.count - 1, "[0,\"oc\",["));
    session_close(&s.b.session);
    scene_admit(&s, &s.b);
    login(&s, &s.b, "");
    session_close(&s.b.session);
    assert_null(s.sessions->fresh);
    scene_close(&s);
}

TEST(an_alert_that_goes_off_is_told_to_those_who_want_notes)
{
    struct command command = { .kind = ENTRY_ALERT_SET,
                               .account = 7,
                               .market = MARKET_BTCUSD,
                               .price = 3 * FIXED_ONE,
                               .fields = 5,
                               .flags = 1 };
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    login(&s, &s.b, ",'filter':['trading']");
    assert_int_equal(venue_apply(s.venue, command, NULL), VENUE_DONE);
    forget(&s.a);
    forget(&s.b);
    other_orders(&s, -FIXED_ONE, 3 * FIXED_ONE);
    other_orders(&s, FIXED_ONE, 3 * FIXED_ONE);
    turn(&s);
    line_is(&s.a, 0, "[0,'uac',['price:tBTCUSD:3','price','tBTCUSD',3,4]");
    assert_int_equal(s.b.count, 0);
    scene_close(&s);
}

TEST_MAIN
