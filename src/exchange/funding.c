#include "exchange/funding.h"

#include <assert.h>
#include <stdio.h>

#include "base/fixed.h"
#include "exchange/book.h"
#include "exchange/lending.h"

#define RATE_PER_CENT 100

static const char *const types[OFFER_TYPE_END] = {
#define OFFER_TYPE(number, name, text) [number] = text,
#include "exchange/funding.def"
#undef OFFER_TYPE
};

static const bool is_lent[CURRENCY_COUNT] = {
#define FUNDING(name, frr) [CURRENCY_##name] = true,
#include "exchange/funding.def"
#undef FUNDING
};

const char *offer_type_text(unsigned type)
{
    return type < OFFER_TYPE_END ? types[type] : NULL;
}

bool offer_type_find(struct slice text, enum offer_type *type)
{
    for (unsigned i = 0; i < OFFER_TYPE_END; i++) {
        if (types[i] != NULL && slice_is(text, slice_of(types[i]))) {
            *type = (enum offer_type)i;
            return true;
        }
    }
    return false;
}

bool funding_is_lent(enum currency currency)
{
    return currency < CURRENCY_COUNT && is_lent[currency];
}

bool funding_find(struct slice symbol, enum currency *currency)
{
    return symbol.size > 1 && symbol.at[0] == 'f' &&
           currency_find(slice_from(symbol, 1), currency) && is_lent[*currency];
}

size_t offer_status_format(const struct offer *offer, char text[FUNDING_STATUS_SIZE])
{
    static const char *const words[] = {
        [OFFER_ACTIVE] = "ACTIVE", [OFFER_EXECUTED] = "EXECUTED", [OFFER_CANCELED] = "CANCELED"
    };
    char rate[FIXED_TEXT_SIZE], amount[FIXED_TEXT_SIZE];

    if (offer->amount == offer->amount_orig)
        return (size_t)snprintf(text, FUNDING_STATUS_SIZE, "%s", words[offer->state]);
    fixed_format(offer->filled_rate * RATE_PER_CENT, rate);
    fixed_format(offer->amount_orig - offer->amount, amount);
    return (size_t)snprintf(text, FUNDING_STATUS_SIZE, "%s at %s%%(%s)",
                            offer->state == OFFER_EXECUTED   ? words[OFFER_EXECUTED]
                            : offer->state == OFFER_CANCELED ? "CANCELED was: PARTIALLY FILLED"
                                                             : "PARTIALLY FILLED",
                            rate, amount);
}

const char *loan_status_text(const struct loan *loan)
{
    static const char *const words[] = { [LOAN_ACTIVE] = "ACTIVE",
                                         [LOAN_EXPIRED] = "CLOSED (expired)",
                                         [LOAN_RETURNED] = "CLOSED (returned)",
                                         [LOAN_UNPAID] = "CLOSED (unpaid)" };

    return words[loan->state];
}

const struct offer *funding_offer_next(const struct engine *engine, enum currency currency,
                                       bool lends, const struct offer *after)
{
    const struct lending *lending = engine->lending;
    uint32_t place = after != NULL ? after->after : lending->sides[currency][lends].first;

    return place == 0 ? NULL : &lending->offers[place];
}

const struct offer *funding_offer_find(const struct engine *engine, uint64_t id)
{
    for (unsigned c = 0; c < CURRENCY_COUNT; c++)
        for (unsigned side = 0; side < 2; side++)
            for (const struct offer *o = funding_offer_next(engine, (enum currency)c, side, NULL);
                 o != NULL; o = funding_offer_next(engine, (enum currency)c, side, o))
                if (o->id == id)
                    return o;
    return NULL;
}

const struct loan *funding_loan_next(const struct engine *engine, enum currency currency,
                                     const struct loan *after)
{
    const struct lending *lending = engine->lending;
    uint32_t place = after != NULL ? after->after : lending->lent[currency].first;

    return place == 0 ? NULL : &lending->loans[place];
}

const struct loan *funding_loan_find(const struct engine *engine, uint64_t id)
{
    for (unsigned c = 0; c < CURRENCY_COUNT; c++)
        for (const struct loan *l = funding_loan_next(engine, (enum currency)c, NULL); l != NULL;
             l = funding_loan_next(engine, (enum currency)c, l))
            if (l->id == id)
                return l;
    return NULL;
}

int64_t funding_frr(const struct engine *engine, enum currency currency)
{
    return engine->lending->frr[currency];
}

const struct funding_auto *funding_auto_find(const struct engine *engine, uint64_t account,
                                             enum currency currency)
{
    for (uint32_t i = 0; i < engine->lending->auto_count; i++) {
        const struct funding_auto *a = &engine->lending->autos[i];

        if (a->account == account && a->currency == currency)
            return a->amount != 0 ? a : NULL;
    }
    return NULL;
}

int64_t funding_least(const struct engine *engine, enum currency currency)
{
    if (currency == CURRENCY_USD)
        return FUNDING_DOLLARS_LEAST;
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct market_facts *facts = market_facts((enum market)m);
        uint32_t best = book_best(engine, (enum market)m, true);

        if (facts->base == currency && facts->quote == CURRENCY_USD && best != 0)
            return (int64_t)((__int128)FUNDING_DOLLARS_LEAST * FIXED_ONE / price_of_rank(best));
    }
    return 0;
}
