/* gate/verdict.h: the answers a gate can give
 *
 * One table, verdict.def.  "Unknown" and "wrong signature" look alike from outside; the audit
 * record tells them apart.
 */
#ifndef GATE_VERDICT_H
#define GATE_VERDICT_H

#include "base/slice.h"

enum verdict {
#define VERDICT(number, name, status, word, words) VERDICT_##name = (number),
#include "gate/verdict.def"
#undef VERDICT
    VERDICT_COUNT
};

/* HTTP status, name in filters ("nonce-small"), words of the audit record.  All static; a number
 * that is not in the table (an older reader, a newer record) gives 0 and "unknown". */
int verdict_status(unsigned verdict);
const char *verdict_text(unsigned verdict);
const char *verdict_words(unsigned verdict);
bool verdict_find(struct slice text, enum verdict *verdict);

#endif
