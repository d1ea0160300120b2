#include "venue/conf.h"

#include "base/fixed.h"
#include "exchange/market.h"
#include "venue/shape.h"

/* Text, "2000.0" rather than "2000", as recorded from the venue. */
static void size_put(struct json_writer *w, int64_t size)
{
    char text[FIXED_TEXT_SIZE];

    amount_format(size, text);
    json_put_text(w, text);
}

static void pairs_info(struct json_writer *w)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        const struct market_facts *facts = market_facts((enum market)i);

        json_put_open(w, '[');
        json_put_text(w, facts->pair);
        json_put_open(w, '[');
        json_put_nulls(w, 3);
        size_put(w, facts->size_least);
        size_put(w, facts->size_greatest);
        json_put_nulls(w, 7);
        json_put_close(w, ']');
        json_put_close(w, ']');
    }
}

static void pairs_list(struct json_writer *w)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++)
        json_put_text(w, market_facts((enum market)i)->pair);
}

static void currencies_list(struct json_writer *w)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        json_put_text(w, currency_code((enum currency)i));
}

static void currencies_label(struct json_writer *w)
{
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        json_put_open(w, '[');
        json_put_text(w, currency_code((enum currency)i));
        json_put_text(w, currency_label((enum currency)i));
        json_put_close(w, ']');
    }
}

/* The one code that differs from what the world calls the currency. */
static void currencies_symbol(struct json_writer *w)
{
    json_put_raw(w, SLICE("[\"UST\",\"USDt\"]"));
}

/* Nothing can be deposited or withdrawn, nothing is margined, there are no derivatives: the keys
 * about those are empty like unknown ones. */
static const struct {
    const char *key;
    void (*write)(struct json_writer *w);
} keys_known[] = {
    { "pub:info:pair", pairs_info },
    { "pub:list:pair:exchange", pairs_list },
    { "pub:list:currency", currencies_list },
    { "pub:map:currency:label", currencies_label },
    { "pub:map:currency:sym", currencies_symbol },
};

static void key_write(struct json_writer *w, struct slice key)
{
    json_put_open(w, '[');
    for (size_t i = 0; i < sizeof keys_known / sizeof *keys_known; i++)
        if (slice_is(key, slice_of(keys_known[i].key)))
            keys_known[i].write(w);
    json_put_close(w, ']');
}

void conf_write(struct json_writer *w, struct slice keys)
{
    json_put_open(w, '[');
    for (;;) {
        const char *comma = memchr(keys.at, ',', keys.size);
        size_t size = comma == NULL ? keys.size : (size_t)(comma - keys.at);

        key_write(w, (struct slice){ keys.at, size });
        if (comma == NULL)
            break;
        keys = slice_from(keys, size + 1);
    }
    json_put_close(w, ']');
}
