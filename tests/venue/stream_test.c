#include "listener.h"

#include <errno.h>

#define TRADES "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"tBTCUSD\"}"

TEST(an_exchange_without_traders)
{
    listener_exchange_start();
}

/* The elements behind the data of an array message. */
static size_t tail(const char *text, size_t data_end, json_int_t at[2])
{
    json_t *json = json_loads(text, 0, NULL);
    size_t count = json_array_size(json) - data_end;

    assert_true(json_is_array(json) && json_array_size(json) >= data_end && count <= 2);
    for (size_t i = 0; i < count; i++) {
        assert_true(json_is_integer(json_array_get(json, data_end + i)));
        at[i] = json_integer_value(json_array_get(json, data_end + i));
    }
    json_decref(json);
    return count;
}

TEST(numbers_run_over_all_channels_without_a_gap_and_the_time_stands_last)
{
    json_int_t at[2];
    int fd = listener_open();

    listener_say(fd, "{\"event\":\"conf\",\"flags\":98304}");
    listener_hear(fd);
    listener_join(fd, TRADES);
    assert_int_equal(tail(listener_hear(fd), 2, at), 2);
    assert_int_equal(at[0], 1);
    assert_true(at[1] > 1600000000000);
    listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"candles\","
                      "\"key\":\"trade:1h:tBTCUSD\"}");
    assert_int_equal(tail(listener_hear(fd), 2, at), 2);
    assert_int_equal(at[0], 2);
    call_limit(2, "-1", "100");
    call_limit(3, "1", "100");
    for (json_int_t next = 3; next <= 5; next++) { /* te, tu, and the candle when it is due */
        listener_hear(fd);
        assert_int_equal(tail(heard.bytes, next == 5 ? 2 : 3, at), 2);
        assert_int_equal(at[0], next);
    }

    listener_say(fd, "{\"event\":\"conf\",\"flags\":32768}");
    listener_hear(fd);
    listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"tETHUSD\"}");
    assert_int_equal(tail(listener_hear(fd), 2, at), 1);
    assert_true(at[0] > 1600000000000);
    listener_say(fd, "{\"event\":\"conf\",\"flags\":65536}");
    listener_hear(fd);
    listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"tETHBTC\"}");
    assert_int_equal(tail(listener_hear(fd), 2, at), 1);
    assert_int_equal(at[0], 1); /* the flag was off: it begins anew */
    close(fd);
}

/* It asks for all books again and again, and never reads what it gets. */
static void slow_reader_run(int fd)
{
    static const char again[] = "{\"event\":\"subscribe\",\"channel\":\"nothing\",\"key\":\"%s\"}";
    static char word[32 * 1024], request[33 * 1024];
    struct timeval patience = { .tv_usec = 1000 };
    bool open = true;

    memset(word, 'x', sizeof word - 1);
    snprintf(request, sizeof request, again, word);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    for (unsigned i = 0; i < 20000 && open; i++) {
        char frame[34 * 1024] = { (char)0x81, (char)0xfe };
        size_t size = strlen(request);
        size_t sent = 0;

        frame[2] = (char)(size >> 8);
        frame[3] = (char)size; /* the mask is zero */
        memcpy(frame + 8, request, size);
        while (open && sent < size + 8) {
            ssize_t part = send(fd, frame + sent, size + 8 - sent, MSG_NOSIGNAL);

            if (part > 0)
                sent += (size_t)part;
            else
                open = errno == EAGAIN || errno == EINTR;
        }
    }
    assert_false(open);
}

TEST(a_slow_reader_is_cut_off_and_the_others_do_not_notice)
{
    int slow = listener_open(), other = listener_open();

    listener_join(other, TRADES);
    listener_hear(other);
    slow_reader_run(slow);
    call_limit(2, "-1", "101");
    call_limit(3, "1", "101");
    listener_hear(other);
    assert_non_null(strstr(heard.bytes, "\"te\""));
    assert_non_null(strstr(heard.bytes, ",1,101]]"));
    close(slow);
    close(other);
}

TEST(the_end)
{
    listener_exchange_end();
}

TEST_MAIN
