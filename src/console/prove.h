/* console/prove.h: the proof of one record, through the authority */
#ifndef CONSOLE_PROVE_H
#define CONSOLE_PROVE_H

#include "console/call.h"

/* GET /audit/prove?index=N or ?request_id=HEX */
must_use enum err audit_prove_get(struct call *c);

#endif
