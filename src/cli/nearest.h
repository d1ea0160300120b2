/* cli/nearest.h: which known word a typo probably meant
 *
 * Source: optimal string alignment (Damerau 1964): insert, drop, change or swap neighbours.
 * Pure: no allocation, no I/O.
 */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

#define NEAREST_WORD_MOST 63 /* characters; longer words are never suggested */

/* Number of edits between two words of at most NEAREST_WORD_MOST characters. */
unsigned nearest_distance(const char *a, const char *b);

/* Keeps the best suggestion while the caller walks its table. */
struct nearest {
    const char *typed;
    const char *best; /* NULL while nothing is close: at most a third of the letters differ */
    unsigned distance;
};

void nearest_init(struct nearest *n, const char *typed);
void nearest_offer(struct nearest *n, const char *word); /* `word` is kept, not copied */

#endif
