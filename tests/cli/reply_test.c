#include "cli/reply.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static const char key_text[] =
    "{\"id\":\"lki_live_x\",\"email\":\"ada@example.com\",\"environment\":\"live\","
    "\"label\":\"desk\",\"scopes\":[{\"scope\":\"orders:read\"},{\"scope\":\"orders:write\"}],"
    "\"ip_rules\":[\"192.0.2.0/28\",\"::1/128\"],\"state\":\"active\",\"reason\":null,"
    "\"readiness\":{\"wallets_called\":true,\"sandbox_order\":false},"
    "\"rates\":{\"public_per_s\":15,\"private_per_s\":5}}";

static const char account_text[] =
    "{\"id\":1001,\"email\":\"ada@example.com\",\"kind\":\"individual\",\"jurisdiction\":\"CH\","
    "\"steps\":[{\"step\":\"identity\",\"state\":\"accepted\"},{\"step\":\"address\",\"state\":"
    "\"missing\"}],\"totp\":\"pending\",\"flag\":{\"kind\":\"suspicious\",\"reason\":\"odd\"}}";

/* What `print` writes for the document, with runs of spaces made one. */
static char *printed(const char *document, void (*print)(const json_t *, FILE *))
{
    json_t *object = json_loads(document, 0, NULL);
    char *text = NULL, *to;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(object);
    print(object, out);
    fclose(out);
    json_decref(object);
    to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (from[0] != ' ' || from[1] != ' ')
            *to++ = *from;
    *to = '\0';
    return text;
}

static void assert_shows(const char *text, const char *const *lines)
{
    for (; *lines != NULL; lines++)
        if (strstr(text, *lines) == NULL)
            fail_msg("no line \"%s\" in:\n%s", *lines, text);
}

TEST(a_key_is_shown_with_its_checklist)
{
    static const char *const lines[] = {
        "key lki_live_x\n",
        "account ada@example.com\n",
        "state active\n",
        "scopes orders:read, orders:write\n",
        "addresses 192.0.2.0/28, ::1/128\n",
        "wallets called yes\n",
        "sandbox order no\n",
        "private calls/s 5\n",
        "last used -\n",
        NULL,
    };
    char *text = printed(key_text, key_print);

    assert_shows(text, lines);
    assert_null(strstr(text, "reason"));
    free(text);
}

TEST(an_account_is_shown_with_its_steps_and_its_flag)
{
    static const char *const lines[] = { "account 1001\n",       "identity accepted\n",
                                         "address missing\n",    "second factor pending\n",
                                         "flag suspicious\n",    "flag reason odd\n",
                                         NULL };
    char *text = printed(account_text, account_print);

    assert_shows(text, lines);
    free(text);
}

TEST(states_that_let_nothing_pass_are_bad)
{
    assert_int_equal(reply_state_tone("active"), TONE_GOOD);
    assert_int_equal(reply_state_tone("revoked"), TONE_BAD);
    assert_int_equal(reply_state_tone("suspended"), TONE_WARN);
    assert_int_equal(reply_state_tone("of a newer version"), TONE_PLAIN);
    assert_int_equal(reply_state_tone(NULL), TONE_PLAIN);
}

TEST_MAIN
