#include "console/leaks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/leak.h"
#include "authority/leak_object.h"
#include "base/hex.h"
#include "http/server.h"

enum { PAGE_DEFAULT = 100, PAGE_MOST = 500 };

/* ---- out ---- */

static json_t *head_json(const struct leak_view *view)
{
    const struct store_leak *leak = &view->leak;
    char sha256[2 * STORE_SHA256_SIZE + 1];

    hex_format(leak->evidence_sha256, sizeof leak->evidence_sha256, sha256);
    return json_pack("{s:I, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:I, s:s}", "id",
                     (json_int_t)leak->id, "kind", leak_kind_text(leak->kind), "reaction",
                     leak_reaction_text(leak->reaction), "key", view->id, "account",
                     (json_int_t)view->account, "email", view->email, "label", view->label,
                     "key_state", key_state_text(view->state), "found_at",
                     moment_json(leak->found_at_ns), "lifted_at", moment_json(leak->lifted_at_ns),
                     "sightings", (json_int_t)leak->sightings, "evidence_sha256", sha256);
}

static bool place_add(void *context, const struct store_leak_place *place)
{
    json_array_append_new(context,
                          json_pack("{s:s, s:s, s:o*, s:o*, s:s, s:o, s:o}", "channel",
                                    leak_channel_text(place->channel), "origin", place->origin,
                                    "place", json_loads(place->place, 0, NULL), "details",
                                    json_loads(place->details, 0, NULL), "excerpt",
                                    place->excerpt, "seen_at", moment_json(place->seen_at_ns),
                                    "found_at", moment_json(place->found_at_ns)));
    return true;
}

static json_t *use_json(const struct leak_use *use)
{
    json_t *addresses = json_array();

    for (size_t i = 0; i < use->address_count; i++) {
        char text[IP_ADDRESS_TEXT_SIZE];

        ip_address_format(use->addresses[i], text);
        json_array_append_new(addresses, json_string(text));
    }
    return json_pack("{s:I, s:I, s:b, s:o, s:o}", "passed", (json_int_t)use->passed, "refused",
                     (json_int_t)use->refused, "more", use->more, "last_at",
                     moment_json(use->last_at_ns), "addresses", addresses);
}

enum err leak_json(struct authority *a, uint64_t id, bool for_operator, json_t **leak)
{
    struct leak_view *view = calloc(1, sizeof *view);
    json_t *places = json_array();
    struct leak_use use;
    enum err e = ERR_MEMORY;

    *leak = NULL;
    if (view == NULL || places == NULL)
        goto out;
    TRY(leak_view_get(a, id, view, place_add, places));
    leak_view_use(a, view, &use);
    *leak = head_json(view);
    json_object_set(*leak, "places", places);
    json_object_set_new(*leak, "use_since", use_json(&use));
    /* The text itself: its hash is that of these very bytes. */
    if (for_operator)
        json_object_set_new(*leak, "evidence", json_string(view->leak.evidence));
    e = *leak == NULL ? ERR_MEMORY : OK;
out:
    json_decref(places);
    free(view);
    return e;
}

struct page {
    json_t *list;
    uint64_t most, last;
    bool more;
};

static bool page_add(void *context, const struct leak_view *view)
{
    struct page *page = context;

    page->more = json_array_size(page->list) == page->most;
    if (!page->more) {
        json_array_append_new(page->list, head_json(view));
        page->last = view->leak.id;
    }
    return !page->more;
}

enum err leaks_get(struct call *c)
{
    struct page page = { json_array(), PAGE_DEFAULT, 0, false };
    uint64_t before = 0;
    enum err e = OK;

    call_number(c, "before", &before);
    if (call_number(c, "limit", &page.most) && (page.most == 0 || page.most > PAGE_MOST))
        page.most = PAGE_MOST;
    if (refusal_is(&c->refusal))
        goto out;
    TRY(leak_views_each(c->authority, before, page.most + 1, page_add, &page));
    c->reply = json_pack("{s:O, s:o}", "leaks", page.list, "next",
                         page.more ? json_integer((json_int_t)page.last) : json_null());
out:
    json_decref(page.list);
    return e;
}

enum err leak_get(struct call *c)
{
    char text[24], *end;
    unsigned long long id;
    enum err e = ERR_MISSING;

    snprintf(text, sizeof text, "%.*s", (int)c->value.size, c->value.at);
    id = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0')
        e = leak_json(c->authority, id, true, &c->reply);
    if (e == ERR_MISSING)
        refusal_add(&c->refusal, REFUSAL_MISSING, "leak-missing",
                    "there is no leak %s; list them with GET %s/leaks", text,
                    c->portal ? "/operator" : "");
    return e;
}

/* ---- in ---- */

static void finding_refuse(struct call *c, size_t index, const char *member, const char *words)
{
    char field[REFUSAL_FIELD_SIZE];

    snprintf(field, sizeof field, "findings.%zu.%s", index, member);
    refusal_add_at(&c->refusal, REFUSAL_INVALID, field, "finding-malformed",
                   "\"%s\" of finding %zu"
                   " has to be %s",
                   member, index, words);
}

static void subject_read(struct call *c, size_t index, const json_t *object,
                         struct leak_finding *finding)
{
    struct slice sha256 = call_text(c, object, "sha256"), key = call_text(c, object, "key_id");

    if (sha256.at != NULL) {
        finding->kind = LEAK_SECRET;
        if (key.at != NULL || !hex_parse(sha256, finding->sha256, sizeof finding->sha256))
            finding_refuse(c, index, "sha256",
                           "64 hexadecimal digits, SHA-256 of the secret, without a \"key_id\"");
    } else {
        finding->kind = LEAK_KEY_ID;
        if (!key_id_parse(key, &finding->key))
            finding_refuse(c, index, "key_id", "a key id whose checksum is right");
    }
}

static bool number_is(const json_t *value, uint64_t least, uint64_t *number)
{
    *number = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= (json_int_t)least;
}

static void object_read(struct call *c, size_t index, const json_t *object,
                        struct leak_object *into)
{
    const json_t *whole = json_object_get(object, "whole");

    if (object == NULL || json_is_null(object))
        return;
    into->is_whole = json_is_true(whole);
    if (!hex_parse(call_text(c, object, "sha256"), into->sha256, sizeof into->sha256) ||
        !number_is(json_object_get(object, "bytes"), 1, &into->size) ||
        into->size > LEAK_OBJECT_MOST ||
        !number_is(json_object_get(object, "from"), 0, &into->from) || !json_is_boolean(whole))
        finding_refuse(c, index, "object",
                       "null, or \"sha256\", \"bytes\" (1 to 1048576), \"from\" and \"whole\"");
}

static void finding_read(struct call *c, size_t index, const json_t *object,
                         struct leak_finding *finding)
{
    const json_t *seen = json_object_get(object, "seen_at");

    subject_read(c, index, object, finding);
    if (!leak_channel_parse(call_text(c, object, "channel"), &finding->channel))
        finding_refuse(c, index, "channel", "scan, git, npm, web, alert or self");
    finding->origin = call_text(c, object, "origin");
    finding->excerpt = call_text(c, object, "excerpt");
    finding->place = json_object_get(object, "place");
    if (finding->place != NULL && !json_is_object(finding->place))
        finding_refuse(c, index, "place", "an object of strings and numbers");
    finding->details = json_object_get(object, "details");
    if (finding->details != NULL && !json_is_object(finding->details))
        finding_refuse(c, index, "details", "an object of strings and numbers");
    object_read(c, index, json_object_get(object, "object"), &finding->object);
    if (json_is_integer(seen) && json_integer_value(seen) > 0)
        finding->seen_at_ns = (uint64_t)json_integer_value(seen);
    else if (seen != NULL && !json_is_null(seen))
        finding_refuse(c, index, "seen_at", "nanoseconds since 1970, or null");
}

static json_t *result_json(const struct leak_result *result)
{
    bool known = result->answer != LEAK_ANSWER_NONE;
    char id[KEY_ID_TEXT_SIZE];

    if (known)
        key_id_format(&result->key, id);
    return json_pack("{s:b, s:s, s:s?, s:s, s:o, s:o, s:b}", "known", known, "label",
                     known ? "true_positive" : "false_positive", "key_id", known ? id : NULL,
                     "reaction", leak_answer_text(result->answer), "evidence",
                     known ? json_integer((json_int_t)result->leak) : json_null(), "known_since",
                     moment_json(result->known_since_ns), "object_wanted",
                     result->object_wanted);
}

enum err leaks_post(struct call *c)
{
    const json_t *list = json_object_get(c->body, "findings");
    size_t count = json_array_size(list);
    struct leak_finding *findings = calloc(LEAK_BATCH_MOST, sizeof *findings);
    struct leak_result *results = calloc(LEAK_BATCH_MOST, sizeof *results);
    json_t *answers = json_array();
    enum err e = ERR_MEMORY;

    if (findings == NULL || results == NULL || answers == NULL)
        goto out;
    e = OK;
    if (count == 0 || count > LEAK_BATCH_MOST) {
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "findings", "findings-count",
                       "\"findings\" has to be a list of 1 to %d findings", LEAK_BATCH_MOST);
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        finding_read(c, i, json_array_get(list, i), &findings[i]);
    if (refusal_is(&c->refusal))
        goto out;
    TRY(leaks_take(c->authority, c->who, findings, count, results));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(answers, result_json(&results[i]));
    c->reply = json_pack("{s:O}", "results", answers);
out:
    json_decref(answers);
    free(results);
    free(findings);
    return e;
}
