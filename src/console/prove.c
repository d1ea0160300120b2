#include "console/prove.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/log.h"
#include "http/server.h"
#include "trail/prove.h"
#include "trail/trail.h"

/* A checkpoint is signed once a second; the second one after the question surely covers what was
 * still on its way through shared memory when the question came. */
enum { SIGN_WAIT_MS = 1500, LOOKS_MOST = 3 };

struct asked {
    struct note_key key;
    struct buffer checkpoint;
    uint64_t size; /* records that it covers */
    bool by_id;
    uint8_t request_id[RECORD_REQUEST_ID_SIZE];
    uint64_t index;
    struct proof_text proof;
    char text[PROOF_TEXT_MOST];
    char problem[PROVE_PROBLEM_SIZE];
};

static void asked_read(struct call *c, struct asked *asked)
{
    const char *id = http_request_query(c->request, "request_id");

    asked->by_id = id != NULL;
    if (asked->by_id &&
        !hex_parse(slice_of(id), asked->request_id, sizeof asked->request_id))
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-request-id",
                    "request_id has to be the %d hexadecimal digits of an X-Request-Id",
                    2 * RECORD_REQUEST_ID_SIZE);
    else if (!asked->by_id && !call_number(c, "index", &asked->index))
        refusal_add(&c->refusal, REFUSAL_INVALID, "record-unnamed",
                    "name a record by index or by request_id");
}

/* The newest checkpoint, and whether it covers the record. */
static enum err record_look_up(const struct log_files *files, struct trail *trail,
                               struct asked *asked, bool *is_covered)
{
    struct checkpoint head;
    enum err e;

    buffer_wipe(&asked->checkpoint);
    TRY(trail_checkpoint_text(trail, &asked->checkpoint));
    asked->size = 0;
    if (checkpoint_parse(buffer_slice(&asked->checkpoint), &asked->key, &head) ==
        CHECKPOINT_SIGNED)
        asked->size = head.size;
    if (asked->by_id)
        e = prove_find(files, asked->size, asked->request_id, &asked->index);
    else if (asked->index >= asked->size)
        e = ERR_MISSING;
    *is_covered = e == OK;
    if (e == ERR_MISSING)
        e = OK;
out:
    return e;
}

static bool row_is_there(void *context, const struct trail_row *row)
{
    (void)row;
    *(bool *)context = true;
    return false;
}

/* Whether the caller may know of the record at all. */
static enum err reach_look(struct call *c, uint64_t index, bool *is_reached)
{
    const struct trail_query query = { .by_account = true, .account = c->reach, .forward = true,
                                       .from = index, .end = index + 1, .limit = 1 };
    uint64_t next;
    bool more;

    *is_reached = c->reach == 0;
    return *is_reached ? OK
                       : trail_find(c->authority->trail, &query, row_is_there, is_reached, &next,
                                    &more);
}

enum err audit_prove_get(struct call *c)
{
    struct trail *trail = c->authority->trail;
    struct log_files files = log_files_of_folder(trail_folder(trail));
    struct asked *asked = calloc(1, sizeof *asked);
    bool is_covered;
    enum err e = ERR_MEMORY;

    if (asked == NULL)
        return ERR_MEMORY;
    buffer_init(&asked->checkpoint);
    asked_read(c, asked);
    if (refusal_is(&c->refusal) || !note_key_parse(slice_of(trail_verifier_key(trail)),
                                                   NOTE_KEY_LOG, &asked->key)) {
        e = refusal_is(&c->refusal) ? OK : ERR_CORRUPT;
        goto out;
    }
    for (int looks = 1;; looks++) {
        TRY(record_look_up(&files, trail, asked, &is_covered));
        if (is_covered || looks == LOOKS_MOST ||
            !trail_signed_wait(trail, asked->size + 1, SIGN_WAIT_MS))
            break;
    }
    if (is_covered)
        TRY(reach_look(c, asked->index, &is_covered));
    if (!is_covered) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "record-missing",
                    "no such record among the %" PRIu64 " that are signed and kept", asked->size);
        goto out;
    }
    e = prove_record(&files, buffer_slice(&asked->checkpoint), &asked->key, asked->index,
                     &asked->proof, asked->problem);
    if (e != OK) {
        log_error("console", "record %" PRIu64 " cannot be proved: %s", asked->index,
                  asked->problem);
        goto out;
    }
    c->reply = json_pack("{s:I, s:s%, s:s}", "index", (json_int_t)asked->index, "proof",
                         asked->text, proof_text_format(&asked->proof, asked->text),
                         "verifier_key", trail_verifier_key(trail));
out:
    buffer_wipe(&asked->checkpoint);
    free(asked);
    return e;
}
