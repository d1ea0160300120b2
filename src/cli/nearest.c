#include "cli/nearest.h"

#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned nearest_distance(const char *a, const char *b)
{
    /* Three rows of the classic matrix: this one, the one above, the one above that for swaps. */
    unsigned rows[3][NEAREST_WORD_MOST + 1];
    size_t a_size = strlen(a), b_size = strlen(b);

    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

void nearest_init(struct nearest *n, const char *typed)
{
    *n = (struct nearest){ .typed = typed };
}

void nearest_offer(struct nearest *n, const char *word)
{
    size_t size = strlen(word);
    unsigned distance;

    if (strlen(n->typed) > NEAREST_WORD_MOST || size > NEAREST_WORD_MOST)
        return;
    distance = nearest_distance(n->typed, word);
    if (distance > (size + 2) / 3 || (n->best != NULL && distance >= n->distance))
        return;
    n->best = word;
    n->distance = distance;
}
