/* authority/webhook.h: where an owner wants to hear of events, by HTTP
 *
 * Deliveries follow the Standard Webhooks specification (standardwebhooks.com): a POST whose
 * headers webhook-id, webhook-timestamp and webhook-signature are computed over its exact bytes
 * with a secret that only the owner and the sealed store know.  The owner sees it once, when the
 * webhook is made.  At least once: the same webhook-id may come again.
 *
 * An endpoint that took nothing for five days is disabled, and its owner is told by mail.
 */
#ifndef AUTHORITY_WEBHOOK_H
#define AUTHORITY_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "http/post.h"
#include "store/events.h"
#include "store/webhooks.h"

enum {
    WEBHOOKS_MOST = 10, /* of one account, removed ones not counted */
    WEBHOOK_EVENTS_MOST = 40,
    WEBHOOK_SECRET_BYTES = 32,
    WEBHOOK_SECRET_SIZE = 51, /* "whsec_", 44 characters of base64 and the zero */
};

/* Who asks, and how it is confirmed; `session` and `operation` as in authority/proof.h. */
struct webhook_request {
    const char *who, *session, *address;
    uint64_t account;
    const struct proof *proof;
    const uint8_t *operation;
};

struct webhook_application {
    struct slice url;
    struct slice events[WEBHOOK_EVENTS_MOST]; /* words of authority/event.def; none: all */
    size_t event_count;
};

struct webhook_grant {
    struct store_webhook webhook;
    char secret[WEBHOOK_SECRET_SIZE]; /* wipe it after telling */
};

must_use enum err webhook_create(struct authority *a, const struct webhook_request *request,
                                 const struct webhook_application *ask,
                                 struct webhook_grant *grant, struct refusal *refusal);

/* What waits for it is given up.  Also an own webhook that is disabled. */
must_use enum err webhook_remove(struct authority *a, const struct webhook_request *request,
                                 uint64_t id, struct refusal *refusal);

/* Those of the account, up to WEBHOOKS_MOST. */
must_use enum err webhook_list(struct authority *a, uint64_t account,
                               struct store_webhook webhooks[WEBHOOKS_MOST], size_t *count);

/* Sends webhook.test there, whatever events it asked for. */
must_use enum err webhook_test(struct authority *a, uint64_t account, uint64_t id,
                               struct refusal *refusal);

/* Newest first, below `before` (0: all). */
must_use enum err webhook_deliveries(struct authority *a, uint64_t account, uint64_t id,
                                     uint64_t before, struct store_webhook_delivery *deliveries,
                                     size_t capacity, size_t *count, struct refusal *refusal);

/* Sends the event of a delivery once more, now, as a delivery of its own. */
must_use enum err webhook_resend(struct authority *a, uint64_t account, uint64_t id,
                                 uint64_t delivery, struct refusal *refusal);

/* For the courier: the signed POST of an event, not yet under way. */
must_use enum err webhook_post_open(struct authority *a, const struct store_webhook *webhook,
                                    const struct store_event *event, struct post **post);

#endif
