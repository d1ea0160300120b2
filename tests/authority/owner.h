/* tests/authority/owner.h: an owner with one key, a phone and a mailbox */
#ifndef TESTS_AUTHORITY_OWNER_H
#define TESTS_AUTHORITY_OWNER_H

#include "fixture.h"

#include "authority/key_asker.h"
#include "authority/postbox.h"
#include "store/mails.h"

struct owner {
    struct house *house;
    uint64_t account;
    struct phone phone;
    struct key_grant key;
    struct key_asker asker;
};

static inline void owner_begin(struct owner *o, const char *environment, const char *scope)
{
    struct key_batch batch;

    o->house = house_open();
    o->account = account_ready(o->house, "ada@example.com", &o->phone);
    batch = batch_of(o->account, environment, "bot", "192.0.2.0/24");
    if (scope != NULL) {
        batch.keys[0].scopes[batch.keys[0].scope_count++] = slice_of(scope);
        batch.keys[0].confirmed_groups[batch.keys[0].confirmed_count++] = SLICE("wallet");
    }
    o->key = key_made(o->house, &o->phone, batch);
    o->asker = (struct key_asker){ .who = "account 1001", .account = o->account,
                                   .address = "192.0.2.7" };
}

static inline void owner_end(struct owner *o)
{
    free(o->phone.seed);
    house_close(o->house);
}

/* A fresh code for what is asked next. */
static inline void owner_prove(struct owner *o)
{
    test_now_ns += 30 * NS_PER_S;
    refusal_init(&o->house->r);
    o->asker.proof = (struct proof){ .kind = PROOF_CODE, .code = phone_code(&o->phone, 0) };
}

static inline struct store_key key_stored(struct house *h, const char *id)
{
    struct store_key key;
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_key_get(tx, id, &key), OK);
    store_rollback(&tx);
    return key;
}

/* The token in the newest mail with such a link; "" when there is none. */
static inline void mail_token(struct house *h, const char *purpose, char token[LINK_TOKEN_SIZE])
{
    struct store_mail *mail = calloc(1, sizeof *mail);
    struct store_tx *tx;
    char before[64];
    bool present;

    snprintf(before, sizeof before, "/console/#/link/%s/", purpose);
    token[0] = '\0';
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (;;) {
        struct buffer text;
        const char *at;

        assert_int_equal(store_mail_due_find(tx, test_now_ns, mail, &present), OK);
        if (!present)
            break;
        buffer_init(&text);
        assert_int_equal(mail_open(&h->a, mail, &text), OK);
        buffer_printf(&text, "%c", '\0');
        at = strstr(text.at, before);
        if (at != NULL)
            snprintf(token, LINK_TOKEN_SIZE, "%s", at + strlen(before));
        buffer_wipe(&text);
        mail->state = DELIVERY_DONE;
        assert_int_equal(store_mail_set(tx, mail), OK);
    }
    assert_int_equal(store_commit(&tx), OK);
    free(mail);
}

#endif
