/* gate/ip_rule.h: addresses from which a key may be used
 *
 * A rule is one address or one network in CIDR form (RFC 4632, RFC 4291).  All addresses live in
 * the 128-bit space of IPv6; IPv4 is its mapped part ::ffff:0:0/96, so 192.0.2.0/24 has length 120.
 * Whoever connects over IPv4 to a dual-stack socket matches the IPv4 rule.
 *
 * "!10.1.2.3" is an exclusion: it takes away what another rule lets in, wherever it stands in the
 * list.
 *
 * Pure: no clock, no allocation, no I/O, no names are resolved.
 */
#ifndef GATE_IP_RULE_H
#define GATE_IP_RULE_H

#include <assert.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    IP_ADDRESS_SIZE = 16,
    IP_ADDRESS_TEXT_SIZE = 46, /* as INET6_ADDRSTRLEN, with the zero */
    IP_RULE_TEXT_SIZE = 51,    /* and "!", "/128" */
    IP_RULES_MOST = 50,        /* of one key (B4) */
    IP_WORDS_SIZE = 256,
};

struct ip_rule {
    uint8_t network[IP_ADDRESS_SIZE]; /* bits past the prefix are zero */
    uint8_t prefix;                   /* 0 to 128, in the mapped space */
    uint8_t excludes;                 /* 1: takes away; 0: lets in */
};
static_assert(sizeof(struct ip_rule) == 18, "drawn in docs/formats/segment.md");

enum ip_problem {
    IP_FINE,
    IP_NO_RULE,         /* B4 wants at least one */
    IP_NOT_AN_ADDRESS,
    IP_PREFIX_TOO_LONG, /* or not a number */
    IP_HOST_BITS,       /* 192.0.2.7/24: which was meant? */
    IP_WHOLE_INTERNET,  /* one rule, or the rules together, let in all of IPv4 or all of IPv6 */
    IP_DUPLICATE,
    IP_TOO_MANY,
    IP_TAKES_NOTHING, /* an exclusion of what no rule lets in */
    IP_SHUT_OUT,      /* exclusions leave nothing of a rule */
};

/* Parses "192.0.2.7", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32".  Anything but IP_FINE (one of
 * NOT_AN_ADDRESS, PREFIX_TOO_LONG, HOST_BITS, WHOLE_INTERNET) leaves `*rule` undefined. */
enum ip_problem ip_rule_parse(struct slice text, struct ip_rule *rule);

/* Parses and checks the whole list of a key into `rules` (room for IP_RULES_MOST), and sorts it, so
 * that equal sets are equal lists.  On a problem `words` says which rule, why, and what to write
 * instead ("192.0.2.7/24 has host bits set; the network is 192.0.2.0/24"), NUL-terminated. */
enum ip_problem ip_rules_parse(const struct slice *texts, size_t count,
                               struct ip_rule rules[IP_RULES_MOST], char words[IP_WORDS_SIZE]);

/* Same text as the parser accepts; a full-length prefix is left out.  Returns the size. */
size_t ip_rule_format(const struct ip_rule *rule, char text[IP_RULE_TEXT_SIZE]);

/* Order of sorted lists; 0 means equal. */
int ip_rule_compare(const struct ip_rule *a, const struct ip_rule *b);

/* Two sorted lists hold the same rules (B7). */
bool ip_rules_equal(const struct ip_rule *a, size_t a_count, const struct ip_rule *b,
                    size_t b_count);

/* Some rule lets the address in, and none takes it away. */
bool ip_rules_match(const struct ip_rule *rules, size_t count,
                    const uint8_t address[IP_ADDRESS_SIZE]);

/* Whether the first list (sorted, as ip_rules_parse leaves it, like the second) lets in no address
 * that the second does not: each of its rules lies within the other's, and what those exclude
 * stays excluded. */
bool ip_rules_within(const struct ip_rule *rules, size_t count, const struct ip_rule *wider,
                     size_t wider_count);

/* "192.0.2.7" or "2001:db8::1" into the mapped space, and back; format returns the size. */
bool ip_address_parse(struct slice text, uint8_t address[IP_ADDRESS_SIZE]);
size_t ip_address_format(const uint8_t address[IP_ADDRESS_SIZE], char text[IP_ADDRESS_TEXT_SIZE]);

#endif
