/* The whole way of an owner's factors over the portal's socket: HTTP of libcurl, real codes of
 * liboath, a passkey in software. */
#include "test.h"

#include <curl/curl.h>

#include "../authority/authenticator.h"
#include "../authority/fixture.h"
#include "authority/session.h"
#include "base/buffer.h"
#include "portal/portal.h"

/* A browser that is logged in. */
struct browser {
    struct house *house;
    struct portal *portal;
    char socket[96];
    char token[SESSION_TOKEN_SIZE], csrf[SESSION_TOKEN_SIZE];
    long status;
};

static struct browser browser_open(struct house *h)
{
    struct browser b = { .house = h };

    snprintf(b.socket, sizeof b.socket, "%s", house_path(h, "portal.sock"));
    assert_int_equal(portal_open(&h->a, NULL, b.socket, getuid(), NULL, &b.portal), OK);
    return b;
}

static void browser_login(struct browser *b, uint64_t account)
{
    const struct visitor visitor = { .address = SLICE("192.0.2.7"), .agent = SLICE("test") };
    struct store_tx *tx;

    assert_int_equal(store_begin(b->house->a.store, &tx), OK);
    assert_int_equal(
        session_open(&b->house->a, tx, account, SESSION_PASSWORD, &visitor, b->token), OK);
    assert_int_equal(store_commit(&tx), OK);
    session_csrf(slice_of(b->token), b->csrf);
}

static size_t body_take(char *bytes, size_t one, size_t count, void *into)
{
    buffer_append(into, (struct slice){ bytes, one * count });
    return one * count;
}

/* A new cookie replaces the token, as in a browser. */
static size_t header_take(char *bytes, size_t one, size_t count, void *context)
{
    static const char name[] = "Set-Cookie: __Host-latchkey=";
    struct browser *b = context;

    if (one * count > sizeof name + SESSION_TOKEN_SIZE &&
        strncasecmp(bytes, name, sizeof name - 1) == 0) {
        memcpy(b->token, bytes + sizeof name - 1, SESSION_TOKEN_SIZE - 1);
        session_csrf(slice_of(b->token), b->csrf);
    }
    return one * count;
}

static struct curl_slist *headers_of(const struct browser *b)
{
    struct curl_slist *list = NULL;
    char line[128];

    list = curl_slist_append(list, "Content-Type: application/json");
    list = curl_slist_append(list, "Origin: https://localhost:8443");
    list = curl_slist_append(list, "X-Latchkey-Address: 192.0.2.7");
    snprintf(line, sizeof line, "Cookie: __Host-latchkey=%s", b->token);
    list = curl_slist_append(list, line);
    snprintf(line, sizeof line, "X-Latchkey-CSRF: %s", b->csrf);
    return curl_slist_append(list, line);
}

/* Takes the body over; GET without one.  The reply is the caller's. */
static json_t *called(struct browser *b, const char *path, json_t *body)
{
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT), url[128];
    struct curl_slist *headers = headers_of(b);
    CURL *curl = curl_easy_init();
    struct buffer reply;
    json_t *value;

    buffer_init(&reply);
    assert_non_null(curl);
    snprintf(url, sizeof url, "http://portal%s", path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, b->socket);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, b);
    if (text != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &b->status);
    value = json_loadb(reply.at, reply.size, 0, NULL);
    assert_non_null(value);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    buffer_wipe(&reply);
    free(text);
    json_decref(body);
    return value;
}

/* The same, and frees the reply: its code of refusal, "" if it was none. */
static const char *refused_as(struct browser *b, const char *path, json_t *body)
{
    static char code[64];
    json_t *reply = called(b, path, body);
    const char *text =
        json_string_value(json_object_get(json_object_get(reply, "error"), "code"));

    snprintf(code, sizeof code, "%s", text == NULL ? "" : text);
    json_decref(reply);
    return code;
}

static json_t *with_code(struct phone *p, int steps)
{
    return json_pack("{s:{s:s}}", "proof", "code", phone_code(p, steps).at);
}

/* {"proof": {"assertion": …}} for a POST to the path, with nothing else in its body. */
static json_t *with_passkey(struct browser *b, struct authenticator *a, const char *path)
{
    json_t *reply = called(b, "/challenges", json_pack("{s:s, s:s, s:{}}", "method", "POST",
                                                       "path", path, "body"));
    json_t *options = json_object_get(reply, "publicKey"), *body;

    assert_int_equal(b->status, 200);
    body = json_pack("{s:{s:o}}", "proof", "assertion", assertion_of(a, options));
    json_decref(reply);
    return body;
}

TEST(an_owner_adds_uses_and_removes_factors)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct browser b = browser_open(h);
    struct authenticator a = authenticator_new(ES256);
    char before[SESSION_TOKEN_SIZE], path[64];
    json_t *reply, *answer;
    struct phone p;

    browser_login(&b, ada);
    reply = called(&b, "/factors/totp", json_object());
    assert_int_equal(b.status, 200);
    assert_non_null(strstr(json_string_value(json_object_get(reply, "qr_svg")), "<svg"));
    p = phone_of(json_string_value(json_object_get(reply, "secret")));
    json_decref(reply);
    memcpy(before, b.token, sizeof before);
    reply = called(&b, "/factors/totp/confirm", json_pack("{s:s}", "code", phone_code(&p, 0).at));
    assert_int_equal(json_array_size(json_object_get(reply, "recovery_codes")), 10);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(reply, "session"), "level")), "full");
    assert_string_not_equal(before, b.token); /* it has risen: another token */
    json_decref(reply);

    test_now_ns += 30 * NS_PER_S;
    assert_string_equal(refused_as(&b, "/factors/passkeys/options", json_object()),
                        "proof-missing");
    reply = called(&b, "/factors/passkeys/options", with_code(&p, 0));
    assert_int_equal(b.status, 200);
    answer = registration_of(&a, json_object_get(reply, "publicKey"));
    json_decref(reply);
    reply = called(&b, "/factors/passkeys", json_pack("{s:s, s:o}", "name", "yellow",
                                                      "attestation", answer));
    assert_int_equal(b.status, 201);
    assert_null(json_object_get(reply, "recovery_codes"));
    snprintf(path, sizeof path, "/factors/passkeys/%s/remove",
             json_string_value(json_object_get(json_object_get(reply, "passkey"), "id")));
    json_decref(reply);

    answer = with_passkey(&b, &a, "/factors/recovery-codes");
    assert_string_equal(refused_as(&b, "/factors/totp/remove", json_incref(answer)),
                        "challenge-operation");
    json_decref(answer);
    assert_string_equal(refused_as(&b, "/factors/totp/remove",
                                   with_passkey(&b, &a, "/factors/totp/remove")),
                        "");
    reply = called(&b, "/factors", NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(reply, "totp"), "state")),
                        "none");
    assert_int_equal(json_array_size(json_object_get(reply, "passkeys")), 1);
    assert_int_equal(json_integer_value(json_object_get(reply, "recovery_codes")), 10);
    json_decref(reply);
    assert_string_equal(refused_as(&b, path, with_passkey(&b, &a, path)), "");
    portal_close(&b.portal);
    authenticator_free(&a);
    free(p.seed);
    house_close(h);
}

TEST(a_session_that_owes_its_factor_gets_a_challenge_for_the_login_only)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);
    struct browser b = browser_open(h);

    browser_login(&b, ada);
    assert_string_equal(refused_as(&b, "/factors/totp", json_object()), "factor-needed");
    assert_string_equal(refused_as(&b, "/challenges", json_pack("{s:s, s:s}", "method", "POST",
                                                                "path", "/keys")),
                        "factor-owed");
    assert_string_equal(refused_as(&b, "/challenges", json_pack("{s:s, s:s}", "method", "POST",
                                                                "path", "/login/factor")),
                        "passkey-none");
    assert_string_equal(refused_as(&b, "/challenges", json_pack("{s:s}", "path", "/keys")),
                        "operation-malformed");
    portal_close(&b.portal);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
