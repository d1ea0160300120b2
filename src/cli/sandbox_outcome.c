#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_outcome(int argc, char **argv)
{
    const char *kind = NULL, *reason = NULL, *percent = NULL, *label = NULL;
    uint64_t account = 0, cid = 0, uses = 0;
    json_t *body;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "KIND", .kind = OPTION_OPERAND, .required = true, .into = &kind,
          .help = "reject or fill" },
        { .name = "account", .kind = OPTION_NUMBER, .value = "N", .most = INT64_MAX,
          .into = &account, .help = "whose order [anybody's]" },
        { .name = "reason", .kind = OPTION_CHOICE, .value = "balance|size|price|rate|ready",
          .into = &reason, .help = "the words of a rejection [balance]" },
        { .name = "percent", .kind = OPTION_TEXT, .value = "N", .into = &percent,
          .help = "of a fill: how much of what remains" },
        { .name = "cid", .kind = OPTION_NUMBER, .value = "N", .most = INT64_MAX, .into = &cid,
          .help = "only the order with this client id" },
        { .name = "label", .kind = OPTION_TEXT, .value = "LABEL", .into = &label,
          .help = "only the order with this label" },
        { .name = "uses", .kind = OPTION_NUMBER, .value = "N", .most = 1000000, .into = &uses,
          .help = "so many orders [1]" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox outcome",
        .summary = "decide what becomes of an order",
        .details =
            "Of the next one, of the one with --cid, or of the one that carries the label as\n"
            "\"meta\": {\"sandbox\": \"LABEL\"}.  fill works on an order that rests in the book.\n",
        .examples = "latchkey sandbox outcome reject --account 1\n"
                    "latchkey sandbox outcome reject --account 1 --cid 12345 --reason rate\n"
                    "latchkey sandbox outcome fill --account 1 --percent 40 --label half\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    body = json_object();
    sandbox_put_text(body, "kind", kind);
    sandbox_put_text(body, "reason", reason);
    sandbox_put_text(body, "percent", percent);
    sandbox_put_text(body, "label", label);
    sandbox_put_number(body, "account", account);
    sandbox_put_number(body, "cid", cid);
    sandbox_put_number(body, "uses", uses);
    return sandbox_call(&c, "inject", body);
}
