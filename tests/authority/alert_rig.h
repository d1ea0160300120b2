/* tests/authority/alert_rig.h: a hosting service that publishes its keys and signs its alerts */
#ifndef TESTS_AUTHORITY_ALERT_RIG_H
#define TESTS_AUTHORITY_ALERT_RIG_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "authority/alert.h"
#include "authority/alert_keys.h"
#include "authority/settings.h"

struct service {
    EVP_PKEY *key;
    struct MHD_Daemon *server;
    char address[64];
    char list[2048]; /* what it publishes */
    unsigned asked;
    char signature[160];
};

static inline void service_pem(const struct service *s, char pem[512])
{
    BIO *bio = BIO_new(BIO_s_mem());
    int size;

    assert_int_equal(PEM_write_bio_PUBKEY(bio, s->key), 1);
    size = BIO_read(bio, pem, 511);
    assert_in_range(size, 100, 511);
    pem[size] = '\0';
    BIO_free(bio);
}

static inline void service_publish(struct service *s, const char *identifier, bool is_current)
{
    char pem[512];
    json_t *list;
    char *text;

    service_pem(s, pem);
    list = json_pack("{s:[{s:s, s:s, s:b}]}", "public_keys", "key_identifier", identifier, "key",
                     pem, "is_current", is_current);
    text = json_dumps(list, JSON_COMPACT);
    snprintf(s->list, sizeof s->list, "%s", text);
    free(text);
    json_decref(list);
}

static inline enum MHD_Result service_answer(void *context, struct MHD_Connection *connection,
                                             const char *url, const char *method,
                                             const char *version, const char *upload,
                                             size_t *upload_size, void **request)
{
    struct service *s = context;
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)url, (void)method, (void)version, (void)upload, (void)upload_size, (void)request;
    s->asked++;
    response = MHD_create_response_from_buffer(strlen(s->list), s->list, MHD_RESPMEM_MUST_COPY);
    result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static inline void service_begin(struct service *s)
{
    struct sockaddr_in loopback = { .sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    *s = (struct service){ .key = EVP_EC_gen("P-256") };
    assert_non_null(s->key);
    s->server =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, service_answer, s,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&loopback, MHD_OPTION_END);
    assert_non_null(s->server);
    snprintf(s->address, sizeof s->address, "http://127.0.0.1:%u/keys",
             (unsigned)MHD_get_daemon_info(s->server, MHD_DAEMON_INFO_BIND_PORT)->port);
    service_publish(s, "first", true);
}

static inline void service_end(struct service *s)
{
    MHD_stop_daemon(s->server);
    EVP_PKEY_free(s->key);
}

static inline void service_sign(struct service *s, struct slice body)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t der[80];
    size_t size = sizeof der;

    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, s->key), 1);
    assert_int_equal(EVP_DigestSign(context, der, &size, (const uint8_t *)body.at, body.size), 1);
    EVP_MD_CTX_free(context);
    sodium_bin2base64(s->signature, sizeof s->signature, der, size, sodium_base64_VARIANT_ORIGINAL);
}

static inline struct leak_origin service_origin(const struct service *s)
{
    return (struct leak_origin){ .name = "github",
                                 .identifier_header = "Github-Public-Key-Identifier",
                                 .signature_header = "Github-Public-Key-Signature",
                                 .keys = s->address };
}

#endif
