/* authority/leak_report.h: a leak as its evidence record and as its owner's mail tell it (E1) */
#ifndef AUTHORITY_LEAK_REPORT_H
#define AUTHORITY_LEAK_REPORT_H

#include <jansson.h>

#include "authority/leak.h"
#include "authority/leak_use.h"
#include "store/keys.h"
#include "store/leaks.h"

/* What is known about one at the moment of the reaction. */
struct leak_report {
    const struct leak_finding *finding;
    const struct store_key *key; /* before the reaction */
    const struct store_leak_place *place;
    const struct leak_use *use;
    const char *message_id; /* of the owner's mail; "": there is none */
};

/* Fills leak->evidence and its hash.  ERR_FULL, ERR_MEMORY. */
must_use enum err leak_evidence_write(const struct leak_report *report, struct store_leak *leak);

/* Of the event KEY_LEAK; NULL: out of memory. */
json_t *leak_event_data(const struct leak_report *report, const struct store_leak *leak);

#endif
