#include "venue/rate.h"

#include "base/fixed.h"

/* 0: there is no such market, or nothing was traded there. */
static int64_t rate_of_market(const struct candles *candles, enum currency from, enum currency to)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        const struct market_facts *facts = market_facts((enum market)i);
        int64_t price = candles_last_price(candles, (enum market)i);

        if (price == 0)
            continue;
        if (facts->base == from && facts->quote == to)
            return price;
        if (facts->base == to && facts->quote == from)
            return FIXED_ONE * FIXED_ONE / price;
    }
    return 0;
}

bool rate_find(const struct candles *candles, enum currency from, enum currency to, int64_t *rate)
{
    int64_t first, second;

    *rate = from == to ? FIXED_ONE : rate_of_market(candles, from, to);
    if (*rate != 0)
        return true;
    first = rate_of_market(candles, from, CURRENCY_USD);
    second = rate_of_market(candles, CURRENCY_USD, to);
    return first != 0 && second != 0 && fixed_multiply(first, second, false, rate);
}

int64_t rate_in_usd(const struct candles *candles, enum currency currency, int64_t amount)
{
    int64_t rate, value;

    if (!rate_find(candles, currency, CURRENCY_USD, &rate))
        return 0;
    return fixed_multiply(amount, rate, false, &value) ? value : INT64_MAX;
}
