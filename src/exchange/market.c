#include "exchange/market.h"

#include <assert.h>

static const struct market_facts markets[MARKET_COUNT] = {
#define MARKET(number, base, quote, least, greatest, initial, margin)                     \
    [number] = {                                                                          \
        #base #quote, CURRENCY_##base, CURRENCY_##quote, least, greatest, initial, margin, \
        false, (enum market)0                                                              \
    },
#define CONTRACT(number, base, quote, least, greatest, initial, margin, of)                     \
    [number] = {                                                                                \
        #base ":" #quote, CURRENCY_##base, CURRENCY_##quote, least, greatest, initial, margin, \
        true, MARKET_##of                                                                       \
    },
#include "exchange/market.def"
#undef MARKET
};

static const char *const codes[CURRENCY_COUNT] = {
#define CURRENCY(number, name, label) [number] = #name,
#include "exchange/currency.def"
#undef CURRENCY
};

static const char *const labels[CURRENCY_COUNT] = {
#define CURRENCY(number, name, label) [number] = label,
#include "exchange/currency.def"
#undef CURRENCY
};

static const enum currency underlyings[CURRENCY_COUNT] = {
#define CURRENCY(number, name, label)                             [number] = CURRENCY_##name,
#define CONTRACT_CURRENCY(number, name, label, underlying_currency) \
    [number] = CURRENCY_##underlying_currency,
#include "exchange/currency.def"
#undef CURRENCY
};

enum { FIVE_DIGITS_END = 100000, PRICES_A_DECADE = 90000, DECADES = 11 };

static const int64_t powers[DECADES + 1] = {
    1,       10,       100,       1000,       10000,       100000,
    1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
};
static_assert(FIVE_DIGITS_END + PRICES_A_DECADE * DECADES == PRICE_RANKS, "ranks fill the range");

/* How many digits stand behind the fifth. */
static unsigned decade_of(int64_t price)
{
    unsigned decade = 0;

    while (price >= FIVE_DIGITS_END * powers[decade])
        decade++;
    return decade;
}

const struct market_facts *market_facts(enum market market)
{
    assert(market < MARKET_COUNT);
    return &markets[market];
}

const char *currency_code(enum currency currency)
{
    assert(currency < CURRENCY_COUNT);
    return codes[currency];
}

const char *currency_label(enum currency currency)
{
    assert(currency < CURRENCY_COUNT);
    return labels[currency];
}

enum currency currency_underlying(enum currency currency)
{
    assert(currency < CURRENCY_COUNT);
    return underlyings[currency];
}

bool currency_is_contract(enum currency currency)
{
    return currency_underlying(currency) != currency;
}

bool currency_settles_contracts(enum currency currency)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++)
        if (markets[i].is_contract && markets[i].quote == currency)
            return true;
    return false;
}

bool market_find(struct slice symbol, enum market *market)
{
    if (!slice_starts(symbol, SLICE("t")))
        return false;
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        if (slice_is(slice_from(symbol, 1), slice_of(markets[i].pair))) {
            *market = (enum market)i;
            return true;
        }
    }
    return false;
}

bool currency_find(struct slice code, enum currency *currency)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        if (slice_is(code, slice_of(codes[i]))) {
            *currency = (enum currency)i;
            return true;
        }
    }
    return false;
}

int64_t price_cut(int64_t price)
{
    if (price <= 0 || price >= FIVE_DIGITS_END * powers[DECADES])
        return 0;
    return price - price % powers[decade_of(price)];
}

uint32_t price_rank(int64_t price)
{
    unsigned decade = decade_of(price);

    if (decade == 0)
        return (uint32_t)price;
    return (uint32_t)(FIVE_DIGITS_END + (decade - 1) * PRICES_A_DECADE + price / powers[decade] -
                      FIVE_DIGITS_END / 10);
}

int64_t price_of_rank(uint32_t rank)
{
    uint32_t above;

    if (rank < FIVE_DIGITS_END)
        return rank;
    above = rank - FIVE_DIGITS_END;
    return (above % PRICES_A_DECADE + FIVE_DIGITS_END / 10) * powers[above / PRICES_A_DECADE + 1];
}
