#include "http/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/peer.h"

enum {
    CONNECT_WAIT_S = 10,
    WAIT_S = 20,
    ANSWER_MOST = 65536,
};

struct post {
    CURL *curl;
    struct curl_slist *headers;
    size_t answer_bytes;
    bool is_private, was_refused;
    char problem[CURL_ERROR_SIZE];
};

static bool url_judge(CURLU *parsed, bool private, char words[POST_WORDS_SIZE])
{
    char *scheme = NULL, *user = NULL, *fragment = NULL, *host = NULL;
    const char *why = NULL;

    if (curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        why = "needs a scheme and a host";
    else if (strcmp(scheme, "https") != 0 && !(private && strcmp(scheme, "http") == 0))
        why = "must start with https://";
    else if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK)
        why = "must not hold a user or password: whoever receives it checks the signature";
    else if (curl_url_get(parsed, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK)
        why = "must not have a part behind \"#\"";
    curl_free(scheme);
    curl_free(user);
    curl_free(fragment);
    curl_free(host);
    if (why != NULL)
        snprintf(words, POST_WORDS_SIZE, "the address %s", why);
    return why == NULL;
}

bool post_url_check(const char *url, bool private, char words[POST_WORDS_SIZE])
{
    CURLU *parsed = curl_url();
    bool ok = false;

    words[0] = '\0';
    for (const char *at = url; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7F) {
            snprintf(words, POST_WORDS_SIZE,
                     "the address must be ASCII without spaces: other characters percent-encoded");
            goto out;
        }
    if (parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK) {
        snprintf(words, POST_WORDS_SIZE, "this is no address that starts with https://");
        goto out;
    }
    ok = url_judge(parsed, private, words);
out:
    curl_url_cleanup(parsed);
    return ok;
}

static curl_socket_t socket_open(void *from, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct post *p = from;

    (void)purpose;
    if (!p->is_private && !peer_is_public(&address->addr)) {
        p->was_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Reads and forgets; a body without end ends the transfer, whose status is known by then. */
static size_t answer_take(char *bytes, size_t size, size_t count, void *into)
{
    struct post *p = into;

    (void)bytes;
    p->answer_bytes += size * count;
    return p->answer_bytes > ANSWER_MOST ? 0 : size * count;
}

static bool headers_set(struct post *p, const char *const *headers)
{
    for (; *headers != NULL; headers++) {
        struct curl_slist *more = curl_slist_append(p->headers, *headers);

        if (more == NULL)
            return false;
        p->headers = more;
    }
    return curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, p->headers) == CURLE_OK;
}

static bool options_set(struct post *p, const char *url, struct slice body)
{
    curl_easy_setopt(p->curl, CURLOPT_PROTOCOLS_STR, p->is_private ? "http,https" : "https");
    curl_easy_setopt(p->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(p->curl, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a slow name server */
    curl_easy_setopt(p->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(p->curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(p->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_WAIT_S);
    curl_easy_setopt(p->curl, CURLOPT_TIMEOUT, (long)WAIT_S);
    curl_easy_setopt(p->curl, CURLOPT_USERAGENT, "latchkey/" LATCHKEY_VERSION);
    curl_easy_setopt(p->curl, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt(p->curl, CURLOPT_OPENSOCKETDATA, p);
    curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, answer_take);
    curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, p);
    curl_easy_setopt(p->curl, CURLOPT_ERRORBUFFER, p->problem);
    /* A connection is judged when it is opened: none that was judged for another owner is used. */
    curl_easy_setopt(p->curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(p->curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)body.size);
    return curl_easy_setopt(p->curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(p->curl, CURLOPT_COPYPOSTFIELDS, body.at) == CURLE_OK;
}

enum err post_open(const char *url, const char *const *headers, struct slice body, bool private,
                   struct post **post)
{
    char words[POST_WORDS_SIZE];
    struct post *p;

    *post = NULL;
    if (!post_url_check(url, private, words))
        return ERR_DENIED;
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_MEMORY;
    p->is_private = private;
    p->curl = curl_easy_init();
    if (p->curl == NULL || !options_set(p, url, body) || !headers_set(p, headers)) {
        post_close(&p);
        return ERR_MEMORY;
    }
    *post = p;
    return OK;
}

void post_close(struct post **post)
{
    struct post *old = *post;

    *post = NULL;
    if (old == NULL)
        return;
    if (old->curl != NULL)
        curl_easy_cleanup(old->curl);
    curl_slist_free_all(old->headers);
    free(old);
}

CURL *post_curl(const struct post *post)
{
    return post->curl;
}

bool post_outcome(const struct post *post, CURLcode code, unsigned *status,
                  char words[POST_WORDS_SIZE])
{
    long got = 0;

    words[0] = '\0';
    curl_easy_getinfo(post->curl, CURLINFO_RESPONSE_CODE, &got);
    /* With a body that was too long the status has come all the same. */
    *status = code == CURLE_OK || code == CURLE_WRITE_ERROR ? (unsigned)got : 0;
    if (*status >= 200 && *status <= 299)
        return true;
    if (post->was_refused)
        snprintf(words, POST_WORDS_SIZE,
                 "the address leads into a private network; webhooks go to public ones only");
    else if (*status >= 300 && *status <= 399)
        snprintf(words, POST_WORDS_SIZE,
                 "answered with a redirect, which is not followed: give the final address");
    else if (*status != 0)
        snprintf(words, POST_WORDS_SIZE, "answered with status %u", *status);
    else
        snprintf(words, POST_WORDS_SIZE, "%.200s",
                 post->problem[0] != '\0' ? post->problem : curl_easy_strerror(code));
    return false;
}
