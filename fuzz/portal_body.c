/* JSON bodies of the browser's API: what no page of ours would ever send.
 *
 * The real portal over a real store, in this process.  The first byte chooses the row of
 * resources.def; the rest is the body, or, where the second byte is even, an object that is made of
 * it: members that our calls know, with values of any kind.  Rows that hash are left out, since
 * they take a tenth of a second each; their bodies are read by the same functions. */
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "authority/account.h"
#include "authority/session.h"
#include "authority/settings.h"
#include "authority/vault.h"
#include "base/log.h"
#include "json_make.h"
#include "portal/access.h"
#include "portal/portal.h"
#include "store/store.h"
#include "trail/trail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *method, *path;
    unsigned access;
} rows[] = {
#define RESOURCE(method, path, function, access) { method, path, access },
#include "portal/resources.def"
#undef RESOURCE
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static char folder[] = "/tmp/latchkey-fuzz-XXXXXX", path[64];
static struct authority authority = { .now_ns = clock_wall_ns };
static char token[SESSION_TOKEN_SIZE], csrf[SESSION_TOKEN_SIZE];

static int entry_remove(const char *name, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(name);
}

static void folder_remove(void)
{
    nftw(folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Aborts with the place. */
#define must(is) assert_at((is), __LINE__)
static void assert_at(bool is, int line)
{
    if (is)
        return;
    fprintf(stderr, "portal_body.c:%d: %m\n", line);
    abort();
}

static const char *within(const char *name)
{
    static char text[96];

    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

/* An operator, logged in with both factors, may make every call. */
static void operator_make(void)
{
    const struct account_application ask = { .email = SLICE("olga@example.com"),
                                             .kind = SLICE("individual"),
                                             .jurisdiction = SLICE("CH"),
                                             .password = SLICE("correct horse"),
                                             .role = SLICE("operator") };
    const struct visitor visitor = { .address = SLICE("192.0.2.7") };
    static struct refusal refusal;
    struct store_tx *tx;
    uint64_t account;

    must(account_open(&authority, "fuzz", &ask, &account, &refusal) == OK);
    must(store_begin(authority.store, &tx) == OK);
    must(session_open(&authority, tx, account, SESSION_FULL, &visitor, token) == OK);
    must(store_commit(&tx) == OK);
    session_csrf(slice_of(token), csrf);
}

static void house_open(void)
{
    static const uint8_t seed[TRAIL_SEED_SIZE] = "a seed for fuzzing, used nowhere";
    static struct settings *settings;
    char problem[TRAIL_PROBLEM_SIZE];
    char log[96];
    const struct trail_options options = { .folder = log, .origin = "fuzz/audit", .seed = seed };
    struct portal *portal;

    log_level_set(LOG_ERROR);
    must(sodium_init() >= 0 && mkdtemp(folder) != NULL);
    atexit(folder_remove);
    snprintf(log, sizeof log, "%s", within("audit"));
    must(settings_load(NULL, &settings, problem) == OK);
    authority.settings = settings;
    must(vault_open(within("master.key"), &authority.vault, problem) == OK);
    must(store_open(within("authority.db"), &authority.store, problem) == OK);
    must(trail_open(&options, &authority.trail, problem) == OK);
    operator_make();
    snprintf(path, sizeof path, "%s", within("s"));
    must(portal_open(&authority, NULL, path, 0, NULL, &portal) == OK);
}

/* libFuzzer's clock interrupts. */
static ssize_t answer_read(int fd, char *answer, size_t most)
{
    ssize_t size;

    do
        size = read(fd, answer, most);
    while (size < 0 && errno == EINTR);
    return size;
}

static void request_send(const char *method, const char *target, const uint8_t *body, size_t size)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char head[1024], answer[4096];
    int head_size = snprintf(
        head, sizeof head,
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Latchkey-Address: 192.0.2.7\r\n"
        "Origin: %s\r\nCookie: __Host-latchkey=%s\r\nX-Latchkey-CSRF: %s\r\n"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        method, target, authority.settings->public_url, token, csrf, size);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    must(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    must(write(fd, head, (size_t)head_size) == head_size);
    must(size == 0 || write(fd, body, size) == (ssize_t)size);
    must(answer_read(fd, answer, sizeof answer) > 0); /* some answer there is */
    while (answer_read(fd, answer, sizeof answer) > 0)
        continue;
    close(fd);
}

/* What ends the session would end the fuzzing. */
static bool is_fuzzed(unsigned row)
{
    return strcmp(rows[row].method, "POST") == 0 && (rows[row].access & HASHES) == 0 &&
           strcmp(rows[row].path, "/logout") != 0 &&
           strcmp(rows[row].path, "/sessions/{id}/end") != 0;
}

/* Any name will do in the place of {id}. */
static void target_format(const char *pattern, char target[256])
{
    size_t size = 0;

    for (; *pattern != '\0' && size < 240; pattern++) {
        if (*pattern == '{') {
            target[size++] = '7';
            pattern += strcspn(pattern, "}");
        } else {
            target[size++] = *pattern;
        }
    }
    target[size] = '\0';
}

static const char *const members[] = {
    "email", "token", "decision", "proof", "code", "assertion", "recovery_code", "id", "rawId",
    "response", "clientDataJSON", "authenticatorData", "signature", "attestationObject", "type",
    "name", "attestation", "secret", "method", "path", "body", "environment", "label", "scopes",
    "confirmed_groups", "ip_rules", "reason", "old_days", "public_per_s", "private_per_s",
    "ends_at", "nonce_window", "url", "events", "up_to", "kind", "keys", "outcome", "signatories",
};

static const char *const texts[] = {
    "live", "sandbox", "all", "trade", "orders:write", "withdraw:write", "192.0.2.0/24",
    "!10.0.0.1", "2026-12-01T00:00:00Z", "accepted", "suspicious", "suspend",
    "https://example.com/", "POST", "/keys",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_source source = { .members = members,
                                  .member_count = sizeof members / sizeof *members,
                                  .texts = texts,
                                  .text_count = sizeof texts / sizeof *texts };
    char target[256], *text;
    json_t *body;
    unsigned row;

    if (path[0] == '\0')
        house_open();
    if (size == 0 || size > 64 * 1024)
        return -1;
    row = data[0] % ROW_COUNT;
    if (!is_fuzzed(row))
        return -1;
    target_format(rows[row].path, target);
    source.data = data + 1;
    source.size = size - 1;
    if ((json_taken(&source) & 1) == 1) {
        request_send(rows[row].method, target, source.data, source.size);
        return 0;
    }
    body = json_object_make(&source, 0);
    text = json_dumps(body, JSON_COMPACT);
    must(text != NULL);
    request_send(rows[row].method, target, (const uint8_t *)text, strlen(text));
    free(text);
    json_decref(body);
    return 0;
}
