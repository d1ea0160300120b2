/* authority/template.h: the words of mails and notices
 *
 * A mail's text is data: authority/mail/NAME.txt, whose first line is the subject, then an empty
 * line, then the text.  "{{name}}" stands for the member `name` of a JSON object, a string or a
 * number.  What owners typed (labels, names) and strangers sent stays one line: control characters
 * become spaces, so nobody can write paragraphs of his own into our mail.
 */
#ifndef AUTHORITY_TEMPLATE_H
#define AUTHORITY_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* In the store: numbers are never reused. */
enum mail_template {
    MAIL_NONE = 0,
#define MAIL(number, name, file) MAIL_##name = (number),
#include "authority/template.def"
#undef MAIL
};

/* Subject, empty line, text; static.  Empty for MAIL_NONE. */
struct slice template_text(enum mail_template template);

/* "key_created"; static. */
const char *template_name(enum mail_template template);

/* Appends the text with its places filled; what is absent from `data` reads "not known". */
void template_render(struct slice text, const json_t *data, struct buffer *into);

#endif
