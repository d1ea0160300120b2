/* portal/verification.h: /verification, what the account shows of itself (A1, A4) */
#ifndef PORTAL_VERIFICATION_H
#define PORTAL_VERIFICATION_H

#include "console/call.h"

must_use enum err verification_get(struct call *c);           /* GET /verification */
must_use enum err verification_document_post(struct call *c); /* POST …/{step}/documents */
must_use enum err verification_document_get(struct call *c);  /* GET /verification/documents/{id} */
must_use enum err verification_remove_post(struct call *c);   /* …/documents/{id}/remove */
must_use enum err verification_submit_post(struct call *c);   /* POST /verification/{step}/submit */
must_use enum err signatories_post(struct call *c);           /* POST /verification/signatories */
must_use enum err operator_document_get(struct call *c);      /* GET /operator/documents/{id} */

#endif
