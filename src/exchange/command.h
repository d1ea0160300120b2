/* exchange/command.h: what the engine can be told
 *
 * A command is a value of fixed size that carries its own time; the journal is a row of them. Every
 * field is a 64-bit number so that encoding one is a table; a field that a kind does not use is 0.
 *
 *   CREDIT         account, wallet, currency, amount > 0: money arrives; creates the account
 *   SUBMIT         account, market, type, amount, price and what an order may have besides
 *   UPDATE         account, order, fields, and for each of `fields` its value
 *   CANCEL         account, order
 *   CANCEL_GROUP   account, gid: every active order of the group
 *   CANCEL_ALL     account: every active order
 *   TRANSFER       account, wallet, wallet_to, currency, amount > 0: between wallets of its own;
 *                  with `fields`, a currency + 1, into money that stands for it, or back
 *   WITHDRAW       account, wallet, currency, amount > 0, fee >= 0: both leave the wallet
 *   WITHDRAW_RETURN  the same fields: an earlier WITHDRAW comes back
 *   TIMER          time goes on, and the orders end whose time in force is over
 *
 * TIMER has no account.  Whoever applies commands asks engine_due_ms() first and puts a TIMER in
 * front of a command of that time or later, for nothing else ends an order by time.
 *
 * Margin funding (exchange/funding.h):
 *   OFFER_SUBMIT   account, currency, type (enum offer_type), amount > 0 lends, price (rate a
 *                  day, or distance to the FRR), period, flags: HIDDEN, NO_VAR_RATES
 *   OFFER_CANCEL   account, order (the offer)
 *   OFFER_CANCEL_ALL  account; with `fields` 1 those of one currency
 *   LOAN_CLOSE     account, order (the loan): the borrower gives it back
 *   LOAN_KEEP      account, order (the loan), fields: 1 it stays unused, 0 it goes back
 *   FUNDING_AUTO   account, currency, fields: 1 on, 0 off; amount, price (0: the FRR), period
 *
 * Margin (exchange/position.h):
 *   POSITION_CLAIM    account, order (the position), amount >= 0 of the base, 0: all of it.  What
 *                     it holds moves into the margin wallet, what it owes leaves it
 *   POSITION_INCREASE account, market, amount (> 0 long): the same the other way round, at the
 *                     price of the latest trade
 *   POSITION_TERM     account, market, fields: 1 credits by term, 0 by the day
 *
 * Contracts (exchange/contract.h):
 *   COLLATERAL        account, market, amount: what shall back the position from now on
 *
 * RULES has no account; `fields` (enum rule, summed) are the rules from then on.  An older journal
 * begins without any, so that what it tells stays what it was.
 *
 * CREDIT, WITHDRAW and WITHDRAW_RETURN name in `order` the movement (venue/movement.h) that they
 * belong to; 0: none, a CREDIT of a starting balance.
 *
 * Cancelling by client id: the door asks engine_order_by_cid() and cancels the order it gets.
 */
#ifndef EXCHANGE_COMMAND_H
#define EXCHANGE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/order.h"

/* Written to the journal: never reused. */
enum command_kind {
    COMMAND_CREDIT = 1,
    COMMAND_SUBMIT = 2,
    COMMAND_UPDATE = 3,
    COMMAND_CANCEL = 4,
    COMMAND_CANCEL_GROUP = 5,
    COMMAND_CANCEL_ALL = 6,
    COMMAND_TRANSFER = 7,
    COMMAND_WITHDRAW = 8,
    COMMAND_TIMER = 9,
    COMMAND_POSITION_CLAIM = 10,
    COMMAND_POSITION_INCREASE = 11,
    COMMAND_POSITION_TERM = 12,
    COMMAND_RULES = 13,
    COMMAND_OFFER_SUBMIT = 14,
    COMMAND_OFFER_CANCEL = 15,
    COMMAND_OFFER_CANCEL_ALL = 16,
    COMMAND_LOAN_CLOSE = 17,
    COMMAND_LOAN_KEEP = 18,
    COMMAND_FUNDING_AUTO = 19,
    COMMAND_WITHDRAW_RETURN = 30,
    COMMAND_COLLATERAL = 40
    /* 20 to 29 and 31 to 39: not the engine's, venue/control.h and venue/entry.h */
};

/* What a RULES sets, in `fields`.  Written to the journal: never reused. */
enum rule { RULE_FEE_TIERS = 1 /* exchange/fee.h */ };
#define RULES_KNOWN UINT64_C(1)

/* Written to the journal: never reused. */
enum wallet_kind { WALLET_EXCHANGE = 0, WALLET_MARGIN = 1, WALLET_FUNDING = 2, WALLET_COUNT };

/* What an UPDATE changes; AMOUNT and DELTA exclude each other. */
enum update_field {
    UPDATE_AMOUNT = 1, /* amount: what shall remain, signed like the order */
    UPDATE_DELTA = 2,  /* amount: added to what remains */
    UPDATE_PRICE = 4,
    UPDATE_GID = 8,
    UPDATE_FLAGS = 16,
    UPDATE_TIF = 32, /* tif_ms; 0: for ever */
    UPDATE_PRICE_AUX_LIMIT = 64,
    UPDATE_PRICE_TRAILING = 128,
    UPDATE_LEVERAGE = 256,
    UPDATE_AFFILIATE = 512
};

/* gid and cid are "int45". */
#define COMMAND_CLIENT_ID_END (UINT64_C(1) << 45)

struct command {
    uint64_t time_ms; /* wall clock of the door; the engine never lets its own time go back */
    uint64_t kind;    /* enum command_kind */
    uint64_t account;
    uint64_t order;    /* id */
    uint64_t market;   /* enum market */
    uint64_t type;     /* enum order_type */
    uint64_t flags;    /* enum order_flag, summed */
    uint64_t fields;   /* enum update_field, summed */
    uint64_t wallet;   /* enum wallet_kind */
    uint64_t currency; /* enum currency */
    uint64_t gid;
    uint64_t cid;    /* 0: the engine takes the creation time */
    uint64_t tif_ms; /* when the order ends; 0: never */
    uint64_t leverage;       /* of an order for contracts, 1 to 100; 0: CONTRACT_LEVERAGE */
    uint64_t cid_oco;        /* of the stop of a pair; 0: as cid */
    int64_t amount;          /* > 0 buys, < 0 sells */
    int64_t price;           /* the engine cuts it to five significant digits; ignored for MARKET */
    int64_t price_trailing;  /* of a trailing stop */
    int64_t price_aux_limit; /* of a stop limit */
    int64_t price_oco_stop;  /* flags OCO: of the stop that comes with a limit order */
    char affiliate[ORDER_AFFILIATE_SIZE]; /* padded with zeros */
    uint64_t wallet_to;                   /* enum wallet_kind */
    int64_t fee;                          /* of a withdrawal */
    uint64_t period;                      /* of funding, days */
};

/* docs/formats/journal.md, "Command".  A command takes at most this many bytes. */
#define COMMAND_ENCODED_SIZE 256

/* Returns the size written. */
size_t command_encode(const struct command *command, uint8_t bytes[COMMAND_ENCODED_SIZE]);

/* Accepts exactly what command_encode writes, all of it; false leaves `*command` undefined. */
bool command_decode(struct slice bytes, struct command *command);

#endif
