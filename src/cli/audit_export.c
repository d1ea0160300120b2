#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/audit_filter.h"
#include "cli/command.h"
#include "trail/export.h"

#define COMMAND_NAME "latchkey audit export"

/* Where the text goes: standard output, or a file that gets its name when it is complete. */
struct sink {
    const char *path; /* NULL: standard output */
    struct buffer temporary;
    FILE *out;
    bool progress;
    uint64_t bytes, lines, spoke_at_ns;
};

static int broken(const char *what, const char *words)
{
    fprintf(stderr, COMMAND_NAME ": %s: %s\n", what, words);
    return COMMAND_REFUSED;
}

static bool sink_open(struct sink *s)
{
    int fd;

    buffer_init(&s->temporary);
    s->out = stdout;
    s->progress = isatty(STDERR_FILENO) && (s->path != NULL || !isatty(STDOUT_FILENO));
    if (s->path == NULL)
        return true;
    buffer_printf(&s->temporary, "%s.part-XXXXXX", s->path);
    /* Made with mode 0600: who asked what of the venue is nobody else's business. */
    fd = s->temporary.failed ? -1 : mkstemp(s->temporary.at);
    s->out = fd < 0 ? NULL : fdopen(fd, "w");
    if (s->out == NULL)
        broken(s->path, strerror(errno));
    return s->out != NULL;
}

static void progress_show(struct sink *s)
{
    uint64_t now_ns = clock_mono_ns();

    if (!s->progress || now_ns - s->spoke_at_ns < NS_PER_S / 10)
        return;
    s->spoke_at_ns = now_ns;
    fprintf(stderr, "\r\033[K%" PRIu64 " lines, %" PRIu64 " MB ", s->lines, s->bytes / 1000000);
}

static bool sink_take(void *context, struct slice piece)
{
    struct sink *s = context;

    if (fwrite(piece.at, 1, piece.size, s->out) != piece.size) {
        broken(s->path == NULL ? "standard output" : s->path, strerror(errno));
        return false;
    }
    s->bytes += piece.size;
    for (size_t i = 0; i < piece.size; i++)
        s->lines += piece.at[i] == '\n';
    progress_show(s);
    return true;
}

static bool is_written(FILE *out)
{
    return fflush(out) == 0 && (out == stdout || fsync(fileno(out)) == 0);
}

/* Gives the file its name, or leaves nothing. */
static int sink_close(struct sink *s, int exit)
{
    if (s->progress)
        fputs("\r\033[K", stderr);
    if (s->out != NULL && exit == COMMAND_DONE && !is_written(s->out))
        exit = broken(s->path == NULL ? "standard output" : s->path, strerror(errno));
    if (s->path == NULL) {
        if (exit != COMMAND_DONE && s->bytes > 0)
            fputs(COMMAND_NAME ": what was written is not complete\n", stderr);
        return exit;
    }
    if (s->out != NULL)
        fclose(s->out);
    if (s->out != NULL && exit == COMMAND_DONE && rename(s->temporary.at, s->path) != 0)
        exit = broken(s->path, strerror(errno));
    if (s->out != NULL && exit != COMMAND_DONE)
        unlink(s->temporary.at);
    buffer_wipe(&s->temporary);
    return exit;
}

static int living_export(const struct client *c, const struct audit_filter *filter,
                         const char *format, struct sink *sink)
{
    struct buffer path;
    int exit = COMMAND_MISUSED;

    buffer_init(&path);
    buffer_append(&path, SLICE("/audit/export"));
    query_append(&path, "format", format);
    if (audit_filter_append(filter, COMMAND_NAME, &path))
        exit = client_stream(c, path.at, sink_take, sink);
    buffer_wipe(&path);
    return exit;
}

static int folder_export(const char *folder, const struct audit_filter *filter,
                         enum line_format format, struct sink *sink)
{
    struct export *export = NULL;
    struct trail_query query;
    struct buffer text;
    bool more = true;
    int exit = COMMAND_DONE;
    enum err e;

    if (!audit_filter_query(filter, COMMAND_NAME, &query))
        return COMMAND_MISUSED;
    buffer_init(&text);
    e = export_folder_open(folder, &query, format, &export);
    while (e == OK && more && exit == COMMAND_DONE) {
        text.size = 0;
        e = export_next(export, &text, &more);
        if (text.size > 0 && !sink_take(sink, buffer_slice(&text)))
            exit = COMMAND_REFUSED;
    }
    if (e == ERR_MISSING)
        exit = broken(folder, "there is no audit log in it");
    else if (e != OK)
        exit = broken(folder, export != NULL && *export_problem(export) != '\0'
                                  ? export_problem(export)
                                  : err_text(e));
    export_close(&export);
    buffer_wipe(&text);
    return exit;
}

int cli_audit_export(int argc, char **argv)
{
    const char *folder = NULL, *format = "csv";
    struct audit_filter filter = { 0 };
    struct client c = { 0 };
    struct sink sink = { 0 };
    int exit = COMMAND_REFUSED;
    const struct option options[] = {
        AUDIT_FILTER_OPTIONS(filter),
        { .name = "format", .kind = OPTION_CHOICE, .value = "csv|jsonl", .into = &format,
          .help = "[csv] comma-separated for spreadsheets, or one JSON object a line" },
        { .name = "output", .kind = OPTION_TEXT, .value = "FILE", .into = &sink.path,
          .help = "write to a file, which is there only when it is complete [standard output]" },
        { .name = "audit", .kind = OPTION_TEXT, .value = "DIR", .into = &folder,
          .help = "read a copied audit folder, without an authority" },
        { .name = "socket", .kind = OPTION_TEXT, .value = "PATH", .into = &c.socket,
          .help = "the authority's socket [$LATCHKEY_SOCKET or run/authority.sock]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = COMMAND_NAME,
        .summary = "every record of a search, oldest first, as CSV or JSON lines",
        .details = "Changes by the authority are among them.  A folder is read as it is and not\n"
                   "verified: latchkey audit verify does that.\n",
        .examples = "# November, for the accountants\n"
                    "latchkey audit export --since 2026-11-01 --until 2026-12-01 "
                    "--output november.csv\n\n"
                    "# offline, what one key did, for jq\n"
                    "latchkey audit export --audit /mnt/backup/audit --format jsonl \\\n"
                    "    --key lki_live_EXAMPLE0EXAMPLE000000 | jq -c .path\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (sink_open(&sink))
        exit = folder == NULL
                   ? living_export(&c, &filter, format, &sink)
                   : folder_export(folder, &filter,
                                   strcmp(format, "csv") == 0 ? LINE_CSV : LINE_JSON, &sink);
    return sink_close(&sink, exit);
}
