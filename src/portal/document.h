/* portal/document.h: what the API says about itself, and fixed lists that forms need */
#ifndef PORTAL_DOCUMENT_H
#define PORTAL_DOCUMENT_H

#include "console/call.h"

must_use enum err document_get(struct call *c);  /* GET /openapi.json */
must_use enum err countries_get(struct call *c); /* GET /countries */

#endif
