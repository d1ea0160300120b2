#include "authority/about.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keys/key_text.h"

static_assert((int)KEY_ID_TEXT_SIZE <= (int)ABOUT_SIZE, "a key id is a text too");

struct slice about_key(enum environment environment, const char *random, char text[ABOUT_SIZE])
{
    struct key_id id = { .environment = environment };

    memcpy(id.random, random, sizeof id.random);
    key_id_format(&id, text);
    return slice_of(text);
}

static struct slice numbered(const char *what, uint64_t number, char text[ABOUT_SIZE])
{
    snprintf(text, ABOUT_SIZE, "%s %" PRIu64, what, number);
    return slice_of(text);
}

struct slice about_totp(uint64_t account, char text[ABOUT_SIZE])
{
    return numbered("totp", account, text);
}

struct slice about_webhook(uint64_t id, char text[ABOUT_SIZE])
{
    return numbered("webhook", id, text);
}

struct slice about_mail(uint64_t id, char text[ABOUT_SIZE])
{
    return numbered("mail", id, text);
}

struct slice about_alert(uint64_t id, char text[ABOUT_SIZE])
{
    return numbered("alert", id, text);
}

struct slice about_leak_object(uint64_t leak, char text[ABOUT_SIZE])
{
    return numbered("leak object", leak, text);
}

struct slice about_document(const char *id, uint64_t account, char text[ABOUT_SIZE])
{
    snprintf(text, ABOUT_SIZE, "document %s of %" PRIu64, id, account);
    return slice_of(text);
}
