/* authority/paper.h: whether bytes are the document they say they are
 *
 * PDF, PNG and JPEG, told by their content.  Nothing is rendered or decoded: the beginning, the
 * frame of chunks or segments and the end have to be right, and nothing may stand behind the end,
 * so that a file is not also an archive, a script or a page.
 *
 * Sources: ISO 32000-2, 7.5; PNG (W3C, third edition), 5; ITU-T T.81, annex B.
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUTHORITY_PAPER_H
#define AUTHORITY_PAPER_H

#include <stdbool.h>

#include "base/slice.h"
#include "store/documents.h"

bool paper_find(struct slice bytes, enum document_kind *kind);

/* "application/pdf", "image/png", "image/jpeg"; static. */
const char *paper_type_text(enum document_kind kind);
/* Parameters behind a ";" are ignored. */
bool paper_type_parse(struct slice type, enum document_kind *kind);

#endif
