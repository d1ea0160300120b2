#include "venue/filter.h"

#include <assert.h>
#include <string.h>

#include "venue/shape.h"

static_assert(MARKET_COUNT <= 64 && CURRENCY_COUNT <= 32, "a bit each");

static bool after(struct slice text, struct slice start, struct slice *rest)
{
    if (!slice_starts(text, start))
        return false;
    *rest = slice_from(text, start.size);
    return true;
}

/* "exchange-BTC" */
static void wallet_read(struct slice words, struct filter *filter)
{
    for (unsigned kind = 0; kind < WALLET_COUNT; kind++) {
        struct slice name = slice_of(wallet_text((enum wallet_kind)kind)), code;
        enum currency currency;

        if (after(words, name, &code) && after(code, SLICE("-"), &code) &&
            currency_find(code, &currency))
            filter->wallets[kind] |= UINT32_C(1) << currency;
    }
}

static void word_read(struct slice word, struct filter *filter)
{
    enum currency currency;
    enum market market;
    struct slice rest;

    filter->trading |= slice_is(word, SLICE("trading"));
    filter->funding |= slice_is(word, SLICE("funding"));
    filter->wallet |= slice_is(word, SLICE("wallet"));
    filter->balance |= slice_is(word, SLICE("balance"));
    filter->notify |= slice_is(word, SLICE("notify"));
    if (after(word, SLICE("trading-"), &rest) && market_find(rest, &market))
        filter->markets |= UINT64_C(1) << market;
    else if (after(word, SLICE("funding-f"), &rest) && currency_find(rest, &currency))
        filter->currencies |= UINT32_C(1) << currency;
    else if (after(word, SLICE("wallet-"), &rest))
        wallet_read(rest, filter);
}

bool filter_read(const json_t *list, struct filter *filter)
{
    size_t count = json_array_size(list);

    *filter = (struct filter){ 0 };
    if (list != NULL && !json_is_null(list) && !json_is_array(list))
        return false;
    if (count == 0)
        *filter = (struct filter){
            .trading = true, .funding = true, .wallet = true, .balance = true, .notify = true
        };
    for (size_t i = 0; i < count; i++) {
        const json_t *word = json_array_get(list, i);

        if (!json_is_string(word))
            return false;
        word_read((struct slice){ json_string_value(word), json_string_length(word) }, filter);
    }
    return true;
}

bool filter_passes_market(const struct filter *filter, enum market market)
{
    return filter->trading || (filter->markets >> market & 1) != 0;
}

bool filter_passes_wallet(const struct filter *filter, enum wallet_kind kind,
                          enum currency currency)
{
    return filter->wallet || (filter->wallets[kind] >> currency & 1) != 0;
}

bool filter_wants_trading(const struct filter *filter)
{
    return filter->trading || filter->markets != 0;
}

bool filter_passes_funding(const struct filter *filter, enum currency currency)
{
    return filter->funding || (filter->currencies & UINT32_C(1) << currency) != 0;
}

bool filter_wants_funding(const struct filter *filter)
{
    return filter->funding || filter->currencies != 0;
}

bool filter_wants_wallets(const struct filter *filter)
{
    for (unsigned kind = 0; kind < WALLET_COUNT; kind++)
        if (filter->wallets[kind] != 0)
            return true;
    return filter->wallet;
}
