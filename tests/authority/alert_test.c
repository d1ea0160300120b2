#include "../test.h"

#include <signal.h>
#include <sys/wait.h>

#include "leak_rig.h"

#include "alert_rig.h"
#include "authority/alert_journal.h"

struct scene {
    struct owner o;
    struct service service;
    struct leak_origin origins[2];
    struct alert_desk *desk;
    char secret[SECRET_TEXT_SIZE + 1];
    char token_file[64];
    struct buffer reply;
    const char *identifier, *signature, *authorization; /* what the sender shows */
};

static void desk_begin(struct scene *s)
{
    char folder[64];

    snprintf(folder, sizeof folder, "%s/alert-keys", s->o.house->folder);
    assert_int_equal(alert_desk_open(&s->o.house->a, folder, &s->desk), OK);
}

static void scene_begin(struct scene *s)
{
    int fd;

    *s = (struct scene){ .identifier = "first" };
    owner_begin(&s->o, "live", NULL);
    service_begin(&s->service);
    snprintf(s->secret, sizeof s->secret, "%.*s", (int)s->o.key.secret.size,
             (char *)s->o.key.secret.bytes);
    snprintf(s->token_file, sizeof s->token_file, "/tmp/latchkey-token-XXXXXX");
    fd = mkstemp(s->token_file);
    assert_int_equal(write(fd, "gitlab's token\n", 15), 15);
    close(fd);
    s->origins[0] = service_origin(&s->service);
    s->origins[1] = (struct leak_origin){ .name = "gitlab", .token_file = s->token_file };
    s->o.house->settings->leak.origins = s->origins;
    s->o.house->settings->leak.origin_count = 2;
    buffer_init(&s->reply);
    desk_begin(s);
}

static void scene_end(struct scene *s)
{
    alert_desk_close(&s->desk);
    buffer_wipe(&s->reply);
    unlink(s->token_file);
    s->o.house->settings->leak.origin_count = 0;
    service_end(&s->service);
    owner_end(&s->o);
}

static const char *header_get(void *context, const char *name)
{
    const struct scene *s = context;

    if (strcmp(name, "Github-Public-Key-Identifier") == 0)
        return s->identifier;
    if (strcmp(name, "Github-Public-Key-Signature") == 0)
        return s->signature;
    return strcmp(name, "Authorization") == 0 ? s->authorization : NULL;
}

static enum alert_answer sent(struct scene *s, const char *origin, struct slice body)
{
    const struct alert alert = { slice_of(origin), header_get, s, body };
    enum alert_answer answer;

    buffer_wipe(&s->reply);
    buffer_init(&s->reply);
    assert_int_equal(alert_take(s->desk, &alert, &s->reply, &answer), OK);
    return answer;
}

/* An alert with one token, signed. */
static enum alert_answer told(struct scene *s, const char *token)
{
    char body[512];

    snprintf(body, sizeof body,
             "[{\"token\":\"%s\",\"type\":\"any_type\",\"url\":\"https://git.example/leak\","
             "\"source\":\"commit\"}]",
             token);
    service_sign(&s->service, slice_of(body));
    s->signature = s->service.signature;
    return sent(s, "github", slice_of(body));
}

static bool reply_says(const struct scene *s, const char *words)
{
    return memmem(s->reply.at, s->reply.size, words, strlen(words)) != NULL;
}

TEST(a_secret_is_dead_before_its_sender_is_answered_and_its_owner_hears_once)
{
    struct scene s;

    scene_begin(&s);
    assert_int_equal(told(&s, s.secret), ALERT_TAKEN);
    assert_true(reply_says(&s, "\"label\":\"true_positive\""));
    assert_true(reply_says(&s, "\"token_type\":\"any_type\""));
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_REVOKED);
    assert_int_equal(leak_mails(&s.o).count, 1);
    assert_non_null(strstr(leak_mails(&s.o).last, "https://git.example/leak"));
    assert_int_equal(told(&s, s.secret), ALERT_TAKEN);
    assert_true(reply_says(&s, "\"label\":\"true_positive\"")); /* though it is revoked already */
    assert_int_equal(leak_mails(&s.o).count, 1);
    scene_end(&s);
}

TEST(what_is_no_key_of_ours_is_a_false_positive)
{
    struct scene s;
    char other[SECRET_TEXT_SIZE + 1];

    scene_begin(&s);
    assert_int_equal(told(&s, "some_token"), ALERT_TAKEN);
    assert_true(reply_says(&s, "\"label\":\"false_positive\""));
    snprintf(other, sizeof other, "lks_test_%038d4e004qz0", 0); /* right checksum, never issued */
    assert_int_equal(told(&s, other), ALERT_TAKEN);
    assert_true(reply_says(&s, "\"label\":\"false_positive\""));
    snprintf(other, sizeof other, "%s", s.secret);
    other[20] = other[20] == 'x' ? 'y' : 'x'; /* wrong checksum */
    assert_int_equal(told(&s, other), ALERT_TAKEN);
    assert_true(reply_says(&s, "\"label\":\"false_positive\""));
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_ACTIVE);
    scene_end(&s);
}

TEST(an_alert_that_somebody_else_wrote_kills_nothing)
{
    struct scene s;
    char body[200] = "";
    size_t size;

    scene_begin(&s);
    size = (size_t)snprintf(body, sizeof body - 1,
                            "[{\"token\":\"%s\",\"type\":\"t\",\"url\":\"\"}]", s.secret);
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_NOT_AUTHENTIC);
    service_sign(&s.service, slice_of(body));
    s.signature = s.service.signature;
    body[size] = '\n'; /* one byte more than was signed */
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_NOT_AUTHENTIC);
    body[size] = '\0';
    body[3] = 'T';
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_NOT_AUTHENTIC);
    body[3] = 't';
    s.signature = "not base64 or DER";
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_NOT_AUTHENTIC);
    s.signature = "MEUCIQ==";
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_NOT_AUTHENTIC);
    s.signature = s.service.signature;
    s.identifier = "unheard of";
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_SIGNER_UNKNOWN);
    assert_int_equal(sent(&s, "nobody", slice_of(body)), ALERT_ORIGIN_UNKNOWN);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_ACTIVE);
    s.identifier = "first";
    assert_int_equal(sent(&s, "github", slice_of(body)), ALERT_TAKEN);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_REVOKED);
    scene_end(&s);
}

TEST(a_signed_body_that_is_no_alert_is_told_so)
{
    struct scene s;

    scene_begin(&s);
    service_sign(&s.service, SLICE("{}"));
    s.signature = s.service.signature;
    assert_int_equal(sent(&s, "github", SLICE("{}")), ALERT_MALFORMED);
    scene_end(&s);
}

TEST(an_origin_with_a_token_is_believed_by_it)
{
    struct scene s;
    char body[200];

    scene_begin(&s);
    snprintf(body, sizeof body, "[{\"token\":\"%s\",\"type\":\"t\",\"location\":\"here\"}]",
             s.secret);
    assert_int_equal(sent(&s, "gitlab", slice_of(body)), ALERT_NOT_AUTHENTIC);
    s.authorization = "Bearer another token";
    assert_int_equal(sent(&s, "gitlab", slice_of(body)), ALERT_NOT_AUTHENTIC);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_ACTIVE);
    s.authorization = "Bearer gitlab's token";
    assert_int_equal(sent(&s, "gitlab", slice_of(body)), ALERT_TAKEN);
    assert_int_equal(s.reply.size, 0);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_REVOKED);
    scene_end(&s);
}

/* Its writer died between the journal and the reaction. */
TEST(what_an_earlier_process_has_left_is_done_at_the_start)
{
    struct store_alert row = { .origin = "github", .entries = 1 };
    struct scene s;
    char body[200];

    scene_begin(&s);
    alert_desk_close(&s.desk);
    snprintf(body, sizeof body, "[{\"token\":\"%s\",\"type\":\"t\",\"url\":\"u\"}]", s.secret);
    assert_int_equal(alert_journal_write(&s.o.house->a, &row, slice_of(body)), OK);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_ACTIVE);
    desk_begin(&s);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_REVOKED);
    assert_int_equal(leak_mails(&s.o).count, 1);
    scene_end(&s);
}

static enum err die(void *context, struct store_tx *tx, const struct leak_result *results,
                    size_t count)
{
    (void)context, (void)tx, (void)results, (void)count;
    kill(getpid(), SIGKILL);
    return OK;
}

/* All of the reaction is done, and nothing of it is committed. */
static void dead_before_the_commit(struct house *h, struct slice body,
                                   const struct leak_finding *finding)
{
    struct store_alert row = { .origin = "github", .entries = 1 };
    const struct leak_also also = { .run = die };
    struct leak_result result;
    pid_t child = fork();
    int status;

    if (child == 0) {
        house_start(h);
        if (alert_journal_write(&h->a, &row, body) == OK &&
            leaks_take_also(&h->a, "alert", finding, 1, &result, &also) == OK)
            _exit(0);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(a_reaction_that_was_killed_before_its_commit_is_made_once_at_the_start)
{
    struct leak_finding finding;
    struct scene s;
    char body[200];

    scene_begin(&s);
    finding = secret_found(&s.o);
    snprintf(body, sizeof body, "[{\"token\":\"%s\",\"type\":\"t\",\"url\":\"u\"}]", s.secret);
    alert_desk_close(&s.desk);
    house_stop(s.o.house);
    for (int times = 0; times < 2; times++)
        dead_before_the_commit(s.o.house, slice_of(body), &finding);
    house_start(s.o.house);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_ACTIVE);
    assert_int_equal(leak_mails(&s.o).count, 0);
    s.o.house->settings->leak.origins = s.origins;
    s.o.house->settings->leak.origin_count = 2;
    desk_begin(&s);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_REVOKED);
    assert_int_equal(leak_mails(&s.o).count, 1);
    scene_end(&s);
}

/* The commit is all that there was time for: the gateways have not heard of it. */
TEST(a_reaction_that_was_killed_after_its_commit_is_published_at_the_start_and_mailed_once)
{
    struct publisher *publisher;
    struct scene s;

    scene_begin(&s);
    publisher = s.o.house->a.publisher;
    s.o.house->a.publisher = NULL;
    assert_int_equal(told(&s, s.secret), ALERT_TAKEN);
    s.o.house->a.publisher = publisher;
    alert_desk_close(&s.desk);
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_ACTIVE);
    house_stop(s.o.house);
    house_start(s.o.house);
    s.o.house->settings->leak.origins = s.origins;
    s.o.house->settings->leak.origin_count = 2;
    assert_int_equal(fixed_of(s.o.house, &s.o.key).state, KEY_REVOKED);
    desk_begin(&s);
    assert_int_equal(told(&s, s.secret), ALERT_TAKEN);
    assert_true(reply_says(&s, "\"label\":\"true_positive\""));
    assert_int_equal(leak_mails(&s.o).count, 1);
    scene_end(&s);
}

TEST_MAIN
