#include "portal/verification.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/account.h"
#include "authority/evidence.h"
#include "authority/paper.h"
#include "authority/session.h"
#include "authority/verification.h"
#include "base/hex.h"
#include "console/reviews.h"
#include "http/server.h"

enum { NAME_ENCODED_SIZE = CALL_HEADER_SIZE - 40 };

static json_t *step_part(const struct verification_view *view, enum step step)
{
    json_t *documents = json_array();

    for (size_t i = 0; i < view->document_count; i++)
        if (view->documents[i].step == step)
            json_array_append_new(documents, document_json(&view->documents[i]));
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "step", step_text(step), "words",
                     step_words(step), "state", step_state_text(view->states[step]), "reason",
                     view->reasons[step][0] == '\0' ? NULL : view->reasons[step], "documents",
                     documents);
}

enum err verification_get(struct call *c)
{
    struct verification_view *view = calloc(1, sizeof *view);
    json_t *steps = json_array(), *signatories = json_array();
    enum step step;
    enum err e = ERR_MEMORY;

    if (view == NULL)
        goto out;
    TRY(verification_view_get(c->authority, c->session->account, view));
    for (unsigned i = 0; (step = step_at(i)) != 0; i++)
        if (step_is_owed(step, view->kind))
            json_array_append_new(steps, step_part(view, step));
    for (size_t i = 0; i < view->signatory_count; i++) {
        const struct store_signatory *s = &view->signatories[i];

        json_array_append_new(signatories,
                              json_pack("{s:I, s:s, s:s}", "id", (json_int_t)s->id, "name",
                                        s->name, "email", s->email));
    }
    c->reply = json_pack("{s:s, s:b, s:O, s:O}", "kind", account_kind_text(view->kind), "complete",
                         (int)view->complete, "steps", steps, "signatories", signatories);
out:
    json_decref(steps);
    json_decref(signatories);
    free(view);
    return e;
}

/* Percent-encoded UTF-8, since a header has room for ASCII only.  What is no encoding stays. */
static size_t name_decode(const char *text, char *into, size_t room)
{
    size_t size = 0;

    for (; *text != '\0' && size < room; size++) {
        uint8_t byte;

        if (text[0] == '%' && strlen(text) >= 3 &&
            hex_parse((struct slice){ text + 1, 2 }, &byte, 1)) {
            into[size] = (char)byte;
            text += 3;
        } else {
            into[size] = *text++;
        }
    }
    return size;
}

enum err verification_document_post(struct call *c)
{
    const char *name = http_request_header(c->request, "X-File-Name");
    const char *type = http_request_header(c->request, "Content-Type");
    char decoded[2 * DOCUMENT_NAME_SIZE];
    struct store_document document;
    struct upload upload = { .account = c->session->account, .step = c->value,
                             .type = slice_of(type), .bytes = http_request_body(c->request) };
    enum err e;

    if (name != NULL)
        upload.name = (struct slice){ decoded, name_decode(name, decoded, sizeof decoded) };
    TRY(evidence_add(c->authority, c->who, &upload, &document, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    c->reply = document_json(&document);
    c->status = 201;
out:
    return e;
}

/* As RFC 8187 wants it; a name that is too long for a header ends behind a whole character. */
static void name_encode(const char *name, char encoded[NAME_ENCODED_SIZE])
{
    size_t size = 0;

    for (; *name != '\0'; name++) {
        uint8_t byte = (uint8_t)*name;

        if (size + 4 * 3 >= NAME_ENCODED_SIZE && (byte & 0xc0) != 0x80)
            break;
        if (byte < 0x80 && (isalnum(byte) || strchr("-._", byte) != NULL))
            encoded[size++] = *name;
        else
            size += (size_t)snprintf(encoded + size, NAME_ENCODED_SIZE - size, "%%%02X", byte);
    }
    encoded[size] = '\0';
}

static void missing_say(struct call *c)
{
    refusal_add(&c->refusal, REFUSAL_MISSING, "document-missing", "there is no such document");
}

/* Leaves the bytes as the reply: to be saved, never shown by the browser in our name.  `account`: 0
 * for an operator. */
static enum err document_reply(struct call *c, uint64_t account)
{
    struct store_document document;
    char name[NAME_ENCODED_SIZE];
    enum err e;

    e = evidence_get(c->authority, account, c->value, &document, &c->bytes);
    if (e == ERR_MISSING) {
        missing_say(c);
        return OK;
    }
    TRY(e);
    name_encode(document.name, name);
    c->type = paper_type_text(document.kind);
    call_header(c, "Content-Disposition", "attachment; filename*=UTF-8''%s", name);
    call_header(c, "X-Content-Type-Options", "nosniff");
    call_header(c, "Content-Security-Policy", "sandbox; default-src 'none'");
out:
    return e;
}

enum err verification_document_get(struct call *c)
{
    return document_reply(c, c->session->account);
}

enum err verification_remove_post(struct call *c)
{
    enum err e = evidence_remove(c->authority, c->who, c->session->account, c->value,
                                 &c->refusal);

    if (e == ERR_MISSING) {
        missing_say(c);
        return OK;
    }
    c->reply = json_object();
    return e;
}

enum err verification_submit_post(struct call *c)
{
    enum err e = verification_submit(c->authority, c->who, c->session->account, c->value,
                                     &c->refusal);

    if (e == OK && !refusal_is(&c->refusal))
        e = verification_get(c);
    return e;
}

enum err signatories_post(struct call *c)
{
    struct signatory_entry entries[SIGNATORIES_MOST];
    const json_t *list = json_object_get(c->body, "signatories"), *entry;
    size_t count = json_array_size(list), i;
    enum err e = OK;

    if (!json_is_array(list) || count > SIGNATORIES_MOST) {
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "signatories", "signatories-count",
                       "list 1 to %d authorised signatories", SIGNATORIES_MOST);
        return OK;
    }
    json_array_foreach(list, i, entry)
        entries[i] = (struct signatory_entry){ call_text(c, entry, "name"),
                                               call_text(c, entry, "email") };
    if (refusal_is(&c->refusal))
        goto out;
    TRY(signatories_set(c->authority, c->who, c->session->account, entries, count,
                        &c->refusal));
    if (!refusal_is(&c->refusal))
        e = verification_get(c);
out:
    return e;
}

enum err operator_document_get(struct call *c)
{
    return document_reply(c, 0);
}
