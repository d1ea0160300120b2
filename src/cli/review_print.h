/* cli/review_print.h: one review for people */
#ifndef CLI_REVIEW_PRINT_H
#define CLI_REVIEW_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* REVIEW: what it is about, the evidence, and what was said. */
void review_print(const json_t *review, FILE *out);

#endif
