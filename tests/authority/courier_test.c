#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/socket.h>

#include "fixture.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/postbox.h"
#include "authority/webhook.h"
#include "mail/folder.h"

/* Letters go to `folder`; what the settings said before is put back before it is freed. */
static struct settings_mail carrier_put(struct house *h, struct settings_mail mail)
{
    struct settings_mail before = h->settings->mail;

    h->settings->mail = mail;
    return before;
}

/* The events of an account that say a mail was given up. */
static bool given_up_count(void *context, const struct store_event *event)
{
    *(size_t *)context += event->kind == EVENT_MAIL_GIVEN_UP;
    return true;
}

static void queued(struct house *h, uint64_t account)
{
    struct mail mail = { .template = MAIL_PASSWORD_RESET, .account = account,
                         .purpose = LINK_PASSWORD, .token = "THE-TOKEN" };
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(mail_write(&h->a, tx, &mail), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static struct courier_state now_is(struct house *h)
{
    struct courier_state got;

    assert_int_equal(courier_state_get(&h->a, &got), OK);
    return got;
}

/* Until no mail waits, which the test's own limit of time ends. */
static void delivered_await(struct house *h)
{
    const struct timespec moment = { .tv_nsec = 5000000 };

    while (now_is(h).mails_waiting > 0)
        nanosleep(&moment, NULL);
}

TEST(without_a_courier_nobody_is_woken)
{
    courier_wake(NULL);
}

TEST(a_mail_that_is_queued_lands_in_the_folder)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct settings_mail before;
    struct folder_list list;
    struct buffer letter;
    char folder[96];

    snprintf(folder, sizeof folder, "%s/mail", h->folder);
    before = carrier_put(h, (struct settings_mail){ .folder = folder,
                                                    .from = "keys@venue.example" });
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    queued(h, account);
    delivered_await(h);
    courier_close(&h->a.courier);
    assert_null(h->a.courier);
    assert_int_equal(folder_list_read(folder, &list), OK);
    assert_int_equal(list.count, 1);
    buffer_init(&letter);
    assert_int_equal(folder_letter_read(folder, list.names[0], &letter), OK);
    assert_non_null(strstr(letter.at, "To: <ada@example.com>\r\n"));
    assert_non_null(strstr(letter.at, "Subject: Choose a new password\r\n"));
    assert_non_null(strstr(letter.at, "/console/#/link/password/THE-TOKEN\r\n"));
    buffer_wipe(&letter);
    folder_list_wipe(&list);
    carrier_put(h, before);
    house_close(h);
}

TEST(what_was_queued_or_under_way_before_a_restart_is_sent_after_it)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct settings_mail before;
    struct store_mail *row = calloc(1, sizeof *row);
    char folder[96];
    struct store_tx *tx;
    bool present;

    before = carrier_put(h, (struct settings_mail){ .folder = NULL });
    queued(h, account);
    queued(h, account);
    /* One was claimed when the process died. */
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mail_due_find(tx, test_now_ns, row, &present), OK);
    assert_true(present);
    row->state = DELIVERY_UNDER_WAY;
    assert_int_equal(store_mail_set(tx, row), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_false(now_is(h).has_carrier);
    assert_int_equal(now_is(h).mails_waiting, 2);
    snprintf(folder, sizeof folder, "%s/mail", h->folder);
    carrier_put(h, (struct settings_mail){ .folder = folder, .from = "keys@venue.example" });
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    delivered_await(h);
    courier_close(&h->a.courier);
    assert_int_equal(now_is(h).mails_given_up, 0);
    free(row);
    carrier_put(h, before);
    house_close(h);
}

TEST(after_three_days_it_gives_up_and_says_so)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct settings_mail before;
    size_t given_up = 0;
    struct store_tx *tx;

    before = carrier_put(h, (struct settings_mail){ .folder = "/dev/null/nowhere",
                                                    .from = "keys@venue.example" });
    queued(h, account);
    test_now_ns += 3 * DAY_NS;
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    delivered_await(h);
    courier_close(&h->a.courier);
    assert_int_equal(now_is(h).mails_given_up, 1);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_events_each(tx, account, 0, 100, given_up_count, &given_up), OK);
    store_rollback(&tx);
    assert_int_equal(given_up, 1);
    carrier_put(h, before);
    house_close(h);
}

/* ---- webhooks ---- */

/* A receiver that answers one request. */
struct receiver {
    int fd;
    char url[64];
    const char *answer;
    char request[8192];
    pthread_t thread;
};

static void *receiver_serve(void *context)
{
    struct receiver *r = context;
    int fd = accept(r->fd, NULL, NULL);
    const char *body = NULL;
    size_t got = 0, length = 0;

    while (body == NULL || strlen(body) < length) {
        ssize_t more = read(fd, r->request + got, sizeof r->request - 1 - got);

        if (more <= 0)
            break;
        got += (size_t)more;
        body = strstr(r->request, "\r\n\r\n");
        if (body != NULL) {
            body += 4;
            length = strtoul(strstr(r->request, "Content-Length: ") + 16, NULL, 10);
        }
    }
    send(fd, r->answer, strlen(r->answer), MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static void receiver_open(struct receiver *r, const char *answer)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;

    *r = (struct receiver){ .answer = answer };
    r->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(r->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(r->fd, 1), 0);
    assert_int_equal(getsockname(r->fd, (struct sockaddr *)&at, &size), 0);
    snprintf(r->url, sizeof r->url, "http://127.0.0.1:%u/hook", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&r->thread, NULL, receiver_serve, r), 0);
}

static void receiver_close(struct receiver *r)
{
    pthread_join(r->thread, NULL);
    close(r->fd);
}

/* The value of a header of the request. */
static void header_take(const struct receiver *r, const char *name, char *value, size_t size)
{
    const char *at = strcasestr(r->request, name);

    assert_non_null(at);
    at += strlen(name) + 2;
    snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
}

static struct webhook_grant webhook_made(struct house *h, uint64_t account, struct phone *phone,
                                         const char *url)
{
    static const uint8_t operation[OPERATION_SIZE] = "what is confirmed";
    struct proof proof = { .kind = PROOF_CODE };
    struct webhook_request r = { .who = "tester", .account = account, .proof = &proof,
                                 .operation = operation };
    struct webhook_application ask = { .url = slice_of(url) };
    struct webhook_grant grant;

    h->settings->webhooks_private = true;
    test_now_ns += 30 * NS_PER_S;
    proof.code = phone_code(phone, 0);
    assert_int_equal(webhook_create(&h->a, &r, &ask, &grant, &h->r), OK);
    assert_false(refusal_is(&h->r));
    return grant;
}

/* The newest delivery, once it was tried. */
static struct store_webhook_delivery tried_await(struct house *h, uint64_t account, uint64_t id)
{
    const struct timespec moment = { .tv_nsec = 5000000 };
    struct store_webhook_delivery d = { .id = 0 };
    size_t count = 0;

    do {
        nanosleep(&moment, NULL);
        assert_int_equal(webhook_deliveries(&h->a, account, id, 0, &d, 1, &count, &h->r), OK);
    } while (count == 0 || d.attempt_count == 0 || d.state == DELIVERY_UNDER_WAY);
    return d;
}

TEST(a_delivery_is_signed_as_standard_webhooks_says)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    char id[64], at[64], signature[128], signed_text[8192], expected[64];
    uint8_t secret[WEBHOOK_SECRET_BYTES], mac[32];
    struct store_webhook_delivery d;
    struct webhook_grant grant;
    struct receiver r;
    unsigned mac_size;

    receiver_open(&r, "HTTP/1.1 204 No Content\r\n\r\n");
    grant = webhook_made(h, account, &phone, r.url);
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    assert_int_equal(webhook_test(&h->a, account, grant.webhook.id, &h->r), OK);
    d = tried_await(h, account, grant.webhook.id);
    courier_close(&h->a.courier);
    receiver_close(&r);
    assert_int_equal(d.state, DELIVERY_DONE);
    assert_int_equal(d.status, 204);
    header_take(&r, "webhook-id", id, sizeof id);
    header_take(&r, "webhook-timestamp", at, sizeof at);
    header_take(&r, "webhook-signature", signature, sizeof signature);
    snprintf(signed_text, sizeof signed_text, "%s.%s.%s", id, at,
             strstr(r.request, "\r\n\r\n") + 4);
    assert_int_equal(sodium_base642bin(secret, sizeof secret, grant.secret + 6,
                                       strlen(grant.secret + 6), NULL, NULL, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    HMAC(EVP_sha256(), secret, sizeof secret, (const uint8_t *)signed_text, strlen(signed_text),
         mac, &mac_size);
    sodium_bin2base64(expected, sizeof expected, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    assert_memory_equal(signature, "v1,", 3);
    assert_string_equal(signature + 3, expected);
    assert_int_equal(strtoull(at, NULL, 10), test_now_ns / NS_PER_S);
    assert_non_null(strstr(signed_text, "{\"type\":\"webhook.test\",\"timestamp\":\""));
    free(phone.seed);
    house_close(h);
}

TEST(a_receiver_that_fails_is_tried_again_and_disabled_after_five_days)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    struct store_webhook_delivery d;
    struct store_webhook list[WEBHOOKS_MOST];
    struct webhook_grant grant;
    struct receiver r;
    size_t count;

    receiver_open(&r, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    grant = webhook_made(h, account, &phone, r.url);
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    assert_int_equal(webhook_test(&h->a, account, grant.webhook.id, &h->r), OK);
    d = tried_await(h, account, grant.webhook.id);
    courier_close(&h->a.courier);
    receiver_close(&r);
    assert_int_equal(d.state, DELIVERY_WAITING);
    assert_int_equal(d.status, 503);
    assert_true(d.due_at_ns >= test_now_ns + 5 * NS_PER_S);
    assert_true(d.due_at_ns <= test_now_ns + 7 * NS_PER_S);
    assert_int_equal(webhook_list(&h->a, account, list, &count), OK);
    assert_int_equal(list[0].failing_since_ns, test_now_ns);
    test_now_ns += 5 * DAY_NS;
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK); /* nobody listens any more */
    while (list[0].state == WEBHOOK_ON)
        assert_int_equal(webhook_list(&h->a, account, list, &count), OK);
    courier_close(&h->a.courier);
    assert_int_equal(list[0].state, WEBHOOK_DISABLED);
    assert_int_equal(webhook_test(&h->a, account, grant.webhook.id, &h->r), OK);
    assert_true(refused(h, "webhook-disabled", "make a new one"));
    free(phone.seed);
    house_close(h);
}

TEST_MAIN
