#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_fault(int argc, char **argv)
{
    const char *kind = NULL, *symbol = NULL, *percent = NULL;
    uint64_t account = 0, ms = 0, status = 0, uses = 0, after_s = 0, for_s = 0;
    json_t *body;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "KIND", .kind = OPTION_OPERAND, .required = true, .into = &kind,
          .help = "one of those above" },
        { .name = "account", .kind = OPTION_NUMBER, .value = "N", .most = INT64_MAX,
          .into = &account, .help = "whom it concerns [everybody]" },
        { .name = "ms", .kind = OPTION_NUMBER, .value = "N", .most = 60000, .into = &ms,
          .help = "of latency" },
        { .name = "status", .kind = OPTION_NUMBER, .value = "N", .least = 500, .most = 599,
          .into = &status, .help = "of error [500]" },
        { .name = "symbol", .kind = OPTION_TEXT, .value = "SYMBOL", .into = &symbol,
          .help = "of halt, thin and shock" },
        { .name = "percent", .kind = OPTION_TEXT, .value = "N", .into = &percent,
          .help = "of thin and shock" },
        { .name = "uses", .kind = OPTION_NUMBER, .value = "N", .most = 1000000, .into = &uses,
          .help = "ends after so many times [once for disconnect and checksum]" },
        { .name = "after", .kind = OPTION_NUMBER, .value = "SECONDS", .most = 2592000,
          .into = &after_s, .help = "begins so much later [0]" },
        { .name = "for", .kind = OPTION_NUMBER, .value = "SECONDS", .most = 2592000,
          .into = &for_s, .help = "lasts so long [3600]" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox fault",
        .summary = "inject a fault, or something that happens to the market",
        .details = "  latency      REST answers leave --ms later\n"
                   "  error        REST calls are answered with --status and not carried out\n"
                   "  disconnect   WebSocket connections are cut\n"
                   "  checksum     the next checksum of a book is wrong\n"
                   "  maintenance  20060 now and 20061 at the end; the market stands\n"
                   "  halt         no trading, everywhere or in --symbol\n"
                   "  thin         only --percent of the usual depth\n"
                   "  shock        the coin of --symbol is worth --percent more (or less)\n",
        .examples = "latchkey sandbox fault latency --ms 800 --account 1\n"
                    "latchkey sandbox fault error --status 503 --uses 2 --account 1\n"
                    "latchkey sandbox fault maintenance --after 10 --for 30\n"
                    "latchkey sandbox fault shock --symbol tBTCUSD --percent=-8 --for 600\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    body = json_object();
    sandbox_put_text(body, "kind", kind);
    sandbox_put_text(body, "symbol", symbol);
    sandbox_put_text(body, "percent", percent);
    sandbox_put_number(body, "account", account);
    sandbox_put_number(body, "ms", ms);
    sandbox_put_number(body, "status", status);
    sandbox_put_number(body, "uses", uses);
    sandbox_put_number(body, "after_ms", after_s * 1000);
    sandbox_put_number(body, "for_ms", for_s * 1000);
    return sandbox_call(&c, "inject", body);
}
