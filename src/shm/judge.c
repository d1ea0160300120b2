#include "shm/judge.h"

#include "shm/addresses.h"
#include "shm/key_slot.h"
#include "shm/key_table.h"

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

/* The nonce first: the race for it decides who of several equals is the one.  Its winner keeps it
 * whatever the meter says, and asks again only about the meter, as of the nonce before its own. */
static void proved_judge(struct segment *segment, uint32_t number,
                         const struct gate_request *request, const struct gate_claim *claim,
                         const struct gate_key *key, struct gate_outcome *outcome)
{
    struct gate_settings settings = segment_settings_get(segment);
    struct key_slot *slot = &segment->keys[number];
    bool nonce_won = false, meter_won = false;
    uint64_t nonce_before = 0;
    struct gate_live seen;

    while (!meter_won) {
        key_table_live_get(segment, number, &seen);
        if (nonce_won)
            seen.nonce = nonce_before;
        gate_decide(request, claim, key, true, &seen, NULL, &settings, outcome);
        if ((outcome->stores & GATE_STORES_NONCE) != 0 && !nonce_won) {
            nonce_won = swap(&slot->nonce, seen.nonce, claim->nonce);
            if (!nonce_won)
                continue;
            nonce_before = seen.nonce;
            last_use_raise(slot, seen.last_use_ns, request->wall_ns);
        }
        if ((outcome->stores & GATE_STORES_PRIVATE) != 0)
            meter_won = swap(&slot->private_full_at_ns, seen.private_full_at_ns,
                             outcome->next_meter_ns);
        else if ((outcome->stores & GATE_STORES_PUBLIC) != 0)
            meter_won = swap(&slot->public_full_at_ns, seen.public_full_at_ns,
                             outcome->next_meter_ns);
        else
            meter_won = true;
    }
    /* Whoever is first to say it sets the moment; a lost race says the same. */
    if ((outcome->stores & GATE_STORES_TRIPPED) != 0)
        (void)swap(&slot->tripped_at_ns, 0, request->wall_ns);
    if ((outcome->stores & GATE_STORES_EXPIRED) != 0)
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

void judge_request(struct segment *segment, const struct gate_request *request,
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
    if (claim.state != CLAIM_COMPLETE) {
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
