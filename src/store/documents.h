/* store/documents.h: what accounts show of themselves; the bytes lie sealed in files */
#ifndef STORE_DOCUMENTS_H
#define STORE_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/store.h"

enum {
    DOCUMENT_ID_SIZE = 33,    /* 32 hexadecimal digits and the zero */
    DOCUMENT_NAME_SIZE = 201, /* 200 bytes of UTF-8 and the zero */
};

/* In the store: numbers are never reused. */
enum document_kind { DOCUMENT_PDF = 1, DOCUMENT_PNG = 2, DOCUMENT_JPEG = 3 };

struct store_document {
    char id[DOCUMENT_ID_SIZE];
    uint64_t account;
    uint16_t step;
    enum document_kind kind;
    uint64_t bytes;
    char name[DOCUMENT_NAME_SIZE];
    uint64_t at_ns;
    uint64_t review; /* that it was submitted to; 0: not yet */
};

must_use enum err store_document_insert(struct store_tx *tx,
                                        const struct store_document *document);

/* ERR_MISSING: no such document. */
must_use enum err store_document_get(struct store_tx *tx, struct slice id,
                                     struct store_document *document);

/* The one with the next id in their order, of any account; "" begins.  ERR_MISSING: none left. */
must_use enum err store_document_after(struct store_tx *tx, const char *id,
                                       struct store_document *document);

must_use enum err store_documents_count(struct store_tx *tx, uint64_t *count);

must_use enum err store_document_delete(struct store_tx *tx, const char *id);

/* Of an account, the oldest first; of one step unless it is 0. */
must_use enum err store_documents_list(struct store_tx *tx, uint64_t account, uint16_t step,
                                       struct store_document *documents, size_t capacity,
                                       size_t *count);

/* What was submitted to a review. */
must_use enum err store_documents_of_review(struct store_tx *tx, uint64_t review,
                                            struct store_document *documents, size_t capacity,
                                            size_t *count);

/* Of an account, and of them those of a step that were not submitted yet. */
struct store_documents_sum {
    uint64_t count, bytes, waiting_count;
};
must_use enum err store_documents_sum(struct store_tx *tx, uint64_t account, uint16_t step,
                                      struct store_documents_sum *sum);

/* Gives all of a step that were not submitted yet to the review. */
must_use enum err store_documents_submit(struct store_tx *tx, uint64_t account, uint16_t step,
                                         uint64_t review);

#endif
