/* authority/alert_keys.h: with which keys a hosting service signs its alerts (E1)
 *
 * The service publishes a list.  It is kept on disk, so that an alert right after a start, or while
 * the service's API is away, can be checked; asked for again when it is a day old, with its ETag,
 * and when an alert names a key that is not in it or not current, then at most once a minute.
 * Meanwhile nobody waits for it but the one alert that asked.
 *
 *     {"public_keys": [{"key_identifier": "…", "key": "-----BEGIN PUBLIC KEY-----…",
 *                       "is_current": true}]}
 */
#ifndef AUTHORITY_ALERT_KEYS_H
#define AUTHORITY_ALERT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/settings.h"
#include "base/err.h"
#include "store/alerts.h"

struct alert_keys;

/* `file` is where the list is kept; what it holds is taken if it is whole.  `now_ns`: wall clock.
 * ERR_MEMORY. */
must_use enum err alert_keys_open(const struct leak_origin *origin, const char *file,
                                  uint64_t (*now_ns)(void), struct alert_keys **keys);

/* Accepts NULL in *keys and sets it. */
void alert_keys_close(struct alert_keys **keys);

/* The current key of that name, as PEM.  False: not known now; ask again in a minute. */
bool alert_key_find(struct alert_keys *keys, const char *identifier,
                    char signer[ALERT_SIGNER_SIZE]);

#endif
