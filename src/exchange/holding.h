/* exchange/holding.h: the part of the engine that keeps positions
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_HOLDING_H
#define EXCHANGE_HOLDING_H

#include "exchange/event.h"
#include "exchange/lending.h"
#include "exchange/position.h"

struct holdings {
    uint64_t position_id; /* the latest given */
    uint32_t count, high, free;
    uint32_t first, last;
    struct position positions[POSITIONS_MOST + 4]; /* two may wait to be told as closed */
};

/* What a trade did to positions: a flip closes one and opens another. */
struct holding_change {
    struct position *position;
    enum position_change change;
};

enum { HOLDING_CHANGES_MOST = 2 };

void holding_init(struct holdings *holdings);

/* One side of a trade: `amount` of the base, signed, for `value` > or = 0 of the quote.  Returns
 * what was gained, in the quote; the caller books it.  `*count` changes are written. */
int64_t holding_trade(struct engine *engine, uint32_t account, enum market market, int64_t amount,
                      int64_t value, uint64_t order, struct holding_change *changes,
                      unsigned *count);

/* Borrows or gives back until what the position owes is lent, and tells the change; a closed
 * position is gone afterwards. */
void holding_tell(const struct lending_turn *turn, const struct holding_change *change,
                  enum position_cause cause, bool takes_var);

enum refusal holding_judge(const struct engine *engine, const struct command *command,
                           struct event_refused *refused);
void holding_apply(const struct lending_turn *turn);

/* NULL, or what is wrong; static. */
const char *holding_check(const struct engine *engine);
void holding_hash(const struct engine *engine, uint64_t *hash,
                  void (*add)(uint64_t *hash, uint64_t word));

#endif
