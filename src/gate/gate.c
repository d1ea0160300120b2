#include "gate/gate.h"

#include <string.h>

#include "gate/readiness.h"

#define NS_PER_S UINT64_C(1000000000)

/* ---- the claim ---- */

/* Decimal, no sign, no leading zero, 1 to NONCE_MOST. */
static bool nonce_parse(struct slice text, uint64_t *nonce)
{
    uint64_t value = 0;

    if (text.size == 0 || text.size > 16 || text.at[0] == '0')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (value > NONCE_MOST)
        return false;
    *nonce = value;
    return true;
}

void gate_claim_parse(const struct gate_request *request, struct gate_claim *claim)
{
    bool nonce, signature;

    claim->state = CLAIM_NONE;
    claim->nonce = 0;
    memset(claim->signature, 0, sizeof claim->signature);
    claim->key_named = false;
    if (request->token.at != NULL) {
        claim->state = CLAIM_TOKEN;
        return;
    }
    claim->key_named = key_id_parse(request->key, &claim->id);
    if (request->key.at == NULL && request->nonce.at == NULL && request->signature.at == NULL)
        return;
    nonce = nonce_parse(request->nonce, &claim->nonce);
    signature = signature_parse(request->signature, claim->signature);
    claim->state = claim->key_named && nonce && signature ? CLAIM_COMPLETE : CLAIM_MALFORMED;
}

/* ---- the signature ---- */

static bool path_signed(const struct gate_request *request, const struct gate_claim *claim,
                        const struct midstate *midstate, struct slice path)
{
    const struct route_table *routes =
        request->routes != NULL ? request->routes : route_table_venue();
    struct slice parts[3 + GATE_BODY_PARTS_MOST];
    uint8_t signature[SIGNATURE_SIZE];
    size_t count = 0;

    if (path.size > 0 && path.at[0] == '/')
        path = slice_from(path, 1);
    parts[count++] = routes->signed_prefix;
    parts[count++] = path;
    parts[count++] = request->nonce;
    for (size_t i = 0; i < request->body_count; i++)
        parts[count++] = request->body[i];
    signature_compute(midstate, parts, count, signature);
    return signature_equal(signature, claim->signature);
}

bool gate_signature_is(const struct gate_request *request, const struct gate_claim *claim,
                       const struct midstate *midstate)
{
    bool right;

    if (request->body_count > GATE_BODY_PARTS_MOST)
        return false;
    if (request->payload.at != NULL) {
        uint8_t signature[SIGNATURE_SIZE];

        signature_compute(midstate, &request->payload, 1, signature);
        return signature_equal(signature, claim->signature);
    }
    right = path_signed(request, claim, midstate, request->path);
    if (!right && !slice_is(request->path, request->path_decoded))
        right = path_signed(request, claim, midstate, request->path_decoded);
    return right;
}

const struct midstate *gate_dummy_midstate(void)
{
    /* Any 16 words do: nobody can know a text that signs to them. */
    static const struct midstate dummy = { { 1, 2, 3, 4, 5, 6, 7, 8 }, { 8, 7, 6, 5, 4, 3, 2, 1 } };

    return &dummy;
}

/* ---- the decision ---- */

/* What a failure costs an address that has used up its free ones, in time that it takes to be
 * forgiven: who tries one after the other comes to 4 s for each. */
#define FAILURE_OWES_NS  (4 * NS_PER_S)
#define DEBT_MOST_NS     (40 * NS_PER_S)
#define DEBT_PER_DELAY   8 /* half a second at first, five at most */

/* What a check needs; `outcome` collects the answer. */
struct question {
    const struct gate_request *request;
    const struct gate_claim *claim;
    const struct gate_key *key;
    const struct gate_live *live;
    const struct gate_address *address;
    const struct gate_settings *settings;
    struct gate_outcome *outcome;
};

static bool refuse(const struct question *q, enum verdict verdict)
{
    q->outcome->verdict = verdict;
    return false;
}

/* Takes one unit; `store` says where the next value belongs if there was one left. */
static bool metered(const struct question *q, uint64_t full_at_ns, struct meter_rate rate,
                    enum gate_store store)
{
    struct gate_outcome *outcome = q->outcome;
    bool passed = meter_take(&full_at_ns, rate, q->request->mono_ns, 1, &outcome->retry_ns);

    outcome->rate_limit = (uint32_t)(NS_PER_S / rate.step_ns);
    outcome->rate_remaining = meter_remaining(full_at_ns, rate, q->request->mono_ns);
    if (passed) {
        outcome->stores |= (uint8_t)store;
        outcome->next_meter_ns = full_at_ns;
    }
    return passed;
}

/* A refusal that was charged says its reason, while there was something left to charge. */
static bool refuse_charged(const struct question *q, bool left, enum verdict verdict,
                           enum verdict exhausted)
{
    if (left)
        q->outcome->rate_limit = q->outcome->rate_remaining = 0;
    return refuse(q, left ? verdict : exhausted);
}

/* A claim without proof draws on the failures of its address, and goes into debt beyond. */
static bool refuse_unproved(const struct question *q, enum verdict verdict)
{
    struct gate_outcome *outcome = q->outcome;
    uint64_t full_at_ns = q->address->failures_full_at_ns, debt_ns;
    bool left = metered(q, full_at_ns, q->settings->failures, GATE_STORES_FAILURES);

    if (!left) {
        debt_ns = meter_owe(&full_at_ns, q->settings->failures, q->request->mono_ns,
                            FAILURE_OWES_NS, DEBT_MOST_NS);
        outcome->stores |= GATE_STORES_FAILURES;
        outcome->next_meter_ns = full_at_ns;
        outcome->delay_ns = debt_ns / DEBT_PER_DELAY;
        outcome->retry_ns = debt_ns + q->settings->failures.step_ns;
    }
    return refuse_charged(q, left, verdict, VERDICT_FAILURES_EXCEEDED);
}

static bool address_metered(const struct question *q)
{
    q->outcome->rate_public = true;
    return metered(q, q->address->requests_full_at_ns, q->settings->requests,
                   GATE_STORES_REQUESTS);
}

/* What claims to be nobody, or is no business of the key's, draws on the address. */
static bool refuse_to_address(const struct question *q, enum verdict verdict)
{
    if (q->address == NULL) {
        q->outcome->address_wanted = true;
        return refuse(q, verdict);
    }
    /* Not RATE_EXCEEDED, whose record says that the nonce was used. */
    return refuse_charged(q, address_metered(q), verdict,
                          q->outcome->authentic ? VERDICT_REFUSALS_EXCEEDED
                                                : VERDICT_ADDRESS_RATE_EXCEEDED);
}

/* No proof was given.  True: a public request that may pass. */
static bool unproved_passes(const struct question *q)
{
    const struct route *route = q->request->route;

    if (!q->request->encrypted)
        return refuse_to_address(q, VERDICT_PLAINTEXT);
    if (route == NULL)
        return refuse_to_address(q, VERDICT_ROUTE_UNKNOWN);
    if (route_is_retired(route, q->request->wall_ns))
        return refuse_to_address(q, VERDICT_ROUTE_RETIRED);
    if (q->claim->state == CLAIM_TOKEN)
        return refuse_unproved(q, VERDICT_TOKEN_INVALID);
    if (q->claim->key_named && q->claim->id.environment != q->request->environment)
        return refuse_unproved(q, VERDICT_WRONG_ENVIRONMENT);
    if (q->claim->state == CLAIM_COMPLETE || q->claim->state == CLAIM_PROVED)
        return refuse_unproved(q, q->key == NULL ? VERDICT_KEY_UNKNOWN : VERDICT_SIGNATURE_WRONG);
    if (q->claim->state == CLAIM_MALFORMED || route->class == ROUTE_PRIVATE ||
        (route->scope != SCOPE_NONE &&
         !(route->scope == SCOPE_DEPTH_READ && q->settings->depth_open)))
        return refuse_unproved(q, VERDICT_HEADERS_MALFORMED);
    return address_metered(q) || refuse(q, VERDICT_ADDRESS_RATE_EXCEEDED);
}

static bool key_metered(const struct question *q)
{
    bool public = q->request->route != NULL && q->request->route->class == ROUTE_PUBLIC;
    uint32_t units = public ? q->key->public_per_s : q->key->private_per_s;

    q->outcome->rate_public = public;
    return metered(q, public ? q->live->public_full_at_ns : q->live->private_full_at_ns,
                   meter_rate_of(units != 0 ? units : 1, units != 0 ? units : 1),
                   public ? GATE_STORES_PUBLIC : GATE_STORES_PRIVATE);
}

static bool address_allowed(const struct question *q)
{
    return ip_rules_match(q->key->ip_rules, q->key->ip_rule_count, q->request->address);
}

/* What is refused before the rate is looked at. */
static bool refuse_proved(const struct question *q, enum verdict verdict)
{
    if (!address_allowed(q))
        return refuse_to_address(q, verdict);
    return refuse_charged(q, key_metered(q), verdict, VERDICT_REFUSALS_EXCEEDED);
}

static bool ended(const struct question *q, enum verdict verdict, uint64_t at_ns, unsigned reason)
{
    q->outcome->ended_at_ns = at_ns;
    q->outcome->reason = (uint8_t)reason;
    return refuse_proved(q, verdict);
}

/* A key dies once; a wall clock that jumps back does not revive it. */
static bool state_passes(const struct question *q)
{
    const struct gate_key *key = q->key;
    uint64_t used_ns = q->live->last_use_ns > key->created_at_ns ? q->live->last_use_ns
                                                                 : key->created_at_ns;
    uint64_t now_ns = q->request->wall_ns;

    if (q->live->tripped_at_ns != 0 && key->state != KEY_REVOKED)
        return ended(q, VERDICT_KEY_REVOKED, q->live->tripped_at_ns, KEY_REASON_PLAINTEXT);
    switch (key->state) {
    case KEY_ACTIVE:
        break;
    case KEY_SUSPENDED:
        return ended(q, VERDICT_KEY_SUSPENDED, key->ended_at_ns, key->reason);
    case KEY_EXPIRED:
        return ended(q, VERDICT_KEY_EXPIRED, key->ended_at_ns, key->reason);
    default: /* an unknown state is no reason to let anybody in */
        return ended(q, VERDICT_KEY_REVOKED, key->ended_at_ns, key->reason);
    }
    if (key->ends_at_ns != 0 && now_ns >= key->ends_at_ns)
        return ended(q, VERDICT_KEY_REVOKED, key->ends_at_ns, key->reason);
    if (q->live->expired_at_ns != 0)
        return ended(q, VERDICT_KEY_EXPIRED, q->live->expired_at_ns, KEY_REASON_UNUSED);
    if (key->idle_span_ns != 0 && now_ns > used_ns && now_ns - used_ns > key->idle_span_ns) {
        q->outcome->stores |= GATE_STORES_EXPIRED;
        return ended(q, VERDICT_KEY_EXPIRED, now_ns, KEY_REASON_UNUSED);
    }
    return true;
}

static bool nonce_passes(const struct question *q)
{
    unsigned place = 0;
    bool fresh;

    if (q->live->nonce_taken)
        return true;
    fresh = q->live->window == NULL
                ? q->claim->nonce > q->live->nonce
                : nonce_window_admits(q->live->window, q->claim->nonce, &place);
    if (!fresh) {
        q->outcome->last_nonce = q->live->nonce;
        return refuse_proved(q, VERDICT_NONCE_SMALL);
    }
    q->outcome->window_place = (uint8_t)place;
    q->outcome->stores |= GATE_STORES_NONCE;
    return true;
}

static bool rate_passes(const struct question *q)
{
    q->outcome->used = true;
    return key_metered(q) || refuse(q, VERDICT_RATE_EXCEEDED);
}

static bool scope_passes(const struct question *q)
{
    enum scope scope = (enum scope)q->request->route->scope;

    if (scope == SCOPE_NONE || (q->key->scopes & SCOPE_BIT(scope)) != 0)
        return true;
    q->outcome->scope = (uint8_t)scope;
    if ((q->key->scopes_waiting & SCOPE_BIT(scope)) != 0)
        return refuse(q, VERDICT_SCOPE_UNCONFIRMED);
    if ((scope_get(scope)->flags & SCOPE_IS_ELEVATED) != 0)
        return refuse(q, VERDICT_SCOPE_ELEVATED);
    return refuse(q, VERDICT_SCOPE_MISSING);
}

static bool readiness_passes(const struct question *q)
{
    const struct gate_key *key = q->key;
    struct readiness readiness;

    if (q->request->environment != ENVIRONMENT_LIVE ||
        (q->request->route->flags & ROUTE_COUNTS_AS_ORDER) == 0)
        return true;
    readiness = readiness_decide(
        q->live->wallets_called || (key->flags & GATE_KEY_WALLETS_CALLED) != 0,
        (key->flags & GATE_KEY_SANDBOX_ORDER) != 0, key->cooling_until_ns, q->request->wall_ns);
    if (!readiness.wallets_called)
        return refuse(q, VERDICT_WALLETS_FIRST);
    if (!readiness.sandbox_order)
        return refuse(q, VERDICT_SANDBOX_FIRST);
    if (!readiness.cooling_over) {
        q->outcome->cooling_until_ns = key->cooling_until_ns;
        q->outcome->retry_ns = readiness.cooling_left_ns;
        return refuse(q, VERDICT_COOLING_OFF);
    }
    return true;
}

/* The signature was right: from here on reasons may be told. */
static bool proved_passes(const struct question *q)
{
    const struct route *route = q->request->route;

    /* The first time ends the key, which nothing may stand in the way of. */
    if (!q->request->encrypted && q->live->tripped_at_ns != 0)
        return refuse_proved(q, VERDICT_PLAINTEXT_REVOKED);
    if (!q->request->encrypted) {
        q->outcome->stores |= GATE_STORES_TRIPPED;
        return refuse(q, VERDICT_PLAINTEXT_REVOKED);
    }
    if (route == NULL)
        return refuse_proved(q, VERDICT_ROUTE_UNKNOWN);
    if (route_is_retired(route, q->request->wall_ns))
        return refuse_proved(q, VERDICT_ROUTE_RETIRED);
    if (!state_passes(q))
        return false;
    if (!address_allowed(q))
        return refuse_to_address(q, VERDICT_ADDRESS_REFUSED);
    return nonce_passes(q) && rate_passes(q) && scope_passes(q) && readiness_passes(q);
}

void gate_decide(const struct gate_request *request, const struct gate_claim *claim,
                 const struct gate_key *key, bool signature_ok, const struct gate_live *live,
                 const struct gate_address *address, const struct gate_settings *settings,
                 struct gate_outcome *outcome)
{
    const struct question q = { request, claim, key, live, address, settings, outcome };

    *outcome = (struct gate_outcome){
        .verdict = VERDICT_PASS,
        .authentic = signature_ok,
        .by_token = signature_ok && claim->state == CLAIM_TOKEN,
        .key_named = claim->key_named,
        .slot = GATE_NO_SLOT,
        .nonce = claim->nonce,
        .scope = SCOPE_NONE,
    };
    if (claim->key_named)
        outcome->key = claim->id;
    if (signature_ok) {
        outcome->account = key->account;
        outcome->scopes = key->scopes;
        outcome->ends_at_ns = key->ends_at_ns;
        memcpy(outcome->mail_hint, key->mail_hint, sizeof outcome->mail_hint);
        (void)proved_passes(&q);
    } else {
        (void)unproved_passes(&q);
    }
}
