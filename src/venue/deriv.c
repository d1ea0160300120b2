#include "venue/deriv.h"

#include "venue/shape.h"

/* 0: nobody has traded yet. */
static void price_put(struct json_writer *w, int64_t price)
{
    if (price == 0)
        json_put_nulls(w, 1);
    else
        json_put_fixed(w, price);
}

void deriv_put(struct json_writer *w, enum market market, const struct contract_row *row,
               bool with_key)
{
    const struct contract_status *status = &row->status;

    json_put_open(w, '[');
    if (with_key)
        shape_symbol(w, market);
    json_put_uint(w, row->time_ms);
    json_put_nulls(w, 1);
    price_put(w, status->price);
    price_put(w, status->spot);
    json_put_nulls(w, 1);
    json_put_fixed(w, status->insurance);
    json_put_nulls(w, 1);
    if (status->event_ms != 0)
        json_put_uint(w, status->event_ms);
    else
        json_put_nulls(w, 1);
    json_put_fixed(w, status->accrued);
    json_put_uint(w, status->step);
    json_put_nulls(w, 1);
    json_put_fixed(w, status->rate);
    json_put_nulls(w, 2);
    price_put(w, status->mark);
    json_put_nulls(w, 2);
    json_put_fixed(w, status->open_interest);
    json_put_nulls(w, 3);
    json_put_fixed(w, CONTRACT_CLAMP_LEAST);
    json_put_fixed(w, CONTRACT_CLAMP_MOST);
    json_put_close(w, ']');
}

void deriv_put_now(struct json_writer *w, const struct engine *engine, enum market market,
                   uint64_t time_ms, bool with_key)
{
    const struct contract_row row = { time_ms, contract_status(engine, market) };

    deriv_put(w, market, &row, with_key);
}
