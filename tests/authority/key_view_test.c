#include "test.h"

#include "fixture.h"

static bool view_count(void *context, const struct key_view *view)
{
    *(int *)context += view->id[0] == 'l';
    return true;
}

TEST(a_key_is_seen_without_its_secret_and_with_what_is_left_to_do)
{
    static const uint8_t nothing[STORE_KEY_SEALED_MOST];
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct key_view view;
    char name[KEY_ID_TEXT_SIZE], random[KEY_RANDOM_SIZE];
    int count = 0;

    key_id_format(&g.id, name);
    assert_true(key_name_parse(slice_of(name), random));
    assert_memory_equal(random, g.id.random, sizeof random);
    assert_true(key_name_parse((struct slice){ g.id.random, KEY_RANDOM_SIZE }, random));
    name[30] ^= 1;
    assert_false(key_name_parse(slice_of(name), random));

    assert_int_equal(key_view_get(&h->a, g.id.random, &view), OK);
    assert_memory_equal(view.key.secret_sealed, nothing, sizeof nothing);
    assert_string_equal(view.email, "ada@example.com");
    assert_false(view.readiness.wallets_called);
    assert_false(view.readiness.sandbox_order);
    assert_false(view.readiness.cooling_over);
    test_now_ns += KEY_COOLING_NS;
    assert_int_equal(key_view_get(&h->a, g.id.random, &view), OK);
    assert_true(view.readiness.cooling_over);
    assert_int_equal(key_views_each(&h->a, id, NULL, view_count, &count), OK);
    assert_int_equal(key_views_each(&h->a, 0, NULL, view_count, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(key_views_each(&h->a, id, g.id.random, view_count, &count), OK);
    assert_int_equal(count, 2); /* there is none behind the last */
    free(p.seed);
    house_close(h);
}

TEST_MAIN
