/* portal/embedded.h: openapi.json as text, put there by tools/openapi and tools/embed */
#ifndef PORTAL_EMBEDDED_H
#define PORTAL_EMBEDDED_H

#include "base/slice.h"

extern const struct slice embedded_openapi;

#endif
