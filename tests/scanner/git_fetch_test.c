#include "../test.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/hex.h"
#include "scanner/git_fetch.h"

/* Real servers of git: tests/scenarios/scan.test.mjs.  This one says whatever it is told to. */
struct script {
    struct slice info, refs, pack; /* bodies */
    unsigned status;               /* of all; 0: 200 */
    const char *location, *retry_after, *type;
    struct buffer asked; /* the last message */
    char agent[64], protocol[32];
};

static struct script script;

static struct slice body_of(const char *url, const char **type)
{
    if (strstr(url, "/info/refs") != NULL) {
        *type = "application/x-git-upload-pack-advertisement";
        return script.info;
    }
    *type = "application/x-git-upload-pack-result";
    if (script.asked.at != NULL && strstr(script.asked.at, "command=fetch") != NULL)
        return script.pack;
    return script.refs;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    static char begun;
    struct MHD_Response *response;
    const char *type, *header;
    struct slice body;
    enum MHD_Result result;
    bool moves = script.location != NULL && strstr(url, "/old/") != NULL;

    (void)context, (void)method, (void)version;
    if (*request == NULL) {
        *request = &begun;
        buffer_wipe(&script.asked);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        buffer_append(&script.asked, (struct slice){ upload, *upload_size });
        *upload_size = 0;
        return MHD_YES;
    }
    header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "User-Agent");
    snprintf(script.agent, sizeof script.agent, "%s", header);
    header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Git-Protocol");
    snprintf(script.protocol, sizeof script.protocol, "%s", header);
    body = body_of(url, &type);
    response = MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)body.at,
                                               MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", script.type != NULL ? script.type : type);
    if (script.retry_after != NULL)
        MHD_add_response_header(response, "Retry-After", script.retry_after);
    if (moves)
        MHD_add_response_header(response, "Location", script.location);
    result = MHD_queue_response(connection,
                                moves           ? 302
                                : script.status ? script.status
                                                : 200,
                                response);
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
    snprintf(address, 64, "http://127.0.0.1:%u",
             (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
    return server;
}

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define INFO                                                                                   \
    SLICE("001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n0012fetch=shallow\n" \
          "0017object-format=sha1\n000cagent=x\n0000")
#define REFS                                                  \
    SLICE("0032" ID_A " HEAD\n003d" ID_A " refs/heads/main\n" \
          "0049" ID_B " refs/notes/commits peeled:x\n0043" ID_A " refs/pull/7/head more\n0000")
#define PACK                                                             \
    SLICE("0011shallow-info\n0008shal0001000dpackfile\n0009\1PACK0005\2" \
          "000a\2hello0009\1more0000")

static void script_begin(void)
{
    buffer_wipe(&script.asked);
    script = (struct script){ .info = INFO, .refs = REFS, .pack = PACK };
}

static bool bytes_keep(void *context, struct slice bytes)
{
    buffer_append(context, bytes);
    return true;
}

/* List and fetch from what the script says; `why` when something fails. */
static enum err visit(const char *address, const struct git_limits *limits, const char *path,
                      struct buffer *pack, struct git_trouble *trouble)
{
    struct git_remote *remote = NULL;
    char url[128];
    enum err e;

    snprintf(url, sizeof url, "%s%s", address, path);
    buffer_wipe(pack);
    *trouble = (struct git_trouble){ .status = 0 };
    assert_int_equal(git_remote_open(url, limits, &remote), OK);
    e = git_remote_list(remote);
    if (e == OK)
        e = git_remote_fetch(remote, NULL, NULL, bytes_keep, pack);
    *trouble = *git_remote_trouble(remote);
    git_remote_close(&remote);
    git_remote_close(&remote);
    return e;
}

TEST(refs_are_listed_and_their_pack_arrives)
{
    struct git_limits limits = git_limits_default;
    struct git_remote *remote;
    const struct git_ref *refs;
    struct git_ids seen;
    struct buffer pack;
    char address[64], id[41];
    size_t count;
    struct MHD_Daemon *server;

    script_begin();
    server = server_start(address);
    buffer_init(&pack);
    limits.agent = "latchkey/test (+mailto:a@example.com)";
    assert_int_equal(git_remote_open(address, &limits, &remote), OK);
    assert_int_equal(git_remote_list(remote), OK);
    assert_string_equal(script.asked.at, "0014command=ls-refs\n0019agent=latchkey/" LATCHKEY_VERSION
                                         "\n0017object-format=sha1\n00010000");
    assert_string_equal(script.agent, limits.agent);
    assert_string_equal(script.protocol, "version=2");
    refs = git_remote_refs(remote, &count);
    assert_int_equal(count, 4);
    assert_int_equal(git_remote_id_bytes(remote), 20);
    assert_string_equal(refs[2].name, "refs/notes/commits");
    assert_string_equal(refs[3].name, "refs/pull/7/head");
    hex_format(refs[2].id, 20, id);
    assert_string_equal(id, ID_B);

    assert_int_equal(git_remote_fetch(remote, NULL, NULL, bytes_keep, &pack), OK);
    assert_string_equal(pack.at, "PACKmore");
    assert_non_null(strstr(script.asked.at, "00010010no-progress\n000eofs-delta\n0032want " ID_A
                                            "\n0032want " ID_B "\n0009done\n0000"));
    /* What is there already is not asked for; all of it: nothing is asked. */
    seen = (struct git_ids){ (const uint8_t(*)[GIT_ID_MOST])refs[0].id, 1 };
    assert_int_equal(git_remote_fetch(remote, NULL, &seen, bytes_keep, &pack), OK);
    assert_non_null(strstr(script.asked.at, "0032want " ID_B "\n0032have " ID_A "\n0009done\n"));
    assert_null(strstr(script.asked.at, "want " ID_A));
    buffer_wipe(&pack);
    assert_int_equal(git_remote_fetch(remote, &seen, &seen, bytes_keep, &pack), OK);
    assert_int_equal(pack.size, 0);
    git_remote_close(&remote);
    MHD_stop_daemon(server);
    buffer_wipe(&pack);
}

TEST(a_redirect_moves_the_repository_but_never_to_credentials)
{
    struct git_trouble trouble;
    struct buffer pack;
    char address[64], location[200];
    struct MHD_Daemon *server = server_start(address);

    buffer_init(&pack);
    script_begin();
    script.location = location;
    snprintf(location, sizeof location, "%s/new/info/refs?service=git-upload-pack", address);
    assert_int_equal(visit(address, &git_limits_default, "/old/", &pack, &trouble), OK);
    assert_string_equal(pack.at, "PACKmore");
    snprintf(location, sizeof location, "%s/new/elsewhere", address);
    script.refs = INFO; /* which it answers there */
    script.type = "application/x-git-upload-pack-advertisement";
    assert_int_equal(visit(address, &git_limits_default, "/old/", &pack, &trouble), ERR_MALFORMED);
    script.type = NULL;
    script.refs = REFS;
    snprintf(location, sizeof location, "http://me:secret@%s/new/info/refs?service=git-upload-pack",
             address + strlen("http://"));
    assert_int_equal(visit(address, &git_limits_default, "/old/", &pack, &trouble), ERR_MALFORMED);
    assert_null(strstr(trouble.why, "secret"));
    snprintf(location, sizeof location, "%s/old/info/refs?service=git-upload-pack", address);
    assert_int_equal(visit(address, &git_limits_default, "/old/", &pack, &trouble), ERR_IO);
    assert_non_null(strstr(trouble.why, "redirects"));
    snprintf(location, sizeof location, "file:///etc/passwd");
    assert_int_equal(visit(address, &git_limits_default, "/old/", &pack, &trouble), ERR_IO);
    MHD_stop_daemon(server);
    buffer_wipe(&pack);
}

TEST(a_status_is_handed_back_with_when_to_ask_again)
{
    static const struct {
        unsigned status;
        enum err e;
    } rows[] = { { 401, ERR_DENIED },  { 403, ERR_DENIED }, { 404, ERR_MISSING },
                 { 410, ERR_MISSING }, { 429, ERR_IO },     { 500, ERR_IO },
                 { 503, ERR_IO },      { 204, ERR_IO } };
    struct git_trouble trouble;
    struct buffer pack;
    char address[64], number[8];
    struct MHD_Daemon *server = server_start(address);

    buffer_init(&pack);
    script_begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        script.status = rows[i].status;
        script.retry_after = rows[i].status == 429 ? "77" : NULL;
        script.info = rows[i].status == 204 ? SLICE_EMPTY : INFO;
        assert_int_equal(visit(address, &git_limits_default, "/x.git", &pack, &trouble), rows[i].e);
        assert_int_equal(trouble.status, rows[i].status);
        assert_int_equal(trouble.retry_after_s, rows[i].status == 429 ? 77 : 0);
        snprintf(number, sizeof number, "%u", rows[i].status);
        assert_non_null(strstr(trouble.why, number));
    }
    MHD_stop_daemon(server);
    buffer_wipe(&pack);
}

TEST(a_server_that_lies_is_refused_with_a_reason)
{
    static const struct {
        struct slice info, refs, pack; /* NULL: as it should be */
        enum err e;
        const char *why;
    } rows[] = {
        { .info = SLICE("<html>"), .e = ERR_MALFORMED, .why = "protocol" },
        { .info = SLICE("001e# service=git-upload-pack\n0000003c" ID_A " HEAD\0multi_ack\n0000"),
          .e = ERR_VERSION,
          .why = "version 2" },
        { .info = SLICE("000eversion 1\n0000"), .e = ERR_VERSION, .why = "version 2" },
        { .info = SLICE("000eversion 2\n0000"), .e = ERR_VERSION, .why = "neither" },
        { .info = SLICE("000eversion 2\n0019object-format=sha512\n"),
          .e = ERR_VERSION,
          .why = "unknown kind" },
        { .info = SLICE("0017ERR go\1\xff away, you\n"), .e = ERR_IO, .why = "go?? away, you" },
        { .info = SLICE("000eversion 2\n000cls-refs\n"), .e = ERR_IO, .why = "cut off" },
        { .info = SLICE_EMPTY, .e = ERR_IO, .why = NULL },
        { .refs = SLICE("0032" ID_A " HEAD\n"), .e = ERR_IO, .why = "cut off" },
        { .refs = SLICE("0032" ID_A " HEAD\n00"), .e = ERR_IO, .why = "cut off" },
        { .refs = SLICE("0032zaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HEAD\n0000"),
          .e = ERR_MALFORMED,
          .why = "refs" },
        { .refs = SLICE("0009HEAD\n0000"), .e = ERR_MALFORMED, .why = "refs" },
        { .refs = SLICE("ffffaaaa"), .e = ERR_MALFORMED, .why = "protocol" },
        { .refs = SLICE("00000000"), .e = ERR_MALFORMED, .why = "refs" },
        { .pack = SLICE("0008NAK\n"), .e = ERR_IO, .why = "cut off" },
        { .pack = SLICE("000dpackfile\n0009\1PACK"), .e = ERR_IO, .why = "cut off" },
        { .pack = SLICE("000dpackfile\n0009\1PACK00000009\1PACK"),
          .e = ERR_MALFORMED,
          .why = "no end" },
        { .pack = SLICE("000dpackfile\n0009\7PACK0000"), .e = ERR_MALFORMED, .why = "as git" },
        { .pack = SLICE("000dpackfile\n00040000"), .e = ERR_MALFORMED, .why = "as git" },
        { .pack = SLICE("000dpackfile\n0001"), .e = ERR_MALFORMED, .why = "interrupted" },
        { .pack = SLICE("000dpackfile\n000e\3not today"), .e = ERR_IO, .why = "not today" },
        { .pack = SLICE("000fERR denied\n0000"), .e = ERR_IO, .why = "denied" },
        { .pack = SLICE("0000"), .e = ERR_MALFORMED, .why = "no pack" },
    };
    struct git_trouble trouble;
    struct buffer pack;
    char address[64];
    struct MHD_Daemon *server = server_start(address);

    buffer_init(&pack);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        script_begin();
        if (rows[i].info.at != NULL || rows[i].why == NULL)
            script.info = rows[i].info;
        if (rows[i].refs.at != NULL)
            script.refs = rows[i].refs;
        if (rows[i].pack.at != NULL)
            script.pack = rows[i].pack;
        if (visit(address, &git_limits_default, "", &pack, &trouble) != rows[i].e ||
            strstr(trouble.why, rows[i].why == NULL ? "" : rows[i].why) == NULL)
            fail_msg("row %zu: %s", i, trouble.why);
    }
    MHD_stop_daemon(server);
    buffer_wipe(&pack);
}

static bool bytes_refuse(void *context, struct slice bytes)
{
    (void)context, (void)bytes;
    return false;
}

TEST(there_is_an_end_to_everything)
{
    struct git_limits limits = git_limits_default;
    struct git_remote *remote;
    struct git_trouble trouble;
    struct buffer pack;
    char address[64];
    struct MHD_Daemon *server = server_start(address);

    buffer_init(&pack);
    script_begin();
    limits.ref_count = 3;
    assert_int_equal(visit(address, &limits, "", &pack, &trouble), ERR_FULL);
    limits = git_limits_default;
    limits.pack_bytes = 7;
    assert_int_equal(visit(address, &limits, "", &pack, &trouble), ERR_FULL);
    assert_string_equal(pack.at, "PACK");
    script.type = "text/html";
    assert_int_equal(visit(address, &git_limits_default, "", &pack, &trouble), ERR_VERSION);
    script.type = NULL;
    assert_int_equal(git_remote_open(address, &git_limits_default, &remote), OK);
    assert_int_equal(git_remote_list(remote), OK);
    assert_int_equal(git_remote_fetch(remote, NULL, NULL, bytes_refuse, NULL), ERR_IO);
    git_remote_close(&remote);
    MHD_stop_daemon(server);
    assert_int_equal(visit(address, &git_limits_default, "", &pack, &trouble), ERR_IO);
    assert_non_null(strstr(trouble.why, "cannot be fetched"));
    buffer_wipe(&pack);
}

/* The kernel takes the connection, and nobody ever reads from it. */
static int silence_open(char address[64])
{
    struct sockaddr_in loopback = { .sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof loopback;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&loopback, sizeof loopback), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&loopback, &size), 0);
    assert_int_equal(listen(listener, 4), 0);
    snprintf(address, 64, "http://127.0.0.1:%u", (unsigned)ntohs(loopback.sin_port));
    return listener;
}

TEST(a_server_that_never_answers_is_left)
{
    struct git_limits limits = git_limits_default;
    struct git_trouble trouble;
    struct buffer pack;
    char address[64];
    int listener = silence_open(address);

    buffer_init(&pack);
    limits.time_s = 1;
    assert_int_equal(visit(address, &limits, "", &pack, &trouble), ERR_IO);
    assert_int_equal(trouble.status, 0);
    assert_non_null(strstr(trouble.why, "cannot be fetched"));
    close(listener);
    buffer_wipe(&pack);
}

TEST(a_fetch_is_stopped)
{
    struct git_limits limits = git_limits_default;
    struct git_trouble trouble;
    struct buffer pack;
    char address[64];
    int listener = silence_open(address);

    buffer_init(&pack);
    limits.stop = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(visit(address, &limits, "", &pack, &trouble), ERR_CONFLICT);
    close(limits.stop);
    close(listener);
    buffer_wipe(&pack);
}

TEST(an_address_with_a_password_is_refused)
{
    static const char *const wrong[] = { "https://me@example.com/a.git",
                                         "https://me:word@example.com/a.git",
                                         "https://:word@example.com/a.git",
                                         "file:///etc",
                                         "git@example.com:a.git",
                                         "ssh://example.com/a",
                                         "",
                                         "https://" };
    struct git_remote *remote;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(git_remote_open(wrong[i], &git_limits_default, &remote), ERR_MALFORMED);
        assert_null(remote);
    }
}

TEST_MAIN
