#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"
#include "trail/trail.h"

#define COMMAND_NAME "latchkey audit reindex"

static void progress_show(void *context, uint64_t done, uint64_t total)
{
    (void)context;
    if (isatty(STDERR_FILENO) && total > 0)
        fprintf(stderr, "\r\033[K%3" PRIu64 " %% of %" PRIu64 " records ", done * 100 / total,
                total);
}

static void progress_end(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static int folder_reindex(const char *folder)
{
    char problem[TRAIL_PROBLEM_SIZE];
    enum err e = trail_reindex_folder(folder, progress_show, NULL, problem);

    progress_end();
    if (e == OK)
        return COMMAND_DONE;
    fprintf(stderr, COMMAND_NAME ": %s: %s%s\n", folder, problem,
            e == ERR_EXISTS ? "; leave --audit out, and it does it" : "");
    return COMMAND_REFUSED;
}

static uint64_t audit_number(const json_t *status, const char *field)
{
    return (uint64_t)json_integer_value(json_object_get(json_object_get(status, "audit"), field));
}

/* Waits until the index holds the records that there were at the beginning. */
static int living_reindex(const struct client *c)
{
    const struct timespec pause = { .tv_nsec = 200 * (long)NS_PER_MS };
    json_t *reply = NULL;
    uint64_t wanted;
    int exit = client_call(c, "POST", "/audit/reindex", NULL, &reply);

    wanted = (uint64_t)json_integer_value(json_object_get(reply, "size"));
    json_decref(reply);
    while (exit == COMMAND_DONE) {
        uint64_t have;

        exit = client_call(c, "GET", "/status", NULL, &reply);
        if (exit != COMMAND_DONE)
            break;
        have = audit_number(reply, "indexed");
        json_decref(reply);
        if (have >= wanted)
            break;
        progress_show(NULL, have, wanted);
        nanosleep(&pause, NULL);
    }
    progress_end();
    return exit;
}

int cli_audit_reindex(int argc, char **argv)
{
    const char *folder = NULL;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "audit",
          .kind = OPTION_TEXT,
          .value = "DIR",
          .into = &folder,
          .help = "an audit folder that no authority has open [that of the running one]" },
        { .name = "socket",
          .kind = OPTION_TEXT,
          .value = "PATH",
          .into = &c.socket,
          .help = "the authority's socket [$LATCHKEY_SOCKET or run/authority.sock]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = COMMAND_NAME,
        .summary = "delete the audit log's search index and make it again",
        .details = "The records are the truth and are not touched.  The running authority goes on\n"
                   "recording and searching meanwhile, searching slower; stopping this command\n"
                   "does not stop it.\n",
        .examples = "latchkey audit reindex\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return folder == NULL ? living_reindex(&c) : folder_reindex(folder);
}
