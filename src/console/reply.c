#include "console/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/audit.h"
#include "http/server.h"
#include "keys/secret.h"
#include "trail/export.h"

enum { TRIES_MOST = 5 }; /* of a call whose transaction met another one */

/* Replies may hold a secret or a TOTP seed (B6): the text is wiped once it was handed over. */
static void reply_document(struct http_reply *reply, unsigned status, json_t *document)
{
    char *text = document == NULL ? NULL : json_dumps(document, JSON_COMPACT);

    reply->status = text == NULL ? 500 : status;
    if (text != NULL) {
        buffer_append(&reply->body, slice_of(text));
        secret_wipe_bytes(text, strlen(text));
    }
    free(text);
    json_decref(document);
}

void reply_error(struct http_reply *reply, unsigned status, const char *code, const char *message)
{
    reply_document(reply, status,
                   json_pack("{s:{s:s, s:s, s:[{s:s, s:s}]}}", "error", "code", code, "message",
                             message, "reasons", "code", code, "message", message));
}

void reply_refusal(struct http_reply *reply, const struct refusal *refusal)
{
    char seconds[16];

    if (refusal->retry_s > 0) {
        snprintf(seconds, sizeof seconds, "%u", refusal->retry_s);
        http_reply_header(reply, "Retry-After", seconds);
    }
    reply_document(reply, refusal_status(refusal), refusal_json(refusal));
}

void reply_broken(struct http_reply *reply, enum err e)
{
    char message[128];

    snprintf(message, sizeof message,
             "%s: nothing was done by halves; the journal of the authority says more",
             err_text(e));
    reply_error(reply, broken_status(e), e == ERR_MISSING ? "missing" : "broken", message);
}

void reply_reset(struct call *c)
{
    json_decref(c->reply);
    c->reply = NULL;
    export_close(&c->export);
    buffer_wipe(&c->bytes);
    for (size_t i = 0; i < CALL_HEADERS_MOST; i++)
        secret_wipe_bytes(&c->headers[i], sizeof c->headers[i]);
    c->type = NULL;
    c->held = false;
    c->status = 200;
    refusal_init(&c->refusal);
}

static void bytes_send(struct call *c, struct http_reply *reply)
{
    reply->status = c->status;
    reply->type = c->type;
    reply->body = c->bytes;
    buffer_init(&c->bytes);
}

static void headers_send(const struct call *c, struct http_reply *reply)
{
    for (size_t i = 0; i < CALL_HEADERS_MOST && c->headers[i].name != NULL; i++)
        http_reply_header(reply, c->headers[i].name, c->headers[i].value);
}

void reply_run(struct call *c, enum err (*function)(struct call *c), struct http_reply *reply)
{
    enum err e = ERR_CONFLICT;

    for (int tries = 0; e == ERR_CONFLICT && tries < TRIES_MOST; tries++) {
        reply_reset(c);
        e = function(c);
    }
    if (refusal_is(&c->refusal)) {
        reply_refusal(reply, &c->refusal);
    } else if (e != OK) {
        reply_broken(reply, e);
    } else if (c->held) {
        /* Somebody else answers, or has already. */
    } else if (c->export != NULL) {
        audit_export_send(c, reply);
    } else if (c->type != NULL) {
        bytes_send(c, reply);
    } else {
        reply_document(reply, c->status, json_incref(c->reply));
    }
    if (!refusal_is(&c->refusal) && e == OK && !c->held)
        headers_send(c, reply);
    reply_reset(c);
}
