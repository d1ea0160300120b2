#include "gate/ip_rule.h"

#include <stdio.h>
#include <string.h>

#include "../test.h"

static enum ip_problem parse(const char *text, struct ip_rule *rule)
{
    return ip_rule_parse(slice_of(text), rule);
}

TEST(good_rules_survive_the_round_trip)
{
    static const char *const good[] = {
        "192.0.2.7", "192.0.2.0/24", "10.0.0.0/8", "0.0.0.0/1", "2001:db8::1", "2001:db8::/32",
        "::1", "fe80::/10", "128.0.0.0/1", "2001:db8::/127",
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct ip_rule rule;
        char text[IP_RULE_TEXT_SIZE];

        assert_int_equal(parse(good[i], &rule), IP_FINE);
        assert_int_equal(ip_rule_format(&rule, text), strlen(good[i]));
        assert_string_equal(text, good[i]);
    }
}

TEST(bad_rules_are_told_apart)
{
    static const struct {
        const char *text;
        enum ip_problem problem;
    } rows[] = {
        { "", IP_NOT_AN_ADDRESS },
        { "localhost", IP_NOT_AN_ADDRESS },
        { "192.0.2", IP_NOT_AN_ADDRESS },
        { "192.0.2.256", IP_NOT_AN_ADDRESS },
        { "192.0.2.7 ", IP_NOT_AN_ADDRESS },
        { "192.0.2.07", IP_NOT_AN_ADDRESS },
        { "2001:db8:::1", IP_NOT_AN_ADDRESS },
        { "fe80::1%eth0", IP_NOT_AN_ADDRESS },
        { "/24", IP_NOT_AN_ADDRESS },
        { "192.0.2.0/", IP_PREFIX_TOO_LONG },
        { "192.0.2.0/33", IP_PREFIX_TOO_LONG },
        { "192.0.2.0/024", IP_PREFIX_TOO_LONG },
        { "192.0.2.0/-1", IP_PREFIX_TOO_LONG },
        { "192.0.2.0/24/24", IP_PREFIX_TOO_LONG },
        { "2001:db8::/129", IP_PREFIX_TOO_LONG },
        { "192.0.2.7/24", IP_HOST_BITS },
        { "2001:db8::1/64", IP_HOST_BITS },
        { "0.0.0.0/0", IP_WHOLE_INTERNET },
        { "::/0", IP_WHOLE_INTERNET },
        { "::/1", IP_WHOLE_INTERNET },
        { "2000::/3", IP_WHOLE_INTERNET },
        { "::ffff:0.0.0.0/96", IP_WHOLE_INTERNET },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ip_rule rule;

        if (parse(rows[i].text, &rule) != rows[i].problem)
            fail_msg("%s: %d", rows[i].text, parse(rows[i].text, &rule));
    }
}

TEST(a_mapped_address_is_the_ipv4_address)
{
    struct ip_rule a, b;

    assert_int_equal(parse("::ffff:192.0.2.0/120", &a), IP_FINE);
    assert_int_equal(parse("192.0.2.0/24", &b), IP_FINE);
    assert_int_equal(ip_rule_compare(&a, &b), 0);
}

TEST(only_addresses_of_the_network_match)
{
    static const struct {
        const char *rule, *address;
        bool matches;
    } rows[] = {
        { "192.0.2.7", "192.0.2.7", true },      { "192.0.2.7", "192.0.2.6", false },
        { "192.0.2.0/24", "192.0.2.255", true }, { "192.0.2.0/24", "192.0.3.0", false },
        { "10.128.0.0/9", "10.200.1.1", true },  { "10.128.0.0/9", "10.127.255.255", false },
        { "2001:db8::/33", "2001:db8:7fff::1", true },
        { "2001:db8::/33", "2001:db8:8000::", false },
        { "::/64", "192.0.2.1", true },          { "192.0.2.0/24", "2001:db8::1", false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ip_rule rule;
        uint8_t address[IP_ADDRESS_SIZE];

        (void)parse(rows[i].rule, &rule);
        assert_true(ip_address_parse(slice_of(rows[i].address), address));
        assert_int_equal(ip_rules_match(&rule, 1, address), rows[i].matches);
        assert_false(ip_rules_match(&rule, 0, address));
    }
}

static enum ip_problem parse_list(const char *list, char words[IP_WORDS_SIZE])
{
    struct ip_rule rules[IP_RULES_MOST];
    struct slice texts[64];
    size_t count = 0;

    for (const char *at = list; *at != '\0';) {
        size_t size = strcspn(at, ",");

        texts[count++] = (struct slice){ at, size };
        at += size + (at[size] == ',');
    }
    return ip_rules_parse(texts, count, rules, words);
}

TEST(lists_are_refused_with_the_rule_and_the_reason)
{
    char words[IP_WORDS_SIZE];

    assert_int_equal(parse_list("192.0.2.1,2001:db8::/32", words), IP_FINE);
    assert_string_equal(words, "");
    assert_int_equal(parse_list("", words), IP_NO_RULE);
    assert_int_equal(parse_list("192.0.2.1,192.0.2.7/24", words), IP_HOST_BITS);
    assert_string_equal(words, "192.0.2.7/24 has host bits set; the network is 192.0.2.0/24");
    assert_int_equal(parse_list("192.0.2.1,192.0.2.1/32", words), IP_DUPLICATE);
    assert_non_null(strstr(words, "192.0.2.1/32"));
    assert_int_equal(parse_list("0.0.0.0/0", words), IP_WHOLE_INTERNET);
    assert_non_null(strstr(words, "0.0.0.0/0"));
}

TEST(a_whole_internet_in_pieces_is_noticed)
{
    char words[IP_WORDS_SIZE];

    assert_int_equal(parse_list("128.0.0.0/1,0.0.0.0/1", words), IP_WHOLE_INTERNET);
    assert_int_equal(parse_list("0.0.0.0/2,64.0.0.0/2,128.0.0.0/1,10.0.0.0/8", words),
                     IP_WHOLE_INTERNET);
    assert_int_equal(parse_list("2000::/4,3000::/4", words), IP_WHOLE_INTERNET);
    assert_int_equal(parse_list("8000::/1,2000::/4,3000::/5,3800::/5", words), IP_WHOLE_INTERNET);
    assert_int_equal(parse_list("0.0.0.0/1,128.0.0.0/2,192.0.0.0/3", words), IP_FINE);
    assert_int_equal(parse_list("0.0.0.0/2,128.0.0.0/1", words), IP_FINE);
}

TEST(more_than_fifty_rules_are_refused)
{
    char list[64 * 12] = "", words[IP_WORDS_SIZE];

    for (int i = 0; i < 51; i++) {
        char rule[32];

        snprintf(rule, sizeof rule, "%s192.0.2.%d", i == 0 ? "" : ",", i);
        strncat(list, rule, sizeof list - strlen(list) - 1);
        assert_int_equal(parse_list(list, words), i < 50 ? IP_FINE : IP_TOO_MANY);
    }
}

TEST(equal_sets_are_equal_whatever_their_order)
{
    struct ip_rule a[IP_RULES_MOST], b[IP_RULES_MOST];
    const struct slice one[] = { SLICE("192.0.2.1"), SLICE("2001:db8::/32"), SLICE("10.0.0.0/8") };
    const struct slice two[] = { SLICE("10.0.0.0/8"), SLICE("192.0.2.1/32"),
                                 SLICE("2001:db8::/32") };
    char words[IP_WORDS_SIZE];

    assert_int_equal(ip_rules_parse(one, 3, a, words), IP_FINE);
    assert_int_equal(ip_rules_parse(two, 3, b, words), IP_FINE);
    assert_true(ip_rules_equal(a, 3, b, 3));
    assert_false(ip_rules_equal(a, 3, b, 2));
    b[0].prefix++;
    assert_false(ip_rules_equal(a, 3, b, 3));
}

TEST(addresses_survive_the_round_trip)
{
    static const char *const texts[] = { "192.0.2.7", "2001:db8::1", "::" };

    for (size_t i = 0; i < 3; i++) {
        uint8_t address[IP_ADDRESS_SIZE];
        char text[IP_ADDRESS_TEXT_SIZE];

        assert_true(ip_address_parse(slice_of(texts[i]), address));
        assert_int_equal(ip_address_format(address, text), strlen(texts[i]));
        assert_string_equal(text, texts[i]);
    }
}

static enum ip_problem list(const char *text, struct ip_rule rules[IP_RULES_MOST], size_t *count,
                            char words[IP_WORDS_SIZE])
{
    struct slice texts[IP_RULES_MOST];

    for (*count = 0; *text != '\0'; (*count)++) {
        texts[*count] = (struct slice){ text, strcspn(text, " ") };
        text += texts[*count].size;
        text += *text == ' ';
    }
    return ip_rules_parse(texts, *count, rules, words);
}

TEST(an_exclusion_takes_away_wherever_it_stands)
{
    static const char *const lists[] = { "10.0.0.0/8 !10.1.2.3 !10.2.0.0/16",
                                         "!10.2.0.0/16 10.0.0.0/8 !10.1.2.3" };
    struct ip_rule rules[IP_RULES_MOST];
    char words[IP_WORDS_SIZE], text[IP_RULE_TEXT_SIZE];
    uint8_t address[IP_ADDRESS_SIZE];
    size_t count;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list(lists[i], rules, &count, words), IP_FINE);
        assert_true(ip_address_parse(SLICE("10.1.2.4"), address));
        assert_true(ip_rules_match(rules, count, address));
        assert_true(ip_address_parse(SLICE("::ffff:10.1.2.3"), address));
        assert_false(ip_rules_match(rules, count, address));
        assert_true(ip_address_parse(SLICE("10.2.255.255"), address));
        assert_false(ip_rules_match(rules, count, address));
        assert_true(ip_address_parse(SLICE("11.0.0.1"), address));
        assert_false(ip_rules_match(rules, count, address));
        ip_rule_format(&rules[2], text);
        assert_string_equal(text, "!10.2.0.0/16");
    }
}

TEST(exclusions_that_make_no_sense_are_refused_in_words)
{
    static const struct {
        const char *text;
        enum ip_problem problem;
        const char *words;
    } cases[] = {
        { "!10.1.2.3", IP_NO_RULE, "at least one address or network must be let in" },
        { "10.0.0.0/8 !11.0.0.1", IP_TAKES_NOTHING,
          "!11.0.0.1 takes away what no rule lets in; leave it out" },
        { "10.1.2.3 !10.1.2.3", IP_SHUT_OUT,
          "10.1.2.3 is taken away whole by what is excluded; leave it out" },
        { "192.0.2.1 10.0.0.0/8 !10.0.0.0/9 !10.128.0.0/9", IP_SHUT_OUT,
          "10.0.0.0/8 is taken away whole by what is excluded; leave it out" },
        { "0.0.0.0/1 128.0.0.0/1 !10.0.0.0/8", IP_WHOLE_INTERNET,
          "the rules together let in the whole internet; name your own addresses" },
        { "10.0.0.0/8 !!10.1.2.3", IP_NOT_AN_ADDRESS, NULL },
        { "10.0.0.0/8 !", IP_NOT_AN_ADDRESS, NULL },
        { "10.0.0.0/8 !10.1.2.3/8", IP_HOST_BITS, NULL },
        { "10.0.0.0/8 !10.1.2.3 !10.1.2.3", IP_DUPLICATE, NULL },
    };
    struct ip_rule rules[IP_RULES_MOST];
    char words[IP_WORDS_SIZE];
    size_t count;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(list(cases[i].text, rules, &count, words), cases[i].problem);
        if (cases[i].words != NULL)
            assert_string_equal(words, cases[i].words);
    }
}

static size_t listed(const char *text, struct ip_rule rules[IP_RULES_MOST])
{
    struct slice texts[IP_RULES_MOST];
    char words[IP_WORDS_SIZE];
    size_t count = 0;

    while (*text != '\0') {
        size_t size = strcspn(text, " ");

        texts[count++] = (struct slice){ text, size };
        text += size + (text[size] == ' ');
    }
    assert_int_equal(ip_rules_parse(texts, count, rules, words), IP_FINE);
    return count;
}

TEST(a_list_is_within_another_when_it_lets_in_nothing_else)
{
    static const struct row {
        const char *rules, *wider;
        bool within;
    } rows[] = {
        { "192.0.2.7", "192.0.2.7", true },
        { "192.0.2.7", "192.0.2.0/24", true },
        { "192.0.2.0/24", "192.0.2.7", false },
        { "192.0.2.7", "198.51.100.0/24", false },
        { "192.0.2.0/24", "192.0.2.0/25 192.0.2.128/25", true },
        { "192.0.2.0/24", "192.0.2.0/25 192.0.2.192/26", false },
        { "192.0.2.1 198.51.100.1", "192.0.2.0/24", false },
        { "192.0.2.1 198.51.100.1", "192.0.2.0/24 198.51.100.0/24 2001:db8::/32", true },
        { "2001:db8:1::/48", "2001:db8::/32", true },
        { "192.0.2.1", "2001:db8::/32", false },
        /* exclusions of the wider list have to stay where they matter */
        { "192.0.2.0/24", "192.0.2.0/24 !192.0.2.7", false },
        { "192.0.2.0/24 !192.0.2.7", "192.0.2.0/24 !192.0.2.7", true },
        { "192.0.2.0/24 !192.0.2.0/28", "192.0.2.0/24 !192.0.2.7", true },
        { "192.0.2.128/25", "192.0.2.0/24 !192.0.2.7", true },
        { "192.0.2.7", "192.0.2.0/24 !192.0.2.7", false },
        { "192.0.2.0/28", "192.0.2.0/24 !192.0.2.0/25", false },
        /* one more exclusion is narrower */
        { "192.0.2.0/24 !192.0.2.7", "192.0.2.0/24", true },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip_rule rules[IP_RULES_MOST], wider[IP_RULES_MOST];
        size_t count = listed(rows[i].rules, rules), wider_count = listed(rows[i].wider, wider);

        if (ip_rules_within(rules, count, wider, wider_count) != rows[i].within)
            fail_msg("%s within %s", rows[i].rules, rows[i].wider);
    }
}

TEST_MAIN
