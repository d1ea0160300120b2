#include "client.h"

/* 2 lends from its funding wallet, 3 pays interest out of its margin wallet. */
TEST(two_people_with_money_in_the_right_wallets)
{
    exchange_start(false);
    json_decref(call(2, "auth/w/transfer",
                     "{\"from\":\"exchange\",\"to\":\"funding\",\"currency\":\"USD\","
                     "\"amount\":\"5000\"}"));
    json_decref(call(3, "auth/w/transfer",
                     "{\"from\":\"exchange\",\"to\":\"margin\",\"currency\":\"USD\","
                     "\"amount\":\"100\"}"));
}

#define OFFER "auth/w/funding/offer/submit"

static const struct {
    const char *body, *refused;
} rows[] = {
    { "{}", "[\"error\",10020,\"symbol: invalid\"]" },
    { "{\"symbol\":\"tBTCUSD\",\"type\":\"LIMIT\"}", "[\"error\",10020,\"symbol: invalid\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"limit\"}", "[\"error\",10001,\"type: invalid\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\"}", "[\"error\",10001,\"amount: invalid\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"200\",\"rate\":\"x\"}",
      "[\"error\",10001,\"rate: invalid\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"200\",\"rate\":\"0.0002\","
      "\"period\":121}",
      "[\"error\",10001,\"period: invalid\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"200\",\"rate\":\"0.0002\","
      "\"flags\":4096}",
      "[\"error\",10001,\"flags: invalid\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"149\",\"rate\":\"0.0002\"}",
      "[\"error\",10001,\"Invalid offer: incorrect amount, minimum is 150.0 dollar or equivalent "
      "in USD\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"6000\",\"rate\":\"0.0002\"}",
      "[\"error\",10001,\"Invalid offer: not enough USD balance available in deposit wallet\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"-200\",\"rate\":\"0.0002\"}",
      "[\"error\",10001,\"Invalid offer: not enough USD balance available in trading wallet\"]" },
    { "{\"symbol\":\"fUSD\",\"type\":\"FRRDELTAVAR\",\"amount\":\"200\",\"rate\":\"0.01\"}",
      "[\"error\",10001,\"FRR offset larger than 30% of FRR, aborting.\"]" },
};

TEST(a_row_is_an_offer_and_why_it_is_refused)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        call_is(2, OFFER, rows[i].body, 500, rows[i].refused);
}

/* The element of the notification's DATA. */
static const json_t *data_at(const json_t *notice, size_t i)
{
    return json_array_get(json_array_get(notice, 4), i);
}

static json_int_t offer_id;

TEST(an_offer_is_told_as_the_venue_tells_it)
{
    json_t *notice = call(2, OFFER,
                          "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"500\","
                          "\"rate\":\"0.0002\",\"period\":30}");

    assert_int_equal(json_array_size(notice), 8);
    assert_string_equal(json_string_value(json_array_get(notice, 1)), "fon-req");
    assert_string_equal(json_string_value(json_array_get(notice, 7)),
                        "Submitting funding offer of 500.0 USD at 0.0200 for 30 days.");
    assert_int_equal(json_array_size(json_array_get(notice, 4)), 21);
    assert_string_equal(json_string_value(data_at(notice, 1)), "fUSD");
    assert_string_equal(json_string_value(data_at(notice, 10)), "ACTIVE");
    offer_id = json_integer_value(data_at(notice, 0));
    json_decref(notice);
    call_is(0, "book/fUSD/P0", NULL, 200, "[[0.0002,30,1,500]]");
    call_is(0, "book/fUST/P0", NULL, 200, "[]");
}

static size_t count(uint64_t account, const char *path)
{
    json_t *json = call(account, path, account == 0 ? NULL : "{}");
    size_t size = json_array_size(json);

    assert_int_equal(told_status, 200);
    json_decref(json);
    return size;
}

TEST(a_bid_takes_it_and_both_sides_see_a_loan)
{
    json_t *loans;

    json_decref(call(3, OFFER,
                     "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"-200\","
                     "\"rate\":\"0.001\"}"));
    assert_int_equal(told_status, 200);
    assert_int_equal(count(2, "auth/r/funding/offers"), 1);
    assert_int_equal(count(2, "auth/r/funding/loans"), 1);
    assert_int_equal(count(3, "auth/r/funding/loans/fUSD"), 1);
    assert_int_equal(count(3, "auth/r/funding/loans/fUST"), 0);
    assert_int_equal(count(2, "auth/r/funding/trades/hist"), 1);
    assert_int_equal(count(3, "auth/r/funding/offers/fUSD/hist"), 1);
    assert_int_equal(count(0, "trades/fUSD/hist"), 1);
    assert_int_equal(count(0, "ticker/fUSD"), 16);
    assert_int_equal(count(0, "candles/trade:1h:fUSD:p30/hist"), 1);
    assert_int_equal(count(0, "candles/trade:1h:fUSD:a30:p2:p30/hist"), 1);
    assert_int_equal(count(0, "candles/trade:1h:fUSD:p2/hist"), 0);
    assert_int_equal(count(0, "candles/trade:1h:fUSD:p30/last"), 6);
    loans = call(3, "auth/r/funding/loans", "{}");
    assert_int_equal(json_array_size(json_array_get(loans, 0)), 21);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(loans, 0), 2)), -1);
    json_decref(loans);
    call_is(3, "auth/r/info/funding/fUSD", "{}", 200, "[\"sym\",\"fUSD\",[0.0002,0,30,0]]");
    call_is(2, "auth/r/info/funding/fUSD", "{}", 200, "[\"sym\",\"fUSD\",[0,0.0002,0,30]]");
}

TEST(what_is_left_is_canceled_by_its_owner_alone)
{
    char body[64];
    json_t *notice;

    snprintf(body, sizeof body, "{\"id\":%lld}", (long long)offer_id);
    call_is(3, "auth/w/funding/offer/cancel", body, 500,
            "[\"error\",10001,\"Offer not found.\"]");
    notice = call(2, "auth/w/funding/offer/cancel", body);
    assert_string_equal(json_string_value(json_array_get(notice, 1)), "foc-req");
    assert_string_equal(json_string_value(data_at(notice, 10)),
                        "CANCELED was: PARTIALLY FILLED at 0.02%(200)");
    json_decref(notice);
    call_is(2, "auth/w/funding/offer/cancel", body, 500,
            "[\"error\",10001,\"Offer not found.\"]");
    json_decref(call(2, "auth/w/funding/offer/cancel/all", "{\"currency\":\"USD\"}"));
    assert_int_equal(told_status, 200);
    call_is(2, "auth/w/funding/offer/cancel/all", "{\"currency\":\"EUR\"}", 500,
            "[\"error\",10020,\"currency: invalid\"]");
}

TEST(a_loan_is_kept_given_back_and_then_history)
{
    json_t *loans = call(3, "auth/r/funding/loans", "{}");
    json_int_t id = json_integer_value(json_array_get(json_array_get(loans, 0), 0));
    char body[96];

    json_decref(loans);
    snprintf(body, sizeof body, "{\"type\":\"loan\",\"id\":[%lld],\"changes\":{\"%lld\":2}}",
             (long long)id, (long long)id);
    json_decref(call(3, "auth/w/funding/keep", body));
    assert_int_equal(told_status, 200);
    call_is(3, "auth/w/funding/keep", "{\"type\":\"loan\",\"id\":[]}", 500,
            "[\"error\",10020,\"id: invalid\"]");
    snprintf(body, sizeof body, "{\"id\":%lld}", (long long)id);
    call_is(2, "auth/w/funding/close", body, 500, "[\"error\",10001,\"Funding not found.\"]");
    json_decref(call(3, "auth/w/funding/close", body));
    assert_int_equal(told_status, 200);
    assert_int_equal(count(3, "auth/r/funding/loans"), 0);
    assert_int_equal(count(3, "auth/r/funding/loans/hist"), 1);
    assert_int_equal(count(2, "auth/r/funding/loans/fUSD/hist"), 1);
    /* An hour at least, less the venue's fee. */
    loans = call(2, "auth/r/ledgers/USD/hist", "{\"limit\":1}");
    assert_string_equal(json_string_value(json_array_get(json_array_get(loans, 0), 8)),
                        "Margin Funding Payment on wallet funding");
    json_decref(loans);
}

TEST(lending_automatically_is_a_setting)
{
    json_decref(call(2, "auth/w/funding/auto",
                     "{\"status\":1,\"currency\":\"USD\",\"amount\":\"300\","
                     "\"rate\":\"0.0003\",\"period\":7}"));
    assert_int_equal(told_status, 200);
    call_is(2, "auth/r/funding/auto/status", "{\"currency\":\"USD\"}", 200,
            "[\"USD\",7,0.0003,300]");
    json_decref(call(2, "auth/w/funding/auto", "{\"status\":0,\"currency\":\"USD\"}"));
    call_is(2, "auth/r/funding/auto/status", "{\"currency\":\"USD\"}", 200, "null");
    call_is(2, "auth/w/funding/auto", "{\"status\":2,\"currency\":\"USD\"}", 500,
            "[\"error\",10020,\"status: invalid\"]");
}

TEST(all_of_it_is_there_after_a_restart)
{
    json_decref(call(2, OFFER,
                     "{\"symbol\":\"fUSD\",\"type\":\"FRRDELTAVAR\",\"amount\":\"300\","
                     "\"rate\":\"0.00001\",\"period\":30}"));
    exchange_stop();
    exchange_start(false);
    assert_int_equal(count(2, "auth/r/funding/offers/fUSD"), 1);
    assert_int_equal(count(2, "auth/r/funding/loans/hist"), 1);
    call_is(0, "book/fUSD/P0", NULL, 200, "[[0.00031,30,1,300]]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
