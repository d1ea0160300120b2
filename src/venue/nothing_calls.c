/* Trades over the counter and what else nobody can have here: every list is empty, for everybody,
 * as the venue answers an account that has none.  What is asked wrongly is refused all the same. */
#include "venue/call.h"

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
