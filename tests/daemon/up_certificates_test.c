#include "daemon/up_certificates.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/up.h"
#include "test.h"

static char folder[] = "/tmp/latchkey-certificates-XXXXXX";

static X509 *certificate_get(const char *name)
{
    char path[FILE_PATH_SIZE];
    X509 *certificate;
    FILE *file;

    up_path(path, folder, name);
    file = fopen(path, "r");
    assert_non_null(file);
    certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(certificate);
    return certificate;
}

static mode_t mode_of(const char *name)
{
    char path[FILE_PATH_SIZE];
    struct stat status;

    up_path(path, folder, name);
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

TEST(a_server_is_certified_for_loopback_by_a_ca_of_its_own)
{
    X509 *ca, *server;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(certificates_make(folder, "127.0.0.1"), OK);
    ca = certificate_get("ca.pem");
    server = certificate_get("server.pem");
    assert_int_equal(X509_check_issued(ca, server), X509_V_OK);
    assert_int_equal(X509_verify(server, X509_get0_pubkey(ca)), 1);
    assert_int_equal(X509_check_ca(ca), 1);
    assert_int_equal(X509_check_ca(server), 0);
    assert_int_equal(X509_check_host(server, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(server, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(server, "::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(server, "192.0.2.1", 0), 0);
    assert_int_equal(mode_of("ca.key"), 0600);
    assert_int_equal(mode_of("server.key"), 0600);
    X509_free(ca);
    X509_free(server);
}

TEST(what_is_good_is_kept)
{
    X509 *ca = certificate_get("ca.pem"), *server = certificate_get("server.pem"), *after;

    assert_int_equal(certificates_make(folder, "127.0.0.1"), OK);
    after = certificate_get("server.pem");
    assert_int_equal(X509_cmp(server, after), 0);
    X509_free(after);
    after = certificate_get("ca.pem");
    assert_int_equal(X509_cmp(ca, after), 0);
    X509_free(after);
    X509_free(ca);
    X509_free(server);
}

TEST(another_address_renews_the_server_but_not_the_ca)
{
    X509 *ca = certificate_get("ca.pem"), *after, *server;

    assert_int_equal(certificates_make(folder, "192.0.2.1"), OK);
    after = certificate_get("ca.pem");
    server = certificate_get("server.pem");
    assert_int_equal(X509_cmp(ca, after), 0);
    assert_int_equal(X509_check_ip_asc(server, "192.0.2.1", 0), 1);
    assert_int_equal(X509_verify(server, X509_get0_pubkey(ca)), 1);
    X509_free(after);
    X509_free(ca);
    X509_free(server);
}

TEST(a_key_that_does_not_fit_its_certificate_is_replaced_with_it)
{
    char from[FILE_PATH_SIZE], to[FILE_PATH_SIZE];
    X509 *ca, *server;

    up_path(from, folder, "server.key");
    up_path(to, folder, "ca.key");
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(certificates_make(folder, "127.0.0.1"), OK);
    ca = certificate_get("ca.pem");
    server = certificate_get("server.pem");
    assert_int_equal(X509_verify(server, X509_get0_pubkey(ca)), 1);
    X509_free(ca);
    X509_free(server);
}

TEST(a_folder_that_cannot_be_written_is_an_error)
{
    assert_int_equal(certificates_make("/dev/null/tls", "127.0.0.1"), ERR_IO);
}

TEST_MAIN
