/* store/accounts.h: who they are, what they have proved, what is held against them */
#ifndef STORE_ACCOUNTS_H
#define STORE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/store.h"

enum {
    ACCOUNT_EMAIL_SIZE = 255,    /* RFC 5321 allows 254 characters; and the zero */
    ACCOUNT_PASSWORD_SIZE = 128, /* crypto_pwhash_STRBYTES */
    ACCOUNT_REASON_SIZE = 512,
    ACCOUNT_NAME_SIZE = 129, /* bytes of UTF-8 and the zero */
    ACCOUNT_FIRST_ID = 1001,
};

enum account_kind { ACCOUNT_INDIVIDUAL = 1, ACCOUNT_CORPORATE = 2 };
enum account_role { ACCOUNT_CUSTOMER = 1, ACCOUNT_OPERATOR = 2 };
enum step_state { STEP_MISSING = 0, STEP_ACCEPTED = 1, STEP_REJECTED = 2, STEP_SUBMITTED = 3 };
enum flag_kind { FLAG_NONE = 0, FLAG_SUSPICIOUS = 1, FLAG_REGULATORY = 2 };
enum flag_keys {
    FLAG_KEYS_LEAVE = 0,
    FLAG_KEYS_SUSPEND = 1,
    FLAG_KEYS_REVOKE = 2,
    FLAG_KEYS_LIFT = 3, /* the flag is resolved, and goes when the last key is restored */
};

struct store_account {
    uint64_t id;
    enum account_kind kind;
    enum account_role role;
    uint64_t created_at_ns;
    uint64_t email_confirmed_at_ns; /* 0: an operator opened the account */
    uint64_t sandbox_order_at_ns; /* 0: none yet */
    char email[ACCOUNT_EMAIL_SIZE];
    char jurisdiction[3];
    char password[ACCOUNT_PASSWORD_SIZE];
    char name[ACCOUNT_NAME_SIZE]; /* may be empty */
};

/* Gives the account its id.  ERR_EXISTS: the e-mail has an account. */
must_use enum err store_account_insert(struct store_tx *tx, struct store_account *account);

/* ERR_MISSING: no such account. */
must_use enum err store_account_get(struct store_tx *tx, uint64_t id,
                                    struct store_account *account);
must_use enum err store_account_get_by_email(struct store_tx *tx, struct slice email,
                                             struct store_account *account);

/* Up to `capacity` accounts with ids above `after`, in their order; *count says how many. */
must_use enum err store_accounts_list(struct store_tx *tx, uint64_t after,
                                      struct store_account *accounts, size_t capacity,
                                      size_t *count);
/* Up to `capacity` whose e-mail, or whose name in any case of ASCII letters, begins with the text.
 * E-mails first. */
must_use enum err store_accounts_search(struct store_tx *tx, struct slice text,
                                        struct store_account *accounts, size_t capacity,
                                        size_t *count);
must_use enum err store_accounts_count(struct store_tx *tx, uint64_t *count);

must_use enum err store_account_password_set(struct store_tx *tx, uint64_t id, const char *hash);

/* Keeps the first moment only. */
must_use enum err store_account_email_confirm(struct store_tx *tx, uint64_t id, uint64_t at_ns);

/* Keeps the first moment only.  *changed: whether this was the first. */
must_use enum err store_account_sandbox_order_set(struct store_tx *tx, uint64_t id, uint64_t at_ns,
                                                  bool *changed);

/* One row of account_step; `step` is a number of authority/steps.def. */
must_use enum err store_step_set(struct store_tx *tx, uint64_t account, uint16_t step,
                                 enum step_state state, struct slice reason, uint64_t at_ns);

/* Fills states[step] for steps below `count`; STEP_MISSING where there is no row. */
must_use enum err store_steps_get(struct store_tx *tx, uint64_t account, enum step_state *states,
                                  size_t count);

/* Of the step's last decision; empty where there is none. */
must_use enum err store_step_reason_get(struct store_tx *tx, uint64_t account, uint16_t step,
                                        char reason[ACCOUNT_REASON_SIZE]);

struct store_flag {
    enum flag_kind kind; /* FLAG_NONE: the account has no flag */
    enum flag_keys keys;
    uint64_t raised_at_ns;
    char reason[ACCOUNT_REASON_SIZE];
};

must_use enum err store_flag_get(struct store_tx *tx, uint64_t account, struct store_flag *flag);
/* Replaces the flag that there is. */
must_use enum err store_flag_set(struct store_tx *tx, uint64_t account,
                                 const struct store_flag *flag);
must_use enum err store_flag_delete(struct store_tx *tx, uint64_t account);
/* Up to `most` accounts that have a flag, by their numbers, from behind `after` on. */
must_use enum err store_flags_get(struct store_tx *tx, uint64_t after, uint64_t *accounts,
                                  size_t most, size_t *count);

#endif
