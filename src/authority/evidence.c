#include "authority/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "authority/about.h"
#include "authority/account.h"
#include "authority/change.h"
#include "authority/paper.h"
#include "authority/steps.h"
#include "authority/vault.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"

enum { TOLD_MOST = 80 };

static enum err path_format(const struct authority *a, const char *id, char path[FILE_PATH_SIZE])
{
    return (size_t)snprintf(path, FILE_PATH_SIZE, "%s/%s", a->evidence, id) < FILE_PATH_SIZE
               ? OK
               : ERR_RANGE;
}

/* A name that a browser may offer for saving: no paths, no control characters. */
static bool name_read(struct slice name, char into[DOCUMENT_NAME_SIZE])
{
    json_t *text;

    if (name.size == 0)
        name = SLICE("document");
    if (name.size >= DOCUMENT_NAME_SIZE)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if ((uint8_t)name.at[i] < ' ' || name.at[i] == 0x7f || strchr("/\\\"", name.at[i]) != NULL)
            return false;
    text = json_stringn(name.at, name.size); /* NULL: not UTF-8 */
    json_decref(text);
    snprintf(into, DOCUMENT_NAME_SIZE, "%.*s", (int)name.size, name.at);
    return text != NULL;
}

static void bytes_judge(const struct upload *u, struct store_document *d, struct refusal *refusal)
{
    enum document_kind declared;

    if (!paper_type_parse(u->type, &declared))
        refusal_add(refusal, REFUSAL_INVALID, "document-type",
                    "send a PDF (application/pdf), PNG (image/png) or JPEG (image/jpeg) file");
    else if (u->bytes.size == 0)
        refusal_add(refusal, REFUSAL_INVALID, "document-empty", "the file is empty");
    else if (u->bytes.size > EVIDENCE_BYTES_MOST)
        refusal_add(refusal, REFUSAL_INVALID, "document-large",
                    "the file has more than 8 MiB: scan it with a lower resolution");
    else if (!paper_find(u->bytes, &d->kind))
        refusal_add(refusal, REFUSAL_INVALID, "document-content",
                    "the file is no whole PDF, PNG or JPEG: save or scan it again");
    else if (d->kind != declared)
        refusal_add(refusal, REFUSAL_INVALID, "document-content",
                    "the file was sent as %s but is %s", paper_type_text(declared),
                    paper_type_text(d->kind));
    if (!name_read(u->name, d->name))
        refusal_add(refusal, REFUSAL_INVALID, "document-name",
                    "the file's name has more than %d bytes, or characters that no name may have",
                    DOCUMENT_NAME_SIZE - 1);
    d->bytes = u->bytes.size;
}

/* Whether the account may add to the step now. */
static enum err room_judge(struct store_tx *tx, const struct store_document *d,
                           struct refusal *refusal)
{
    enum step_state states[STEPS_SIZE];
    struct store_documents_sum sum;
    struct store_account account;
    enum step step = (enum step)d->step;
    enum err e;

    TRY(store_account_get(tx, d->account, &account));
    sodium_memzero(account.password, sizeof account.password);
    TRY(store_steps_get(tx, d->account, states, STEPS_SIZE));
    TRY(store_documents_sum(tx, d->account, d->step, &sum));
    if (!step_is_owed(step, account.kind))
        refusal_add(refusal, REFUSAL_INVALID, "step-not-owed",
                    "an %s account does not owe the %s", account_kind_text(account.kind),
                    step_words(step));
    else if (states[step] == STEP_SUBMITTED || states[step] == STEP_ACCEPTED)
        refusal_add(refusal, REFUSAL_CLASH, "step-closed", "the %s is %s", step_words(step),
                    states[step] == STEP_SUBMITTED ? "with the venue already"
                                                   : "accepted already");
    if (sum.waiting_count >= EVIDENCE_STEP_MOST || sum.count >= EVIDENCE_ACCOUNT_MOST ||
        sum.bytes + d->bytes > EVIDENCE_ACCOUNT_BYTES_MOST)
        refusal_add(refusal, REFUSAL_RULE, "documents-many",
                    "a step has at most %d documents, an account %d with %d MiB: remove some",
                    EVIDENCE_STEP_MOST, EVIDENCE_ACCOUNT_MOST,
                    EVIDENCE_ACCOUNT_BYTES_MOST >> 20);
out:
    return e;
}

static enum err room_ask(struct authority *a, const struct store_document *d,
                         struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = room_judge(tx, d, refusal);
out:
    store_rollback(&tx);
    return e;
}

/* Seals and writes the file; the store's row follows.  `head` gets what the seal begins with. */
static enum err file_write(struct authority *a, const struct store_document *d, struct slice bytes,
                           uint8_t head[VAULT_OVERHEAD], struct refusal *refusal)
{
    uint8_t *sealed = malloc(bytes.size + VAULT_OVERHEAD);
    char path[FILE_PATH_SIZE], about[ABOUT_SIZE];
    size_t size;
    enum err e = ERR_MEMORY;

    if (sealed == NULL)
        goto out;
    TRY(path_format(a, d->id, path));
    size = vault_seal(a->vault, about_document(d->id, d->account, about), bytes, sealed);
    memcpy(head, sealed, VAULT_OVERHEAD);
    e = file_write_atomic(path, 0600, (struct slice){ (const char *)sealed, size });
    if (e == ERR_FULL) {
        log_error("evidence", "no room in %s for a document of %zu bytes", a->evidence,
                  bytes.size);
        refusal_add(refusal, REFUSAL_RULE, "disk-full",
                    "the venue has no room for documents at the moment: nothing was stored, try "
                    "again later");
        e = OK;
    }
out:
    free(sealed);
    return e;
}

static void file_remove(const struct authority *a, const char *id)
{
    char path[FILE_PATH_SIZE];

    if (path_format(a, id, path) == OK && unlink(path) != 0 && errno != ENOENT)
        log_error("evidence", "cannot remove %s: %s", path, strerror(errno));
}

static json_t *document_json(const struct store_document *d)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "document", d->id, "step",
                     step_text((enum step)d->step), "type", paper_type_text(d->kind), "bytes",
                     (json_int_t)d->bytes);
}

/* A new master key may have come since the file was sealed, and may have gone through all rows:
 * then it is sealed anew, in this transaction. */
static enum err row_insert(struct authority *a, const char *who, const struct store_document *d,
                           struct slice bytes, uint8_t head[VAULT_OVERHEAD],
                           struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(room_judge(tx, d, refusal)); /* again: meanwhile there may be another one */
    if (refusal_is(refusal))
        goto out;
    if (!vault_is_newest(a->vault, (struct slice){ (const char *)head, VAULT_OVERHEAD }))
        TRY(file_write(a, d, bytes, head, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(store_document_insert(tx, d));
    TRY(change_write(tx, (struct change){ .who = who, .what = "document uploaded",
                                          .account = d->account, .at_ns = d->at_ns,
                                          .after = document_json(d) }));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

enum err evidence_add(struct authority *a, const char *who, const struct upload *upload,
                      struct store_document *document, struct refusal *refusal)
{
    uint8_t random[(DOCUMENT_ID_SIZE - 1) / 2], head[VAULT_OVERHEAD];
    bool written = false;
    enum step step = 0;
    enum err e = OK;

    *document = (struct store_document){ .account = upload->account, .at_ns = a->now_ns() };
    if (!step_parse(upload->step, &step))
        refusal_add(refusal, REFUSAL_INVALID, "step-unknown", "there is no step \"%.*s\"",
                    upload->step.size > TOLD_MOST ? TOLD_MOST : (int)upload->step.size,
                    upload->step.at == NULL ? "" : upload->step.at);
    document->step = (uint16_t)step;
    bytes_judge(upload, document, refusal);
    if (refusal_is(refusal))
        goto out;
    TRY(room_ask(a, document, refusal)); /* before anything is written */
    if (refusal_is(refusal))
        goto out;
    randombytes_buf(random, sizeof random);
    hex_format(random, sizeof random, document->id);
    TRY(file_write(a, document, upload->bytes, head, refusal));
    if (refusal_is(refusal))
        goto out;
    written = true;
    e = row_insert(a, who, document, upload->bytes, head, refusal);
out:
    if (written && (e != OK || refusal_is(refusal)))
        file_remove(a, document->id);
    return e;
}

static enum err document_find(struct store_tx *tx, uint64_t account, struct slice id,
                              struct store_document *document)
{
    enum err e = store_document_get(tx, id, document);

    return e == OK && account != 0 && document->account != account ? ERR_MISSING : e;
}

enum err evidence_get(struct authority *a, uint64_t account, struct slice id,
                      struct store_document *document, struct buffer *bytes)
{
    char path[FILE_PATH_SIZE], about[ABOUT_SIZE];
    struct buffer sealed;
    struct store_tx *tx = NULL;
    uint8_t *plain = NULL;
    size_t size;
    enum err e;

    buffer_init(&sealed);
    TRY(store_begin(a->store, &tx));
    TRY(document_find(tx, account, id, document));
    store_rollback(&tx);
    TRY(path_format(a, document->id, path));
    e = file_read(path, EVIDENCE_BYTES_MOST + VAULT_OVERHEAD, &sealed);
    if (e == ERR_MISSING) {
        log_error("evidence", "%s is not there, but its row is", path);
        e = ERR_CORRUPT;
    }
    if (e != OK)
        goto out;
    plain = malloc(sealed.size + 1);
    TRY(plain == NULL ? ERR_MEMORY : OK);
    TRY(vault_unseal(a->vault, about_document(document->id, document->account, about),
                     buffer_slice(&sealed), plain, &size));
    buffer_append(bytes, (struct slice){ (const char *)plain, size });
    sodium_memzero(plain, size);
    e = bytes->failed ? ERR_MEMORY : OK;
out:
    store_rollback(&tx);
    buffer_wipe(&sealed);
    free(plain);
    return e;
}

enum err evidence_remove(struct authority *a, const char *who, uint64_t account, struct slice id,
                         struct refusal *refusal)
{
    struct store_document document;
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(document_find(tx, account, id, &document));
    if (document.review != 0) {
        refusal_add(refusal, REFUSAL_CLASH, "document-submitted",
                    "the document is with the venue: what was submitted stays");
        goto out;
    }
    TRY(store_document_delete(tx, document.id));
    TRY(change_write(tx, (struct change){ .who = who, .what = "document removed",
                                          .account = account, .at_ns = a->now_ns(),
                                          .before = document_json(&document) }));
    TRY(store_commit(&tx));
    file_remove(a, document.id);
out:
    store_rollback(&tx);
    return e;
}

enum err evidence_reseal(struct authority *a, const struct store_document *document)
{
    char path[FILE_PATH_SIZE], text[ABOUT_SIZE];
    struct slice about = about_document(document->id, document->account, text);
    uint8_t *plain = NULL, *sealed = NULL;
    struct buffer old;
    size_t size = 0;
    enum err e;

    buffer_init(&old);
    TRY(path_format(a, document->id, path));
    TRY(file_read(path, EVIDENCE_BYTES_MOST + VAULT_OVERHEAD, &old));
    if (vault_is_newest(a->vault, buffer_slice(&old)))
        goto out;
    plain = malloc(old.size + 1);
    sealed = malloc(old.size + VAULT_OVERHEAD);
    TRY(plain == NULL || sealed == NULL ? ERR_MEMORY : OK);
    TRY(vault_unseal(a->vault, about, buffer_slice(&old), plain, &size));
    size = vault_seal(a->vault, about, (struct slice){ (const char *)plain, size }, sealed);
    e = file_write_atomic(path, 0600, (struct slice){ (const char *)sealed, size });
out:
    if (plain != NULL)
        sodium_memzero(plain, old.size);
    buffer_wipe(&old);
    free(plain);
    free(sealed);
    return e;
}

/* What is no document of the store: a crash came between file and row, or before a rename. */
static enum err orphan_remove(struct authority *a, const char *name)
{
    struct store_document document;
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = store_document_get(tx, slice_of(name), &document);
    if (e != ERR_MISSING)
        goto out;
    log_info("evidence", "%s has no row: its upload was never answered; removed", name);
    file_remove(a, name);
    e = OK;
out:
    store_rollback(&tx);
    return e;
}

enum err evidence_sweep(struct authority *a)
{
    const struct dirent *entry;
    DIR *folder = NULL;
    enum err e;

    TRY(file_folder_make(a->evidence, 0700));
    folder = opendir(a->evidence);
    if (folder == NULL) {
        log_error("evidence", "cannot read %s: %s", a->evidence, strerror(errno));
        e = ERR_IO;
        goto out;
    }
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            TRY(orphan_remove(a, entry->d_name));
out:
    if (folder != NULL)
        closedir(folder);
    return e;
}
