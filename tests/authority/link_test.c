#include "test.h"

#include <pthread.h>

#include "fixture.h"
#include "authority/link.h"

static struct store_tx *begun(struct house *h)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    return tx;
}

static void made(struct house *h, enum link_purpose purpose, uint64_t account, const char *key,
                 char token[LINK_TOKEN_SIZE])
{
    struct store_tx *tx = begun(h);

    assert_int_equal(link_make(&h->a, tx, purpose, account, key, 0, DAY_NS, token), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static struct link spent(struct house *h, enum link_purpose purpose, const char *token)
{
    struct store_tx *tx = begun(h);
    struct link link;

    refusal_init(&h->r);
    assert_int_equal(link_spend(&h->a, tx, purpose, slice_of(token), &link, &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return link;
}

TEST(a_link_works_once)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[LINK_TOKEN_SIZE];
    struct link link;

    made(h, LINK_WITHDRAWAL, account, "0123456789abcdef", token);
    assert_int_equal(strlen(token), 43);
    link = spent(h, LINK_WITHDRAWAL, token);
    assert_false(refusal_is(&h->r));
    assert_int_equal(link.account, account);
    assert_memory_equal(link.key, "0123456789abcdef", 16);
    link = spent(h, LINK_WITHDRAWAL, token);
    assert_true(refused(h, "link-used", "works once"));
    assert_int_equal(link.account, 0);
    assert_int_equal(link.key[0], 0);
    house_close(h);
}

TEST(looking_does_not_spend)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[LINK_TOKEN_SIZE];
    struct store_tx *tx;
    struct link link;

    made(h, LINK_APPROVAL, account, NULL, token);
    tx = begun(h);
    assert_int_equal(link_view(&h->a, tx, LINK_APPROVAL, slice_of(token), &link, &h->r), OK);
    store_rollback(&tx);
    assert_int_equal(link.account, account);
    spent(h, LINK_APPROVAL, token);
    assert_false(refusal_is(&h->r));
    house_close(h);
}

TEST(a_link_is_good_for_its_purpose_its_time_and_its_account)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[LINK_TOKEN_SIZE];
    struct link link = { .account = account };

    made(h, LINK_EMAIL, account, NULL, token);
    spent(h, LINK_PASSWORD, token);
    assert_true(refused(h, "link-unknown", "newest mail"));
    spent(h, LINK_EMAIL, "guessed");
    assert_true(refused(h, "link-unknown", "newest mail"));
    test_now_ns += DAY_NS;
    spent(h, LINK_EMAIL, token);
    assert_true(refused(h, "link-expired", "ask for another"));
    test_now_ns -= 1;
    spent(h, LINK_EMAIL, token);
    assert_false(refusal_is(&h->r));
    link_owner_check(&link, account + 1, &h->r);
    assert_true(refused(h, "link-foreign", "another account"));
    house_close(h);
}

TEST(using_the_newest_mail_ends_the_older_ones)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char old[LINK_TOKEN_SIZE], new[LINK_TOKEN_SIZE];

    made(h, LINK_PASSWORD, account, NULL, old);
    made(h, LINK_PASSWORD, account, NULL, new);
    spent(h, LINK_PASSWORD, new);
    assert_false(refusal_is(&h->r));
    spent(h, LINK_PASSWORD, old);
    assert_true(refused(h, "link-used", "once"));
    house_close(h);
}

TEST(a_use_that_is_rolled_back_is_none)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[LINK_TOKEN_SIZE];
    struct store_tx *tx;
    struct link link;

    made(h, LINK_EMAIL, account, NULL, token);
    tx = begun(h);
    assert_int_equal(link_spend(&h->a, tx, LINK_EMAIL, slice_of(token), &link, &h->r), OK);
    store_rollback(&tx);
    spent(h, LINK_EMAIL, token);
    assert_false(refusal_is(&h->r));
    house_close(h);
}

struct racer {
    struct house *h;
    const char *token;
    bool won;
};

static void *race(void *context)
{
    struct racer *r = context;
    struct store_tx *tx;
    struct refusal refusal;
    struct link link;

    refusal_init(&refusal);
    if (store_begin(r->h->a.store, &tx) != OK)
        return NULL;
    if (link_spend(&r->h->a, tx, LINK_EMAIL, slice_of(r->token), &link, &refusal) == OK &&
        !refusal_is(&refusal))
        r->won = store_commit(&tx) == OK;
    store_rollback(&tx);
    return NULL;
}

TEST(of_two_who_follow_a_link_at_once_one_gets_through)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[LINK_TOKEN_SIZE];

    for (int round = 0; round < 20; round++) {
        struct racer racers[2] = { { .h = h, .token = token }, { .h = h, .token = token } };
        pthread_t threads[2];

        made(h, LINK_EMAIL, account, NULL, token);
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        assert_int_equal(racers[0].won + racers[1].won, 1);
    }
    house_close(h);
}

TEST(the_address_of_a_link_keeps_the_token_from_servers)
{
    struct settings s = { .public_url = "https://keys.venue.example" };
    struct authority a = { .settings = &s };
    char url[LINK_URL_SIZE];

    link_url_format(&a, LINK_PASSWORD, "TOKEN", url);
    assert_string_equal(url, "https://keys.venue.example/console/#/link/password/TOKEN");
}

TEST_MAIN
