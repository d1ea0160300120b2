#include "websocket_client.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "http/websocket.h"

static struct websocket *websocket;
static int peer;
static struct frame frame;
static char taken[128 * 1024];
static unsigned taken_count;

static void text_take(void *context, struct slice text)
{
    (void)context;
    snprintf(taken, sizeof taken, "%.*s", (int)text.size, text.at);
    taken_count++;
}

static void pair_open(size_t message_most, size_t queue_most, const char *early)
{
    struct websocket_options options = { .message_most = message_most,
                                         .queue_most = queue_most,
                                         .take = text_take };
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    peer = ends[1];
    socket_patience(peer);
    taken_count = 0;
    assert_int_equal(websocket_open(ends[0], slice_of(early), &options, &websocket), OK);
}

static void pair_close(void)
{
    websocket_close(&websocket);
    close(peer);
}

TEST(a_message_arrives_whole_however_it_was_cut)
{
    pair_open(1024, 4096, NULL);
    frame_send(peer, FRAME_TEXT, "[1,", 3);
    frame_send(peer, FRAME_CONTINUED, "2,", 2);
    frame_send(peer, FRAME_PING | FRAME_FINAL, "there?", 6);
    frame_send(peer, FRAME_CONTINUED | FRAME_FINAL, "3]", 2);
    assert_true(websocket_read(websocket));
    assert_int_equal(taken_count, 1);
    assert_string_equal(taken, "[1,2,3]");
    assert_true(websocket_flush(websocket));
    assert_true(frame_read(peer, &frame));
    assert_int_equal(frame.opcode, FRAME_PONG);
    assert_string_equal(frame.bytes, "there?");
    pair_close();
}

TEST(what_came_with_the_handshake_is_read_first)
{
    /* A masked "hi" whose second half comes later. */
    pair_open(1024, 4096, "\x81\x82\x01\x01\x01\x01\x69");
    assert_true(websocket_read(websocket));
    assert_int_equal(taken_count, 0);
    assert_int_equal(send(peer, "\x68", 1, 0), 1);
    assert_true(websocket_read(websocket));
    assert_int_equal(taken_count, 1);
    assert_string_equal(taken, "hi");
    pair_close();
}

TEST(nothing_leaves_before_the_flush)
{
    char byte;

    pair_open(1024, 4096, NULL);
    assert_true(websocket_send(websocket, SLICE("[]")));
    assert_true(websocket_is_behind(websocket));
    assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
    assert_true(websocket_flush(websocket));
    assert_false(websocket_is_behind(websocket));
    assert_true(frame_read(peer, &frame));
    assert_int_equal(frame.opcode, FRAME_TEXT);
    assert_string_equal(frame.bytes, "[]");
    pair_close();
}

/* The client breaks a rule; the code is the standard's for it, and then the connection is over. */
static void ends_with(unsigned code)
{
    assert_true(websocket_read(websocket));
    assert_false(websocket_flush(websocket));
    assert_true(frame_read(peer, &frame));
    assert_int_equal(frame_code(&frame), code);
    assert_int_equal(taken_count, 0);
    pair_close();
}

TEST(what_is_not_allowed_ends_the_connection_with_its_code)
{
    static const struct {
        const char *bytes;
        size_t size;
        unsigned code;
    } broken[] = {
        { "\x81\x02hi", 4, 1002 },                         /* not masked */
        { "\xc1\x82\x01\x01\x01\x01\x69\x68", 8, 1002 },   /* compressed, which nobody agreed to */
        { "\x83\x80\x01\x01\x01\x01", 6, 1002 },           /* a kind that does not exist */
        { "\x80\x80\x01\x01\x01\x01", 6, 1002 },           /* goes on with nothing */
        { "\x82\x82\x01\x01\x01\x01\x69\x68", 8, 1003 },   /* binary */
        { "\x81\x82\x01\x01\x01\x01\xfe\xfe", 8, 1007 },   /* no UTF-8 */
    };

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        pair_open(1024, 4096, NULL);
        assert_int_equal(send(peer, broken[i].bytes, broken[i].size, 0), (ssize_t)broken[i].size);
        ends_with(broken[i].code);
    }
}

TEST(a_message_over_the_limit_ends_the_connection)
{
    static char large[1025];

    memset(large, ' ', sizeof large);
    pair_open(1024, 4096, NULL);
    frame_send(peer, FRAME_TEXT | FRAME_FINAL, large, 1024);
    assert_true(websocket_read(websocket));
    assert_int_equal(taken_count, 1);
    pair_close();
    pair_open(1024, 4096, NULL);
    frame_send(peer, FRAME_TEXT | FRAME_FINAL, large, 1025);
    ends_with(1009);
}

TEST(a_goodbye_is_answered_and_is_the_end)
{
    pair_open(1024, 4096, NULL);
    frame_send(peer, FRAME_END | FRAME_FINAL, "\x03\xe8", 2);
    ends_with(1000);
}

TEST(our_goodbye_leaves_behind_everything_that_was_said_before)
{
    pair_open(1024, 4096, NULL);
    assert_true(websocket_send(websocket, SLICE("last")));
    websocket_end(websocket, WEBSOCKET_RESTART);
    assert_false(websocket_flush(websocket));
    assert_true(frame_read(peer, &frame));
    assert_string_equal(frame.bytes, "last");
    assert_true(frame_read(peer, &frame));
    assert_int_equal(frame_code(&frame), 1012);
    pair_close();
}

TEST(who_hangs_up_is_gone)
{
    pair_open(1024, 4096, NULL);
    close(peer);
    assert_false(websocket_read(websocket));
    assert_false(websocket_send(websocket, SLICE("[]")));
    websocket_close(&websocket);
}

/* What the kernel takes is not ours any more; beyond it the queue counts. */
TEST(a_queue_that_nobody_reads_is_bounded_and_a_read_one_goes_on)
{
    static char text[8192];
    size_t sent = 0, heard = 0;

    memset(text, 'x', sizeof text - 1);
    pair_open(1024, 256 * 1024, NULL);
    while (websocket_send(websocket, slice_of(text)) && sent < 10000) {
        sent++;
        if (sent == 100)
            assert_true(websocket_flush(websocket)); /* as far as it goes */
    }
    assert_true(sent > 20 && sent < 10000);
    assert_false(websocket_flush(websocket));
    pair_close();

    pair_open(1024, 4 * 1024 * 1024, NULL);
    for (sent = 0; sent < 400; sent++)
        assert_true(websocket_send(websocket, slice_of(text)));
    assert_true(websocket_flush(websocket));
    assert_true(websocket_is_behind(websocket));
    for (heard = 0; heard < sent; heard++) {
        assert_true(frame_read(peer, &frame));
        assert_string_equal(frame.bytes, text);
        assert_true(websocket_flush(websocket));
    }
    assert_false(websocket_is_behind(websocket));
    pair_close();
}

/* Each ping is answered, so who reads no answers must not make us keep them all. */
TEST(pings_without_end_are_cut_off)
{
    static char ping[64 * 1024];
    size_t size = 0;
    bool open = true;

    while (size + 131 <= sizeof ping) {
        memcpy(ping + size, "\x89\xfd\0\0\0\0", 6);
        size += 131;
    }
    pair_open(1024, 128 * 1024, NULL);
    for (unsigned i = 0; i < 10000 && open; i++) {
        assert_int_equal(send(peer, ping, size, MSG_NOSIGNAL), (ssize_t)size);
        open = websocket_read(websocket) && websocket_flush(websocket);
    }
    assert_false(open);
    pair_close();
}

/* ---- Through the server ---- */

static void request_take(void *context, struct http_request *request, struct http_reply *reply);

static void socket_take(void *context, int descriptor, struct slice early)
{
    struct websocket_options options = { .message_most = 1024,
                                         .queue_most = 4096,
                                         .take = text_take };

    (void)context;
    assert_true(descriptor >= 0);
    assert_int_equal(websocket_open(descriptor, early, &options, &websocket), OK);
}

static void request_take(void *context, struct http_request *request, struct http_reply *reply)
{
    (void)context;
    if (websocket_greet(request, reply))
        reply->upgrade = (struct http_upgrade){ socket_take, NULL };
}

static pid_t server_start(const char *path)
{
    struct http_options options = {
        .path = path, .mode = 0600, .body_most = 1024, .answer = request_take
    };
    static struct http_server *server; /* stays the parent's: only the child uses it */
    struct pollfd ready = { .events = POLLIN };
    bool more = true;
    pid_t child;

    assert_int_equal(http_server_open(&options, &server), OK);
    child = fork();
    if (child != 0)
        return child;
    ready.fd = http_server_descriptor(server);
    while (websocket == NULL) {
        poll(&ready, 1, more ? 0 : -1);
        more = http_server_turn(server);
    }
    more = http_server_turn(server); /* its own copy of the descriptor is closed */
    ready.fd = websocket_descriptor(websocket);
    for (;;) {
        poll(&ready, 1, -1);
        if (!websocket_read(websocket) || !websocket_send(websocket, slice_of(taken)) ||
            !websocket_flush(websocket))
            _exit(0);
    }
}

static int server_connect(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    socket_patience(fd);
    return fd;
}

TEST(a_handshake_over_http_becomes_a_connection)
{
    char folder[] = "/tmp/latchkey-websocket-XXXXXX", path[64], head[1024];
    pid_t child;
    int fd;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
    websocket = NULL;
    child = server_start(path);
    fd = server_connect(path);
    assert_int_equal(upgrade_ask(fd, "Sec-WebSocket-Key: short\r\n", head, sizeof head), 426);
    close(fd);
    fd = server_connect(path);
    assert_int_equal(upgrade_ask(fd, UPGRADE_KEY, head, sizeof head), 101);
    /* The example of RFC 6455, 1.3. */
    assert_non_null(strstr(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert_non_null(strstr(head, "Upgrade: websocket\r\n"));
    frame_send(fd, FRAME_TEXT | FRAME_FINAL, "echo", 4);
    assert_true(frame_read(fd, &frame));
    assert_string_equal(frame.bytes, "echo");
    close(fd);
    assert_int_equal(waitpid(child, NULL, 0), child);
    unlink(path);
    rmdir(folder);
}

TEST_MAIN
