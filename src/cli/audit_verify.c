#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "audit/cosignature.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"
#include "cli/verifier_key.h"
#include "trail/verify.h"

enum { KEY_FILE_MOST = 4096, WITNESS_FILE_MOST = 65536 };

struct run {
    json_t *findings; /* NULL: print them */
    bool progress;    /* a line that is drawn over */
};

static const char *kind_text(enum verify_finding_kind kind)
{
    static const char *const words[] = {
        [VERIFY_KEY_WRONG] = "key-wrong",
        [VERIFY_CHECKPOINT_MISSING] = "checkpoint-missing",
        [VERIFY_CHECKPOINT_MALFORMED] = "checkpoint-malformed",
        [VERIFY_CHECKPOINT_OLDER] = "checkpoint-older",
        [VERIFY_FILE_MISSING] = "file-missing",
        [VERIFY_FILE_DAMAGED] = "file-damaged",
        [VERIFY_RECORD_DAMAGED] = "record-damaged",
        [VERIFY_RECORDS_MISSING] = "records-missing",
        [VERIFY_RECORDS_ALTERED] = "records-altered",
        [VERIFY_TILE_WRONG] = "tile-wrong",
        [VERIFY_TILE_MISSING] = "tile-missing",
        [VERIFY_RETIRED_UNTOLD] = "retired-untold",
    };

    return words[kind];
}

static void progress_show(void *context, uint64_t bytes_done, uint64_t bytes_total)
{
    (void)context;
    if (bytes_total > 0)
        fprintf(stderr, "\r%3" PRIu64 " %% of %" PRIu64 " MB ", bytes_done * 100 / bytes_total,
                bytes_total / 1000000);
}

static void finding_show(void *context, const struct verify_finding *finding)
{
    struct run *run = context;
    bool colours = terminal_colours(stdout);

    if (run->findings != NULL) {
        json_array_append_new(run->findings,
                              json_pack("{s:s,s:I,s:I,s:s}", "kind", kind_text(finding->kind),
                                        "index", (json_int_t)finding->index, "index_end",
                                        (json_int_t)finding->index_end, "message", finding->text));
        return;
    }
    if (run->progress)
        fputs("\r\033[K", stderr);
    printf("%s%s%s at record %" PRIu64 ": %s\n", tone_begin(TONE_BAD, colours),
           kind_text(finding->kind), tone_end(TONE_BAD, colours), finding->index, finding->text);
}

static void report_print(const char *folder, const struct verify_report *r)
{
    char first[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE];
    bool colours = terminal_colours(stdout);

    clock_format(r->first_at_us * NS_PER_US, first);
    clock_format(r->last_at_us * NS_PER_US, last);
    if (r->size > 0)
        printf("%s: %" PRIu64 " records from %s to %s\n", folder, r->size, first, last);
    else
        printf("%s: no records\n", folder);
    if (r->retired > 0)
        printf("records 0 to %" PRIu64 " are retired; their tree is kept and was verified\n",
               r->retired - 1);
    printf("%" PRIu64 " signed checkpoints and %" PRIu64 " tiles compared; %" PRIu64
           " records are under the newest signature, %" PRIu64 " came after it\n",
           r->checkpoint_count, r->tile_count, r->checkpoint_size, r->unsigned_count);
    if (r->root[0] != '\0')
        printf("root %s\n", r->root);
    if (r->finding_count == 0)
        printf("%sverified: nothing was altered, dropped or reordered%s\n",
               tone_begin(TONE_GOOD, colours), tone_end(TONE_GOOD, colours));
    else
        printf("%snot verified: %" PRIu64 " finding%s%s\n", tone_begin(TONE_BAD, colours),
               r->finding_count, r->finding_count == 1 ? "" : "s", tone_end(TONE_BAD, colours));
}

static json_t *report_json(const char *folder, const struct verify_report *r, json_t *findings)
{
    return json_pack("{s:s,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:I,s:o}", "directory", folder,
                     "verified", r->finding_count == 0, "size", (json_int_t)r->size, "retired",
                     (json_int_t)r->retired, "checkpoint_size",
                     (json_int_t)r->checkpoint_size, "checkpoints", (json_int_t)r->checkpoint_count,
                     "unsigned", (json_int_t)r->unsigned_count, "tiles", (json_int_t)r->tile_count,
                     "root", r->root, "finding_count", (json_int_t)r->finding_count, "findings",
                     findings);
}

static int unreadable(const char *what, enum err e)
{
    fprintf(stderr, "latchkey audit verify: %s: %s\n", what, err_text(e));
    return COMMAND_REFUSED;
}

static int verify(const struct client *c, const char *folder, struct slice key,
                  struct slice witness)
{
    struct run run = { .findings = c->json ? json_array() : NULL,
                       .progress = !c->json && isatty(STDERR_FILENO) };
    struct verify_options options = {
        .folder = folder, .verifier_key = key, .witness = witness, .finding = finding_show,
        .progress = run.progress ? progress_show : NULL, .context = &run,
    };
    struct verify_report report = { 0 };
    enum err e = trail_verify(&options, &report);

    if (run.progress)
        fputs("\r\033[K", stderr);
    if (e == ERR_MALFORMED)
        return unreadable("the verifier key or the kept checkpoint", e);
    if (e != OK)
        return unreadable(folder, e);
    if (c->json) {
        json_t *document = report_json(folder, &report, run.findings);

        client_print(document);
        json_decref(document);
    } else {
        report_print(folder, &report);
    }
    return report.finding_count == 0 ? COMMAND_DONE : COMMAND_UNVERIFIED;
}

static json_int_t audit_number(const json_t *status, const char *field)
{
    return json_integer_value(json_object_get(json_object_get(status, "audit"), field));
}

/* The authority's status once every record that it has now is signed: a matter of a second.  Gives
 * up waiting after five, because then the finding is worth telling. */
static int signed_status_get(const struct client *c, json_t **status)
{
    const struct timespec pause = { .tv_nsec = 100 * (long)NS_PER_MS };
    int exit = client_call(c, "GET", "/status", NULL, status);
    json_int_t size = audit_number(*status, "size");

    for (int i = 0; i < 50 && exit == COMMAND_DONE; i++) {
        if (audit_number(*status, "checkpoint_size") >= size)
            break;
        json_decref(*status);
        nanosleep(&pause, NULL);
        exit = client_call(c, "GET", "/status", NULL, status);
    }
    return exit;
}

/* Without a folder: the one of the running authority, checked with the key that it names. */
static int living_verify(const struct client *c, struct slice witness)
{
    json_t *status = NULL, *checkpoint = NULL;
    const char *folder, *key;
    int exit = signed_status_get(c, &status);

    if (exit != COMMAND_DONE)
        return exit;
    exit = client_call(c, "GET", "/audit/checkpoint", NULL, &checkpoint);
    folder = reply_text(json_object_get(status, "audit"), "directory");
    key = reply_text(checkpoint, "verifier_key");
    if (exit == COMMAND_DONE && folder != NULL && key != NULL)
        exit = verify(c, folder, slice_of(key), witness);
    else if (exit == COMMAND_DONE)
        exit = unreadable("the authority's answer", ERR_MALFORMED);
    json_decref(status);
    json_decref(checkpoint);
    return exit;
}

static int folder_verify(const struct client *c, const char *folder, const char *key_file,
                         struct slice witness)
{
    struct buffer path, key;
    enum err e;
    int exit;

    buffer_init(&path);
    buffer_init(&key);
    if (key_file == NULL)
        buffer_printf(&path, "%s/key.pub", folder);
    else
        buffer_append(&path, slice_of(key_file));
    e = file_read(path.at, KEY_FILE_MOST, &key);
    exit = e == OK ? verify(c, folder, buffer_slice(&key), witness) : unreadable(path.at, e);
    buffer_wipe(&path);
    buffer_wipe(&key);
    return exit;
}

/* The kept checkpoint is worth what its keeper is: was it signed by the witness too? */
static int cosignature_check(const char *file, struct slice checkpoint, const char *witness)
{
    struct note_key key;
    char at[CLOCK_TEXT_SIZE];
    uint64_t at_s;

    if (!verifier_key_read("latchkey audit verify", witness, NOTE_KEY_WITNESS, &key))
        return COMMAND_REFUSED;
    if (!cosignature_verify(checkpoint, &key, &at_s)) {
        fprintf(stderr, "latchkey audit verify: %s is not signed by the witness %s\n", file,
                key.name);
        return COMMAND_UNVERIFIED;
    }
    clock_format(at_s * NS_PER_S, at);
    fprintf(stderr, "%s was signed by the witness %s at %s\n", file, key.name, at);
    return COMMAND_DONE;
}

int cli_audit_verify(int argc, char **argv)
{
    const char *folder = NULL, *key_file = NULL, *witness_file = NULL, *witness_key = NULL;
    struct client c = { 0 };
    struct buffer witness;
    int exit;
    enum err e = OK;
    const struct option options[] = {
        { .name = "DIR", .kind = OPTION_OPERAND, .into = &folder,
          .help = "the audit folder or a copy of it [that of the running authority]" },
        { .name = "key", .kind = OPTION_TEXT, .value = "FILE", .into = &key_file,
          .help = "the verifier key [DIR/key.pub]; keep a copy of your own elsewhere" },
        { .name = "checkpoint", .kind = OPTION_TEXT, .value = "FILE", .into = &witness_file,
          .help = "a checkpoint kept elsewhere: shows when the log was cut back" },
        { .name = "witness", .kind = OPTION_TEXT, .value = "KEY", .into = &witness_key,
          .help = "the --checkpoint must be signed by this witness too (its key or a file)" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey audit verify",
        .summary = "prove that nothing in the audit log was altered, dropped or reordered",
        .details = "Reads every record, rebuilds the tree and compares it with each signed head.\n"
                   "Exits with 0 when all is as it was signed, with 4 when not.\n",
        .examples = "latchkey audit verify\n\n"
                    "# offline, on a copy, with the key as it was on the first day\n"
                    "latchkey audit verify /mnt/backup/audit --key ~/latchkey-audit.pub\n\n"
                    "# against what the witness remembers: finds an end that was cut off\n"
                    "latchkey audit verify --checkpoint witness/checkpoint --witness key.pub\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (folder == NULL && key_file != NULL) {
        fputs("latchkey audit verify: --key goes with a DIR\n", stderr);
        return COMMAND_MISUSED;
    }
    if (witness_key != NULL && witness_file == NULL) {
        fputs("latchkey audit verify: --witness goes with a --checkpoint\n", stderr);
        return COMMAND_MISUSED;
    }
    buffer_init(&witness);
    exit = COMMAND_DONE;
    if (witness_file != NULL)
        e = file_read(witness_file, WITNESS_FILE_MOST, &witness);
    if (e == OK && witness_key != NULL)
        exit = cosignature_check(witness_file, buffer_slice(&witness), witness_key);
    if (e != OK)
        exit = unreadable(witness_file, e);
    else if (exit == COMMAND_DONE && folder == NULL)
        exit = living_verify(&c, buffer_slice(&witness));
    else if (exit == COMMAND_DONE)
        exit = folder_verify(&c, folder, key_file, buffer_slice(&witness));
    buffer_wipe(&witness);
    return exit;
}
