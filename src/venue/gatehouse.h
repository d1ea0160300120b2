/* venue/gatehouse.h: what is said on a WebSocket, before the gate
 *
 * To nginx a WebSocket is one request; what is said on it afterwards is known only here.  So the
 * exchange maps the gate segment of its environment, has a slab of audit slots of its own there,
 * and does what nginx does with a request: a record is begun before anything is decided, the gate
 * decides, and the record is completed when the answer leaves.  What cannot be recorded is refused.
 *
 *     visit = gatehouse_prove() or gatehouse_ask()
 *     until visit_is_due(): it waits for its record to be kept, or is made to wait
 *     act if the verdict is PASS, answer
 *     visit_end()
 *     gatehouse_release() once what was done is on disk
 *
 * If the process dies in between, the authority completes the record as "outcome unknown".
 *
 * One thread.
 */
#ifndef VENUE_GATEHOUSE_H
#define VENUE_GATEHOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "shm/judge.h"

struct audit_record;
struct gatehouse;
struct slab;

/* Who is at the other end, as nginx says. */
struct gatehouse_peer {
    uint8_t address[IP_ADDRESS_SIZE];
    bool encrypted;
};

/* What an "auth" event claims; `at` is NULL for what it does not have. */
struct gatehouse_claim {
    struct slice key, nonce, signature, payload;
    struct slice token; /* instead of the others */
};

enum { VISIT_TEXT_SIZE = 256 };

/* Something that was said. */
struct visit {
    const struct route *route;
    struct gate_outcome outcome; /* final once visit_is_due */
    struct judge_proof proof;    /* what passed, for gatehouse_ask */

    /* Why it is refused, in the venue's code and words. */
    int code;
    char text[VISIT_TEXT_SIZE];

    /* The gatehouse's own. */
    struct gatehouse *house;
    struct slab *slab;
    struct audit_record *record; /* NULL: none was free */
    uint64_t started_ns, due_ns;
    enum visit_pause { PAUSE_NONE, PAUSE_KEEPING, PAUSE_PENALTY } pause;
    bool announced;
    uint32_t bytes_sent;
    uint16_t status;
    struct visit *next;
};

/* The segment need not be there yet: while it is not, all is refused.  NULL as the path: it never
 * will be.  ERR_MEMORY. */
must_use enum err gatehouse_open(const char *segment_path, enum environment environment,
                                 struct gatehouse **house);

/* Records that were not released stay as they are: nothing is known of their outcome. */
void gatehouse_close(struct gatehouse **house);

/* An "auth" event.  NULL: there is no memory for it. */
struct visit *gatehouse_prove(struct gatehouse *house, const struct gatehouse_peer *peer,
                              const struct gatehouse_claim *claim);

/* What is said later on a connection that was proved.  NULL likewise. */
struct visit *gatehouse_ask(struct gatehouse *house, const struct gatehouse_peer *peer,
                            const struct judge_proof *proof, const struct route *route);

/* True once it may go on, or be refused, as the outcome says now. */
bool visit_is_due(struct visit *visit);

/* True when it was refused because of what the connection is: its key has ended, say. */
bool visit_ends_session(const struct visit *visit);

/* How it ended: `status` is what the same call over HTTP would have had, if it passed; a refusal
 * has its own.  `*visit` becomes NULL. */
void visit_end(struct visit **visit, unsigned status, size_t bytes_sent);

/* Does a connection that was proved still stand?  `scopes` becomes what its key may do now.  False:
 * it has ended, and `code` and `text` say why.  A gate that is away for a moment ends nothing. */
bool gatehouse_stands(struct gatehouse *house, const struct gatehouse_peer *peer,
                      const struct judge_proof *proof, uint32_t *scopes, int *code,
                      char text[VISIT_TEXT_SIZE]);

/* May it listen to what the route says, say the order book (D4)?  `proof` NULL: it was not proved.
 * False: `text` says why. */
bool gatehouse_may(struct gatehouse *house, const struct gatehouse_peer *peer,
                   const struct judge_proof *proof, const struct route *route,
                   char text[VISIT_TEXT_SIZE]);

/* May it go on listening to it?  What is not known for a moment ends nothing, and a key that has
 * ended is gatehouse_stands()'s business.  False: `text` says why. */
bool gatehouse_keeps(struct gatehouse *house, const struct gatehouse_peer *peer,
                     const struct judge_proof *proof, const struct route *route,
                     char text[VISIT_TEXT_SIZE]);

/* What was done is on disk: records of ended visits go to the collector. */
void gatehouse_release(struct gatehouse *house);

/* Visits that wait; while there are any, visit_is_due is to be asked every millisecond or so. */
unsigned gatehouse_waiting_count(const struct gatehouse *house);

/* Only a request that names the right texts is signed over them: "AUTH" and the nonce, once or
 * twice, as clients do. */
bool gatehouse_payload_is(struct slice payload, struct slice nonce);

#endif
