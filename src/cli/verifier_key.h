/* cli/verifier_key.h: a verifier key as an option takes it */
#ifndef CLI_VERIFIER_KEY_H
#define CLI_VERIFIER_KEY_H

#include <stdbool.h>

#include "audit/note.h"

/* `given` is the key itself, "name+id+base64", or a file that holds it.  False: neither; told on
 * standard error under the name of the command. */
bool verifier_key_read(const char *command, const char *given, enum note_key_type type,
                       struct note_key *key);

#endif
