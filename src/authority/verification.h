/* authority/verification.h: what an account has shown, and with whom it lies (A1, A4)
 *
 *     missing --submit--> submitted --decide--> accepted or rejected --submit--> submitted ...
 *
 * A step is submitted with at least one document; the signatories step with the list of them, to
 * which documents may be added.  While it is with the venue, and once it is accepted, the owner
 * changes nothing about it: what was reviewed is what counts.
 */
#ifndef AUTHORITY_VERIFICATION_H
#define AUTHORITY_VERIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "authority/steps.h"
#include "base/slice.h"
#include "store/accounts.h"
#include "store/documents.h"
#include "store/signatories.h"

enum { VERIFICATION_DOCUMENTS_MOST = 64 };

struct verification_view {
    enum account_kind kind;
    enum step_state states[STEPS_SIZE];
    char reasons[STEPS_SIZE][ACCOUNT_REASON_SIZE]; /* of rejections */
    struct store_document documents[VERIFICATION_DOCUMENTS_MOST];
    size_t document_count;
    struct store_signatory signatories[SIGNATORIES_MOST];
    size_t signatory_count;
    bool complete; /* all steps that the account owes are accepted */
};

must_use enum err verification_view_get(struct authority *a, uint64_t account,
                                        struct verification_view *view);

/* Opens a review of what was uploaded.  Refused: step-unknown, step-not-owed, step-closed,
 * documents-missing, signatories-missing. */
must_use enum err verification_submit(struct authority *a, const char *who, uint64_t account,
                                      struct slice step, struct refusal *refusal);

struct signatory_entry {
    struct slice name, email;
};

/* Takes the list's place, of 1 to SIGNATORIES_MOST.  Refused: signatories-count, signatory-name,
 * signatory-email, signatory-twice, step-not-owed, step-closed. */
must_use enum err signatories_set(struct authority *a, const char *who, uint64_t account,
                                  const struct signatory_entry *entries, size_t count,
                                  struct refusal *refusal);

/* The venue has decided: state, change log, and word to the owner when nothing is missing any more.
 * In the caller's transaction. */
must_use enum err step_decide(struct authority *a, struct store_tx *tx, const char *who,
                              uint64_t account, enum step step, enum step_state state,
                              struct slice reason);

#endif
