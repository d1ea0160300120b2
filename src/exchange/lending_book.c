#include "exchange/lending.h"

#include "exchange/holding.h"

#define OFFER_ID_FIRST UINT64_C(41237920)
#define LOAN_ID_FIRST  UINT64_C(12995140)
#define MATCH_ID_FIRST UINT64_C(133323543)

void lending_init(struct lending *lending)
{
    lending->offer_id = OFFER_ID_FIRST;
    lending->loan_id = LOAN_ID_FIRST;
    lending->match_id = MATCH_ID_FIRST;
    lending->end_ms = UINT64_MAX;
#define FUNDING(name, rate) lending->frr[CURRENCY_##name] = (rate);
#include "exchange/funding.def"
#undef FUNDING
}

int64_t rate_real(const struct lending *lending, enum currency currency, bool is_distance,
                  int64_t rate)
{
    int64_t real = is_distance ? lending->frr[currency] + rate : rate;

    return real < 1 ? 1 : real > FUNDING_RATE_MOST ? FUNDING_RATE_MOST : real;
}

static bool follows_frr(const struct offer *offer)
{
    return offer->type != OFFER_LIMIT || offer->rate == 0;
}

bool offer_is_var(const struct offer *offer)
{
    return offer->type != OFFER_FRRDELTAFIX && follows_frr(offer);
}

int64_t offer_rate_real(const struct lending *lending, const struct offer *offer)
{
    return rate_real(lending, (enum currency)offer->currency, follows_frr(offer), offer->rate);
}

struct offer *offer_make(struct lending *lending, const struct offer *as)
{
    uint32_t place = lending->offer_free;
    struct offer *offer;

    if (place == 0)
        place = ++lending->offer_high;
    else
        lending->offer_free = lending->offers[place].after;
    offer = &lending->offers[place];
    *offer = *as;
    offer->id = ++lending->offer_id;
    offer->before = offer->after = 0;
    lending->offer_count++;
    return offer;
}

/* Does `a` come before `b` on their side? */
static bool is_better(const struct offer *a, const struct offer *b)
{
    if (a->rate_real != b->rate_real)
        return (a->amount_orig > 0) == (a->rate_real < b->rate_real);
    return a->id < b->id;
}

/* From the worse end: most offers are made there. */
void offer_insert(struct lending *lending, struct offer *offer)
{
    struct lending_list *side = &lending->sides[offer->currency][offer->amount_orig > 0];
    uint32_t place = (uint32_t)(offer - lending->offers), before = side->last;

    while (before != 0 && is_better(offer, &lending->offers[before]))
        before = lending->offers[before].before;
    offer->before = before;
    offer->after = before != 0 ? lending->offers[before].after : side->first;
    *(before != 0 ? &lending->offers[before].after : &side->first) = place;
    *(offer->after != 0 ? &lending->offers[offer->after].before : &side->last) = place;
    side->count++;
}

void offer_remove(struct lending *lending, struct offer *offer)
{
    struct lending_list *side = &lending->sides[offer->currency][offer->amount_orig > 0];

    *(offer->before != 0 ? &lending->offers[offer->before].after : &side->first) = offer->after;
    *(offer->after != 0 ? &lending->offers[offer->after].before : &side->last) = offer->before;
    side->count--;
}

void offer_free(struct lending *lending, struct offer *offer)
{
    offer->after = lending->offer_free;
    lending->offer_free = (uint32_t)(offer - lending->offers);
    lending->offer_count--;
}

struct loan *loan_make(struct lending *lending, const struct loan *as)
{
    struct lending_list *lent = &lending->lent[as->currency];
    uint32_t place = lending->loan_free;
    struct loan *loan;

    if (place == 0)
        place = ++lending->loan_high;
    else
        lending->loan_free = lending->loans[place].after;
    loan = &lending->loans[place];
    *loan = *as;
    loan->position = 0;
    loan->id = ++lending->loan_id;
    loan->before = lent->last;
    loan->after = 0;
    *(lent->last != 0 ? &lending->loans[lent->last].after : &lent->first) = place;
    lent->last = place;
    lent->count++;
    lending->loan_count++;
    if (loan->ends_ms < lending->end_ms)
        lending->end_ms = loan->ends_ms;
    loan_use(lending, loan, as->position, as->holding);
    return loan;
}

static void credit_unlink(struct lending *lending, const struct loan *loan)
{
    struct lending_list *credits = &lending->credits[loan->holding];

    *(loan->credit_before != 0 ? &lending->loans[loan->credit_before].credit_after
                               : &credits->first) = loan->credit_after;
    *(loan->credit_after != 0 ? &lending->loans[loan->credit_after].credit_before
                              : &credits->last) = loan->credit_before;
    credits->count--;
}

/* By age: nearly always the last. */
static void credit_link(struct lending *lending, struct loan *loan)
{
    struct lending_list *credits = &lending->credits[loan->holding];
    uint32_t place = (uint32_t)(loan - lending->loans);

    loan->credit_before = credits->last;
    while (loan->credit_before != 0 && lending->loans[loan->credit_before].id > loan->id)
        loan->credit_before = lending->loans[loan->credit_before].credit_before;
    loan->credit_after = loan->credit_before != 0
                             ? lending->loans[loan->credit_before].credit_after
                             : credits->first;
    *(loan->credit_before != 0 ? &lending->loans[loan->credit_before].credit_after
                               : &credits->first) = place;
    *(loan->credit_after != 0 ? &lending->loans[loan->credit_after].credit_before
                              : &credits->last) = place;
    credits->count++;
}

void loan_use(struct lending *lending, struct loan *loan, uint64_t position, uint32_t holding)
{
    if (loan->position != 0)
        credit_unlink(lending, loan);
    loan->position = position;
    loan->holding = holding;
    if (position != 0)
        credit_link(lending, loan);
}

void loan_remove(struct lending *lending, struct loan *loan)
{
    struct lending_list *lent = &lending->lent[loan->currency];

    *(loan->before != 0 ? &lending->loans[loan->before].after : &lent->first) = loan->after;
    *(loan->after != 0 ? &lending->loans[loan->after].before : &lent->last) = loan->before;
    lent->count--;
    if (loan->position != 0)
        credit_unlink(lending, loan);
}

void loan_free(struct lending *lending, struct loan *loan)
{
    loan->after = lending->loan_free;
    lending->loan_free = (uint32_t)(loan - lending->loans);
    lending->loan_count--;
}

static bool links_agree(const struct lending_list *list, uint32_t last, uint32_t count)
{
    return list->last == last && list->count == count;
}

static const char *side_check(const struct lending *lending, enum currency currency, bool lends,
                              uint32_t *total)
{
    const struct lending_list *side = &lending->sides[currency][lends];
    uint32_t before = 0, count = 0;

    for (uint32_t place = side->first; place != 0; place = lending->offers[place].after) {
        const struct offer *offer = &lending->offers[place];

        if (offer->before != before || offer->state != OFFER_ACTIVE || offer->amount == 0 ||
            (offer->amount > 0) != lends || (offer->amount_orig > 0) != lends)
            return "an offer stands where it may not";
        if (before != 0 && is_better(offer, &lending->offers[before]))
            return "a worse offer stands before a better one";
        if (offer->rate_real != offer_rate_real(lending, offer))
            return "an offer's rate is out of date";
        before = place;
        count++;
    }
    *total += count;
    return links_agree(side, before, count) ? NULL : "offers are miscounted";
}

static bool credit_is_right(const struct engine *engine, const struct loan *loan)
{
    const struct lending *lending = engine->lending;
    uint32_t before = loan->credit_before, place = (uint32_t)(loan - lending->loans);

    return loan->position == engine->holdings->positions[loan->holding].id &&
           (before == 0 ? lending->credits[loan->holding].first == place
                        : lending->loans[before].credit_after == place &&
                              lending->loans[before].id < loan->id);
}

/* `credits` counts those that positions use. */
static const char *lent_check(const struct engine *engine, enum currency currency, uint32_t *total,
                              uint32_t *credits)
{
    const struct lending *lending = engine->lending;
    const struct lending_list *lent = &lending->lent[currency];
    uint32_t before = 0, count = 0;

    for (uint32_t place = lent->first; place != 0; place = lending->loans[place].after) {
        const struct loan *loan = &lending->loans[place];

        if (loan->before != before || loan->state != LOAN_ACTIVE || loan->amount <= 0 ||
            loan->lender == loan->borrower || (loan->lender == 0 && loan->position == 0))
            return "a loan stands where it may not";
        if (loan->ends_ms < lending->end_ms)
            return "a loan's end is not waited for";
        if (loan->position != 0 && !credit_is_right(engine, loan))
            return "a credit is not among those of its position";
        *credits += loan->position != 0;
        before = place;
        count++;
    }
    *total += count;
    return links_agree(lent, before, count) ? NULL : "loans are miscounted";
}

/* The sums of all accounts at once: each wallet against what its offers and loans come to. */
static const char *locks_check(const struct engine *engine, enum currency currency)
{
    const struct lending *lending = engine->lending;
    int64_t sum = 0;

    for (uint32_t place = FEE_PLACE + 1; place <= engine->account_count; place++) {
        const struct account *account = &engine->accounts[place];
        const struct wallet *wallet = &account->wallets[WALLET_FUNDING][currency];
        int64_t locked = 0;

        if (wallet->locked == 0 && wallet->balance == 0)
            continue;
        for (uint32_t i = lending->sides[currency][1].first; i != 0; i = lending->offers[i].after)
            locked += lending->offers[i].account == account->id ? lending->offers[i].amount : 0;
        for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after)
            locked += lending->loans[i].lender == account->id ? lending->loans[i].amount : 0;
        if (wallet->locked != locked || wallet_available(wallet) < 0)
            return "a funding wallet has locked what nobody was offered or lent";
        sum += locked;
    }
    for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after)
        sum -= lending->loans[i].lender != ENGINE_FEE_ACCOUNT ? lending->loans[i].amount : 0;
    for (uint32_t i = lending->sides[currency][1].first; i != 0; i = lending->offers[i].after)
        sum -= lending->offers[i].amount;
    return sum == 0 ? NULL : "somebody lends what he does not have";
}

const char *lending_check(const struct engine *engine)
{
    const struct lending *lending = engine->lending;
    uint32_t offers = 0, loans = 0, credits = 0;
    const char *wrong = NULL;

    for (unsigned c = 0; c < CURRENCY_COUNT && wrong == NULL; c++) {
        wrong = side_check(lending, (enum currency)c, false, &offers);
        if (wrong == NULL)
            wrong = side_check(lending, (enum currency)c, true, &offers);
        if (wrong == NULL)
            wrong = lent_check(engine, (enum currency)c, &loans, &credits);
        if (wrong == NULL)
            wrong = locks_check(engine, (enum currency)c);
    }
    for (size_t i = 0; i < sizeof lending->credits / sizeof *lending->credits; i++)
        credits -= lending->credits[i].count;
    if (wrong == NULL &&
        (offers != lending->offer_count || loans != lending->loan_count || credits != 0))
        wrong = "the active offers, loans or credits are miscounted";
    return wrong;
}

static void hash_words(uint64_t *hash, void (*add)(uint64_t *hash, uint64_t word),
                       const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(hash, words[i]);
}

static void hash_currency(const struct lending *lending, enum currency currency, uint64_t *hash,
                          void (*add)(uint64_t *hash, uint64_t word))
{
    for (unsigned side = 0; side < 2; side++) {
        for (uint32_t i = lending->sides[currency][side].first; i != 0;
             i = lending->offers[i].after) {
            const struct offer *o = &lending->offers[i];
            const uint64_t words[] = { o->id,
                                       o->account,
                                       o->created_ms,
                                       o->updated_ms,
                                       (uint64_t)o->amount,
                                       (uint64_t)o->amount_orig,
                                       (uint64_t)o->rate,
                                       o->period,
                                       o->type,
                                       o->is_hidden | o->is_renewed << 1 | o->takes_var << 2 };

            hash_words(hash, add, words, sizeof words / sizeof *words);
        }
    }
    for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after) {
        const struct loan *l = &lending->loans[i];
        const uint64_t words[] = { l->id,
                                   l->lender,
                                   l->borrower,
                                   l->opened_ms,
                                   l->paid_ms,
                                   l->ends_ms,
                                   (uint64_t)l->amount,
                                   (uint64_t)l->rate,
                                   (uint64_t)l->rate_real,
                                   l->period,
                                   l->position,
                                   l->is_var | l->is_hidden << 1 | l->is_renewed << 2 |
                                       l->is_kept << 3 };

        hash_words(hash, add, words, sizeof words / sizeof *words);
    }
}

void lending_hash(const struct engine *engine, uint64_t *hash,
                  void (*add)(uint64_t *hash, uint64_t word))
{
    const struct lending *lending = engine->lending;
    const uint64_t words[] = { lending->offer_id, lending->loan_id, lending->match_id,
                               lending->hour_ms, lending->payout_ms };

    hash_words(hash, add, words, sizeof words / sizeof *words);
    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        add(hash, (uint64_t)lending->frr[c]);
        hash_currency(lending, (enum currency)c, hash, add);
    }
    for (uint32_t i = 0; i < lending->auto_count; i++) {
        const struct funding_auto *a = &lending->autos[i];
        const uint64_t setting[] = { a->account, (uint64_t)a->amount, (uint64_t)a->rate, a->period,
                                     a->currency };

        hash_words(hash, add, setting, sizeof setting / sizeof *setting);
    }
}
