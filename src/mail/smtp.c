#include "mail/smtp.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum {
    CONNECT_WAIT_S = 20,
    WAIT_S = 120,
    PASSWORD_SIZE = 256,
};

struct smtp_transfer {
    CURL *curl;
    struct curl_slist *recipients;
    struct buffer message;
    size_t sent;
    char reply[SMTP_WORDS_SIZE]; /* last refusal of the server */
    char problem[CURL_ERROR_SIZE];
};

static size_t message_give(char *bytes, size_t size, size_t count, void *from)
{
    struct smtp_transfer *t = from;
    size_t left = t->message.size - t->sent, most = size * count;

    if (left > most)
        left = most;
    memcpy(bytes, t->message.at + t->sent, left);
    t->sent += left;
    return left;
}

/* Keeps a line "450 4.2.1 mailbox busy" and forgets all lines that agree. */
static size_t reply_take(char *bytes, size_t size, size_t count, void *into)
{
    struct smtp_transfer *t = into;
    size_t line = size * count, kept = 0;

    if (line == 0 || (bytes[0] != '4' && bytes[0] != '5'))
        return line;
    for (size_t i = 0; i < line && kept + 1 < sizeof t->reply; i++)
        if ((unsigned char)bytes[i] >= ' ' && bytes[i] != 0x7F)
            t->reply[kept++] = bytes[i];
    t->reply[kept] = '\0';
    return line;
}

static enum err password_set(struct smtp_transfer *t, const struct smtp_server *server,
                             char words[SMTP_WORDS_SIZE])
{
    char password[PASSWORD_SIZE] = { 0 };
    size_t size = 0;
    enum err e = OK;

    if (server->user == NULL)
        return OK;
    if (server->password_file != NULL)
        e = file_read_private(server->password_file, password, sizeof password, &size);
    if (e != OK) {
        snprintf(words, SMTP_WORDS_SIZE, "password file %s: %s", server->password_file,
                 e == ERR_DENIED ? "open to group or others, chmod 0600" : err_text(e));
        goto out;
    }
    while (size > 0 && (password[size - 1] == '\n' || password[size - 1] == '\r'))
        password[--size] = '\0';
    if (curl_easy_setopt(t->curl, CURLOPT_USERNAME, server->user) != CURLE_OK ||
        curl_easy_setopt(t->curl, CURLOPT_PASSWORD, password) != CURLE_OK)
        e = ERR_MEMORY;
out:
    sodium_memzero(password, sizeof password);
    return e;
}

static void options_set(struct smtp_transfer *t, const struct smtp_server *server)
{
    curl_easy_setopt(t->curl, CURLOPT_URL, server->url);
    curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->curl, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a slow name server */
    curl_easy_setopt(t->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(t->curl, CURLOPT_SASL_IR, 1L); /* one round trip less */
    curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_WAIT_S);
    curl_easy_setopt(t->curl, CURLOPT_TIMEOUT, (long)WAIT_S);
    if (server->starttls)
        curl_easy_setopt(t->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    if (server->ca != NULL)
        curl_easy_setopt(t->curl, CURLOPT_CAINFO, server->ca);
    curl_easy_setopt(t->curl, CURLOPT_MAIL_RCPT, t->recipients);
    curl_easy_setopt(t->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, message_give);
    curl_easy_setopt(t->curl, CURLOPT_READDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_HEADERFUNCTION, reply_take);
    curl_easy_setopt(t->curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->problem);
}

enum err smtp_transfer_open(const struct smtp_server *server, const char *from, const char *to,
                            struct slice message, struct smtp_transfer **transfer,
                            char words[SMTP_WORDS_SIZE])
{
    struct smtp_transfer *t = calloc(1, sizeof *t);
    char address[300];
    enum err e = ERR_MEMORY;

    *transfer = NULL;
    words[0] = '\0';
    if (t == NULL)
        return ERR_MEMORY;
    buffer_append(&t->message, message);
    t->curl = curl_easy_init();
    snprintf(address, sizeof address, "<%s>", to);
    t->recipients = curl_slist_append(NULL, address);
    if (t->curl == NULL || t->recipients == NULL || t->message.failed)
        goto out;
    options_set(t, server);
    snprintf(address, sizeof address, "<%s>", from);
    if (curl_easy_setopt(t->curl, CURLOPT_MAIL_FROM, address) != CURLE_OK)
        goto out;
    TRY(password_set(t, server, words));
    *transfer = t;
    t = NULL;
out:
    smtp_transfer_close(&t);
    return e;
}

void smtp_transfer_close(struct smtp_transfer **transfer)
{
    struct smtp_transfer *old = *transfer;

    *transfer = NULL;
    if (old == NULL)
        return;
    if (old->curl != NULL)
        curl_easy_cleanup(old->curl);
    curl_slist_free_all(old->recipients);
    if (old->message.at != NULL)
        sodium_memzero(old->message.at, old->message.size);
    buffer_wipe(&old->message);
    free(old);
}

CURL *smtp_transfer_curl(const struct smtp_transfer *transfer)
{
    return transfer->curl;
}

enum smtp_outcome smtp_transfer_outcome(const struct smtp_transfer *transfer, CURLcode code,
                                        char words[SMTP_WORDS_SIZE])
{
    long status = 0;

    words[0] = '\0';
    if (code == CURLE_OK)
        return SMTP_SENT;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400 && transfer->reply[0] != '\0')
        snprintf(words, SMTP_WORDS_SIZE, "%s", transfer->reply);
    else
        snprintf(words, SMTP_WORDS_SIZE, "%.200s",
                 transfer->problem[0] != '\0' ? transfer->problem : curl_easy_strerror(code));
    /* 521 speaks of the server, 53x of our login: neither says anything about the letter, and an
     * operator can mend both. */
    return status >= 500 && status < 600 && status != 521 && (status < 530 || status > 539)
               ? SMTP_NEVER
               : SMTP_LATER;
}
