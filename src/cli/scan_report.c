#include "cli/scan_report.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/hex.h"
#include "cli/terminal.h"
#include "http/json_write.h"

struct report {
    enum report_form form;
    FILE *out;
    struct scan_listener listener;
    struct buffer line; /* of JSON, until it is printed */
    uint64_t started_ns;
    bool draws;       /* progress on a terminal */
    bool is_drawn;    /* and a line of it stands there */
    bool has_results; /* SARIF: a comma before the next one */
};

enum { FINGERPRINT_SIZE = 65 };

/* Tells findings of the same key together without telling the key: what a forge's deduplication
 * asks for. */
static void fingerprint(const struct match *match, char text[FINGERPRINT_SIZE])
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const uint8_t *)match->text, strlen(match->text));
    hex_format(hash, sizeof hash, text);
    text[FINGERPRINT_SIZE - 1] = '\0';
}

static const char *kind_words(const struct match *match)
{
    return match->kind == MATCH_SECRET ? "secret" : "key id";
}

static const char *kind_word(const struct match *match)
{
    return match->kind == MATCH_SECRET ? "secret" : "key-id";
}

static void line_print(struct report *r)
{
    fwrite(r->line.at, 1, r->line.size, r->out);
    fputc('\n', r->out);
    r->line.size = 0;
}

/* ---- For people ---- */

static void progress_wipe(struct report *r)
{
    if (r->is_drawn)
        fputs("\r\033[K", stderr);
    r->is_drawn = false;
}

static void text_found(struct report *r, const struct scan_finding *finding)
{
    char shown[MATCH_SHOWN_SIZE];
    bool colours = terminal_colours(r->out), is_secret = finding->match.kind == MATCH_SECRET;

    progress_wipe(r);
    match_show(&finding->match, shown);
    fprintf(r->out, "%s%s%s  %s %s, %s%s%s", tone_begin(is_secret ? TONE_BAD : TONE_WARN, colours),
            shown, tone_end(is_secret ? TONE_BAD : TONE_WARN, colours),
            environment_text(finding->match.environment), kind_words(&finding->match),
            tone_begin(TONE_BOLD, colours), finding->place, tone_end(TONE_BOLD, colours));
    if (finding->line > 0)
        fprintf(r->out, ":%llu", (unsigned long long)finding->line);
    else
        fputs(" (in the name)", r->out);
    if (finding->source[0] != '\0')
        fprintf(r->out, " (of %s)", finding->source);
    if (finding->match.encoding != ENCODING_PLAIN)
        fprintf(r->out, " (%s)", encoding_words(finding->match.encoding));
    fputc('\n', r->out);
}

static void text_end(struct report *r, const struct scan_totals *t)
{
    double seconds = (double)(clock_mono_ns() - r->started_ns) / 1e9;

    progress_wipe(r);
    fprintf(stderr, "%llu files, %llu members and objects, %.1f MB in %.1f s (%.0f MB/s): ",
            (unsigned long long)t->file_count, (unsigned long long)t->object_count,
            (double)t->bytes / 1e6, seconds, (double)t->bytes / 1e6 / (seconds > 0 ? seconds : 1));
    if (t->finding_count == 0)
        fputs("no key found", stderr);
    else
        fprintf(stderr,
                "%llu found; revoke secrets at once, taking them out of the files is not "
                "enough",
                (unsigned long long)t->finding_count);
    if (t->incomplete_count > 0)
        fprintf(stderr, "; %llu not or not fully looked at",
                (unsigned long long)t->incomplete_count);
    fputc('\n', stderr);
}

/* ---- For programs ---- */

static void json_found(struct report *r, const struct scan_finding *finding)
{
    struct json_writer w = json_writer_of(&r->line);
    char shown[MATCH_SHOWN_SIZE], print[FINGERPRINT_SIZE];

    match_show(&finding->match, shown);
    fingerprint(&finding->match, print);
    json_put_open(&w, '{');
    json_put_key(&w, "type");
    json_put_text(&w, "finding");
    json_put_key(&w, "kind");
    json_put_text(&w, kind_word(&finding->match));
    json_put_key(&w, "environment");
    json_put_text(&w, environment_text(finding->match.environment));
    json_put_key(&w, "shown");
    json_put_text(&w, shown);
    json_put_key(&w, "sha256");
    json_put_text(&w, print);
    json_put_key(&w, "place");
    json_put_text(&w, finding->place);
    json_put_key(&w, "line");
    json_put_uint(&w, finding->line);
    json_put_key(&w, "offset");
    json_put_uint(&w, finding->match.offset);
    json_put_key(&w, "encoding");
    json_put_text(&w, encoding_word(finding->match.encoding));
    json_put_key(&w, "source");
    json_put_text(&w, finding->source);
    json_put_key(&w, "excerpt");
    json_put_text(&w, finding->excerpt);
    json_put_close(&w, '}');
    line_print(r);
}

static void json_incomplete(struct report *r, const char *place, const char *why)
{
    struct json_writer w = json_writer_of(&r->line);

    json_put_open(&w, '{');
    json_put_key(&w, "type");
    json_put_text(&w, "incomplete");
    json_put_key(&w, "place");
    json_put_text(&w, place);
    json_put_key(&w, "why");
    json_put_text(&w, why);
    json_put_close(&w, '}');
    line_print(r);
}

static void json_end(struct report *r, const struct scan_totals *t)
{
    struct json_writer w = json_writer_of(&r->line);

    json_put_open(&w, '{');
    json_put_key(&w, "type");
    json_put_text(&w, "summary");
    json_put_key(&w, "files");
    json_put_uint(&w, t->file_count);
    json_put_key(&w, "objects");
    json_put_uint(&w, t->object_count);
    json_put_key(&w, "bytes");
    json_put_uint(&w, t->bytes);
    json_put_key(&w, "findings");
    json_put_uint(&w, t->finding_count);
    json_put_key(&w, "incomplete");
    json_put_uint(&w, t->incomplete_count);
    json_put_close(&w, '}');
    line_print(r);
}

/* ---- SARIF ---- */

static void sarif_begin(struct report *r)
{
    fputs("{\"version\":\"2.1.0\","
          "\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{"
          "\"tool\":{\"driver\":{\"name\":\"latchkey scan\",\"version\":\"" LATCHKEY_VERSION "\","
          "\"rules\":["
          "{\"id\":\"secret\",\"shortDescription\":{\"text\":\"API secret in the clear\"},"
          "\"help\":{\"text\":\"Revoke the key; taking the secret out is not enough.\"}},"
          "{\"id\":\"key-id\",\"shortDescription\":{\"text\":\"API key id\"},"
          "\"help\":{\"text\":\"Not secret by itself; look for its secret nearby.\"}}"
          "]}},\"results\":[",
          r->out);
}

static void sarif_found(struct report *r, const struct scan_finding *finding)
{
    struct json_writer w = json_writer_of(&r->line);
    char shown[MATCH_SHOWN_SIZE], print[FINGERPRINT_SIZE], words[128];

    match_show(&finding->match, shown);
    fingerprint(&finding->match, print);
    snprintf(words, sizeof words, "%s %s of the %s environment, %s", kind_words(&finding->match),
             shown, environment_text(finding->match.environment),
             encoding_words(finding->match.encoding));
    json_put_open(&w, '{');
    json_put_key(&w, "ruleId");
    json_put_text(&w, kind_word(&finding->match));
    json_put_key(&w, "level");
    json_put_text(&w, finding->match.kind == MATCH_SECRET ? "error" : "warning");
    json_put_key(&w, "message");
    json_put_open(&w, '{');
    json_put_key(&w, "text");
    json_put_text(&w, words);
    json_put_close(&w, '}');
    json_put_key(&w, "partialFingerprints");
    json_put_open(&w, '{');
    json_put_key(&w, "keySha256/v1");
    json_put_text(&w, print);
    json_put_close(&w, '}');
    json_put_key(&w, "locations");
    json_put_open(&w, '[');
    json_put_open(&w, '{');
    json_put_key(&w, "physicalLocation");
    json_put_open(&w, '{');
    json_put_key(&w, "artifactLocation");
    json_put_open(&w, '{');
    json_put_key(&w, "uri");
    json_put_text(&w, finding->place);
    json_put_close(&w, '}');
    if (finding->line > 0) {
        json_put_key(&w, "region");
        json_put_open(&w, '{');
        json_put_key(&w, "startLine");
        json_put_uint(&w, finding->line);
        json_put_close(&w, '}');
    }
    json_put_close(&w, '}');
    json_put_close(&w, '}');
    json_put_close(&w, ']');
    json_put_close(&w, '}');
    if (r->has_results)
        fputc(',', r->out);
    r->has_results = true;
    line_print(r);
}

static void sarif_end(struct report *r, const struct scan_totals *t)
{
    fprintf(r->out, "],\"invocations\":[{\"executionSuccessful\":%s}]}]}\n",
            t->incomplete_count == 0 ? "true" : "false");
}

/* ---- Whichever ---- */

static void found(void *context, const struct scan_finding *finding)
{
    struct report *r = context;

    switch (r->form) {
    case REPORT_TEXT:
        text_found(r, finding);
        break;
    case REPORT_JSON:
        json_found(r, finding);
        break;
    case REPORT_SARIF:
        sarif_found(r, finding);
        break;
    }
}

static void incomplete(void *context, const char *place, const char *why)
{
    struct report *r = context;

    progress_wipe(r);
    if (r->form == REPORT_JSON)
        json_incomplete(r, place, why);
    else
        fprintf(stderr, "not fully looked at: %s: %s\n", place, why);
}

static void text_traced(struct report *r, const char *object, const struct provenance_trace *trace)
{
    progress_wipe(r);
    fprintf(r->out, "  %.12s came", object);
    if (trace->commit[0] != '\0')
        fprintf(r->out, " with commit %.12s of %.10s by %s", trace->commit, trace->commit_time,
                trace->author);
    if (trace->path[0] != '\0')
        fprintf(r->out, " as %s", trace->path);
    fprintf(r->out, "; in %s", trace->refs[0] != '\0' ? trace->refs : "no branch or tag any more");
    if (trace->tips[0] != '\0')
        fprintf(r->out, "; still there at %s", trace->tips);
    fputc('\n', r->out);
}

static void json_traced(struct report *r, const char *object, const struct provenance_trace *trace)
{
    const char *const members[][2] = {
        { "type", "trace" },
        { "object", object },
        { "commit", trace->commit },
        { "file", trace->path },
        { "author", trace->author },
        { "author_time", trace->author_time },
        { "committer", trace->committer },
        { "commit_time", trace->commit_time },
        { "refs", trace->refs },
        { "still_at", trace->tips },
    };
    struct json_writer w = json_writer_of(&r->line);

    json_put_open(&w, '{');
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_put_key(&w, members[i][0]);
        json_put_text(&w, members[i][1]);
    }
    json_put_close(&w, '}');
    line_print(r);
}

static void traced(void *context, const char *object, const struct provenance_trace *trace)
{
    struct report *r = context;

    if (r->form == REPORT_TEXT)
        text_traced(r, object, trace);
    else if (r->form == REPORT_JSON)
        json_traced(r, object, trace);
}

static void progress(void *context, uint64_t bytes, const char *place)
{
    struct report *r = context;
    double seconds = (double)(clock_mono_ns() - r->started_ns) / 1e9;

    if (!r->draws)
        return;
    progress_wipe(r);
    fprintf(stderr, "%.0f MB, %.0f MB/s  %.60s", (double)bytes / 1e6,
            (double)bytes / 1e6 / (seconds > 0 ? seconds : 1), place);
    r->is_drawn = true;
}

enum err report_open(enum report_form form, FILE *out, struct report **report)
{
    struct report *r = calloc(1, sizeof *r);

    *report = r;
    if (r == NULL)
        return ERR_MEMORY;
    r->form = form;
    r->out = out;
    r->listener = (struct scan_listener){ found, incomplete, progress, traced, r };
    r->started_ns = clock_mono_ns();
    r->draws = isatty(STDERR_FILENO) == 1;
    buffer_init(&r->line);
    if (form == REPORT_SARIF)
        sarif_begin(r);
    return OK;
}

void report_close(struct report **report)
{
    struct report *r = *report;

    *report = NULL;
    if (r == NULL)
        return;
    buffer_wipe(&r->line);
    free(r);
}

const struct scan_listener *report_listener(struct report *report)
{
    return &report->listener;
}

enum err report_end(struct report *report, const struct scan_totals *totals)
{
    switch (report->form) {
    case REPORT_TEXT:
        text_end(report, totals);
        break;
    case REPORT_JSON:
        json_end(report, totals);
        break;
    case REPORT_SARIF:
        sarif_end(report, totals);
        break;
    }
    return fflush(report->out) == 0 && !ferror(report->out) && !report->line.failed ? OK : ERR_IO;
}
