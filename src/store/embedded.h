/* store/embedded.h: store/migrations/N_NAME.sql as text, put there by tools/embed */
#ifndef STORE_EMBEDDED_H
#define STORE_EMBEDDED_H

#include "base/slice.h"

/* Each ends with a zero that its size does not count. */
extern const struct slice embedded_first, embedded_terms, embedded_people, embedded_post,
    embedded_factors, embedded_reviews, embedded_key_life, embedded_leaks,
    embedded_leak_objects, embedded_leak_details;

#endif
