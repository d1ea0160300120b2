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
