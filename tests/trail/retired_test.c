#include "trail/retired.h"

#include "fixture.h"

static struct note_key key;

static enum err key_take(void *context, const struct trail_key_summary *summary)
{
    *(struct trail_key_summary *)context = *summary;
    return OK;
}

static enum err account_take(void *context, const struct trail_account_summary *summary)
{
    (void)context;
    assert_int_equal(summary->account, 7);
    assert_int_equal(summary->sandbox_order_at_us, 8);
    return OK;
}

static void write_one(const char *folder)
{
    const struct trail_key_summary summary = { "0123456789abcdef", 1, UINT64_MAX, 3, 4 };
    const struct trail_account_summary account = { 7, 8 };
    const struct retired retired = { .index = 700, .from = 300, .number = 3 };
    struct retired_writer writer;

    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, SLICE(ORIGIN), fixture_seed), OK);
    retired_writer_begin(&writer, &retired);
    retired_key_add(&writer, &summary);
    retired_account_add(&writer, &account);
    assert_int_equal(retired_writer_commit(&writer, folder, fixture_seed), OK);
}

TEST(what_is_written_is_read_again)
{
    struct trail_key_summary summary;
    struct retired retired;
    const char *folder = fixture_folder();

    write_one(folder);
    assert_int_equal(retired_read(folder, &key, &retired), OK);
    assert_int_equal(retired.index, 700);
    assert_int_equal(retired.from, 300);
    assert_int_equal(retired.number, 3);
    assert_int_equal(retired_summary_each(folder, &key, key_take, account_take, &summary), OK);
    assert_memory_equal(summary.key, "0123456789abcdef", RECORD_KEY_SIZE);
    assert_true(summary.nonce == UINT64_MAX);
    assert_int_equal(summary.wallets_at_us, 4);
    fixture_remove(folder);
}

TEST(without_a_file_nothing_was_retired)
{
    struct retired retired;
    const char *folder = fixture_folder();

    assert_int_equal(retired_read(folder, NULL, &retired), OK);
    assert_int_equal(retired.index, 0);
    assert_int_equal(retired.number, 1);
    assert_false(retired_is_left(folder, &retired));
    fixture_remove(folder);
}

TEST(a_changed_or_foreign_file_is_refused)
{
    struct retired retired;
    const char *folder = fixture_folder();
    struct note_key other;
    const uint8_t seed[TRAIL_SEED_SIZE] = { 1 };

    write_one(folder);
    for (off_t at = 0; at < 64 + 48 + 16 + 64; at += 8) {
        enum err e;

        fixture_flip(folder, "retired", at);
        e = retired_read(folder, &key, &retired);
        assert_true(e == ERR_CORRUPT || (at == 8 && e == ERR_VERSION));
        fixture_flip(folder, "retired", at);
    }
    assert_int_equal(note_key_init(&other, NOTE_KEY_LOG, SLICE(ORIGIN), seed), OK);
    assert_int_equal(retired_read(folder, &other, &retired), ERR_CORRUPT);
    fixture_run("truncate -s 100 '%s/retired'%s", folder, "");
    assert_int_equal(retired_read(folder, NULL, &retired), ERR_CORRUPT);
    fixture_remove(folder);
}

TEST(a_change_tells_of_a_retirement_only_in_its_own_words)
{
    uint64_t index;

    assert_true(
        retired_is_told(SLICE("{\"what\":\"" RETIRED_WHAT "\",\"before\":{\"first_record\":0},"
                              "\"after\":{\"first_record\":700}}"),
                        &index));
    assert_int_equal(index, 700);
    assert_false(
        retired_is_told(SLICE("{\"what\":\"key issued\",\"after\":{\"first_record\":7}}"), &index));
    assert_false(retired_is_told(SLICE("{\"what\":\"" RETIRED_WHAT "\"}"), &index));
    assert_false(retired_is_told(SLICE("not JSON"), &index));
    assert_false(retired_is_told(SLICE_EMPTY, &index));
}

TEST_MAIN
