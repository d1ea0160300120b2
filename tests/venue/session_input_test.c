#include "session_scene.h"

#include <time.h>

#define ORDER "'symbol':'tBTCUSD','type':'EXCHANGE LIMIT'"

TEST(a_resting_order_is_acknowledged_first_and_told_to_every_connection)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    login(&s, &s.b, "");
    forget(&s.b);
    say(&s, &s.a,
        "[0,'on',null,{" ORDER ",'amount':'0.5','price':'100','cid':12,'flags':0,"
        "'gid':null,'meta':null}]");
    assert_int_equal(s.a.count, 2);
    line_is(&s.a, 0, "[0,'n',[");
    assert_true(line_has(&s.a, 0,
                         ",null,\"SUCCESS\",\"Submitting exchange limit buy order for "
                         "0.5 BTC.\"]]#"));
    assert_true(line_has(&s.a, 0, "\"on-req\",null,null,["));
    assert_true(line_has(&s.a, 0, ",null,12,\"tBTCUSD\","));
    line_is(&s.a, 1, "[0,'on',[");
    assert_true(line_has(&s.a, 1, "\"ACTIVE\""));
    assert_true(line_has(&s.a, 1, "]#1"));
    assert_int_equal(s.b.count, 1);
    line_is(&s.b, 0, "[0,'on',[");
    assert_int_equal(s.records, 3);
    assert_int_equal(s.latest.route, ROUTE_NUMBER_WS_ON);
    assert_int_equal(s.latest.status, 200);
    assert_int_equal(s.latest.account, 7);
    scene_close(&s);
}

TEST(an_order_that_fills_at_once_is_told_as_closed_before_its_trades)
{
    struct scene s;

    scene_open(&s);
    other_orders(&s, -FIXED_ONE / 10, 100 * FIXED_ONE);
    other_orders(&s, -FIXED_ONE / 10, 101 * FIXED_ONE);
    login(&s, &s.a, "");
    say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':0.2,'price':101}]");
    line_is(&s.a, 0, "[0,'n',[");
    line_is(&s.a, 1, "[0,'oc',[");
    assert_true(line_has(&s.a, 1, "EXECUTED @ 101(0.1): was PARTIALLY FILLED @ 100(0.1)"));
    for (unsigned fill = 0; fill < 2; fill++) {
        unsigned at = 2 + 5 * fill;

        line_is(&s.a, at, "[0,'te',[");
        assert_true(line_has(&s.a, at, ",-1,null,null,"));
        line_is(&s.a, at + 1, "[0,'tu',[");
        assert_true(line_has(&s.a, at + 1, ",-1,-0.0002,\"BTC\","));
        for (unsigned i = 2; i < 5; i++)
            line_is(&s.a, at + i, "[0,'wu',['exchange',");
        assert_true(line_has(&s.a, at + 4, "Trading fees for 0.1 BTC"));
    }
    line_is(&s.a, 12, "[0,'bu',[");
    assert_true(line_has(&s.a, 12, "#12"));
    assert_int_equal(s.a.count, 13);
    scene_close(&s);
}

TEST(what_others_do_to_an_order_is_told_too)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'0.5','price':'100'}]");
    forget(&s.a);
    other_orders(&s, -FIXED_ONE / 10, 100 * FIXED_ONE);
    turn(&s);
    line_is(&s.a, 0, "[0,'ou',[");
    assert_true(line_has(&s.a, 0, "PARTIALLY FILLED @ 100(0.1)"));
    line_is(&s.a, 1, "[0,'te',[");
    scene_close(&s);
}

TEST(an_order_is_updated_and_cancelled_by_its_names)
{
    struct scene s;
    const struct order *order;
    char text[128];

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'0.5','price':'100','cid':5}]");
    order = engine_account_order_next(venue_engine(s.venue), 7, NULL);
    snprintf(text, sizeof text, "[0,'ou',null,{'id':%llu,'price':'99'}]",
             (unsigned long long)order->id);
    say(&s, &s.a, text);
    assert_true(line_has(&s.a, 0, "\"ou-req\""));
    assert_true(line_has(&s.a, 0, "SUCCESS"));
    line_is(&s.a, 1, "[0,'ou',[");
    say(&s, &s.a, "[0,'oc',null,{'cid':5,'cid_date':'2001-01-01'}]");
    assert_int_equal(s.a.count, 1);
    assert_true(line_has(&s.a, 0, "\"oc-req\",null,null,[null,null,5,"));
    assert_true(line_has(&s.a, 0, "\"ERROR\",\"Order not found.\""));
    assert_int_equal(s.latest.status, 500);
    snprintf(text, sizeof text, "[0,'oc',null,{'id':%llu}]", (unsigned long long)order->id);
    say(&s, &s.a, text);
    assert_true(line_has(&s.a, 0, "Submitted for cancellation; waiting for confirmation (ID: "));
    line_is(&s.a, 1, "[0,'oc',[");
    assert_true(line_has(&s.a, 1, "CANCELED"));
    say(&s, &s.a, text);
    snprintf(text, sizeof text, "\"oc-req\",null,null,[%llu,", (unsigned long long)order->id);
    scene_close(&s);
}

TEST(a_refused_order_names_what_was_asked)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'500','price':'10000','cid':77}]");
    assert_int_equal(s.a.count, 1);
    assert_true(line_has(&s.a, 0,
                         "\"on-req\",null,null,[null,null,77,\"tBTCUSD\",null,null,500,500,"
                         "\"EXCHANGE LIMIT\",null,null,null,null,null,null,null,10000,"));
    assert_true(line_has(&s.a, 0, "\"ERROR\",\"Invalid order: not enough exchange balance"));
    assert_int_equal(s.latest.status, 500);
    assert_int_equal(s.latest.verdict, VERDICT_PASS);
    say(&s, &s.a, "[0,'on',null,[1]]");
    assert_true(line_has(&s.a, 0, "\"ERROR\""));
    scene_close(&s);
}

TEST(a_key_without_the_scope_is_told_so_by_a_notification)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    s.entry.fixed.scopes &= ~SCOPE_BIT(SCOPE_ORDERS_WRITE);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'1','price':'1','cid':7}]");
    assert_int_equal(s.a.count, 1);
    assert_true(line_has(&s.a, 0, ",null,7,\"tBTCUSD\""));
    assert_true(line_has(&s.a, 0, "\"ERROR\",\"api_key: permission invalid: needs orders:write\""));
    assert_int_equal(s.latest.verdict, VERDICT_SCOPE_MISSING);
    assert_int_equal(engine_order_count(venue_engine(s.venue)), 0);
    scene_close(&s);
}

TEST(several_operations_are_answered_as_if_each_came_alone)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a,
        "[0,'ox_multi',null,[['on',{" ORDER ",'amount':'1','price':'1','cid':1}],"
        "['on',{" ORDER ",'amount':'0','price':'1','cid':2}],"
        "['oc_multi',{'all':1}],['hop',{}]]]");
    line_is(&s.a, 0, "[0,'n',[");
    assert_true(line_has(&s.a, 0, "on-req") && line_has(&s.a, 0, "SUCCESS"));
    line_is(&s.a, 1, "[0,'on',[");
    assert_true(line_has(&s.a, 2, "on-req") && line_has(&s.a, 2, "amount: invalid"));
    assert_true(line_has(&s.a, 3, "oc_multi-req") && line_has(&s.a, 3, "SUCCESS"));
    line_is(&s.a, 4, "[0,'oc',[");
    assert_true(line_has(&s.a, 5, "ERROR") || line_has(&s.a, 5, "error"));
    assert_int_equal(s.a.count, 6);
    assert_int_equal(s.records, 2);
    say(&s, &s.a, "[0,'ox_multi',null,[]]");
    assert_true(line_has(&s.a, 0, "ops: invalid"));
    scene_close(&s);
}

TEST(many_orders_are_cancelled_at_once)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    for (int i = 0; i < 3; i++)
        say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'1','price':'1','gid':4}]");
    say(&s, &s.a, "[0,'oc_multi',null,{'gid':[4],'id':null,'cid':null,'all':null}]");
    assert_true(line_has(&s.a, 0, "Submitting 3 order cancellations."));
    for (unsigned i = 1; i < 4; i++)
        line_is(&s.a, i, "[0,'oc',[");
    assert_int_equal(s.a.count, 4);
    scene_close(&s);
}

/* `text` with ID, CID, GID and DAY of an order in their places. */
static void form_fill(char *filled, size_t size, const char *text, const struct order *order)
{
    time_t created = (time_t)(order->created_ms / 1000);
    struct tm day;

    gmtime_r(&created, &day);
    while (*text != '\0') {
        size_t named = 1;
        int n;

        if (strncmp(text, "DAY", named = 3) == 0)
            n = (int)strftime(filled, size, "'%Y-%m-%d'", &day);
        else if (strncmp(text, "CID", named) == 0)
            n = snprintf(filled, size, "%llu", (unsigned long long)order->cid);
        else if (strncmp(text, "GID", named) == 0)
            n = snprintf(filled, size, "%llu", (unsigned long long)order->gid);
        else if (strncmp(text, "ID", named = 2) == 0)
            n = snprintf(filled, size, "%llu", (unsigned long long)order->id);
        else
            n = snprintf(filled, size, "%.*s", (int)(named = 1), text);
        assert_in_range(n, 1, size - 1);
        text += named;
        filled += n;
        size -= (size_t)n;
    }
}

/* Each form of the reference, 13: what names an order, and what may be said of it. */
static const struct {
    const char *text, *notice, *news;
} forms[] = {
    { "'ou',null,{'id':ID,'price':'2'}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'amount':2}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'delta':'0.5'}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'flags':4096}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'tif':'2030-01-15 10:45:23'}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'price':'2','meta':{'aff_code':'x'}}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'gid':5}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'id':ID,'cid':null,'cid_date':null,'gid':null,'price':2,'amount':null}", "ou-req",
      "[0,'ou',[" },
    { "'ou',null,{'cid':CID,'cid_date':DAY,'price':2}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'gid':GID,'price':2}", "ou-req", "[0,'ou',[" },
    { "'ou',null,{'gid':GID,'id':0,'cid':0,'delta':1}", "ou-req", "[0,'ou',[" },
    { "'oc',null,{'id':ID}", "oc-req", "[0,'oc',[" },
    { "'oc',null,{'cid':CID,'cid_date':DAY}", "oc-req", "[0,'oc',[" },
    { "'oc_multi',null,{'id':[ID]}", "oc_multi-req", "[0,'oc',[" },
    { "'oc_multi',null,{'id':ID}", "oc_multi-req", "[0,'oc',[" },
    { "'oc_multi',null,{'cid':[[CID,DAY]]}", "oc_multi-req", "[0,'oc',[" },
    { "'oc_multi',null,{'gid':[GID,7]}", "oc_multi-req", "[0,'oc',[" },
    { "'oc_multi',null,{'gid':GID}", "oc_multi-req", "[0,'oc',[" },
    { "'oc_multi',null,{'all':1}", "oc_multi-req", "[0,'oc',[" },
    { "'oc_multi',null,{'id':[7],'cid':[[7,DAY]],'gid':[GID]}", "oc_multi-req", "[0,'oc',[" },
    { "'ox_multi',null,[['ou',{'id':ID,'price':2}]]", "ou-req", "[0,'ou',[" },
    { "'ox_multi',null,[['ou',{'gid':GID,'price':2}]]", "ou-req", "[0,'ou',[" },
    { "'ox_multi',null,[['oc',{'id':ID}]]", "oc-req", "[0,'oc',[" },
    { "'ox_multi',null,[['oc',{'cid':CID,'cid_date':DAY}]]", "oc-req", "[0,'oc',[" },
    { "'ox_multi',null,[['oc_multi',{'gid':GID}]]", "oc_multi-req", "[0,'oc',[" },
    { "'ox_multi',null,[['on',{" ORDER ",'amount':'1','price':'1'}]]", "on-req", "[0,'on',[" },
};

TEST(every_documented_form_of_an_input_is_taken)
{
    struct scene s;
    char text[256], input[300], wanted[64];

    scene_open(&s);
    login(&s, &s.a, "");
    for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++) {
        say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'1','price':'1','gid':44}]");
        form_fill(text, sizeof text, forms[i].text,
                  engine_account_order_next(venue_engine(s.venue), 7, NULL));
        snprintf(input, sizeof input, "[0,%s]", text);
        say(&s, &s.a, input);
        line_is(&s.a, 0, "[0,'n',[");
        snprintf(wanted, sizeof wanted, "\"%s\"", forms[i].notice);
        if (!line_has(&s.a, 0, wanted) || !line_has(&s.a, 0, "\"SUCCESS\""))
            fail_msg("%s: %s", forms[i].text, s.a.lines[0]);
        line_is(&s.a, 1, forms[i].news);
        say(&s, &s.a, "[0,'oc_multi',null,{'all':1}]");
    }
    scene_close(&s);
}

/* What an order may be made with, and what of it may be changed. */
static const struct {
    const char *begins, *changes;
    const char *was, *is; /* in what is told of the order */
} members[] = {
    { "'symbol':'tBTCUSD','type':'EXCHANGE STOP LIMIT','amount':'1','price':'200',"
      "'price_aux_limit':'210'",
      "'price_aux_limit':'220'", ",200,0,0,210,", ",200,0,0,220," },
    { "'symbol':'tBTCUSD','type':'EXCHANGE STOP','amount':1,'price':200", "'price':'201'",
      ",200,0,0,0,", ",201,0,0,0," },
    { ORDER ",'amount':'-1','price':100,'price_trailing':0,'price_aux_limit':0,'price_oco_stop':0,"
            "'cid':9,'cid_oco':0,'gid':3,'flags':4096,'lev':10,'tif':'2030-01-15 10:45:23',"
            "'meta':{'aff_code':'x','protect_selfmatch':1}",
      "'tif':null,'lev':5,'meta':{'aff_code':'y'},'flags':64,'gid':4,'cid':null",
      "\"aff_code\":\"x\"", "\"aff_code\":\"y\"" },
    { ORDER ",'amount':'1','price':'100','price_oco_stop':'300','cid_oco':12,'flags':16384",
      "'delta':'0.5'", ",16384,", ",1.5,1.5," },
};

TEST(members_of_an_order_are_taken_and_changed)
{
    struct scene s;
    char input[400], begins[400];

    scene_open(&s);
    s.entry.fixed.scopes |= SCOPE_BIT(SCOPE_ORDERS_WRITE);
    login(&s, &s.a, "");
    for (unsigned i = 0; i < sizeof members / sizeof *members; i++) {
        snprintf(begins, sizeof begins, "[0,'on',null,{%s}]", members[i].begins);
        say(&s, &s.a, begins);
        line_is(&s.a, 0, "[0,'n',[");
        if (!line_has(&s.a, 0, "\"SUCCESS\"") || !line_has(&s.a, 0, members[i].was))
            fail_msg("%s: %s", members[i].begins, s.a.lines[0]);
        snprintf(input, sizeof input, "[0,'ou',null,{'id':%llu,%s}]",
                 (unsigned long long)engine_account_order_next(venue_engine(s.venue), 7, NULL)->id,
                 members[i].changes);
        say(&s, &s.a, input);
        if (!line_has(&s.a, 0, "\"SUCCESS\"") || !line_has(&s.a, 0, members[i].is))
            fail_msg("%s: %s", members[i].changes, s.a.lines[0]);
        say(&s, &s.a, "[0,'oc_multi',null,{'all':1}]");
    }
    scene_close(&s);
}

TEST(a_gid_of_several_orders_names_none_of_them)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    say(&s, &s.a, "[0,'ou',null,{'gid':44,'price':'2'}]");
    assert_true(line_has(&s.a, 0, "\"ERROR\",\"Order not found.\""));
    for (int i = 0; i < 2; i++)
        say(&s, &s.a, "[0,'on',null,{" ORDER ",'amount':'1','price':'1','gid':44}]");
    say(&s, &s.a, "[0,'ou',null,{'gid':44,'price':'2'}]");
    assert_true(line_has(&s.a, 0, "\"ERROR\",\"gid: invalid\""));
    scene_close(&s);
}

TEST(funding_is_refused_in_the_venues_shape)
{
    struct scene s;

    scene_open(&s);
    s.entry.fixed.scopes |= SCOPE_BIT(SCOPE_FUNDING_WRITE);
    assert_int_equal(key_table_publish(s.segment, &s.entry), OK);
    login(&s, &s.a, "");
    say(&s, &s.a,
        "[0,'fon',null,{'type':'LIMIT','symbol':'fUSD','amount':'50','rate':'0.001',"
        "'period':2}]");
    assert_true(
        line_has(&s.a, 0, "\"fon-req\",null,null,[null,\"fUSD\",null,null,50,50,\"LIMIT\","));
    assert_true(line_has(&s.a, 0, "\"ERROR\""));
    say(&s, &s.a, "[0,'foc',null,{'id':9}]");
    assert_true(line_has(&s.a, 0, "\"foc-req\",null,null,[9,"));
    scene_close(&s);
}

TEST(a_note_goes_to_all_connections_of_the_account)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    login(&s, &s.b, "");
    forget(&s.b);
    say(&s, &s.a, "[0,'n',null,{'type':'ucm-test','info':{'a':1},'mid':3}]");
    assert_int_equal(s.b.count, 1);
    assert_true(line_has(&s.b, 0, "\"ucm-test\",3,null,{\"a\":1},null,\"SUCCESS\",null]]#0"));
    say(&s, &s.a, "[0,'n',null,{'type':'deposit_new'}]");
    line_is(&s.a, 0, "error 10020 n: invalid");
    scene_close(&s);
}

TEST(a_note_comes_behind_the_snapshots)
{
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    s.sessions->pause_ns = UINT64_C(3600) * NS_PER_S;
    login(&s, &s.b, "");
    forget(&s.b);
    say(&s, &s.a, "[0,'n',null,{'type':'ucm-test','info':{'a':1},'mid':3}]");
    assert_true(s.b.count > 2);
    assert_true(line_has(&s.b, s.b.count - 1, "\"ucm-test\""));
    line_is(&s.b, 0, "[0,'ws',"); /* the key may not see positions */
    scene_close(&s);
}

TEST(what_is_no_input_is_an_error)
{
    static const char *const wrong[] = { "[]",         "[0]",           "[1,'on',null,{}]",
                                         "[0,7,null]", "['0','on',{}]", "[0,'hop',null,{}]" };
    struct scene s;

    scene_open(&s);
    login(&s, &s.a, "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        say(&s, &s.a, wrong[i]);
        assert_int_equal(s.a.count, 1);
        line_is(&s.a, 0, "error 10000 input: ");
    }
    assert_int_equal(s.records, 1);
    scene_close(&s);
}

TEST_MAIN
