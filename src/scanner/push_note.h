/* scanner/push_note.h: a hosting's note that somebody has pushed to a repository
 *
 *   GitHub  X-Hub-Signature-256: sha256= and the HMAC-SHA256 of the raw body with the secret in
 *           hexadecimal; X-GitHub-Event: push
 *   GitLab  X-Gitlab-Token: the secret itself; X-Gitlab-Event: Push Hook
 *
 * Both bodies have `before`, what the branch was: a forced push takes that out of every ref, and it
 * can still be fetched by its name.  Nothing else of a body is used.
 *
 * Source: both hostings' documents on webhooks.  Pure.
 */
#ifndef SCANNER_PUSH_NOTE_H
#define SCANNER_PUSH_NOTE_H

#include <stdbool.h>

#include "base/slice.h"

enum { PUSH_ID_SIZE = 65 /* the id of a SHA-256 repository, and a zero */ };

/* In constant time; NULL: there is no such header. */
bool push_signature_is_right(const char *header, struct slice secret, struct slice body);
bool push_token_is_right(const char *header, struct slice secret);

/* What the branch was, in lower case; "" when it is new, or the body has nothing of it.  False: the
 * body is no JSON object. */
bool push_before(struct slice body, char before[PUSH_ID_SIZE]);

#endif
