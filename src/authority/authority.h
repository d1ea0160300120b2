/* authority/authority.h: what every service of the authority works with
 *
 * Services take it as their first argument, run one transaction of the store, and afterwards have
 * the gate segments follow (authority/publish.h).  ERR_CONFLICT asks the door to call again.
 */
#ifndef AUTHORITY_AUTHORITY_H
#define AUTHORITY_AUTHORITY_H

#include <stdint.h>

#include "base/clock.h"

struct store;
struct trail;
struct vault;
struct publisher;
struct keeper;
struct courier;
struct reseal;
struct settings;
struct alert_desk;
struct source_board;
struct country_book;

struct authority {
    struct store *store;
    struct trail *trail;
    struct vault *vault;
    struct publisher *publisher; /* NULL: nobody to publish to */
    struct keeper *keeper;       /* NULL: nothing announced is kept */
    struct courier *courier;     /* NULL: what is queued waits */
    struct reseal *reseal;       /* NULL: an interrupted rotation waits */
    struct alert_desk *alerts;       /* NULL: nobody may tell of leaks */
    struct source_board *sources;    /* NULL: no scanner is heard */
    const struct settings *settings; /* never NULL */
    struct country_book *countries; /* NULL: no address is in any country */
    const char *evidence; /* folder of what accounts have shown (authority/evidence.h) */
    uint64_t (*now_ns)(void);    /* wall clock */
    uint64_t started_at_ns;
};

#define DAY_NS (86400 * NS_PER_S)

#endif
