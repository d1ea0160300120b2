#include "client.h"

/* Element of a notification's DATA, or of a row. */
static const char *text_at(const json_t *array, size_t index)
{
    return json_string_value(json_array_get(array, index));
}

static json_t *rows(uint64_t account, const char *path, const char *body, size_t count)
{
    json_t *json = call(account, path, body);

    assert_int_equal(told_status, 200);
    assert_int_equal(json_array_size(json), count);
    return json;
}

static const char *withdrawal(const char *address, const char *more)
{
    static char body[256];

    snprintf(body, sizeof body,
             "{\"wallet\":\"exchange\",\"method\":\"ethereum\",\"amount\":\"2\","
             "\"address\":\"%s\"%s}",
             address, more);
    return body;
}

TEST(a_transfer_is_told_and_stands_in_both_wallets)
{
    json_t *json;

    exchange_start(false);
    json = rows(2, "auth/w/transfer",
                "{\"from\":\"exchange\",\"to\":\"trading\",\"currency\":\"USD\","
                "\"currency_to\":\"USD\",\"amount\":\"50\"}",
                8);
    assert_string_equal(text_at(json, 1), "acc_tf");
    assert_string_equal(text_at(json, 6), "SUCCESS");
    assert_string_equal(text_at(json, 7), "50.0 US Dollar transferred from Exchange to Margin");
    assert_int_equal(json_array_size(json_array_get(json, 4)), 8);
    json_decref(json);
    json_decref(call(2, "auth/r/wallets", "{}"));
    assert_non_null(strstr(told.at, "[\"exchange\",\"USD\",999950,0,999950,\"Transfer of 50 USD "
                                    "from wallet Exchange to Margin\",null]"));
    assert_non_null(strstr(told.at, "[\"margin\",\"USD\",50,0,50,"));
    json_decref(rows(2, "auth/r/ledgers/USD/hist", "{\"category\":51}", 2));
    assert_non_null(strstr(told.at, "from wallet Exchange to Margin on wallet margin"));
}

TEST(a_transfer_that_cannot_be_is_refused_in_words_that_clients_know)
{
    call_is(2, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"funding\",\"currency\":\"USD\",\"amount\":\"60\"}", 500,
            "[\"error\",10001,\"Cannot transfer 60.0 USD from your margin wallet. The available "
            "balance is only 50.0 USD. If you have limit orders, open positions, unused or active "
            "margin funding, this will decrease your available balance.\"]");
    call_is(2, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"margin\",\"currency\":\"USD\",\"amount\":1}", 500,
            "[\"error\",10020,\"wallet: invalid\"]");
    call_is(2, "auth/w/transfer", "{\"from\":\"margin\",\"to\":\"savings\"}", 500,
            "[\"error\",10020,\"to: invalid\"]");
    call_is(2, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"exchange\",\"currency\":\"EUR\",\"amount\":1}", 500,
            "[\"error\",10020,\"currency: invalid\"]");
    call_is(2, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"exchange\",\"currency\":\"UST\","
            "\"currency_to\":\"BTC\",\"amount\":1}",
            500, "[\"error\",10020,\"currency_to: invalid\"]");
    call_is(2, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"exchange\",\"currency\":\"UST\","
            "\"currency_to\":\"USTF0\",\"amount\":1}",
            500, "[\"error\",10020,\"wallet: invalid\"]");
    call_is(2, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"exchange\",\"currency\":\"USD\",\"amount\":-1}", 500,
            "[\"error\",10020,\"amount: invalid\"]");
}

TEST(an_address_is_given_and_listed)
{
    json_t *json = rows(2, "auth/w/deposit/address",
                        "{\"wallet\":\"exchange\",\"method\":\"bitcoin\",\"op_renew\":0}", 8);
    const json_t *data = json_array_get(json, 4);
    char first[64];

    assert_string_equal(text_at(json, 1), "acc_dep");
    assert_string_equal(text_at(json, 7), "success");
    assert_int_equal(json_array_size(data), 6);
    assert_string_equal(text_at(data, 1), "BITCOIN");
    assert_string_equal(text_at(data, 2), "BTC");
    snprintf(first, sizeof first, "%s", text_at(data, 4));
    json_decref(json);
    json = rows(2, "auth/w/deposit/address",
                "{\"wallet\":\"exchange\",\"method\":\"bitcoin\",\"op_renew\":1}", 8);
    assert_string_not_equal(text_at(json_array_get(json, 4), 4), first);
    json_decref(json);
    json = rows(2, "auth/r/deposit/address/all", "{\"method\":\"bitcoin\"}", 2);
    assert_string_equal(text_at(json_array_get(json, 1), 0), first);
    assert_string_equal(text_at(json_array_get(json, 1), 1), "exchange");
    json_decref(json);
    json_decref(rows(2, "auth/r/deposit/address/all", "{\"method\":\"bitcoin\",\"page\":2}", 0));
    call_is(2, "auth/w/deposit/address", "{\"wallet\":\"exchange\",\"method\":\"wire\"}", 500,
            "[\"error\",10020,\"method: invalid\"]");
    call_is(2, "auth/r/deposit/address/all", "{\"method\":\"bitcoin\",\"pageSize\":19}", 500,
            "[\"error\",10020,\"pageSize: invalid\"]");
}

TEST(a_withdrawal_is_told_and_listed)
{
    json_t *json =
        rows(2, "auth/w/withdraw", withdrawal("0x00000000000000000001", ",\"note\":\"rent\""), 8);
    const json_t *data = json_array_get(json, 4);
    char body[64];

    assert_string_equal(text_at(json, 1), "acc_wd-req");
    assert_string_equal(text_at(json, 7),
                        "Your withdrawal request has been successfully submitted.");
    assert_int_equal(json_array_size(data), 9);
    snprintf(body, sizeof body, "{\"id\":%lld}",
             (long long)json_integer_value(json_array_get(data, 0)));
    json_decref(json);
    json = rows(2, "auth/r/movements/hist", "{}", 1);
    data = json_array_get(json, 0);
    assert_int_equal(json_array_size(data), 22);
    assert_string_equal(text_at(data, 1), "ETH");
    assert_string_equal(text_at(data, 2), "ETHEREUM");
    assert_string_equal(text_at(data, 9), "PENDING");
    assert_int_equal(json_integer_value(json_array_get(data, 12)), -2);
    assert_string_equal(text_at(data, 16), "0x00000000000000000001");
    assert_string_equal(text_at(data, 21), "rent");
    json_decref(json);
    json_decref(rows(2, "auth/r/movements/ETH/hist", body, 1));
    json_decref(rows(2, "auth/r/movements/BTC/hist", "{}", 0));
    json_decref(rows(2, "auth/r/movements/hist", "{\"address\":\"elsewhere\"}", 0));
    json_decref(rows(2, "auth/r/movements/hist?end=1", "{}", 0));
    json_decref(rows(2, "auth/r/movements/info", body, 32));
    json_decref(rows(2, "auth/r/ledgers/ETH/hist", "{\"category\":104}", 1));
    json_decref(rows(2, "auth/r/ledgers/ETH/hist", "{\"category\":254}", 1));
    call_is(2, "auth/r/movements/info", "{\"id\":1}", 500, "[\"error\",10020,\"id: invalid\"]");
    call_is(3, "auth/r/movements/info", body, 500, "[\"error\",10020,\"id: invalid\"]");
}

TEST(a_fee_is_deducted_when_the_client_says_so)
{
    json_t *json =
        rows(3, "auth/w/withdraw", withdrawal("0x00000000000000000001", ",\"fee_deduct\":1"), 8);
    const json_t *data = json_array_get(json, 4);

    assert_float_equal(json_real_value(json_array_get(data, 5)), 1.99865, 1e-9);
    assert_float_equal(json_real_value(json_array_get(data, 8)), 0.00135, 1e-9);
    json_decref(json);
    json_decref(call(3, "auth/r/wallets", "{}"));
    assert_non_null(strstr(told.at, "[\"exchange\",\"ETH\",98,0,98,"));
}

TEST(a_withdrawal_that_cannot_be_is_refused)
{
    call_is(2, "auth/w/withdraw", withdrawal("abcdef", ""), 500,
            "[\"error\",10001,\"Invalid Ethereum address (abcdef)\"]");
    call_is(2, "auth/w/withdraw",
            "{\"wallet\":\"exchange\",\"method\":\"bitcoin\",\"amount\":\"10\","
            "\"address\":\"tb1q00000000\"}",
            500,
            "[\"error\",10001,\"Cannot withdraw 10.0004 BTC from your exchange wallet. The "
            "available balance is only 10.0 BTC. If you have limit orders, open positions, unused "
            "or active margin funding, this will decrease your available balance.\"]");
    call_is(2, "auth/w/withdraw", "{\"wallet\":\"exchange\",\"method\":\"bitcoin\"}", 500,
            "[\"error\",10020,\"amount: invalid\"]");
    call_is(2, "auth/w/withdraw", "{\"method\":\"bitcoin\"}", 500,
            "[\"error\",10020,\"wallet: invalid\"]");
    call_is(2, "auth/w/withdraw", withdrawal("0x00000000000000000001", ",\"payment_id\":7"), 500,
            "[\"error\",10020,\"payment_id: invalid\"]");
}

TEST(what_one_account_sends_arrives_at_another_even_after_a_kill)
{
    json_t *json =
        call(5, "auth/w/deposit/address", "{\"wallet\":\"funding\",\"method\":\"ethereum\"}");
    char address[64];

    snprintf(address, sizeof address, "%s", text_at(json_array_get(json, 4), 4));
    json_decref(json);
    json_decref(rows(4, "auth/w/withdraw", withdrawal(address, ""), 8));
    exchange_kill();
    exchange_start(false);
    /* Fifteen blocks to be sent, fifteen to arrive; asked until it has. */
    for (unsigned i = 0; i < 1200; i++) {
        json = call(5, "auth/r/movements/ETH/hist", "{}");
        if (json_array_size(json) == 1 &&
            strcmp(text_at(json_array_get(json, 0), 9), "COMPLETED") == 0)
            break;
        json_decref(json);
        json = NULL;
        poll(NULL, 0, 50);
    }
    assert_non_null(json);
    assert_int_equal(strlen(text_at(json_array_get(json, 0), 20)), 64);
    json_decref(json);
    json_decref(call(5, "auth/r/wallets", "{}"));
    assert_non_null(strstr(told.at, "[\"funding\",\"ETH\",2,0,2,\"Deposit (Ethereum) #"));
    json = rows(4, "auth/r/movements/hist", "{}", 1);
    assert_string_equal(text_at(json_array_get(json, 0), 9), "COMPLETED");
    json_decref(json);
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
