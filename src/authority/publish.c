#include "authority/publish.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/about.h"
#include "authority/key_issue.h"
#include "authority/vault.h"
#include "base/file.h"
#include "base/log.h"
#include "keys/secret.h"
#include "shm/key_table.h"
#include "shm/legacy.h"
#include "shm/slots.h"
#include "store/accounts.h"
#include "store/keys.h"
#include "trail/trail.h"

enum {
    PUBLISH_TRIES = 5,
    REPLACED_MOST = PUBLISH_MAPPINGS_MOST - ENVIRONMENT_COUNT,
};

/* So long a replaced segment stays mapped for whoever got it from publish_segment. */
#define REPLACED_KEEP_NS (60 * NS_PER_S)

struct replaced {
    struct segment *segment;
    uint64_t at_ns; /* monotonic */
};

struct publisher {
    struct authority *authority;
    pthread_mutex_t mappings; /* which there are; taken before `turn` */
    pthread_mutex_t turn;
    _Atomic(struct segment *) segments[ENVIRONMENT_COUNT];
    char paths[ENVIRONMENT_COUNT][FILE_PATH_SIZE];
    struct replaced replaced[REPLACED_MOST]; /* the collector's thread alone */
    size_t replaced_count;
};

/* "ada@example.com" as "a***@example.com", cut to what a slot holds (C2's refusal shows it). */
static void mail_hint(const char *email, char hint[GATE_MAIL_HINT_SIZE])
{
    const char *at = strchr(email, '@');

    memset(hint, 0, GATE_MAIL_HINT_SIZE);
    if (at != NULL)
        snprintf(hint, GATE_MAIL_HINT_SIZE, "%c***%s", email[0], at);
}

static enum err rules_fill(const struct store_key *key, struct gate_key *fixed)
{
    size_t count;
    enum err e = key_rules_parse(key->ip_rules, fixed->ip_rules, &count);

    if (e != OK)
        log_error("publish", "key %.16s has IP rules in the store that are none", key->id);
    fixed->ip_rule_count = (uint8_t)count;
    return e;
}

static enum err midstate_fill(struct authority *a, const struct store_key *key,
                              struct midstate *midstate)
{
    struct secret secret = { .size = 0 };
    char name[ABOUT_SIZE];
    enum err e;

    TRY(vault_unseal_exact(
        a->vault, about_key(key->environment, key->id, name),
        (struct slice){ (const char *)key->secret_sealed, key->secret_sealed_size }, secret.bytes,
        SECRET_TEXT_SIZE));
    secret.size = SECRET_TEXT_SIZE;
    midstate_init(midstate, &secret);
out:
    secret_wipe(&secret);
    return e;
}

static enum err entry_fill(struct authority *a, const struct store_key *key,
                           const struct store_account *owner, struct key_entry *entry)
{
    struct gate_key *fixed = &entry->fixed;
    enum err e;

    *entry = (struct key_entry){ .nonce = 0 };
    memcpy(entry->random, key->id, sizeof entry->random);
    fixed->account = key->account;
    fixed->created_at_ns = key->created_at_ns;
    fixed->cooling_until_ns = key->cooling_until_ns;
    fixed->idle_span_ns = KEY_IDLE_NS;
    fixed->ended_at_ns = key->state == KEY_ACTIVE ? 0 : key->state_at_ns;
    fixed->scopes = key->scopes;
    fixed->scopes_waiting = key->scopes_waiting;
    fixed->public_per_s = key->public_per_s;
    fixed->private_per_s = key->private_per_s;
    fixed->state = (uint8_t)key->state;
    fixed->reason = (uint8_t)(key->state == KEY_ACTIVE ? key->ends_reason : key->reason);
    fixed->ends_at_ns = key->ends_at_ns;
    fixed->nonce_window = key->nonce_window;
    if (key->wallets_at_ns != 0)
        fixed->flags |= GATE_KEY_WALLETS_CALLED;
    if (owner->sandbox_order_at_ns != 0)
        fixed->flags |= GATE_KEY_SANDBOX_ORDER;
    mail_hint(owner->email, fixed->mail_hint);
    TRY(rules_fill(key, fixed));
    e = midstate_fill(a, key, &fixed->midstate);
out:
    return e;
}

static enum err key_publish(struct publisher *p, const char *id)
{
    struct store_account owner;
    struct store_tx *tx = NULL;
    struct key_entry entry;
    struct store_key key;
    enum err e;

    TRY(store_begin(p->authority->store, &tx));
    TRY(store_key_get(tx, id, &key));
    TRY(store_account_get(tx, key.account, &owner));
    store_rollback(&tx);
    TRY(entry_fill(p->authority, &key, &owner, &entry));
    e = key_table_publish(p->segments[key.environment], &entry);
    midstate_wipe(&entry.fixed.midstate);
out:
    store_rollback(&tx);
    return e;
}

enum err publish_key(struct publisher *p, const char *id)
{
    enum err e = ERR_CONFLICT;

    if (p == NULL)
        return OK;
    pthread_mutex_lock(&p->turn);
    /* The caller has committed, so a conflict must not send it back to run again. */
    for (int tries = 0; e == ERR_CONFLICT && tries < PUBLISH_TRIES; tries++)
        e = key_publish(p, id);
    pthread_mutex_unlock(&p->turn);
    if (e == ERR_CONFLICT)
        e = ERR_STORE;
    if (e != OK)
        log_error("publish", "key %.16s is not published: %s", id, err_text(e));
    return e;
}

bool publish_has_room(const struct publisher *p, enum environment environment, size_t count)
{
    const struct segment *s;

    if (p == NULL)
        return true;
    s = p->segments[environment];
    return key_table_count(s) + count <= segment_shape_get(s).key_capacity;
}

void publish_live_get(const struct publisher *p, enum environment environment, const char *id,
                      struct gate_live *live)
{
    uint32_t slot = p == NULL ? KEY_TABLE_NONE : key_table_find(p->segments[environment], id);

    *live = (struct gate_live){ 0 };
    if (slot != KEY_TABLE_NONE)
        key_table_live_get(p->segments[environment], slot, live);
}

bool publish_fixed_get(const struct publisher *p, enum environment environment, const char *id,
                       struct gate_key *fixed)
{
    char random[KEY_RANDOM_SIZE];
    uint32_t slot = p == NULL ? KEY_TABLE_NONE : key_table_find(p->segments[environment], id);

    return slot != KEY_TABLE_NONE &&
           key_table_get(p->segments[environment], slot, random, fixed) == OK;
}

/* Of this century, and not ahead of the clock by more than clocks are apart.  What a stray write
 * leaves in a live part is none, and must not end a key in the store, from where nobody brings it
 * back. */
static bool moment_is_plausible(uint64_t at_ns, uint64_t now_ns)
{
    return at_ns > UINT64_C(1000000000) * NS_PER_S && at_ns < now_ns + DAY_NS;
}

/* KEY_ACTIVE: it has not ended. */
static enum key_state ending_of(const struct gate_key *key, const struct gate_live *live,
                                uint64_t now_ns, enum key_reason *reason)
{
    uint64_t used_at_ns =
        live->last_use_ns > key->created_at_ns ? live->last_use_ns : key->created_at_ns;

    if (moment_is_plausible(live->tripped_at_ns, now_ns)) {
        *reason = KEY_REASON_PLAINTEXT;
        return KEY_REVOKED;
    }
    if (key->ends_at_ns != 0 && now_ns >= key->ends_at_ns) {
        *reason = key->state == KEY_ACTIVE ? (enum key_reason)key->reason : KEY_REASON_OPERATOR;
        return KEY_REVOKED;
    }
    if (moment_is_plausible(live->expired_at_ns, now_ns) ||
        (key->idle_span_ns != 0 && moment_is_plausible(used_at_ns, now_ns) &&
         now_ns > used_at_ns + key->idle_span_ns)) {
        *reason = KEY_REASON_UNUSED;
        return KEY_EXPIRED;
    }
    return KEY_ACTIVE;
}

bool publish_ended_each(struct publisher *p, uint64_t now_ns, struct publish_place *place,
                        uint32_t most,
                        void (*each)(void *context, const char *id, enum key_state state,
                                     enum key_reason reason),
                        void *context)
{
    if (p == NULL)
        return false;
    for (; place->environment < ENVIRONMENT_COUNT; place->environment++, place->slot = 0) {
        struct segment *s = p->segments[place->environment];

        for (uint32_t count = key_table_count(s); place->slot < count; place->slot++, most--) {
            char random[KEY_RANDOM_SIZE];
            enum key_reason reason;
            enum key_state state;
            struct gate_live live;
            struct gate_key key;

            if (most == 0)
                return true;
            if (key_table_get(s, place->slot, random, &key) != OK || key.state > KEY_SUSPENDED)
                continue;
            key_table_live_get(s, place->slot, &live);
            state = ending_of(&key, &live, now_ns, &reason);
            if (state != KEY_ACTIVE)
                each(context, random, state, reason);
        }
    }
    return false;
}

struct segment *publish_segment(const struct publisher *p, enum environment environment)
{
    return p == NULL ? NULL : p->segments[environment];
}

const char *publish_path(const struct publisher *p, enum environment environment)
{
    return p == NULL ? NULL : p->paths[environment];
}

/* ---- the start, and after damage ---- */

/* What the audit log knows, sorted by key, and what the store lacks of it. */
struct start {
    struct publisher *publisher;
    struct segment *into[ENVIRONMENT_COUNT]; /* NULL: not to be filled */
    struct segment *from[ENVIRONMENT_COUNT]; /* a retired one whose live part moves; may be NULL */
    struct store_tx *tx;
    struct store_account owner; /* of the last key */
    struct trail_key_summary *known;
    size_t known_count, known_capacity;
    size_t published;
    enum err e;
};

static void start_key_add(void *context, const struct trail_key_summary *summary)
{
    struct start *s = context;

    if (s->known_count == s->known_capacity) {
        size_t capacity = s->known_capacity == 0 ? 1024 : 2 * s->known_capacity;
        void *known = realloc(s->known, capacity * sizeof *s->known);

        if (known == NULL) {
            s->e = ERR_MEMORY;
            return;
        }
        s->known = known;
        s->known_capacity = capacity;
    }
    s->known[s->known_count++] = *summary;
}

static void start_account_add(void *context, const struct trail_account_summary *summary)
{
    struct start *s = context;
    bool changed;

    if (s->e == OK && summary->sandbox_order_at_us != 0)
        s->e = store_account_sandbox_order_set(
            s->tx, summary->account, summary->sandbox_order_at_us * NS_PER_US, &changed);
}

static int summary_compare(const void *a, const void *b)
{
    const struct trail_key_summary *first = a, *second = b;

    return memcmp(first->key, second->key, sizeof first->key);
}

static const struct trail_key_summary *start_find(const struct start *s, const char *id)
{
    struct trail_key_summary wanted;

    memcpy(wanted.key, id, sizeof wanted.key);
    return s->known_count == 0
               ? NULL
               : bsearch(&wanted, s->known, s->known_count, sizeof wanted, summary_compare);
}

/* What the gateways did with the key in a segment that is replaced, and nobody else may know yet. A
 * damaged number at worst closes the key to its owner; none lets anybody in. */
static void entry_carry(struct segment *from, struct key_entry *entry, uint64_t now_ns)
{
    uint32_t slot = key_table_find(from, entry->random);
    struct gate_key *fixed = &entry->fixed;
    struct gate_live live;

    if (slot == KEY_TABLE_NONE)
        return;
    key_table_live_take(from, slot, &live);
    if (live.nonce > entry->nonce && live.nonce <= NONCE_MOST)
        entry->nonce = live.nonce;
    if (live.last_use_ns > entry->last_use_ns && moment_is_plausible(live.last_use_ns, now_ns))
        entry->last_use_ns = live.last_use_ns;
    if (live.wallets_called)
        fixed->flags |= GATE_KEY_WALLETS_CALLED;
    if (moment_is_plausible(live.tripped_at_ns, now_ns) && fixed->state != KEY_REVOKED) {
        fixed->state = KEY_REVOKED;
        fixed->reason = KEY_REASON_PLAINTEXT;
        fixed->ended_at_ns = live.tripped_at_ns;
    }
}

static bool start_publish(void *context, const struct store_key *key)
{
    struct start *s = context;
    struct authority *a = s->publisher->authority;
    const struct trail_key_summary *known = start_find(s, key->id);
    struct key_entry entry;
    enum err e = OK;

    if (s->into[key->environment] == NULL)
        return true;
    if (s->owner.id != key->account)
        TRY(store_account_get(s->tx, key->account, &s->owner));
    TRY(entry_fill(a, key, &s->owner, &entry));
    if (known != NULL) {
        entry.nonce = known->nonce;
        entry.last_use_ns = known->last_used_at_us * NS_PER_US;
        if (known->wallets_at_us != 0)
            entry.fixed.flags |= GATE_KEY_WALLETS_CALLED;
    }
    if (s->from[key->environment] != NULL)
        entry_carry(s->from[key->environment], &entry, a->now_ns());
    e = key_table_publish(s->into[key->environment], &entry);
    midstate_wipe(&entry.fixed.midstate);
    s->published++;
out:
    s->e = e;
    return e == OK;
}

/* Wallets calls that the log has and the store has not. */
static enum err start_wallets_keep(struct start *s)
{
    bool changed;
    enum err e = OK;

    for (size_t i = 0; i < s->known_count; i++)
        if (s->known[i].wallets_at_us != 0)
            TRY(store_key_wallets_set(s->tx, s->known[i].key,
                                      s->known[i].wallets_at_us * NS_PER_US, &changed));
out:
    return e;
}

/* `s` says into which segments. */
static enum err segments_fill(struct start *s)
{
    struct authority *a = s->publisher->authority;
    enum err e;

    TRY(store_begin(a->store, &s->tx));
    if (a->trail != NULL)
        TRY(trail_summary_each(a->trail, start_key_add, start_account_add, s));
    TRY(s->e);
    if (s->known_count > 0)
        qsort(s->known, s->known_count, sizeof *s->known, summary_compare);
    TRY(start_wallets_keep(s));
    TRY(store_keys_each(s->tx, 0, start_publish, s));
    TRY(s->e);
    TRY(store_commit(&s->tx));
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        if (s->into[v] != NULL)
            segment_compact(s->into[v]);
    log_info("publish", "%zu keys published", s->published);
out:
    store_rollback(&s->tx);
    free(s->known);
    return e;
}

/* Of a segment that is being filled.  It has another name meanwhile: a gateway that found it half
 * filled would call keys unknown. */
static enum err new_path(const struct publisher *p, enum environment v, char path[FILE_PATH_SIZE])
{
    return (size_t)snprintf(path, FILE_PATH_SIZE, "%s.filling", p->paths[v]) < FILE_PATH_SIZE
               ? OK
               : ERR_RANGE;
}

static enum err new_make(const struct publisher *p, enum environment v,
                         const struct segment_shape *shape, struct segment **segment)
{
    char path[FILE_PATH_SIZE];
    enum err e;

    TRY(new_path(p, v, path));
    unlink(path); /* of one who died over it */
    /* Group: the gateway's workers, which move the live part and write audit records. */
    e = segment_create(path, 0660, v, shape, segment);
out:
    return e;
}

static enum err new_name(const struct publisher *p, enum environment v)
{
    char path[FILE_PATH_SIZE];
    enum err e;

    TRY(new_path(p, v, path));
    if (rename(path, p->paths[v]) != 0) {
        log_error("publish", "%s cannot get its name: %s", path, strerror(errno));
        e = ERR_IO;
    }
out:
    return e;
}

/* Takes over the file that is there, or makes one; *is_new: which is to be named once filled. */
static enum err segment_begin(struct publisher *p, enum environment v,
                              const struct segment_shape *shape, bool *is_new)
{
    struct segment *segment = NULL;
    enum err e = legacy_take_over(p->paths[v], 0660, v, shape->key_capacity);

    if (e == OK)
        e = access(p->paths[v], F_OK) != 0
                ? ERR_MISSING
                : segment_create(p->paths[v], 0660, v, shape, &segment);
    if (e == ERR_CORRUPT)
        e = segment_set_aside(p->paths[v]) == OK ? ERR_MISSING : e;
    *is_new = e == ERR_MISSING;
    if (*is_new)
        e = new_make(p, v, shape, &segment);
    p->segments[v] = segment;
    return e;
}

static enum err segments_begin(struct publisher *p, const struct segment_shape *shape,
                               char problem[PUBLISH_PROBLEM_SIZE])
{
    struct start s = { .publisher = p };
    bool is_new[ENVIRONMENT_COUNT];
    enum err e;

    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++) {
        e = segment_begin(p, v, shape, &is_new[v]);
        s.into[v] = p->segments[v];
        if (e != OK) {
            snprintf(problem, PUBLISH_PROBLEM_SIZE,
                     "cannot use the gate segment %.300s: %s; see the journal above", p->paths[v],
                     err_text(e));
            return e;
        }
    }
    e = segments_fill(&s);
    for (enum environment v = 0; v < ENVIRONMENT_COUNT && e == OK; v++)
        e = is_new[v] ? new_name(p, v) : OK;
    return e;
}

enum err publisher_open(struct authority *a, const char *folder, uint32_t key_capacity,
                        struct publisher **publisher, char problem[PUBLISH_PROBLEM_SIZE])
{
    struct segment_shape shape = { .key_capacity = key_capacity };
    struct publisher *p = calloc(1, sizeof *p);
    enum err e = ERR_MEMORY;

    *publisher = NULL;
    problem[0] = '\0';
    if (p == NULL)
        goto out;
    p->authority = a;
    pthread_mutex_init(&p->turn, NULL);
    pthread_mutex_init(&p->mappings, NULL);
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        snprintf(p->paths[v], sizeof p->paths[v], "%s/%s.seg", folder, environment_text(v));
    e = segments_begin(p, &shape, problem);
    if (problem[0] != '\0')
        goto out;
    if (e == ERR_FULL)
        snprintf(problem, PUBLISH_PROBLEM_SIZE,
                 "there are more keys than the gate segments hold: stop the gateways, remove the "
                 "files in %.200s, and start with a larger --keys",
                 folder);
    else if (e == ERR_CRYPTO)
        snprintf(problem, PUBLISH_PROBLEM_SIZE,
                 "the secrets in the database were sealed with another master key: put the "
                 "master.key of this database in its place");
    else if (e != OK)
        snprintf(problem, PUBLISH_PROBLEM_SIZE, "cannot fill the gate segments: %s", err_text(e));
    if (e != OK)
        goto out;
    *publisher = p;
    p = NULL;
out:
    publisher_close(&p);
    return e;
}

/* The turn is ours: no key changes between the store's word and the new segment's. */
static enum err segment_replace(struct publisher *p, enum environment v)
{
    struct segment *old = p->segments[v], *made = NULL;
    struct segment_shape shape = segment_shape_get(old);
    struct start s = { .publisher = p };
    enum err e;

    if (p->replaced_count == REPLACED_MOST)
        return ERR_FULL;
    /* First of all: whoever still judges by the old mapping refuses from now on. */
    segment_retire(old);
    e = segment_set_aside(p->paths[v]);
    if (e != OK && e != ERR_MISSING)
        goto out;
    TRY(new_make(p, v, &shape, &made));
    s.from[v] = old;
    s.into[v] = made;
    TRY(segments_fill(&s));
    segment_carry_settings(old, made);
    TRY(new_name(p, v));
    p->replaced[p->replaced_count++] = (struct replaced){ old, clock_mono_ns() };
    p->segments[v] = made;
    made = NULL;
out:
    segment_close(&made);
    return e;
}

/* Replaced ones go when nobody can have them any more. */
static void replaced_drop(struct publisher *p)
{
    uint64_t now_ns = clock_mono_ns();
    size_t kept = 0;

    for (size_t i = 0; i < p->replaced_count; i++) {
        struct slots_count slots = slots_count_get(p->replaced[i].segment);

        if (now_ns - p->replaced[i].at_ns >= REPLACED_KEEP_NS && slots.free == slots.total)
            segment_close(&p->replaced[i].segment);
        else
            p->replaced[kept++] = p->replaced[i];
    }
    p->replaced_count = kept;
}

void publish_mend(struct publisher *p)
{
    for (enum environment v = 0; p != NULL && v < ENVIRONMENT_COUNT; v++) {
        enum err e;

        if (segment_is_current(p->segments[v], p->paths[v]))
            continue;
        log_error("publish",
                  "%s was deleted, replaced, cut or damaged: another one takes its place",
                  p->paths[v]);
        pthread_mutex_lock(&p->mappings);
        pthread_mutex_lock(&p->turn);
        e = segment_replace(p, v);
        pthread_mutex_unlock(&p->turn);
        pthread_mutex_unlock(&p->mappings);
        if (e != OK)
            log_error("publish", "%s is not in its place yet: %s", p->paths[v], err_text(e));
    }
    if (p == NULL || p->replaced_count == 0)
        return;
    pthread_mutex_lock(&p->mappings);
    replaced_drop(p);
    pthread_mutex_unlock(&p->mappings);
}

size_t publish_mappings(const struct publisher *p, struct segment *mappings[PUBLISH_MAPPINGS_MOST])
{
    size_t count = 0;

    if (p == NULL)
        return 0;
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        mappings[count++] = p->segments[v];
    for (size_t i = 0; i < p->replaced_count; i++)
        mappings[count++] = p->replaced[i].segment;
    return count;
}

size_t publish_mappings_hold(struct publisher *p,
                             struct segment *mappings[PUBLISH_MAPPINGS_MOST])
{
    if (p == NULL)
        return 0;
    pthread_mutex_lock(&p->mappings);
    return publish_mappings(p, mappings);
}

void publish_mappings_release(struct publisher *p)
{
    if (p != NULL)
        pthread_mutex_unlock(&p->mappings);
}

void publisher_close(struct publisher **publisher)
{
    struct publisher *p = *publisher;

    *publisher = NULL;
    if (p == NULL)
        return;
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++) {
        struct segment *segment = p->segments[v];

        segment_close(&segment);
    }
    for (size_t i = 0; i < p->replaced_count; i++)
        segment_close(&p->replaced[i].segment);
    pthread_mutex_destroy(&p->turn);
    pthread_mutex_destroy(&p->mappings);
    free(p);
}
