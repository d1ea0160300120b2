#include "authority/flag_keys.h"

#include <string.h>

#include "authority/hold.h"
#include "authority/key_life.h"
#include "store/accounts.h"
#include "store/key_pages.h"

enum {
    SLICE_KEYS = 64, /* some ten milliseconds, in which others wait */
    SLICE_TRIES = 5,
    ACCOUNTS_MOST = 64, /* of one look at the flags */
};

enum { USABLE = 1u << KEY_ACTIVE | 1u << KEY_SUSPENDED };

/* How far one walk has come. */
struct walk {
    enum flag_keys follows;
    bool began;                   /* `follows` is known */
    bool held;                    /* FLAG_KEYS_SUSPEND: the suspended keys have their hold */
    char before[RECORD_KEY_SIZE]; /* zeros: at the newest key */
    bool ended;
};

struct slice_work {
    struct authority *a;
    struct store_tx *tx;
    const char *who;
    uint64_t account;
    struct key_list moved;
};

static enum err page_find(const struct slice_work *s, unsigned states, const char *before,
                          struct store_key_page *page)
{
    const struct store_key_filter filter = { .account = s->account, .environments = ~0u,
                                             .states = states };

    return store_key_page_newest(s->tx, &filter, before, SLICE_KEYS, page);
}

/* Revoked keys leave the page by themselves: the newest that are usable are always the next. */
static enum err keys_revoke(struct slice_work *s, struct walk *w)
{
    struct store_key_page page;
    struct store_key key;
    enum err e;

    TRY(page_find(s, USABLE, NULL, &page));
    for (size_t i = 0; i < page.count; i++) {
        TRY(store_key_get(s->tx, page.ids[i], &key));
        TRY(key_move(s->a, s->tx, s->who, &key, KEY_REVOKED, KEY_REASON_FLAG, SLICE("")));
        TRY(key_list_add(&s->moved, key.id) ? OK : ERR_MEMORY);
    }
    w->ended = page.count == 0;
out:
    return e;
}

/* First those that are suspended for another reason, by their place; then the active ones, which
 * leave the page by themselves. */
static enum err keys_suspend(struct slice_work *s, struct walk *w)
{
    struct store_key_page page;
    enum err e;

    if (w->held)
        TRY(page_find(s, 1u << KEY_ACTIVE, NULL, &page));
    else
        TRY(page_find(s, 1u << KEY_SUSPENDED, w->before[0] == '\0' ? NULL : w->before, &page));
    for (size_t i = 0; i < page.count; i++) {
        TRY(hold_add(s->a, s->tx, s->who, page.ids[i], KEY_REASON_FLAG));
        TRY(!w->held || key_list_add(&s->moved, page.ids[i]) ? OK : ERR_MEMORY);
    }
    w->ended = w->held && page.count == 0;
    w->held = w->held || page.next[0] == '\0';
    memcpy(w->before, page.next, sizeof w->before);
out:
    return e;
}

/* The flag goes with its last hold. */
static enum err keys_lift(struct slice_work *s, struct walk *w)
{
    struct store_key_page page;
    enum err e;

    TRY(page_find(s, 1u << KEY_SUSPENDED, w->before[0] == '\0' ? NULL : w->before, &page));
    for (size_t i = 0; i < page.count; i++)
        TRY(hold_lift(s->a, s->tx, s->who, page.ids[i], KEY_REASON_FLAG, &s->moved));
    w->ended = page.next[0] == '\0';
    if (w->ended)
        TRY(store_flag_delete(s->tx, s->account));
    memcpy(w->before, page.next, sizeof w->before);
out:
    return e;
}

static enum err slice_do(struct slice_work *s, struct walk *w)
{
    struct store_flag flag;
    enum err e;

    TRY(store_flag_get(s->tx, s->account, &flag));
    if (!w->began || w->follows != flag.keys)
        *w = (struct walk){ .follows = flag.keys, .began = true };
    if (flag.kind == FLAG_NONE || flag.keys == FLAG_KEYS_LEAVE)
        w->ended = true;
    else if (flag.keys == FLAG_KEYS_REVOKE)
        e = keys_revoke(s, w);
    else if (flag.keys == FLAG_KEYS_SUSPEND)
        e = keys_suspend(s, w);
    else
        e = keys_lift(s, w);
out:
    return e;
}

/* *w moves with the commit. */
static enum err slice_commit(struct slice_work *s, struct walk *w)
{
    struct walk next = *w;
    enum err e;

    s->moved.count = 0;
    TRY(store_begin(s->a->store, &s->tx));
    TRY(slice_do(s, &next));
    TRY(store_commit(&s->tx));
    *w = next;
out:
    store_rollback(&s->tx);
    return e;
}

static enum err account_follow(struct authority *a, const char *who, uint64_t account,
                               const atomic_bool *stopping)
{
    struct slice_work s = { .a = a, .who = who, .account = account };
    struct walk w = { .began = false };
    enum err e = OK;

    while (!w.ended && !atomic_load(stopping)) {
        e = ERR_CONFLICT;
        for (int tries = 0; e == ERR_CONFLICT && tries < SLICE_TRIES; tries++)
            e = slice_commit(&s, &w);
        TRY(e == ERR_CONFLICT ? ERR_STORE : e);
        TRY(key_list_publish(a, &s.moved));
    }
out:
    key_list_wipe(&s.moved);
    return e;
}

enum err flag_keys_follow(struct authority *a, const char *who, uint64_t account)
{
    static const atomic_bool never = false;

    return account_follow(a, who, account, &never);
}

enum err flag_keys_resume(struct authority *a, const atomic_bool *stopping)
{
    uint64_t accounts[ACCOUNTS_MOST], after = 0;
    struct store_tx *tx = NULL;
    size_t count;
    enum err e;

    do {
        TRY(store_begin(a->store, &tx));
        TRY(store_flags_get(tx, after, accounts, ACCOUNTS_MOST, &count));
        store_rollback(&tx);
        for (size_t i = 0; i < count; i++)
            TRY(account_follow(a, "authority", accounts[i], stopping));
        after = count == 0 ? 0 : accounts[count - 1];
    } while (count == ACCOUNTS_MOST && !atomic_load(stopping));
out:
    store_rollback(&tx);
    return e;
}
