/* exchange/event.h: what the engine answers
 *
 * Every command gives at least one event.  Whatever a door prints (histories, ledgers, candles,
 * feeds) is a fold of them, so a replay of the journal rebuilds it.  Pointers in an event are
 * borrowed until the sink returns.
 *
 * Order of the events of one command:
 *   CREDIT    LEDGER, WALLET; TRANSFER, WITHDRAW and WITHDRAW_RETURN too: each row and its wallet
 *   SUBMIT    WALLET (lock), ORDER_NEW, fills; then LEVEL and ORDER_OPENED, if something remains
 *             and rests, or WALLET (unlock) and ORDER_CLOSED, if something remains and may not
 *   UPDATE    LEVEL, WALLET, ORDER_UPDATED; if it lost its place as a SUBMIT from the fills on
 *   a stop that waits  ORDER_NEW, ORDER_OPENED; as its price follows WALLET, ORDER_UPDATED; when it
 *             is hit WALLET, ORDER_UPDATED, then as a SUBMIT from the fills on
 *   CANCEL    LEVEL, WALLET (unlock), ORDER_CLOSED; as often as there are orders
 *   a fill    TRADE, LEDGER rows (paid, received, fee, for the maker and then the taker; none of
 *             amount 0), four WALLETs, LEVEL, ORDER of the maker, ORDER of the taker: each
 *             ORDER_FILLED, or ORDER_CLOSED when nothing remains
 *   a fill on margin  as a fill, but the rows of that side are what it gained or lost and the fee,
 *             and after the WALLETs its position: what it borrows or gives back, POSITION
 *   a liquidation  LIQUIDATION of each position, its orders' cancels; for each position that is
 *             closed an order as a SUBMIT and LIQUIDATION of each fill
 *   OFFER_SUBMIT  WALLET (lock of a lender), OFFER; each match: FUNDING_TRADE, LOAN, OFFER of the
 *             lender, OFFER of the borrower
 *   a funding event  LEDGER, WALLET, POSITION of each holder; CONTRACT
 *   a loan's end  LEDGER and WALLET of the borrower and of the lender, WALLET (unlock), LOAN
 *   REFUSED   alone; nothing has changed
 *
 * What time does is told before the command that brought it.
 *
 * When an event is told, everything it belongs to has already happened in the engine.
 */
#ifndef EXCHANGE_EVENT_H
#define EXCHANGE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/command.h"
#include "exchange/contract.h"
#include "exchange/funding.h"
#include "exchange/market.h"
#include "exchange/order.h"
#include "exchange/position.h"

enum refusal {
#define REFUSAL(name, words) REFUSAL_##name,
#include "exchange/refusal.def"
#undef REFUSAL
    REFUSAL_COUNT
};

/* Words as the venue says them; static. */
const char *refusal_text(enum refusal refusal);

enum event_kind {
    EVENT_REFUSED,
    EVENT_ORDER,
    EVENT_TRADE,
    EVENT_LEDGER,
    EVENT_WALLET,
    EVENT_LEVEL,
    EVENT_OFFER,
    EVENT_LOAN,
    EVENT_FUNDING_TRADE,
    EVENT_POSITION,
    EVENT_LIQUIDATION,
    EVENT_FRR,      /* of each currency that is lent, each full hour */
    EVENT_CONTRACT, /* of each market of contracts, each full minute that a command follows */
    EVENT_DONE /* the command matched no order: CANCEL_GROUP, CANCEL_ALL and TIMER of nothing */
};

enum order_change {
    ORDER_NEW,     /* accepted, nothing matched yet: what a submit acknowledges */
    ORDER_UPDATED, /* by an UPDATE, before it matches anew */
    ORDER_OPENED,  /* what remains of it now stands in the book: the feed's "on" */
    ORDER_FILLED,  /* partly, still active */
    ORDER_CLOSED   /* state says why; the order leaves the engine when the sink returns */
};

struct event_order {
    enum order_change change;
    const struct order *order;
};

/* Of an offer or a loan. */
enum funding_change {
    FUNDING_NEW,     /* nothing matched yet */
    FUNDING_CHANGED, /* matched in part; interest was paid; kept or not */
    FUNDING_USED,    /* a loan is a credit now */
    FUNDING_UNUSED,  /* a credit is a loan again */
    FUNDING_CLOSED   /* its state says why; it leaves the engine when the sink returns */
};

struct event_offer {
    enum funding_change change;
    const struct offer *offer;
};

struct event_loan {
    enum funding_change change;
    const struct loan *loan;
};

enum position_change { POSITION_NEW, POSITION_CHANGED, POSITION_CLOSED };

enum position_cause {
    POSITION_BY_TRADE,
    POSITION_BY_LIQUIDATION,
    POSITION_BY_CLAIM,
    POSITION_BY_INCREASE,
    POSITION_BY_SETTING,
    POSITION_BY_FUNDING
};

struct event_position {
    enum position_change change;
    enum position_cause cause;
    const struct position *position; /* closed: it leaves the engine when the sink returns */
};

/* A position that has too little margin: first when it is seen, then with each trade. */
struct event_liquidation {
    const struct position *position; /* as it was then */
    bool is_sold;
    int64_t amount; /* of the position that was closed, signed like it; all of it when it is seen */
    int64_t price;  /* of the trade; when it is seen, of the latest one */
};

struct event_contract {
    enum market market;
    bool is_funding; /* a funding event has just been */
    const struct contract_status *status;
};

struct event_frr {
    enum currency currency;
    int64_t rate;
    int64_t lent;       /* by all loans, moving ones too */
    int64_t used;       /* of that, by positions */
    int64_t period_avg; /* fixed-point days, of the same; 0: nothing is lent */
};

struct trade_side {
    uint64_t order, account, cid, gid;
    uint8_t type;               /* enum order_type */
    enum currency fee_currency; /* what it received; on margin the quote */
    int64_t fee;                /* >= 0, paid in fee_currency */
    int64_t order_price;
    int64_t amount; /* signed: > 0 bought */
};

struct trade {
    uint64_t id; /* grows with every trade, below 2^53 */
    uint64_t time_ms;
    enum market market;
    int64_t price;
    int64_t amount; /* of the base; > 0 when the taker bought, as public trades print it */
    int64_t value;  /* of the quote that changed hands, > or = 0, rounded down */
    struct trade_side maker, taker;
};

/* The venue's ledger categories. */
enum ledger_kind {
    LEDGER_EXCHANGE = 5,
    LEDGER_POSITION = 22, /* gained or lost */
    LEDGER_CLAIM = 23,
    LEDGER_INTEREST = 28,
    LEDGER_FUNDING_EVENT = 29,
    LEDGER_TRANSFER = 51,
    LEDGER_DEPOSIT = 101,
    LEDGER_WITHDRAWAL = 104,
    LEDGER_WITHDRAWAL_CANCELED = 105,
    LEDGER_TRADING_FEE = 201,
    LEDGER_USED_FUNDING_FEE = 226,
    LEDGER_UNUSED_FUNDING_FEE = 228,
    LEDGER_WITHDRAWAL_FEE = 254,
    LEDGER_LOSS = 911 /* of a margin wallet after a liquidation, made up; of a contract's: what the
                         insurance fund pays, or gets */
};

struct ledger_row {
    uint64_t id; /* grows with every row, below 2^53 */
    uint64_t account;
    uint64_t time_ms;
    enum ledger_kind kind;
    enum wallet_kind wallet;
    enum currency currency;
    int64_t amount;  /* signed */
    int64_t balance; /* after it */
    /* EXCHANGE, TRADING_FEE and POSITION of a trade, else NULL; borrowed like the row.  `own` is
     * the account's side of the trade, `other` the one across. */
    const struct trade *trade;
    const struct trade_side *own, *other;
    uint32_t fee_ppm; /* TRADING_FEE */
};

struct event_wallet {
    uint64_t account;
    enum wallet_kind kind;
    enum currency currency;
    int64_t balance;
    int64_t locked; /* available is balance - locked */
};

/* All visible orders of a market at one price, after a change; hidden ones never count. */
struct book_level {
    enum market market;
    bool bid;
    int64_t price;
    int64_t amount; /* >= 0 */
    uint32_t count; /* 0: the level is gone */
};

struct event_refused {
    enum refusal why;
    int64_t limit; /* SIZE_LEAST, SIZE_GREATEST: the bound; BALANCE: what is available */
    int64_t price; /* BALANCE: the price it was judged at */
};

struct event {
    enum event_kind kind;
    uint64_t time_ms;              /* the engine's, never before that of an earlier event */
    const struct command *command; /* the one that is being applied */
    union {
        struct event_refused refused;
        struct event_order order;
        const struct trade *trade;
        const struct ledger_row *row;
        struct event_wallet wallet;
        struct book_level level;
        struct event_offer offer;
        struct event_loan loan;
        const struct funding_trade *funding_trade;
        struct event_position position;
        struct event_liquidation liquidation;
        struct event_frr frr;
        struct event_contract contract;
    };
};

/* Called for each event, in order.  It may read the engine, not change it. */
struct event_sink {
    void (*take)(void *context, const struct event *event);
    void *context;
};

#endif
