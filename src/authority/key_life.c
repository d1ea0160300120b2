#include "authority/key_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/publish.h"
#include "store/holds.h"
#include "store/reviews.h"

void key_list_wipe(struct key_list *list)
{
    free(list->ids);
    *list = (struct key_list){ 0 };
}

enum err key_list_publish(struct authority *a, const struct key_list *list)
{
    enum err e = OK;

    for (size_t i = 0; i < list->count; i++)
        TRY(publish_key(a->publisher, list->ids[i]));
out:
    return e;
}

static json_t *state_json(enum key_state state, enum key_reason reason, const char *words)
{
    return json_pack("{s:s, s:s, s:s}", "state", key_state_text(state), "reason",
                     key_reason_text(reason), "words", words);
}

enum err key_move(struct authority *a, struct store_tx *tx, const char *who,
                  const struct store_key *key, enum key_state to, enum key_reason reason,
                  struct slice words)
{
    static const char *const what[] = {
        [KEY_ACTIVE] = "key restored",
        [KEY_SUSPENDED] = "key suspended",
        [KEY_REVOKED] = "key revoked",
        [KEY_EXPIRED] = "key expired",
    };
    char text[STORE_KEY_WORDS_SIZE];
    uint64_t now_ns = a->now_ns();
    bool changed;
    enum err e;

    snprintf(text, sizeof text, "%.*s", (int)words.size, words.at);
    TRY(store_key_state_set(tx, key->id, to, reason, slice_of(text), now_ns, &changed));
    if (to == KEY_REVOKED || to == KEY_EXPIRED) {
        TRY(store_holds_clear(tx, key->id));
        TRY(store_reviews_withdraw(tx, key->id, now_ns));
    }
    TRY(change_write(tx, (struct change){ .who = who, .what = what[to], .account = key->account,
                                          .key = key->id, .environment = key->environment,
                                          .at_ns = now_ns,
                                          .before = state_json(key->state, key->reason, key->words),
                                          .after = state_json(to, reason, text) }));
out:
    return e;
}

bool key_list_add(struct key_list *list, const char *id)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        void *ids = realloc(list->ids, capacity * sizeof *list->ids);

        if (ids == NULL)
            return false;
        list->ids = ids;
        list->capacity = capacity;
    }
    memcpy(list->ids[list->count++], id, KEY_RANDOM_SIZE);
    return true;
}

bool key_is_usable(const struct store_key *key)
{
    return key->state == KEY_ACTIVE || key->state == KEY_SUSPENDED;
}

/* A key that has ended stays as it is. */
static enum event_kind event_of(enum key_state to, enum key_reason reason)
{
    if (to == KEY_EXPIRED)
        return EVENT_KEY_EXPIRED;
    if (to == KEY_SUSPENDED)
        return EVENT_KEY_SUSPENDED;
    return reason == KEY_REASON_PLAINTEXT ? EVENT_KEY_PLAINTEXT : EVENT_KEY_REVOKED;
}

/* A segment does not say why a suspended key was to end. */
static enum key_reason reason_of(const struct store_key *key, enum key_reason reason,
                                 uint64_t now_ns)
{
    return reason == KEY_REASON_OPERATOR && key->ends_at_ns != 0 && now_ns >= key->ends_at_ns
               ? key->ends_reason
               : reason;
}

/* The owner hears of the end of one key; of an account's keys altogether, that it was flagged. */
static enum err end_tell(struct authority *a, struct store_tx *tx, const struct store_key *key,
                         enum key_state to, enum key_reason reason, struct slice words,
                         const char *address)
{
    if (words.size == 0)
        words = slice_of(key_reason_words(reason));
    return event_write(a, tx,
                       &(struct event){ .kind = event_of(to, reason), .account = key->account,
                                        .key = key->id, .address = address,
                                        .data = json_pack("{s:s%}", "reason", words.at,
                                                          words.size) });
}

static enum err key_end_in(struct authority *a, struct store_tx *tx, const char *who,
                           const char *id, enum key_state to, enum key_reason reason,
                           struct slice words)
{
    struct store_key key;
    enum err e;

    TRY(store_key_get(tx, id, &key));
    if (!key_is_usable(&key))
        goto out;
    reason = reason_of(&key, reason, a->now_ns());
    TRY(key_move(a, tx, who, &key, to, reason, words));
    e = end_tell(a, tx, &key, to, reason, words, NULL);
out:
    return e;
}

enum err key_end(struct authority *a, const char *who, const char *id, enum key_state to,
                 enum key_reason reason, struct slice words)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(key_end_in(a, tx, who, id, to, reason, words));
    TRY(store_commit(&tx));
    /* Also when the key had ended before: whoever ended it may not have published yet. */
    e = publish_key(a->publisher, id);
out:
    store_rollback(&tx);
    return e;
}

enum err keys_end(struct authority *a, const struct key_ending *endings, size_t count)
{
    struct store_tx *tx = NULL;
    enum err e, published;

    TRY(store_begin(a->store, &tx));
    for (size_t i = 0; i < count; i++) {
        const struct key_ending *end = &endings[i];

        e = key_end_in(a, tx, end->reason == KEY_REASON_PLAINTEXT ? "gateway" : "authority",
                       end->id, end->to, end->reason, slice_of(key_reason_words(end->reason)));
        TRY(e == ERR_MISSING ? OK : e);
    }
    TRY(store_commit(&tx));
    for (size_t i = 0; i < count; i++) {
        published = publish_key(a->publisher, endings[i].id);
        e = e == OK && published != ERR_MISSING ? published : e;
    }
out:
    store_rollback(&tx);
    return e;
}

static enum err own_end(struct authority *a, struct store_tx *tx, const struct key_asker *asker,
                        const char *id, struct slice words)
{
    struct store_key key;
    enum err e;

    TRY(store_key_get(tx, id, &key));
    if (asker->account != 0 && key.account != asker->account)
        e = ERR_MISSING;
    if (e != OK || !key_is_usable(&key))
        goto out;
    TRY(key_move(a, tx, asker->who, &key, KEY_REVOKED, KEY_REASON_OWNER, words));
    e = end_tell(a, tx, &key, KEY_REVOKED, KEY_REASON_OWNER, words, asker->address);
out:
    return e;
}

enum err key_revoke_own(struct authority *a, const struct key_asker *asker, const char *id,
                        struct slice words, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e = OK;

    if (words.size >= STORE_KEY_WORDS_SIZE) {
        refusal_add_at(refusal, REFUSAL_INVALID, "reason", "reason-long",
                       "the reason has at most %d bytes", STORE_KEY_WORDS_SIZE - 1);
        goto out;
    }
    TRY(store_begin(a->store, &tx));
    TRY(own_end(a, tx, asker, id, words.size == 0 ? SLICE("") : words));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
    e = publish_key(a->publisher, id);
out:
    store_rollback(&tx);
    return e;
}

enum err key_revoke(struct authority *a, const char *who, const char *id, struct slice words,
                    struct refusal *refusal)
{
    enum key_reason reason = KEY_REASON_OPERATOR;

    if (words.size == 0 || words.size >= STORE_KEY_WORDS_SIZE) {
        refusal_add(refusal, REFUSAL_INVALID, "reason-missing",
                    "revoking needs a reason of 1 to %d bytes, for the change log",
                    STORE_KEY_WORDS_SIZE - 1);
        return OK;
    }
    if (!key_reason_parse(words, &reason) || reason == KEY_REASON_NONE)
        reason = KEY_REASON_OPERATOR;
    return key_end(a, who, id, KEY_REVOKED, reason, words);
}
