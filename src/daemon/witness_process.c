/* `latchkey witness`: looks at an audit log again and again, as another user than the one who
 * writes it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/verifier_key.h"
#include "daemon/data_folder.h"
#include "daemon/processes.h"
#include "daemon/seed_file.h"
#include "http/fetch.h"
#include "keys/secret.h"
#include "trail/witness.h"

static const char command[] = "latchkey witness";

enum { ALARM_MOST = 16384, EVERY_MOST_S = 3600 };

struct options {
    const char *audit, *ca, *state, *key, *name;
    uint64_t every_s;
    bool once, status;
};

struct process {
    const struct options *options;
    struct witness witness;
    uint8_t seed[NOTE_SEED_SIZE];
    struct log_files files;
    struct fetch *fetch;
    bool has_log_key, has_spoken;
    enum err said_error; /* what the journal heard last */
    enum witness_answer said;
    int lock;
};

/* One witness a folder, or two would sign past each other. */
static enum err state_take(struct process *p)
{
    const char *state = p->options->state;
    enum err e = file_folder_make(state, 0755);

    if (e != OK)
        return e;
    p->lock = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock < 0 || flock(p->lock, LOCK_EX | LOCK_NB) != 0) {
        log_error("witness", "%s cannot be taken: %s", state,
                  p->lock >= 0 ? "another witness has it" : strerror(errno));
        return ERR_EXISTS;
    }
    return OK;
}

/* Writes a key into the state folder unless one is there already. */
static enum err key_file_keep(const char *path, const struct note_key *key, bool *is_new)
{
    char line[NOTE_KEY_TEXT_SIZE + 1];
    size_t size = note_key_format(key, line);
    struct stat status;

    *is_new = stat(path, &status) != 0;
    if (!*is_new)
        return OK;
    line[size++] = '\n';
    return file_write_atomic(path, 0644, (struct slice){ line, size });
}

static bool key_is(const struct note_key *a, const struct note_key *b)
{
    return strcmp(a->name, b->name) == 0 && memcmp(a->id, b->id, sizeof a->id) == 0 &&
           memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

static enum err own_key_open(struct process *p)
{
    struct note_key *key = &p->witness.key, kept;
    char path[FILE_PATH_SIZE];
    bool is_new;
    enum err e = ERR_RANGE;

    if (!data_path(path, p->options->state, "key"))
        goto out;
    TRY(seed_file_open("witness", path, p->seed));
    TRY(note_key_init(key, NOTE_KEY_WITNESS, slice_of(p->options->name), p->seed));
    if (!data_path(path, p->options->state, "key.pub")) {
        e = ERR_RANGE;
        goto out;
    }
    TRY(key_file_keep(path, key, &is_new));
    if (!verifier_key_read(command, path, NOTE_KEY_WITNESS, &kept) || !key_is(key, &kept)) {
        log_error("witness", "%s is not the key of this folder under the name %s", path, key->name);
        e = ERR_CONFLICT;
    }
out:
    if (e == ERR_MALFORMED)
        log_error("witness", "\"%s\" is not a name for a witness", p->options->name);
    return e;
}

/* The log's key: as it was kept at the first start, as it was given, or, the first time, as the log
 * itself says, which the operator should compare. */
static enum err log_key_find(struct process *p)
{
    struct note_key *key = &p->witness.log, kept;
    struct buffer text;
    char path[FILE_PATH_SIZE];
    bool is_new = true;
    enum err e = OK;

    buffer_init(&text);
    if (!data_path(path, p->options->state, "log.pub"))
        return ERR_RANGE;
    if (p->options->key != NULL) {
        if (!verifier_key_read(command, p->options->key, NOTE_KEY_LOG, key))
            e = ERR_MALFORMED;
    } else if (access(path, F_OK) == 0) {
        if (!verifier_key_read(command, path, NOTE_KEY_LOG, key))
            e = ERR_MALFORMED;
    } else {
        e = p->files.read(p->files.context, "key.pub", NOTE_KEY_TEXT_SIZE + 1, &text);
        while (text.size > 0 && text.at[text.size - 1] == '\n')
            text.size--;
        if (e == OK && !note_key_parse(buffer_slice(&text), NOTE_KEY_LOG, key))
            e = ERR_MALFORMED;
    }
    buffer_wipe(&text);
    TRY(e);
    TRY(key_file_keep(path, key, &is_new));
    if (is_new && p->options->key == NULL)
        log_warn("witness",
                 "took the log's key from the log itself: compare %s with the line that was kept "
                 "from the first day",
                 path);
    if (!verifier_key_read(command, path, NOTE_KEY_LOG, &kept) || !key_is(key, &kept)) {
        log_error("witness", "%s names another log than --key", path);
        e = ERR_CONFLICT;
        goto out;
    }
    TRY(witness_recall(&p->witness));
    p->has_log_key = true;
out:
    if (e == ERR_CORRUPT)
        log_error("witness", "what %s/checkpoint remembers is not signed by the log and by this "
                             "witness: find out who changed it",
                  p->options->state);
    return e;
}

/* The journal hears of a change, not of every look. */
static void answer_say(struct process *p, enum err e, enum witness_answer answer,
                       const char *problem)
{
    bool is_news = !p->has_spoken || e != p->said_error ||
                   witness_is_alarmed(answer) != witness_is_alarmed(p->said) ||
                   (witness_is_alarmed(answer) && answer != p->said);

    if (!is_news)
        return;
    if (e != OK)
        log_warn("witness", "%s cannot be looked at: %s", p->options->audit, err_text(e));
    else if (witness_is_alarmed(answer))
        log_error("witness", "ALARM: %s: %s; nothing is signed until it is again what was seen",
                  p->options->audit, problem);
    else if (answer == WITNESS_EMPTY)
        log_info("witness", "%s has signed nothing yet", p->options->audit);
    else
        log_info("witness", "%s is consistent with all that was seen: %" PRIu64 " records",
                 p->options->audit, p->witness.seen.size);
    p->has_spoken = true;
    p->said_error = e;
    p->said = answer;
}

static int look(struct process *p)
{
    enum witness_answer answer = WITNESS_EMPTY;
    char problem[WITNESS_PROBLEM_SIZE] = "";
    enum err e = p->has_log_key ? OK : log_key_find(p);

    if (e == OK)
        e = witness_look(&p->witness, &p->files, clock_wall_ns() / NS_PER_S, &answer, problem);
    answer_say(p, e, answer, problem);
    return e != OK                       ? COMMAND_REFUSED
           : witness_is_alarmed(answer) ? COMMAND_UNVERIFIED
                                        : COMMAND_DONE;
}

static int look_on(struct process *p, const sigset_t *stops)
{
    const struct timespec pause = { .tv_sec = (time_t)p->options->every_s };

    for (;;) {
        look(p);
        /* The pause ends early when it is time to stop. */
        if (sigtimedwait(stops, NULL, &pause) > 0)
            return COMMAND_DONE;
    }
}

/* ---- what is remembered, for people ---- */

static void alarm_print(const char *alarm)
{
    printf("ALARM    %.*s\n", (int)strcspn(alarm, "\n"), alarm);
}

static int status_show(const struct options *o)
{
    char path[FILE_PATH_SIZE], root[MERKLE_ROOT_TEXT_SIZE], at[CLOCK_TEXT_SIZE];
    struct witness witness = { .folder = o->state };
    struct buffer alarm;
    int exit = COMMAND_DONE;
    enum err e;

    if (!data_path(path, o->state, "log.pub") ||
        !verifier_key_read(command, path, NOTE_KEY_LOG, &witness.log) ||
        !data_path(path, o->state, "key.pub") ||
        !verifier_key_read(command, path, NOTE_KEY_WITNESS, &witness.key))
        return COMMAND_REFUSED;
    e = witness_recall(&witness);
    if (e != OK) {
        fprintf(stderr, "%s: %s/checkpoint: %s\n", command, o->state, err_text(e));
        return e == ERR_CORRUPT ? COMMAND_UNVERIFIED : COMMAND_REFUSED;
    }
    merkle_root_format(&witness.seen.root, root);
    clock_format(witness.cosigned_at_s * NS_PER_S, at);
    printf("log      %s\nwitness  %s\nrecords  %" PRIu64 "\n", witness.log.name, witness.key.name,
           witness.seen.size);
    if (witness.seen.size > 0)
        printf("root     %s\nsigned   %s\n", root, at);
    buffer_init(&alarm);
    if (data_path(path, o->state, "alarm") && file_read(path, ALARM_MOST, &alarm) == OK) {
        alarm_print(alarm.at);
        printf("%s holds both heads; move it away when it is dealt with\n", path);
        exit = COMMAND_UNVERIFIED;
    }
    buffer_wipe(&alarm);
    return exit;
}

static int witness_run(const struct options *o)
{
    struct process p = { .options = o, .lock = -1 };
    int exit = COMMAND_REFUSED;
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return COMMAND_REFUSED;
    p.witness.folder = o->state;
    p.witness.seed = p.seed;
    p.files = log_files_of_folder(o->audit);
    if (fetch_is_address(o->audit)) {
        if (fetch_open(o->audit, o->ca, &p.fetch) != OK)
            return COMMAND_REFUSED;
        p.files = (struct log_files){ fetch_get, p.fetch };
    }
    if (state_take(&p) == OK && own_key_open(&p) == OK)
        exit = o->once ? look(&p) : look_on(&p, &stops);
    secret_wipe_bytes(p.seed, sizeof p.seed);
    fetch_close(&p.fetch);
    if (p.lock >= 0)
        close(p.lock);
    return exit;
}

int witness_process(int argc, char **argv)
{
    struct options o = { .state = "witness", .name = "latchkey/witness", .every_s = 1 };
    const struct option options[] = {
        { .name = "audit", .kind = OPTION_TEXT, .value = "DIR", .into = &o.audit,
          .help = "the audit folder, a copy of it, or its http(s) address" },
        { .name = "ca", .kind = OPTION_TEXT, .value = "FILE", .into = &o.ca,
          .help = "certificate authorities behind an https address [the system's]" },
        { .name = "state", .kind = OPTION_TEXT, .value = "DIR", .into = &o.state,
          .help = "its own folder: key, last head, alarm [witness]" },
        { .name = "key", .kind = OPTION_TEXT, .value = "KEY", .into = &o.key,
          .help = "the log's verifier key or a file with it [kept from the first look]" },
        { .name = "name", .kind = OPTION_TEXT, .value = "NAME", .into = &o.name,
          .help = "under which it signs [latchkey/witness]" },
        { .name = "every", .kind = OPTION_NUMBER, .value = "S", .least = 1, .most = EVERY_MOST_S,
          .into = &o.every_s, .help = "seconds between two looks [1]" },
        { .name = "once", .kind = OPTION_SWITCH, .into = &o.once,
          .help = "look once: exit code 4 says that the log is not what it was" },
        { .name = "status", .kind = OPTION_SWITCH, .into = &o.status,
          .help = "only say what it remembers: exit code 4 says that there was an alarm" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = command,
        .summary = "remembers the audit log's head, and signs that the log only grew",
        .details = "Run it as another user than the authority, best on another machine.  It\n"
                   "reads checkpoint and tiles, proves that the log begins with all that was seen\n"
                   "before, and signs the new head (C2SP cosignature/v1) into DIR/checkpoint.  A\n"
                   "log that was cut, forked or rewritten is not signed: the journal says so, and\n"
                   "DIR/alarm keeps both heads.\n",
        .examples = "latchkey witness --audit data/audit --state /var/lib/latchkey-witness\n\n"
                    "# from a timer, over the network\n"
                    "latchkey witness --once --audit https://log.example/audit --key log.pub\n\n"
                    "latchkey witness --status --state /var/lib/latchkey-witness\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (o.status)
        return status_show(&o);
    if (o.audit == NULL) {
        fprintf(stderr, "%s: --audit is missing; --help shows an example\n", command);
        return COMMAND_MISUSED;
    }
    return witness_run(&o);
}
