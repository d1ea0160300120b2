#include "authority/device.h"

enum err device_is_known(struct store_tx *tx, uint64_t account, struct slice cookie, bool *known)
{
    uint8_t sha256[STORE_SHA256_SIZE];

    *known = false;
    if (!session_token_hash(cookie, sha256))
        return OK;
    return store_device_find(tx, account, sha256, known);
}

enum err device_note(struct authority *a, struct store_tx *tx, uint64_t account,
                     struct slice cookie, char token[SESSION_TOKEN_SIZE], bool *strange)
{
    uint8_t before[STORE_SHA256_SIZE], after[STORE_SHA256_SIZE];
    bool known, any;
    enum err e;

    token[0] = '\0';
    *strange = false;
    TRY(device_is_known(tx, account, cookie, &known));
    if (known)
        goto out;
    TRY(store_devices_find(tx, account, &any));
    *strange = any;
    session_token_draw(token);
    session_token_hash(slice_of(token), after);
    if (session_token_hash(cookie, before))
        TRY(store_device_renew(tx, before, after));
    e = store_device_insert(tx, account, after, a->now_ns());
out:
    return e;
}
