#include "venue/call.h"

#include <stdlib.h>

#include "venue/entry.h"
#include "venue/shape.h"

#define CHANGES_USUAL 25
#define CHANGES_MOST  500
#define LOGINS_MOST   250

static const struct person *own_person(const struct call *call)
{
    return people_find(venue_people(call->venue), call->account);
}

/* False after failing. */
static bool entry_apply(struct call *call, struct command command, struct slice words)
{
    command.account = call->account;
    if (venue_apply_words(call->venue, command, words, NULL) == VENUE_DONE)
        return true;
    call_fail_disk(call);
    return false;
}

/* ---- Settings ---- */

static struct slice text_of(const json_t *value)
{
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

/* Keys may end with a star. */
static bool key_fits(struct slice wanted, struct slice key)
{
    if (wanted.size > 0 && wanted.at[wanted.size - 1] == '*')
        return slice_starts(key, (struct slice){ wanted.at, wanted.size - 1 });
    return slice_is(wanted, key);
}

static void count_tell(struct call *call, const char *type, uint64_t count, const char *text)
{
    shape_notice_open(&call->w, venue_now_ms(call->venue), type);
    json_put_open(&call->w, '[');
    json_put_uint(&call->w, count);
    json_put_close(&call->w, ']');
    shape_notice_close(&call->w, "SUCCESS", text);
}

/* Returns the size of the words, 0: they are not acceptable. */
static size_t setting_encode(const char *key, const json_t *value, char words[SETTING_WORDS_MOST])
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    size_t size = 0;

    if (text != NULL && strlen(text) <= SETTING_VALUE_MOST && setting_key_is_good(slice_of(key)))
        size = setting_words(slice_of(key), slice_of(text), words);
    free(text);
    return size;
}

/* Are all of them acceptable, and is there room for those that are new? */
static bool settings_judge(const struct call *call, json_t *settings)
{
    const struct person *person = own_person(call);
    size_t more = person == NULL ? 0 : person->settings.count;
    char words[SETTING_WORDS_MOST];
    const char *key;
    json_t *value;

    if (!json_is_object(settings) || json_object_size(settings) == 0)
        return false;
    json_object_foreach(settings, key, value)
    {
        if (setting_encode(key, value, words) == 0)
            return false;
        if (person == NULL || setting_find(&person->settings, slice_of(key)) == NULL)
            more++;
    }
    return more <= SETTINGS_MOST;
}

CALL(call_settings_set)
{
    char words[SETTING_WORDS_MOST];
    json_t *settings, *value;
    const char *key;
    CALL_BEGIN;

    settings = json_object_get(call->ask.body, "settings");
    if (!settings_judge(call, settings)) {
        call_fail(call, CALL_PARAMS, "settings: invalid");
        return;
    }
    json_object_foreach(settings, key, value)
    {
        size_t size = setting_encode(key, value, words);

        if (!entry_apply(call, (struct command){ .kind = ENTRY_SETTING_SET },
                         (struct slice){ words, size }))
            return;
    }
    count_tell(call, "acc_ss", json_object_size(settings), "Settings updated.");
}

/* A list of texts, or nothing. */
static bool keys_read(const struct call *call, const char *name, const json_t **keys)
{
    *keys = json_object_get(call->ask.body, name);
    if (*keys == NULL || json_is_null(*keys)) {
        *keys = NULL;
        return true;
    }
    for (size_t i = 0; i < json_array_size(*keys); i++)
        if (!json_is_string(json_array_get(*keys, i)))
            return false;
    return json_is_array(*keys);
}

static bool is_wanted(const json_t *keys, struct slice key)
{
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (key_fits(text_of(json_array_get(keys, i)), key))
            return true;
    return keys == NULL;
}

CALL(call_settings)
{
    const struct person *person;
    const json_t *keys;
    CALL_BEGIN;

    if (!keys_read(call, "keys", &keys)) {
        call_fail(call, CALL_PARAMS, "keys: invalid");
        return;
    }
    person = own_person(call);
    json_put_open(&call->w, '[');
    for (size_t i = 0; person != NULL && i < person->settings.count; i++) {
        const struct setting *setting = &person->settings.at[i];

        if (!is_wanted(keys, slice_of(setting->key)))
            continue;
        json_put_open(&call->w, '[');
        json_put_text(&call->w, setting->key);
        json_put_raw(&call->w, slice_of(setting->value));
        json_put_close(&call->w, ']');
    }
    json_put_close(&call->w, ']');
}

/* Those of the venue's own pages: this exchange has no pages. */
CALL(call_settings_core)
{
    const json_t *keys;
    CALL_BEGIN;

    if (keys_read(call, "keys", &keys))
        json_put_raw(&call->w, SLICE("[]"));
    else
        call_fail(call, CALL_PARAMS, "keys: invalid");
}

static bool setting_drop(struct call *call, struct slice key, uint64_t *count)
{
    const struct person *person = own_person(call);

    if (person == NULL || setting_find(&person->settings, key) == NULL)
        return true;
    ++*count;
    return entry_apply(call, (struct command){ .kind = ENTRY_SETTING_DEL }, key);
}

/* "keys" as one client sends it, "settings" as an object or a list as the documents have it. */
CALL(call_settings_delete)
{
    json_t *settings, *value;
    const json_t *keys;
    uint64_t count = 0;
    const char *key;
    CALL_BEGIN;

    settings = json_object_get(call->ask.body, "settings");
    if (!keys_read(call, json_is_object(settings) || settings == NULL ? "keys" : "settings",
                   &keys) ||
        (keys == NULL && !json_is_object(settings))) {
        call_fail(call, CALL_PARAMS, "keys: invalid");
        return;
    }
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (!setting_drop(call, text_of(json_array_get(keys, i)), &count))
            return;
    if (keys == NULL) {
        json_object_foreach(settings, key, value)
        {
            if (!setting_drop(call, slice_of(key), &count))
                return;
        }
    }
    count_tell(call, "acc_sd", count, "Settings deleted.");
}

/* ---- Alerts ---- */

/* There is one type only; it may be left out where nothing is made.  False after failing. */
static bool type_read(struct call *call, bool must)
{
    struct slice type = SLICE_EMPTY;
    enum ask_answer answer = ask_text(call->ask, "type", &type);

    if (answer == ASK_ABSENT ? !must : answer == ASK_GOOD && slice_is(type, SLICE("price")))
        return true;
    call_fail(call, CALL_PARAMS, "type: invalid");
    return false;
}

CALL(call_alerts)
{
    const struct person *person;
    CALL_BEGIN;

    if (!type_read(call, false))
        return;
    person = own_person(call);
    json_put_open(&call->w, '[');
    for (size_t i = 0; person != NULL && i < person->alerts.count; i++)
        shape_alert(&call->w, &person->alerts.at[i]);
    json_put_close(&call->w, ']');
}

static bool price_read(struct call *call, enum market *market, int64_t *price)
{
    struct slice symbol = SLICE_EMPTY;

    ask_text(call->ask, "symbol", &symbol);
    if (!call_market(call, symbol, market))
        return false;
    if (ask_fixed(call->ask, "price", price) == ASK_GOOD && *price > 0)
        return true;
    call_fail(call, CALL_PARAMS, "price: invalid");
    return false;
}

CALL(call_alert_set)
{
    struct command command = { .kind = ENTRY_ALERT_SET, .fields = ALERT_COUNT_USUAL };
    const struct person *person;
    enum market market;
    CALL_BEGIN;

    if (!type_read(call, true) || !price_read(call, &market, &command.price))
        return;
    if (ask_number(call->ask, "count", &command.fields) == ASK_BAD || command.fields == 0) {
        call_fail(call, CALL_PARAMS, "count: invalid");
        return;
    }
    person = own_person(call);
    if (person != NULL && person->alerts.count == ALERTS_MOST &&
        alert_find(&person->alerts, market, command.price) == NULL) {
        call_fail(call, CALL_GENERIC, "alert: too many alerts");
        return;
    }
    command.market = market;
    command.flags = command.price > candles_last_price(venue_candles(call->venue), market);
    if (entry_apply(call, command, SLICE_EMPTY))
        shape_alert(&call->w, alert_find(&own_person(call)->alerts, market, command.price));
}

static void alert_drop(struct call *call, enum market market, int64_t price)
{
    const struct person *person = own_person(call);
    struct command command = { .kind = ENTRY_ALERT_DEL, .market = market, .price = price };

    if (person == NULL || alert_find(&person->alerts, market, price) == NULL)
        call_fail(call, CALL_PARAMS, "alert: invalid");
    else if (entry_apply(call, command, SLICE_EMPTY))
        json_put_raw(&call->w, SLICE("[true]"));
}

CALL(call_alert_delete)
{
    enum market market;
    int64_t price;
    CALL_BEGIN;

    if (price_read(call, &market, &price))
        alert_drop(call, market, price);
}

/* "price:tBTCUSD:220"; a symbol may hold a colon itself, so the last one parts. */
CALL(call_alert_delete_named)
{
    struct slice name = values->at[0], symbol = SLICE_EMPTY;
    const char *colon;
    enum market market;
    int64_t price;
    CALL_BEGIN;

    if (slice_starts(name, SLICE("price:"))) {
        symbol = slice_from(name, SLICE("price:").size);
        colon = memrchr(symbol.at, ':', symbol.size);
        symbol.size = colon == NULL ? symbol.size : (size_t)(colon - symbol.at);
    }
    if (!market_find(symbol, &market) || symbol.at + symbol.size == name.at + name.size ||
        !fixed_parse(slice_from(name, (size_t)(symbol.at + symbol.size + 1 - name.at)), &price))
        call_fail(call, CALL_PARAMS, "alert: invalid");
    else
        alert_drop(call, market, price);
}

/* ---- Logs ---- */

CALL(call_changes)
{
    const struct person *person;
    struct ask_page page;
    CALL_BEGIN;

    if (!call_page(call, CHANGES_USUAL, CHANGES_MOST, &page))
        return;
    person = own_person(call);
    json_put_open(&call->w, '[');
    for (size_t i = 0; person != NULL && i < person->changes.count && page.limit > 0; i++) {
        const struct change *change = page_row(&person->changes, &page, i);

        if (!page_has(&page, change->time_ms))
            continue;
        json_put_open(&call->w, '[');
        json_put_uint(&call->w, change->time_ms);
        json_put_nulls(&call->w, 1);
        json_put_text(&call->w, change->text);
        json_put_nulls(&call->w, 4); /* address and agent: the gateway's audit log has them */
        json_put_close(&call->w, ']');
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

/* People log in to the authority's pages; keys never log in. */
CALL(call_logins)
{
    struct ask_page page;
    CALL_BEGIN;

    if (call_page(call, CHANGES_USUAL, LOGINS_MOST, &page))
        json_put_raw(&call->w, SLICE("[]"));
}
