/* console/status.h: GET /status, whether all is well and what to do when it is not */
#ifndef CONSOLE_STATUS_H
#define CONSOLE_STATUS_H

#include "console/call.h"

must_use enum err status_get(struct call *c);

#endif
