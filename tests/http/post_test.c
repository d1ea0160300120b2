#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/post.h"

/* Takes one request, answers with fixed bytes. */
struct listener {
    int fd;
    unsigned port;
    const char *answer;
    char request[4096];
    pthread_t thread;
};

static void *listener_serve(void *context)
{
    struct listener *l = context;
    int fd = accept(l->fd, NULL, NULL);
    size_t got = 0;

    while (got + 1 < sizeof l->request && strstr(l->request, "THE END") == NULL) {
        ssize_t more = read(fd, l->request + got, sizeof l->request - 1 - got);

        if (more <= 0)
            break;
        got += (size_t)more;
    }
    send(fd, l->answer, strlen(l->answer), MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static void listener_open(struct listener *l)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;

    l->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(l->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(l->fd, 4), 0);
    assert_int_equal(getsockname(l->fd, (struct sockaddr *)&at, &size), 0);
    l->port = ntohs(at.sin_port);
}

static bool posted(struct listener *l, bool private, unsigned *status,
                   char words[POST_WORDS_SIZE])
{
    static const char *const headers[] = { "content-type: application/json", "webhook-id: evt_1",
                                           NULL };
    struct post *p;
    char url[64];
    bool ok;

    snprintf(url, sizeof url, "%s://127.0.0.1:%u/hook", private ? "http" : "https", l->port);
    assert_int_equal(post_open(url, headers, SLICE("{\"a\":\"THE END\"}"), private, &p), OK);
    ok = post_outcome(p, curl_easy_perform(post_curl(p)), status, words);
    post_close(&p);
    assert_null(p);
    return ok;
}

static void answers(const char *answer, bool ok, unsigned status, const char *words)
{
    struct listener l = { .answer = answer };
    char said[POST_WORDS_SIZE];
    unsigned got;

    listener_open(&l);
    assert_int_equal(pthread_create(&l.thread, NULL, listener_serve, &l), 0);
    assert_int_equal(posted(&l, true, &got, said), ok);
    pthread_join(l.thread, NULL);
    assert_int_equal(got, status);
    assert_non_null(strstr(said, words));
    assert_non_null(strstr(l.request, "POST /hook HTTP/1.1\r\n"));
    assert_non_null(strstr(l.request, "webhook-id: evt_1\r\n"));
    assert_null(strstr(l.request, "ookie"));
    close(l.fd);
}

TEST(only_2xx_is_a_delivery)
{
    answers("HTTP/1.1 204 No Content\r\n\r\n", true, 204, "");
    answers("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", false, 500, "status 500");
    answers("HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
            false, 302, "not followed");
    answers("", false, 0, "");
}

TEST(an_answer_without_end_is_not_read_to_its_end)
{
    static char endless[200000];
    int head = snprintf(endless, sizeof endless,
                        "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n");

    memset(endless + head, 'x', sizeof endless - 1 - (size_t)head);
    answers(endless, true, 200, "");
}

TEST(a_private_address_gets_no_connection)
{
    struct listener l = { .answer = "" };
    struct pollfd poll_fd;
    char words[POST_WORDS_SIZE];
    unsigned status;

    listener_open(&l);
    assert_false(posted(&l, false, &status, words));
    assert_int_equal(status, 0);
    assert_non_null(strstr(words, "private network"));
    poll_fd = (struct pollfd){ .fd = l.fd, .events = POLLIN };
    assert_int_equal(poll(&poll_fd, 1, 0), 0); /* nobody came */
    close(l.fd);
}

TEST(addresses_are_judged_before_anything_is_sent)
{
    static const struct {
        const char *url;
        bool open, private; /* good for the internet; good where private ones are allowed */
    } cases[] = {
        { "https://example.com/hook?a=b", true, true },
        { "https://example.com:8443/", true, true },
        { "http://example.com/", false, true },
        { "ftp://example.com/", false, false },
        { "file:///etc/passwd", false, false },
        { "gopher://example.com/", false, false },
        { "example.com", false, false },
        { "https://", false, false },
        { "", false, false },
        { "https://user:secret@example.com/", false, false },
        { "https://example.com/#part", false, false },
        { "https://example.com/a b", false, false },
        { "https://example.com/\r\nX: y", false, false },
        { "https://ex\xc3\xa4mple.com/", false, false },
    };
    char words[POST_WORDS_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(post_url_check(cases[i].url, false, words), cases[i].open);
        assert_int_equal(words[0] == '\0', cases[i].open);
        assert_int_equal(post_url_check(cases[i].url, true, words), cases[i].private);
    }
}

TEST_MAIN
