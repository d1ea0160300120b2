#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"
#include "cli/verifier_key.h"
#include "trail/prove.h"

static const char command[] = "latchkey audit prove";

struct asked {
    const char *record, *folder, *key, *checkpoint, *out;
    bool by_id;
    uint8_t request_id[RECORD_REQUEST_ID_SIZE];
    uint64_t index;
};

static bool record_read(struct asked *asked)
{
    struct slice text = slice_of(asked->record);

    asked->by_id = text.size == 2 * sizeof asked->request_id;
    if (asked->by_id ? hex_parse(text, asked->request_id, sizeof asked->request_id)
                     : note_number_parse(text, &asked->index))
        return true;
    fprintf(stderr, "%s: \"%.80s\" is neither the index of a record nor a request id\n", command,
            asked->record);
    return false;
}

static int failed(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", command, what, why);
    return COMMAND_REFUSED;
}

static int proof_put(const struct asked *asked, struct slice proof)
{
    if (asked->out == NULL) {
        fwrite(proof.at, 1, proof.size, stdout);
        return COMMAND_DONE;
    }
    return file_write_atomic(asked->out, 0644, proof) == OK ? COMMAND_DONE : COMMAND_REFUSED;
}

/* ---- through the authority ---- */

static int living_prove(const struct client *c, const struct asked *asked)
{
    json_t *reply = NULL;
    struct buffer path;
    int exit;

    buffer_init(&path);
    buffer_append(&path, SLICE("/audit/prove"));
    query_append(&path, asked->by_id ? "request_id" : "index", asked->record);
    exit = client_call(c, "GET", path.at, NULL, &reply);
    buffer_wipe(&path);
    if (exit == COMMAND_DONE && c->json)
        client_print(reply);
    else if (exit == COMMAND_DONE && reply_text(reply, "proof") != NULL)
        exit = proof_put(asked, slice_of(reply_text(reply, "proof")));
    else if (exit == COMMAND_DONE)
        exit = failed("the authority's answer", err_text(ERR_MALFORMED));
    json_decref(reply);
    return exit;
}

/* ---- from a folder ---- */

struct desk {
    struct note_key key;
    struct buffer checkpoint;
    struct proof_text proof;
    char text[PROOF_TEXT_MOST];
};

/* A file of the folder, or the one that was named instead. */
static const char *path_of(const char *folder, const char *name, const char *instead,
                           char path[FILE_PATH_SIZE])
{
    if (instead != NULL)
        return instead;
    snprintf(path, FILE_PATH_SIZE, "%.*s/%s", FILE_PATH_SIZE - 32, folder, name);
    return path;
}

static int folder_prove(const struct client *c, struct asked *asked, struct desk *desk)
{
    struct log_files files = log_files_of_folder(asked->folder);
    char path[FILE_PATH_SIZE], problem[PROVE_PROBLEM_SIZE], key[NOTE_KEY_TEXT_SIZE];
    const char *given = path_of(asked->folder, "key.pub", asked->key, path);
    struct checkpoint head;
    struct slice text;
    enum err e;

    if (!verifier_key_read(command, given, NOTE_KEY_LOG, &desk->key))
        return COMMAND_REFUSED;
    given = path_of(asked->folder, "checkpoint", asked->checkpoint, path);
    e = file_read(given, CHECKPOINT_TEXT_MOST, &desk->checkpoint);
    if (e != OK)
        return failed(given, err_text(e));
    if (checkpoint_parse(buffer_slice(&desk->checkpoint), &desk->key, &head) != CHECKPOINT_SIGNED) {
        failed(given, "not a checkpoint that the key signed");
        return COMMAND_UNVERIFIED;
    }
    if (asked->by_id) {
        e = prove_find(&files, head.size, asked->request_id, &asked->index);
        if (e != OK)
            return failed(asked->record, e == ERR_MISSING
                                             ? "no record that is signed and kept has this id"
                                             : err_text(e));
    }
    e = prove_record(&files, buffer_slice(&desk->checkpoint), &desk->key, asked->index,
                     &desk->proof, problem);
    if (e != OK) {
        failed(asked->record, problem);
        return e == ERR_CORRUPT ? COMMAND_UNVERIFIED : COMMAND_REFUSED;
    }
    text = (struct slice){ desk->text, proof_text_format(&desk->proof, desk->text) };
    if (c->json) {
        json_t *document;

        note_key_format(&desk->key, key);
        document = json_pack("{s:I, s:s%, s:s}", "index", (json_int_t)asked->index, "proof",
                             text.at, text.size, "verifier_key", key);
        client_print(document);
        json_decref(document);
        return COMMAND_DONE;
    }
    return proof_put(asked, text);
}

int cli_audit_prove(int argc, char **argv)
{
    struct asked asked = { 0 };
    struct client c = { 0 };
    struct desk *desk;
    int exit;
    const struct option options[] = {
        { .name = "RECORD", .kind = OPTION_OPERAND, .required = true, .into = &asked.record,
          .help = "a record's index, or the X-Request-Id of a request" },
        { .name = "DIR", .kind = OPTION_OPERAND, .into = &asked.folder,
          .help = "the audit folder or a copy of it [ask the running authority]" },
        { .name = "out", .kind = OPTION_TEXT, .value = "FILE", .into = &asked.out,
          .help = "write the proof there [standard output]" },
        { .name = "key", .kind = OPTION_TEXT, .value = "KEY", .into = &asked.key,
          .help = "with DIR: the log's verifier key or a file with it [DIR/key.pub]" },
        { .name = "checkpoint", .kind = OPTION_TEXT, .value = "FILE", .into = &asked.checkpoint,
          .help = "with DIR: prove under this one, a cosigned one say [DIR/checkpoint]" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = command,
        .summary = "the proof that one record stands in the signed log, as a file for others",
        .details = "The file (C2SP tlog-proof) holds the record, the hashes that lead from it to\n"
                   "the signed root, and the checkpoint.  latchkey audit check reads it with\n"
                   "nothing but the log's verifier key; tools of others do too.\n",
        .examples = "latchkey audit prove 12345 --out 12345.tlog-proof\n\n"
                    "# the request that a customer asks about, from a copy of the log\n"
                    "latchkey audit prove 00112233445566778899aabbccddeeff /mnt/backup/audit\n\n"
                    "# under a checkpoint that the witness signed as well\n"
                    "latchkey audit prove 12345 data/audit --checkpoint witness/checkpoint\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (!record_read(&asked))
        return COMMAND_MISUSED;
    if (asked.folder == NULL && (asked.key != NULL || asked.checkpoint != NULL)) {
        fprintf(stderr, "%s: --key and --checkpoint go with a DIR\n", command);
        return COMMAND_MISUSED;
    }
    if (asked.folder == NULL)
        return living_prove(&c, &asked);
    desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return failed(asked.record, err_text(ERR_MEMORY));
    buffer_init(&desk->checkpoint);
    exit = folder_prove(&c, &asked, desk);
    buffer_wipe(&desk->checkpoint);
    free(desk);
    return exit;
}
