/* Positions, what finances them, and trades over the counter: nobody can have any here, so every
 * list is empty, for everybody, as the venue answers an account that has none.  What is asked
 * wrongly is refused all the same. */
#include "venue/call.h"

#include "venue/rate.h"
#include "venue/shape.h"

static void nothing_put(struct call *call)
{
    json_put_raw(&call->w, SLICE("[]"));
}

static void nothing_of_page(struct call *call, uint64_t most)
{
    struct ask_page page;

    if (call_page(call, most < 25 ? most : 25, most, &page))
        nothing_put(call);
}

/* ---- Positions ---- */

CALL(call_positions)
{
    CALL_BEGIN;
    nothing_put(call);
}

CALL(call_positions_hist)
{
    CALL_BEGIN;
    nothing_of_page(call, 50);
}

CALL(call_positions_snap)
{
    CALL_BEGIN;
    nothing_of_page(call, 500);
}

CALL(call_positions_audit)
{
    CALL_BEGIN;
    nothing_of_page(call, 250);
}

/* What the margin wallets are worth together: no position makes it more or less. */
static int64_t margin_worth(const struct call *call)
{
    const struct account *account = engine_account_find(venue_engine(call->venue), call->account);
    int64_t sum = 0;

    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        if (__builtin_add_overflow(sum,
                                   rate_in_usd(venue_candles(call->venue), (enum currency)i,
                                               account->wallets[WALLET_MARGIN][i].balance),
                                   &sum))
            sum = INT64_MAX;
    return sum;
}

CALL(call_margin_info)
{
    enum market market;
    int64_t worth;
    CALL_BEGIN;

    if (slice_is(values->at[0], SLICE("sym_all"))) {
        nothing_put(call);
        return;
    }
    json_put_open(&call->w, '[');
    if (slice_is(values->at[0], SLICE("base"))) {
        worth = margin_worth(call);
        json_put_text(&call->w, "base");
        json_put_open(&call->w, '[');
        json_put_uint(&call->w, 0);
        json_put_uint(&call->w, 0);
        json_put_fixed(&call->w, worth);
        json_put_fixed(&call->w, worth);
        json_put_uint(&call->w, 0);
    } else if (call_market(call, values->at[0], &market)) {
        json_put_text(&call->w, "sym");
        shape_symbol(&call->w, market);
        json_put_open(&call->w, '[');
        for (unsigned i = 0; i < 4; i++)
            json_put_uint(&call->w, 0); /* nothing can be traded on margin */
        json_put_nulls(&call->w, 4);
    } else {
        return;
    }
    json_put_close(&call->w, ']');
    json_put_close(&call->w, ']');
}

/* ---- Credits: loans that a position uses ---- */

CALL(call_credits)
{
    CALL_BEGIN;
    nothing_put(call);
}

CALL(call_credits_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        nothing_put(call);
}

CALL(call_credits_hist)
{
    CALL_BEGIN;
    nothing_of_page(call, 500);
}

CALL(call_credits_hist_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        nothing_of_page(call, 500);
}

/* ---- The rest ---- */

CALL(call_otc_hist)
{
    CALL_BEGIN;
    nothing_of_page(call, 500);
}

CALL(call_otc_hist_of_symbol)
{
    enum market market;
    CALL_BEGIN;

    if (call_market(call, values->at[0], &market))
        nothing_of_page(call, 500);
}

/* Of funding, day by day: nothing was earned. */
CALL(call_performance)
{
    CALL_BEGIN;

    if (slice_is(values->at[0], SLICE("perf:1D")) || slice_is(values->at[0], SLICE("perf::1D")))
        nothing_of_page(call, 2500);
    else
        call_fail(call, CALL_PARAMS, "key: invalid");
}

/* ---- Lightning ---- */

/* Invoices are for one currency, which is not listed here; whatever else is asked for is not one
 * for invoices either. */
CALL(call_deposit_invoice)
{
    CALL_BEGIN;
    call_fail(call, CALL_PARAMS, "currency: invalid");
}

CALL(call_invoice_payments)
{
    static const char *const actions[] = { "getInvoicesByUser", "getPaymentsByUser",
                                           "getInvoiceById", "getPaymentById" };
    struct slice action = SLICE_EMPTY;
    CALL_BEGIN;

    ask_text(call->ask, "action", &action);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (slice_is(action, slice_of(actions[i]))) {
            nothing_put(call);
            return;
        }
    }
    call_fail(call, CALL_PARAMS, "action: invalid");
}
