#include "scanner/web.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "scanner/web_refs.h"

/* What is being put together. */
struct visit {
    struct web *web;
    CURL *curl;
    size_t left;        /* bytes */
    struct buffer body; /* of the present file */
    bool is_full;
    char at[WEB_URL_SIZE]; /* where the present file was in the end */
};

static size_t body_take(char *bytes, size_t size, size_t count, void *context)
{
    struct visit *v = context;
    size_t all = size * count;

    if (all > v->left) {
        v->is_full = true;
        return 0;
    }
    v->left -= all;
    buffer_append(&v->body, (struct slice){ bytes, all });
    return v->body.failed ? 0 : all;
}

static bool is_listed(const struct web *web, const char *url)
{
    for (size_t i = 0; i < web->count; i++)
        if (strcmp(web->files[i].url, url) == 0)
            return true;
    return false;
}

static void list(struct web *web, const char *url)
{
    if (is_listed(web, url))
        return;
    if (web->count == WEB_FILES_MOST) {
        web->more = true;
        return;
    }
    snprintf(web->files[web->count].url, WEB_URL_SIZE, "%s", url);
    web->files[web->count++].fd = -1;
}

/* As it stands in a page: of character references only the one that addresses have. */
static void reference_copy(struct slice reference, char text[WEB_REF_MOST + 1])
{
    size_t size = 0;

    for (size_t i = 0; i < reference.size; i++) {
        text[size++] = reference.at[i];
        if (slice_is((struct slice){ reference.at + i, reference.size - i < 5 ? 0 : 5 },
                     SLICE("&amp;")))
            i += 4;
    }
    text[size] = '\0';
}

bool web_reference_resolve(const char *at, struct slice reference, char url[WEB_URL_SIZE])
{
    char text[WEB_REF_MOST + 1], *whole = NULL, *scheme = NULL;
    CURLU *parts = curl_url();
    bool is;

    reference_copy(reference, text);
    is = parts != NULL && curl_url_set(parts, CURLUPART_URL, at, 0) == CURLUE_OK &&
         curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK &&
         curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
         curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
         (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
         curl_url_get(parts, CURLUPART_URL, &whole, 0) == CURLUE_OK &&
         strlen(whole) < WEB_URL_SIZE;
    if (is)
        memcpy(url, whole, strlen(whole) + 1);
    curl_free(whole);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return is;
}

/* Adds it to the list, if it is an address of the web. */
static bool reference_take(void *context, struct slice reference)
{
    struct visit *v = context;
    char url[WEB_URL_SIZE];

    if (web_reference_resolve(v->at, reference, url))
        list(v->web, url);
    return !v->web->more;
}

static void file_fetch(struct visit *v, struct web_file *file)
{
    const char *where = NULL;
    struct slice body;
    CURLcode code;
    long status = 0;

    buffer_wipe(&v->body);
    buffer_init(&v->body);
    v->is_full = false;
    curl_easy_setopt(v->curl, CURLOPT_URL, file->url);
    code = curl_easy_perform(v->curl);
    curl_easy_getinfo(v->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(v->curl, CURLINFO_EFFECTIVE_URL, &where);
    if (v->is_full)
        snprintf(file->why, sizeof file->why, "the page and all it leads to is more than %zu MB",
                 WEB_BYTES_MOST >> 20);
    else if (code == CURLE_HTTP_RETURNED_ERROR)
        snprintf(file->why, sizeof file->why, "the server answers %ld", status);
    else if (code != CURLE_OK)
        snprintf(file->why, sizeof file->why, "cannot be fetched: %s", curl_easy_strerror(code));
    else if (v->body.failed || file_in_memory(buffer_slice(&v->body), &file->fd) != OK)
        snprintf(file->why, sizeof file->why, "no memory");
    if (file->fd < 0)
        return;
    snprintf(v->at, sizeof v->at, "%s", where == NULL ? file->url : where);
    body = buffer_slice(&v->body);
    web_refs_each(body, web_is_page(body), reference_take, v);
}

static void handle_prepare(struct visit *v, const char *ca)
{
    CURL *curl = v->curl;

    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)WEB_REDIRECTS_MOST);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WEB_WAIT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, ""); /* all it can undo */
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "latchkey/" LATCHKEY_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, v);
    if (ca != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
}

enum err web_fetch(const char *url, const char *ca, struct web *web)
{
    struct visit visit = { .web = web, .curl = curl_easy_init(), .left = WEB_BYTES_MOST };

    *web = (struct web){ .files = calloc(WEB_FILES_MOST, sizeof *web->files) };
    if (web->files == NULL || visit.curl == NULL || strlen(url) >= WEB_URL_SIZE) {
        curl_easy_cleanup(visit.curl);
        return web->files == NULL || visit.curl == NULL ? ERR_MEMORY : ERR_RANGE;
    }
    buffer_init(&visit.body);
    handle_prepare(&visit, ca);
    list(web, url);
    /* The list grows meanwhile. */
    for (size_t i = 0; i < web->count; i++)
        file_fetch(&visit, &web->files[i]);
    buffer_wipe(&visit.body);
    curl_easy_cleanup(visit.curl);
    return OK;
}

void web_wipe(struct web *web)
{
    for (size_t i = 0; i < web->count; i++)
        if (web->files[i].fd >= 0)
            close(web->files[i].fd);
    free(web->files);
    *web = (struct web){ .count = 0 };
}
