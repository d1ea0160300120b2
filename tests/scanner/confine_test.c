#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/confine.h"

/* What a confined process comes to that does this: its exit code, or minus the signal. */
static int confined(int (*act)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(confine() == OK ? act() : 99);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void *nothing(void *context)
{
    return context;
}

static int scanning(void)
{
    char byte;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    pthread_t thread;
    bool can = fd >= 0 && read(fd, &byte, 1) == 1 && write(STDERR_FILENO, "", 0) == 0 &&
               pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;

    return can ? 0 : 1;
}

static int connecting(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 1 : 2;
}

static int executing(void)
{
    char *const words[] = { (char[]){ "true" }, NULL };

    execv("/bin/true", words);
    return 1;
}

static int signalling(void)
{
    return kill(getppid(), 0) == 0 ? 1 : 2;
}

static int writing(void)
{
    return open("/dev/null", O_WRONLY | O_CLOEXEC) < 0 && errno == EPERM &&
                   open("/tmp/latchkey-confined", O_RDONLY | O_CREAT | O_CLOEXEC, 0600) < 0 &&
                   errno == EPERM && mkdir("/tmp/latchkey-confined", 0700) < 0 && errno == EPERM &&
                   unlink("/tmp/latchkey-confined") < 0 && errno == EPERM
               ? 0
               : 1;
}

static int hoarding(void)
{
    volatile char *block = malloc(CONFINE_MEMORY_MOST + 1);

    return block == NULL ? 0 : 1;
}

TEST(what_scanning_takes_is_allowed)
{
    assert_int_equal(confined(scanning), 0);
}

TEST(anything_that_reaches_further_is_the_end)
{
    assert_int_equal(confined(connecting), -SIGSYS);
    assert_int_equal(confined(executing), -SIGSYS);
    assert_int_equal(confined(signalling), -SIGSYS);
}

TEST(nothing_is_written_and_memory_ends)
{
    assert_int_equal(confined(writing), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_int_equal(confined(hoarding), 0);
#else
    (void)hoarding;
#endif
}

TEST_MAIN
