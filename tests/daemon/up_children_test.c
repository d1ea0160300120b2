#include "daemon/up_children.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/up.h"
#include "test.h"

enum { WAIT_MS = 10000 };

static char folder[] = "/tmp/latchkey-children-XXXXXX";

static void shell_add(struct children *c, const char *name, const char *script)
{
    struct child *child = children_add(c, folder, name);

    child->arguments[0] = "/bin/sh";
    child->arguments[1] = "-c";
    child->arguments[2] = script;
    assert_int_equal(child_start(child), OK);
}

/* Turns the loop until the child's log ends with `words`. */
static void log_await(struct children *c, const struct child *child, const char *words)
{
    uint64_t give_up_ns = clock_mono_ns() + WAIT_MS * NS_PER_MS;

    for (;;) {
        struct buffer log;
        bool found;

        buffer_init(&log);
        found = file_read(child->log, 65536, &log) == OK && log.at != NULL &&
                strstr(log.at, words) != NULL;
        buffer_wipe(&log);
        if (found)
            return;
        assert_true(clock_mono_ns() < give_up_ns);
        children_turn(c, 10);
    }
}

TEST(children_end_in_reverse_order_with_what_they_started)
{
    static struct children c;
    char order[FILE_PATH_SIZE], script[3][FILE_PATH_SIZE + 128];
    struct buffer text;

    assert_non_null(mkdtemp(folder));
    log_level_set(LOG_ERROR);
    assert_int_equal(children_open(&c), OK);
    up_path(order, folder, "order");
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = { "first", "second", "third" };

        snprintf(script[i], sizeof script[i],
                 "trap 'echo %d >>%s; kill $!; exit' TERM; echo ready; sleep 1000 & wait", i,
                 order);
        shell_add(&c, names[i], script[i]);
        log_await(&c, &c.list[i], "ready");
    }
    children_stop(&c);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    buffer_init(&text);
    assert_int_equal(file_read(order, 64, &text), OK);
    assert_string_equal(text.at, "2\n1\n0\n");
    buffer_wipe(&text);
    close(c.signals);
}

TEST(a_child_that_dies_is_started_again)
{
    static struct children c;
    pid_t first;

    assert_int_equal(children_open(&c), OK);
    c.restarting = true;
    shell_add(&c, "mortal", "echo started $$; exec sleep 1000");
    log_await(&c, &c.list[0], "started");
    first = c.list[0].pid;
    kill(first, SIGKILL);
    assert_int_equal(children_turn(&c, WAIT_MS), CHILDREN_DEATH);
    assert_int_equal(c.list[0].pid, 0);
    while (c.list[0].pid == 0)
        assert_int_equal(children_turn(&c, WAIT_MS), CHILDREN_QUIET);
    assert_int_not_equal(c.list[0].pid, first);
    children_stop(&c);
    close(c.signals);
}

TEST(a_child_that_keeps_dying_waits_longer_each_time)
{
    static struct children c;
    uint64_t waits_ms[3];

    assert_int_equal(children_open(&c), OK);
    c.restarting = true;
    shell_add(&c, "sickly", "exit 3");
    for (int i = 0; i < 3; i++) {
        while (children_turn(&c, WAIT_MS) != CHILDREN_DEATH)
            ;
        waits_ms[i] = (c.list[0].retry_at_ns - clock_mono_ns()) / NS_PER_MS;
    }
    assert_true(waits_ms[0] < waits_ms[1] && waits_ms[1] < waits_ms[2]);
    children_stop(&c);
    close(c.signals);
}

TEST(a_stop_signal_is_told_and_not_died_of)
{
    static struct children c;

    assert_int_equal(children_open(&c), OK);
    kill(getpid(), SIGTERM);
    assert_int_equal(children_turn(&c, WAIT_MS), CHILDREN_STOP);
    close(c.signals);
}

TEST_MAIN
