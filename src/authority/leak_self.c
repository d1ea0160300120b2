#include "authority/leak_self.h"

#include <sodium.h>

#include "authority/leak.h"
#include "authority/throttle.h"
#include "keys/secret.h"

static enum err attempt_count(struct authority *a, struct slice address, struct refusal *refusal)
{
    const struct throttle throttle = { THROTTLE_REVOKE, address, SLICE_EMPTY };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(throttle_take(a, tx, &throttle, 1, refusal));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

enum err leak_self_revoke(struct authority *a, struct slice text, struct slice address,
                          struct refusal *refusal)
{
    struct leak_finding finding = { .kind = LEAK_SECRET, .channel = LEAK_CHANNEL_SELF };
    struct leak_result result;
    enum environment environment;
    struct secret secret;
    enum err e;

    TRY(attempt_count(a, address, refusal));
    if (refusal_is(refusal))
        goto out;
    if (!secret_parse(text, &environment, &secret)) {
        refusal_add_at(refusal, REFUSAL_INVALID, "secret", "secret-malformed",
                       "this is no secret of ours: it begins with lks_live_ or lks_test_ and has "
                       "55 characters, the last six of which check the others");
        goto out;
    }
    crypto_hash_sha256(finding.sha256, secret.bytes, secret.size);
    secret_wipe(&secret);
    finding.origin = address;
    e = leaks_take(a, "holder of the secret", &finding, 1, &result);
out:
    return e;
}
