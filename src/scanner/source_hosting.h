/* scanner/source_hosting.h: all repositories of an organisation, as GitHub or GitLab lists them
 *
 *   GitHub  API/orgs/OWNER/repos?per_page=100&page=N
 *           [{"full_name", "clone_url", "pushed_at"}]
 *   GitLab  API/groups/OWNER/projects?include_subgroups=true&per_page=100&page=N
 *           [{"path_with_namespace", "http_url_to_repo", "last_activity_at"}]
 *
 * Each is looked at as one repository (scanner/source_git.h) when it is new, or was pushed to since
 * its last look.  One that fails does not keep the others back.  One that has gone is said, and
 * forgotten.
 *
 * Source: both hostings' documents of their REST interfaces.
 */
#ifndef SCANNER_SOURCE_HOSTING_H
#define SCANNER_SOURCE_HOSTING_H

#include "scanner/source.h"

enum { HOSTING_PAGE_COUNT = 100, HOSTING_REPOSITORIES_MOST = 100000 };

/* A page: adds name → [address, time of the last push] to `found`; *count as many as it had.
 * Entries that can be no repository are left out.  ERR_MALFORMED: it is no such page.
 * ERR_MEMORY. */
must_use enum err hosting_page_parse(enum source_kind kind, struct slice text, json_t *found,
                                     size_t *count);

/* Into `url`; `page` from 1. */
bool hosting_page_url(const struct source_settings *settings, unsigned page, char *url,
                      size_t size);

/* As source_git_turn. */
must_use enum err source_hosting_turn(struct source *source);

#endif
