/* authority/country.h: where an address is, and whether its account may apply from there (A5)
 *
 * The country of an address comes from a file in MaxMind's format.  A loopback or private address
 * is in no country.  An application from elsewhere than the account's jurisdiction is not refused
 * but waits for an operator, with the evidence.
 */
#ifndef AUTHORITY_COUNTRY_H
#define AUTHORITY_COUNTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "base/slice.h"
#include "store/store.h"

enum {
    COUNTRY_PROBLEM_SIZE = 512,
    COUNTRY_SIZE = 3,
};

struct country_book;

/* Opens the file; it is read as needed, by any thread.  ERR_MISSING, ERR_CORRUPT, ERR_MEMORY,
 * ERR_IO. */
must_use enum err country_open(const char *path, struct country_book **book,
                               char problem[COUNTRY_PROBLEM_SIZE]);

/* Accepts NULL in *book and sets it. */
void country_close(struct country_book **book);

/* Writes two capitals.  False, and an empty text: no address, or in no country that the book has;
 * a NULL book has none. */
bool country_find(const struct country_book *book, struct slice address,
                  char country[COUNTRY_SIZE]);

enum location_verdict {
    LOCATION_PASS,    /* in the account's jurisdiction, or nobody asks */
    LOCATION_OTHER,   /* in another country: review */
    LOCATION_UNKNOWN, /* in no country, and the settings say review */
};

/* Judges in the caller's transaction.  `address`: empty for an operator at the command line, whose
 * place is not the owner's; passes. */
must_use enum err location_judge(struct authority *a, struct store_tx *tx, uint64_t account,
                                 struct slice address, enum location_verdict *verdict);

#endif
