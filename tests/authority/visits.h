/* tests/authority/visits.h: what a person does at the console, as services see it */
#ifndef TESTS_AUTHORITY_VISITS_H
#define TESTS_AUTHORITY_VISITS_H

#include "authority/login.h"
#include "authority/password_change.h"
#include "authority/postbox.h"
#include "authority/signup.h"
#include "fixture.h"

static inline struct visitor visitor_at(const char *address, const char *device)
{
    return (struct visitor){ .address = slice_of(address), .agent = SLICE("Browser/1"),
                             .device = slice_of(device) };
}

/* Whether the password opened a session. */
static inline bool logged_in(struct house *h, struct visitor visitor, const char *email,
                             const char *password, struct login *login)
{
    refusal_init(&h->r);
    assert_int_equal(login_begin(&h->a, &visitor, slice_of(email), slice_of(password), login,
                                 &h->r),
                     OK);
    return !refusal_is(&h->r);
}

static inline void asked(struct house *h, const char *email, const char *password)
{
    const struct visitor visitor = visitor_at("192.0.2.7", "");
    const struct account_application ask = { .email = slice_of(email),
                                             .password = slice_of(password),
                                             .kind = SLICE("individual"),
                                             .jurisdiction = SLICE("CH"),
                                             .name = SLICE("Ada") };

    refusal_init(&h->r);
    assert_int_equal(signup_ask(&h->a, &visitor, &ask, &h->r), OK);
}

/* The next mail of the queue, which it leaves; with its token, if it has a link. */
struct letter {
    char to[ACCOUNT_EMAIL_SIZE], text[4096], token[LINK_TOKEN_SIZE];
};

static inline struct letter letter_taken(struct house *h)
{
    struct store_mail *mail = calloc(1, sizeof *mail);
    struct letter letter = { .text = "" };
    struct buffer content;
    struct store_tx *tx;
    const char *link;
    bool present;

    buffer_init(&content);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mail_due_find(tx, test_now_ns, mail, &present), OK);
    assert_true(present);
    assert_int_equal(mail_open(&h->a, mail, &content), OK);
    snprintf(letter.to, sizeof letter.to, "%s", mail->recipient);
    snprintf(letter.text, sizeof letter.text, "%s", content.at);
    link = strstr(letter.text, "/console/#/link/");
    if (link != NULL)
        snprintf(letter.token, sizeof letter.token, "%s",
                 strchr(link + strlen("/console/#/link/"), '/') + 1);
    mail->state = DELIVERY_DONE;
    assert_int_equal(store_mail_set(tx, mail), OK);
    assert_int_equal(store_commit(&tx), OK);
    buffer_wipe(&content);
    free(mail);
    return letter;
}

#endif
