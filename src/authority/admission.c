#include "authority/admission.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

#include "authority/approval.h"
#include "authority/country.h"
#include "authority/hold.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "keys/scope.h"

enum { AGENT_MOST = 300 }; /* bytes of the evidence */

static json_t *place_json(struct authority *a, const struct store_account *account,
                          const struct applicant *from)
{
    char country[COUNTRY_SIZE];
    size_t agent = from->agent.size > AGENT_MOST ? AGENT_MOST : from->agent.size;
    json_t *detail = json_object();

    json_object_set_new(detail, "address", json_stringn(from->address.at, from->address.size));
    json_object_set_new(detail, "country",
                        country_find(a->countries, from->address, country) ? json_string(country)
                                                                           : json_null());
    json_object_set_new(detail, "jurisdiction", json_string(account->jurisdiction));
    /* What a browser sends is no text until it is shown to be. */
    if (agent > 0)
        json_object_set_new(detail, "agent", json_stringn(from->agent.at, agent));
    return detail;
}

static enum err place_ask(struct authority *a, struct store_tx *tx, const char *who,
                          const struct store_key *key, const struct store_account *account,
                          const struct applicant *from)
{
    const struct review_opening opening = { .who = who, .kind = REVIEW_LOCATION,
                                            .account = key->account, .key = key->id,
                                            .detail = place_json(a, account, from) };
    uint64_t review;
    enum err e;

    TRY(review_open(a, tx, &opening, &review));
    e = hold_add(a, tx, who, key->id, KEY_REASON_LOCATION);
out:
    return e;
}

static bool needs_signatories(const struct authority *a, const struct store_account *account,
                              uint32_t scopes)
{
    const uint32_t guarded = scopes_of_group(SCOPE_GROUP_TRADE) |
                             scopes_of_group(SCOPE_GROUP_WALLET) |
                             scopes_of_group(SCOPE_GROUP_LENDING);

    return account->kind == ACCOUNT_CORPORATE && a->settings->approvals > 0 &&
           (scopes & guarded) != 0;
}

enum err admission_judge(struct authority *a, struct store_tx *tx, const char *who,
                         const struct store_key *key, uint32_t added,
                         const struct applicant *from, bool *waits)
{
    char address[64];
    enum location_verdict verdict;
    struct store_account account;
    enum err e;

    *waits = false;
    TRY(store_account_get(tx, key->account, &account));
    sodium_memzero(account.password, sizeof account.password);
    TRY(location_judge(a, tx, key->account, from->address, &verdict));
    if (verdict != LOCATION_PASS)
        TRY(place_ask(a, tx, who, key, &account, from));
    *waits = verdict != LOCATION_PASS || needs_signatories(a, &account, added);
    if (!needs_signatories(a, &account, added))
        goto out;
    snprintf(address, sizeof address, "%.*s", (int)from->address.size,
             from->address.at == NULL ? "" : from->address.at);
    e = approval_ask(a, tx, who, key, address[0] == '\0' ? NULL : address);
out:
    return e;
}
