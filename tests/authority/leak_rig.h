/* tests/authority/leak_rig.h: an owner whose key is found in public */
#ifndef TESTS_AUTHORITY_LEAK_RIG_H
#define TESTS_AUTHORITY_LEAK_RIG_H

#include "owner.h"

#include <sodium.h>

#include "authority/event.h"
#include "authority/leak.h"
#include "store/holds.h"

static inline struct leak_finding secret_found(const struct owner *o)
{
    struct leak_finding f = { .kind = LEAK_SECRET,
                              .channel = LEAK_CHANNEL_GIT,
                              .origin = SLICE("https://git.example/bot") };

    crypto_hash_sha256(f.sha256, o->key.secret.bytes, o->key.secret.size);
    return f;
}

static inline struct leak_finding id_found(const struct owner *o)
{
    return (struct leak_finding){
        .kind = LEAK_KEY_ID, .key = o->key.id, .channel = LEAK_CHANNEL_NPM, .origin = SLICE("npm")
    };
}

static inline struct leak_result taken(struct owner *o, const struct leak_finding *finding)
{
    struct leak_result result;

    assert_int_equal(leaks_take(&o->house->a, "tester", finding, 1, &result), OK);
    return result;
}

static inline struct store_leak *leak_stored(struct owner *o, uint64_t id)
{
    struct store_leak *leak = calloc(1, sizeof *leak);
    struct store_tx *tx;

    assert_int_equal(store_begin(o->house->a.store, &tx), OK);
    assert_int_equal(store_leak_get(tx, id, leak), OK);
    store_rollback(&tx);
    return leak;
}

struct mail_tally {
    size_t count;
    char last[4096];
};

/* Mails about leaks that wait. */
static inline struct mail_tally leak_mails(struct owner *o)
{
    struct store_mail *mail = calloc(1, sizeof *mail);
    struct mail_tally tally = { 0 };
    struct store_tx *tx;

    assert_int_equal(store_begin(o->house->a.store, &tx), OK);
    for (;;) {
        struct buffer text;
        bool present;

        assert_int_equal(store_mail_due_find(tx, test_now_ns, mail, &present), OK);
        if (!present)
            break;
        if (mail->template == MAIL_KEY_LEAK) {
            buffer_init(&text);
            assert_int_equal(mail_open(&o->house->a, mail, &text), OK);
            snprintf(tally.last, sizeof tally.last, "%.*s", (int)text.size, text.at);
            buffer_wipe(&text);
            tally.count++;
        }
        mail->state = DELIVERY_DONE;
        assert_int_equal(store_mail_set(tx, mail), OK);
    }
    store_rollback(&tx); /* so that the next look finds them again */
    free(mail);
    return tally;
}

#endif
