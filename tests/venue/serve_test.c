#include "client.h"

#include "base/fixed.h"

enum { CLIENTS = 8, ROUNDS = 3, ORDERS_MOST = 100000 };

/* A client submits until the exchange dies, and writes each acknowledged id to the pipe. */
static void client_run(unsigned number, int pipe)
{
    char body[160];

    curl = NULL; /* the parent's */
    for (unsigned i = 0;; i++) {
        json_t *json;
        int64_t id;

        /* Prices of buyers and sellers overlap, so many orders trade. */
        snprintf(body, sizeof body,
                 "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"%s0.0001\","
                 "\"price\":%u}",
                 number % 2 ? "-" : "", 10000 + (i * 7 + number) % 20);
        json = call_try(number + 1, "auth/w/order/submit", body);
        if (json == NULL || told_status != 200)
            _exit(told_status == 200 || json == NULL ? 0 : 1);
        id = json_integer_value(json_array_get(json_array_get(json_array_get(json, 4), 0), 0));
        json_decref(json);
        if (write(pipe, &id, sizeof id) != sizeof id)
            _exit(1);
    }
}

static bool is_known(unsigned account, int64_t id)
{
    char body[64];
    bool known = false;

    snprintf(body, sizeof body, "{\"id\":[%lld]}", (long long)id);
    for (unsigned i = 0; i < 2 && !known; i++) {
        json_t *json = call(account, i == 0 ? "auth/r/orders" : "auth/r/orders/hist", body);

        known = json_array_size(json) == 1;
        json_decref(json);
    }
    return known;
}

/* What all accounts have of the base, in hundred-millionths, without the fees. */
static double total_of(const char *currency)
{
    double total = 0;

    for (unsigned account = 1; account <= CLIENTS; account++) {
        json_t *json = call(account, "auth/r/wallets", "{}");

        for (size_t i = 0; i < json_array_size(json); i++) {
            const json_t *wallet = json_array_get(json, i);

            if (strcmp(json_string_value(json_array_get(wallet, 1)), currency) == 0)
                total += json_number_value(json_array_get(wallet, 2));
            assert_true(json_number_value(json_array_get(wallet, 4)) >= 0);
        }
        json_decref(json);
    }
    return total;
}

static double fees_of(const char *currency)
{
    char path[64];
    double total = 0;

    snprintf(path, sizeof path, "auth/r/ledgers/%s/hist", currency);
    for (unsigned account = 1; account <= CLIENTS; account++) {
        json_t *json = call(account, path, "{\"category\":201,\"limit\":2500}");

        assert_true(json_array_size(json) < 2500);
        for (size_t i = 0; i < json_array_size(json); i++)
            total -= json_number_value(json_array_get(json_array_get(json, i), 5));
        json_decref(json);
    }
    return total;
}

TEST(every_acknowledged_order_survives_kill_9)
{
    static int64_t ids[CLIENTS][ORDERS_MOST];
    size_t counts[CLIENTS] = { 0 }, all = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        int pipes[CLIENTS][2];
        pid_t clients[CLIENTS];

        exchange_start(false);
        for (unsigned c = 0; c < CLIENTS; c++) {
            assert_int_equal(pipe2(pipes[c], O_CLOEXEC), 0);
            clients[c] = fork();
            if (clients[c] == 0)
                client_run(c, pipes[c][1]);
            close(pipes[c][1]);
        }
        /* Under load: when the first client was acknowledged a number of times. */
        for (unsigned i = 0; i < 40; i++)
            assert_int_equal(read(pipes[0][0], &ids[0][counts[0]++], sizeof(int64_t)),
                             sizeof(int64_t));
        exchange_kill();
        for (unsigned c = 0; c < CLIENTS; c++) {
            int status;

            while (read(pipes[c][0], &ids[c][counts[c]], sizeof(int64_t)) == sizeof(int64_t))
                counts[c]++;
            waitpid(clients[c], &status, 0);
            assert_int_equal(status, 0);
            close(pipes[c][0]);
        }
    }
    exchange_start(false);
    for (unsigned c = 0; c < CLIENTS; c++)
        for (size_t i = 0; i < counts[c]; i++, all++)
            assert_true(is_known(c + 1, ids[c][i]));
    assert_true(all > ROUNDS * 40);
    assert_true(total_of("BTC") + fees_of("BTC") - CLIENTS * 10 < 1e-6);
    assert_true(total_of("BTC") + fees_of("BTC") - CLIENTS * 10 > -1e-6);
    assert_true(total_of("USD") + fees_of("USD") - CLIENTS * 1e6 < 1e-3);
    assert_true(total_of("USD") + fees_of("USD") - CLIENTS * 1e6 > -1e-3);
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
