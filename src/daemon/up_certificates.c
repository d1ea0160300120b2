#include "daemon/up_certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/up.h"

enum {
    CA_DAYS = 3650,
    SERVER_DAYS = 365,
    RENEW_DAYS = 30,
    SERIAL_BYTES = 16,
    PEM_BYTES_MOST = 16384,
};

/* A certificate and its private key; either may be NULL. */
struct identity {
    X509 *certificate;
    EVP_PKEY *key;
};

static void identity_wipe(struct identity *i)
{
    X509_free(i->certificate);
    EVP_PKEY_free(i->key);
    *i = (struct identity){ 0 };
}

static BIO *pem_open(const char *folder, const char *name)
{
    char path[FILE_PATH_SIZE];

    up_path(path, folder, name);
    return BIO_new_file(path, "r");
}

/* Both files or nothing; files that do not belong together count as nothing. */
static void identity_read(struct identity *i, const char *folder, const char *certificate_name,
                          const char *key_name)
{
    BIO *certificate = pem_open(folder, certificate_name), *key = pem_open(folder, key_name);

    *i = (struct identity){ 0 };
    if (certificate != NULL)
        i->certificate = PEM_read_bio_X509(certificate, NULL, NULL, NULL);
    if (key != NULL)
        i->key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    BIO_free(certificate);
    BIO_free(key);
    if (i->certificate == NULL || i->key == NULL ||
        X509_check_private_key(i->certificate, i->key) != 1)
        identity_wipe(i);
    ERR_clear_error();
}

static enum err bio_write(BIO *content, const char *folder, const char *name, mode_t mode)
{
    char path[FILE_PATH_SIZE], *bytes;
    long size = BIO_get_mem_data(content, &bytes);

    up_path(path, folder, name);
    return file_write_atomic(path, mode, (struct slice){ bytes, (size_t)size });
}

/* The key first: a certificate without its key is replaced at the next start, the reverse too. */
static enum err identity_write(const struct identity *i, const char *folder,
                               const char *certificate_name, const char *key_name)
{
    BIO *certificate = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_secmem());
    enum err e = ERR_CRYPTO;

    if (certificate == NULL || key == NULL ||
        PEM_write_bio_X509(certificate, i->certificate) != 1 ||
        PEM_write_bio_PrivateKey(key, i->key, NULL, NULL, 0, NULL, NULL) != 1)
        goto out;
    TRY(bio_write(key, folder, key_name, 0600));
    e = bio_write(certificate, folder, certificate_name, 0644);
out:
    BIO_free(certificate);
    BIO_free(key);
    return e;
}

static bool extension_add(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509_EXTENSION *extension;
    X509V3_CTX context;
    bool added;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* Random, positive, and so never the same for two certificates of a browser's cache. */
static bool serial_set(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    BIGNUM *number = NULL;
    bool set;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x7F) | 0x40);
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    set = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

/* A fresh key and an unsigned certificate that starts yesterday, for clocks that are behind. */
static bool identity_begin(struct identity *i, const char *name, int days)
{
    X509_NAME *subject;

    i->key = EVP_EC_gen("P-256");
    i->certificate = X509_new();
    if (i->key == NULL || i->certificate == NULL || !serial_set(i->certificate))
        return false;
    subject = X509_get_subject_name(i->certificate);
    return X509_set_version(i->certificate, X509_VERSION_3) == 1 &&
           X509_time_adj_ex(X509_getm_notBefore(i->certificate), -1, 0, NULL) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(i->certificate), days, 0, NULL) != NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_pubkey(i->certificate, i->key) == 1;
}

static bool authority_issue(struct identity *ca)
{
    X509 *own;

    if (!identity_begin(ca, "Latchkey try-out CA", CA_DAYS))
        return false;
    own = ca->certificate;
    return X509_set_issuer_name(own, X509_get_subject_name(own)) == 1 &&
           extension_add(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           extension_add(own, own, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           extension_add(own, own, NID_subject_key_identifier, "hash") &&
           X509_sign(own, ca->key, EVP_sha256()) > 0;
}

static bool server_issue(struct identity *server, const struct identity *ca, const char *address)
{
    char names[128];
    X509 *own;

    snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:::1,IP:%s", address);
    if (!identity_begin(server, "Latchkey try-out", SERVER_DAYS))
        return false;
    own = server->certificate;
    return X509_set_issuer_name(own, X509_get_subject_name(ca->certificate)) == 1 &&
           extension_add(own, ca->certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           extension_add(own, ca->certificate, NID_key_usage, "critical,digitalSignature") &&
           extension_add(own, ca->certificate, NID_ext_key_usage, "serverAuth") &&
           extension_add(own, ca->certificate, NID_subject_key_identifier, "hash") &&
           extension_add(own, ca->certificate, NID_authority_key_identifier, "keyid:always") &&
           extension_add(own, ca->certificate, NID_subject_alt_name, names) &&
           X509_sign(own, ca->key, EVP_sha256()) > 0;
}

static bool lasts(const X509 *certificate)
{
    time_t soon;

    if (certificate == NULL)
        return false;
    soon = time(NULL) + RENEW_DAYS * 24 * 3600;
    return X509_cmp_time(X509_get0_notAfter(certificate), &soon) > 0;
}

static bool server_is_good(const struct identity *server, const struct identity *ca,
                           const char *address)
{
    return lasts(server->certificate) &&
           X509_verify(server->certificate, X509_get0_pubkey(ca->certificate)) == 1 &&
           X509_check_ip_asc(server->certificate, address, 0) == 1;
}

enum err certificates_make(const char *folder, const char *address)
{
    struct identity ca, server = { 0 };
    enum err e = OK;

    identity_read(&ca, folder, "ca.pem", "ca.key");
    TRY(file_folder_make(folder, 0700));
    if (!lasts(ca.certificate)) {
        identity_wipe(&ca);
        e = authority_issue(&ca) ? OK : ERR_CRYPTO;
        if (e == OK)
            e = identity_write(&ca, folder, "ca.pem", "ca.key");
        if (e != OK)
            goto out;
    }
    identity_read(&server, folder, "server.pem", "server.key");
    if (!server_is_good(&server, &ca, address)) {
        identity_wipe(&server);
        e = server_issue(&server, &ca, address) ? OK : ERR_CRYPTO;
        if (e == OK)
            e = identity_write(&server, folder, "server.pem", "server.key");
    }
out:
    if (e != OK)
        log_error("up", "cannot make certificates in %s: %s", folder, err_text(e));
    ERR_clear_error();
    identity_wipe(&ca);
    identity_wipe(&server);
    return e;
}
