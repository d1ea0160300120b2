#include "authority/hold.h"

#include <sodium.h>

#include "authority/change.h"
#include "authority/event.h"

/* The hold itself, where it does not move the key: the change log has it too. */
static enum err hold_note(struct authority *a, struct store_tx *tx, const char *who,
                          const struct store_key *key, const char *what, enum key_reason reason)
{
    return change_write(tx, (struct change){ .who = who, .what = what, .account = key->account,
                                             .key = key->id, .environment = key->environment,
                                             .at_ns = a->now_ns(),
                                             .after = json_pack("{s:s}", "reason",
                                                                key_reason_text(reason)) });
}

enum err hold_add(struct authority *a, struct store_tx *tx, const char *who, const char *key,
                  enum key_reason reason)
{
    struct store_key row;
    bool changed;
    enum err e;

    TRY(store_key_get(tx, key, &row));
    if (!key_is_usable(&row))
        goto out;
    TRY(store_hold_add(tx, row.id, reason, a->now_ns(), &changed));
    if (row.state == KEY_ACTIVE)
        e = key_move(a, tx, who, &row, KEY_SUSPENDED, reason, SLICE(""));
    else if (changed)
        e = hold_note(a, tx, who, &row, "key held", reason);
out:
    return e;
}

enum err hold_lift(struct authority *a, struct store_tx *tx, const char *who, const char *key,
                   enum key_reason reason, struct key_list *moved)
{
    struct store_hold left[KEY_REASON_COUNT];
    struct store_key row;
    bool changed;
    size_t count;
    enum err e;

    TRY(store_key_get(tx, key, &row));
    TRY(store_hold_remove(tx, row.id, reason, &changed));
    if (!changed || row.state != KEY_SUSPENDED)
        goto out;
    TRY(store_holds_get(tx, row.id, left, &count));
    if (count > 0 && row.reason != reason) {
        e = hold_note(a, tx, who, &row, "key hold lifted", reason);
        goto out;
    }
    if (count > 0)
        TRY(key_move(a, tx, who, &row, KEY_SUSPENDED, left[0].reason, SLICE("")));
    else
        TRY(key_move(a, tx, who, &row, KEY_ACTIVE, KEY_REASON_NONE, SLICE("")));
    e = key_list_add(moved, row.id) ? OK : ERR_MEMORY;
out:
    return e;
}

/* The decision is mailed by itself: this is for webhooks and notices. */
static enum err settled_tell(struct authority *a, struct store_tx *tx, const struct store_key *key,
                             enum event_kind kind, struct slice words)
{
    return event_write(a, tx, &(struct event){ .kind = kind, .account = key->account,
                                               .key = key->id, .is_mailed_already = true,
                                               .data = json_pack("{s:s%}", "reason", words.at,
                                                                 words.size) });
}

static enum err held_revoke(struct authority *a, struct store_tx *tx, const char *who,
                            const char *key, enum key_reason reason, struct slice words,
                            struct key_list *moved)
{
    struct store_key row;
    enum err e;

    TRY(store_key_get(tx, key, &row));
    if (!key_is_usable(&row))
        goto out;
    TRY(key_move(a, tx, who, &row, KEY_REVOKED, reason, words));
    TRY(settled_tell(a, tx, &row, EVENT_KEY_REVOKED,
                     words.size == 0 ? slice_of(key_reason_words(reason)) : words));
    e = key_list_add(moved, row.id) ? OK : ERR_MEMORY;
out:
    sodium_memzero(row.secret_sealed, sizeof row.secret_sealed);
    return e;
}

enum err hold_settle(struct authority *a, struct store_tx *tx, const char *who, const char *key,
                     enum key_reason reason, bool accepted, struct slice words,
                     struct key_list *moved)
{
    struct store_key row = { .state = KEY_SUSPENDED };
    size_t before = moved->count;
    enum err e;

    if (!accepted)
        return held_revoke(a, tx, who, key, reason, words, moved);
    TRY(hold_lift(a, tx, who, key, reason, moved));
    TRY(store_key_get(tx, key, &row));
    if (row.state == KEY_ACTIVE && moved->count > before)
        e = settled_tell(a, tx, &row, EVENT_KEY_RESTORED, SLICE(""));
out:
    sodium_memzero(row.secret_sealed, sizeof row.secret_sealed);
    return e;
}
