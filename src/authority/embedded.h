/* authority/embedded.h: authority/mail/NAME.txt as text, put there by tools/embed */
#ifndef AUTHORITY_EMBEDDED_H
#define AUTHORITY_EMBEDDED_H

#include "base/slice.h"

#define MAIL(number, name, file) extern const struct slice embedded_##file;
#include "authority/template.def"
#undef MAIL

#endif
