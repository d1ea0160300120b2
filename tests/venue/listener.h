/* tests/venue/listener.h: clients of the exchange's WebSockets that are not ours */
#ifndef LISTENER_H
#define LISTENER_H

#include "client.h"

#include <sys/un.h>

#include "../http/websocket_client.h"
#include "../shm/temporary_segment.h"

static struct frame heard;

static struct segment *gate;

/* An exchange whose books are open to everybody, as a sandbox's are (D4). */
static inline void listener_exchange_start(void)
{
    struct gate_settings settings;

    gate = temporary_segment();
    settings = segment_settings_get(gate);
    settings.depth_open = true;
    segment_settings_set(gate, &settings);
    exchange.segment = path_;
    exchange_start(false);
}

static inline void listener_exchange_end(void)
{
    exchange_stop();
    exchange_remove();
    temporary_segment_remove(&gate);
}

/* The next message; the exchange is not to say goodbye. */
static inline const char *listener_hear(int fd)
{
    assert_true(frame_read(fd, &heard));
    assert_int_equal(heard.opcode, FRAME_TEXT);
    return heard.bytes;
}

static inline void listener_hears(int fd, const char *text)
{
    assert_string_equal(listener_hear(fd), text);
}

static inline void listener_say(int fd, const char *text)
{
    frame_send(fd, FRAME_TEXT | FRAME_FINAL, text, strlen(text));
}

static inline int listener_connect(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", exchange.socket);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    socket_patience(fd);
    return fd;
}

/* Its first message was heard. */
static inline int listener_open(void)
{
    int fd = listener_connect();
    char head[1024];

    assert_int_equal(upgrade_ask(fd, UPGRADE_KEY, head, sizeof head), 101);
    assert_int_equal(strncmp(listener_hear(fd), "{\"event\":\"info\",", 16), 0);
    return fd;
}

/* Subscribes; the number of the channel.  Its first data is heard next. */
static inline unsigned listener_join(int fd, const char *request)
{
    unsigned number = 0;

    listener_say(fd, request);
    listener_hear(fd);
    assert_int_equal(strncmp(heard.bytes, "{\"event\":\"subscribed\",", 22), 0);
    assert_int_equal(sscanf(strstr(heard.bytes, "\"chanId\":"), "\"chanId\":%u", &number), 1);
    return number;
}

#endif
