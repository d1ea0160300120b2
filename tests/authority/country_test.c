#include "test.h"

#include "authority/settings.h"
#include "base/file.h"
#include "country_fixture.h"

TEST(an_address_is_in_the_country_that_the_file_says)
{
    static const struct row {
        const char *address, *country;
    } rows[] = {
        { "192.0.2.77", "CH" },       { "198.51.100.127", "DE" }, { "198.51.100.128", "" },
        { "::ffff:192.0.2.1", "CH" }, { "2001:db8::1", "FR" },    { "2001:db9::1", "" },
        { "127.0.0.2", "DE" },        { "10.0.0.1", "" },         { "::1", "" },
        { "", "" },                   { "192.0.2", "" },          { "example.com", "" },
        { "192.0.2.1 ", "" },
    };
    struct house *h = house_open();
    char country[COUNTRY_SIZE];

    countries_opened(h);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool found = country_find(h->a.countries, slice_of(rows[i].address), country);

        assert_string_equal(country, rows[i].country);
        assert_int_equal(found, rows[i].country[0] != '\0');
    }
    assert_false(country_find(NULL, SLICE("192.0.2.1"), country));
    countries_closed(h);
    house_close(h);
}

TEST(a_file_that_is_no_database_is_told)
{
    struct house *h = house_open();
    struct country_book *book;
    char problem[COUNTRY_PROBLEM_SIZE];

    assert_int_equal(country_open(house_path(h, "nowhere.mmdb"), &book, problem), ERR_MISSING);
    assert_non_null(strstr(problem, "nowhere.mmdb"));
    assert_int_equal(file_write_atomic(house_path(h, "no.mmdb"), 0600, SLICE("CH,LI")), OK);
    assert_int_equal(country_open(house_path(h, "no.mmdb"), &book, problem), ERR_CORRUPT);
    assert_null(book);
    house_close(h);
}

TEST(a_place_passes_differs_or_is_unknown)
{
    static const struct row {
        const char *address;
        bool check;
        enum country_unknown unknown;
        enum location_verdict verdict;
    } rows[] = {
        { "192.0.2.1", true, COUNTRY_UNKNOWN_REVIEW, LOCATION_PASS },
        { "198.51.100.1", true, COUNTRY_UNKNOWN_PASS, LOCATION_OTHER },
        { "198.51.100.1", false, COUNTRY_UNKNOWN_REVIEW, LOCATION_PASS },
        { "10.0.0.1", true, COUNTRY_UNKNOWN_REVIEW, LOCATION_UNKNOWN },
        { "10.0.0.1", true, COUNTRY_UNKNOWN_PASS, LOCATION_PASS },
        { "", true, COUNTRY_UNKNOWN_REVIEW, LOCATION_PASS }, /* an operator at the machine */
    };
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual"); /* of CH */

    countries_opened(h);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum location_verdict verdict;
        struct store_tx *tx;

        h->settings->country.check = rows[i].check;
        h->settings->country.unknown = rows[i].unknown;
        assert_int_equal(store_begin(h->a.store, &tx), OK);
        assert_int_equal(location_judge(&h->a, tx, account, slice_of(rows[i].address), &verdict),
                         OK);
        assert_int_equal(verdict, rows[i].verdict);
        store_rollback(&tx);
    }
    countries_closed(h);
    house_close(h);
}

TEST_MAIN
