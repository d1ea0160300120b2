#include "daemon/up_check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"

static struct up up = { .nginx = "/bin/true", .bind = "127.0.0.1" };
static char said[1024];

/* Runs a check with standard error caught in `said`. */
static bool check(bool (*function)(const struct up *))
{
    FILE *caught = tmpfile(), *before = stderr;
    bool good;

    stderr = caught;
    good = function(&up);
    stderr = before;
    rewind(caught);
    said[fread(said, 1, sizeof said - 1, caught)] = '\0';
    fclose(caught);
    return good;
}

static void data_write(const char *name, const char *text)
{
    char path[FILE_PATH_SIZE];

    up_path(path, up.data, name);
    assert_int_equal(file_write_atomic(path, 0600, slice_of(text)), OK);
}

static bool data_has(const char *name)
{
    char path[FILE_PATH_SIZE];

    up_path(path, up.data, name);
    return access(path, F_OK) == 0;
}

/* Folders that nobody else has. */
static void folders_draw(void)
{
    char folder[] = "/tmp/latchkey-check-XXXXXX";

    assert_non_null(mkdtemp(folder));
    up_path(up.data, folder, "data");
    up_path(up.run, folder, "run");
    up_path(up.segments, folder, "segments");
    up.fresh = false;
    assert_int_equal(file_folder_make(up.data, 0700), OK);
    assert_int_equal(file_folder_make(up.run, 0700), OK);
    assert_int_equal(file_folder_make(up.segments, 0700), OK);
}

/* A port that somebody listens on, for as long as `*fd` is open. */
static uint16_t port_take(int *fd)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    *fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(*fd, 1), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

TEST(a_port_in_use_is_named_with_the_option_that_moves_it)
{
    int fds[3];
    char words[64];

    up.live_port = port_take(&fds[0]);
    up.sandbox_port = port_take(&fds[1]);
    up.tripwire_port = port_take(&fds[2]);
    close(fds[0]);
    close(fds[2]);
    assert_false(check(up_check_ports));
    snprintf(words, sizeof words, "port %u on 127.0.0.1 is in use", up.sandbox_port);
    assert_non_null(strstr(said, words));
    assert_non_null(strstr(said, "--sandbox-port"));
    close(fds[1]);
    assert_true(check(up_check_ports));
}

TEST(ports_must_differ)
{
    up.live_port = up.tripwire_port = 9443;
    up.sandbox_port = 9444;
    assert_false(check(up_check_ports));
    assert_non_null(strstr(said, "--tripwire-port and --live-port are both 9443"));
}

TEST(a_missing_tool_is_named)
{
    snprintf(up.module, sizeof up.module, "/nonexistent.so");
    assert_false(check(up_check_tools));
    assert_non_null(strstr(said, "/nonexistent.so"));
    snprintf(up.module, sizeof up.module, "/bin/true");
    assert_true(check(up_check_tools));
    up.nginx = "/nonexistent/nginx";
    assert_false(check(up_check_tools));
    assert_non_null(strstr(said, "install the package nginx"));
}

TEST(an_empty_folder_becomes_ours_and_stays_it)
{
    folders_draw();
    assert_true(check(up_check_data));
    assert_true(data_has("VERSION"));
    assert_true(check(up_check_data));
}

TEST(a_folder_of_somebody_else_is_refused_even_with_fresh)
{
    folders_draw();
    data_write("thesis.tex", "years of work");
    assert_false(check(up_check_data));
    assert_non_null(strstr(said, "not ours"));
    up.fresh = true;
    assert_false(check(up_check_data));
    assert_true(data_has("thesis.tex"));
    data_write("VERSION", "thesis 3\n");
    assert_false(check(up_check_data));
    assert_true(data_has("thesis.tex"));
}

TEST(data_of_another_version_is_refused_until_fresh)
{
    folders_draw();
    data_write("VERSION", "latchkey data 999\n");
    data_write("authority.db", "old");
    assert_false(check(up_check_data));
    assert_non_null(strstr(said, "another version"));
    assert_non_null(strstr(said, "--fresh"));
    assert_true(data_has("authority.db"));
    up.fresh = true;
    assert_true(check(up_check_data));
    assert_false(data_has("authority.db"));
}

TEST(fresh_removes_what_is_ours_and_nothing_else)
{
    char audit[FILE_PATH_SIZE];

    folders_draw();
    assert_true(check(up_check_data));
    up_path(audit, up.data, "audit/tile/0");
    assert_int_equal(file_folder_make(audit, 0700), OK);
    data_write("audit/tile/0/000", "tile");
    data_write("notes.txt", "mine");
    up.fresh = true;
    assert_true(check(up_check_data));
    assert_false(data_has("audit"));
    assert_true(data_has("notes.txt"));
    assert_true(data_has("VERSION"));
}

TEST(a_second_one_on_the_same_data_is_refused_with_the_pid_of_the_first)
{
    char words[32];

    folders_draw();
    assert_true(check(up_check_lock));
    assert_false(check(up_check_lock));
    snprintf(words, sizeof words, "process %d", (int)getpid());
    assert_non_null(strstr(said, words));
}

TEST_MAIN
