/* mail/smtp.h: one letter to one mail server (RFC 5321), over libcurl
 *
 * A transfer is made here and run by whoever has a curl multi handle (authority/courier.c), so that
 * many run in one thread and each can be ended at any moment.  With `starttls`, a server that does
 * not offer it or whose certificate is not believed gets neither the password nor the letter.
 */
#ifndef MAIL_SMTP_H
#define MAIL_SMTP_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum { SMTP_WORDS_SIZE = 256 };

struct smtp_server {
    const char *url;           /* smtp://HOST:PORT or smtps://HOST:PORT */
    const char *user;          /* NULL: no AUTH */
    const char *password_file; /* mode 0600, one line; read at each transfer */
    const char *ca;            /* file; NULL: the system's */
    bool starttls;
};

struct smtp_transfer;

/* `message`: what message_format wrote; copied.  `from` and `to` are bare addresses.
 * ERR_DENIED, ERR_MISSING, ERR_IO, ERR_FULL: the password file; said in `words`.  ERR_MEMORY. */
must_use enum err smtp_transfer_open(const struct smtp_server *server, const char *from,
                                     const char *to, struct slice message,
                                     struct smtp_transfer **transfer,
                                     char words[SMTP_WORDS_SIZE]);
/* Not while a multi handle has it.  Accepts NULL and sets it. */
void smtp_transfer_close(struct smtp_transfer **transfer);

CURL *smtp_transfer_curl(const struct smtp_transfer *transfer);

enum smtp_outcome {
    SMTP_SENT,  /* the server has it */
    SMTP_LATER, /* 4xx, no connection, broken off, no login: try again */
    SMTP_NEVER, /* 5xx about this letter: another try would hear the same */
};

/* How it ended, and why in words for a person: the server's own last refusal, or libcurl's. */
enum smtp_outcome smtp_transfer_outcome(const struct smtp_transfer *transfer, CURLcode code,
                                        char words[SMTP_WORDS_SIZE]);

#endif
