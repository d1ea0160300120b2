#include "http/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WAIT_S = 10 };

struct fetch {
    char *address; /* without a slash at its end */
    CURL *curl;
    long wait_s;
};

struct intake {
    struct buffer *content;
    size_t most;
    bool is_full;
};

bool fetch_is_address(const char *text)
{
    return slice_starts(slice_of(text), SLICE("http://")) ||
           slice_starts(slice_of(text), SLICE("https://"));
}

enum err fetch_open(const char *address, const char *ca, struct fetch **fetch)
{
    struct fetch *new = calloc(1, sizeof *new);
    size_t size;

    *fetch = NULL;
    if (new == NULL)
        return ERR_MEMORY;
    new->wait_s = WAIT_S;
    new->address = strdup(address);
    new->curl = curl_easy_init();
    if (new->address == NULL || new->curl == NULL) {
        fetch_close(&new);
        return ERR_MEMORY;
    }
    if (ca != NULL)
        curl_easy_setopt(new->curl, CURLOPT_CAINFO, ca);
    for (size = strlen(new->address); size > 0 && new->address[size - 1] == '/'; size--)
        new->address[size - 1] = '\0';
    *fetch = new;
    return OK;
}

void fetch_close(struct fetch **fetch)
{
    struct fetch *old = *fetch;

    *fetch = NULL;
    if (old == NULL)
        return;
    if (old->curl != NULL)
        curl_easy_cleanup(old->curl);
    free(old->address);
    free(old);
}

static size_t intake_take(char *bytes, size_t size, size_t count, void *into)
{
    struct intake *intake = into;

    intake->is_full = intake->content->size + size * count > intake->most;
    if (intake->is_full)
        return 0;
    buffer_append(intake->content, (struct slice){ bytes, size * count });
    return intake->content->failed ? 0 : size * count;
}

void fetch_wait_most(struct fetch *fetch, unsigned seconds)
{
    fetch->wait_s = (long)seconds;
}

static enum err status_err(long status)
{
    switch (status) {
    case 200:
        return OK;
    case 404:
    case 410:
        return ERR_MISSING;
    case 401:
    case 403:
        return ERR_DENIED;
    default:
        return ERR_IO;
    }
}

/* One GET, as the handle's other options say. */
static enum err get(struct fetch *f, const char *url, struct intake *intake, long *status)
{
    CURLcode code;

    *status = 0;
    curl_easy_setopt(f->curl, CURLOPT_URL, url);
    curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(f->curl, CURLOPT_TIMEOUT, f->wait_s);
    /* Some hosts refuse whoever does not say what it is. */
    curl_easy_setopt(f->curl, CURLOPT_USERAGENT, "latchkey/" LATCHKEY_VERSION);
    /* The body of an error is nobody's file. */
    curl_easy_setopt(f->curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, intake_take);
    curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, intake);
    code = curl_easy_perform(f->curl);
    curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, status);
    if (intake->is_full)
        return ERR_FULL;
    if (intake->content->failed)
        return ERR_MEMORY;
    return code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR ? OK : ERR_IO;
}

enum err fetch_get(void *fetch, const char *name, size_t most, struct buffer *content)
{
    struct fetch *f = fetch;
    struct intake intake = { .content = content, .most = most };
    struct buffer url;
    long status;
    enum err e;

    buffer_init(&url);
    buffer_printf(&url, "%s/%s", f->address, name);
    e = url.failed ? ERR_MEMORY : get(f, url.at, &intake, &status);
    buffer_wipe(&url);
    return e == OK ? status_err(status) : e;
}

static size_t etag_take(char *bytes, size_t size, size_t count, void *into)
{
    struct slice line = { bytes, size * count };
    char *etag = into;

    if (line.size > 5 && strncasecmp(line.at, "etag:", 5) == 0) {
        for (line = slice_from(line, 5); line.size > 0 && *line.at == ' ';)
            line = slice_from(line, 1);
        while (line.size > 0 && (unsigned char)line.at[line.size - 1] <= ' ')
            line.size--;
        etag[0] = '\0';
        if (line.size < FETCH_ETAG_SIZE) {
            memcpy(etag, line.at, line.size);
            etag[line.size] = '\0';
        }
    }
    return size * count;
}

enum err fetch_get_newer(struct fetch *fetch, size_t most, char etag[FETCH_ETAG_SIZE],
                         struct buffer *content, bool *changed)
{
    struct intake intake = { .content = content, .most = most };
    char condition[FETCH_ETAG_SIZE + 32], newer[FETCH_ETAG_SIZE] = "";
    struct curl_slist *headers = NULL;
    long status;
    enum err e;

    *changed = false;
    if (etag[0] != '\0') {
        snprintf(condition, sizeof condition, "If-None-Match: %s", etag);
        headers = curl_slist_append(NULL, condition);
        if (headers == NULL)
            return ERR_MEMORY;
    }
    curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(fetch->curl, CURLOPT_HEADERFUNCTION, etag_take);
    curl_easy_setopt(fetch->curl, CURLOPT_HEADERDATA, newer);
    TRY(get(fetch, fetch->address, &intake, &status));
    if (status == 304 && etag[0] != '\0')
        goto out;
    TRY(status_err(status));
    *changed = true;
    memcpy(etag, newer, FETCH_ETAG_SIZE);
out:
    curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(fetch->curl, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(fetch->curl, CURLOPT_HEADERDATA, NULL);
    curl_slist_free_all(headers);
    return e;
}
