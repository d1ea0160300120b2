/* gate/gate.h: may this request pass?
 *
 * Facts in, verdict out.  The adapter (shm/judge.c) parses the claim, finds the key, checks the
 * signature, asks, stores what the outcome tells it to store with compare-and-swap, and asks again
 * if it lost a race.  The order of the checks is the order of verdict.def; two things stand out:
 *
 *   - A request over a plain transport is never served.  Correctly signed, it revokes the key (C5);
 *     anything else is told to use https, whatever its path.
 *   - Before the signature is known to be right, all failures look alike.  The one exception is a
 *     key id of the other environment: the id alone shows that, to anybody.
 *
 * Whatever is refused leaves a record, so everything is charged to somebody.  A correct signature
 * that is refused before its key's rate is looked at draws on that rate too, if it comes from where
 * the key may be used; else on the public limit of its address, so that who holds the secret but
 * not the address takes nothing from the owner.  What proves nothing draws on the failures of its
 * address when it claims to be somebody, and on the public limit when it does not.  Once the meter
 * is empty the answer is 429 instead of the reason.
 *
 * An address that goes on failing after that falls into debt, and its failures are answered the
 * later the deeper it is in (delay_ns).  A correct signature never waits.
 *
 * A nonce is consumed by a request that comes as far as the nonce check, even if a later check
 * refuses it, and never by a wrong signature.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "gate/ip_rule.h"
#include "gate/meter.h"
#include "gate/nonce_window.h"
#include "gate/route.h"
#include "gate/verdict.h"
#include "keys/environment.h"
#include "keys/key_state.h"
#include "keys/key_text.h"
#include "keys/signature.h"

#define NONCE_MOST UINT64_C(9007199254740991) /* 2^53 - 1, the venue's documented bound */

enum { GATE_BODY_PARTS_MOST = 64 };

/* A request as the adapter saw it. */
struct gate_request {
    enum environment environment; /* of the door it came through */
    bool encrypted;
    bool dry_run; /* a trial: nothing is revoked, nor found expired for good */
    enum http_method method;
    const struct route_table *routes; /* NULL: route_table_venue */
    const struct route *route;        /* route_find; NULL: unknown path */

    /* Both with their leading slash and without the query.  What is signed is the
     * table's prefix ("/api/"), then the path without its first slash, then nonce and body;
     * clients sign the path as they send it or decoded, so both are tried. */
    struct slice path;         /* as sent */
    struct slice path_decoded; /* same content when nothing was escaped */

    /* Values of bfx-apikey, bfx-nonce, bfx-signature; `at` is NULL when the header is absent. */
    struct slice key, nonce, signature;

    /* Value of bfx-token, likewise.  It goes before the other three, as at the venue. */
    struct slice token;

    const struct slice *body; /* parts, in order */
    size_t body_count;        /* at most GATE_BODY_PARTS_MOST */

    /* WebSocket only: the payload of the "auth" event, which is then what is signed instead of
     * path, nonce and body.  The door has checked that it is "AUTH" and the nonce. */
    struct slice payload;

    uint8_t address[IP_ADDRESS_SIZE]; /* of the client, IPv4 mapped */
    uint64_t wall_ns;
    uint64_t mono_ns;
};

enum gate_claim_state {
    CLAIM_NONE,      /* none of the three headers */
    CLAIM_MALFORMED, /* some missing or not well formed */
    CLAIM_COMPLETE,
    CLAIM_TOKEN, /* an auth token; the adapter finds the key that it stands for */
    CLAIM_PROVED, /* earlier, on the same connection; the adapter remembers which key */
};

/* What the headers claim, before anything is proved. */
struct gate_claim {
    enum gate_claim_state state;
    bool key_named; /* `id` is well formed, even if the rest is not */
    struct key_id id;
    uint64_t nonce; /* 0 when missing or malformed */
    uint8_t signature[SIGNATURE_SIZE];
};

enum gate_key_flag {
    GATE_KEY_WALLETS_CALLED = 1, /* D1, durable; gateways add their own, see gate_live */
    GATE_KEY_SANDBOX_ORDER = 2,  /* D2, of the account */
};

enum { GATE_MAIL_HINT_SIZE = 24 };

/* A key as the authority published it. */
struct gate_key {
    struct midstate midstate;
    uint64_t account;
    uint64_t created_at_ns;
    uint64_t cooling_until_ns; /* 0: no trading permission */
    uint64_t idle_span_ns;     /* ends after so long without use (C4); 0: never */
    uint64_t ended_at_ns;      /* when `state` left active */
    uint64_t ends_at_ns;       /* when it will, announced ahead, for `reason`; 0: not */
    uint32_t scopes;
    uint32_t scopes_waiting; /* asked for, not yet confirmed by mail (C2); not in `scopes` */
    uint32_t public_per_s;   /* > 0 */
    uint32_t private_per_s;  /* > 0 */
    uint8_t state;           /* enum key_state */
    uint8_t reason;          /* enum key_reason */
    uint8_t flags;           /* enum gate_key_flag, or-ed */
    uint8_t ip_rule_count;
    uint8_t nonce_window;                /* 1: nonces may come out of order, see nonce_window.h */
    uint8_t reserved[3];                 /* zero */
    char mail_hint[GATE_MAIL_HINT_SIZE]; /* masked mail address, zero-padded; or empty */
    struct ip_rule ip_rules[IP_RULES_MOST]; /* the first ip_rule_count are set */
    uint8_t reserved_too[4];                /* so that it is whole words */
};
static_assert(sizeof(struct gate_key) == 1128, "drawn in docs/formats/segment.md");

/* What gateways have moved since. */
struct gate_live {
    uint64_t nonce;              /* greatest seen */
    uint64_t public_full_at_ns;  /* meters, monotonic clock */
    uint64_t private_full_at_ns;
    uint64_t last_use_ns;   /* wall clock */
    uint64_t tripped_at_ns; /* revoked by plaintext use at; 0: not */
    uint64_t expired_at_ns; /* found unused for too long at; 0: not.  Sticky when the clock jumps */
    bool windowed;                     /* nonces may come out of order */
    const struct nonce_window *window; /* then; else NULL */
    bool wallets_called;
    bool nonce_taken; /* this request has its nonce already: it is asked again about the rest */
};

/* Meters of an address, and how fast they fill. */
struct gate_address {
    uint64_t requests_full_at_ns; /* public requests without a key (C1) */
    uint64_t failures_full_at_ns; /* failed authentications */
};

struct gate_settings {
    struct meter_rate requests; /* per address; default 15/s, burst 15 */
    struct meter_rate failures; /* per address; default 10/s, burst 60 */
    bool depth_open; /* order-book depth without a key (D4); default: in the sandbox only */
    bool durable;    /* a request goes on only when its record is on disk; default: no */
};

enum gate_store {
    GATE_STORES_NONCE = 1,    /* live nonce := outcome nonce (window: into its place) */
    GATE_STORES_PUBLIC = 2,   /* live public meter := next_meter_ns */
    GATE_STORES_PRIVATE = 4,  /* live private meter := next_meter_ns */
    GATE_STORES_REQUESTS = 8, /* address requests meter := next_meter_ns */
    GATE_STORES_FAILURES = 16, /* address failures meter := next_meter_ns */
    GATE_STORES_TRIPPED = 32,  /* live tripped_at := now */
    GATE_STORES_EXPIRED = 64,  /* live expired_at := now */
};

#define GATE_NO_SLOT UINT32_MAX

struct gate_outcome {
    enum verdict verdict;
    bool authentic; /* the signature was right */
    bool by_token;  /* by an auth token instead */
    bool key_named;
    struct key_id key; /* when key_named */
    uint32_t slot;     /* of the key table, for key_table_mark_wallets; GATE_NO_SLOT */
    uint64_t account;  /* 0 unless authentic */
    uint32_t scopes;   /* granted; 0 unless authentic */
    uint64_t nonce;    /* presented; 0: none */

    /* Why, for gate/refusal.c. */
    uint64_t last_nonce;       /* NONCE_SMALL: the greatest accepted */
    uint64_t delay_ns;         /* how late the refusal should be answered */
    uint64_t retry_ns;         /* 429 and COOLING_OFF: until it would pass */
    uint64_t cooling_until_ns; /* COOLING_OFF */
    uint64_t ended_at_ns;      /* KEY_REVOKED, KEY_EXPIRED, KEY_SUSPENDED */
    uint64_t ends_at_ns;       /* of an authentic request's key, announced; 0: not */
    uint8_t reason;            /* enum key_reason */
    uint8_t scope;             /* enum scope that is missing, or SCOPE_NONE */
    char mail_hint[GATE_MAIL_HINT_SIZE];
    uint32_t rate_limit;     /* units a second of the meter that was asked; 0: none was */
    uint32_t rate_remaining; /* units left at once */
    bool rate_public;        /* which meter of the key, or the address's */
    bool used;               /* the key was: neither it, its address nor its nonce was refused */
    bool address_wanted;     /* ask again with an address: it is to be charged */

    /* What to store now; compare-and-swap from the values that were given. */
    uint8_t stores; /* enum gate_store, or-ed */
    uint8_t window_place; /* with a window: where the nonce belongs */
    uint64_t next_meter_ns;
};

/* Reads the headers. */
void gate_claim_parse(const struct gate_request *request, struct gate_claim *claim);

/* True if the claim's signature is the midstate's over the request, as sent or decoded.  One HMAC,
 * or two when the path was escaped; the comparison is in constant time. */
bool gate_signature_is(const struct gate_request *request, const struct gate_claim *claim,
                       const struct midstate *midstate);

/* The midstate to check with when there is no such key, so that it costs the same. */
const struct midstate *gate_dummy_midstate(void);

/* The decision.
 *
 *   key           snapshot; NULL: no such key, or no key was named.  With a token: only the
 *                 scopes that the token leaves
 *   signature_ok  gate_signature_is(), false whenever key is NULL or the claim is not complete;
 *                 with CLAIM_TOKEN: it is a live token, and the transport is encrypted; with
 *                 CLAIM_PROVED: the key is still there
 *   live          of that key; NULL when key is
 *   address       of the request; may be NULL when signature_ok, until address_wanted
 *   outcome       out, every field; slot is left GATE_NO_SLOT for the adapter to fill
 */
void gate_decide(const struct gate_request *request, const struct gate_claim *claim,
                 const struct gate_key *key, bool signature_ok, const struct gate_live *live,
                 const struct gate_address *address, const struct gate_settings *settings,
                 struct gate_outcome *outcome);

#endif
