#include "scanner/scan.h"
#include "scanner/confine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/scan_report.h"

enum {
    SCAN_NOTHING = 0,
    SCAN_FOUND = 1,
    SCAN_INCOMPLETE = 2,
};

static void paths_scan(struct scan *scan, const struct option_rest *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        if (strcmp(paths->at[i], "-") == 0)
            scan_descriptor(scan, "standard input", STDIN_FILENO);
        else
            scan_path(scan, paths->at[i]);
}

static int scan_run(const struct option_rest *paths, enum report_form form)
{
    struct report *report = NULL;
    struct scan *scan = NULL;
    struct scan_totals totals;
    enum err e;

    TRY(report_open(form, stdout, &report));
    TRY(scan_open(report_listener(report), &scan_limits_default, &scan));
    if (confine() != OK)
        fputs(
            "latchkey scan: this kernel cannot confine it; do not run it as root on what strangers "
            "wrote\n",
            stderr);
    paths_scan(scan, paths);
    totals = scan_totals(scan);
    TRY(report_end(report, &totals));
out:
    if (e != OK)
        fprintf(stderr, "latchkey scan: %s\n", err_text(e));
    scan_close(&scan);
    report_close(&report);
    if (e != OK)
        return SCAN_INCOMPLETE;
    return totals.finding_count > 0      ? SCAN_FOUND
           : totals.incomplete_count > 0 ? SCAN_INCOMPLETE
                                         : SCAN_NOTHING;
}

int cli_scan(int argc, char **argv)
{
    const char **room = calloc((size_t)argc + 1, sizeof *room);
    struct option_rest paths = { .at = room };
    bool json = false, sarif = false;
    int exit = SCAN_INCOMPLETE;
    const struct option options[] = {
        { .name = "PATH",
          .kind = OPTION_REST,
          .required = true,
          .into = &paths,
          .help = "files and folders; - is standard input" },
        { .name = "json",
          .kind = OPTION_SWITCH,
          .into = &json,
          .help = "print one JSON object a finding, one a line" },
        { .name = "sarif",
          .kind = OPTION_SWITCH,
          .into = &sarif,
          .help = "print one SARIF 2.1.0 document" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey scan",
        .summary = "find keys of ours in files, archives and git repositories",
        .details =
            "Looks into tar, zip, gzip, xz, zstd, bzip2 and others, one in another, and at every\n"
            "object of a git repository, whether anything leads to it or not.  Keys are found as\n"
            "they are and in base64, hexadecimal, UTF-16, and the escapes of URLs, JSON, C and\n"
            "HTML.  Their checksum decides, so that nothing else looks like one; no authority is\n"
            "asked.  Secrets are shown only in part.\n\n"
            "Exits with 0 when everything was looked at and nothing found, 1 when something was\n"
            "found, 2 when something could not be looked at.\n",
        .examples = "latchkey scan .\n"
                    "npm pack --silent && latchkey scan *.tgz\n"
                    "git diff --cached | latchkey scan -     # in .git/hooks/pre-commit\n",
        .options = options,
    };

    enum options_answer answer;

    if (room == NULL)
        return SCAN_INCOMPLETE;
    answer = options_parse(&syntax, argc, argv);
    if (answer == OPTIONS_HELP)
        exit = SCAN_NOTHING;
    else if (answer == OPTIONS_GOOD && json && sarif)
        fprintf(stderr, "latchkey scan: --json and --sarif are two forms of one report\n");
    else if (answer == OPTIONS_GOOD)
        exit = scan_run(&paths, json ? REPORT_JSON : sarif ? REPORT_SARIF : REPORT_TEXT);
    free(room);
    return exit;
}
