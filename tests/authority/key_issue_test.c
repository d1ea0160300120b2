#include "test.h"

#include <fcntl.h>

#include "base/buffer.h"
#include "base/file.h"
#include "country_fixture.h"

static struct key_grant grants[KEY_BATCH_MOST];

static void asked(struct house *h, struct key_batch *b, struct slice code)
{
    refusal_init(&h->r);
    b->proof = (struct proof){ .kind = PROOF_CODE, .code = code };
    assert_int_equal(key_issue(&h->a, "tester", b, grants, &h->r), OK);
}

TEST(an_account_is_told_everything_it_lacks)
{
    struct house *h = house_open();
    const struct flagging f = { SLICE("suspicious"), SLICE("leave"), SLICE("odd") };
    uint64_t desk = account_opened(h, "desk@example.com", "corporate");
    struct key_batch b = batch_of(desk, "live", "bot", "192.0.2.1");

    assert_int_equal(account_flag(&h->a, "tester", desk, &f, &h->r), OK);
    asked(h, &b, SLICE("123456"));
    assert_int_equal(h->r.kind, REFUSAL_RULE);
    assert_true(refused(h, "step-missing", "identity"));
    assert_true(refused(h, "step-missing", "address"));
    assert_true(refused(h, "step-missing", "incorporation"));
    assert_true(refused(h, "step-missing", "signatories"));
    assert_true(refused(h, "factor-missing", "enrol"));
    assert_true(refused(h, "account-flagged", "suspicious"));
    assert_int_equal(h->r.count, 6);
    account_shown(h, (refusal_init(&h->r), desk), "all");
    asked(h, &b, SLICE("123456"));
    assert_int_equal(h->r.count, 2);
    house_close(h);
}

static void no_scope(struct key_application *k) { k->scope_count = 0; }
static void odd_scope(struct key_application *k) { k->scopes[0] = SLICE("orders:eat"); }
static void elevated(struct key_application *k) { k->scopes[0] = SLICE("positions:read"); }
static void unconfirmed(struct key_application *k) { k->confirmed_count = 1; }
static void odd_group(struct key_application *k) { k->confirmed_groups[1] = SLICE("reading"); }
static void odd_environment(struct key_application *k) { k->environment = SLICE("test"); }
static void no_label(struct key_application *k) { k->label = SLICE("   "); }
static void odd_label(struct key_application *k) { k->label = SLICE("a\nb"); }
static void no_rule(struct key_application *k) { k->ip_rule_count = 0; }
static void whole_rule(struct key_application *k) { k->ip_rules[0] = SLICE("::/0"); }
static void odd_rule(struct key_application *k) { k->ip_rules[0] = SLICE("192.0.2.7/24"); }

TEST(each_fault_of_a_key_is_named)
{
    static const struct row {
        void (*spoil)(struct key_application *k);
        const char *code, *words;
    } rows[] = {
        { no_scope, "scope-none", "at least one" },
        { odd_scope, "scope-unknown", "orders:eat" },
        { elevated, "scope-elevated", "operator grants" },
        { unconfirmed, "group-unconfirmed", "read" },
        { odd_group, "group-unknown", "reading" },
        { odd_environment, "environment-unknown", "live or sandbox" },
        { no_label, "label-length", "label" },
        { odd_label, "label-characters", "control" },
        { no_rule, "ip-rule", "" },
        { whole_rule, "ip-rule", "::/0" },
        { odd_rule, "ip-rule", "192.0.2.7/24" },
    };
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_batch b;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        b = batch_of(id, "live", "bot", "192.0.2.1");
        rows[i].spoil(&b.keys[0]);
        asked(h, &b, phone_code(&p, 0));
        assert_true(refused(h, rows[i].code, rows[i].words));
    }
    /* None of them has spent the code. */
    b = batch_of(id, "live", "bot", "192.0.2.1");
    asked(h, &b, phone_code(&p, 0));
    assert_false(refusal_is(&h->r));
    free(p.seed);
    house_close(h);
}

TEST(sixteen_keys_with_one_code_all_or_none)
{
    struct house *h = house_open();
    char labels[16][8], rules[16][16];
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p), count;
    struct key_batch b = batch_of(id, "sandbox", "0", "192.0.2.0");
    struct store_tx *tx;

    for (int i = 0; i < 16; i++) {
        snprintf(labels[i], sizeof labels[i], "bot %d", i);
        snprintf(rules[i], sizeof rules[i], "192.0.2.%d", i);
        b.keys[i] = b.keys[0];
        b.keys[i].label = slice_of(labels[i]);
        b.keys[i].ip_rules[0] = slice_of(rules[i]);
    }
    b.count = 16;
    b.keys[15].ip_rules[0] = SLICE("192.0.2.3"); /* as key 4 */
    asked(h, &b, phone_code(&p, 0));
    assert_true(refused(h, "ip-rules-clash", "key 4"));
    assert_int_equal(h->r.count, 1);
    b.keys[15].ip_rules[0] = slice_of(rules[15]);
    asked(h, &b, phone_code(&p, 0));
    assert_false(refusal_is(&h->r));
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_keys_count(tx, id, &count), OK);
    store_rollback(&tx);
    assert_int_equal(count, 16);
    asked(h, &b, phone_code(&p, 0));
    assert_int_equal(h->r.count, 32); /* each label and each rule set */
    free(p.seed);
    house_close(h);
}

TEST(a_clash_names_the_key_and_ends_with_it)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant first = key_made(h, &p, batch_of(id, "sandbox", "Bot", "192.0.2.1/32"));
    struct key_batch b = batch_of(id, "live", " bOT ", "192.0.2.1");
    char text[KEY_ID_TEXT_SIZE];

    key_id_format(&first.id, text);
    asked(h, &b, SLICE("000000"));
    assert_int_equal(h->r.kind, REFUSAL_CLASH);
    assert_true(refused(h, "label-clash", text));
    assert_true(refused(h, "ip-rules-clash", text));
    assert_int_equal(key_revoke(&h->a, "tester", first.id.random, SLICE("old"), &h->r), OK);
    key_made(h, (refusal_init(&h->r), &p), b);
    free(p.seed);
    house_close(h);
}

TEST(a_key_starts_as_the_rules_say)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_batch live = batch_of(id, "live", "a", "192.0.2.1"),
                     sandbox = batch_of(id, "sandbox", "b", "192.0.2.2");
    struct midstate expected;
    struct key_grant g;
    struct gate_key k;

    live.keys[0].scopes[2] = SLICE("withdraw:write");
    live.keys[0].confirmed_groups[2] = SLICE("wallet");
    live.keys[0].scope_count = live.keys[0].confirmed_count = 3;
    g = key_made(h, &p, live);
    k = fixed_of(h, &g);
    assert_int_equal(k.state, KEY_ACTIVE);
    assert_int_equal(k.account, id);
    assert_true(k.cooling_until_ns == test_now_ns + KEY_COOLING_NS);
    assert_true(k.idle_span_ns == 90 * DAY_NS);
    assert_int_equal(k.public_per_s, 15);
    assert_int_equal(k.private_per_s, 5);
    assert_int_equal(k.scopes, SCOPE_BIT(SCOPE_ORDERS_WRITE) | SCOPE_BIT(SCOPE_WALLETS_READ));
    assert_int_equal(k.scopes_waiting, SCOPE_BIT(SCOPE_WITHDRAW_WRITE));
    assert_int_equal(k.ip_rule_count, 1);
    assert_string_equal(k.mail_hint, "a***@example.com");
    midstate_init(&expected, &g.secret);
    assert_memory_equal(&k.midstate, &expected, sizeof expected);
    g = key_made(h, &p, sandbox);
    assert_int_equal(fixed_of(h, &g).cooling_until_ns, 0);
    free(p.seed);
    house_close(h);
}

static bool file_has(const char *path, const void *bytes, size_t size)
{
    struct buffer content;
    bool has;

    buffer_init(&content);
    if (file_read(path, 64 << 20, &content) != OK)
        return false;
    has = memmem(content.at, content.size, bytes, size) != NULL;
    buffer_wipe(&content);
    return has;
}

TEST(no_secret_is_in_the_database_or_the_audit_log)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    char label[] = "bot";
    static const char *const files[] = { "authority.db", "authority.db-wal",
                                         "audit/log/000001.log" };
    bool seen = false;

    for (size_t i = 0; i < 3; i++) {
        seen |= file_has(house_path(h, files[i]), label, 3);
        assert_false(file_has(house_path(h, files[i]), g.secret.bytes + 9, 40));
        assert_false(file_has(house_path(h, files[i]), p.seed, p.size));
        assert_false(file_has(house_path(h, files[i]), "correct horse", 13));
    }
    /* It was looked in the right place, where that is a file. */
    assert_true(seen || database_server() != NULL);
    free(p.seed);
    house_close(h);
}

TEST(a_key_that_is_asked_for_from_another_country_is_there_but_suspended)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_batch batch = batch_of(id, "live", "bot", "192.0.2.1");
    struct key_grant g;

    countries_opened(h);
    batch.address = "198.51.100.1"; /* DE, and the account is of CH */
    g = key_made(h, &p, batch);
    assert_int_equal(fixed_of(h, &g).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(h, &g).reason, KEY_REASON_LOCATION);
    batch = batch_of(id, "live", "other", "192.0.2.2");
    batch.address = "192.0.2.1";
    g = key_made(h, &p, batch);
    assert_int_equal(fixed_of(h, &g).state, KEY_ACTIVE);
    free(p.seed);
    countries_closed(h);
    house_close(h);
}

TEST_MAIN
