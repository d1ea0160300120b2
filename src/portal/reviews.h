/* portal/reviews.h: /operator/reviews, what operators decide (A1, A3, A4, A5, D5) */
#ifndef PORTAL_REVIEWS_H
#define PORTAL_REVIEWS_H

#include "console/call.h"

must_use enum err operator_reviews_get(struct call *c);  /* GET /operator/reviews */
must_use enum err operator_review_get(struct call *c);   /* GET /operator/reviews/{id} */
must_use enum err operator_decide_post(struct call *c);  /* POST /operator/reviews/{id}/decide */
must_use enum err operator_document_get(struct call *c); /* GET /operator/documents/{id} */

/* The newest reviews of an account, as a list of REVIEW without its key. */
must_use enum err reviews_of_account(struct call *c, uint64_t account, json_t **list);

#endif
