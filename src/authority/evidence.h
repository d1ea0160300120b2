/* authority/evidence.h: the papers that accounts show, sealed at rest (A1, A4)
 *
 * The bytes of a document lie sealed in a file of the evidence folder, named by its random id; the
 * vault's associated data are id and account, so that a file put in another one's place does not
 * open.  The file is on disk before its row is, and the row is gone before the file is: a crash
 * leaves a whole document or a file without a row, which the next start sweeps away.
 */
#ifndef AUTHORITY_EVIDENCE_H
#define AUTHORITY_EVIDENCE_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "store/documents.h"

enum {
    EVIDENCE_BYTES_MOST = 8 << 20,          /* of one document */
    EVIDENCE_STEP_MOST = 8,                 /* documents of a step that wait to be submitted */
    EVIDENCE_ACCOUNT_MOST = 64,             /* documents of an account */
    EVIDENCE_ACCOUNT_BYTES_MOST = 128 << 20, /* of all of them */
};

struct upload {
    uint64_t account;
    struct slice step; /* a name of authority/steps.def */
    struct slice type; /* as declared; the content has to agree */
    struct slice name; /* UTF-8, as the owner calls it; empty: "document" */
    struct slice bytes;
};

/* Refused: step-unknown, step-not-owed, step-closed, document-type, document-content,
 * document-large, document-empty, document-name, documents-many; disk-full when there is no room
 * for it. */
must_use enum err evidence_add(struct authority *a, const char *who, const struct upload *upload,
                               struct store_document *document, struct refusal *refusal);

/* The document's row and bytes, into an initialised buffer that the caller wipes.  `account`: whose
 * it has to be; 0 for an operator.  ERR_MISSING: no such document of the account. */
must_use enum err evidence_get(struct authority *a, uint64_t account, struct slice id,
                               struct store_document *document, struct buffer *bytes);

/* While it was not submitted.  ERR_MISSING; refused: document-submitted. */
must_use enum err evidence_remove(struct authority *a, const char *who, uint64_t account,
                                  struct slice id, struct refusal *refusal);

/* Seals the file anew unless the newest master key has: in the transaction that read the row, so
 * that nobody removes the file meanwhile. */
must_use enum err evidence_reseal(struct authority *a, const struct store_document *document);

/* At the start: makes the folder and removes files without a row. */
must_use enum err evidence_sweep(struct authority *a);

#endif
