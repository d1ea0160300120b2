#include "console/reviews.h"

#include <stdlib.h>

#include "authority/account.h"
#include "authority/decision.h"
#include "authority/key_view.h"
#include "authority/paper.h"
#include "authority/review.h"
#include "authority/session.h"
#include "console/key_form.h"
#include "console/number.h"
#include "http/server.h"

enum { PAGE_MOST = 50, OF_ACCOUNT_MOST = 20 };

static json_t *account_part(const struct store_account *account)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)account->id, "email",
                     account->email, "name", account->name, "kind",
                     account_kind_text(account->kind), "jurisdiction", account->jurisdiction);
}

static json_t *votes_part(const struct review_view *view)
{
    json_t *list = json_array();

    for (size_t i = 0; i < view->vote_count; i++) {
        const struct store_vote *vote = &view->votes[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "by", vote->voter,
                                              "outcome", vote->accepts ? "accepted" : "rejected",
                                              "reason", vote->reason, "at",
                                              moment_json(vote->at_ns)));
    }
    return list;
}

json_t *document_json(const struct store_document *d)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:o}", "id", d->id, "name", d->name, "type",
                     paper_type_text(d->kind), "bytes", (json_int_t)d->bytes, "at",
                     moment_json(d->at_ns));
}

static json_t *documents_part(const struct review_view *view)
{
    json_t *list = json_array();

    for (size_t i = 0; i < view->document_count; i++)
        json_array_append_new(list, document_json(&view->documents[i]));
    return list;
}

/* `key` is taken over. */
static json_t *review_json(const struct review_view *view, json_t *key)
{
    const struct store_review *r = &view->review;
    json_t *detail = json_loads(r->detail, 0, NULL);

    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?}", "id",
                     (json_int_t)r->id, "kind", review_kind_text(r->kind), "state",
                     review_state_text(r->state), "opened_at", moment_json(r->opened_at_ns),
                     "ends_at", moment_json(r->ends_at_ns), "account",
                     account_part(&view->account), "key", key, "detail",
                     detail == NULL ? json_object() : detail, "documents", documents_part(view),
                     "votes", votes_part(view), "decided_at", moment_json(r->decided_at_ns),
                     "reason", r->reason[0] == '\0' ? NULL : r->reason);
}

/* KEY, or null. */
static enum err key_part(struct call *c, const struct store_review *review, json_t **key)
{
    struct key_view view;
    enum err e = OK;

    *key = json_null();
    if (review->key[0] == '\0')
        goto out;
    TRY(key_view_get(c->authority, review->key, &view));
    *key = key_json(&view);
out:
    return e;
}

static enum err page_get(struct call *c, const struct store_review_filter *filter, size_t most,
                         bool with_keys, json_t *list, uint64_t *next)
{
    struct review_view *views = calloc(most + 1, sizeof *views);
    size_t count = 0;
    enum err e = ERR_MEMORY;

    *next = 0;
    if (views == NULL)
        goto out;
    TRY(review_list(c->authority, filter, views, most + 1, &count));
    for (size_t i = 0; i < count && i < most; i++) {
        json_t *key = json_null();

        if (with_keys)
            TRY(key_part(c, &views[i].review, &key));
        json_array_append_new(list, review_json(&views[i], key));
    }
    if (count > most)
        *next = views[most - 1].review.id;
out:
    free(views);
    return e;
}

static void filter_read(struct call *c, struct store_review_filter *filter)
{
    const char *state = http_request_query(c->request, "state");
    const char *kind = http_request_query(c->request, "kind");

    *filter = (struct store_review_filter){ .open = true };
    if (state != NULL && strcmp(state, "decided") == 0)
        filter->open = false;
    else if (state != NULL && *state != '\0' && strcmp(state, "open") != 0)
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "state", "state-unknown",
                       "the state is open or decided");
    if (kind != NULL && *kind != '\0' && !review_kind_parse(slice_of(kind), &filter->kind))
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "kind", "kind-unknown",
                       "the kind is document, location, elevation, flag, approval or factor");
    call_number(c, "before", &filter->before);
}

enum err reviews_get(struct call *c)
{
    struct store_review_filter filter;
    json_t *list = json_array();
    uint64_t next = 0;
    enum err e = OK;

    filter_read(c, &filter);
    if (refusal_is(&c->refusal))
        goto out;
    TRY(page_get(c, &filter, PAGE_MOST, true, list, &next));
    c->reply = json_pack("{s:O, s:o}", "reviews", list, "next",
                         next == 0 ? json_null() : json_integer((json_int_t)next));
out:
    json_decref(list);
    return e;
}

enum err reviews_of_account(struct call *c, uint64_t account, json_t **list)
{
    const struct store_review_filter filter = { .all = true, .account = account };
    uint64_t next;

    *list = json_array();
    return page_get(c, &filter, OF_ACCOUNT_MOST, false, *list, &next);
}

static enum err review_told(struct call *c, uint64_t id)
{
    struct review_view *view = calloc(1, sizeof *view);
    json_t *key;
    enum err e = ERR_MEMORY;

    if (view == NULL)
        goto out;
    e = review_view_get(c->authority, id, view);
    if (e == ERR_MISSING) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "review-missing", "there is no such review");
        e = OK;
        goto out;
    }
    TRY(e);
    TRY(key_part(c, &view->review, &key));
    c->reply = review_json(view, key);
out:
    free(view);
    return e;
}

enum err review_get(struct call *c)
{
    return review_told(c, number_of(c->value));
}

enum err review_decide_post(struct call *c)
{
    const struct decision decision = { .who = c->who,
                                       .by = c->session == NULL ? 0 : c->session->account,
                                       .outcome = call_text(c, c->body, "outcome"),
                                       .reason = call_text(c, c->body, "reason") };
    uint64_t id = number_of(c->value);
    enum err e = OK;

    if (!refusal_is(&c->refusal))
        e = review_decide(c->authority, id, &decision, &c->refusal);
    if (e != OK && e != ERR_MISSING)
        return e;
    return refusal_is(&c->refusal) ? OK : review_told(c, id);
}
