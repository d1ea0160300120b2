/* console/reviews.h: what operators decide (A1, A2, A3, A4, A5, D5), at the command line and in the
 * browser: /reviews there, /operator/reviews here */
#ifndef CONSOLE_REVIEWS_H
#define CONSOLE_REVIEWS_H

#include "console/call.h"
#include "store/documents.h"

must_use enum err reviews_get(struct call *c);        /* GET …/reviews?state=&kind=&before= */
must_use enum err review_get(struct call *c);         /* GET …/reviews/{id} */
must_use enum err review_decide_post(struct call *c); /* POST …/reviews/{id}/decide */

/* The newest reviews of an account, as a list of REVIEW without its key. */
must_use enum err reviews_of_account(struct call *c, uint64_t account, json_t **list);

/* DOC. */
json_t *document_json(const struct store_document *document);

#endif
