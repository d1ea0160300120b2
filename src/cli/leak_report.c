#include <sodium.h>
#include <string.h>

#include "base/hex.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"
#include "keys/key_text.h"
#include "keys/secret.h"

static void result_print(const json_t *reply, FILE *out)
{
    const json_t *result = json_array_get(json_object_get(reply, "results"), 0);

    if (!json_is_true(json_object_get(result, "known")))
        fputs("No key of ours: nothing was done.\n", out);
    else
        fprintf(out, "%s: %s, leak %" JSON_INTEGER_FORMAT "\n", reply_text(result, "key_id"),
                reply_text(result, "reaction"),
                json_integer_value(json_object_get(result, "evidence")));
}

/* {"sha256": …} of the secret that stands on standard input, which goes no further; NULL: there is
 * none, which was said. */
static json_t *secret_finding(void)
{
    char line[SECRET_LINE_SIZE], text[2 * crypto_hash_sha256_BYTES + 1];
    uint8_t sha256[crypto_hash_sha256_BYTES];
    enum environment environment;
    struct secret secret;
    bool is_secret = secret_line_read("", true, line) == OK &&
                     secret_parse(slice_of(line), &environment, &secret);

    explicit_bzero(line, sizeof line);
    if (!is_secret) {
        fputs("latchkey leak report: standard input has to be the secret (lks_…) and a line feed, "
              "or name the id with --key-id\n",
              stderr);
        return NULL;
    }
    crypto_hash_sha256(sha256, secret.bytes, secret.size);
    secret_wipe(&secret);
    hex_format(sha256, sizeof sha256, text);
    return json_pack("{s:s}", "sha256", text);
}

int cli_leak_report(int argc, char **argv)
{
    const char *key = NULL, *origin = "operator", *url = "";
    struct client c = { 0 };
    json_t *finding, *reply = NULL;
    int exit;
    const struct option options[] = {
        { .name = "key-id",
          .kind = OPTION_TEXT,
          .value = "KEY",
          .into = &key,
          .help = "the id was found, without the secret" },
        { .name = "origin",
          .kind = OPTION_TEXT,
          .value = "TEXT",
          .into = &origin,
          .help = "who found it [operator]" },
        { .name = "url",
          .kind = OPTION_TEXT,
          .value = "URL",
          .into = &url,
          .help = "where it stands" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey leak report",
        .summary = "tell of a key that was found in public",
        .details =
            "A published secret revokes its key for good; an id alone does what the setting\n"
            "leak.key_id says. The secret is read from standard input, and only its SHA-256\n"
            "leaves this command.\n",
        .examples = "latchkey leak report --url https://forum.example/t/123 < secret.txt\n\n"
                    "latchkey leak report --key-id lki_live_… --origin support\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    finding = key != NULL ? json_pack("{s:s}", "key_id", key) : secret_finding();
    if (finding == NULL)
        return COMMAND_MISUSED;
    json_object_set_new(finding, "channel", json_string("scan"));
    json_object_set_new(finding, "origin", json_string(origin));
    json_object_set_new(finding, "place", json_pack("{s:s}", "url", url));
    exit = client_call(&c, "POST", "/leaks", json_pack("{s:[o]}", "findings", finding), &reply);
    return client_show(&c, exit, reply, result_print);
}
