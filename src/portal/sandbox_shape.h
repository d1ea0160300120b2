/* portal/sandbox_shape.h: what the sandbox exchange answers, as the console's pages read it
 *
 * The venue's API speaks in arrays whose places have a meaning; the console's in objects.
 *
 * Source: reference of the venue's REST API, orders, wallets and notifications.
 * Pure.
 */
#ifndef PORTAL_SANDBOX_SHAPE_H
#define PORTAL_SANDBOX_SHAPE_H

#include <jansson.h>

#include "authority/refusal.h"

/* New objects of the caller; NULL when what came is not what the venue sends. */
json_t *sandbox_order_json(const json_t *order);
json_t *sandbox_orders_json(const json_t *orders);
json_t *sandbox_wallets_json(const json_t *wallets);

/* The state of the control path with the markets and presets that there are. */
json_t *sandbox_state_json(const json_t *state);

/* The order that a notification is about. */
json_t *sandbox_notified_json(const json_t *notification);

/* What the venue says instead of an answer: ["error",10001,"..."].  False: it is not that. */
bool sandbox_refused(const json_t *reply, struct refusal *refusal);

/* `from` without members that are not in the list, and without values that are neither numbers nor
 * texts of at most `most` characters. */
json_t *sandbox_body(const json_t *from, const char *const *names, size_t most);

#endif
