/* venue/shape.h: the arrays of the venue's API
 *
 * Each function writes one array, with as many elements as the strictest client demands.
 *
 * Source: reference of the venue's REST API, 8.0 and 12.1.
 */
#ifndef VENUE_SHAPE_H
#define VENUE_SHAPE_H

#include "base/fixed.h"
#include "exchange/order.h"
#include "http/json_write.h"
#include "venue/alert.h"
#include "venue/candles.h"
#include "venue/history.h"
#include "venue/movement.h"

void shape_order(struct json_writer *w, const struct order *order);     /* 32 */
void shape_trade(struct json_writer *w, const struct own_trade *trade); /* 12 */
/* 12, before its fee is told: "te" of the feed */
void shape_trade_executed(struct json_writer *w, const struct own_trade *trade);
void shape_ledger(struct json_writer *w, const struct ledger_line *line); /* 9 */
void shape_tape(struct json_writer *w, const struct tape_row *row);       /* 4 */
void shape_lent(struct json_writer *w, const struct lent_row *row);       /* 5 */
void shape_offer(struct json_writer *w, const struct offer *offer);       /* 21 */
/* 21, from one side of it */
void shape_loan(struct json_writer *w, const struct loan *loan, uint64_t account);
void shape_credit(struct json_writer *w, const struct loan *loan, uint64_t account);

/* 20 elements; `worth` NULL: what it is worth is not told. */
void shape_position(struct json_writer *w, const struct position *position,
                    const struct position_worth *worth);
void shape_liquidation(struct json_writer *w, const struct liquidation_row *row);

/* ["base",[5]] and ["sym",SYMBOL,[8]]: in US dollars, what could be traded and what all of it comes
 * to; of the base what could be bought and sold. */
void shape_margin_base(struct json_writer *w, const struct margin *margin);
void shape_margin_symbol(struct json_writer *w, const struct engine *engine, uint64_t account,
                         enum market market);
void shape_lending(struct json_writer *w, const struct own_lending *lending);     /* 8 */
void shape_alert(struct json_writer *w, const struct alert *alert);               /* 5 */
void shape_movement(struct json_writer *w, const struct movement *movement);      /* 22 */
void shape_movement_info(struct json_writer *w, const struct movement *movement); /* 32 */
void shape_candle(struct json_writer *w, const struct candle *candle);            /* 6 */

/* 7; `change` as in account_history.last_change */
void shape_wallet(struct json_writer *w, enum wallet_kind kind, enum currency currency,
                  int64_t balance, int64_t available, const struct ledger_line *change);

/* 7, as the feed tells it unasked: what is available is null */
void shape_wallet_told(struct json_writer *w, enum wallet_kind kind, enum currency currency,
                       int64_t balance, const struct ledger_line *change);

/* 8: the caller writes DATA between the two. `stamp` is in seconds or milliseconds, as the type of
 * notification wants it. */
void shape_notice_open(struct json_writer *w, uint64_t stamp, const char *type);
void shape_notice_close(struct json_writer *w, const char *status, const char *text);

/* "t" and the pair; "f" and the currency */
void shape_symbol(struct json_writer *w, enum market market);
void shape_funding_symbol(struct json_writer *w, enum currency currency);

/* ["error", code, text] */
void shape_error(struct json_writer *w, int code, const char *text);

const char *wallet_text(enum wallet_kind kind); /* "exchange" */
const char *wallet_name(enum wallet_kind kind); /* "Exchange", for sentences */

/* Old labels too: "trading" is margin, "deposit" is funding. */
bool wallet_find(struct slice text, enum wallet_kind *kind);

/* As the venue's sentences print it: "50.0", never with an exponent. */
void amount_format(int64_t amount, char text[FIXED_TEXT_SIZE]);

#endif
