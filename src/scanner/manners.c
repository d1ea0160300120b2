#include "scanner/manners.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

enum { DAY_S = 86400, PAUSE_LEAST_S = 5, PAUSE_MOST_S = 3600, WAIT_S = 300, STALL_S = 30 };

uint64_t manners_retry_after_s(const char *value, uint64_t now_s)
{
    char *end;
    unsigned long long seconds = strtoull(value, &end, 10);
    time_t date;

    if (*value < '0' || *value > '9' || *end != '\0') {
        date = curl_getdate(value, NULL);
        seconds = date > 0 && (uint64_t)date > now_s ? (uint64_t)date - now_s : 0;
    }
    return seconds > DAY_S ? DAY_S : seconds;
}

uint64_t manners_pause_ns(unsigned failures)
{
    uint64_t seconds = PAUSE_LEAST_S;

    while (failures-- > 1 && seconds < PAUSE_MOST_S)
        seconds *= 2;
    return (seconds < PAUSE_MOST_S ? seconds : PAUSE_MOST_S) * NS_PER_S;
}

void manners_end(struct manners *m)
{
    curl_easy_cleanup(m->curl);
    m->curl = NULL;
}

/* Within the budgets, or says from when on. */
static bool is_time(struct manners *m, uint64_t now_ns)
{
    if (m->not_before_ns > now_ns)
        return false;
    if (now_ns - m->minute_ns >= 60 * NS_PER_S || m->minute_ns == 0) {
        m->minute_ns = now_ns;
        m->requests = 0;
    }
    if (now_ns - m->hour_ns >= 3600 * NS_PER_S || m->hour_ns == 0) {
        m->hour_ns = now_ns;
        m->bytes = 0;
    }
    if (m->requests_per_minute > 0 && m->requests >= m->requests_per_minute)
        m->not_before_ns = m->minute_ns + 60 * NS_PER_S;
    if (m->bytes_per_hour > 0 && m->bytes >= m->bytes_per_hour)
        m->not_before_ns = m->hour_ns + 3600 * NS_PER_S;
    return m->not_before_ns <= now_ns;
}

/* ---- One exchange ---- */

struct exchange {
    struct manners *m;
    struct buffer *content;
    size_t most;
    bool is_full;
    struct manners_tag tag;
    char retry_after[64];
};

static size_t body_take(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *x = context;

    x->m->bytes += size * count;
    x->m->bytes_all += size * count;
    x->is_full = x->content->size + size * count > x->most;
    if (x->is_full)
        return 0;
    buffer_append(x->content, (struct slice){ bytes, size * count });
    return x->content->failed ? 0 : size * count;
}

/* A value that does not fit is none. */
static void value_take(struct slice line, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);

    if (line.size <= length || strncasecmp(line.at, name, length) != 0 || line.at[length] != ':')
        return;
    line = slice_from(line, length + 1);
    while (line.size > 0 && *line.at == ' ')
        line = slice_from(line, 1);
    while (line.size > 0 && (unsigned char)line.at[line.size - 1] <= ' ')
        line.size--;
    if (line.size < size)
        snprintf(value, size, "%.*s", (int)line.size, line.at);
}

static size_t header_take(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *x = context;
    struct slice line = { bytes, size * count };

    if (slice_starts(line, SLICE("HTTP/"))) { /* of the answer that a redirect led to */
        x->tag = (struct manners_tag){ "", "" };
        x->retry_after[0] = x->m->answer.date[0] = '\0';
    }
    value_take(line, "date", x->m->answer.date, sizeof x->m->answer.date);
    value_take(line, "etag", x->tag.etag, sizeof x->tag.etag);
    value_take(line, "last-modified", x->tag.modified, sizeof x->tag.modified);
    value_take(line, "retry-after", x->retry_after, sizeof x->retry_after);
    return line.size;
}

static int stop_look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct manners *m = context;
    struct pollfd polled = { .fd = m->stop, .events = POLLIN };

    (void)a, (void)b, (void)c, (void)d;
    return poll(&polled, 1, 0) > 0;
}

static void handle_prepare(struct manners *m, const char *url, struct exchange *x)
{
    const char *schemes = strncmp(url, "https:", 6) == 0 ? "https" : "http,https";
    CURL *curl = m->curl;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, schemes);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WAIT_S);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)STALL_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, m->agent);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_CAINFO, m->ca);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, m->stop < 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, m);
}

static struct curl_slist *headers_of(const struct manners *m, const struct manners_tag *tag)
{
    struct curl_slist *headers = NULL;
    char line[MANNERS_TAG_SIZE + 32];

    if (m->authorization != NULL)
        headers = curl_slist_append(headers, m->authorization);
    if (tag == NULL)
        return headers;
    if (tag->etag[0] != '\0') {
        snprintf(line, sizeof line, "If-None-Match: %s", tag->etag);
        headers = curl_slist_append(headers, line);
    } else if (tag->modified[0] != '\0') {
        snprintf(line, sizeof line, "If-Modified-Since: %s", tag->modified);
        headers = curl_slist_append(headers, line);
    }
    return headers;
}

static enum err status_err(long status)
{
    switch (status) {
    case 200:
    case 304:
        return OK;
    case 400:
        return ERR_MALFORMED;
    case 401:
    case 403:
        return ERR_DENIED;
    case 404:
    case 410:
        return ERR_MISSING;
    default:
        return ERR_IO;
    }
}

static enum err outcome(struct exchange *x, CURLcode code, long status)
{
    struct manners *m = x->m;
    uint64_t wait_s = manners_retry_after_s(x->retry_after, clock_wall_ns() / NS_PER_S);

    m->why[0] = '\0';
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return ERR_CONFLICT;
    if (x->is_full || x->content->failed) {
        snprintf(m->why, sizeof m->why, "%s", err_text(x->is_full ? ERR_FULL : ERR_MEMORY));
        return x->is_full ? ERR_FULL : ERR_MEMORY;
    }
    if (code != CURLE_OK && code != CURLE_HTTP_RETURNED_ERROR) {
        snprintf(m->why, sizeof m->why, "%s", curl_easy_strerror(code));
        return ERR_IO;
    }
    if (status_err(status) == OK)
        return OK;
    snprintf(m->why, sizeof m->why, "the server answers %ld", status);
    if (wait_s > 0 && (status == 429 || status >= 500))
        m->not_before_ns = clock_mono_ns() + wait_s * NS_PER_S;
    return status_err(status);
}

static void answer_note(struct manners *m, const struct exchange *x, long status)
{
    const char *url = NULL;

    curl_easy_getinfo(m->curl, CURLINFO_EFFECTIVE_URL, &url);
    m->answer.status = status;
    memcpy(m->answer.etag, x->tag.etag, sizeof m->answer.etag);
    if (url == NULL || strlen(url) >= sizeof m->answer.url)
        url = "";
    snprintf(m->answer.url, sizeof m->answer.url, "%s", url);
}

json_t *manners_told(const struct manners *m)
{
    const struct manners_answer *a = &m->answer;
    const char *const members[][2] = { { "fetched", a->url },
                                       { "etag", a->etag },
                                       { "date", a->date } };
    json_t *told = json_pack("{s:I}", "status", (json_int_t)a->status);

    for (size_t i = 0; told != NULL && i < sizeof members / sizeof *members; i++)
        if (members[i][1][0] != '\0') /* what is no UTF-8 is left out */
            (void)json_object_set_new(told, members[i][0], json_string(members[i][1]));
    return told;
}

enum err manners_get(struct manners *m, const char *url, size_t most, struct manners_tag *tag,
                     struct buffer *content, bool *changed)
{
    struct exchange x = { .m = m, .content = content, .most = most };
    struct curl_slist *headers;
    CURLcode code;
    long status = 0;
    enum err e;

    *changed = false;
    if (!is_time(m, clock_mono_ns()))
        return ERR_CONFLICT;
    if (m->curl == NULL)
        m->curl = curl_easy_init();
    if (m->curl == NULL)
        return ERR_MEMORY;
    m->requests++;
    m->requests_all++;
    headers = headers_of(m, tag);
    handle_prepare(m, url, &x);
    curl_easy_setopt(m->curl, CURLOPT_HTTPHEADER, headers);
    code = curl_easy_perform(m->curl);
    curl_easy_getinfo(m->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_setopt(m->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    e = outcome(&x, code, status);
    answer_note(m, &x, status);
    *changed = e == OK && status == 200;
    if (*changed && tag != NULL)
        *tag = x.tag;
    return e;
}
