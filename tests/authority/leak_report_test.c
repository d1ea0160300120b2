#include "test.h"

#include "authority/leak_report.h"
#include "leak_rig.h"

struct scene {
    struct owner o;
    struct store_key key;
    struct store_leak *leak;
    struct store_leak_place *place;
    struct leak_use use;
    struct leak_finding finding;
};

static struct leak_report scene_open(struct scene *s)
{
    owner_begin(&s->o, "live", NULL);
    s->key = key_stored(s->o.house, s->o.key.id.random);
    s->leak = calloc(1, sizeof *s->leak);
    s->place = calloc(1, sizeof *s->place);
    s->use = (struct leak_use){ .since_ns = s->key.created_at_ns };
    s->finding = secret_found(&s->o);
    s->leak->id = 7;
    s->leak->kind = LEAK_SECRET;
    s->leak->reaction = LEAK_REVOKED;
    s->place->channel = LEAK_CHANNEL_ALERT;
    s->place->found_at_ns = test_now_ns;
    snprintf(s->place->origin, sizeof s->place->origin, "github");
    snprintf(s->place->place, sizeof s->place->place, "{\"url\":\"https://github.com/x\"}");
    snprintf(s->place->details, sizeof s->place->details, "{\"etag\":\"7\"}");
    return (struct leak_report){ &s->finding, &s->key, s->place, &s->use, "1.2@x.example" };
}

static void scene_close(struct scene *s)
{
    free(s->leak);
    free(s->place);
    owner_end(&s->o);
}

TEST(evidence_names_key_place_and_use_and_the_same_bytes_have_its_hash)
{
    struct scene s;
    struct leak_report report = scene_open(&s);
    uint8_t sha256[STORE_SHA256_SIZE];
    const char *label = NULL, *url = NULL, *before = NULL, *etag = NULL, *mail = NULL;
    json_t *record;

    assert_int_equal(leak_evidence_write(&report, s.leak), OK);
    crypto_hash_sha256(sha256, (const uint8_t *)s.leak->evidence, strlen(s.leak->evidence));
    assert_memory_equal(sha256, s.leak->evidence_sha256, sizeof sha256);
    record = json_loads(s.leak->evidence, 0, NULL);
    assert_int_equal(json_unpack(record, "{s:{s:s, s:s}, s:{s:{s:s}, s:{s:s}}, s:s}", "key",
                                 "label", &label, "state", &before, "sighting", "place", "url",
                                 &url, "details", "etag", &etag, "mail", &mail),
                     0);
    assert_string_equal(label, "bot");
    assert_string_equal(before, "active");
    assert_string_equal(url, "https://github.com/x");
    assert_string_equal(etag, "7");
    assert_string_equal(mail, "1.2@x.example");
    json_decref(record);
    scene_close(&s);
}

static const char *member(const json_t *data, const char *name)
{
    return json_string_value(json_object_get(data, name));
}

TEST(an_owner_reads_what_was_found_where_and_what_to_do)
{
    struct scene s;
    struct leak_report report = scene_open(&s);
    json_t *data = leak_event_data(&report, s.leak);

    assert_string_equal(member(data, "what"), "secret");
    assert_string_equal(member(data, "found"), "github: https://github.com/x");
    assert_string_equal(member(data, "reason"), "it is revoked for good");
    assert_string_equal(member(data, "use"), "no request");
    assert_string_equal(member(data, "seen"), "not told");
    json_decref(data);
    s.leak->kind = LEAK_KEY_ID;
    s.leak->reaction = LEAK_SUSPENDED;
    s.place->channel = LEAK_CHANNEL_SELF;
    data = leak_event_data(&report, s.leak);
    assert_string_equal(member(data, "what"), "id");
    assert_non_null(strstr(member(data, "found"), "gave it to the venue"));
    assert_non_null(strstr(member(data, "todo"), "second factor"));
    json_decref(data);
    scene_close(&s);
}

TEST_MAIN
