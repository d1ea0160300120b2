#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/smtp.h"

/* A mail server that follows a script: what it says to each command; NULL hangs up. */
struct script {
    const char *greeting, *ehlo, *mail, *rcpt, *data, *end;
};
static const struct script willing = { "220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", "250 ok\r\n",
                                       "250 ok\r\n", "354 go\r\n", "250 queued\r\n" };

struct server {
    struct script script;
    int fd;
    char url[64];
    char heard[4096];
    pthread_t thread;
};

static const char *reply_to(const struct script *s, const char *line, bool *inside)
{
    if (*inside) {
        *inside = strcmp(line, ".\r\n") != 0;
        return *inside ? "" : s->end;
    }
    if (strncmp(line, "EHLO", 4) == 0 || strncmp(line, "HELO", 4) == 0)
        return s->ehlo;
    if (strncmp(line, "MAIL", 4) == 0)
        return s->mail;
    if (strncmp(line, "RCPT", 4) == 0)
        return s->rcpt;
    if (strncmp(line, "AUTH", 4) == 0)
        return "235 welcome\r\n";
    if (strncmp(line, "QUIT", 4) == 0)
        return "221 bye\r\n";
    *inside = s->data != NULL && s->data[0] == '3';
    return s->data;
}

static void *server_serve(void *context)
{
    struct server *s = context;
    int fd = accept(s->fd, NULL, NULL);
    FILE *in = fdopen(fd, "r");
    const char *reply = s->script.greeting;
    bool inside = false;
    char line[1024];

    while (reply != NULL) {
        send(fd, reply, strlen(reply), MSG_NOSIGNAL);
        if (fgets(line, sizeof line, in) == NULL)
            break;
        strncat(s->heard, line, sizeof s->heard - strlen(s->heard) - 1);
        reply = reply_to(&s->script, line, &inside);
    }
    fclose(in);
    return NULL;
}

static enum smtp_outcome sent(struct server *s, struct smtp_server to,
                              char words[SMTP_WORDS_SIZE])
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    struct smtp_transfer *t;
    enum smtp_outcome outcome;

    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->fd, 1), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &size), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, server_serve, s), 0);
    snprintf(s->url, sizeof s->url, "smtp://127.0.0.1:%u", ntohs(at.sin_port));
    to.url = s->url;
    assert_int_equal(smtp_transfer_open(&to, "keys@venue.example", "ada@example.com",
                                        SLICE("Subject: x\r\n\r\n.dot\r\nend\r\n"), &t, words),
                     OK);
    outcome = smtp_transfer_outcome(t, curl_easy_perform(smtp_transfer_curl(t)), words);
    smtp_transfer_close(&t);
    pthread_join(s->thread, NULL);
    close(s->fd);
    return outcome;
}

TEST(a_letter_reaches_a_willing_server)
{
    struct server s = { .script = willing };
    char words[SMTP_WORDS_SIZE];

    assert_int_equal(sent(&s, (struct smtp_server){ 0 }, words), SMTP_SENT);
    assert_non_null(strstr(s.heard, "MAIL FROM:<keys@venue.example>"));
    assert_non_null(strstr(s.heard, "RCPT TO:<ada@example.com>"));
    assert_non_null(strstr(s.heard, "\r\n..dot\r\nend\r\n.\r\n"));
}

TEST(what_the_server_says_decides_whether_to_try_again)
{
    static const struct {
        struct script script;
        enum smtp_outcome outcome;
        const char *words;
    } cases[] = {
        { { "220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "550 5.1.1 no such box\r\n", "", "" },
          SMTP_NEVER, "550 5.1.1 no such box" },
        { { "220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "451 4.7.1 come back\r\n", "", "" },
          SMTP_LATER, "451 4.7.1 come back" },
        { { "220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n",
            "554 5.7.1 spam\r\n" },
          SMTP_NEVER, "554 5.7.1 spam" },
        { { "220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n",
            "452 4.3.1 disk full\r\n" },
          SMTP_LATER, "452" },
        { { "220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", NULL },
          SMTP_LATER, "" },
        { { "220 hi\r\n", "250 hi\r\n", "530 5.7.0 log in first\r\n", "", "", "" },
          SMTP_LATER, "530" },
        { { "421 busy\r\n", "", "", "", "", "" }, SMTP_LATER, "" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server s = { .script = cases[i].script };
        char words[SMTP_WORDS_SIZE];

        assert_int_equal(sent(&s, (struct smtp_server){ 0 }, words), cases[i].outcome);
        assert_true(words[0] != '\0');
        assert_non_null(strstr(words, cases[i].words));
    }
}

TEST(without_encryption_neither_password_nor_letter_leaves)
{
    struct server s = { .script = willing };
    char words[SMTP_WORDS_SIZE];

    assert_int_equal(sent(&s, (struct smtp_server){ .starttls = true }, words), SMTP_LATER);
    assert_null(strstr(s.heard, "MAIL"));
    assert_null(strstr(s.heard, "AUTH"));
}

TEST(the_password_comes_from_a_file_that_only_we_can_read)
{
    char path[] = "/tmp/latchkey-password-XXXXXX", words[SMTP_WORDS_SIZE];
    struct smtp_server to = { .url = "smtp://127.0.0.1:9", .user = "latchkey",
                              .password_file = path };
    struct server s = { .script = willing };
    struct smtp_transfer *t;
    int fd = mkstemp(path);

    assert_true(write(fd, "open sesame\n", 12) == 12);
    close(fd);
    assert_int_equal(sent(&s, to, words), SMTP_SENT);
    /* "\0latchkey\0open sesame" */
    assert_non_null(strstr(s.heard, "AGxhdGNoa2V5AG9wZW4gc2VzYW1l"));
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(smtp_transfer_open(&to, "a@b.c", "d@e.f", SLICE("x"), &t, words), ERR_DENIED);
    assert_non_null(strstr(words, "chmod 0600"));
    unlink(path);
    assert_int_equal(smtp_transfer_open(&to, "a@b.c", "d@e.f", SLICE("x"), &t, words),
                     ERR_MISSING);
    assert_null(t);
}

TEST_MAIN
