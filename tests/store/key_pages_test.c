#include "test.h"

#include <sqlite3.h>

#include "fixture.h"
#include "store/key_pages.h"

static const struct store_key_filter everything = { .environments = ~0u, .states = ~0u };

static struct store_key_filter all_of(uint64_t account)
{
    struct store_key_filter filter = everything;

    filter.account = account;
    return filter;
}

/* Keys a, b, c … made in this order, labelled "maker a", "taker b", "maker c" …, every third one
 * live, the rest for the sandbox. */
static void keys_make(struct store_tx *tx, uint64_t account, char first, char last)
{
    for (char letter = first; letter <= last; letter++) {
        struct store_key key = key_lettered(account, letter);

        snprintf(key.label_folded, sizeof key.label_folded, "%s %c",
                 (letter - 'a') % 2 == 0 ? "maker" : "taker", letter);
        if ((letter - 'a') % 3 == 0)
            key.environment = ENVIRONMENT_LIVE;
        assert_int_equal(store_key_insert(tx, &key), OK);
    }
}

/* The first letters of the ids. */
static const char *letters(const struct store_key_page *page)
{
    static char text[STORE_KEY_PAGE_MOST + 1];

    for (size_t i = 0; i < page->count; i++)
        text[i] = page->ids[i][0];
    text[page->count] = '\0';
    return text;
}

TEST(pages_come_newest_first_and_follow_each_other)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bo = account_made(&p, "bo@example.com");
    struct store_key_filter filter = all_of(ada);
    struct store_tx *tx = begun(&p);
    struct store_key_page page;

    keys_make(tx, ada, 'a', 'g');
    keys_make(tx, bo, 'h', 'k');
    assert_int_equal(store_key_page_newest(tx, &filter, NULL, 4, &page), OK);
    assert_string_equal(letters(&page), "gfed");
    assert_int_equal(store_key_page_newest(tx, &filter, page.next, 4, &page), OK);
    assert_string_equal(letters(&page), "cba");
    assert_int_equal(page.next[0], '\0');
    /* Another account's key is no place to go on from. */
    assert_int_equal(store_key_page_newest(tx, &filter, "hhhhhhhhhhhhhhhh", 4, &page), OK);
    assert_int_equal(page.count, 0);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_filter_leaves_the_rest_out_of_pages_and_counts)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), count;
    struct store_key_filter live = all_of(ada), revoked = live;
    struct store_tx *tx = begun(&p);
    struct store_key_page page;
    bool changed;

    live.environments = 1u << ENVIRONMENT_LIVE;
    revoked.states = 1u << KEY_REVOKED;
    keys_make(tx, ada, 'a', 'g');
    assert_int_equal(store_key_state_set(tx, "eeeeeeeeeeeeeeee", KEY_REVOKED, KEY_REASON_OWNER,
                                         SLICE(""), 9, &changed),
                     OK);
    /* For ever: the count may not move once more. */
    assert_int_equal(store_key_state_set(tx, "eeeeeeeeeeeeeeee", KEY_REVOKED, KEY_REASON_OWNER,
                                         SLICE(""), 9, &changed),
                     OK);
    assert_int_equal(store_key_page_newest(tx, &live, NULL, 4, &page), OK);
    assert_string_equal(letters(&page), "gda");
    assert_int_equal(page.next[0], '\0');
    assert_int_equal(store_key_count(tx, &live, &count), OK);
    assert_int_equal(count, 3);
    assert_int_equal(store_key_page_newest(tx, &revoked, NULL, 4, &page), OK);
    assert_string_equal(letters(&page), "e");
    assert_int_equal(store_key_count(tx, &revoked, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_keys_count(tx, ada, &count), OK);
    assert_int_equal(count, 7);
    store_rollback(&tx);
    place_close(&p);
}

TEST(labels_are_found_by_their_beginning)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), count;
    struct store_key_filter filter = all_of(ada);
    struct store_tx *tx = begun(&p);
    struct store_key_page page;

    keys_make(tx, ada, 'a', 'g');
    assert_int_equal(store_key_page_labelled(tx, &filter, SLICE("maker"), NULL, 3, &page), OK);
    assert_string_equal(letters(&page), "ace");
    assert_int_equal(store_key_page_labelled(tx, &filter, SLICE("maker"), page.next, 3, &page),
                     OK);
    assert_string_equal(letters(&page), "g");
    assert_int_equal(page.next[0], '\0');
    assert_int_equal(store_key_count_labelled(tx, &filter, SLICE("maker"), &count), OK);
    assert_int_equal(count, 4);
    assert_int_equal(store_key_page_labelled(tx, &filter, SLICE("make r"), NULL, 3, &page), OK);
    assert_int_equal(page.count, 0);
    store_rollback(&tx);
    place_close(&p);
}

TEST(ids_are_found_by_their_beginning)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bo = account_made(&p, "bo@example.com");
    struct store_key_filter filter = all_of(bo);
    struct store_tx *tx = begun(&p);
    struct store_key_page page;

    keys_make(tx, ada, 'a', 'c');
    assert_int_equal(store_key_page_named(tx, &filter, SLICE("bbbb"), 9, &page), OK);
    assert_int_equal(page.count, 0); /* it is Ada's */
    assert_int_equal(store_key_page_named(tx, &everything, SLICE("bbbb"), 9, &page), OK);
    assert_string_equal(letters(&page), "b");
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_rotated_key_shares_label_and_rules_with_its_successor)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_key old = key_lettered(ada, 'a'), young = old, third = old, found;
    struct store_tx *tx = begun(&p);
    bool present;

    memset(young.id, 'b', sizeof young.id);
    memset(young.secret_sha256, 'b', sizeof young.secret_sha256);
    memcpy(young.replaces, old.id, sizeof old.id);
    memset(third.id, 'c', sizeof third.id);
    memset(third.secret_sha256, 'c', sizeof third.secret_sha256);
    assert_int_equal(store_key_insert(tx, &old), OK);
    assert_int_equal(store_commit(&tx), OK);
    tx = begun(&p);
    assert_int_equal(store_key_insert(tx, &young), ERR_EXISTS);
    store_rollback(&tx);
    tx = begun(&p);
    assert_int_equal(store_key_successor_set(tx, old.id, young.id), OK);
    assert_int_equal(store_key_insert(tx, &young), OK);
    assert_int_equal(store_commit(&tx), OK);
    tx = begun(&p);
    assert_int_equal(store_key_insert(tx, &third), ERR_EXISTS);
    store_rollback(&tx);
    tx = begun(&p);
    assert_int_equal(store_key_find_label(tx, ada, SLICE("a"), &found, &present), OK);
    assert_true(present);
    assert_memory_equal(found.id, young.id, sizeof young.id);
    assert_memory_equal(found.replaces, old.id, sizeof old.id);
    assert_int_equal(store_key_get(tx, old.id, &found), OK);
    assert_memory_equal(found.replaced_by, young.id, sizeof young.id);
    store_rollback(&tx);
    place_close(&p);
}

/* ---- what the database does for each statement ---- */

enum { STATEMENTS_MOST = 64 };
static char *statements[STATEMENTS_MOST];
static size_t statement_count;

static int statement_note(unsigned kind, void *context, void *statement, void *text)
{
    (void)kind;
    (void)context;
    (void)text;
    if (statement_count < STATEMENTS_MOST)
        statements[statement_count++] = sqlite3_expanded_sql(statement);
    return 0;
}

/* Called for each new connection. */
static int trace_begin(sqlite3 *connection, char **message, const void *api)
{
    (void)message;
    (void)api;
    return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, statement_note, NULL);
}

static void statements_forget(void)
{
    while (statement_count > 0)
        sqlite3_free(statements[--statement_count]);
}

static void plan_check(sqlite3 *connection, const char *statement)
{
    char *question = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", statement);
    sqlite3_stmt *plan;

    assert_int_equal(sqlite3_prepare_v2(connection, question, -1, &plan, NULL), SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *words = (const char *)sqlite3_column_text(plan, 3);

        if (strncmp(words, "SCAN", 4) == 0 || strstr(words, "TEMP B-TREE") != NULL)
            fail_msg("%s: %s", statement, words);
    }
    sqlite3_finalize(plan);
    sqlite3_free(question);
}

/* One statement that scans or sorts an account's keys makes a page of a million take seconds. */
TEST(no_page_scans_or_sorts)
{
    struct store_key_page page;
    struct store_key_filter filter;
    struct store_key key;
    struct store_tx *tx;
    struct place p;
    sqlite3 *connection;
    uint64_t count;
    bool present;

    if (database_server() != NULL)
        skip(); /* it reads SQLite's plans */
    sqlite3_auto_extension((void (*)(void))trace_begin);
    p = place_open();
    sqlite3_reset_auto_extension();
    key = key_lettered(account_made(&p, "ada@example.com"), 'a');
    filter = all_of(key.account);
    tx = begun(&p);
    statements_forget();
    assert_int_equal(store_key_insert(tx, &key), OK);
    assert_int_equal(store_key_page_newest(tx, &filter, key.id, 9, &page), OK);
    assert_int_equal(store_key_page_labelled(tx, &filter, SLICE("a"), key.id, 9, &page), OK);
    assert_int_equal(store_key_page_named(tx, &filter, SLICE("aaaa"), 9, &page), OK);
    assert_int_equal(store_key_count(tx, &filter, &count), OK);
    assert_int_equal(store_keys_count(tx, key.account, &count), OK);
    assert_int_equal(store_key_count_labelled(tx, &filter, SLICE("a"), &count), OK);
    assert_int_equal(store_key_find_label(tx, key.account, SLICE("a"), &key, &present), OK);
    assert_int_equal(store_key_find_rules(tx, key.account, key.ip_rules_sha256, &key, &present),
                     OK);
    assert_int_equal(store_key_change(tx, &key), OK);
    store_rollback(&tx);
    assert_in_range(statement_count, 12, STATEMENTS_MOST);
    assert_int_equal(sqlite3_open(p.path, &connection), SQLITE_OK);
    for (size_t i = 0; i < statement_count; i++)
        if (strcmp(statements[i], "ROLLBACK") != 0)
            plan_check(connection, statements[i]);
    sqlite3_close(connection);
    place_close(&p);
    statements_forget();
}

TEST_MAIN
