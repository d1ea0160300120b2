#include "http/fetch.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "../test.h"

/* A server of its own, because ours speaks over Unix sockets: "checkpoint" is there, the rest
 * answers as its name says. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    static char page[] = "what was asked for";
    struct MHD_Response *response;
    enum MHD_Result result;
    unsigned status = 200;

    (void)context, (void)method, (void)version, (void)upload, (void)upload_size, (void)request;
    if (strcmp(url, "/log/checkpoint") != 0 && sscanf(url, "/log/%u", &status) != 1)
        status = 404;
    response = MHD_create_response_from_buffer(sizeof page - 1, page, MHD_RESPMEM_PERSISTENT);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Daemon *server_start(char address[64])
{
    struct sockaddr_in loopback = { .sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct MHD_Daemon *server =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, NULL,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&loopback, MHD_OPTION_END);

    assert_non_null(server);
    snprintf(address, 64, "http://127.0.0.1:%u/log/",
             (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
    return server;
}

static enum err get(struct fetch *fetch, const char *name, size_t most, struct buffer *content)
{
    buffer_wipe(content);
    return fetch_get(fetch, name, most, content);
}

TEST(a_file_arrives_and_what_is_not_there_is_said_so)
{
    struct fetch *fetch;
    struct buffer content;
    char address[64];
    struct MHD_Daemon *server = server_start(address);

    buffer_init(&content);
    assert_int_equal(fetch_open(address, NULL, &fetch), OK);
    assert_int_equal(get(fetch, "checkpoint", 100, &content), OK);
    assert_true(slice_is(buffer_slice(&content), SLICE("what was asked for")));
    assert_int_equal(get(fetch, "tile/0/000", 100, &content), ERR_MISSING);
    assert_int_equal(content.size, 0);
    assert_int_equal(get(fetch, "410", 100, &content), ERR_MISSING);
    assert_int_equal(get(fetch, "403", 100, &content), ERR_DENIED);
    assert_int_equal(get(fetch, "500", 100, &content), ERR_IO);
    assert_int_equal(get(fetch, "302", 100, &content), ERR_IO);
    assert_int_equal(get(fetch, "checkpoint", 5, &content), ERR_FULL);
    /* Nobody listens any more. */
    MHD_stop_daemon(server);
    assert_int_equal(get(fetch, "checkpoint", 100, &content), ERR_IO);
    fetch_close(&fetch);
    fetch_close(&fetch);
    buffer_wipe(&content);
}

/* A list that is always the same, and says so to whoever has it. */
static enum MHD_Result list_answer(void *context, struct MHD_Connection *connection,
                                   const char *url, const char *method, const char *version,
                                   const char *upload, size_t *upload_size, void **request)
{
    static char list[] = "the list";
    const char *known = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
    bool same = known != NULL && strcmp(known, "\"one\"") == 0;
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)context, (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    (void)request;
    response =
        MHD_create_response_from_buffer(same ? 0 : sizeof list - 1, list, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "ETag", "\"one\"");
    result = MHD_queue_response(connection, same ? 304 : 200, response);
    MHD_destroy_response(response);
    return result;
}

TEST(what_has_not_changed_is_not_sent_again)
{
    struct sockaddr_in loopback = { .sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct MHD_Daemon *server =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, list_answer, NULL,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&loopback, MHD_OPTION_END);
    char address[64], etag[FETCH_ETAG_SIZE] = "";
    struct fetch *fetch;
    struct buffer content;
    bool changed;

    assert_non_null(server);
    snprintf(address, sizeof address, "http://127.0.0.1:%u/keys",
             (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
    buffer_init(&content);
    assert_int_equal(fetch_open(address, NULL, &fetch), OK);
    assert_int_equal(fetch_get_newer(fetch, 100, etag, &content, &changed), OK);
    assert_true(changed);
    assert_string_equal(etag, "\"one\"");
    assert_true(slice_is(buffer_slice(&content), SLICE("the list")));
    buffer_wipe(&content);
    assert_int_equal(fetch_get_newer(fetch, 100, etag, &content, &changed), OK);
    assert_false(changed);
    assert_int_equal(content.size, 0);
    assert_string_equal(etag, "\"one\"");
    etag[0] = '\0';
    assert_int_equal(fetch_get_newer(fetch, 3, etag, &content, &changed), ERR_FULL);
    MHD_stop_daemon(server);
    assert_int_equal(fetch_get_newer(fetch, 100, etag, &content, &changed), ERR_IO);
    assert_false(changed);
    fetch_close(&fetch);
    buffer_wipe(&content);
}

TEST(only_web_addresses_are_taken_for_some)
{
    assert_true(fetch_is_address("http://log.example/audit"));
    assert_true(fetch_is_address("https://log.example"));
    assert_false(fetch_is_address("/var/lib/latchkey/audit"));
    assert_false(fetch_is_address("ftp://log.example"));
    assert_false(fetch_is_address(""));
}

TEST_MAIN
