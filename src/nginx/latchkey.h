/* nginx/latchkey.h: what the files of the module share
 *
 *     door.c     the segments as this worker maps them, and its audit slabs
 *     facts.c    nginx's request in, the gate's request out
 *     access.c   access phase: record, decide, answer or let pass; log phase: complete the record
 *     reply.c    refusals, and the headers that go down
 *     identity.c the headers that go up: who it is, in the place of the proof
 *     token.c    auth tokens: made and dropped here, not upstream
 *     signer.c   the gateway's own keys, and what is signed with them
 *     directory.c  the keys as a document that clients fetch
 *     farewell.c how a worker that ends lets its clients go
 *     wait.c     requests that stand still until their record is kept
 *     penalty.c  refusals that are held back, because their address fails too often
 *     journal.c  what nginx's own error log may say about a request
 *     module.c   directives, and where the phases are hooked in
 *     check.c    what the directives must hold together
 *
 * One request has one visit, whatever internal redirects nginx makes of it.
 */
#ifndef NGINX_LATCHKEY_H
#define NGINX_LATCHKEY_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "audit/record.h"
#include "gate/http_signature.h"
#include "gate/refusal.h"
#include "gate/route_file.h"
#include "shm/announced.h"
#include "shm/key_table.h"
#include "shm/judge.h"
#include "shm/slots.h"

extern ngx_module_t ngx_http_latchkey_module;

enum latchkey_mode {
    MODE_OFF,
    MODE_LIVE,
    MODE_SANDBOX,
    MODE_TRIPWIRE, /* plain HTTP: the key says which environment it belongs to */
    MODE_COUNT
};

/* As the configuration says them. */
extern const char *const mode_words[MODE_COUNT];

/* One "latchkey MODE;" of the configuration. */
struct use {
    ngx_uint_t mode; /* enum latchkey_mode */
    const ngx_http_core_srv_conf_t *server; /* it stands in */
    ngx_str_t file;
    ngx_uint_t line;
};

struct main_conf {
    ngx_str_t segments[ENVIRONMENT_COUNT]; /* paths, zero-terminated; empty: not configured */
    struct signer *signer;               /* NULL: no latchkey_gateway_key */
    ngx_array_t uses;                      /* struct use: each "latchkey" that was said */
};

struct location_conf {
    ngx_uint_t mode; /* enum latchkey_mode */
    ngx_flag_t dry_run;
    time_t retry_after_s; /* what nginx's own limit_req is answered with */
    const struct route_table *routes;
};

enum {
    BODY_MOST = 64 * 1024,
    PROOF_MOST = 4, /* headers that prove who it is: key, nonce, signature, token */
};

/* For a record that must be kept before the request goes on. */
enum visit_wait {
    WAIT_NONE,
    WAIT_DUE,
    WAIT_ON,   /* announced, and the request stands still */
    WAIT_OVER, /* kept; or not in time, and refused */
};

/* For a refusal that is to be answered late. */
enum visit_penalty {
    PENALTY_NONE,
    PENALTY_ON, /* the request stands still */
    PENALTY_OVER,
};

/* A request on its way through the module; lives in r->pool. */
struct visit {
    struct gate_request request;
    struct slice body; /* what request.body points to */
    struct gate_outcome outcome;
    struct segment *segment;     /* NULL: not there */
    struct slab *slab;
    struct audit_record *record; /* NULL: none was free, or already completed */
    uint64_t started_ns;         /* monotonic */
    ngx_table_elt_t *proof[PROOF_MOST]; /* where they stand among the request's headers */
    uint8_t proof_count;
    bool planted;    /* the client sent headers that only we may send up */
    bool identified; /* they are replaced */
    char request_id[2 * RECORD_REQUEST_ID_SIZE + 1];
    bool recorded; /* a slot was asked for */
    bool decided;
    bool trial_said; /* a dry run's verdict stands in the reply */
    bool told;       /* reply_to_key has said its words */
    enum visit_wait wait;
    bool announced_trip;      /* the announced record says that a key was used in the clear */
    enum visit_penalty penalty;
    ngx_event_t penalty_timer;
    ngx_http_request_t *r;    /* of the wait, or the penalty */
    ngx_msec_t wait_until_ms;
    ngx_queue_t queue;        /* of those that wait, or are held */
    bool answered; /* refused, and the refusal is on its way */
};

/* ---- door.c ---- */

/* The segment of an environment, opened if it was not there before; NULL when there is none.
 * `*slab` is NULL when no slab could be claimed: nothing can be recorded. */
struct segment *door_open(ngx_http_request_t *r, enum environment environment, struct slab **slab);

/* Before this worker accepts connections: waits while a segment is still an earlier release's. */
void door_wait_all(ngx_cycle_t *cycle);

/* Gives back what this worker holds. */
void door_close_all(ngx_cycle_t *cycle);

/* ---- facts.c ---- */

/* Once for each configuration: forgets what an earlier one called which path. */
void facts_init(void);

/* Everything but the body. */
void facts_gather(ngx_http_request_t *r, const struct location_conf *conf, struct visit *visit);

/* True if a body is announced and the signature covers it. */
bool facts_need_body(ngx_http_request_t *r, const struct visit *visit);

/* The body as nginx has read it.  False: over the limit, or unreadable. */
bool facts_take_body(ngx_http_request_t *r, struct visit *visit);

/* Into the record: who, from where, what.  Enough to stand if this worker dies now. */
void facts_record(const struct visit *visit, struct audit_record *record);

/* ---- reply.c ---- */

/* X-Request-Id for the reply. */
ngx_int_t reply_tag(ngx_http_request_t *r, const struct visit *visit);

/* Says for the reply that the route will end, if that was announced. */
ngx_int_t reply_announce(ngx_http_request_t *r, const struct visit *visit);

/* Says for the reply what the verdict would have been; all that proves nothing looks alike. */
ngx_int_t reply_trial(ngx_http_request_t *r, struct visit *visit);

/* For the reply to a request that passed with a key: the size of the log under its last checkpoint
 * (Latchkey-Audit-Size), and from 14 days before it when the key will end (Latchkey-Key-Expires).
 */
ngx_int_t reply_to_key(ngx_http_request_t *r, struct visit *visit);

/* Sends the refusal of visit->outcome and ends the request; for an access handler to return. */
ngx_int_t reply_refuse(ngx_http_request_t *r, struct visit *visit);

/* Sends JSON, less than REFUSAL_BODY_SIZE, and ends the request; for an access handler to
 * return. */
ngx_int_t reply_json(ngx_http_request_t *r, struct visit *visit, int status, const char *body);

/* A header of our own: the name is static and in the case in which it is sent, and the value is not
 * copied. */
ngx_int_t header_add(ngx_list_t *headers, const char *name, struct slice value);

/* ---- token.c ---- */

/* True for a request that passed and that the gateway answers itself. */
bool token_is_asked(const struct visit *visit);

/* Makes or drops the token and answers; for an access handler to return. */
ngx_int_t token_answer(ngx_http_request_t *r, struct visit *visit);

/* ---- identity.c ---- */

/* Once, while the configuration is read. */
void identity_init(void);

/* X-Latchkey-*, which no client may send up. */
bool identity_is_own(const ngx_table_elt_t *header);

/* Takes the client's own X-Latchkey-* away and says who it is instead.  A proof has served its
 * purpose and goes no further: the identity stands in its place. */
ngx_int_t identity_put(ngx_http_request_t *r, struct visit *visit);

/* ---- signer.c ---- */

enum {
    SIGNER_KEYS_MOST = 4,
    /* Key set, as JSON: all keys, and what stands around them. */
    SIGNER_DIRECTORY_SIZE = SIGNER_KEYS_MOST * GATEWAY_KEY_JWK_SIZE + 16,
};

/* latchkey_gateway_key FILE; */
char *signer_key_add(ngx_conf_t *cf, ngx_command_t *command, void *conf);

/* The public halves of all keys as a JWK set, ready to send. */
struct slice signer_directory(const struct signer *signer);

/* Content-Digest, Signature-Input and Signature for a refusal that nobody could be told the reason
 * of (D3); nothing without a key. */
ngx_int_t signer_sign_refusal(ngx_http_request_t *r, const struct gate_request *request,
                              const struct refusal *refusal);

/* The same for the directory: one signature by each key over the authority that was asked, so that
 * the keys are bound to this place.  NGX_DECLINED: the authority is too long to sign. */
ngx_int_t signer_sign_directory(ngx_http_request_t *r, const struct signer *signer,
                                struct slice authority, uint64_t now_s);

/* ---- directory.c ---- */

/* latchkey_key_directory; */
char *directory_set(ngx_conf_t *cf, ngx_command_t *command, void *conf);

/* ---- check.c ---- */

/* Once all of the configuration is read: NGX_ERROR if it cannot work, said in nginx's log with the
 * line; warnings for what hardly is meant. */
ngx_int_t check_all(const ngx_conf_t *cf, const struct main_conf *conf,
                    ngx_http_core_main_conf_t *core);

/* ---- wait.c ---- */

/* After the decision: whether the record has to be kept before the request goes on or the answer
 * leaves, WAIT_DUE, or cannot be kept now, which refuses the request. */
void wait_judge(struct visit *visit);

/* Announces the record and lets the request stand still; the phases run again when it is kept, or
 * with verdict UNRECORDED when that took too long.  For an access handler to return. */
ngx_int_t wait_begin(ngx_http_request_t *r, struct visit *visit);

/* The request goes on, or has ended meanwhile. */
void wait_end(struct visit *visit);

/* ---- penalty.c ---- */

/* The refusal is to be answered late, and was not yet held back. */
bool penalty_is_due(const struct visit *visit);

/* Lets the request stand still for the outcome's delay; the phases run again when it is over.  For
 * an access handler to return, unless it is NGX_DECLINED: too many are held, answer at once. */
ngx_int_t penalty_begin(ngx_http_request_t *r, struct visit *visit);

/* The request goes on, or has ended meanwhile. */
void penalty_end(struct visit *visit);

/* ---- journal.c ---- */

/* Post-read phase, hooked in where a segment is configured: from here on nginx's error log names
 * the request without its query.  The location is not chosen yet, so this cannot go by its mode. */
ngx_int_t journal_handler(ngx_http_request_t *r);

/* ---- farewell.c ---- */

/* When the configuration is read, and when a worker begins. */
void farewell_hook(void);
ngx_int_t farewell_prepare(ngx_cycle_t *cycle);

/* Log phase: the connection of `r` may be idle from here on. */
ngx_int_t farewell_handler(ngx_http_request_t *r);

/* ---- access.c ---- */

ngx_int_t access_handler(ngx_http_request_t *r);
ngx_int_t log_handler(ngx_http_request_t *r);

/* The connection becomes another protocol's, for hours perhaps: its record is complete now, since a
 * slot that it would keep meanwhile is missing to others. */
void upgrade_note(ngx_http_request_t *r);

#endif
