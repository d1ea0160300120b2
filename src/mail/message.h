/* mail/message.h: a letter in the form that mail servers take (RFC 5322, 2045, 2047)
 *
 * One recipient, plain text in UTF-8.  Nothing that is put in can become a header: addresses are
 * checked, a subject that is not plain ASCII becomes encoded words, and the text stands behind an
 * empty line.  ASCII text travels as it is, any other as quoted-printable, so that no server on the
 * way needs to know 8BITMIME.
 *
 * Message-ID follows from the letter's number, so that a letter that is sent twice after a crash is
 * the same letter for mail programs.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum { MESSAGE_ID_SIZE = 320 };

struct message {
    const char *from, *to;      /* bare addresses: "ada@example.com" */
    struct slice subject, text; /* UTF-8; lines of the text end with a line feed */
    uint64_t id;                /* of this letter among all that we ever sent */
    uint64_t made_at_ns;        /* wall clock: Date */
};

/* Appends the whole letter, lines ending with CR LF.
 * ERR_MALFORMED: an address is none, or the subject holds control characters.  ERR_MEMORY. */
must_use enum err message_format(const struct message *m, struct buffer *into);

/* The Message-ID of a letter, without its angle brackets; "" when `from` is no address or
 * NULL: nobody sends. */
void message_id_format(uint64_t id, uint64_t made_at_ns, const char *from,
                       char text[MESSAGE_ID_SIZE]);

/* What message_format wrote, back as a person reads it: the decoded value of a header ("" when it
 * is not there), and the text.  For the local mail folder; not a reader of everybody's mail. */
must_use enum err message_header_get(struct slice message, const char *name, struct buffer *into);
must_use enum err message_text_get(struct slice message, struct buffer *into);

#endif
