/* fuzz/ip_rule.c: a good rule survives being written and read again, a list never breaks its
 * words */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gate/ip_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice texts[IP_RULES_MOST + 2];
    struct ip_rule rules[IP_RULES_MOST], again;
    char words[IP_WORDS_SIZE], text[IP_RULE_TEXT_SIZE];
    size_t count = 0, start = 0;

    for (size_t i = 0; i <= size && count < IP_RULES_MOST + 2; i++) {
        if (i == size || data[i] == '\n') {
            texts[count++] = (struct slice){ (const char *)data + start, i - start };
            start = i + 1;
        }
    }
    if (ip_rules_parse(texts, count, rules, words) != IP_FINE) {
        if (words[0] == '\0' || memchr(words, 0, sizeof words) == NULL)
            abort();
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        size_t length = ip_rule_format(&rules[i], text);

        if (ip_rule_parse((struct slice){ text, length }, &again) != IP_FINE ||
            ip_rule_compare(&again, &rules[i]) != 0)
            abort();
        /* A rule lets its own network in; an exclusion takes it away, whatever lets it in. */
        if (rules[i].excludes ? ip_rules_match(rules, count, rules[i].network)
                              : !ip_rules_match(&rules[i], 1, rules[i].network))
            abort();
    }
    return 0;
}
