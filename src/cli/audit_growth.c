#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/verifier_key.h"
#include "trail/prove.h"

static const char command[] = "latchkey audit growth";

static int failed(const char *what, const char *why, int exit)
{
    fprintf(stderr, "%s: %s: %s\n", command, what, why);
    return exit;
}

/* A signed head out of a file, whose text stays in `text`. */
static int head_read(const char *path, const struct note_key *key, struct buffer *text,
                     struct checkpoint *head)
{
    enum err e = file_read(path, CHECKPOINT_TEXT_MOST, text);

    if (e != OK)
        return failed(path, err_text(e), COMMAND_REFUSED);
    if (checkpoint_parse(buffer_slice(text), key, head) != CHECKPOINT_SIGNED)
        return failed(path, "not a checkpoint that the key signed", COMMAND_UNVERIFIED);
    return COMMAND_DONE;
}

/* As the body of C2SP tlog-witness's add-checkpoint, which witnesses of others take. */
static void growth_print(uint64_t old_size, const struct merkle_proof *proof,
                         struct slice checkpoint)
{
    char hash[MERKLE_ROOT_TEXT_SIZE];

    printf("old %" PRIu64 "\n", old_size);
    for (size_t i = 0; i < proof->count; i++) {
        merkle_root_format(&proof->hash[i], hash);
        puts(hash);
    }
    putchar('\n');
    fwrite(checkpoint.at, 1, checkpoint.size, stdout);
}

static int growth_prove(const char *folder, const struct note_key *key, const char *old_path)
{
    struct log_files files = log_files_of_folder(folder);
    char path[FILE_PATH_SIZE], problem[PROVE_PROBLEM_SIZE];
    struct buffer old_text, text;
    struct checkpoint old, head;
    struct merkle_proof proof;
    int exit;
    enum err e;

    buffer_init(&old_text);
    buffer_init(&text);
    snprintf(path, sizeof path, "%.*s/checkpoint", FILE_PATH_SIZE - 32, folder);
    exit = head_read(old_path, key, &old_text, &old);
    if (exit == COMMAND_DONE)
        exit = head_read(path, key, &text, &head);
    if (exit == COMMAND_DONE && old.size > head.size)
        exit = failed(path, "it covers fewer records than the older one", COMMAND_UNVERIFIED);
    if (exit == COMMAND_DONE && old.size == 0)
        exit = failed(old_path, "it covers no record: every log begins so", COMMAND_REFUSED);
    if (exit == COMMAND_DONE) {
        e = prove_growth(&files, &old, &head, &proof, problem);
        if (e == OK)
            growth_print(old.size, &proof, buffer_slice(&text));
        else
            exit = failed(folder, problem,
                          e == ERR_CORRUPT ? COMMAND_UNVERIFIED : COMMAND_REFUSED);
    }
    buffer_wipe(&old_text);
    buffer_wipe(&text);
    return exit;
}

int cli_audit_growth(int argc, char **argv)
{
    const char *old = NULL, *folder = NULL, *given = NULL;
    char path[FILE_PATH_SIZE];
    struct note_key key;
    const struct option options[] = {
        { .name = "CHECKPOINT", .kind = OPTION_OPERAND, .required = true, .into = &old,
          .help = "an older signed head that was kept" },
        { .name = "DIR", .kind = OPTION_OPERAND, .required = true, .into = &folder,
          .help = "the audit folder or a copy of it" },
        { .name = "key", .kind = OPTION_TEXT, .value = "KEY", .into = &given,
          .help = "the log's verifier key or a file with it [DIR/key.pub]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = command,
        .summary = "the proof that the log still begins with an older head",
        .details = "Prints the hashes and the newest checkpoint as a witness takes them (C2SP\n"
                   "tlog-witness, add-checkpoint).  Exits with 4 when the log does not begin so.\n",
        .examples = "latchkey audit growth ~/checkpoint-of-may data/audit --key ~/latchkey.pub\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    snprintf(path, sizeof path, "%.*s/key.pub", FILE_PATH_SIZE - 32, folder);
    if (!verifier_key_read(command, given == NULL ? path : given, NOTE_KEY_LOG, &key))
        return COMMAND_REFUSED;
    return growth_prove(folder, &key, old);
}
