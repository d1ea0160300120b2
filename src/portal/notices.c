#include "portal/notices.h"

#include "authority/event.h"
#include "authority/notice.h"
#include "authority/session.h"

struct listing {
    json_t *list;
    uint64_t last;
};

static json_t *key_of(const struct store_event *event)
{
    json_t *data = json_loads(event->data, 0, NULL);
    json_t *id = json_incref(json_object_get(data, "id"));

    json_decref(data);
    return id == NULL ? json_null() : id;
}

static bool listed(void *context, const struct store_event *event, bool is_read)
{
    struct listing *listing = context;
    struct buffer words;

    buffer_init(&words);
    event_notice(event, &words);
    json_array_append_new(listing->list,
                          json_pack("{s:I, s:o, s:s, s:s%, s:o, s:b}", "id",
                                    (json_int_t)event->id, "at", moment_json(event->at_ns),
                                    "kind", event_word(event->kind), "words",
                                    words.at == NULL ? "" : words.at, words.size, "key",
                                    key_of(event), "read", (int)is_read));
    buffer_wipe(&words);
    listing->last = event->id;
    return true;
}

enum err notices_get(struct call *c)
{
    struct listing listing = { .list = json_array() };
    uint64_t before = 0, unread = 0;
    enum err e;

    call_number(c, "before", &before);
    TRY(notices_each(c->authority, c->session->account, before, listed, &listing, &unread));
    c->reply = json_pack("{s:O, s:I, s:o}", "notices", listing.list, "unread", (json_int_t)unread,
                         "next",
                         json_array_size(listing.list) < NOTICES_MOST
                             ? json_null()
                             : json_integer((json_int_t)listing.last));
out:
    json_decref(listing.list);
    return e;
}

enum err notices_read_post(struct call *c)
{
    const json_t *up_to = json_object_get(c->body, "up_to");

    c->reply = json_object();
    if (!json_is_integer(up_to) || json_integer_value(up_to) < 1) {
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "up_to", "up-to-malformed",
                       "\"up_to\" has to be the id of a notice");
        return OK;
    }
    return notices_read(c->authority, c->session->account, (uint64_t)json_integer_value(up_to));
}
