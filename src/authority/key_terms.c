#include "authority/key_terms.h"

#include <jansson.h>

#include "authority/change.h"
#include "authority/publish.h"
#include "base/clock.h"
#include "store/keys.h"

static void rate_check(uint64_t rate, const char *name, struct refusal *refusal)
{
    if (rate > KEY_RATE_MOST)
        refusal_add(refusal, REFUSAL_INVALID, "rate-range", "%s has to be from 1 to %d a second",
                    name, KEY_RATE_MOST);
}

static void terms_check(const struct key_terms *terms, uint64_t now_ns, struct refusal *refusal)
{
    rate_check(terms->public_per_s, "the public rate", refusal);
    rate_check(terms->private_per_s, "the private rate", refusal);
    if (terms->ends_at_given && terms->ends_at_ns != 0 && terms->ends_at_ns <= now_ns)
        refusal_add(refusal, REFUSAL_INVALID, "end-past",
                    "the end has to be in the future; to end the key now, revoke it");
    if (terms->public_per_s == 0 && terms->private_per_s == 0 && !terms->nonce_window_given &&
        !terms->ends_at_given)
        refusal_add(refusal, REFUSAL_INVALID, "terms-missing",
                    "there is nothing to set: give a rate, a nonce window or an end");
}

static json_t *terms_json(const struct store_key *key)
{
    char end[CLOCK_TEXT_SIZE] = "never";

    if (key->ends_at_ns != 0)
        clock_format(key->ends_at_ns, end);
    return json_pack("{s:i, s:i, s:b, s:s}", "public_per_s", (int)key->public_per_s,
                     "private_per_s", (int)key->private_per_s, "nonce_window", key->nonce_window,
                     "ends_at", end);
}

static void terms_apply(const struct key_terms *terms, struct store_key *key)
{
    if (terms->public_per_s != 0)
        key->public_per_s = (uint32_t)terms->public_per_s;
    if (terms->private_per_s != 0)
        key->private_per_s = (uint32_t)terms->private_per_s;
    if (terms->nonce_window_given)
        key->nonce_window = terms->nonce_window;
    if (terms->ends_at_given) {
        key->ends_at_ns = terms->ends_at_ns;
        key->ends_reason = terms->ends_at_ns == 0 ? KEY_REASON_NONE : KEY_REASON_OPERATOR;
    }
}

enum err key_terms_set(struct authority *a, const char *who, const char *id,
                       const struct key_terms *terms, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_key key;
    json_t *before;
    enum err e;

    terms_check(terms, a->now_ns(), refusal);
    if (refusal_is(refusal))
        return OK;
    TRY(store_begin(a->store, &tx));
    TRY(store_key_get(tx, id, &key));
    if (key.state > KEY_SUSPENDED) {
        refusal_add(refusal, REFUSAL_RULE, "key-ended",
                    "the key is %s for good: nothing about it can be set any more",
                    key_state_text(key.state));
        goto out;
    }
    before = terms_json(&key);
    terms_apply(terms, &key);
    TRY(change_write(tx, (struct change){ .who = who, .what = "key terms", .account = key.account,
                                          .key = id, .environment = key.environment,
                                          .at_ns = a->now_ns(), .before = before,
                                          .after = terms_json(&key) }));
    TRY(store_key_terms_set(tx, &key));
    TRY(store_commit(&tx));
    e = publish_key(a->publisher, id);
out:
    store_rollback(&tx);
    return e;
}
