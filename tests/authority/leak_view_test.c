#include "test.h"

#include "authority/leak_view.h"
#include "leak_rig.h"

static bool place_count(void *context, const struct store_leak_place *place)
{
    assert_string_equal(place->origin, "https://git.example/bot");
    ++*(size_t *)context;
    return true;
}

static bool head_take(void *context, const struct leak_view *view)
{
    *(uint64_t *)context = view->leak.id;
    return false;
}

TEST(a_leak_is_told_with_key_owner_places_and_what_was_tried_since)
{
    struct owner o;
    struct leak_finding f;
    struct leak_view *view = calloc(1, sizeof *view);
    struct leak_result r;
    struct leak_use use;
    size_t places = 0;
    uint64_t id = 0;
    bool present;

    owner_begin(&o, "live", NULL);
    f = secret_found(&o);
    r = taken(&o, &f);
    assert_int_equal(leak_view_get(&o.house->a, r.leak, view, place_count, &places), OK);
    assert_int_equal(places, 1);
    assert_string_equal(view->email, "ada@example.com");
    assert_string_equal(view->label, "bot");
    assert_int_equal(strlen(view->id), KEY_ID_SIZE);
    assert_int_equal(view->state, KEY_REVOKED);
    leak_view_use(&o.house->a, view, &use);
    assert_int_equal(use.since_ns, view->leak.found_at_ns);
    assert_int_equal(leak_views_each(&o.house->a, 0, 10, head_take, &id), OK);
    assert_int_equal(id, r.leak);
    assert_int_equal(leak_of_key_find(&o.house->a, o.key.id.random, LEAK_SECRET, &id, &present),
                     OK);
    assert_true(present && id == r.leak);
    assert_int_equal(leak_of_key_find(&o.house->a, o.key.id.random, LEAK_KEY_ID, &id, &present),
                     OK);
    assert_false(present);
    assert_int_equal(leak_view_get(&o.house->a, 99, view, place_count, &places), ERR_MISSING);
    free(view);
    owner_end(&o);
}

TEST_MAIN
