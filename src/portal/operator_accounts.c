#include "portal/operator_accounts.h"

#include <sodium.h>
#include <stdlib.h>

#include "authority/account.h"
#include "authority/lost_factor.h"
#include "console/accounts.h"
#include "console/factors.h"
#include "console/number.h"
#include "console/reviews.h"
#include "http/server.h"

enum { PAGE_MOST = 50 };

enum err operator_accounts_get(struct call *c)
{
    const char *search = http_request_query(c->request, "search");
    struct account_view *views = calloc(PAGE_MOST, sizeof *views);
    json_t *list = json_array();
    uint64_t after = 0;
    size_t count = 0;
    bool searched = search != NULL && *search != '\0';
    enum err e = ERR_MEMORY;

    if (views == NULL)
        goto out;
    e = OK;
    call_number(c, "after", &after);
    if (refusal_is(&c->refusal))
        goto out;
    if (searched)
        TRY(account_search(c->authority, slice_of(search), views, PAGE_MOST, &count));
    else
        TRY(account_list(c->authority, after, views, PAGE_MOST, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, account_json(&views[i]));
    c->reply = json_pack("{s:O, s:o}", "accounts", list, "next",
                         searched || count < PAGE_MOST
                             ? json_null()
                             : json_integer((json_int_t)views[count - 1].account.id));
out:
    json_decref(list);
    if (views != NULL)
        sodium_memzero(views, PAGE_MOST * sizeof *views); /* hashes of passwords */
    free(views);
    return e;
}

/* ACCOUNT with its reviews and factors. */
static enum err account_told(struct call *c, uint64_t account)
{
    struct account_view view;
    json_t *reviews = NULL, *factors = NULL;
    enum err e;

    e = account_view_get(c->authority, account, &view);
    if (e == ERR_MISSING) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "account-missing", "there is no such account");
        return OK;
    }
    TRY(e);
    TRY(reviews_of_account(c, account, &reviews));
    TRY(factors_json(c->authority, account, &factors));
    c->reply = account_json(&view);
    json_object_set(c->reply, "reviews", reviews);
    json_object_set(c->reply, "factors", factors);
out:
    json_decref(reviews);
    json_decref(factors);
    sodium_memzero(&view, sizeof view);
    return e;
}

enum err operator_account_get(struct call *c)
{
    return account_told(c, number_of(c->value));
}

/* After a service: what it says, or the account as it is now. */
static enum err account_replied(struct call *c, uint64_t account, enum err e)
{
    if (e != OK && e != ERR_MISSING)
        return e;
    return refusal_is(&c->refusal) ? OK : account_told(c, account);
}

enum err operator_flag_post(struct call *c)
{
    const struct flagging f = { .kind = call_text(c, c->body, "kind"),
                                .keys = call_text(c, c->body, "keys"),
                                .reason = call_text(c, c->body, "reason") };
    uint64_t account = number_of(c->value);

    if (refusal_is(&c->refusal))
        return OK;
    return account_replied(c, account,
                           account_flag(c->authority, c->who, account, &f, &c->refusal));
}

enum err operator_unflag_post(struct call *c)
{
    struct slice reason = call_text(c, c->body, "reason");
    uint64_t account = number_of(c->value);

    if (refusal_is(&c->refusal))
        return OK;
    return account_replied(c, account,
                           account_unflag(c->authority, c->who, account, reason, &c->refusal));
}

enum err operator_factor_remove_post(struct call *c)
{
    const struct lost_factor lost = { .who = c->who,
                                      .account = number_of(c->value),
                                      .factor = c->second,
                                      .reason = call_text(c, c->body, "reason") };

    if (refusal_is(&c->refusal))
        return OK;
    return account_replied(c, lost.account, lost_factor_remove(c->authority, &lost, &c->refusal));
}
