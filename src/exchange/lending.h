/* exchange/lending.h: the part of the engine that lends
 *
 *     offers of each currency and side     lists, best first
 *     loans of each currency               lists, oldest first
 *     credits of each position             lists of the same loans
 *
 * Offers and loans lie in pools; links are places in them, and 0 is nobody.  A lender's funding
 * wallet has locked what his offers and his loans come to.
 *
 * Time does three things here, in this order when they fall together: each full hour the flash
 * return rates are taken anew, what they move is sorted and matched again, and automatic offers are
 * made; each day at 01:30 UTC interest is paid; a loan ends when its period is over.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_LENDING_H
#define EXCHANGE_LENDING_H

#include "exchange/event.h"
#include "exchange/funding.h"
#include "exchange/state.h"

struct lending_list {
    uint32_t first, last, count;
};

struct lending {
    uint64_t offer_id, loan_id, match_id; /* the latest given */
    uint32_t offer_count, offer_high, offer_free;
    uint32_t loan_count, loan_high, loan_free;
    uint32_t auto_count;
    struct lending_list sides[CURRENCY_COUNT][2]; /* 1: those who lend */
    struct lending_list lent[CURRENCY_COUNT];
    struct lending_list credits[POSITIONS_MOST + 4]; /* what each position uses, oldest first */
    int64_t frr[CURRENCY_COUNT];
    uint64_t hour_ms, payout_ms; /* when they are due; 0: time has not begun */
    uint64_t end_ms;             /* not behind the first end of a loan; UINT64_MAX: none */
    struct offer offers[FUNDING_OFFERS_MOST + 1];
    struct loan loans[FUNDING_LOANS_MOST + POSITIONS_MOST + 4]; /* one of the venue a position */
    struct funding_auto autos[FUNDING_AUTOS_MOST];
};

/* One command on its way, or the passing of time. */
struct lending_turn {
    struct engine *engine;
    struct lending *lending;
    const struct command *command;
    struct event_sink sink;
};

void lending_init(struct lending *lending);

/* Would the command change nothing?  Accepts the kinds of exchange/command.h about funding. */
enum refusal lending_judge(const struct engine *engine, const struct command *command,
                           struct event_refused *refused);
void lending_apply(const struct lending_turn *turn);

/* Does what is due by the engine's time; tells it. */
void lending_pass(const struct lending_turn *turn);
uint64_t lending_due_ms(const struct engine *engine);

/* NULL, or what is wrong; static. */
const char *lending_check(const struct engine *engine);
/* Calls `add` for each number that matters. */
void lending_hash(const struct engine *engine, uint64_t *hash,
                  void (*add)(uint64_t *hash, uint64_t word));

/* ---- lending_book.c: pools and lists ---- */

struct offer *offer_make(struct lending *lending, const struct offer *as);
void offer_insert(struct lending *lending, struct offer *offer);
void offer_remove(struct lending *lending, struct offer *offer);
void offer_free(struct lending *lending, struct offer *offer);
struct loan *loan_make(struct lending *lending, const struct loan *as);
void loan_remove(struct lending *lending, struct loan *loan);
/* The position with this id, at this place, uses the loan; id 0: none does. */
void loan_use(struct lending *lending, struct loan *loan, uint64_t position, uint32_t holding);
void loan_free(struct lending *lending, struct loan *loan);

/* What a rate comes to; at least 1. */
int64_t rate_real(const struct lending *lending, enum currency currency, bool is_distance,
                  int64_t rate);
bool offer_is_var(const struct offer *offer);
int64_t offer_rate_real(const struct lending *lending, const struct offer *offer);

/* ---- lending.c ---- */

void lending_tell(const struct lending_turn *turn, struct event event);
void lending_tell_wallet(const struct lending_turn *turn, uint64_t account, enum wallet_kind kind,
                         enum currency currency);
struct wallet *lending_wallet(const struct lending_turn *turn, uint64_t account,
                              enum wallet_kind kind, enum currency currency);
/* Makes an offer that nothing speaks against, matches it and lets the rest of it stand. */
void lending_offer(const struct lending_turn *turn, const struct offer *as);
/* Matches an offer that stands; it may be gone afterwards. */
void lending_match(const struct lending_turn *turn, struct offer *offer);
/* A position takes `amount` of what is offered; `to` says whose it is and which. */
void lending_take(const struct lending_turn *turn, struct offer *lend, const struct loan *to,
                  int64_t amount);
/* A row of the ledger, and the wallet after it; nothing for 0.  The venue has no rows. */
void lending_row(const struct lending_turn *turn, uint64_t account, enum wallet_kind wallet,
                 enum currency currency, enum ledger_kind kind, int64_t amount);

/* ---- interest.c ---- */

/* What is owed until a moment and not yet paid. */
int64_t loan_owed(const struct loan *loan, uint64_t until_ms);

/* Pays what is owed until a moment; false when nothing uses the loan, and the borrower had less and
 * paid that. */
bool loan_pay(const struct lending_turn *turn, struct loan *loan, uint64_t until_ms);

/* Pays what is owed until now and gives some of a loan back, less than all. */
void loan_shrink(const struct lending_turn *turn, struct loan *loan, int64_t amount);

/* Pays what is owed until now and ends the loan; a position that used it is left without. */
void loan_end(const struct lending_turn *turn, struct loan *loan, enum loan_state state);

#endif
