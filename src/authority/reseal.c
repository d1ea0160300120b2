#include "authority/reseal.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/about.h"
#include "authority/change.h"
#include "authority/evidence.h"
#include "base/log.h"
#include "store/documents.h"
#include "store/sealed.h"

enum {
    SLICE_ROWS = 64,
    REST_LEAST_MS = 1,
    RETRY_MS = 1000,   /* after the store or the disk failed */
    STUCK_MS = 60000,  /* after a passage that could not end it */
    DOCUMENTS = STORE_SEALED_KINDS, /* the kind behind those of the store */
};

/* Where a passage stands: behind this row of this kind. */
struct place {
    int kind;
    char key[KEY_RANDOM_SIZE + 1];
    uint64_t id;
    char document[DOCUMENT_ID_SIZE];
    uint64_t done, unopened;
};

struct reseal {
    struct authority *authority;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows, up to `place` */
    pthread_cond_t wake;
    bool stopping, begun;
    uint64_t done, total;
    char problem[RESEAL_PROBLEM_SIZE];
    struct place place; /* the thread's, like the row */
    struct store_sealed row;
    uint8_t plain[STORE_SEALED_MOST];
};

static void problem_set(struct reseal *r, const char *words)
{
    pthread_mutex_lock(&r->lock);
    snprintf(r->problem, sizeof r->problem, "%s", words);
    pthread_mutex_unlock(&r->lock);
    if (words[0] != '\0')
        log_error("reseal", "%s", words);
}

/* ---- one passage ---- */

static struct slice about_row(enum store_sealed_kind kind, const struct store_sealed *row,
                              char text[ABOUT_SIZE])
{
    switch (kind) {
    case STORE_SEALED_KEY:
        return about_key(row->environment, row->key, text);
    case STORE_SEALED_TOTP:
        return about_totp(row->id, text);
    case STORE_SEALED_WEBHOOK:
        return about_webhook(row->id, text);
    case STORE_SEALED_ALERT:
        return about_alert(row->id, text);
    case STORE_SEALED_OBJECT:
        return about_leak_object(row->id, text);
    default:
        return about_mail(row->id, text);
    }
}

static enum err row_reseal(struct reseal *r, struct store_tx *tx, enum store_sealed_kind kind)
{
    const struct vault *vault = r->authority->vault;
    struct store_sealed *row = &r->row;
    struct slice sealed = { (const char *)row->bytes, row->size }, about;
    char text[ABOUT_SIZE];
    size_t size = 0;
    enum err e;

    if (row->size == 0 || vault_is_newest(vault, sealed))
        return OK;
    about = about_row(kind, row, text);
    e = vault_unseal(vault, about, sealed, r->plain, &size);
    if (e == ERR_CRYPTO) {
        r->place.unopened++;
        return OK;
    }
    if (e == OK && size + VAULT_OVERHEAD > sizeof row->bytes)
        e = ERR_FULL;
    if (e != OK)
        goto out;
    row->size = vault_seal(vault, about, (struct slice){ (const char *)r->plain, size },
                           row->bytes);
    e = store_sealed_set(tx, kind, row);
out:
    sodium_memzero(r->plain, sizeof r->plain);
    return e;
}

static enum err rows_reseal(struct reseal *r, struct store_tx *tx)
{
    enum store_sealed_kind kind = (enum store_sealed_kind)r->place.kind;
    bool present;
    enum err e = OK;

    r->row.id = r->place.id;
    memcpy(r->row.key, r->place.key, sizeof r->row.key);
    for (int i = 0; i < SLICE_ROWS; i++) {
        TRY(store_sealed_next(tx, kind, &r->row, &present));
        if (!present) {
            r->place.kind++;
            r->row.id = 0;
            r->row.key[0] = '\0';
            break;
        }
        TRY(row_reseal(r, tx, kind));
        r->place.done++;
    }
    r->place.id = r->row.id;
    memcpy(r->place.key, r->row.key, sizeof r->place.key);
out:
    return e;
}

static enum err document_reseal(struct reseal *r, struct store_tx *tx)
{
    struct store_document document;
    enum err e = store_document_after(tx, r->place.document, &document);

    if (e == ERR_MISSING) {
        r->place.kind++;
        return OK;
    }
    if (e != OK)
        return e;
    e = evidence_reseal(r->authority, &document);
    if (e == ERR_CRYPTO || e == ERR_MISSING) {
        if (e == ERR_MISSING)
            log_error("reseal", "document %s is not there, but its row is", document.id);
        r->place.unopened += e == ERR_CRYPTO;
        e = OK;
    }
    memcpy(r->place.document, document.id, sizeof r->place.document);
    r->place.done++;
    return e;
}

/* What fails is done again from where the slice began. */
static enum err slice_reseal(struct reseal *r)
{
    struct place before = r->place;
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(r->authority->store, &tx));
    TRY(r->place.kind == DOCUMENTS ? document_reseal(r, tx) : rows_reseal(r, tx));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    if (e != OK)
        r->place = before;
    pthread_mutex_lock(&r->lock);
    r->done = r->place.done;
    pthread_mutex_unlock(&r->lock);
    return e;
}

static enum err passage_begin(struct reseal *r)
{
    uint64_t total = 0, count;
    struct store_tx *tx = NULL;
    enum err e;

    r->place = (struct place){ .kind = 0 };
    TRY(store_begin(r->authority->store, &tx));
    for (int kind = 0; kind < STORE_SEALED_KINDS; kind++) {
        TRY(store_sealed_count(tx, (enum store_sealed_kind)kind, &count));
        total += count;
    }
    TRY(store_documents_count(tx, &count));
    pthread_mutex_lock(&r->lock);
    r->done = 0;
    r->total = total + count;
    pthread_mutex_unlock(&r->lock);
out:
    store_rollback(&tx);
    return e;
}

static enum err change_say(struct authority *a, const char *who, const char *what, json_t *before,
                           json_t *after)
{
    struct store_tx *tx = NULL;
    enum err e = store_begin(a->store, &tx);

    if (e != OK) {
        json_decref(before);
        json_decref(after);
        return e;
    }
    TRY(change_write(tx, (struct change){ .who = who, .what = what, .at_ns = a->now_ns(),
                                          .before = before, .after = after }));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

/* Nothing of the old key is left.  *wait_ms: until the next passage, should it not end. */
static enum err passage_end(struct reseal *r, unsigned *wait_ms)
{
    struct authority *a = r->authority;
    char seals[VAULT_NUMBER_SIZE], replaced[VAULT_NUMBER_SIZE], words[RESEAL_PROBLEM_SIZE];
    enum err e;

    *wait_ms = STUCK_MS;
    vault_numbers_get(a->vault, seals, replaced);
    if (r->place.unopened > 0) {
        snprintf(words, sizeof words,
                 "%" PRIu64 " things open neither with master key %s nor with %s, which is kept "
                 "therefore: the journal names them, a backup may have them",
                 r->place.unopened, seals, replaced);
        problem_set(r, words);
        return OK;
    }
    TRY(change_say(a, "authority", "master key replaced", json_pack("{s:s}", "key", replaced),
                   json_pack("{s:s}", "key", seals)));
    e = vault_rotate_end(a->vault);
    if (e == ERR_DENIED) {
        problem_set(r, "everything is sealed with the new master key, but its file cannot take the "
                       "old one's name: make master.key.next the credential master.key and "
                       "restart the authority");
        return OK;
    }
    TRY(e);
    *wait_ms = 0;
    problem_set(r, "");
    log_info("reseal", "master key %s has taken the place of %s: %" PRIu64 " things went through",
             seals, replaced, r->place.done);
out:
    return e;
}

/* ---- the thread ---- */

/* Waits for this long, or 0: until a rotation begins.  False: stop. */
static bool rest(struct reseal *r, unsigned wait_ms)
{
    struct timespec until;
    bool go_on;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * (long)NS_PER_MS;
    if (until.tv_nsec >= (long)NS_PER_S) {
        until.tv_nsec -= (long)NS_PER_S;
        until.tv_sec++;
    }
    pthread_mutex_lock(&r->lock);
    while (!r->stopping && (wait_ms > 0 || !r->begun)) {
        if (wait_ms == 0)
            pthread_cond_wait(&r->wake, &r->lock);
        else if (pthread_cond_timedwait(&r->wake, &r->lock, &until) != 0)
            break;
    }
    r->begun = false;
    go_on = !r->stopping;
    pthread_mutex_unlock(&r->lock);
    return go_on;
}

/* One slice, and what comes before the first or after the last.  *wait_ms as in rest(). */
static enum err turn(struct reseal *r, bool *inside, unsigned *wait_ms)
{
    uint64_t began_ns = clock_mono_ns();
    enum err e;

    if (!*inside)
        TRY(passage_begin(r));
    *inside = true;
    if (r->place.kind <= DOCUMENTS) {
        TRY(slice_reseal(r));
        *wait_ms = REST_LEAST_MS + (unsigned)((clock_mono_ns() - began_ns) / NS_PER_MS);
    } else {
        TRY(passage_end(r, wait_ms));
        *inside = false;
    }
out:
    return e;
}

static void *reseal_run(void *context)
{
    struct reseal *r = context;
    unsigned wait_ms = vault_is_rotating(r->authority->vault) ? REST_LEAST_MS : 0;
    bool inside = false, failing = false;

    while (rest(r, wait_ms)) {
        enum err e = turn(r, &inside, &wait_ms);
        char words[RESEAL_PROBLEM_SIZE];

        if (e != OK)
            wait_ms = RETRY_MS;
        if (e != OK && e != ERR_CONFLICT && !failing) {
            snprintf(words, sizeof words, "the new master key waits: %s", err_text(e));
            problem_set(r, words);
        } else if (e == OK && failing) {
            problem_set(r, "");
        }
        failing = e != OK && e != ERR_CONFLICT;
    }
    return NULL;
}

static void reseal_free(struct reseal *r)
{
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum err reseal_open(struct authority *a, struct reseal **reseal)
{
    struct reseal *r = calloc(1, sizeof *r);
    pthread_condattr_t monotonic;

    *reseal = NULL;
    if (r == NULL)
        return ERR_MEMORY;
    r->authority = a;
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&r->thread, NULL, reseal_run, r) != 0) {
        reseal_free(r);
        return ERR_MEMORY;
    }
    *reseal = r;
    return OK;
}

void reseal_close(struct reseal **reseal)
{
    struct reseal *r = *reseal;

    *reseal = NULL;
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    reseal_free(r);
}

/* ---- beginning, and looking ---- */

/* No transaction is open meanwhile: what was sealed before is stored before, and will be found. */
static enum err vault_turn(struct authority *a)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = vault_rotate_begin(a->vault);
out:
    store_rollback(&tx);
    return e;
}

enum err reseal_begin(struct authority *a, const char *who, struct refusal *refusal)
{
    char seals[VAULT_NUMBER_SIZE], replaced[VAULT_NUMBER_SIZE];
    enum err e = ERR_EXISTS;

    vault_numbers_get(a->vault, seals, replaced);
    if (!vault_is_rotating(a->vault)) {
        TRY(change_say(a, who, "master key rotation begun", json_pack("{s:s}", "key", seals),
                       NULL));
        e = vault_turn(a);
    }
    if (e == ERR_EXISTS)
        refusal_add(refusal, REFUSAL_CLASH, "rotation-under-way",
                    "a new master key is on its way already: latchkey master-key show");
    else if (e == ERR_RANGE)
        refusal_add(refusal, REFUSAL_RULE, "rotation-restart",
                    "the master key was replaced so often that the authority has to be restarted "
                    "first");
    else if (e == ERR_DENIED)
        refusal_add(refusal, REFUSAL_RULE, "rotation-credential",
                    "the master key's folder cannot be written, as that of systemd's credentials: "
                    "give the authority a second credential master.key.next with 32 random bytes "
                    "and restart it");
    if (refusal_is(refusal))
        e = OK;
    TRY(e);
    if (a->reseal == NULL || refusal_is(refusal))
        goto out;
    pthread_mutex_lock(&a->reseal->lock);
    a->reseal->begun = true;
    pthread_cond_signal(&a->reseal->wake);
    pthread_mutex_unlock(&a->reseal->lock);
out:
    return e;
}

void reseal_state_get(const struct authority *a, struct reseal *r, struct reseal_state *state)
{
    *state = (struct reseal_state){ .rotating = vault_is_rotating(a->vault) };
    vault_numbers_get(a->vault, state->seals, state->replaced);
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    state->done = r->done;
    state->total = r->total;
    memcpy(state->problem, r->problem, sizeof state->problem);
    pthread_mutex_unlock(&r->lock);
}
