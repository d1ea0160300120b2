#include "nginx/latchkey.h"

#include <sodium.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"

/* Lies in memory of its own, locked where that is allowed, kept out of core dumps and wiped with
 * the cycle.  The master reads the files, so workers need no right to them. */
struct signer {
    size_t key_count;
    struct gateway_key keys[SIGNER_KEYS_MOST]; /* the first one signs refusals */
    size_t directory_size;
    char directory[SIGNER_DIRECTORY_SIZE];
    char directory_digest[CONTENT_DIGEST_SIZE];
};

enum { DIRECTORY_VALID_S = 3600 };

static void signer_close(void *signer)
{
    sodium_free(signer);
}

static struct signer *signer_open(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    struct signer *signer;

    if (cleanup == NULL || sodium_init() < 0)
        return NULL;
    signer = sodium_malloc(sizeof *signer);
    if (signer == NULL)
        return NULL;
    sodium_memzero(signer, sizeof *signer);
    cleanup->handler = signer_close;
    cleanup->data = signer;
    return signer;
}

static enum err key_read(const char *path, struct gateway_key *key)
{
    char text[GATEWAY_KEY_FILE_SIZE + 1];
    size_t size;
    enum err e = file_read_private(path, text, sizeof text, &size);

    if (e == ERR_FULL)
        e = ERR_MALFORMED;
    if (e == OK && !gateway_key_parse((struct slice){ text, size }, key))
        e = ERR_MALFORMED;
    secret_wipe_bytes(text, sizeof text);
    return e;
}

/* Says what is wrong with the file and what to do; nginx adds the line. */
static char *key_refuse(ngx_conf_t *cf, const ngx_str_t *path, enum err e)
{
    switch (e) {
    case ERR_MISSING:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "there is no \"%V\": make it with \"latchkey gateway-key create %V\"",
                           path, path);
        break;
    case ERR_DENIED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is open to group or others: make a new key with \"latchkey "
                           "gateway-key create\", or \"chmod 0600 %V\" if nobody has read it",
                           path, path);
        break;
    case ERR_MALFORMED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is not the file of a gateway key: make one with \"latchkey "
                           "gateway-key create\"", path);
        break;
    default:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "cannot read \"%V\"", path);
    }
    return NGX_CONF_ERROR;
}

static void directory_compose(struct signer *signer)
{
    char *at = signer->directory;

    at += snprintf(at, SIGNER_DIRECTORY_SIZE, "{\"keys\":[");
    for (size_t i = 0; i < signer->key_count; i++) {
        if (i > 0)
            *at++ = ',';
        at += gateway_key_jwk_format(&signer->keys[i], at);
    }
    *at++ = ']';
    *at++ = '}';
    signer->directory_size = (size_t)(at - signer->directory);
    content_digest_format(signer_directory(signer), signer->directory_digest);
}

char *signer_key_add(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct main_conf *main_conf = conf;
    ngx_str_t *path = (ngx_str_t *)cf->args->elts + 1;
    struct gateway_key *key;
    struct signer *signer;
    enum err e;

    (void)command;
    if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK)
        return NGX_CONF_ERROR;
    if (main_conf->signer == NULL)
        main_conf->signer = signer_open(cf);
    signer = main_conf->signer;
    if (signer == NULL)
        return "finds no memory for keys";
    if (signer->key_count == SIGNER_KEYS_MOST)
        return "is given more than four times: take out keys that are no longer in use";
    key = &signer->keys[signer->key_count];
    e = key_read((const char *)path->data, key);
    if (e != OK)
        return key_refuse(cf, path, e);
    for (size_t i = 0; i < signer->key_count; i++) {
        if (strcmp(signer->keys[i].id, key->id) == 0)
            return "is given twice for the same key";
    }
    signer->key_count++;
    directory_compose(signer);
    return NGX_CONF_OK;
}

struct slice signer_directory(const struct signer *signer)
{
    return (struct slice){ signer->directory, signer->directory_size };
}

ngx_int_t signer_sign_refusal(ngx_http_request_t *r, const struct gate_request *request,
                              const struct refusal *refusal)
{
    const struct main_conf *conf = ngx_http_get_module_main_conf(r, ngx_http_latchkey_module);
    ngx_list_t *headers = &r->headers_out.headers;
    struct fields {
        char digest[CONTENT_DIGEST_SIZE];
        char input[HTTP_SIGNATURE_INPUT_SIZE];
        char text[HTTP_SIGNATURE_TEXT_SIZE];
    } *fields;

    if (conf->signer == NULL)
        return NGX_OK;
    fields = ngx_pnalloc(r->pool, sizeof *fields);
    if (fields == NULL)
        return NGX_ERROR;
    content_digest_format((struct slice){ refusal->body, refusal->body_size }, fields->digest);

    const struct http_component components[] = {
        { "\"@status\"", SLICE("401") },
        { "\"content-type\"",
          { (const char *)r->headers_out.content_type.data, r->headers_out.content_type.len } },
        { "\"content-digest\"", { fields->digest, CONTENT_DIGEST_SIZE - 1 } },
    };
    const struct http_signature signature = {
        .label = "latchkey",
        .components = components,
        .component_count = sizeof components / sizeof *components,
        .created_s = request->wall_ns / NS_PER_S,
        .nonce = request->nonce.at == NULL ? SLICE("") : request->nonce,
        .keyid = conf->signer->keys[0].id,
        .alg = "ed25519",
    };
    if (!http_signature_make(&signature, &conf->signer->keys[0], fields->input, fields->text) ||
        header_add(headers, "Content-Digest", slice_of(fields->digest)) != NGX_OK ||
        header_add(headers, "Signature-Input", slice_of(fields->input)) != NGX_OK)
        return NGX_ERROR;
    return header_add(headers, "Signature", slice_of(fields->text));
}

/* Appends a member to a dictionary. */
static size_t member_append(char *fields, size_t size, size_t room, const char *member)
{
    return size + (size_t)snprintf(fields + size, room - size, "%s%s", size > 0 ? ", " : "",
                                   member);
}

ngx_int_t signer_sign_directory(ngx_http_request_t *r, const struct signer *signer,
                                struct slice authority, uint64_t now_s)
{
    const struct http_component components[] = {
        { "\"@authority\";req", authority },
        { "\"content-digest\"", slice_of(signer->directory_digest) },
    };
    ngx_list_t *headers = &r->headers_out.headers;
    size_t inputs_size = 0, texts_size = 0;
    struct fields {
        char inputs[SIGNER_KEYS_MOST * (HTTP_SIGNATURE_INPUT_SIZE + 2)];
        char texts[SIGNER_KEYS_MOST * (HTTP_SIGNATURE_TEXT_SIZE + 2)];
    } *fields = ngx_pnalloc(r->pool, sizeof *fields);

    if (fields == NULL)
        return NGX_ERROR;
    for (size_t i = 0; i < signer->key_count; i++) {
        char input[HTTP_SIGNATURE_INPUT_SIZE], text[HTTP_SIGNATURE_TEXT_SIZE], label[32];
        const struct http_signature signature = {
            .label = label,
            .components = components,
            .component_count = sizeof components / sizeof *components,
            .created_s = now_s,
            .expires_s = now_s + DIRECTORY_VALID_S,
            .keyid = signer->keys[i].id,
            .alg = "ed25519",
            .tag = "http-message-signatures-directory",
        };

        snprintf(label, sizeof label, "binding%zu", i);
        if (!http_signature_make(&signature, &signer->keys[i], input, text))
            return NGX_DECLINED;
        inputs_size = member_append(fields->inputs, inputs_size, sizeof fields->inputs, input);
        texts_size = member_append(fields->texts, texts_size, sizeof fields->texts, text);
    }
    if (header_add(headers, "Content-Digest", slice_of(signer->directory_digest)) != NGX_OK ||
        header_add(headers, "Signature-Input", (struct slice){ fields->inputs, inputs_size }) !=
            NGX_OK)
        return NGX_ERROR;
    return header_add(headers, "Signature", (struct slice){ fields->texts, texts_size });
}
