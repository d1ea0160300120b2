#include "portal/sandbox_shape.h"

#include <string.h>

#include "base/fixed.h"
#include "exchange/market.h"
#include "market/mood.h"

/* Places in the venue's arrays. */
enum {
    ORDER_ID = 0,
    ORDER_SYMBOL = 3,
    ORDER_CREATED = 4,
    ORDER_AMOUNT = 6,
    ORDER_AMOUNT_ORIG = 7,
    ORDER_TYPE = 8,
    ORDER_FLAGS = 12,
    ORDER_STATUS = 13,
    ORDER_PRICE = 16,
    ORDER_PRICE_AVG = 17,
    ORDER_PRICE_AUX = 19,
    ORDER_PLACES = 32,

    WALLET_TYPE = 0,
    WALLET_CURRENCY = 1,
    WALLET_BALANCE = 2,
    WALLET_AVAILABLE = 4,
    WALLET_PLACES = 5,

    NOTIFICATION_DATA = 4,
};

json_t *sandbox_order_json(const json_t *o)
{
    if (json_array_size(o) < ORDER_PLACES)
        return NULL;
    return json_pack(
        "{s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "id",
        json_array_get(o, ORDER_ID), "symbol", json_array_get(o, ORDER_SYMBOL), "created_ms",
        json_array_get(o, ORDER_CREATED), "amount", json_array_get(o, ORDER_AMOUNT), "amount_orig",
        json_array_get(o, ORDER_AMOUNT_ORIG), "type", json_array_get(o, ORDER_TYPE), "flags",
        json_array_get(o, ORDER_FLAGS), "status", json_array_get(o, ORDER_STATUS), "price",
        json_array_get(o, ORDER_PRICE), "price_avg", json_array_get(o, ORDER_PRICE_AVG),
        "price_aux_limit", json_array_get(o, ORDER_PRICE_AUX));
}

static json_t *wallet_json(const json_t *w)
{
    if (json_array_size(w) < WALLET_PLACES)
        return NULL;
    return json_pack("{s:O, s:O, s:O, s:O}", "type", json_array_get(w, WALLET_TYPE), "currency",
                     json_array_get(w, WALLET_CURRENCY), "balance",
                     json_array_get(w, WALLET_BALANCE), "available",
                     json_array_get(w, WALLET_AVAILABLE));
}

static json_t *list_json(const char *name, const json_t *from, json_t *(*shape)(const json_t *one))
{
    json_t *list = json_array();
    const json_t *one;
    size_t i;

    if (!json_is_array(from)) {
        json_decref(list);
        return NULL;
    }
    json_array_foreach(from, i, one)
    {
        json_t *shaped = shape(one);

        if (shaped == NULL || json_array_append_new(list, shaped) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return json_pack("{s:o}", name, list);
}

json_t *sandbox_orders_json(const json_t *orders)
{
    return list_json("orders", orders, sandbox_order_json);
}

json_t *sandbox_wallets_json(const json_t *wallets)
{
    return list_json("wallets", wallets, wallet_json);
}

static json_t *fixed_json(int64_t value)
{
    return json_real((double)value / FIXED_ONE);
}

static json_t *markets_json(void)
{
    json_t *list = json_array();

    for (enum market m = 0; m < MARKET_COUNT; m++) {
        const struct market_facts *facts = market_facts(m);

        json_array_append_new(list, json_pack("{s:s+, s:s, s:s, s:o, s:o, s:b}", "symbol", "t",
                                              facts->pair, "base", currency_code(facts->base),
                                              "quote", currency_code(facts->quote), "least",
                                              fixed_json(facts->size_least), "greatest",
                                              fixed_json(facts->size_greatest), "contract",
                                              facts->is_contract));
    }
    return list;
}

static json_t *presets_json(void)
{
    json_t *list = json_array();

    for (enum preset p = 0; p < PRESET_COUNT; p++)
        json_array_append_new(list, json_string(preset_text(p)));
    return list;
}

json_t *sandbox_state_json(const json_t *state)
{
    static const char *const names[] = {
        "clock", "seed", "preset", "resets", "owner", "injections"
    };
    json_t *shown = json_object();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(state, names[i]);

        if (value == NULL || json_object_set(shown, names[i], value) != 0) {
            json_decref(shown);
            return NULL;
        }
    }
    json_object_set_new(shown, "markets", markets_json());
    json_object_set_new(shown, "presets", presets_json());
    return shown;
}

/* Placing answers with a list of orders, cancelling with the order. */
json_t *sandbox_notified_json(const json_t *notification)
{
    const json_t *data = json_array_get(notification, NOTIFICATION_DATA);

    if (json_is_array(json_array_get(data, 0)))
        data = json_array_get(data, 0);
    return sandbox_order_json(data);
}

/* The venue's words begin with the parameter that they are about: "amount: invalid". */
bool sandbox_refused(const json_t *reply, struct refusal *refusal)
{
    const char *word = json_string_value(json_array_get(reply, 0));
    const char *text = json_string_value(json_array_get(reply, 2));
    char field[REFUSAL_FIELD_SIZE] = "";
    size_t size;

    if (word == NULL || strcmp(word, "error") != 0 || text == NULL)
        return false;
    size = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    if (text[size] == ':' && size < sizeof field)
        memcpy(field, text, size);
    refusal_add_at(refusal, REFUSAL_RULE, field, "sandbox-refused", "%s", text);
    return true;
}

static bool is_short(const json_t *value, size_t most)
{
    return json_is_number(value) || (json_is_string(value) && json_string_length(value) <= most);
}

json_t *sandbox_body(const json_t *from, const char *const *names, size_t most)
{
    json_t *body = json_object();

    for (; *names != NULL; names++) {
        json_t *value = json_object_get(from, *names);

        if (is_short(value, most))
            json_object_set(body, *names, value);
    }
    return body;
}
