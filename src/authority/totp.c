#include "authority/totp.h"

#include <assert.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/about.h"
#include "authority/change.h"
#include "authority/guess.h"
#include "authority/vault.h"
#include "store/accounts.h"
#include "store/totp.h"

enum {
    CODE_DIGITS = 6,
    STEP_S = 30,
    DRIFT_STEPS = 1,
};

const char *totp_state_text(enum totp_state state)
{
    return state == TOTP_ENROLLED ? "enrolled" : state == TOTP_PENDING ? "pending" : "none";
}

/* E-mail addresses hold characters that end a label in a URI. */
static void uri_format(const char *email, const char *secret, char uri[TOTP_URI_SIZE])
{
    static const char hex[] = "0123456789ABCDEF";
    char label[3 * ACCOUNT_EMAIL_SIZE];
    size_t size = 0;

    for (const unsigned char *at = (const unsigned char *)email; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') ||
                     strchr(".-_@", *at) != NULL;

        if (plain) {
            label[size++] = (char)*at;
        } else {
            label[size++] = '%';
            label[size++] = hex[*at >> 4];
            label[size++] = hex[*at & 15];
        }
    }
    label[size] = '\0';
    /* No address that mail accepts comes near; cut rather than lose the secret. */
    snprintf(uri, TOTP_URI_SIZE, "otpauth://totp/Latchkey:%.300s?secret=%s&issuer=Latchkey", label,
             secret);
}

static enum err grant_draw(struct authority *a, uint64_t account, const char *email,
                           struct totp_grant *grant, struct store_totp *row)
{
    uint8_t seed[TOTP_SEED_SIZE];
    char name[ABOUT_SIZE], *text = NULL;
    size_t size;
    enum err e = OK;

    static_assert(TOTP_SEED_SIZE + VAULT_OVERHEAD <= TOTP_SEALED_MOST, "the row has room");
    randombytes_buf(seed, sizeof seed);
    if (oath_base32_encode((const char *)seed, sizeof seed, &text, &size) != OATH_OK ||
        size != TOTP_SECRET_SIZE - 1) {
        e = ERR_MEMORY;
        goto out;
    }
    snprintf(grant->secret, sizeof grant->secret, "%s", text);
    uri_format(email, grant->secret, grant->uri);
    *row = (struct store_totp){ .account = account };
    row->sealed_size = vault_seal(a->vault, about_totp(account, name),
                                  (struct slice){ (const char *)seed, sizeof seed }, row->sealed);
out:
    sodium_memzero(seed, sizeof seed);
    if (text != NULL)
        sodium_memzero(text, size);
    free(text);
    return e;
}

enum err totp_draw(struct authority *a, struct store_tx *tx, const char *who, uint64_t account,
                   struct totp_grant *grant, struct refusal *refusal)
{
    struct store_account owner;
    struct store_totp row;
    bool present;
    enum err e;

    TRY(store_account_get(tx, account, &owner));
    TRY(store_totp_find(tx, account, &row, &present));
    if (present && row.enrolled_at_ns != 0) {
        refusal_add(refusal, REFUSAL_CLASH, "totp-enrolled",
                    "%s has an authenticator already; it confirms with its codes", owner.email);
        goto out;
    }
    TRY(grant_draw(a, account, owner.email, grant, &row));
    TRY(store_totp_set(tx, &row));
    TRY(change_write(tx, (struct change){ .who = who, .what = "totp drawn", .account = account,
                                          .at_ns = a->now_ns(),
                                          .before = json_string(present ? "pending" : "none"),
                                          .after = json_string("pending") }));
out:
    return e;
}

enum err totp_enrol(struct authority *a, const char *who, uint64_t account,
                    struct totp_grant *grant, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(totp_draw(a, tx, who, account, grant, refusal));
    if (!refusal_is(refusal))
        TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}

/* The step whose code it is; 0: no step in reach. */
static enum err step_find(struct authority *a, const struct store_totp *row, const char *code,
                          uint64_t now_s, uint64_t *step)
{
    uint8_t seed[TOTP_SEED_SIZE];
    char name[ABOUT_SIZE];
    uint64_t counter = 0;
    int position;
    enum err e;

    *step = 0;
    TRY(vault_unseal_exact(a->vault, about_totp(row->account, name),
                           (struct slice){ (const char *)row->sealed, row->sealed_size }, seed,
                           sizeof seed));
    if (oath_totp_validate3((const char *)seed, sizeof seed, (time_t)now_s, STEP_S, 0, DRIFT_STEPS,
                            &position, &counter, code) >= 0)
        *step = counter;
out:
    sodium_memzero(seed, sizeof seed);
    return e;
}

static bool is_code(struct slice code)
{
    for (size_t i = 0; i < code.size; i++)
        if (code.at[i] < '0' || code.at[i] > '9')
            return false;
    return code.size == CODE_DIGITS;
}

/* Judges a code and moves the row; the caller writes the row. */
static enum err code_judge(struct authority *a, struct store_tx *tx, struct store_totp *row,
                           struct slice code, struct refusal *refusal)
{
    char text[CODE_DIGITS + 1];
    uint64_t step;
    bool allowed;
    enum err e;

    TRY(guess_allow(a, tx, row->account, &allowed, refusal));
    if (!allowed)
        goto out;
    if (!is_code(code)) {
        refusal_add(refusal, REFUSAL_INVALID, "totp-malformed",
                    "the code of the authenticator is six digits");
        goto out;
    }
    snprintf(text, sizeof text, "%.*s", CODE_DIGITS, code.at);
    TRY(step_find(a, row, text, a->now_ns() / NS_PER_S, &step));
    if (step > row->last_step) {
        row->last_step = step;
        e = guess_right(tx, row->account);
    } else if (step != 0) { /* right, but spent: no guess, so it does not count as one */
        refusal_add(refusal, REFUSAL_RULE, "totp-replayed",
                    "the code was used before; wait for the next one (at most 30 s)");
    } else {
        refusal_add(refusal, REFUSAL_RULE, "totp-wrong",
                    "the code is not the one of the authenticator now; check the clock of the "
                    "phone and take the newest code");
        e = guess_wrong(a, tx, row->account);
    }
out:
    return e;
}

enum err totp_accept(struct authority *a, struct store_tx *tx, const char *who, uint64_t account,
                     struct slice code, struct refusal *refusal)
{
    struct store_totp row;
    bool present;
    enum err e;

    TRY(store_totp_find(tx, account, &row, &present));
    if (!present || row.enrolled_at_ns != 0) {
        refusal_add(refusal, REFUSAL_CLASH, present ? "totp-enrolled" : "totp-none",
                    present ? "the authenticator is confirmed already"
                            : "no authenticator waits to be confirmed: enrol one first");
        goto out;
    }
    TRY(code_judge(a, tx, &row, code, refusal));
    if (!refusal_is(refusal)) {
        row.enrolled_at_ns = a->now_ns();
        TRY(change_write(tx, (struct change){ .who = who, .what = "totp enrolled",
                                              .account = account, .at_ns = row.enrolled_at_ns,
                                              .before = json_string("pending"),
                                              .after = json_string("enrolled") }));
    }
    TRY(store_totp_set(tx, &row));
out:
    return e;
}

enum err totp_confirm(struct authority *a, const char *who, uint64_t account, struct slice code,
                      struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(totp_accept(a, tx, who, account, code, refusal));
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}

enum err totp_state_get(struct store_tx *tx, uint64_t account, enum totp_state *state)
{
    struct store_totp row;
    bool present;
    enum err e;

    TRY(store_totp_find(tx, account, &row, &present));
    *state = !present ? TOTP_NONE : row.enrolled_at_ns == 0 ? TOTP_PENDING : TOTP_ENROLLED;
out:
    sodium_memzero(&row, sizeof row);
    return e;
}

enum err totp_spend(struct authority *a, struct store_tx *tx, uint64_t account, struct slice code,
                    struct refusal *refusal)
{
    struct store_totp row;
    bool present;
    enum err e;

    TRY(store_totp_find(tx, account, &row, &present));
    if (!present || row.enrolled_at_ns == 0) {
        refusal_add(refusal, REFUSAL_RULE, "totp-none",
                    "the account has no confirmed authenticator");
        goto out;
    }
    TRY(code_judge(a, tx, &row, code, refusal));
    e = store_totp_set(tx, &row);
out:
    return e;
}

