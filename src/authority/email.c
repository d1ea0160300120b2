#include "authority/email.h"

#include <ctype.h>

static struct slice trimmed(struct slice text)
{
    while (text.size > 0 && isspace((unsigned char)text.at[0]))
        text = slice_from(text, 1);
    while (text.size > 0 && isspace((unsigned char)text.at[text.size - 1]))
        text.size--;
    return text;
}

/* Parts of 1 to 63 characters with single dots between. */
static bool is_dotted(struct slice text, const char *also)
{
    size_t part = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c == '.') {
            if (part == 0)
                return false;
            part = 0;
            continue;
        }
        if ((!isalnum(c) && strchr(also, c) == NULL) || c >= 0x80 || c == '\0' || ++part > 64)
            return false;
    }
    return part > 0;
}

bool email_parse(struct slice text, char email[ACCOUNT_EMAIL_SIZE])
{
    struct slice whole = trimmed(text), local, domain;
    const char *at;

    if (whole.size == 0 || whole.size >= ACCOUNT_EMAIL_SIZE)
        return false;
    at = memchr(whole.at, '@', whole.size);
    if (at == NULL)
        return false;
    local = (struct slice){ whole.at, (size_t)(at - whole.at) };
    domain = slice_from(whole, local.size + 1);
    if (local.size > 64 || !is_dotted(local, "!#$%&'*+-/=?^_`{|}~") || !is_dotted(domain, "-") ||
        memchr(domain.at, '.', domain.size) == NULL)
        return false;
    for (size_t i = 0; i < whole.size; i++)
        email[i] = (char)tolower((unsigned char)whole.at[i]);
    email[whole.size] = '\0';
    return true;
}
