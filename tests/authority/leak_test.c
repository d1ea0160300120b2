#include "test.h"

#include "leak_rig.h"

TEST(a_published_secret_revokes_for_good_before_the_answer)
{
    struct owner o;
    struct leak_finding f;
    struct leak_result r;
    struct store_leak *leak;
    struct mail_tally mails;
    uint8_t sha256[32];

    owner_begin(&o, "live", NULL);
    f = secret_found(&o);
    test_now_ns += NS_PER_S;
    r = taken(&o, &f);
    assert_int_equal(r.answer, LEAK_ANSWER_REVOKED);
    assert_int_equal(r.known_since_ns, test_now_ns);
    assert_memory_equal(r.key.random, o.key.id.random, KEY_RANDOM_SIZE);
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_REVOKED);
    assert_int_equal(fixed_of(o.house, &o.key).reason, KEY_REASON_LEAK);
    leak = leak_stored(&o, r.leak);
    assert_non_null(strstr(leak->evidence, "\"reaction\":\"revoked\""));
    crypto_hash_sha256(sha256, (const uint8_t *)leak->evidence, strlen(leak->evidence));
    assert_memory_equal(sha256, leak->evidence_sha256, sizeof sha256);
    mails = leak_mails(&o);
    assert_int_equal(mails.count, 1);
    assert_non_null(strstr(mails.last, "it is revoked for good"));
    assert_non_null(strstr(mails.last, "https://git.example/bot"));
    assert_non_null(strstr(mails.last, "orders:write"));
    free(leak);
    owner_end(&o);
}

TEST(further_sightings_add_places_and_no_mails)
{
    struct owner o;
    struct leak_finding f;
    struct leak_result first, again;
    struct store_leak *leak;

    owner_begin(&o, "live", NULL);
    f = secret_found(&o);
    first = taken(&o, &f);
    again = taken(&o, &f);
    f.origin = SLICE("another");
    test_now_ns += NS_PER_S;
    again = taken(&o, &f);
    assert_int_equal(again.answer, LEAK_ANSWER_ALREADY);
    assert_int_equal(again.leak, first.leak);
    assert_int_equal(again.known_since_ns, first.known_since_ns);
    leak = leak_stored(&o, first.leak);
    assert_int_equal(leak->sightings, 3);
    assert_int_equal(leak_mails(&o).count, 1);
    free(leak);
    owner_end(&o);
}

static bool place_show(void *context, const struct store_leak_place *place)
{
    buffer_printf(context, "%s %s\n", place->place, place->details);
    return true;
}

TEST(details_stand_beside_a_place_and_make_no_other_one_of_it)
{
    struct owner o;
    struct leak_finding f;
    struct leak_result r;
    struct store_leak *leak;
    struct store_tx *tx;
    struct buffer places;
    json_t *place = json_pack("{s:s}", "path", "a.js");
    json_t *first = json_pack("{s:s, s:i}", "etag", "\"1\"", "status", 200);
    json_t *then = json_pack("{s:s}", "etag", "\"2\"");

    owner_begin(&o, "live", NULL);
    f = secret_found(&o);
    f.place = place;
    f.details = first;
    r = taken(&o, &f);
    f.details = then;
    taken(&o, &f);
    leak = leak_stored(&o, r.leak);
    assert_int_equal(leak->sightings, 2);
    assert_non_null(strstr(leak->evidence, "\"details\":{\"etag\":\"\\\"1\\\"\",\"status\":200}"));
    buffer_init(&places);
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(store_leak_places_each(tx, r.leak, place_show, &places), OK);
    store_rollback(&tx);
    assert_string_equal(places.at,
                        "{\"path\":\"a.js\"} {\"etag\":\"\\\"1\\\"\",\"status\":200}\n");
    buffer_wipe(&places);
    free(leak);
    json_decref(place);
    json_decref(first);
    json_decref(then);
    owner_end(&o);
}

TEST(the_evidence_names_the_letter_that_its_owner_gets)
{
    struct owner o;
    struct leak_finding f;
    struct store_leak *leak;
    struct store_mail *mail = calloc(1, sizeof *mail);
    char id[MESSAGE_ID_SIZE], member[MESSAGE_ID_SIZE + 16];
    struct store_tx *tx;
    bool present = true;

    owner_begin(&o, "live", NULL);
    o.house->settings->mail.from = "keys@venue.example";
    f = secret_found(&o);
    leak = leak_stored(&o, taken(&o, &f).leak);
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    while (mail->template != MAIL_KEY_LEAK) {
        assert_int_equal(store_mail_due_find(tx, test_now_ns, mail, &present), OK);
        assert_true(present);
        mail->state = DELIVERY_DONE;
        assert_int_equal(store_mail_set(tx, mail), OK);
    }
    store_rollback(&tx);
    message_id_format(mail->id, mail->made_at_ns, o.house->settings->mail.from, id);
    assert_non_null(strchr(id, '@'));
    snprintf(member, sizeof member, "\"mail\":\"%s\"", id);
    assert_non_null(strstr(leak->evidence, member));
    free(leak);
    free(mail);
    owner_end(&o);
}

TEST(a_published_id_does_what_the_setting_says)
{
    static const struct {
        enum leak_key_id setting;
        enum leak_answer answer;
        enum key_state state;
    } cases[] = {
        { LEAK_KEY_ID_SUSPEND, LEAK_ANSWER_SUSPENDED, KEY_SUSPENDED },
        { LEAK_KEY_ID_NOTIFY, LEAK_ANSWER_NOTIFIED, KEY_ACTIVE },
        { LEAK_KEY_ID_REVOKE, LEAK_ANSWER_REVOKED, KEY_REVOKED },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct owner o;
        struct leak_finding f;

        owner_begin(&o, "live", NULL);
        o.house->settings->leak.key_id = cases[i].setting;
        f = id_found(&o);
        assert_int_equal(taken(&o, &f).answer, cases[i].answer);
        assert_int_equal(fixed_of(o.house, &o.key).state, cases[i].state);
        assert_int_equal(leak_mails(&o).count, 1);
        owner_end(&o);
    }
}

TEST(an_id_beside_its_secret_is_one_mail_and_a_revocation)
{
    struct owner o;
    struct leak_finding both[2];
    struct leak_result results[2];

    owner_begin(&o, "live", NULL);
    both[0] = id_found(&o);
    both[1] = secret_found(&o);
    assert_int_equal(leaks_take(&o.house->a, "tester", both, 2, results), OK);
    assert_int_equal(results[0].answer, LEAK_ANSWER_ALREADY);
    assert_int_equal(results[1].answer, LEAK_ANSWER_REVOKED);
    assert_int_not_equal(results[0].leak, results[1].leak);
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_REVOKED);
    assert_int_equal(leak_mails(&o).count, 1);
    owner_end(&o);
}

TEST(a_secret_revokes_what_its_id_has_suspended)
{
    struct owner o;
    struct leak_finding f;

    owner_begin(&o, "live", NULL);
    f = id_found(&o);
    taken(&o, &f);
    f = secret_found(&o);
    assert_int_equal(taken(&o, &f).answer, LEAK_ANSWER_REVOKED);
    assert_int_equal(key_stored(o.house, o.key.id.random).state, KEY_REVOKED);
    owner_end(&o);
}

TEST(what_is_no_key_of_ours_is_nothing)
{
    struct owner o;
    struct leak_finding f;

    owner_begin(&o, "live", NULL);
    f = secret_found(&o);
    f.sha256[0] ^= 1;
    assert_int_equal(taken(&o, &f).answer, LEAK_ANSWER_NONE);
    f = id_found(&o);
    f.key.environment = ENVIRONMENT_SANDBOX; /* the same characters there are another id */
    assert_int_equal(taken(&o, &f).answer, LEAK_ANSWER_NONE);
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_ACTIVE);
    assert_int_equal(leak_mails(&o).count, 0);
    assert_int_equal(leaks_take(&o.house->a, "tester", &f, LEAK_BATCH_MOST + 1, NULL), ERR_RANGE);
    owner_end(&o);
}

TEST(a_key_that_had_ended_keeps_its_reason_and_its_owner_hears_of_the_secret)
{
    struct owner o;
    struct leak_finding f;

    owner_begin(&o, "live", NULL);
    assert_int_equal(
        key_end(&o.house->a, "tester", o.key.id.random, KEY_REVOKED, KEY_REASON_OWNER, SLICE("")),
        OK);
    f = id_found(&o);
    assert_int_equal(taken(&o, &f).answer, LEAK_ANSWER_ALREADY);
    assert_int_equal(leak_mails(&o).count, 0);
    f = secret_found(&o);
    assert_int_equal(taken(&o, &f).answer, LEAK_ANSWER_ALREADY);
    assert_int_equal(leak_mails(&o).count, 1);
    assert_int_equal(key_stored(o.house, o.key.id.random).reason, KEY_REASON_OWNER);
    owner_end(&o);
}

TEST(a_secret_that_a_finder_forgot_to_mask_is_masked)
{
    struct owner o;
    struct leak_finding f;
    struct store_leak *leak;
    char secret[SECRET_TEXT_SIZE + 1], url[128];
    json_t *place;

    owner_begin(&o, "live", NULL);
    snprintf(secret, sizeof secret, "%.*s", SECRET_TEXT_SIZE, (char *)o.key.secret.bytes);
    snprintf(url, sizeof url, "https://x.example/?key=%s", secret);
    place = json_pack("{s:s}", "url", url);
    f = secret_found(&o);
    f.place = place;
    f.excerpt = f.origin = slice_of(secret);
    leak = leak_stored(&o, taken(&o, &f).leak);
    assert_null(strstr(leak->evidence, secret));
    assert_null(strstr(leak_mails(&o).last, secret));
    json_decref(place);
    free(leak);
    owner_end(&o);
}

TEST(channels_have_words)
{
    enum leak_channel channel;

    for (int i = LEAK_CHANNEL_SCAN; i <= LEAK_CHANNEL_SELF; i++) {
        assert_true(
            leak_channel_parse(slice_of(leak_channel_text((enum leak_channel)i)), &channel));
        assert_int_equal(channel, i);
    }
    assert_false(leak_channel_parse(SLICE("rumour"), &channel));
    assert_string_equal(leak_channel_text((enum leak_channel)99), "unknown");
    assert_string_equal(leak_answer_text(LEAK_ANSWER_ALREADY), "already");
    assert_string_equal(leak_reaction_text((enum leak_reaction)99), "unknown");
    assert_string_equal(leak_kind_text(LEAK_KEY_ID), "key_id");
}

TEST_MAIN
