/* venue/injection.h: a fault or an outcome that somebody asked for
 *
 *   CALLS    latency, error            REST calls of an account
 *   ORDERS   reject, fill              its next order, or the one with this cid or label
 *   STREAMS  disconnect, checksum      its WebSocket connections, once
 *   MARKET   maintenance, halt, thin, shock: for everybody, so only the owner may ask
 *
 * An order bears a label as "meta": {"sandbox": "LABEL"}.  Times are the exchange's.
 *
 * Pure.
 */
#ifndef VENUE_INJECTION_H
#define VENUE_INJECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/command.h"
#include "exchange/market.h"

enum injection_kind {
#define INJECTION(number, name, text, about, value) INJECTION_##name = (number),
#include "venue/injection.def"
#undef INJECTION
    INJECTION_END
};

enum injection_about {
    INJECTION_ABOUT_CALLS,
    INJECTION_ABOUT_ORDERS,
    INJECTION_ABOUT_STREAMS,
    INJECTION_ABOUT_MARKET
};

enum injection_value {
    INJECTION_VALUE_NOTHING,
    INJECTION_VALUE_MS,     /* at most INJECTION_LATENCY_MOST_MS */
    INJECTION_VALUE_STATUS, /* 500 to 599 */
    INJECTION_VALUE_REASON, /* enum reject_reason */
    INJECTION_VALUE_PERCENT /* ppm of the whole */
};

/* As the venue words it; numbers are written to the journal. */
enum reject_reason {
    REJECT_BALANCE = 0,
    REJECT_SIZE = 1,
    REJECT_PRICE = 2,
    REJECT_RATE = 3,
    REJECT_READY = 4,
    REJECT_REASON_COUNT
};

#define INJECTION_LATENCY_MOST_MS 60000
#define INJECTION_LABEL_SIZE      ORDER_AFFILIATE_SIZE
#define INJECTION_SPAN_MOST_MS    UINT64_C(2592000000) /* 30 days */

struct injection {
    uint64_t id;
    enum injection_kind kind;
    uint64_t account; /* whom it concerns; 0: everybody */
    bool everywhere;  /* of MARKET: in all markets, else in `market` */
    enum market market;
    int64_t value;
    uint64_t uses;              /* left; 0: until the end, however often */
    uint64_t from_ms, until_ms; /* the end is not in it */
    uint64_t cid;               /* of the order; 0: of any */
    char label[INJECTION_LABEL_SIZE]; /* padded with zeros; all zeros: of any */
};

/* What somebody wrote, in a call or in a scenario file.  Texts are borrowed and may be NULL: not
 * given.  Numbers are 0 when they are not given, spans are in milliseconds. */
struct injection_ask {
    const char *kind, *symbol, *reason, *label;
    int64_t percent; /* fixed-point */
    bool has_percent;
    uint64_t ms, status, uses, cid, after_ms, for_ms;
};

/* NULL, or what is wrong with it; static.  `injection` begins at now_ms + after_ms; account and id
 * are the caller's to set. */
const char *injection_make(const struct injection_ask *ask, uint64_t now_ms,
                           struct injection *injection);

const char *injection_text(enum injection_kind kind);
enum injection_about injection_about(enum injection_kind kind);
enum injection_value injection_value(enum injection_kind kind);
const char *reject_text(enum reject_reason reason);

bool injection_acts(const struct injection *injection, uint64_t now_ms);

/* As fields of a command of the journal, and back: docs/formats/journal.md.  `decode` is false when
 * no injection has such fields. */
void injection_encode(const struct injection *injection, struct command *command);
bool injection_decode(const struct command *command, struct injection *injection);

#endif
