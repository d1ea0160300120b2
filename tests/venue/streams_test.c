#include "listener.h"

TEST(the_first_words_name_the_version_and_the_process)
{
    char head[1024], version[8], id[40];
    int fd, size = 0;

    exchange.heartbeat_ms = 200;
    listener_exchange_start();
    fd = listener_connect();
    assert_int_equal(upgrade_ask(fd, UPGRADE_KEY, head, sizeof head), 101);
    assert_int_equal(sscanf(listener_hear(fd),
                            "{\"event\":\"info\",\"version\":%1[2],\"serverId\":\"%36[0-9a-f-]\","
                            "\"platform\":{\"status\":1}}%n",
                            version, id, &size),
                     2);
    assert_int_equal((size_t)size, heard.size);
    assert_int_equal(strlen(id), 36);
    close(fd);
}

TEST(what_is_no_handshake_is_told_what_is_spoken_here)
{
    char head[1024];
    int fd = listener_connect();

    assert_int_equal(upgrade_ask(fd, "", head, sizeof head), 426);
    close(fd);
    json_decref(call_try(0, "../ws/2", NULL));
    assert_int_equal(told_status, 426);
}

TEST(a_silent_channel_gives_signs_of_life)
{
    int fd = listener_open();
    char beat[32];
    unsigned number =
        listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"status\","
                          "\"key\":\"liq:global\"}");

    snprintf(beat, sizeof beat, "[%u,\"hb\"]", number);
    for (unsigned i = 0; i < 3; i++)
        listener_hears(fd, beat);
    close(fd);
}

static void operate(const char *command, const char *body)
{
    char path[80];

    snprintf(path, sizeof path, "../operator/sandbox/%s", command);
    json_decref(call(0, path, body));
    assert_int_equal(told_status, 200);
}

TEST(maintenance_is_told_when_it_begins_and_when_it_ends)
{
    int fd = listener_open();

    operate("inject", "{\"kind\":\"maintenance\"}");
    listener_hears(fd, "{\"event\":\"info\",\"code\":20060,\"msg\":\"Entering in Maintenance "
                       "mode\"}");
    operate("clear", "{}");
    listener_hears(fd, "{\"event\":\"info\",\"code\":20061,\"msg\":\"Maintenance ended\"}");
    close(fd);
}

TEST(a_wrong_checksum_comes_once_where_it_was_asked_for)
{
    const char *book = "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\"}";
    int fd = listener_open(), sums[2] = { 0 };

    listener_say(fd, "{\"event\":\"conf\",\"flags\":131072}");
    listener_hears(fd, "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":131072}");
    operate("inject", "{\"kind\":\"checksum\"}");
    for (unsigned i = 0; i < 2; i++) {
        unsigned number = listener_join(fd, book);
        char close_it[64];
        const char *at;

        listener_hear(fd); /* the book, empty */
        at = strstr(listener_hear(fd), "\"cs\",");
        assert_non_null(at);
        sums[i] = (int)strtol(at + 5, NULL, 10);
        snprintf(close_it, sizeof close_it, "{\"event\":\"unsubscribe\",\"chanId\":%u}", number);
        listener_say(fd, close_it);
        listener_hear(fd);
    }
    assert_int_equal(sums[0], ~sums[1]);
    close(fd);
}

TEST(connections_are_cut_on_demand_and_at_another_beginning)
{
    int fd = listener_open();

    operate("inject", "{\"kind\":\"disconnect\"}");
    assert_false(frame_read(fd, &heard));
    close(fd);
    fd = listener_open();
    operate("reset", "{}");
    assert_non_null(strstr(listener_hear(fd), "20051"));
    close(fd);
}

TEST(many_come_and_go)
{
    int fds[200];

    for (size_t i = 0; i < 200; i++)
        fds[i] = listener_open();
    for (size_t i = 0; i < 200; i += 2)
        close(fds[i]);
    for (size_t i = 1; i < 200; i += 2) {
        listener_say(fds[i], "{\"event\":\"conf\",\"flags\":0}");
        listener_hears(fds[i], "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":0}");
        close(fds[i]);
    }
}

TEST(an_exchange_that_stops_says_so)
{
    int fd = listener_open();

    exchange_stop();
    listener_hears(fd, "{\"event\":\"info\",\"code\":20051,\"msg\":\"Stopping. Please try to "
                       "reconnect\"}");
    assert_true(frame_read(fd, &heard));
    assert_int_equal(frame_code(&heard), 1012);
    assert_false(frame_read(fd, &heard));
    close(fd);
    exchange_remove();
    temporary_segment_remove(&gate);
}

TEST_MAIN
