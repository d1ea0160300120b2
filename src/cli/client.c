#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "http/local.h"

enum { WAIT_S = 60 };

const char *client_socket(const struct client *c)
{
    const char *named = c->socket != NULL ? c->socket : getenv("LATCHKEY_SOCKET");

    return named != NULL ? named : "run/authority.sock";
}

static void encoded_append(struct buffer *path, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._~"; /* RFC 3986, 2.3 */

    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL)
            buffer_append_char(path, *text);
        else
            buffer_printf(path, "%%%02X", (unsigned char)*text);
    }
}

void path_append(struct buffer *path, const char *part)
{
    buffer_append_char(path, '/');
    encoded_append(path, part);
}

void query_append(struct buffer *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_append_char(path, path->at != NULL && strchr(path->at, '?') != NULL ? '&' : '?');
    buffer_append(path, slice_of(name));
    buffer_append_char(path, '=');
    encoded_append(path, value);
}

enum err client_exchange(const char *socket, const char *method, const char *path, json_t *body,
                         long wait_s, long *status, json_t **reply)
{
    const struct local_call call = { .socket = socket, .method = method, .path = path,
                                     .body = body, .wait_s = wait_s };
    enum err e = local_exchange(&call, status, reply);

    json_decref(body);
    return e;
}

enum err client_put(const char *socket, const char *path, struct slice bytes, long wait_s,
                    long *status)
{
    const struct local_call call = { .socket = socket, .method = "PUT", .path = path,
                                     .bytes = bytes, .wait_s = wait_s };
    json_t *reply = NULL;
    enum err e = local_exchange(&call, status, &reply);

    json_decref(reply);
    return e;
}

void client_print(const json_t *document)
{
    json_dumpf(document, stdout, JSON_INDENT(2));
    putchar('\n');
}

int client_show(const struct client *c, int exit, json_t *reply,
                void (*print)(const json_t *reply, FILE *out))
{
    if (exit != COMMAND_DONE)
        return exit;
    if (c->json)
        client_print(reply);
    else
        print(reply, stdout);
    json_decref(reply);
    return COMMAND_DONE;
}

static int unreachable(const char *socket, enum err e)
{
    if (e == ERR_DENIED)
        fprintf(stderr, "latchkey: you may not open the authority's socket %s; run this as the "
                        "user who runs the authority\n",
                socket);
    else if (e == ERR_MISSING)
        fprintf(stderr,
                "latchkey: no authority answers on %s; start one with \"latchkey up\" (or "
                "\"latchkey authority\"), or name its socket with --socket\n",
                socket);
    else
        fprintf(stderr, "latchkey: the authority on %s did not finish its answer: %s\n", socket,
                err_text(e));
    return COMMAND_UNREACHABLE;
}

/* Tells of an answer that is not what was asked for. */
static void refused_tell(const struct client *c, long status, const json_t *reply)
{
    const char *message =
        json_string_value(json_object_get(json_object_get(reply, "error"), "message"));

    if (message != NULL)
        fprintf(stderr, "latchkey: %s\n", message);
    else
        fprintf(stderr, "latchkey: the authority on %s answered %ld without saying why\n",
                client_socket(c), status);
    if (c->json && reply != NULL)
        client_print(reply);
}

int client_call(const struct client *c, const char *method, const char *path, json_t *body,
                json_t **reply)
{
    const char *socket = client_socket(c);
    long status = 0;
    enum err e = client_exchange(socket, method, path, body, WAIT_S, &status, reply);

    if (e != OK)
        return unreachable(socket, e);
    if (*reply != NULL && status >= 200 && status < 300)
        return COMMAND_DONE;
    refused_tell(c, status, *reply);
    json_decref(*reply);
    *reply = NULL;
    return COMMAND_REFUSED;
}

/* The number or text that "next" is; false: this was the last page. */
static bool next_take(const json_t *page, char text[64])
{
    const json_t *next = json_object_get(page, "next");

    if (json_is_integer(next))
        return snprintf(text, 64, "%" JSON_INTEGER_FORMAT, json_integer_value(next)) > 0;
    if (!json_is_string(next))
        return false;
    return snprintf(text, 64, "%s", json_string_value(next)) < 64;
}

int client_pages(const struct client *c, const char *path, const char *list, json_t **reply)
{
    int exit = client_call(c, "GET", path, NULL, reply);
    struct buffer behind;
    json_t *page;
    char next[64];

    while (exit == COMMAND_DONE && next_take(*reply, next)) {
        buffer_init(&behind);
        buffer_append(&behind, slice_of(path));
        query_append(&behind, "after", next);
        exit = client_call(c, "GET", behind.at, NULL, &page);
        buffer_wipe(&behind);
        if (exit != COMMAND_DONE)
            break;
        json_array_extend(json_object_get(*reply, list), json_object_get(page, list));
        json_object_set(*reply, "next", json_object_get(page, "next"));
        json_decref(page);
    }
    if (exit != COMMAND_DONE) {
        json_decref(*reply);
        *reply = NULL;
    }
    return exit;
}

struct intake {
    CURL *curl;
    bool (*take)(void *context, struct slice piece);
    void *context;
    bool refused_by_take;
    struct buffer refusal;
};

static size_t piece_take(char *bytes, size_t size, size_t count, void *into)
{
    struct intake *intake = into;
    long status = 0;

    curl_easy_getinfo(intake->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return local_take(bytes, size, count, &intake->refusal);
    intake->refused_by_take = !intake->take(intake->context, (struct slice){ bytes, size * count });
    return intake->refused_by_take ? 0 : size * count;
}

int client_stream(const struct client *c, const char *path,
                  bool (*take)(void *context, struct slice piece), void *context)
{
    struct intake intake = { .curl = curl_easy_init(), .take = take, .context = context };
    int exit = COMMAND_REFUSED;
    long status = 0;
    enum err e = ERR_MEMORY;

    buffer_init(&intake.refusal);
    if (intake.curl != NULL) {
        curl_easy_setopt(intake.curl, CURLOPT_WRITEFUNCTION, piece_take);
        curl_easy_setopt(intake.curl, CURLOPT_WRITEDATA, &intake);
        e = local_perform(intake.curl, client_socket(c), path);
        curl_easy_getinfo(intake.curl, CURLINFO_RESPONSE_CODE, &status);
    }
    if (e == OK && status == 200) {
        exit = COMMAND_DONE;
    } else if (e == OK) {
        json_t *reply = json_loadb(intake.refusal.at, intake.refusal.size, 0, NULL);

        refused_tell(c, status, reply);
        json_decref(reply);
    } else if (!intake.refused_by_take) {
        exit = unreachable(client_socket(c), e);
    }
    buffer_wipe(&intake.refusal);
    curl_easy_cleanup(intake.curl);
    return exit;
}
