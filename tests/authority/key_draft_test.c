#include "test.h"

#include <string.h>

#include "authority/key_draft.h"

static struct key_draft d;
static struct refusal r;

static void begin(void)
{
    d = (struct key_draft){ .name = "key 1" };
    refusal_init(&r);
}

TEST(a_label_is_kept_as_written_without_spaces_around)
{
    begin();
    key_draft_label_read(&d, SLICE("  Möwe Bot \xf0\x9f\x90\xa6 "), &r);
    assert_false(refusal_is(&r));
    assert_string_equal(d.row.label, "Möwe Bot \xf0\x9f\x90\xa6");
    assert_string_equal(d.row.label_folded, "möwe bot \xf0\x9f\x90\xa6");
    assert_string_equal(d.name, "key \"Möwe Bot \xf0\x9f\x90\xa6\"");
}

TEST(a_label_that_shows_something_else_than_it_is_is_refused)
{
    static const char *const labels[] = {
        "a\tb",           "del\x7f",         "c1\xc2\x85",       "nbsp\xc2\xa0",
        "soft\xc2\xad",   "zero\xe2\x80\x8b", "rtl\xe2\x80\xaegpj", "iso\xe2\x81\xa6",
        "bom\xef\xbb\xbf", "tag\xf3\xa0\x81\x81", "cut\xe2\x80",
    };

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        begin();
        key_draft_label_read(&d, slice_of(labels[i]), &r);
        assert_int_equal(r.count, 1);
        assert_string_equal(r.reasons[0].code, "label-characters");
        assert_string_equal(r.reasons[0].field, "label");
    }
}

TEST(a_label_has_one_to_sixty_four_bytes)
{
    char label[KEY_LABEL_MOST + 2];

    memset(label, 'x', sizeof label);
    begin();
    key_draft_label_read(&d, (struct slice){ label, KEY_LABEL_MOST }, &r);
    assert_false(refusal_is(&r));
    key_draft_label_read(&d, (struct slice){ label, KEY_LABEL_MOST + 1 }, &r);
    assert_string_equal(r.reasons[0].code, "label-length");
    begin();
    key_draft_label_read(&d, SLICE("  "), &r);
    assert_string_equal(r.reasons[0].code, "label-length");
}

TEST(each_bad_rule_is_named_by_its_place)
{
    struct key_application ask = {
        .ip_rules = { SLICE("192.0.2.1"), SLICE("192.0.2.7/24"), SLICE("!0.0.0.0/0"),
                      SLICE("198.51.100.0/24"), SLICE("home") },
        .ip_rule_count = 5,
    };

    begin();
    key_draft_rules_read(&d, &ask, &r);
    assert_int_equal(r.count, 3);
    assert_string_equal(r.reasons[0].field, "ip_rules.1");
    assert_non_null(strstr(r.reasons[0].text, "192.0.2.0/24"));
    assert_string_equal(r.reasons[1].field, "ip_rules.2");
    assert_string_equal(r.reasons[2].field, "ip_rules.4");
}

TEST(what_only_the_whole_list_shows_is_said_of_the_list)
{
    struct key_application halves = { .ip_rules = { SLICE("0.0.0.0/1"), SLICE("128.0.0.0/1") },
                                      .ip_rule_count = 2 };
    struct key_application idle = { .ip_rules = { SLICE("192.0.2.0/24"), SLICE("!10.0.0.1") },
                                    .ip_rule_count = 2 };

    begin();
    key_draft_rules_read(&d, &halves, &r);
    assert_int_equal(r.count, 1);
    assert_string_equal(r.reasons[0].field, "ip_rules");
    begin();
    key_draft_rules_read(&d, &idle, &r);
    assert_string_equal(r.reasons[0].field, "ip_rules");
}

TEST(rules_come_back_from_the_row_sorted)
{
    struct key_application ask = { .ip_rules = { SLICE("198.51.100.7"), SLICE("192.0.2.0/24") },
                                   .ip_rule_count = 2 };
    struct ip_rule rules[IP_RULES_MOST];
    size_t count;

    begin();
    key_draft_rules_read(&d, &ask, &r);
    assert_string_equal(d.row.ip_rules, "192.0.2.0/24 198.51.100.7");
    assert_int_equal(key_rules_parse(d.row.ip_rules, rules, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(rules[1].prefix, 128);
    assert_int_equal(key_rules_parse("nowhere", rules, &count), ERR_CORRUPT);
}

TEST(only_chosen_groups_need_confirmation)
{
    struct key_application ask = { .confirmed_groups = { SLICE("trade") }, .confirmed_count = 1 };

    begin();
    key_draft_groups_judge(&d, &ask, SCOPE_BIT(SCOPE_ORDERS_WRITE), &r);
    assert_false(refusal_is(&r));
    key_draft_groups_judge(&d, &ask, SCOPE_BIT(SCOPE_WALLETS_WRITE), &r);
    assert_string_equal(r.reasons[0].code, "group-unconfirmed");
    assert_string_equal(r.reasons[0].field, "confirmed_groups");
}

TEST_MAIN
