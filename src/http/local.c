#include "http/local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

size_t local_take(char *bytes, size_t size, size_t count, void *into)
{
    struct buffer *text = into;

    if (text->size + size * count > LOCAL_REPLY_MOST_BYTES)
        return 0;
    buffer_append(text, (struct slice){ bytes, size * count });
    return text->failed ? 0 : size * count;
}

enum err local_perform(CURL *curl, const char *socket, const char *path)
{
    struct buffer url;
    CURLcode code;

    buffer_init(&url);
    buffer_printf(&url, "http://local%s", path);
    if (url.failed) {
        buffer_wipe(&url);
        return ERR_MEMORY;
    }
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_easy_setopt(curl, CURLOPT_URL, url.at);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = curl_easy_perform(curl);
    buffer_wipe(&url);
    if (code == CURLE_COULDNT_CONNECT) {
        long number = 0;

        curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
        return number == EACCES || number == EPERM ? ERR_DENIED : ERR_MISSING;
    }
    return code == CURLE_OK ? OK : ERR_IO;
}

static enum err transfer(CURL *curl, const struct local_call *call, const char *body,
                         struct buffer *text)
{
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    } else if (call->bytes.size > 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->bytes.at);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->bytes.size);
    } else if (strcmp(call->method, "GET") != 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
    }
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, call->wait_s);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, local_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
    return local_perform(curl, call->socket, call->path);
}

static struct curl_slist *headers_make(const struct local_call *call)
{
    struct curl_slist *headers = curl_slist_append(
        NULL, call->bytes.size > 0 ? "Content-Type: application/octet-stream"
                                   : "Content-Type: application/json");
    struct curl_slist *more;

    if (headers == NULL || call->header == NULL)
        return headers;
    more = curl_slist_append(headers, call->header);
    if (more == NULL)
        curl_slist_free_all(headers);
    return more;
}

enum err local_exchange(const struct local_call *call, long *status, json_t **reply)
{
    struct curl_slist *headers = headers_make(call);
    char *sent = call->body == NULL ? NULL : json_dumps(call->body, JSON_COMPACT);
    CURL *curl = curl_easy_init();
    struct buffer text;
    enum err e;

    *reply = NULL;
    *status = 0;
    buffer_init(&text);
    if (curl == NULL || headers == NULL || (call->body != NULL && sent == NULL)) {
        e = ERR_MEMORY;
        goto out;
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    TRY(transfer(curl, call, sent, &text));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    *reply = text.size == 0 ? NULL : json_loadb(text.at, text.size, 0, NULL);
out:
    if (sent != NULL)
        explicit_bzero(sent, strlen(sent));
    if (text.at != NULL)
        explicit_bzero(text.at, text.size);
    free(sent);
    buffer_wipe(&text);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return e;
}
