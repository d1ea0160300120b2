#include "portal/account.h"

#include "authority/event.h"
#include "authority/history.h"
#include "authority/session.h"
#include "base/buffer.h"
#include "console/accounts.h"

enum { PAGE_MOST = 50 };

enum err own_account_get(struct call *c)
{
    return account_reply(c, c->session->account);
}

struct page {
    json_t *list;
    uint64_t last;
    bool more;
};

static json_t *event_json(const struct store_event *event, const char *country)
{
    json_t *data = json_loads(event->data, 0, NULL), *shown;
    const char *agent = json_string_value(json_object_get(data, "agent"));
    const char *key = json_string_value(json_object_get(data, "id"));
    struct buffer words;

    buffer_init(&words);
    event_notice(event, &words);
    shown = json_pack("{s:I, s:o, s:s, s:s, s:s, s:s?, s:s?, s:s?}", "id", (json_int_t)event->id,
                      "at", moment_json(event->at_ns), "kind", event_word(event->kind), "words",
                      words.failed ? "" : words.at, "address", event->address, "agent", agent,
                      "country", *country == '\0' ? NULL : country, "key",
                      event->key[0] == '\0' ? NULL : key);
    buffer_wipe(&words);
    json_decref(data);
    return shown;
}

static bool event_add(void *context, const struct store_event *event,
                      const char country[COUNTRY_SIZE])
{
    struct page *page = context;

    page->more = json_array_size(page->list) == PAGE_MOST;
    if (page->more)
        return false;
    page->last = event->id;
    return json_array_append_new(page->list, event_json(event, country)) == 0;
}

enum err history_get(struct call *c)
{
    struct page page = { .list = json_array() };
    uint64_t before = 0;
    enum err e = OK;

    call_number(c, "before", &before);
    if (refusal_is(&c->refusal))
        goto out;
    TRY(history_each(c->authority, c->session->account, before, event_add, &page));
    c->reply = json_pack("{s:O, s:o}", "events", page.list, "next",
                         page.more ? json_integer((json_int_t)page.last) : json_null());
out:
    json_decref(page.list);
    return e;
}
