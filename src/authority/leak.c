#include "authority/leak.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/hold.h"
#include "authority/key_life.h"
#include "authority/leak_mask.h"
#include "authority/leak_object.h"
#include "authority/leak_report.h"
#include "authority/leak_use.h"
#include "authority/publish.h"
#include "authority/settings.h"
#include "base/hex.h"
#include "mail/message.h"

static const char *const channel_texts[] = {
    [LEAK_CHANNEL_SCAN] = "scan", [LEAK_CHANNEL_GIT] = "git",     [LEAK_CHANNEL_NPM] = "npm",
    [LEAK_CHANNEL_WEB] = "web",   [LEAK_CHANNEL_ALERT] = "alert", [LEAK_CHANNEL_SELF] = "self",
};

enum { CHANNEL_COUNT = sizeof channel_texts / sizeof *channel_texts };

const char *leak_channel_text(enum leak_channel channel)
{
    return (int)channel <= 0 || (int)channel >= CHANNEL_COUNT ? "unknown" : channel_texts[channel];
}

bool leak_channel_parse(struct slice text, enum leak_channel *channel)
{
    for (int i = LEAK_CHANNEL_SCAN; i < CHANNEL_COUNT; i++)
        if (slice_is(text, slice_of(channel_texts[i]))) {
            *channel = (enum leak_channel)i;
            return true;
        }
    return false;
}

const char *leak_answer_text(enum leak_answer answer)
{
    static const char *const texts[] = {
        [LEAK_ANSWER_NONE] = "none",           [LEAK_ANSWER_REVOKED] = "revoked",
        [LEAK_ANSWER_SUSPENDED] = "suspended", [LEAK_ANSWER_NOTIFIED] = "notified",
        [LEAK_ANSWER_ALREADY] = "already",
    };

    return texts[answer];
}

const char *leak_reaction_text(enum leak_reaction reaction)
{
    static const char *const texts[] = {
        [LEAK_REVOKED] = "revoked",
        [LEAK_SUSPENDED] = "suspended",
        [LEAK_NOTIFIED] = "notified",
        [LEAK_ENDED] = "ended",
    };

    return reaction == 0 || reaction > LEAK_ENDED ? "unknown" : texts[reaction];
}

const char *leak_kind_text(enum leak_kind kind)
{
    return kind == LEAK_SECRET ? "secret" : "key_id";
}

/* What is done for one finding; too large for the stack of 500. */
struct work {
    struct authority *a;
    const char *who;
    struct store_key key;
    struct store_leak leak;
    struct store_leak_place place;
};

/* ---- looking ---- */

static enum err key_find(struct store_tx *tx, const struct leak_finding *finding,
                         struct store_key *key, bool *present)
{
    enum err e;

    if (finding->kind == LEAK_SECRET)
        return store_key_find_secret(tx, finding->sha256, key, present);
    e = store_key_get(tx, finding->key.random, key);
    *present = e == OK && key->environment == finding->key.environment;
    return e == ERR_MISSING ? OK : e;
}

/* Which findings are keys of ours, and since when each is to be looked at in the audit log; 0 there
 * when its leak is known already. */
static enum err findings_look(struct work *w, const struct leak_finding *findings, size_t count,
                              struct leak_result *results, struct leak_use *uses)
{
    struct store_tx *tx = NULL;
    bool present, known;
    enum err e;

    TRY(store_begin(w->a->store, &tx));
    for (size_t i = 0; i < count; i++) {
        results[i] = (struct leak_result){ .answer = LEAK_ANSWER_NONE };
        TRY(key_find(tx, &findings[i], &w->key, &present));
        if (!present)
            continue;
        TRY(store_leak_find(tx, w->key.id, findings[i].kind, &w->leak, &known));
        results[i].answer = LEAK_ANSWER_ALREADY;
        results[i].key.environment = w->key.environment;
        memcpy(results[i].key.random, w->key.id, sizeof results[i].key.random);
        uses[i] = (struct leak_use){ 0 };
        if (!known)
            uses[i].since_ns = findings[i].seen_at_ns > w->key.created_at_ns
                                   ? findings[i].seen_at_ns
                                   : w->key.created_at_ns;
    }
out:
    store_rollback(&tx);
    return e;
}

/* ---- reacting ---- */

/* Of an object of a finder's, the same text for the same members. */
static enum err object_text(const json_t *object, char *text, size_t size)
{
    json_t *clean = leak_place_clean(object, size);
    size_t used;

    if (clean == NULL)
        return ERR_MEMORY;
    used = json_dumpb(clean, text, size - 1, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(clean);
    if (used == 0 || used >= size)
        return ERR_MEMORY;
    text[used] = '\0';
    return OK;
}

/* Where it was seen. */
static enum err place_fill(struct work *w, const struct leak_finding *finding)
{
    struct store_leak_place *place = &w->place;
    crypto_hash_sha256_state state;
    const uint8_t channel = (uint8_t)finding->channel;
    enum err e;

    TRY(object_text(finding->place, place->place, sizeof place->place));
    place->channel = finding->channel;
    place->alert = finding->alert;
    place->seen_at_ns = finding->seen_at_ns;
    place->found_at_ns = w->a->now_ns();
    TRY(object_text(finding->details, place->details, sizeof place->details));
    leak_text_copy(finding->origin, place->origin, sizeof place->origin);
    leak_text_copy(finding->excerpt, place->excerpt, sizeof place->excerpt);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &channel, 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)place->origin, strlen(place->origin) + 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)place->place,
                              strlen(place->place));
    crypto_hash_sha256_final(&state, place->sha256);
out:
    return e;
}

static enum leak_reaction reaction_decide(const struct authority *a, enum leak_kind kind,
                                          const struct store_key *key)
{
    if (!key_is_usable(key))
        return LEAK_ENDED;
    if (kind == LEAK_SECRET)
        return LEAK_REVOKED;
    switch (a->settings->leak.key_id) {
    case LEAK_KEY_ID_NOTIFY:
        return LEAK_NOTIFIED;
    case LEAK_KEY_ID_REVOKE:
        return LEAK_REVOKED;
    default:
        return LEAK_SUSPENDED;
    }
}

static enum leak_answer answer_of(enum leak_reaction reaction)
{
    switch (reaction) {
    case LEAK_REVOKED:
        return LEAK_ANSWER_REVOKED;
    case LEAK_SUSPENDED:
        return LEAK_ANSWER_SUSPENDED;
    case LEAK_NOTIFIED:
        return LEAK_ANSWER_NOTIFIED;
    default:
        return LEAK_ANSWER_ALREADY;
    }
}

static enum err leak_note(struct work *w, struct store_tx *tx)
{
    char sha256[2 * STORE_SHA256_SIZE + 1];

    hex_format(w->leak.evidence_sha256, sizeof w->leak.evidence_sha256, sha256);
    return change_write(
        tx,
        (struct change){ .who = w->who,
                         .what = "leak found",
                         .account = w->key.account,
                         .key = w->key.id,
                         .environment = w->key.environment,
                         .at_ns = w->leak.found_at_ns,
                         .after = json_pack("{s:I, s:s, s:s, s:s}", "leak", (json_int_t)w->leak.id,
                                            "kind", leak_kind_text(w->leak.kind), "reaction",
                                            leak_reaction_text(w->leak.reaction), "evidence_sha256",
                                            sha256) });
}

static enum err key_react(struct work *w, struct store_tx *tx)
{
    switch (w->leak.reaction) {
    case LEAK_REVOKED:
        return key_move(w->a, tx, w->who, &w->key, KEY_REVOKED, KEY_REASON_LEAK,
                        slice_of(key_reason_words(KEY_REASON_LEAK)));
    case LEAK_SUSPENDED:
        return hold_add(w->a, tx, w->who, w->key.id, KEY_REASON_LEAK);
    default:
        return OK;
    }
}

/* The id of a key that has ended is of no use to anybody: no mail for that. */
static enum err owner_tell(struct work *w, struct store_tx *tx, const struct leak_report *report,
                           char message_id[MESSAGE_ID_SIZE])
{
    return event_write(w->a, tx,
                       &(struct event){ .kind = EVENT_KEY_LEAK,
                                        .account = w->key.account,
                                        .key = w->key.id,
                                        .is_mailed_already = w->leak.reaction == LEAK_ENDED &&
                                                             w->leak.kind == LEAK_KEY_ID,
                                        .data = leak_event_data(report, &w->leak),
                                        .message_id = message_id });
}

/* The first finding of this kind: evidence, reaction, and whoever has to hear of it. */
static enum err leak_open(struct work *w, struct store_tx *tx, const struct leak_finding *finding,
                          const struct leak_use *use)
{
    char message_id[MESSAGE_ID_SIZE] = "";
    const struct leak_report report = { finding, &w->key, &w->place, use, message_id };
    enum err e;

    w->leak = (struct store_leak){ .kind = finding->kind,
                                   .found_at_ns = w->place.found_at_ns,
                                   .reaction = reaction_decide(w->a, finding->kind, &w->key) };
    memcpy(w->leak.key, w->key.id, sizeof w->leak.key);
    TRY(store_leak_id_next(tx, &w->leak.id));
    TRY(owner_tell(w, tx, &report, message_id));
    TRY(leak_evidence_write(&report, &w->leak));
    TRY(store_leak_insert(tx, &w->leak));
    TRY(leak_object_expect(w->a, tx, w->leak.id, w->leak.found_at_ns, &finding->object));
    TRY(leak_note(w, tx));
    e = key_react(w, tx);
out:
    return e;
}

static enum err finding_take(struct work *w, struct store_tx *tx,
                             const struct leak_finding *finding, const struct leak_use *use,
                             struct leak_result *result)
{
    bool present, added;
    enum err e;

    TRY(key_find(tx, finding, &w->key, &present));
    TRY(present ? OK : ERR_CONFLICT); /* keys stay for ever: somebody else's database */
    TRY(place_fill(w, finding));
    TRY(store_leak_find(tx, w->key.id, finding->kind, &w->leak, &present));
    if (!present) {
        TRY(leak_open(w, tx, finding, use));
        result->answer = answer_of(w->leak.reaction);
    }
    result->leak = w->place.leak = w->leak.id;
    result->known_since_ns = w->leak.found_at_ns;
    TRY(leak_object_wanted(w->a, tx, w->leak.id, &finding->object, &result->object_wanted));
    e = store_leak_place_add(tx, &w->place, &added);
out:
    return e;
}

/* Secrets first: the id beside one needs no suspension and no mail of its own any more. */
static enum err findings_react(struct work *w, const struct leak_finding *findings, size_t count,
                               struct leak_result *results, const struct leak_use *uses,
                               const struct leak_also *also)
{
    static const enum leak_kind order[] = { LEAK_SECRET, LEAK_KEY_ID };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(w->a->store, &tx));
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            if (findings[i].kind == order[pass] && results[i].answer != LEAK_ANSWER_NONE)
                TRY(finding_take(w, tx, &findings[i], &uses[i], &results[i]));
    if (also != NULL)
        TRY(also->run(also->context, tx, results, count));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

/* Also what was known: whoever took it first may not have published yet. */
static enum err results_publish(struct authority *a, const struct leak_result *results,
                                size_t count)
{
    enum err e = OK;

    for (size_t i = 0; i < count; i++)
        if (results[i].answer != LEAK_ANSWER_NONE)
            TRY(publish_key(a->publisher, results[i].key.random));
    courier_wake(a->courier);
out:
    return e;
}

enum err leaks_take_also(struct authority *a, const char *who, const struct leak_finding *findings,
                         size_t count, struct leak_result *results, const struct leak_also *also)
{
    struct work *w = calloc(1, sizeof *w);
    struct leak_use *uses = calloc(count + 1, sizeof *uses);
    size_t known = 0;
    enum err e = ERR_MEMORY;

    if (w == NULL || uses == NULL)
        goto out;
    TRY(count <= LEAK_BATCH_MOST ? OK : ERR_RANGE);
    w->a = a;
    w->who = who;
    TRY(findings_look(w, findings, count, results, uses));
    for (size_t i = 0; i < count; i++) {
        known += results[i].answer != LEAK_ANSWER_NONE;
        if (uses[i].since_ns != 0)
            leak_use_read(a->trail, results[i].key.random, uses[i].since_ns, &uses[i]);
    }
    if (known > 0 || also != NULL)
        TRY(findings_react(w, findings, count, results, uses, also));
    if (known > 0)
        e = results_publish(a, results, count);
out:
    if (w != NULL)
        sodium_memzero(w, sizeof *w);
    free(uses);
    free(w);
    return e;
}

enum err leaks_take(struct authority *a, const char *who, const struct leak_finding *findings,
                    size_t count, struct leak_result *results)
{
    return leaks_take_also(a, who, findings, count, results, NULL);
}
