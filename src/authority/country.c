#include "authority/country.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/settings.h"
#include "base/log.h"
#include "store/accounts.h"

struct country_book {
    MMDB_s db;
};

enum err country_open(const char *path, struct country_book **book,
                      char problem[COUNTRY_PROBLEM_SIZE])
{
    struct country_book *b = calloc(1, sizeof *b);
    int status;

    *book = NULL;
    problem[0] = '\0';
    if (b == NULL)
        return ERR_MEMORY;
    status = MMDB_open(path, MMDB_MODE_MMAP, &b->db);
    if (status == MMDB_SUCCESS) {
        *book = b;
        return OK;
    }
    free(b);
    snprintf(problem, COUNTRY_PROBLEM_SIZE, "cannot use the country database %.300s: %s", path,
             MMDB_strerror(status));
    switch (status) {
    case MMDB_FILE_OPEN_ERROR:
        return ERR_MISSING;
    case MMDB_OUT_OF_MEMORY_ERROR:
        return ERR_MEMORY;
    case MMDB_IO_ERROR:
        return ERR_IO;
    default:
        return ERR_CORRUPT;
    }
}

void country_close(struct country_book **book)
{
    if (*book != NULL)
        MMDB_close(&(*book)->db);
    free(*book);
    *book = NULL;
}

/* The databases of MaxMind nest the code, others have it at the top. */
static bool code_get(MMDB_entry_s *entry, MMDB_entry_data_s *data)
{
    static const char *const nested[] = { "country", "iso_code", NULL },
                             *const flat[] = { "country_code", NULL };

    if (MMDB_aget_value(entry, data, nested) != MMDB_SUCCESS || !data->has_data)
        if (MMDB_aget_value(entry, data, flat) != MMDB_SUCCESS || !data->has_data)
            return false;
    return data->type == MMDB_DATA_TYPE_UTF8_STRING && data->data_size == COUNTRY_SIZE - 1;
}

/* No name is looked up: text that is no address is none. */
static bool address_read(struct slice text, struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    char copy[INET6_ADDRSTRLEN];

    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, copy, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, copy, &v6->sin6_addr) != 1)
        return false;
    if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        v6->sin6_family = AF_INET6;
        return true;
    }
    /* ::ffff:192.0.2.1 is 192.0.2.1, wherever the database keeps IPv4. */
    memcpy(&v4->sin_addr, &v6->sin6_addr.s6_addr[12], sizeof v4->sin_addr);
    v4->sin_family = AF_INET;
    return true;
}

bool country_find(const struct country_book *book, struct slice address,
                  char country[COUNTRY_SIZE])
{
    struct sockaddr_storage place;
    MMDB_lookup_result_s found;
    MMDB_entry_data_s code;
    int status;

    country[0] = '\0';
    if (book == NULL || !address_read(address, &place))
        return false;
    found = MMDB_lookup_sockaddr(&book->db, (const struct sockaddr *)&place, &status);
    if (status != MMDB_SUCCESS) {
        if (status != MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
            log_error("country", "the database does not answer: %s", MMDB_strerror(status));
        return false;
    }
    if (!found.found_entry || !code_get(&found.entry, &code))
        return false;
    memcpy(country, code.utf8_string, COUNTRY_SIZE - 1);
    country[COUNTRY_SIZE - 1] = '\0';
    return true;
}

enum err location_judge(struct authority *a, struct store_tx *tx, uint64_t account,
                        struct slice address, enum location_verdict *verdict)
{
    char country[COUNTRY_SIZE];
    struct store_account row;
    enum err e;

    *verdict = LOCATION_PASS;
    if (!a->settings->country.check || address.size == 0)
        return OK;
    TRY(store_account_get(tx, account, &row));
    explicit_bzero(row.password, sizeof row.password);
    if (!country_find(a->countries, address, country))
        *verdict = a->settings->country.unknown == COUNTRY_UNKNOWN_PASS ? LOCATION_PASS
                                                                        : LOCATION_UNKNOWN;
    else if (strcmp(country, row.jurisdiction) != 0)
        *verdict = LOCATION_OTHER;
out:
    return e;
}
