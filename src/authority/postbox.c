#include "authority/postbox.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authority/about.h"
#include "authority/courier.h"
#include "authority/email.h"
#include "authority/settings.h"
#include "authority/vault.h"
#include "store/accounts.h"

void moment_words(uint64_t wall_ns, char text[MOMENT_TEXT_SIZE])
{
    time_t s = (time_t)(wall_ns / NS_PER_S);
    struct tm tm;

    gmtime_r(&s, &tm);
    strftime(text, MOMENT_TEXT_SIZE, "%Y-%m-%d %H:%M UTC", &tm);
}

/* Who gets it, and what every template knows. */
static enum err mail_address(struct authority *a, struct store_tx *tx, const struct mail *mail,
                             json_t *data, struct store_mail *row)
{
    struct store_account owner = { 0 };
    char console[LINK_URL_SIZE], link[LINK_URL_SIZE], at[MOMENT_TEXT_SIZE];
    int failed = 0;
    enum err e = OK;

    if (mail->account != 0)
        TRY(store_account_get(tx, mail->account, &owner));
    TRY(email_parse(slice_of(mail->to != NULL ? mail->to : owner.email), row->recipient)
            ? OK
            : ERR_MALFORMED);
    snprintf(console, sizeof console, "%s/console/", a->settings->public_url);
    moment_words(row->made_at_ns, at);
    failed |= json_object_set_new(data, "console", json_string(console));
    failed |= json_object_set_new(data, "account", json_string(owner.email));
    failed |= json_object_set_new(data, "at", json_string(at));
    if (mail->token != NULL) {
        link_url_format(a, mail->purpose, mail->token, link);
        failed |= json_object_set_new(data, "link", json_string(link));
        sodium_memzero(link, sizeof link);
    }
    if (failed != 0)
        e = ERR_MEMORY;
out:
    sodium_memzero(&owner, sizeof owner);
    return e;
}

static enum err mail_seal(struct authority *a, const struct buffer *text, struct store_mail *row)
{
    char name[ABOUT_SIZE];

    if (text->failed)
        return ERR_MEMORY;
    if (text->size + VAULT_OVERHEAD > sizeof row->sealed)
        return ERR_FULL;
    row->sealed_size =
        vault_seal(a->vault, about_mail(row->id, name), buffer_slice(text), row->sealed);
    return OK;
}

enum err mail_write(struct authority *a, struct store_tx *tx, const struct mail *mail)
{
    struct store_mail *row = calloc(1, sizeof *row);
    json_t *data = mail->data != NULL ? mail->data : json_object();
    struct buffer text;
    enum err e = ERR_MEMORY;

    buffer_init(&text);
    if (row == NULL || data == NULL)
        goto out;
    row->account = mail->account;
    row->template = mail->template;
    row->made_at_ns = row->due_at_ns = a->now_ns();
    TRY(mail_address(a, tx, mail, data, row));
    template_render(template_text(mail->template), data, &text);
    TRY(store_mail_id_next(tx, &row->id));
    TRY(mail_seal(a, &text, row));
    TRY(store_mail_insert(tx, row));
    if (mail->message_id != NULL)
        message_id_format(row->id, row->made_at_ns, a->settings->mail.from, mail->message_id);
    /* It waits for the end of this transaction before it looks. */
    courier_wake(a->courier);
out:
    if (text.at != NULL)
        sodium_memzero(text.at, text.size);
    buffer_wipe(&text);
    json_decref(data);
    free(row);
    return e;
}

enum err mail_open(struct authority *a, const struct store_mail *mail, struct buffer *content)
{
    const struct slice sealed = { (const char *)mail->sealed, mail->sealed_size };
    uint8_t *plain = malloc(MAIL_SEALED_MOST);
    char name[ABOUT_SIZE];
    size_t size = 0;
    enum err e;

    if (plain == NULL)
        return ERR_MEMORY;
    TRY(vault_unseal(a->vault, about_mail(mail->id, name), sealed, plain, &size));
    buffer_append(content, (struct slice){ (const char *)plain, size });
    e = content->failed ? ERR_MEMORY : OK;
out:
    sodium_memzero(plain, MAIL_SEALED_MOST);
    free(plain);
    return e;
}
