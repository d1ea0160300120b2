/* `latchkey scanner`: watches what is published and tells the authority of keys in it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/scan_tell.h"
#include "daemon/gateway_user.h"
#include "daemon/processes.h"
#include "scanner/push_door.h"
#include "scanner/source_turn.h"

static const char command[] = "latchkey scanner";

enum { STATUS_WAIT_S = 5 };

struct process {
    const struct service_settings *settings;
    struct source_teller teller;
    struct source *sources;
    size_t source_count; /* that are open */
    struct push_door *door; /* NULL: nobody may tell of pushes */
    int stop, lock;
    int news;           /* readable: to be stopped, or somebody has pushed */
    bool *is_held_up; /* of each source: a push has ended its turn before its end */
};

static enum err findings_tell(void *context, const struct finding_batch *batch)
{
    const struct process *p = context;
    json_t *reply = NULL, *result;
    enum err e = findings_give(p->settings->authority, batch, &reply);
    size_t i;

    json_array_foreach(json_object_get(reply, "results"), i,
                       result) if (json_is_true(json_object_get(result, "known")))
        log_info("scanner", "%s: %s, leak %" JSON_INTEGER_FORMAT,
                 json_string_value(json_object_get(result, "key_id")),
                 json_string_value(json_object_get(result, "reaction")),
                 json_integer_value(json_object_get(result, "evidence")));
    json_decref(reply);
    return e;
}

/* That it cannot be said stops nothing: it is said again after the next turn. */
static void sources_tell(const struct process *p)
{
    json_t *sources = json_array(), *reply = NULL;
    long status = 0;

    for (size_t i = 0; i < p->source_count; i++)
        json_array_append_new(sources, source_status_json(&p->sources[i]));
    if (client_exchange(p->settings->authority, "PUT", "/leaks/sources",
                        json_pack("{s:o}", "sources", sources), STATUS_WAIT_S, &status,
                        &reply) != OK ||
        status != 200)
        log_debug("scanner", "the authority does not hear of the sources");
    json_decref(reply);
}

/* One service a folder, or two would write over each other's checkpoints. */
static enum err state_take(struct process *p)
{
    const char *state = p->settings->state;
    enum err e = file_folder_make(state, 0700);

    if (e != OK) {
        log_error("scanner", "%s: %s", state, err_text(e));
        return e;
    }
    p->lock = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock < 0 || flock(p->lock, LOCK_EX | LOCK_NB) != 0) {
        log_error("scanner", "%s cannot be taken: %s", state,
                  p->lock >= 0 && errno == EWOULDBLOCK ? "another scanner has it"
                                                       : strerror(errno));
        return ERR_EXISTS;
    }
    return OK;
}

static enum err sources_open(struct process *p)
{
    const struct service_settings *settings = p->settings;
    enum err e = OK;

    p->sources = calloc(settings->source_count, sizeof *p->sources);
    p->is_held_up = calloc(settings->source_count, sizeof *p->is_held_up);
    if (p->sources == NULL || p->is_held_up == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; e == OK && i < settings->source_count; i++) {
        e = source_open(&p->sources[i], &settings->sources[i], settings, &p->teller, p->stop);
        p->source_count++;
        if (e != OK)
            log_error("scanner",
                      "%s/%s.json: %s: move it away, and everything of this source is looked at "
                      "again",
                      settings->state, settings->sources[i].name, err_text(e));
    }
    return e;
}

static bool is_readable(int fd)
{
    struct pollfd polled = { .fd = fd, .events = POLLIN };

    return fd >= 0 && poll(&polled, 1, 0) > 0;
}

/* False: it is time to stop.  Ends early when somebody has pushed. */
static bool pause_until(const struct process *p, uint64_t due_ns)
{
    uint64_t now_ns = clock_mono_ns(), wait_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    const struct timespec wait = { .tv_sec = (time_t)(wait_ns / NS_PER_S),
                                   .tv_nsec = (long)(wait_ns % NS_PER_S) };
    struct pollfd news = { .fd = p->news, .events = POLLIN };

    return ppoll(&news, 1, &wait, NULL) >= 0 && !is_readable(p->stop);
}

/* Those that were pushed to are due, unless their server has asked to be left alone. */
static bool pushes_take(struct process *p)
{
    bool any = false;
    size_t i;

    while (p->door != NULL && push_door_pushed(p->door, &i)) {
        p->sources[i].due_ns = p->sources[i].manners.not_before_ns;
        any = true;
    }
    return any;
}

/* A push does not wait for a long turn of another source: that one goes on from its checkpoint
 * afterwards, and is not held up again before it was at its end. */
static void turn_take(struct process *p, struct source *source)
{
    bool *is_held_up = &p->is_held_up[source - p->sources];
    uint64_t before_ns = source->caught_up_at_ns;

    source->manners.stop = *is_held_up ? p->stop : p->news;
    source_turn(source);
    *is_held_up = source->caught_up_at_ns == before_ns && p->door != NULL &&
                  (*is_held_up || is_readable(push_door_descriptor(p->door)));
}

/* With what forced pushes have overwritten; it is forgotten once it was looked at. */
static void turn(struct process *p, struct source *source)
{
    size_t i = (size_t)(source - p->sources);

    if (p->door != NULL && source->settings->hook_secret != NULL)
        source->overwritten = push_door_overwritten(p->door, i);
    turn_take(p, source);
    if (source->overwritten != NULL && source->error[0] == '\0' && source->failures == 0 &&
        push_door_forget(p->door, i, json_array_size(source->overwritten)) != OK)
        log_warn("scanner", "%s: overwritten commits are looked at again", source->settings->name);
    json_decref(source->overwritten);
    source->overwritten = NULL;
}

static void watch(struct process *p)
{
    for (;;) {
        struct source *next = source_next(p->sources, p->source_count);

        if (!pause_until(p, next->due_ns))
            return;
        if (pushes_take(p) || next->due_ns > clock_mono_ns())
            continue;
        turn(p, next);
        sources_tell(p);
    }
}

static enum err news_add(const struct process *p, int fd)
{
    struct epoll_event event = { .events = EPOLLIN };

    return epoll_ctl(p->news, EPOLL_CTL_ADD, fd, &event) == 0 ? OK : ERR_MEMORY;
}

static enum err door_open(struct process *p, const char *web_user)
{
    uid_t web;
    enum err e;

    if (p->settings->hooks == NULL)
        return OK;
    if (!gateway_user_find(web_user, "scanner", &web))
        return ERR_MISSING;
    e = push_door_open(p->settings, web, &p->door);
    if (e == OK)
        e = news_add(p, push_door_descriptor(p->door));
    if (e == OK)
        log_info("scanner", "listening for notes of pushes on %s", p->settings->hooks);
    return e;
}

static int scanner_run(const struct service_settings *settings, const char *web_user)
{
    struct process p = { .settings = settings, .stop = -1, .lock = -1, .news = -1 };
    int exit = COMMAND_REFUSED;
    sigset_t stops;

    p.teller = (struct source_teller){ findings_tell, &p };
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    p.stop = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    p.news = epoll_create1(EPOLL_CLOEXEC);
    if (p.stop < 0 || news_add(&p, p.stop) != OK || sodium_init() < 0 ||
        prctl(PR_SET_DUMPABLE, 0) != 0)
        return COMMAND_REFUSED;
    if (state_take(&p) == OK && sources_open(&p) == OK && door_open(&p, web_user) == OK) {
        log_info("scanner", "watching %zu sources", p.source_count);
        watch(&p);
        exit = COMMAND_DONE;
    }
    push_door_close(&p.door);
    for (size_t i = 0; i < p.source_count; i++)
        source_close(&p.sources[i]);
    free(p.sources);
    free(p.is_held_up);
    close(p.news);
    close(p.stop);
    if (p.lock >= 0)
        close(p.lock);
    return exit;
}

static void settings_tell(const struct service_settings *settings)
{
    printf("%zu sources, as %s\n", settings->source_count, settings->agent);
    for (size_t i = 0; i < settings->source_count; i++) {
        const struct source_settings *s = &settings->sources[i];

        printf("  %-20s  %-7s  every %llu s\n", s->name, source_kind_text(s->kind),
               (unsigned long long)s->every_s);
    }
}

int scanner_process(int argc, char **argv)
{
    const char *path = "/etc/latchkey/scanner.yaml", *web_user = NULL;
    bool check = false;
    const struct option options[] = {
        { .name = "config",
          .kind = OPTION_TEXT,
          .value = "FILE",
          .into = &path,
          .help = "what to watch [/etc/latchkey/scanner.yaml]" },
        { .name = "check",
          .kind = OPTION_SWITCH,
          .into = &check,
          .help = "only say whether the file is right, and what it asks for" },
        GATEWAY_USER_OPTION(web_user),
        { 0 },
    };
    const struct syntax syntax = {
        .command = command,
        .summary = "watches what is published and tells the authority of keys in it",
        .details =
            "Run it as a user of its own, whom the authority names with --scanner-user and\n"
            "--scanner-socket; it needs no key material.  It watches packages of an npm\n"
            "registry by name or by its changes feed, packages on CDNs, repositories of git,\n"
            "pages of the web with their scripts, and folders of archives; each has its own\n"
            "pause, budget and checkpoint, and after a crash it goes on where the last\n"
            "checkpoint is: what was not told to the authority is looked at again.\n\n"
            "Servers of others hear who asks and whom to write to (contact), are not asked again\n"
            "for what has not changed, and are left alone for as long as they say.\n",
        .examples = "latchkey scanner --check --config scanner.yaml\n"
                    "latchkey scanner --config scanner.yaml\n\n"
                    "# scanner.yaml\n"
                    "authority: /run/latchkey-scanner/authority.sock\n"
                    "state: /var/lib/latchkey-scanner\n"
                    "contact: security@venue.example\n"
                    "sources:\n"
                    "  - { name: bots, kind: npm, registry: 'https://registry.example',\n"
                    "      packages: [our-bot] }\n"
                    "  - { name: console, kind: web, url: 'https://venue.example/' }\n",
        .options = options,
    };
    struct service_settings *settings;
    char problem[SERVICE_PROBLEM_SIZE];
    int exit = COMMAND_DONE;
    enum err e;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    e = service_settings_load(path, &settings, problem);
    if (e != OK) {
        fprintf(stderr, "%s: %s\n", command, problem[0] == '\0' ? err_text(e) : problem);
        return COMMAND_MISUSED;
    }
    if (check)
        settings_tell(settings);
    else
        exit = scanner_run(settings, web_user);
    service_settings_free(&settings);
    return exit;
}
