#include "authority/alert_keys.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/authority.h"
#include "base/file.h"
#include "base/log.h"
#include "http/fetch.h"

#define LIST_OLD_NS  DAY_NS
#define TRY_AGAIN_NS (60 * NS_PER_S)

enum { LIST_MOST = 256 * 1024 };

struct alert_keys {
    const struct leak_origin *origin;
    char file[FILE_PATH_SIZE];
    uint64_t (*now_ns)(void);
    pthread_mutex_t lock; /* of all below, but `fetch`, which is whoever's has set is_fetching */
    struct fetch *fetch;
    bool is_fetching;
    json_t *list; /* NULL: none yet */
    char etag[FETCH_ETAG_SIZE];
    uint64_t fetched_at_ns, tried_at_ns; /* wall clock; 0: never */
};

/* Also when the clock was put back. */
static bool is_older(const struct alert_keys *k, uint64_t at_ns, uint64_t span_ns)
{
    uint64_t now_ns = k->now_ns();

    return now_ns < at_ns || now_ns - at_ns >= span_ns;
}

static bool is_list(const json_t *list)
{
    return json_is_array(json_object_get(list, "public_keys"));
}

static void cache_read(struct alert_keys *k)
{
    const char *etag = NULL;
    json_int_t at_ns = 0;
    json_t *whole = NULL, *list = NULL;
    struct buffer text;

    buffer_init(&text);
    if (file_read(k->file, 2 * LIST_MOST, &text) == OK)
        whole = json_loadb(text.at, text.size, 0, NULL);
    if (json_unpack(whole, "{s:s, s:I, s:o}", "etag", &etag, "fetched_at_ns", &at_ns, "list",
                    &list) == 0 &&
        is_list(list)) {
        k->list = json_incref(list);
        k->fetched_at_ns = (uint64_t)at_ns;
        snprintf(k->etag, sizeof k->etag, "%s", etag);
    }
    json_decref(whole);
    buffer_wipe(&text);
}

/* A list that cannot be kept is good until the next start. */
static void cache_write(const struct alert_keys *k)
{
    json_t *whole = json_pack("{s:s, s:I, s:O}", "etag", k->etag, "fetched_at_ns",
                              (json_int_t)k->fetched_at_ns, "list", k->list);
    char *text = json_dumps(whole, JSON_COMPACT);
    enum err e = text == NULL ? ERR_MEMORY : file_write_atomic(k->file, 0600, slice_of(text));

    if (e != OK)
        log_warn("alert", "%s cannot be written: %s", k->file, err_text(e));
    free(text);
    json_decref(whole);
}

enum err alert_keys_open(const struct leak_origin *origin, const char *file,
                         uint64_t (*now_ns)(void), struct alert_keys **keys)
{
    struct alert_keys *k = calloc(1, sizeof *k);
    enum err e = ERR_MEMORY;

    *keys = NULL;
    if (k == NULL)
        return ERR_MEMORY;
    k->origin = origin;
    k->now_ns = now_ns;
    pthread_mutex_init(&k->lock, NULL);
    TRY(snprintf(k->file, sizeof k->file, "%s", file) < (int)sizeof k->file ? OK : ERR_RANGE);
    TRY(fetch_open(origin->keys, origin->ca, &k->fetch));
    cache_read(k);
    *keys = k;
    k = NULL;
out:
    alert_keys_close(&k);
    return e;
}

void alert_keys_close(struct alert_keys **keys)
{
    struct alert_keys *k = *keys;

    *keys = NULL;
    if (k == NULL)
        return;
    fetch_close(&k->fetch);
    json_decref(k->list);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* Called locked, and lets go of the lock while it waits for the other side. */
static void list_refresh(struct alert_keys *k)
{
    char etag[FETCH_ETAG_SIZE];
    struct buffer text;
    json_t *list = NULL;
    bool changed;
    enum err e;

    k->is_fetching = true;
    k->tried_at_ns = k->now_ns();
    memcpy(etag, k->list == NULL ? "" : k->etag, k->list == NULL ? 1 : sizeof etag);
    pthread_mutex_unlock(&k->lock);
    buffer_init(&text);
    e = fetch_get_newer(k->fetch, LIST_MOST, etag, &text, &changed);
    if (e == OK && changed) {
        list = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL);
        e = is_list(list) ? OK : ERR_MALFORMED;
    }
    buffer_wipe(&text);
    pthread_mutex_lock(&k->lock);
    k->is_fetching = false;
    if (e != OK) {
        log_warn("alert", "the keys of %s at %s: %s", k->origin->name, k->origin->keys,
                 err_text(e));
        json_decref(list);
        return;
    }
    k->fetched_at_ns = k->now_ns();
    if (changed) {
        json_decref(k->list);
        k->list = list;
        memcpy(k->etag, etag, sizeof k->etag);
    }
    cache_write(k);
}

static bool list_find(const struct alert_keys *k, const char *identifier,
                      char signer[ALERT_SIGNER_SIZE])
{
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(k->list, "public_keys"), i, row)
    {
        const char *name = json_string_value(json_object_get(row, "key_identifier"));
        const char *pem = json_string_value(json_object_get(row, "key"));

        if (name != NULL && strcmp(name, identifier) == 0 && pem != NULL &&
            strlen(pem) < ALERT_SIGNER_SIZE && json_is_true(json_object_get(row, "is_current"))) {
            snprintf(signer, ALERT_SIGNER_SIZE, "%s", pem);
            return true;
        }
    }
    return false;
}

bool alert_key_find(struct alert_keys *k, const char *identifier, char signer[ALERT_SIGNER_SIZE])
{
    bool found;

    pthread_mutex_lock(&k->lock);
    found = list_find(k, identifier, signer);
    if ((!found || is_older(k, k->fetched_at_ns, LIST_OLD_NS)) && !k->is_fetching &&
        is_older(k, k->tried_at_ns, TRY_AGAIN_NS)) {
        list_refresh(k);
        found = list_find(k, identifier, signer);
    }
    pthread_mutex_unlock(&k->lock);
    return found;
}
