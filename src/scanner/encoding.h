/* scanner/encoding.h: the twelve ways in which a key may stand in a file
 *
 * Keys are ASCII, so each encoding is told by what it makes of the nine characters of a prefix.
 * Base64 has three: the same text looks different one and two bytes into a group of three.
 *
 * Pure.
 */
#ifndef SCANNER_ENCODING_H
#define SCANNER_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum encoding {
#define ENCODING(name, word, words) ENCODING_##name,
#include "scanner/encoding.def"
#undef ENCODING
    ENCODING_COUNT
};

enum {
    /* Of a regular expression for one prefix: base64 with a line break allowed anywhere. */
    ENCODING_PATTERN_SIZE = 512,
    /* Bytes that one character takes at most: "&#x006c;". */
    ENCODING_BYTES_MOST = 8,
};

const char *encoding_word(enum encoding encoding);  /* "base64+1"; static */
const char *encoding_words(enum encoding encoding); /* "base64, one byte into a group"; static */

/* The regular expression (PCRE's syntax, case ignored where *any_case says so) that matches the
 * prefix in this encoding.  `prefix`: ASCII letters and underscores. */
void encoding_pattern(enum encoding encoding, struct slice prefix,
                      char pattern[ENCODING_PATTERN_SIZE], bool *any_case);

/* Decodes up to `most` characters from where the pattern matched.  Returns how many there were
 * until the encoding or the input ended; *used: the bytes they took.  Base64 may be wrapped: line
 * breaks between its digits are skipped. */
size_t encoding_decode(enum encoding encoding, char first, struct slice input, char *text,
                       size_t most, size_t *used);

#endif
