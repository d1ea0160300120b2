/* authority/account.h: opening an account, what it has shown, what is held against it (A1-A4) */
#ifndef AUTHORITY_ACCOUNT_H
#define AUTHORITY_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/flag.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "authority/steps.h"
#include "base/slice.h"
#include "store/accounts.h"

struct account_application {
    struct slice email, kind, jurisdiction, password; /* as they were typed */
    struct slice name;                                /* may be empty */
    struct slice role; /* "customer", "operator" or empty, which is customer */
};

/* All there is to tell about an account. */
struct account_view {
    struct store_account account;
    struct store_flag flag;
    enum step_state steps[STEPS_SIZE];
    struct factors factors;
    uint64_t key_count;
};

/* Checks and fills all but the password and what the store gives; says every fault at once. */
void account_application_read(const struct account_application *ask, struct store_account *account,
                              struct refusal *refusal);

must_use enum err account_open(struct authority *a, const char *who,
                               const struct account_application *ask, uint64_t *account,
                               struct refusal *refusal);

/* The id of the account that `name` tells, an id or an e-mail.  ERR_MISSING: there is none. */
must_use enum err account_find(struct authority *a, struct slice name, uint64_t *account);

must_use enum err account_view_get(struct authority *a, uint64_t account,
                                   struct account_view *view);

/* Up to `capacity` accounts with ids above `after`. */
must_use enum err account_list(struct authority *a, uint64_t after, struct account_view *views,
                               size_t capacity, size_t *count);

/* Those whose id the text is, or whose e-mail or name begins with it. */
must_use enum err account_search(struct authority *a, struct slice text,
                                 struct account_view *views, size_t capacity, size_t *count);

/* The same within a transaction. */
must_use enum err account_view_read(struct store_tx *tx, uint64_t account,
                                    struct account_view *view);

struct verification {
    struct slice step;    /* a name of authority/steps.def, or "all" of the account's kind */
    struct slice outcome; /* "accepted" or "rejected" */
    struct slice reason;  /* needed for a rejection */
};
/* Closes the reviews of the steps that it decides. */
must_use enum err account_verify(struct authority *a, const char *who, uint64_t account,
                                 const struct verification *v, struct refusal *refusal);

const char *account_kind_text(enum account_kind kind);
const char *account_role_text(enum account_role role); /* "customer", "operator" */
const char *step_state_text(enum step_state state);

#endif
