#include "authority/change.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "store/changes.h"

enum err change_write(struct store_tx *tx, struct change change)
{
    struct store_change row = { .at_ns = change.at_ns, .account = change.account,
                                .environment = change.environment };
    json_t *body = json_pack("{s:s, s:s, s:o?, s:o?}", "who", change.who, "what", change.what,
                             "before", change.before, "after", change.after);
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    enum err e = ERR_MEMORY;

    if (text == NULL)
        goto out;
    row.body = slice_of(text);
    if (row.body.size > RECORD_TEXT_MOST) {
        e = ERR_FULL;
        goto out;
    }
    randombytes_buf(row.id, sizeof row.id);
    if (change.key != NULL)
        memcpy(row.key, change.key, sizeof row.key);
    e = store_change_insert(tx, &row);
out:
    free(text);
    json_decref(body);
    return e;
}

enum err change_note(struct store *store, struct change change)
{
    struct store_tx *tx = NULL;
    enum err e = store_begin(store, &tx);

    if (e != OK) {
        json_decref(change.before);
        json_decref(change.after);
        return e;
    }
    TRY(change_write(tx, change));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}
