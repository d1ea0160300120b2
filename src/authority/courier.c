#include "authority/courier.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/postbox.h"
#include "authority/settings.h"
#include "authority/warning.h"
#include "authority/webhook.h"
#include "base/log.h"
#include "mail/folder.h"
#include "mail/message.h"
#include "mail/smtp.h"
#include "store/links.h"

enum {
    MAILS_AT_ONCE = 4, /* what one mail server takes from one client without a frown */
    HOOKS_AT_ONCE = 16,
    ERRAND_COUNT = MAILS_AT_ONCE + HOOKS_AT_ONCE,
    BACKOFF_FIRST_S = 5,
    BACKOFF_FACTOR = 4,
    BACKOFF_MOST_S = 7200,
    GIVE_UP_DAYS = 3,
    DISABLE_DAYS = 5,
    KEEP_DAYS = 30,
    FORGET_MOST = 1000, /* in one turn */
    TURN_MS = 60000,
    TURN_MORE_MS = 50,     /* while warnings of many keys are looked through */
    TURN_FAILING_MS = 1000, /* while the store does not answer */
};

enum ending { ENDING_NONE, ENDING_WELL, ENDING_LATER, ENDING_NEVER };

/* One mail or one delivery between its claim and its end in the store. */
struct errand {
    bool taken;
    enum ending ending; /* ENDING_NONE: under way */
    unsigned status;
    char words[DELIVERY_PROBLEM_SIZE];
    struct smtp_transfer *transfer;
    struct post *post;
    struct store_mail mail; /* of the first MAILS_AT_ONCE errands */
    struct store_webhook_delivery delivery; /* of the others */
    struct store_webhook webhook;
    struct store_event event;
};

struct courier {
    struct authority *authority;
    CURLM *multi;
    pthread_t thread;
    _Atomic bool stopping;
    struct warning_round round;
    uint64_t forgot_at_ns;
    struct errand errands[ERRAND_COUNT];
};

void courier_wake(struct courier *courier)
{
    if (courier != NULL)
        curl_multi_wakeup(courier->multi);
}

static bool has_carrier(const struct authority *a)
{
    return a->settings->mail.server != NULL || a->settings->mail.folder != NULL;
}

static bool is_mail(const struct courier *c, const struct errand *errand)
{
    return errand < c->errands + MAILS_AT_ONCE;
}

/* After the attempt with this number, counted from 1. */
static uint64_t backoff_ns(uint32_t attempt)
{
    uint64_t s = BACKOFF_FIRST_S;

    for (uint32_t i = 1; i < attempt && s < BACKOFF_MOST_S; i++)
        s *= BACKOFF_FACTOR;
    if (s > BACKOFF_MOST_S)
        s = BACKOFF_MOST_S;
    return s * NS_PER_S + randombytes_uniform((uint32_t)(s * 250)) * NS_PER_MS;
}

/* ---- claims ---- */

static enum err mail_claim(struct courier *c, struct store_tx *tx, struct errand *errand)
{
    uint64_t now_ns = c->authority->now_ns();
    struct store_mail *m = &errand->mail;
    enum err e;

    TRY(store_mail_due_find(tx, now_ns, m, &errand->taken));
    if (!errand->taken)
        goto out;
    m->state = DELIVERY_UNDER_WAY;
    m->attempt_count++;
    m->due_at_ns = now_ns + backoff_ns(m->attempt_count);
    e = store_mail_set(tx, m);
out:
    return e;
}

static enum err hook_claim(struct courier *c, struct store_tx *tx, struct errand *errand)
{
    uint64_t now_ns = c->authority->now_ns();
    struct store_webhook_delivery *d = &errand->delivery;
    enum err e;

    TRY(store_webhook_due_find(tx, now_ns, d, &errand->taken));
    if (!errand->taken)
        goto out;
    TRY(store_webhook_get(tx, d->webhook, &errand->webhook));
    TRY(store_event_get(tx, d->event, &errand->event));
    d->state = DELIVERY_UNDER_WAY;
    d->attempt_count++;
    d->due_at_ns = now_ns + backoff_ns(d->attempt_count);
    e = store_webhook_delivery_set(tx, d);
out:
    return e;
}

/* Fills free errands with what is due.  *claimed: how many. */
static enum err errands_claim(struct courier *c, size_t *claimed, bool fresh[ERRAND_COUNT])
{
    struct store_tx *tx = NULL;
    bool more[2] = { has_carrier(c->authority), true }; /* hooks, as is_mail says; mails first */
    enum err e;

    *claimed = 0;
    TRY(store_begin(c->authority->store, &tx));
    for (size_t i = 0; i < ERRAND_COUNT; i++) {
        struct errand *errand = &c->errands[i];
        bool mail = is_mail(c, errand);

        if (errand->taken || !more[mail ? 0 : 1])
            continue;
        *errand = (struct errand){ .taken = false };
        fresh[i] = true; /* also when the claim fails half done */
        TRY(mail ? mail_claim(c, tx, errand) : hook_claim(c, tx, errand));
        fresh[i] = more[mail ? 0 : 1] = errand->taken;
        *claimed += errand->taken;
    }
    if (*claimed > 0)
        TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}

/* ---- starts ---- */

static void errand_end(struct errand *errand, enum ending ending, const char *words)
{
    errand->ending = ending;
    snprintf(errand->words, sizeof errand->words, "%s", words);
}

/* "subject LF LF text" */
static void content_split(struct slice content, struct slice *subject, struct slice *text)
{
    const char *end = memchr(content.at, '\n', content.size);

    *subject = content;
    *text = SLICE_EMPTY;
    if (end == NULL)
        return;
    subject->size = (size_t)(end - content.at);
    *text = slice_from(content, subject->size + 1);
    if (text->size > 0 && text->at[0] == '\n')
        *text = slice_from(*text, 1);
}

static enum err letter_format(struct courier *c, const struct errand *errand,
                              struct buffer *letter)
{
    struct message m = { .from = c->authority->settings->mail.from, .to = errand->mail.recipient,
                         .id = errand->mail.id, .made_at_ns = errand->mail.made_at_ns };
    struct buffer content;
    enum err e;

    buffer_init(&content);
    TRY(mail_open(c->authority, &errand->mail, &content));
    content_split(buffer_slice(&content), &m.subject, &m.text);
    e = message_format(&m, letter);
out:
    if (content.at != NULL)
        sodium_memzero(content.at, content.size);
    buffer_wipe(&content);
    return e;
}

static void letter_file(struct courier *c, struct errand *errand, struct slice letter)
{
    enum err e = folder_send(c->authority->settings->mail.folder, c->authority->now_ns(),
                             errand->mail.id, letter);

    errand_end(errand, e == OK ? ENDING_WELL : ENDING_LATER, e == OK ? "" : err_text(e));
}

static void mail_start(struct courier *c, struct errand *errand)
{
    const struct settings_mail *s = &c->authority->settings->mail;
    const struct smtp_server server = { .url = s->server, .user = s->user, .ca = s->ca,
                                        .password_file = s->password_file,
                                        .starttls = s->starttls };
    char words[SMTP_WORDS_SIZE] = "";
    struct buffer letter;
    enum err e;

    buffer_init(&letter);
    TRY(letter_format(c, errand, &letter));
    if (s->server == NULL) {
        letter_file(c, errand, buffer_slice(&letter));
        goto out;
    }
    TRY(smtp_transfer_open(&server, s->from, errand->mail.recipient, buffer_slice(&letter),
                           &errand->transfer, words));
    curl_easy_setopt(smtp_transfer_curl(errand->transfer), CURLOPT_PRIVATE, errand);
    if (curl_multi_add_handle(c->multi, smtp_transfer_curl(errand->transfer)) != CURLM_OK)
        e = ERR_MEMORY;
out:
    if (e != OK)
        errand_end(errand, ENDING_LATER, words[0] != '\0' ? words : err_text(e));
    if (letter.at != NULL)
        sodium_memzero(letter.at, letter.size);
    buffer_wipe(&letter);
}

static void hook_start(struct courier *c, struct errand *errand)
{
    enum err e;

    if (errand->webhook.state != WEBHOOK_ON) {
        errand_end(errand, ENDING_NEVER, "the webhook is not on any more");
        return;
    }
    TRY(webhook_post_open(c->authority, &errand->webhook, &errand->event, &errand->post));
    curl_easy_setopt(post_curl(errand->post), CURLOPT_PRIVATE, errand);
    if (curl_multi_add_handle(c->multi, post_curl(errand->post)) != CURLM_OK)
        e = ERR_MEMORY;
out:
    if (e != OK)
        errand_end(errand, ENDING_LATER, err_text(e));
}

static enum err errands_take(struct courier *c)
{
    bool fresh[ERRAND_COUNT] = { false };
    size_t claimed;
    enum err e = errands_claim(c, &claimed, fresh);

    for (size_t i = 0; i < ERRAND_COUNT; i++) {
        if (!fresh[i])
            continue;
        if (e != OK)
            c->errands[i].taken = false; /* the claim was rolled back */
        else if (is_mail(c, &c->errands[i]))
            mail_start(c, &c->errands[i]);
        else
            hook_start(c, &c->errands[i]);
    }
    return e;
}

/* ---- ends ---- */

static void mail_judge(struct errand *errand, CURLcode code)
{
    static const enum ending endings[] = { [SMTP_SENT] = ENDING_WELL,
                                           [SMTP_LATER] = ENDING_LATER,
                                           [SMTP_NEVER] = ENDING_NEVER };
    char words[SMTP_WORDS_SIZE];
    enum smtp_outcome outcome = smtp_transfer_outcome(errand->transfer, code, words);

    errand_end(errand, endings[outcome], words);
}

static void hook_judge(struct errand *errand, CURLcode code)
{
    char words[POST_WORDS_SIZE];
    bool arrived = post_outcome(errand->post, code, &errand->status, words);

    errand_end(errand, arrived ? ENDING_WELL : ENDING_LATER, words);
}

static void transfers_collect(struct courier *c)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        CURL *curl = message->easy_handle;
        struct errand *errand = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &errand);
        curl_multi_remove_handle(c->multi, curl);
        if (is_mail(c, errand))
            mail_judge(errand, code);
        else
            hook_judge(errand, code);
        smtp_transfer_close(&errand->transfer);
        post_close(&errand->post);
    }
}

static enum delivery_state state_after(const struct errand *errand, uint64_t age_ns)
{
    if (errand->ending == ENDING_WELL)
        return DELIVERY_DONE;
    return errand->ending == ENDING_NEVER || age_ns >= GIVE_UP_DAYS * DAY_NS ? DELIVERY_GIVEN_UP
                                                                             : DELIVERY_WAITING;
}

static enum err mail_settle(struct courier *c, struct store_tx *tx, struct errand *errand)
{
    struct authority *a = c->authority;
    struct store_mail *m = &errand->mail;
    uint64_t now_ns = a->now_ns();
    enum err e;

    m->state = state_after(errand, now_ns > m->made_at_ns ? now_ns - m->made_at_ns : 0);
    m->done_at_ns = m->state == DELIVERY_WAITING ? 0 : now_ns;
    snprintf(m->problem, sizeof m->problem, "%s", errand->words);
    TRY(store_mail_set(tx, m));
    if (m->state == DELIVERY_GIVEN_UP && m->account != 0)
        e = event_write(a, tx,
                        &(struct event){ .kind = EVENT_MAIL_GIVEN_UP, .account = m->account,
                                         .data = json_pack("{s:s, s:s%}", "to", m->recipient,
                                                           "reason", m->problem,
                                                           strlen(m->problem)) });
out:
    return e;
}

/* Too long without a success: the owner hears of it by mail. */
static enum err webhook_disable(struct authority *a, struct store_tx *tx, struct store_webhook *w)
{
    char what[64];
    enum err e;

    snprintf(what, sizeof what, "disabled: nothing arrived for %d days", DISABLE_DAYS);
    w->state = WEBHOOK_DISABLED;
    TRY(store_webhook_drop(tx, w->id, a->now_ns(), slice_of(what)));
    e = event_write(a, tx,
                    &(struct event){ .kind = EVENT_WEBHOOK_CHANGED, .account = w->account,
                                     .data = json_pack("{s:s, s:s}", "url", w->url, "what",
                                                       what) });
out:
    return e;
}

static enum err hook_settle(struct courier *c, struct store_tx *tx, struct errand *errand)
{
    struct store_webhook_delivery *d = &errand->delivery;
    uint64_t now_ns = c->authority->now_ns();
    struct store_webhook w;
    enum err e;

    d->state = state_after(errand, now_ns > d->made_at_ns ? now_ns - d->made_at_ns : 0);
    d->done_at_ns = d->state == DELIVERY_WAITING ? 0 : now_ns;
    d->status = errand->status;
    snprintf(d->problem, sizeof d->problem, "%s", errand->words);
    TRY(store_webhook_get(tx, d->webhook, &w)); /* it may have changed meanwhile */
    if (w.state != WEBHOOK_ON && d->state == DELIVERY_WAITING) {
        d->state = DELIVERY_GIVEN_UP;
        d->done_at_ns = now_ns;
    }
    TRY(store_webhook_delivery_set(tx, d));
    if (errand->ending == ENDING_WELL)
        w.failing_since_ns = 0;
    else if (w.failing_since_ns == 0)
        w.failing_since_ns = now_ns;
    if (w.state == WEBHOOK_ON && w.failing_since_ns != 0 &&
        now_ns >= w.failing_since_ns + DISABLE_DAYS * DAY_NS)
        TRY(webhook_disable(c->authority, tx, &w));
    e = store_webhook_set(tx, &w);
out:
    return e;
}

static void errand_tell(const struct courier *c, const struct errand *errand)
{
    if (errand->ending == ENDING_WELL)
        return;
    if (is_mail(c, errand))
        log_warn("courier", "mail %llu (%s), attempt %u: %s%s",
                 (unsigned long long)errand->mail.id, template_name(errand->mail.template),
                 errand->mail.attempt_count, errand->words,
                 errand->mail.state == DELIVERY_GIVEN_UP ? "; given up" : "");
    else if (errand->delivery.state == DELIVERY_GIVEN_UP)
        log_info("courier", "delivery %llu to webhook %llu: %s; given up",
                 (unsigned long long)errand->delivery.id,
                 (unsigned long long)errand->delivery.webhook, errand->words);
}

static enum err errands_settle(struct courier *c)
{
    struct store_tx *tx = NULL;
    size_t ended = 0;
    enum err e = OK;

    for (size_t i = 0; i < ERRAND_COUNT; i++)
        ended += c->errands[i].taken && c->errands[i].ending != ENDING_NONE;
    if (ended == 0)
        return OK;
    TRY(store_begin(c->authority->store, &tx));
    for (size_t i = 0; i < ERRAND_COUNT; i++) {
        struct errand *errand = &c->errands[i];

        if (errand->taken && errand->ending != ENDING_NONE)
            TRY(is_mail(c, errand) ? mail_settle(c, tx, errand) : hook_settle(c, tx, errand));
    }
    TRY(store_commit(&tx));
    for (size_t i = 0; i < ERRAND_COUNT; i++) {
        struct errand *errand = &c->errands[i];

        if (!errand->taken || errand->ending == ENDING_NONE)
            continue;
        errand_tell(c, errand);
        sodium_memzero(errand, sizeof *errand);
    }
out:
    store_rollback(&tx);
    return e;
}

/* ---- what comes round ---- */

static enum err old_forget(struct courier *c)
{
    uint64_t now_ns = c->authority->now_ns(), before_ns = now_ns - KEEP_DAYS * DAY_NS;
    struct store_tx *tx = NULL;
    enum err e = OK;

    if (now_ns < c->forgot_at_ns + 3600 * NS_PER_S)
        return OK;
    TRY(store_begin(c->authority->store, &tx));
    TRY(store_mails_forget(tx, before_ns, FORGET_MOST));
    TRY(store_webhook_deliveries_forget(tx, before_ns, FORGET_MOST));
    TRY(store_links_forget(tx, before_ns, FORGET_MOST));
    TRY(store_commit(&tx));
    c->forgot_at_ns = now_ns;
out:
    store_rollback(&tx);
    return e;
}

/* How long there is nothing to do but transfers. */
static enum err wait_get(struct courier *c, int *wait_ms)
{
    uint64_t now_ns = c->authority->now_ns(), due_ns[2] = { 0, 0 }, most_ns;
    struct store_tx *tx = NULL;
    bool has_room[2] = { false, false };
    enum err e;

    for (size_t i = 0; i < ERRAND_COUNT; i++)
        has_room[is_mail(c, &c->errands[i]) ? 0 : 1] |= !c->errands[i].taken;
    TRY(store_begin(c->authority->store, &tx));
    if (has_room[0] && has_carrier(c->authority))
        TRY(store_mails_due_get(tx, &due_ns[0]));
    if (has_room[1])
        TRY(store_webhook_due_get(tx, &due_ns[1]));
    most_ns = (uint64_t)*wait_ms * NS_PER_MS;
    for (size_t i = 0; i < 2; i++)
        if (due_ns[i] != 0 && due_ns[i] < now_ns + most_ns)
            most_ns = due_ns[i] > now_ns ? due_ns[i] - now_ns : 0;
    *wait_ms = (int)((most_ns + NS_PER_MS - 1) / NS_PER_MS);
out:
    store_rollback(&tx);
    return e;
}

static enum err courier_turn(struct courier *c, int *wait_ms)
{
    bool more = false;
    int under_way;
    enum err e;

    TRY(errands_take(c));
    curl_multi_perform(c->multi, &under_way);
    transfers_collect(c);
    TRY(errands_settle(c));
    TRY(old_forget(c));
    TRY(warning_turn(c->authority, &c->round, &more));
    *wait_ms = more ? TURN_MORE_MS : TURN_MS;
    e = wait_get(c, wait_ms);
out:
    return e;
}

static void *courier_run(void *context)
{
    struct courier *c = context;

    while (!c->stopping) {
        int wait_ms = TURN_FAILING_MS;
        enum err e = courier_turn(c, &wait_ms);

        if (e != OK && e != ERR_CONFLICT) {
            log_error("courier", "mail and webhooks wait: %s", err_text(e));
            wait_ms = TURN_FAILING_MS;
        }
        if (!c->stopping)
            curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL);
    }
    return NULL;
}

static enum err under_way_recover(struct authority *a)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_mails_recover(tx));
    TRY(store_webhook_deliveries_recover(tx));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

enum err courier_open(struct authority *a, struct courier **courier)
{
    struct courier *c = calloc(1, sizeof *c);
    enum err e = ERR_MEMORY;

    *courier = NULL;
    if (c == NULL)
        return ERR_MEMORY;
    c->authority = a;
    c->multi = curl_multi_init();
    if (c->multi == NULL)
        goto out;
    TRY(under_way_recover(a));
    if (pthread_create(&c->thread, NULL, courier_run, c) != 0) {
        e = ERR_MEMORY;
        goto out;
    }
    *courier = c;
    return OK;
out:
    if (c->multi != NULL)
        curl_multi_cleanup(c->multi);
    free(c);
    return e;
}

void courier_close(struct courier **courier)
{
    struct courier *c = *courier;

    *courier = NULL;
    if (c == NULL)
        return;
    c->stopping = true;
    curl_multi_wakeup(c->multi);
    pthread_join(c->thread, NULL);
    for (size_t i = 0; i < ERRAND_COUNT; i++) {
        struct errand *errand = &c->errands[i];

        if (errand->transfer != NULL)
            curl_multi_remove_handle(c->multi, smtp_transfer_curl(errand->transfer));
        if (errand->post != NULL)
            curl_multi_remove_handle(c->multi, post_curl(errand->post));
        smtp_transfer_close(&errand->transfer);
        post_close(&errand->post);
    }
    curl_multi_cleanup(c->multi);
    sodium_memzero(c, sizeof *c);
    free(c);
}

enum err courier_state_get(struct authority *a, struct courier_state *state)
{
    struct store_mails_state mails;
    struct store_tx *tx = NULL;
    uint64_t now_ns = a->now_ns();
    enum err e;

    *state = (struct courier_state){ .has_carrier = has_carrier(a) };
    TRY(store_begin(a->store, &tx));
    TRY(store_mails_state_get(tx, now_ns - 7 * DAY_NS, &mails));
    TRY(store_webhook_waiting_count(tx, &state->deliveries_waiting));
    state->mails_waiting = mails.waiting_count;
    state->mails_given_up = mails.given_up_count;
    if (mails.oldest_made_at_ns != 0 && now_ns > mails.oldest_made_at_ns)
        state->oldest_s = (now_ns - mails.oldest_made_at_ns) / NS_PER_S;
out:
    store_rollback(&tx);
    return e;
}
