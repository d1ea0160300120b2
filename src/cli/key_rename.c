#include "cli/command.h"
#include "cli/key_change.h"

int cli_key_rename(int argc, char **argv)
{
    const char *id = NULL, *label = NULL;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id" },
        { .name = "LABEL", .kind = OPTION_OPERAND, .required = true, .into = &label,
          .help = "its new name; no two usable keys of an account share one" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key rename",
        .summary = "another label for a key",
        .examples = "latchkey key rename lki_live_EXAMPLE0EXAMPLE000000 \"grid bot\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return key_change(&c, id, "rename", json_pack("{s:s}", "label", label), key_print);
}
