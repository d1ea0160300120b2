/* authority/postbox.h: putting a mail into the queue, in the transaction that it belongs to
 *
 * The mail exists if and only if the caller's transaction commits; the courier (courier.h) sends
 * it.  Its subject and text lie sealed by the vault until they are sent and are erased then: they
 * may hold a link.
 */
#ifndef AUTHORITY_POSTBOX_H
#define AUTHORITY_POSTBOX_H

#include <jansson.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/link.h"
#include "authority/template.h"
#include "base/buffer.h"
#include "mail/message.h"
#include "store/mails.h"
#include "store/store.h"

struct mail {
    enum mail_template template;
    uint64_t account; /* 0: nobody's */
    const char *to;   /* NULL: the account's own address */
    json_t *data;     /* object for the template, may be NULL; taken over, also on failure */
    enum link_purpose purpose; /* of `token`, which becomes {{link}} */
    const char *token;         /* NULL: no link */
    char *message_id;          /* NULL, or of MESSAGE_ID_SIZE: what its letter will have */
};

/* Beside its data a template knows {{console}}, {{account}} (its e-mail) and {{at}}.
 * ERR_MALFORMED: `to` is no address that mail could be sent to.  ERR_FULL: longer than 16 kB. */
must_use enum err mail_write(struct authority *a, struct store_tx *tx, const struct mail *mail);

/* What a queued mail says: subject, line feed, text.  The caller wipes the buffer's content. */
must_use enum err mail_open(struct authority *a, const struct store_mail *mail,
                            struct buffer *content);

/* "2026-11-23 10:00 UTC": a moment for people. */
enum { MOMENT_TEXT_SIZE = 24 };
void moment_words(uint64_t wall_ns, char text[MOMENT_TEXT_SIZE]);

#endif
