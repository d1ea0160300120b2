#include "gate/ip_rule.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
enum { MAPPED_BITS = 96, ADDRESS_BITS = 128 };

bool ip_address_parse(struct slice text, uint8_t address[IP_ADDRESS_SIZE])
{
    char zero_ended[IP_ADDRESS_TEXT_SIZE];

    if (text.size == 0 || text.size >= sizeof zero_ended || memchr(text.at, 0, text.size) != NULL)
        return false;
    memcpy(zero_ended, text.at, text.size);
    zero_ended[text.size] = '\0';
    if (inet_pton(AF_INET, zero_ended, address + sizeof mapped) == 1) {
        memcpy(address, mapped, sizeof mapped);
        return true;
    }
    return inet_pton(AF_INET6, zero_ended, address) == 1;
}

static bool is_mapped(const uint8_t address[IP_ADDRESS_SIZE])
{
    return memcmp(address, mapped, sizeof mapped) == 0;
}

size_t ip_address_format(const uint8_t address[IP_ADDRESS_SIZE], char text[IP_ADDRESS_TEXT_SIZE])
{
    const char *written = is_mapped(address)
                              ? inet_ntop(AF_INET, address + sizeof mapped, text, INET_ADDRSTRLEN)
                              : inet_ntop(AF_INET6, address, text, IP_ADDRESS_TEXT_SIZE);

    return written == NULL ? 0 : strlen(text);
}

/* Clears the bits past the prefix; says whether any was set. */
static bool host_bits_clear(uint8_t address[IP_ADDRESS_SIZE], unsigned prefix)
{
    bool found = false;

    for (unsigned i = 0; i < IP_ADDRESS_SIZE; i++) {
        unsigned kept = prefix > 8 * i ? prefix - 8 * i : 0;
        uint8_t mask = (uint8_t)(kept >= 8 ? 0xff : 0xff00 >> kept);

        found |= (address[i] & ~mask) != 0;
        address[i] &= mask;
    }
    return found;
}

/* A decimal number without sign or leading zeros, at most `most`. */
static bool prefix_parse(struct slice text, unsigned most, unsigned *prefix)
{
    *prefix = 0;
    if (text.size == 0 || text.size > 3 || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *prefix = *prefix * 10 + (unsigned)(text.at[i] - '0');
    }
    return *prefix <= most;
}

int ip_rule_compare(const struct ip_rule *a, const struct ip_rule *b)
{
    int order = memcmp(a->network, b->network, sizeof a->network);

    if (a->excludes != b->excludes)
        return (int)a->excludes - (int)b->excludes; /* exclusions stand last */
    return order != 0 ? order : (int)a->prefix - (int)b->prefix;
}

bool ip_rules_equal(const struct ip_rule *a, size_t a_count, const struct ip_rule *b,
                    size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        if (ip_rule_compare(&a[i], &b[i]) != 0)
            return false;
    }
    return true;
}

static bool rule_matches(const struct ip_rule *rule, const uint8_t address[IP_ADDRESS_SIZE])
{
    size_t whole = rule->prefix / 8;
    unsigned rest = rule->prefix % 8;

    if (memcmp(rule->network, address, whole) != 0)
        return false;
    return rest == 0 || ((rule->network[whole] ^ address[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

bool ip_rules_match(const struct ip_rule *rules, size_t count,
                    const uint8_t address[IP_ADDRESS_SIZE])
{
    bool inside = false;

    for (size_t i = 0; i < count; i++) {
        if ((inside && rules[i].excludes == 0) || !rule_matches(&rules[i], address))
            continue;
        if (rules[i].excludes != 0)
            return false;
        inside = true;
    }
    return inside;
}

size_t ip_rule_format(const struct ip_rule *rule, char text[IP_RULE_TEXT_SIZE])
{
    unsigned before = is_mapped(rule->network) && rule->prefix >= MAPPED_BITS ? MAPPED_BITS : 0;
    size_t size = rule->excludes != 0;

    text[0] = '!';
    if (before != 0)
        inet_ntop(AF_INET, rule->network + sizeof mapped, text + size, INET_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, rule->network, text + size, INET6_ADDRSTRLEN);
    size = strlen(text);
    if (rule->prefix < ADDRESS_BITS)
        size += (size_t)snprintf(text + size, IP_RULE_TEXT_SIZE - size, "/%u",
                                 rule->prefix - before);
    return size;
}

/* The first address past the rule, in the space above `bits`; true when that is past the end. */
static bool rule_end(const struct ip_rule *rule, unsigned bits, uint8_t end[IP_ADDRESS_SIZE])
{
    unsigned carry = 1;

    memcpy(end, rule->network, IP_ADDRESS_SIZE);
    /* Adding one at the last bit of the prefix. */
    for (unsigned i = rule->prefix; i-- > bits;) {
        uint8_t mask = (uint8_t)(0x80 >> (i % 8));

        carry = (end[i / 8] & mask) != 0;
        end[i / 8] ^= mask;
        if (carry == 0)
            return false;
    }
    return true;
}

/* Walks sorted rules from the start of the space and says whether they leave no gap.  The space is
 * what stands under the first `bits` bits of `start`. */
static bool rules_cover(const struct ip_rule *rules, size_t count, const uint8_t start[16],
                        unsigned bits)
{
    uint8_t reached[IP_ADDRESS_SIZE];

    memcpy(reached, start, sizeof reached);
    for (size_t i = 0; i < count; i++) {
        uint8_t end[IP_ADDRESS_SIZE];
        struct ip_rule space = { .prefix = (uint8_t)bits };

        memcpy(space.network, start, sizeof space.network);
        if (rules[i].prefix <= bits) {
            if (rule_matches(&rules[i], start))
                return true;
            continue;
        }
        if (!rule_matches(&space, rules[i].network))
            continue;
        if (memcmp(rules[i].network, reached, sizeof reached) > 0)
            return false;
        if (rule_end(&rules[i], bits, end))
            return true;
        if (memcmp(end, reached, sizeof reached) > 0)
            memcpy(reached, end, sizeof reached);
    }
    return false;
}

/* The IPv6 addresses in use are those of 2000::/3 (RFC 4291, section 2.4): that is "all of IPv6".
 * */
static bool is_whole_internet(const struct ip_rule *rules, size_t count)
{
    const uint8_t v4[IP_ADDRESS_SIZE] = { [10] = 0xff, [11] = 0xff };
    const uint8_t v6[IP_ADDRESS_SIZE] = { 0x20 };

    return rules_cover(rules, count, v4, MAPPED_BITS) || rules_cover(rules, count, v6, 3);
}

/* The network as meant is in `*rule` even when host bits were set. */
enum ip_problem ip_rule_parse(struct slice text, struct ip_rule *rule)
{
    bool excludes = text.size > 0 && text.at[0] == '!';
    const char *slash = text.size == 0 ? NULL : memchr(text.at, '/', text.size);
    struct slice address = { text.at + excludes,
                             (slash == NULL ? text.size : (size_t)(slash - text.at)) - excludes };
    unsigned prefix = ADDRESS_BITS;
    unsigned before;

    *rule = (struct ip_rule){ .excludes = excludes };
    if (!ip_address_parse(address, rule->network))
        return IP_NOT_AN_ADDRESS;
    /* "::ffff:192.0.2.7/120" counts its prefix in IPv6, "192.0.2.7/24" in IPv4. */
    before = memchr(address.at, ':', address.size) == NULL ? MAPPED_BITS : 0;
    if (slash != NULL) {
        if (!prefix_parse(slice_from(text, excludes + address.size + 1), ADDRESS_BITS - before,
                          &prefix))
            return IP_PREFIX_TOO_LONG;
        prefix += before;
    }
    rule->prefix = (uint8_t)prefix;
    if (host_bits_clear(rule->network, prefix))
        return IP_HOST_BITS;
    return !excludes && is_whole_internet(rule, 1) ? IP_WHOLE_INTERNET : IP_FINE;
}

static int rule_order(const void *a, const void *b)
{
    return ip_rule_compare(a, b);
}

/* What exclusions do to the rules before them; sorted. */
static enum ip_problem exclusions_check(const struct ip_rule *rules, size_t included, size_t count,
                                        char words[IP_WORDS_SIZE])
{
    char text[IP_RULE_TEXT_SIZE];

    for (size_t i = 0; i < included; i++) {
        if (rules_cover(rules + included, count - included, rules[i].network, rules[i].prefix)) {
            ip_rule_format(&rules[i], text);
            snprintf(words, IP_WORDS_SIZE,
                     "%s is taken away whole by what is excluded; leave it out", text);
            return IP_SHUT_OUT;
        }
    }
    for (size_t i = included; i < count; i++) {
        size_t in = 0;

        while (in < included && (rules[in].prefix > rules[i].prefix ||
                                 !rule_matches(&rules[in], rules[i].network)))
            in++;
        if (in == included) {
            ip_rule_format(&rules[i], text);
            snprintf(words, IP_WORDS_SIZE, "%s takes away what no rule lets in; leave it out",
                     text);
            return IP_TAKES_NOTHING;
        }
    }
    return IP_FINE;
}

/* In a sorted list those that let in stand first. */
static size_t included_count(const struct ip_rule *rules, size_t count)
{
    size_t included = 0;

    while (included < count && rules[included].excludes == 0)
        included++;
    return included;
}

/* Whether the addresses that both have are among those that `rules` excludes. */
static bool stays_excluded(const struct ip_rule *rule, const struct ip_rule *exclusion,
                           const struct ip_rule *rules, size_t count)
{
    const struct ip_rule *inner = rule->prefix > exclusion->prefix ? rule : exclusion;
    const struct ip_rule *outer = inner == rule ? exclusion : rule;
    size_t included = included_count(rules, count);

    return !rule_matches(outer, inner->network) ||
           rules_cover(rules + included, count - included, inner->network, inner->prefix);
}

bool ip_rules_within(const struct ip_rule *rules, size_t count, const struct ip_rule *wider,
                     size_t wider_count)
{
    size_t included = included_count(rules, count);
    size_t wider_included = included_count(wider, wider_count);

    for (size_t i = 0; i < included; i++) {
        if (!rules_cover(wider, wider_included, rules[i].network, rules[i].prefix))
            return false;
        for (size_t k = wider_included; k < wider_count; k++)
            if (!stays_excluded(&rules[i], &wider[k], rules, count))
                return false;
    }
    return true;
}

static void problem_say(enum ip_problem problem, struct slice text, const struct ip_rule *meant,
                        char words[IP_WORDS_SIZE])
{
    int shown = text.size > 60 ? 60 : (int)text.size;
    char network[IP_RULE_TEXT_SIZE];

    switch (problem) {
    case IP_PREFIX_TOO_LONG:
        snprintf(words, IP_WORDS_SIZE,
                 "%.*s: what follows the slash must be a number, at most 32 for IPv4 and 128 for "
                 "IPv6",
                 shown, text.at);
        break;
    case IP_HOST_BITS:
        ip_rule_format(meant, network);
        snprintf(words, IP_WORDS_SIZE, "%.*s has host bits set; the network is %s", shown, text.at,
                 network);
        break;
    case IP_WHOLE_INTERNET:
        snprintf(words, IP_WORDS_SIZE, "%.*s lets in the whole internet; name your own addresses",
                 shown, text.at);
        break;
    case IP_DUPLICATE:
        snprintf(words, IP_WORDS_SIZE, "%.*s is there twice; leave one out", shown, text.at);
        break;
    default:
        snprintf(words, IP_WORDS_SIZE,
                 "\"%.*s\" is not an address; write 192.0.2.7, 192.0.2.0/24, 2001:db8::1 or "
                 "2001:db8::/32",
                 shown, text.at == NULL ? "" : text.at);
    }
}

enum ip_problem ip_rules_parse(const struct slice *texts, size_t count,
                               struct ip_rule rules[IP_RULES_MOST], char words[IP_WORDS_SIZE])
{
    size_t included;

    words[0] = '\0';
    if (count == 0) {
        snprintf(words, IP_WORDS_SIZE, "at least one address or network must be named");
        return IP_NO_RULE;
    }
    if (count > IP_RULES_MOST) {
        snprintf(words, IP_WORDS_SIZE, "%zu rules are too many; a key has at most %d", count,
                 IP_RULES_MOST);
        return IP_TOO_MANY;
    }
    for (size_t i = 0; i < count; i++) {
        enum ip_problem problem = ip_rule_parse(texts[i], &rules[i]);

        for (size_t j = 0; problem == IP_FINE && j < i; j++) {
            if (ip_rule_compare(&rules[i], &rules[j]) == 0)
                problem = IP_DUPLICATE;
        }
        if (problem != IP_FINE) {
            problem_say(problem, texts[i], &rules[i], words);
            return problem;
        }
    }
    qsort(rules, count, sizeof rules[0], rule_order);
    included = included_count(rules, count);
    if (included == 0) {
        snprintf(words, IP_WORDS_SIZE, "at least one address or network must be let in");
        return IP_NO_RULE;
    }
    if (is_whole_internet(rules, included)) {
        snprintf(words, IP_WORDS_SIZE,
                 "the rules together let in the whole internet; name your own addresses");
        return IP_WHOLE_INTERNET;
    }
    return exclusions_check(rules, included, count, words);
}
