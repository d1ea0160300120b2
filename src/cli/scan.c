#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/scan_git.h"
#include "cli/scan_report.h"
#include "cli/scan_tell.h"
#include "http/fetch.h"
#include "scanner/confine.h"
#include "scanner/finding_pipe.h"
#include "scanner/npm.h"
#include "scanner/scan.h"
#include "scanner/web.h"

enum {
    SCAN_NOTHING = 0,
    SCAN_FOUND = 1,
    SCAN_INCOMPLETE = 2,
};

/* What is not on this machine is fetched before the process gives up the network, or while the scan
 * runs, by another one (cli/scan_git.h). */
struct fetched {
    const char *address;        /* of a repository; NULL: it is none */
    int git;                    /* where that comes from */
    struct npm_package package; /* fd < 0: not there */
    struct web web;
    char why[NPM_WHY_SIZE]; /* nothing is there; "": something is */
};

struct order {
    const struct option_rest *paths;
    struct fetched *fetched; /* one a path; of those that are on this machine, unused */
    const char *registry, *ca, *authority; /* the last one a socket; NULL: nobody is told */
};

static const char *package_named(const char *path)
{
    return strncmp(path, "npm:", 4) == 0 ? path + 4 : NULL;
}

static void package_fetch(const struct order *order, const char *text, struct fetched *fetched)
{
    struct npm_name name;

    fetched->package.fd = -1;
    if (order->registry == NULL || !fetch_is_address(order->registry)) {
        snprintf(fetched->why, sizeof fetched->why,
                 "which registry? name its address with --registry or npm_config_registry");
        return;
    }
    if (!npm_name_parse(slice_of(text), &name)) {
        snprintf(fetched->why, sizeof fetched->why, "no package can have this name");
        return;
    }
    fprintf(stderr, "fetching %s@%s\n", name.name, name.version);
    if (npm_fetch(order->registry, order->ca, &name, &fetched->package, fetched->why) == OK &&
        fetched->package.is_unproven)
        fprintf(stderr, "latchkey scan: the registry gives no hash of %s\n", name.name);
}

static void page_fetch(const struct order *order, const char *url, struct fetched *fetched)
{
    enum err e;

    fprintf(stderr, "fetching %s and what it leads to\n", url);
    e = web_fetch(url, order->ca, &fetched->web);
    if (e != OK)
        snprintf(fetched->why, sizeof fetched->why, "cannot be fetched: %s", err_text(e));
}

static void all_fetch(struct order *order)
{
    for (size_t i = 0; i < order->paths->count; i++) {
        const char *path = order->paths->at[i];

        if (package_named(path) != NULL)
            package_fetch(order, package_named(path), &order->fetched[i]);
        else if ((order->fetched[i].address = scan_git_address(path, order->ca)) != NULL)
            continue;
        else if (fetch_is_address(path))
            page_fetch(order, path, &order->fetched[i]);
    }
}

/* Addresses are shown and logged. */
static bool addresses_are_plain(const struct order *order)
{
    for (size_t i = 0; i < order->paths->count; i++)
        if (order->fetched[i].address != NULL && scan_git_has_user(order->fetched[i].address)) {
            fputs("latchkey scan: an address of a repository has no user name or password in it: "
                  "put them into ~/.netrc\n",
                  stderr);
            return false;
        }
    return true;
}

/* False: it cannot be, which is said.  *pid: -1 when there is nothing to fetch. */
static bool repositories_fetch(struct order *order, pid_t *pid)
{
    size_t count = 0, total = order->paths->count;
    const char **addresses = calloc(total, sizeof *addresses);
    int *fds = calloc(total, sizeof *fds);
    bool good = addresses != NULL && fds != NULL;

    *pid = -1;
    for (size_t i = 0; good && i < total; i++)
        if (order->fetched[i].address != NULL)
            addresses[count++] = order->fetched[i].address;
    if (good && count > 0)
        good = scan_git_start(addresses, count, order->ca, fds, pid);
    count = 0;
    for (size_t i = 0; good && i < total; i++)
        if (order->fetched[i].address != NULL)
            order->fetched[i].git = fds[count++];
    free(fds);
    free(addresses);
    return good;
}

static void repositories_close(const struct order *order)
{
    for (size_t i = 0; i < order->paths->count; i++)
        if (order->fetched[i].address != NULL)
            close(order->fetched[i].git);
}

static void page_scan(struct scan *scan, const char *url, struct web *web)
{
    for (size_t i = 0; i < web->count; i++)
        if (web->files[i].fd >= 0)
            scan_descriptor(scan, web->files[i].url, web->files[i].fd);
        else
            scan_missing(scan, web->files[i].url, web->files[i].why);
    if (web->more)
        scan_missing(scan, url, "leads to more files than are fetched");
    web_wipe(web);
}

static void package_scan(struct scan *scan, const struct npm_package *package)
{
    char place[NPM_NAME_SIZE + NPM_VERSION_SIZE + 8];

    snprintf(place, sizeof place, "npm:%s@%s", package->name.name, package->name.version);
    scan_descriptor(scan, place, package->fd);
    close(package->fd);
}

/* What servers send comes first: they do not wait. */
static void repositories_scan(struct scan *scan, const struct order *order)
{
    for (size_t i = 0; i < order->paths->count; i++)
        if (order->fetched[i].address != NULL) {
            scan_git(scan, order->fetched[i].address, order->fetched[i].git);
            close(order->fetched[i].git);
        }
}

static void paths_scan(struct scan *scan, const struct order *order)
{
    repositories_scan(scan, order);
    for (size_t i = 0; i < order->paths->count; i++) {
        const char *path = order->paths->at[i];
        struct fetched *fetched = &order->fetched[i];

        if (fetched->address != NULL)
            continue;
        if (fetched->why[0] != '\0')
            scan_missing(scan, path, fetched->why);
        else if (package_named(path) != NULL)
            package_scan(scan, &fetched->package);
        else if (fetch_is_address(path))
            page_scan(scan, path, &fetched->web);
        else if (strcmp(path, "-") == 0)
            scan_descriptor(scan, "standard input", STDIN_FILENO);
        else
            scan_path(scan, path);
    }
}

/* `pipe`: where findings go besides; < 0: nowhere. */
static int scan_run(const struct order *order, enum report_form form, int pipe)
{
    struct finding_pipe tell = { .fd = pipe };
    struct report *report = NULL;
    struct scan *scan = NULL;
    struct scan_totals totals;
    enum err e;

    TRY(report_open(form, stdout, &report));
    tell.next = report_listener(report);
    TRY(scan_open(pipe < 0 ? tell.next : finding_pipe_listener(&tell), &scan_limits_default,
                  &scan));
    if (confine() != OK)
        fputs(
            "latchkey scan: this kernel cannot confine it; do not run it as root on what strangers "
            "wrote\n",
            stderr);
    paths_scan(scan, order);
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

/* The scan has a process of its own: what ends that is said by this one, which has the network. */
static int scan_apart(const struct order *order, enum report_form form)
{
    int ends[2] = { -1, -1 }, status = 0;
    bool told = true;
    pid_t child = -1;

    if (order->authority == NULL || pipe2(ends, O_CLOEXEC) == 0)
        child = fork();
    if (child < 0) {
        fprintf(stderr, "latchkey scan: no process for the scan: %s\n", strerror(errno));
        return SCAN_INCOMPLETE;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would hear of it */
        exit(scan_run(order, form, ends[1]));
    }
    repositories_close(order);
    if (order->authority != NULL) {
        close(ends[1]);
        prctl(PR_SET_DUMPABLE, 0); /* it holds what was found, until that is with the authority */
        told = tell_authority(ends[0], order->authority, form == REPORT_JSON);
        close(ends[0]);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status))
        fprintf(stderr, "latchkey scan: not fully looked at: the scan was ended by signal %d\n",
                WTERMSIG(status));
    return WIFEXITED(status) && told ? WEXITSTATUS(status) : SCAN_INCOMPLETE;
}

static int scan_order(struct order *order, enum report_form form)
{
    int exit = SCAN_INCOMPLETE;
    pid_t fetcher = -1;

    order->fetched = calloc(order->paths->count, sizeof *order->fetched);
    if (order->fetched == NULL) {
        fprintf(stderr, "latchkey scan: %s\n", err_text(ERR_MEMORY));
        return SCAN_INCOMPLETE;
    }
    all_fetch(order);
    if (addresses_are_plain(order) && repositories_fetch(order, &fetcher))
        exit = scan_apart(order, form);
    if (fetcher > 0)
        scan_git_end(fetcher);
    free(order->fetched);
    return exit;
}

static const char details[] =
    "Looks into tar, zip, gzip, xz, zstd, bzip2 and others, one in another, and at every\n"
    "object of a git repository, whether anything leads to it or not; at a package of a\n"
    "registry by its name, at a repository by its address, without a clone, and at a page\n"
    "with its scripts and source maps.  Keys are found as they are and in base64,\n"
    "hexadecimal, UTF-16, and the escapes of URLs, JSON, C and HTML.  Their checksum\n"
    "decides, so that nothing else looks like one; no authority is asked unless it is\n"
    "named.  Secrets are shown only in part.\n\n"
    "Exits with 0 when everything was looked at and nothing found, 1 when something was\n"
    "found, 2 when something could not be looked at.\n";

int cli_scan(int argc, char **argv)
{
    const char **room = calloc((size_t)argc + 1, sizeof *room);
    struct option_rest paths = { .at = room };
    struct order order = { .paths = &paths, .registry = getenv("npm_config_registry") };
    bool json = false, sarif = false;
    int exit = SCAN_INCOMPLETE;
    const struct option options[] = {
        { .name = "PATH",
          .kind = OPTION_REST,
          .required = true,
          .into = &paths,
          .help = "files, folders, npm:NAME[@VERSION], https://…, git+https://…; - is standard "
                  "input" },
        { .name = "registry",
          .kind = OPTION_TEXT,
          .value = "URL",
          .into = &order.registry,
          .help = "where packages are [$npm_config_registry]" },
        { .name = "ca",
          .kind = OPTION_TEXT,
          .value = "FILE",
          .into = &order.ca,
          .help = "certificate authorities to believe instead of the system's" },
        { .name = "authority",
          .kind = OPTION_TEXT,
          .value = "SOCKET",
          .into = &order.authority,
          .help = "tell it: it says whose keys they are, and revokes what was published" },
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
        .details = details,
        .examples = "latchkey scan .\n"
                    "npm pack --silent && latchkey scan *.tgz\n"
                    "latchkey scan npm:our-bot --registry $(npm config get registry)\n"
                    "latchkey scan https://venue.example/\n"
                    "latchkey scan https://git.example/team/bot.git\n"
                    "git diff --cached | latchkey scan -     # in .git/hooks/pre-commit\n",
        .options = options,
    };
    enum options_answer answer;

    if (room == NULL)
        return SCAN_INCOMPLETE;
    answer = options_parse(&syntax, argc, argv);
    if (answer == OPTIONS_HELP)
        exit = SCAN_NOTHING;
    else if (answer == OPTIONS_GOOD && sarif && (json || order.authority != NULL))
        fprintf(stderr, "latchkey scan: a SARIF document stands alone: without --json and "
                        "--authority\n");
    else if (answer == OPTIONS_GOOD)
        exit = scan_order(&order, json ? REPORT_JSON : sarif ? REPORT_SARIF : REPORT_TEXT);
    free(room);
    return exit;
}
