#include "http/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_S = 10 };

struct fetch {
    char *address; /* without a slash at its end */
    CURL *curl;
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

enum err fetch_get(void *fetch, const char *name, size_t most, struct buffer *content)
{
    struct fetch *f = fetch;
    struct intake intake = { .content = content, .most = most };
    struct buffer url;
    long status = 0;
    CURLcode code;

    buffer_init(&url);
    buffer_printf(&url, "%s/%s", f->address, name);
    if (url.failed) {
        buffer_wipe(&url);
        return ERR_MEMORY;
    }
    curl_easy_setopt(f->curl, CURLOPT_URL, url.at);
    curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(f->curl, CURLOPT_TIMEOUT, (long)WAIT_S);
    /* The body of an error is nobody's file. */
    curl_easy_setopt(f->curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, intake_take);
    curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, &intake);
    code = curl_easy_perform(f->curl);
    curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
    buffer_wipe(&url);
    if (intake.is_full)
        return ERR_FULL;
    if (content->failed)
        return ERR_MEMORY;
    return code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR ? status_err(status) : ERR_IO;
}
