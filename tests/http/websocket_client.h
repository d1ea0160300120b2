/* tests/http/websocket_client.h: frames as a client sends and reads them, byte by byte */
#ifndef WEBSOCKET_CLIENT_H
#define WEBSOCKET_CLIENT_H

#include "../test.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { FRAME_CONTINUED = 0, FRAME_TEXT = 1, FRAME_BINARY = 2, FRAME_END = 8, FRAME_PING = 9,
       FRAME_PONG = 10, FRAME_FINAL = 0x80 };

struct frame {
    unsigned opcode; /* of the frame; FRAME_FINAL is taken away */
    size_t size;
    char bytes[256 * 1024]; /* zero-terminated */
};

static inline void socket_patience(int fd)
{
    struct timeval patience = { .tv_sec = 30 };

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
}

/* Masked, as clients must. */
static inline void frame_send(int fd, unsigned first, const char *bytes, size_t size)
{
    static const uint8_t mask[4] = { 0x11, 0x82, 0x43, 0xf4 };
    static uint8_t frame[256 * 1024];
    size_t at = 2;

    assert_true(size + 14 < sizeof frame);
    frame[0] = (uint8_t)first;
    if (size < 126) {
        frame[1] = (uint8_t)(0x80 | size);
    } else if (size < 65536) {
        frame[1] = 0x80 | 126;
        frame[at++] = (uint8_t)(size >> 8);
        frame[at++] = (uint8_t)size;
    } else {
        frame[1] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            frame[at++] = (uint8_t)(size >> shift);
    }
    memcpy(frame + at, mask, sizeof mask);
    at += sizeof mask;
    for (size_t i = 0; i < size; i++)
        frame[at++] = (uint8_t)bytes[i] ^ mask[i % 4];
    assert_int_equal(send(fd, frame, at, MSG_NOSIGNAL), (ssize_t)at);
}

/* False: the connection is over. */
static inline bool exactly_read(int fd, void *bytes, size_t size)
{
    return size == 0 || recv(fd, bytes, size, MSG_WAITALL) == (ssize_t)size;
}

static inline bool frame_read(int fd, struct frame *frame)
{
    uint8_t head[2], more[8];
    size_t more_size;

    frame->size = 0;
    frame->bytes[0] = '\0';
    if (!exactly_read(fd, head, 2))
        return false;
    assert_int_equal(head[1] & 0x80, 0);
    assert_int_equal(head[0] & 0x70, 0);
    frame->opcode = head[0] & 0x0f;
    frame->size = head[1];
    more_size = frame->size == 126 ? 2 : frame->size == 127 ? 8 : 0;
    if (!exactly_read(fd, more, more_size))
        return false;
    for (size_t i = 0; i < more_size; i++)
        frame->size = (i == 0 ? 0 : frame->size << 8) | more[i];
    assert_true(frame->size < sizeof frame->bytes);
    if (!exactly_read(fd, frame->bytes, frame->size))
        return false;
    frame->bytes[frame->size] = '\0';
    return true;
}

/* The code of a close frame. */
static inline unsigned frame_code(const struct frame *frame)
{
    assert_int_equal(frame->opcode, FRAME_END);
    assert_true(frame->size >= 2);
    return (unsigned)(uint8_t)frame->bytes[0] << 8 | (uint8_t)frame->bytes[1];
}

/* Asks for /ws/2 on a connected socket; the status of the answer, whose head is in `head`. */
static inline int upgrade_ask(int fd, const char *headers, char *head, size_t most)
{
    char request[512];
    size_t size = 0;

    snprintf(request, sizeof request,
             "GET /ws/2 HTTP/1.1\r\nHost: exchange\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\n%s\r\n",
             headers);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    do {
        assert_true(size + 1 < most);
        assert_int_equal(recv(fd, head + size, 1, 0), 1);
        head[++size] = '\0';
    } while (size < 4 || strcmp(head + size - 4, "\r\n\r\n") != 0);
    return (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
}

#define UPGRADE_KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

#endif
