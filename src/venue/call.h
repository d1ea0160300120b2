/* venue/call.h: one request to the exchange, and the tables of what it may be
 *
 * The door fills it, passes it to a function of the tables as its context, and sends what that
 * wrote.  For the doors of this folder only.
 */
#ifndef VENUE_CALL_H
#define VENUE_CALL_H

#include "http/json_write.h"
#include "http/router.h"
#include "http/server.h"
#include "venue/ask.h"
#include "venue/venue.h"

struct call {
    struct venue *venue;
    struct ask ask;
    uint64_t account;   /* 0: of a public call */
    const char *scopes; /* of the key, parted by spaces; NULL: not told */
    bool on_stream;     /* said on a WebSocket: some notifications differ, and `reply` is NULL */
    uint64_t delay_ms;  /* set by what is injected: the reply waits so long */
    struct json_writer w;
    struct http_reply *reply;
};

#define CALL(name)                                                                           \
    void name(void *context, struct http_request *request, const struct http_values *values, \
              struct http_reply *reply)

/* The first line of each; few need more than the call itself. */
#define CALL_BEGIN               \
    struct call *call = context; \
    (void)request;               \
    (void)values;                \
    (void)reply

/* Codes of the venue. */
enum call_code {
    CALL_GENERIC = 10001,
    CALL_PARAMS = 10020,
    CALL_AUTH_FAIL = 10100,
    CALL_UNKNOWN = 10000,
    CALL_NOT_READY = 11000,
    CALL_RATE = 11010,
    CALL_MAINTENANCE = 20060,
    CALL_COLLATERAL = 110202,
};

/* The reply becomes ["error", code, text] with status 500, the only one at which all clients look
 * for it. */
void call_fail(struct call *call, int code, const char *text);

/* The journal takes nothing now: the object that the venue's edge sends during an outage. */
void call_fail_disk(struct call *call);

/* The same object for any other reason. */
void call_fail_away(struct call *call);

/* False after failing. */
bool call_page(struct call *call, uint64_t limit_usual, uint64_t limit_most, struct ask_page *page);

/* The row that comes `done`-th (< count) in the order of the page; and is its time in it? */
const void *page_row(const struct ring *ring, const struct ask_page *page, size_t done);
bool page_has(const struct ask_page *page, uint64_t time_ms);

/* False after failing. */
bool call_market(struct call *call, struct slice symbol, enum market *market);

/* "fUSD" of a currency that is lent; false after failing. */
bool call_funding(struct call *call, struct slice symbol, enum currency *currency);

/* control_calls.c: what the owner of a sandbox does; account 0 is the operator */
CALL(call_sandbox);
CALL(call_sandbox_status);

/* market_calls.c: for everybody */
CALL(call_status);
CALL(call_conf);
CALL(call_ticker);
CALL(call_tickers);
CALL(call_trades);
CALL(call_book);
CALL(call_candles);

/* stat_calls.c: for everybody, over time */
CALL(call_tickers_hist);
CALL(call_stats);
CALL(call_liquidations);
CALL(call_funding_stats);
CALL(call_rankings);

/* calc_calls.c: what would be */
CALL(call_average);
CALL(call_fx);
CALL(call_order_available);

/* Why an operation on orders was not carried out: a call fails with it, a multi-operation and a
 * WebSocket report it. */
struct failure {
    bool disk;
    int code;
    char text[192];
};

/* order_calls.c: "on", "ou", "oc" or "oc_multi" and its payload.  Writes the notification of what
 * was done; false: nothing was done, nothing written, and `failure` says why. */
bool call_operate(struct call *call, const char *word, const json_t *payload,
                  struct failure *failure);

/* order_calls.c: an account's orders */
CALL(call_orders);
CALL(call_orders_of_symbol);
CALL(call_order_submit);
CALL(call_order_update);
CALL(call_order_cancel);
CALL(call_order_cancel_multi);
CALL(call_order_multi);

/* account_calls.c: what an account has, and had */
CALL(call_wallets);
CALL(call_wallets_hist);
CALL(call_orders_hist);
CALL(call_orders_hist_of_symbol);
CALL(call_order_trades);
CALL(call_own_trades);
CALL(call_own_trades_of_symbol);
CALL(call_own_trades_sum);
CALL(call_ledgers);
CALL(call_ledgers_of_currency);
CALL(call_user);
CALL(call_permissions);
CALL(call_summary);

/* position_calls.c: what an account holds on margin */
CALL(call_positions);
CALL(call_positions_hist);
CALL(call_positions_snap);
CALL(call_positions_audit);
CALL(call_margin_info);
CALL(call_position_claim);
CALL(call_position_increase);
CALL(call_position_increase_info);
CALL(call_position_funding_type);

/* contract_calls.c: of contracts */
CALL(call_contracts);
CALL(call_contract_hist);
CALL(call_collateral_limits);
CALL(call_collateral_set);

/* nothing_calls.c: what an account could have elsewhere */
CALL(call_otc_hist);
CALL(call_otc_hist_of_symbol);
CALL(call_performance);
CALL(call_deposit_invoice);
CALL(call_invoice_payments);

/* funding_calls.c: "fon" or "foc" and its payload, as call_operate() */
bool call_lend(struct call *call, const char *word, const json_t *payload,
               struct failure *failure);

/* [YIELD_LOAN, YIELD_LEND, DURATION_LOAN, DURATION_LEND] of what an account borrows and lends. */
void funding_info_put(struct json_writer *w, const struct engine *engine, uint64_t account,
                      enum currency currency);

/* funding_calls.c: what an account lends and borrows */
CALL(call_offers);
CALL(call_offers_of_symbol);
CALL(call_offers_hist);
CALL(call_offers_hist_of_symbol);
CALL(call_offer_submit);
CALL(call_offer_cancel);
CALL(call_offer_cancel_all);
CALL(call_credits);
CALL(call_credits_of_symbol);
CALL(call_credits_hist);
CALL(call_credits_hist_of_symbol);
CALL(call_loans);
CALL(call_loans_of_symbol);
CALL(call_loans_hist);
CALL(call_loans_hist_of_symbol);
CALL(call_lendings);
CALL(call_lendings_of_symbol);
CALL(call_funding_close);
CALL(call_funding_keep);
CALL(call_funding_auto);
CALL(call_funding_auto_status);
CALL(call_funding_info);

/* movement_calls.c: money between wallets, in and out */
CALL(call_transfer);
CALL(call_deposit_address);
CALL(call_deposit_addresses);
CALL(call_withdraw);
CALL(call_movements);
CALL(call_movements_of_currency);
CALL(call_movement_info);

/* setting_calls.c: what clients keep here, and what they changed */
CALL(call_settings);
CALL(call_settings_core);
CALL(call_settings_set);
CALL(call_settings_delete);
CALL(call_alerts);
CALL(call_alert_set);
CALL(call_alert_delete);
CALL(call_alert_delete_named);
CALL(call_changes);
CALL(call_logins);

#endif
