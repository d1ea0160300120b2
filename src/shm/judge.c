#include "shm/judge.h"

#include "gate/token.h"
#include "shm/addresses.h"
#include "shm/key_slot.h"
#include "shm/key_table.h"
#include "shm/tokens.h"

/* Compare-and-swap of one word.  Relaxed: the word is all that is agreed on; nothing is published
 * with it. */
static bool swap(_Atomic uint64_t *word, uint64_t from, uint64_t to)
{
    return atomic_compare_exchange_strong_explicit(word, &from, to, memory_order_relaxed,
                                                   memory_order_relaxed);
}

/* Stores what a decision about an unproved request says; false: lost a race, ask again. */
static bool address_store(struct address_entry *entry, const struct gate_address *seen,
                          const struct gate_outcome *outcome)
{
    if ((outcome->stores & GATE_STORES_REQUESTS) != 0)
        return address_requests_store(entry, seen->requests_full_at_ns, outcome->next_meter_ns);
    if ((outcome->stores & GATE_STORES_FAILURES) != 0)
        return address_failures_store(entry, seen->failures_full_at_ns, outcome->next_meter_ns);
    return true;
}

static void unproved_judge(struct segment *segment, const struct gate_request *request,
                           const struct gate_claim *claim, const struct gate_key *key,
                           struct gate_outcome *outcome)
{
    struct gate_settings settings = segment_settings_get(segment);
    struct address_entry *entry = addresses_get(segment, request->address, request->mono_ns);
    struct gate_address seen;

    do {
        address_read(entry, &seen);
        gate_decide(request, claim, key, false, NULL, &seen, &settings, outcome);
    } while (!address_store(entry, &seen, outcome));
}

static void last_use_raise(struct key_slot *slot, uint64_t seen_ns, uint64_t now_ns)
{
    /* A lost race means somebody else has just used the key, which says the same. */
    if (now_ns > seen_ns)
        (void)swap(&slot->last_use_ns, seen_ns, now_ns);
}

/* Sequentially consistent, all that is done to a window, because what keeps a nonce from passing
 * twice is an argument about one order of everybody's steps:
 *
 *   - A value of seen[] only ever grows, so a place that still holds what was read in the scan has
 *     held it all the time.  It was the smallest then, and the others only grow: until the swap, no
 *     one else who sees this window may choose another place.  So two requests with one nonce swap
 *     at the same place, and one of them fails.
 *   - A nonce that has left the window left after the floor was raised to it.  Whoever scanned
 *     before chose a place that is smaller still, and that was replaced before this one could be:
 *     its swap fails.
 */
static void window_load(const struct window *window, struct nonce_window *seen)
{
    seen->floor = atomic_load(&window->floor);
    for (unsigned i = 0; i < NONCE_WINDOW_SIZE; i++)
        seen->seen[i] = atomic_load(&window->seen[i]);
}

/* False: the window has moved, or is not there any more; ask again.  The greatest nonce is raised
 * first, and only while the key has a window: should that be shut now, nobody can take the nonce
 * a second time as a rising one. */
static bool window_take(struct key_slot *slot, struct window *window,
                        const struct nonce_window *seen, unsigned place, uint64_t nonce)
{
    uint64_t greatest = atomic_load(&slot->nonce), was = seen->seen[place];

    do {
        if ((greatest & NONCE_WINDOWED) == 0)
            return false;
    } while (greatest < (nonce | NONCE_WINDOWED) &&
             !atomic_compare_exchange_weak(&slot->nonce, &greatest, nonce | NONCE_WINDOWED));
    word_raise(&window->floor, was);
    return atomic_compare_exchange_strong(&window->seen[place], &was, nonce);
}

/* What a proved request is asked about: the live part, and the window if there is one. */
struct sight {
    struct gate_live live;
    struct nonce_window window;
};

static void sight_take(const struct segment *segment, uint32_t number, struct sight *sight)
{
    key_table_live_get(segment, number, &sight->live);
    if (sight->live.windowed) {
        window_load(&segment->windows[number], &sight->window);
        sight->live.window = &sight->window;
    }
}

static bool nonce_store(struct segment *segment, uint32_t number, const struct sight *sight,
                        const struct gate_outcome *outcome)
{
    struct key_slot *slot = &segment->keys[number];

    if (sight->live.windowed)
        return window_take(slot, &segment->windows[number], &sight->window, outcome->window_place,
                           outcome->nonce);
    /* Acquire: pairs with key_table_live_take; if that came before, the segment is seen to be over
     * in the end. */
    return atomic_compare_exchange_strong_explicit(&slot->nonce, &(uint64_t){ sight->live.nonce },
                                                   outcome->nonce, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* The nonce first, if the claim brings one: the race for it decides who of several equals is the
 * one.  Its winner keeps it whatever the meter says, and asks again only about the rest. */
static void proved_judge(struct segment *segment, uint32_t number,
                         const struct gate_request *request, const struct gate_claim *claim,
                         const struct gate_key *key, struct gate_outcome *outcome)
{
    struct gate_settings settings = segment_settings_get(segment);
    struct key_slot *slot = &segment->keys[number];
    bool nonce_won = false, meter_won = false;
    struct address_entry *entry = NULL; /* few are charged to the address */
    struct gate_address seen;
    struct sight sight;

    while (!meter_won) {
        sight_take(segment, number, &sight);
        sight.live.nonce_taken = nonce_won || claim->state != CLAIM_COMPLETE;
        if (entry != NULL)
            address_read(entry, &seen);
        gate_decide(request, claim, key, true, &sight.live, entry != NULL ? &seen : NULL, &settings,
                    outcome);
        if (outcome->address_wanted) {
            entry = addresses_get(segment, request->address, request->mono_ns);
            continue;
        }
        if ((outcome->stores & GATE_STORES_NONCE) != 0) {
            nonce_won = nonce_store(segment, number, &sight, outcome);
            if (!nonce_won)
                continue;
            last_use_raise(slot, sight.live.last_use_ns, request->wall_ns);
        }
        if ((outcome->stores & GATE_STORES_PRIVATE) != 0)
            meter_won = swap(&slot->private_full_at_ns, sight.live.private_full_at_ns,
                             outcome->next_meter_ns);
        else if ((outcome->stores & GATE_STORES_PUBLIC) != 0)
            meter_won = swap(&slot->public_full_at_ns, sight.live.public_full_at_ns,
                             outcome->next_meter_ns);
        else
            meter_won = entry == NULL || address_store(entry, &seen, outcome);
    }
    if (claim->state != CLAIM_COMPLETE && outcome->used)
        last_use_raise(slot, sight.live.last_use_ns, request->wall_ns);
    /* Whoever is first to say it sets the moment; a lost race says the same. */
    if ((outcome->stores & GATE_STORES_TRIPPED) != 0 && !request->dry_run)
        (void)swap(&slot->tripped_at_ns, 0, request->wall_ns);
    if ((outcome->stores & GATE_STORES_EXPIRED) != 0 && !request->dry_run)
        (void)swap(&slot->expired_at_ns, 0, request->wall_ns);
    outcome->slot = number;
}

static void closed(const struct gate_claim *claim, struct gate_outcome *outcome)
{
    *outcome = (struct gate_outcome){ .verdict = VERDICT_SEGMENT_MISSING,
                                      .key_named = claim->key_named,
                                      .key = claim->id,
                                      .slot = GATE_NO_SLOT,
                                      .nonce = claim->nonce,
                                      .scope = SCOPE_NONE };
}

/* A token's key, with no more scopes than the token has.  False: no such token. */
static bool token_key(const struct segment *segment, const struct gate_request *request,
                      const uint64_t digest[2], struct token_entry_content *token,
                      struct gate_claim *claim, struct gate_key *key)
{
    static const uint8_t anywhere[IP_ADDRESS_SIZE];

    if (!tokens_find(segment, digest, request->mono_ns, token) ||
        token->slot >= key_table_count(segment) ||
        key_table_get(segment, token->slot, claim->id.random, key) != OK)
        return false;
    if (memcmp(token->address, anywhere, sizeof anywhere) != 0 &&
        memcmp(token->address, request->address, sizeof token->address) != 0)
        return false;
    claim->key_named = true;
    claim->id.environment = request->environment;
    key->scopes &= token->scopes;
    key->scopes_waiting &= token->scopes;
    return true;
}

/* Shown in the clear, a token is dropped: whoever listens could use it. */
static void token_judge(struct segment *segment, const struct gate_request *request,
                        struct gate_claim *claim, struct gate_outcome *outcome)
{
    struct token_entry_content token;
    struct gate_key key;
    uint64_t digest[2];
    bool known;

    token_digest(request->token, digest);
    known = token_key(segment, request, digest, &token, claim, &key);
    if (known && !request->encrypted && !request->dry_run)
        tokens_drop(segment, digest, token.slot);
    if (known && request->encrypted)
        proved_judge(segment, token.slot, request, claim, &key, outcome);
    else
        unproved_judge(segment, request, claim, NULL, outcome);
    midstate_wipe(&key.midstate);
}

/* The key of a proof as it is now; `claim` names it either way.  False: it, or the token, is not
 * there any more. */
static bool proof_key(const struct segment *segment, const struct gate_request *request,
                      const struct judge_proof *proof, struct gate_claim *claim, uint32_t *slot,
                      struct gate_key *key)
{
    struct token_entry_content token = { .slot = KEY_TABLE_NONE };

    *claim = (struct gate_claim){ .state = proof->by_token ? CLAIM_TOKEN : CLAIM_PROVED,
                                  .key_named = true,
                                  .id = proof->key };
    if (!proof->by_token) {
        *slot = key_table_find(segment, proof->key.random);
        return *slot != KEY_TABLE_NONE && key_slot_read(segment, *slot, key);
    }
    if (!token_key(segment, request, proof->digest, &token, claim, key))
        return false;
    *slot = token.slot;
    return true;
}

static void proof_judge(struct segment *segment, const struct gate_request *request,
                        const struct judge_proof *proof, struct gate_outcome *outcome)
{
    struct gate_claim claim;
    struct gate_key key;
    uint32_t slot = KEY_TABLE_NONE;

    if (proof_key(segment, request, proof, &claim, &slot, &key))
        proved_judge(segment, slot, request, &claim, &key, outcome);
    else
        unproved_judge(segment, request, &claim, NULL, outcome);
    midstate_wipe(&key.midstate);
}

static void proof_look(const struct segment *segment, const struct gate_request *request,
                       const struct judge_proof *proof, struct gate_outcome *outcome)
{
    struct gate_settings settings = segment_settings_get(segment);
    struct gate_address untouched = { 0, 0 };
    struct gate_claim claim;
    struct gate_live live;
    struct gate_key key;
    uint32_t slot = KEY_TABLE_NONE;
    bool known = proof_key(segment, request, proof, &claim, &slot, &key);

    if (known) {
        key_table_live_get(segment, slot, &live);
        live.nonce_taken = true;
        live.public_full_at_ns = live.private_full_at_ns = 0;
    }
    gate_decide(request, &claim, known ? &key : NULL, known, known ? &live : NULL, &untouched,
                &settings, outcome);
    midstate_wipe(&key.midstate);
}

static void request_judge(struct segment *segment, const struct gate_request *request,
                          struct gate_outcome *outcome)
{
    struct gate_claim claim = { .state = CLAIM_NONE };
    struct gate_key key; /* 1128 bytes, of which only what the key has is ever written */
    uint32_t slot = KEY_TABLE_NONE;
    bool right;

    /* Before anything is checked, so that memory answers while the headers are parsed.  A text that
     * turns out to be no key id has cost a line of the cache. */
    if (segment != NULL && request->key.size == KEY_ID_SIZE)
        key_table_prefetch(segment, request->key.at + KEY_PREFIX_SIZE);
    gate_claim_parse(request, &claim);
    if (segment == NULL || segment_environment(segment) != request->environment) {
        closed(&claim, outcome);
        return;
    }
    if (claim.state == CLAIM_TOKEN) {
        token_judge(segment, request, &claim, outcome);
        return;
    }
    if (claim.state != CLAIM_COMPLETE) {
        /* The same work as for a wrong signature, whose answer is the same. */
        if (claim.state == CLAIM_MALFORMED)
            (void)gate_signature_is(request, &claim, gate_dummy_midstate());
        unproved_judge(segment, request, &claim, NULL, outcome);
        return;
    }
    if (claim.id.environment == request->environment)
        slot = key_table_find(segment, claim.id.random);
    if (slot != KEY_TABLE_NONE && !key_slot_read(segment, slot, &key)) {
        closed(&claim, outcome);
        return;
    }
    right = gate_signature_is(request, &claim,
                              slot != KEY_TABLE_NONE ? &key.midstate : gate_dummy_midstate());
    /* A dummy is nobody's key, whatever was signed with it. */
    if (right && slot != KEY_TABLE_NONE)
        proved_judge(segment, slot, request, &claim, &key, outcome);
    else
        unproved_judge(segment, request, &claim, slot != KEY_TABLE_NONE ? &key : NULL, outcome);
    midstate_wipe(&key.midstate);
}

/* Asked last: if the file was cut in between, parts of the decision stand on zeros; if another one
 * takes its place, the nonce may be unused there.  Plaintext use stays what it is: its record has
 * the key revoked. */
static bool decided_too_late(const struct segment *segment, const struct gate_outcome *outcome)
{
    return segment != NULL && segment_is_over(segment) &&
           outcome->verdict != VERDICT_PLAINTEXT_REVOKED;
}

void judge_request(struct segment *segment, const struct gate_request *request,
                   struct gate_outcome *outcome)
{
    struct gate_claim claim;

    request_judge(segment, request, outcome);
    if (!decided_too_late(segment, outcome))
        return;
    gate_claim_parse(request, &claim);
    closed(&claim, outcome);
}

struct judge_proof judge_proof_of(const struct gate_request *request,
                                  const struct gate_outcome *outcome)
{
    struct judge_proof proof = { .key = outcome->key, .by_token = outcome->by_token };

    if (outcome->by_token)
        token_digest(request->token, proof.digest);
    return proof;
}

static void proof_ask(struct segment *segment, const struct gate_request *request,
                      const struct judge_proof *proof, bool looks, struct gate_outcome *outcome)
{
    const struct gate_claim claim = { .key_named = true, .id = proof->key };

    if (segment == NULL || segment_environment(segment) != request->environment)
        closed(&claim, outcome);
    else if (looks)
        proof_look(segment, request, proof, outcome);
    else
        proof_judge(segment, request, proof, outcome);
    if (decided_too_late(segment, outcome))
        closed(&claim, outcome);
}

void judge_again(struct segment *segment, const struct gate_request *request,
                 const struct judge_proof *proof, struct gate_outcome *outcome)
{
    proof_ask(segment, request, proof, false, outcome);
}

void judge_look(struct segment *segment, const struct gate_request *request,
                const struct judge_proof *proof, struct gate_outcome *outcome)
{
    proof_ask(segment, request, proof, true, outcome);
}
