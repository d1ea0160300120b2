#include "test.h"

#include "fixture.h"
#include "store/leaks.h"

struct scene {
    struct place p;
    struct store_key key;
    struct store_tx *tx;
    struct store_leak *leak;
    struct store_leak_place *place;
};

static struct scene scene_open(void)
{
    struct scene s = { .p = place_open() };

    s.key = key_lettered(account_made(&s.p, "ada@example.com"), 'a');
    s.tx = begun(&s.p);
    assert_int_equal(store_key_insert(s.tx, &s.key), OK);
    s.leak = calloc(1, sizeof *s.leak);
    s.place = calloc(1, sizeof *s.place);
    assert_int_equal(store_leak_id_next(s.tx, &s.leak->id), OK);
    memcpy(s.leak->key, s.key.id, sizeof s.leak->key);
    s.leak->kind = LEAK_SECRET;
    s.leak->reaction = LEAK_REVOKED;
    s.leak->found_at_ns = 7;
    snprintf(s.leak->evidence, sizeof s.leak->evidence, "{\"id\":1}");
    memset(s.leak->evidence_sha256, 9, sizeof s.leak->evidence_sha256);
    s.place->leak = s.leak->id;
    s.place->channel = LEAK_CHANNEL_GIT;
    s.place->found_at_ns = 7;
    snprintf(s.place->place, sizeof s.place->place, "{}");
    return s;
}

static void scene_close(struct scene *s)
{
    store_rollback(&s->tx);
    free(s->leak);
    free(s->place);
    place_close(&s->p);
}

TEST(a_secret_finds_its_key_by_its_hash_whatever_became_of_the_key)
{
    struct scene s = scene_open();
    struct store_key found;
    uint8_t other[STORE_SHA256_SIZE] = { 0 };
    bool present;

    assert_int_equal(
        store_key_state_set(s.tx, s.key.id, KEY_REVOKED, KEY_REASON_OWNER, SLICE(""), 5, &present),
        OK);
    assert_int_equal(store_key_find_secret(s.tx, s.key.secret_sha256, &found, &present), OK);
    assert_true(present);
    assert_memory_equal(found.id, s.key.id, sizeof found.id);
    assert_int_equal(found.state, KEY_REVOKED);
    assert_int_equal(store_key_find_secret(s.tx, other, &found, &present), OK);
    assert_false(present);
    scene_close(&s);
}

TEST(a_key_has_one_leak_of_each_kind)
{
    struct scene s = scene_open();
    struct store_leak *found = calloc(1, sizeof *found);
    bool present;

    assert_int_equal(store_leak_insert(s.tx, s.leak), OK);
    s.leak->id++;
    s.leak->kind = LEAK_KEY_ID;
    assert_int_equal(store_leak_insert(s.tx, s.leak), OK);
    assert_int_equal(store_leak_find(s.tx, s.key.id, LEAK_SECRET, found, &present), OK);
    assert_true(present);
    assert_int_equal(found->id, s.leak->id - 1);
    assert_string_equal(found->evidence, "{\"id\":1}");
    assert_int_equal(found->evidence_sha256[31], 9);
    assert_int_equal(store_leak_lift(s.tx, s.leak->id, 55), OK);
    assert_int_equal(store_leak_get(s.tx, s.leak->id, found), OK);
    assert_int_equal(found->lifted_at_ns, 55);
    assert_int_equal(store_leak_get(s.tx, 99, found), ERR_MISSING);
    assert_int_equal(store_leak_find(s.tx, "bbbbbbbbbbbbbbbb", LEAK_SECRET, found, &present), OK);
    assert_false(present);
    s.leak->id++;
    assert_int_equal(store_leak_insert(s.tx, s.leak), ERR_EXISTS);
    free(found);
    scene_close(&s);
}

static bool leak_count(void *context, const struct store_leak *leak)
{
    uint64_t *last = context;

    assert_true(*last == 0 || leak->id < *last);
    *last = leak->id;
    return true;
}

static bool place_count(void *context, const struct store_leak_place *place)
{
    (void)place;
    ++*(size_t *)context;
    return true;
}

TEST(places_are_kept_once_and_only_so_many_but_each_sighting_counts)
{
    struct scene s = scene_open();
    uint64_t last = 0;
    size_t count = 0;
    bool added;

    assert_int_equal(store_leak_insert(s.tx, s.leak), OK);
    assert_int_equal(store_leak_place_add(s.tx, s.place, &added), OK);
    assert_true(added);
    assert_int_equal(store_leak_place_add(s.tx, s.place, &added), OK);
    assert_false(added);
    for (uint32_t i = 0; i < LEAK_PLACES_MOST + 5; i++) {
        memcpy(s.place->sha256, &i, sizeof i);
        s.place->sha256[31] = 1;
        assert_int_equal(store_leak_place_add(s.tx, s.place, &added), OK);
        assert_int_equal(added, i < LEAK_PLACES_MOST - 2);
    }
    assert_int_equal(store_leak_places_each(s.tx, s.leak->id, place_count, &count), OK);
    assert_int_equal(count, LEAK_PLACES_MOST - 1);
    assert_int_equal(store_leak_get(s.tx, s.leak->id, s.leak), OK);
    assert_int_equal(s.leak->sightings, LEAK_PLACES_MOST + 7);
    assert_int_equal(store_leaks_each(s.tx, 0, 10, leak_count, &last), OK);
    assert_int_equal(last, s.leak->id);
    last = 0;
    assert_int_equal(store_leaks_each(s.tx, s.leak->id, 10, leak_count, &last), OK);
    assert_int_equal(last, 0);
    s.place->leak = 99;
    assert_int_equal(store_leak_place_add(s.tx, s.place, &added), ERR_MISSING);
    scene_close(&s);
}

TEST_MAIN
