/* tests/authority/country_fixture.h: a house with a small country database
 *
 * tests/fixtures/country.mmdb (tests/country_file.mjs): 127.0.0.1 and 192.0.2.0/24 in CH, 127.0.0.2
 * and 198.51.100.0/25 in DE, 2001:db8::/32 in FR, nothing else.
 */
#ifndef TESTS_AUTHORITY_COUNTRY_FIXTURE_H
#define TESTS_AUTHORITY_COUNTRY_FIXTURE_H

#include "authority/country.h"
#include "fixture.h"

static inline void countries_opened(struct house *h)
{
    const char *folder = getenv("LATCHKEY_FIXTURES");
    char path[4096], problem[COUNTRY_PROBLEM_SIZE];

    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/country.mmdb", folder);
    assert_int_equal(country_open(path, &h->a.countries, problem), OK);
}

static inline void countries_closed(struct house *h)
{
    country_close(&h->a.countries);
}

#endif
