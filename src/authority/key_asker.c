#include "authority/key_asker.h"

enum err key_asker_get(struct store_tx *tx, const struct key_asker *asker, const char *id,
                       struct store_key *key, struct refusal *refusal)
{
    enum err e;

    TRY(store_key_get(tx, id, key));
    if (asker->account != 0 && key->account != asker->account) {
        e = ERR_MISSING;
        goto out;
    }
    if (key->state > KEY_SUSPENDED)
        refusal_add(refusal, REFUSAL_RULE, "key-ended",
                    "the key is %s for good: nothing about it can be set any more; make a new one",
                    key_state_text(key->state));
out:
    return e;
}

enum err key_asker_prove(struct authority *a, struct store_tx *tx, const struct key_asker *asker,
                         uint64_t account, struct refusal *refusal)
{
    return proof_spend(a, tx, account, asker->session, asker->operation, &asker->proof, refusal);
}
