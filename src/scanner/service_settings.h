/* scanner/service_settings.h: what `latchkey scanner` looks at, in one YAML file
 *
 *     authority: /run/latchkey/authority.sock
 *     state: /var/lib/latchkey-scanner
 *     contact: security@venue.example
 *     sources:
 *       - { name: packages, kind: npm, registry: 'https://registry.example', packages: [our-bot] }
 *
 * packaging/scanner.yaml lists everything with its meaning.  A file with a fault is refused with
 * what is wrong and where, because a source that is silently not looked at is worse than a start
 * that fails.
 */
#ifndef SCANNER_SERVICE_SETTINGS_H
#define SCANNER_SERVICE_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    SERVICE_PROBLEM_SIZE = 512,
    SERVICE_SOURCES_MOST = 256,
    SERVICE_PACKAGES_MOST = 10000,
    SERVICE_AGENT_SIZE = 320,
};

enum source_kind {
    SOURCE_NPM,
    SOURCE_WEB,
    SOURCE_FOLDER,
    SOURCE_GIT,
    SOURCE_JSDELIVR,
    SOURCE_UNPKG,
    SOURCE_CDNJS,
    SOURCE_GITHUB,
    SOURCE_GITLAB,
};
const char *source_kind_text(enum source_kind kind);

struct source_settings {
    const char *name; /* a-z, 0-9, - and ., 64 at most: also the name of its checkpoint */
    enum source_kind kind;
    const char *registry, *feed; /* of npm; without a feed the packages are asked for */
    const char **packages;       /* none: every package that the feed names */
    unsigned packages_count;
    const char *url;    /* of a page, or of a repository */
    const char *folder; /* of archives */
    const char *hook_secret; /* of git: file, so that its hosting may say that it was pushed to */
    const char *api, *files; /* of a CDN or a hosting: where it lists; and where a CDN serves */
    const char *owner, *token; /* of a hosting: organisation or group; file with a token, or NULL */
    /* 0: the default. */
    uint64_t every_s, requests_per_minute, bytes_per_hour, days;
};

struct service_settings {
    const char *authority, *state, *contact, *ca;
    const char *hooks; /* socket for notes of pushes (scanner/push_door.h); NULL: none */
    const struct source_settings *sources;
    size_t source_count;
    char agent[SERVICE_AGENT_SIZE]; /* the User-Agent, with the contact */
};

/* *problem says file and fault.  ERR_MALFORMED, ERR_MISSING, ERR_IO, ERR_MEMORY. */
must_use enum err service_settings_load(const char *path, struct service_settings **settings,
                                        char problem[SERVICE_PROBLEM_SIZE]);
void service_settings_free(struct service_settings **settings);

#endif
