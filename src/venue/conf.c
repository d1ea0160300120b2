#include "venue/conf.h"

#include <stdio.h>

#include "base/fixed.h"
#include "exchange/fee.h"
#include "exchange/market.h"
#include "venue/movement.h"
#include "venue/shape.h"

/* Text, "2000.0" rather than "2000", as recorded from the venue. */
static void size_put(struct json_writer *w, int64_t size)
{
    char text[FIXED_TEXT_SIZE];

    amount_format(size, text);
    json_put_text(w, text);
}

/* The venue has two members less for contracts, at the end. */
static void pairs_info_put(struct json_writer *w, bool of_contracts)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        const struct market_facts *facts = market_facts((enum market)i);

        if (facts->is_contract != of_contracts)
            continue;
        json_put_open(w, '[');
        json_put_text(w, facts->pair);
        json_put_open(w, '[');
        json_put_nulls(w, 3);
        size_put(w, facts->size_least);
        size_put(w, facts->size_greatest);
        json_put_nulls(w, 3);
        json_put_fixed(w, facts->margin_initial_ppm * (FIXED_ONE / 1000000));
        json_put_fixed(w, facts->margin_least_ppm * (FIXED_ONE / 1000000));
        json_put_nulls(w, of_contracts ? 0 : 2);
        json_put_close(w, ']');
        json_put_close(w, ']');
    }
}

static void pairs_info(struct json_writer *w)
{
    pairs_info_put(w, false);
}

static void contracts_info(struct json_writer *w)
{
    pairs_info_put(w, true);
}

static void pairs_list_put(struct json_writer *w, bool of_contracts)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++)
        if (market_facts((enum market)i)->is_contract == of_contracts)
            json_put_text(w, market_facts((enum market)i)->pair);
}

static void pairs_list(struct json_writer *w)
{
    pairs_list_put(w, false);
}

static void contracts_list(struct json_writer *w)
{
    pairs_list_put(w, true);
}

static void currencies_list(struct json_writer *w)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        json_put_text(w, currency_code((enum currency)i));
}

static void pair_put(struct json_writer *w, const char *one, const char *other)
{
    json_put_open(w, '[');
    json_put_text(w, one);
    json_put_text(w, other);
    json_put_close(w, ']');
}

static void currencies_label(struct json_writer *w)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        pair_put(w, currency_code((enum currency)i), currency_label((enum currency)i));
}

/* What stands for some other money, and for which. */
static void currencies_underlying(struct json_writer *w)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        if (currency_is_contract((enum currency)i))
            pair_put(w, currency_code((enum currency)i),
                     currency_code(currency_underlying((enum currency)i)));
}

/* What backs positions on margin; contracts have money of their own. */
static void currencies_margin(struct json_writer *w)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        if (!currency_is_contract((enum currency)i))
            json_put_text(w, currency_code((enum currency)i));
}

/* The one code that differs from what the world calls the currency. */
static void currencies_symbol(struct json_writer *w)
{
    pair_put(w, "UST", "USDt");
}

static void pairs_symbol(struct json_writer *w)
{
    char text[24];

    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        const struct market_facts *facts = market_facts((enum market)i);

        snprintf(text, sizeof text, "%s/%s", currency_code(facts->base),
                 currency_code(facts->quote));
        pair_put(w, facts->pair, text);
    }
}

/* Tokens, and the chain whose pool of addresses they use. */
static void currencies_pool(struct json_writer *w)
{
    pair_put(w, "UST", "ETH");
}

/* By the first of a currency's methods. */
static void currencies_fee(struct json_writer *w)
{
    uint32_t done = 0;

    for (unsigned i = METHOD_NONE + 1; i < METHOD_END; i++) {
        const struct method_facts *facts = method_facts((enum method)i);

        if (done & UINT32_C(1) << facts->currency)
            continue;
        done |= UINT32_C(1) << facts->currency;
        json_put_open(w, '[');
        json_put_text(w, currency_code(facts->currency));
        json_put_open(w, '[');
        json_put_uint(w, 0);
        json_put_fixed(w, facts->fee);
        json_put_close(w, ']');
        json_put_close(w, ']');
    }
}

static void methods_list(struct json_writer *w)
{
    for (unsigned i = METHOD_NONE + 1; i < METHOD_END; i++) {
        const struct method_facts *facts = method_facts((enum method)i);

        json_put_open(w, '[');
        json_put_text(w, facts->name);
        json_put_open(w, '[');
        json_put_text(w, currency_code(facts->currency));
        json_put_close(w, ']');
        json_put_close(w, ']');
    }
}

/* All of them active, none with payment ids. */
static void methods_status(struct json_writer *w)
{
    for (unsigned i = METHOD_NONE + 1; i < METHOD_END; i++) {
        json_put_open(w, '[');
        json_put_text(w, method_facts((enum method)i)->name);
        json_put_uint(w, 1);
        json_put_uint(w, 1);
        json_put_nulls(w, 4);
        json_put_uint(w, 0);
        json_put_uint(w, 0);
        json_put_nulls(w, 2);
        json_put_uint(w, method_facts((enum method)i)->confirmations);
        json_put_close(w, ']');
    }
}

static void fees(struct json_writer *w)
{
    json_put_open(w, '{');
    json_put_key(w, "deriv_perp");
    json_put_open(w, '{');
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        if (!market_facts((enum market)i)->is_contract)
            continue;
        json_put_key(w, market_facts((enum market)i)->pair);
        json_put_open(w, '{');
        json_put_key(w, "maker");
        json_put_fixed(w, FEE_CONTRACT_MAKER_PPM * (FIXED_ONE / 1000000));
        json_put_key(w, "taker");
        json_put_fixed(w, FEE_CONTRACT_TAKER_PPM * (FIXED_ONE / 1000000));
        json_put_close(w, '}');
    }
    json_put_close(w, '}');
    json_put_close(w, '}');
}

/* All margin wallets back positions with what they are worth. */
static void margin_rules(struct json_writer *w)
{
    json_put_raw(w, SLICE("{\"conf\":{},\"initial\":{}}")); /* no currency counts for less */
}

/* Keys about securities, units and explorers are empty like unknown ones:
 * nothing of it exists here, and no explorer knows a simulated chain. */
static const struct {
    const char *key;
    void (*write)(struct json_writer *w);
} keys_known[] = {
    { "pub:info:pair", pairs_info },
    { "pub:info:pair:futures", contracts_info },
    { "pub:list:pair:exchange", pairs_list },
    { "pub:list:pair:margin", pairs_list },
    { "pub:list:pair:futures", contracts_list },
    { "pub:list:currency", currencies_list },
    { "pub:list:currency:margin", currencies_margin },
    { "pub:map:currency:undl", currencies_underlying },
    { "pub:map:currency:label", currencies_label },
    { "pub:map:currency:sym", currencies_symbol },
    { "pub:map:currency:pool", currencies_pool },
    { "pub:map:currency:tx:fee", currencies_fee },
    { "pub:map:pair:sym", pairs_symbol },
    { "pub:map:tx:method", methods_list },
    { "pub:info:tx:status", methods_status },
    { "pub:fees", fees },
    { "pub:spec:margin", margin_rules },
};

static void key_write(struct json_writer *w, struct slice key)
{
    json_put_open(w, '[');
    for (size_t i = 0; i < sizeof keys_known / sizeof *keys_known; i++)
        if (slice_is(key, slice_of(keys_known[i].key)))
            keys_known[i].write(w);
    json_put_close(w, ']');
}

void conf_write(struct json_writer *w, struct slice keys)
{
    json_put_open(w, '[');
    for (;;) {
        const char *comma = memchr(keys.at, ',', keys.size);
        size_t size = comma == NULL ? keys.size : (size_t)(comma - keys.at);

        key_write(w, (struct slice){ keys.at, size });
        if (comma == NULL)
            break;
        keys = slice_from(keys, size + 1);
    }
    json_put_close(w, ']');
}
