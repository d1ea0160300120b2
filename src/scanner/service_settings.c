#include "scanner/service_settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/yaml_file.h"
#include "http/fetch.h"
#include "scanner/cdn_listing.h"
#include "scanner/npm.h"

static_assert(SERVICE_PROBLEM_SIZE == (int)YAML_PROBLEM_SIZE, "one text");

enum { NAME_MOST = 64, OWNER_MOST = 100, CONTACT_MOST = 200, DAYS_DEFAULT = 7 };

/* The file as it stands. */
struct content {
    char *authority, *state, *contact, *ca, *hooks;
    struct source_settings *sources;
    unsigned sources_count;
};

struct loaded {
    struct service_settings settings; /* first, so that a pointer to it is one to this */
    struct content *content;
};

#define TEXT(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, 4096)
#define NUMBER(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)

static const cyaml_strval_t kind_words[] = {
    { "npm", SOURCE_NPM },
    { "web", SOURCE_WEB },
    { "folder", SOURCE_FOLDER },
    { "git", SOURCE_GIT },
    { "jsdelivr", SOURCE_JSDELIVR },
    { "unpkg", SOURCE_UNPKG },
    { "cdnjs", SOURCE_CDNJS },
    { "github", SOURCE_GITHUB },
    { "gitlab", SOURCE_GITLAB },
};

static const cyaml_schema_value_t package_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, NPM_NAME_SIZE - 1),
};

static const cyaml_schema_field_t source_fields[] = {
    TEXT("name", struct source_settings, name),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct source_settings, kind, kind_words,
                     CYAML_ARRAY_LEN(kind_words)),
    TEXT("registry", struct source_settings, registry),
    TEXT("feed", struct source_settings, feed),
    CYAML_FIELD_SEQUENCE("packages", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                         struct source_settings, packages, &package_schema, 0,
                         SERVICE_PACKAGES_MOST),
    TEXT("url", struct source_settings, url),
    TEXT("folder", struct source_settings, folder),
    TEXT("hook_secret", struct source_settings, hook_secret),
    TEXT("api", struct source_settings, api),
    TEXT("files", struct source_settings, files),
    TEXT("owner", struct source_settings, owner),
    TEXT("token", struct source_settings, token),
    NUMBER("every_s", struct source_settings, every_s),
    NUMBER("requests_per_minute", struct source_settings, requests_per_minute),
    NUMBER("bytes_per_hour", struct source_settings, bytes_per_hour),
    NUMBER("days", struct source_settings, days),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t source_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct source_settings, source_fields),
};

static const cyaml_schema_field_t content_fields[] = {
    TEXT("authority", struct content, authority),
    TEXT("state", struct content, state),
    TEXT("contact", struct content, contact),
    TEXT("ca", struct content, ca),
    TEXT("hooks", struct content, hooks),
    CYAML_FIELD_SEQUENCE("sources", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct content,
                         sources, &source_schema, 0, SERVICE_SOURCES_MOST),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t content_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct content, content_fields),
};

const char *source_kind_text(enum source_kind kind)
{
    return kind_words[kind].str;
}

/* ---- What a schema cannot say; NULL: nothing is wrong ---- */

static const char *npm_fault(const struct source_settings *s)
{
    struct npm_name name;

    if (s->registry == NULL || !fetch_is_address(s->registry))
        return "registry is missing: https://… where packages are described";
    if (s->feed != NULL && !fetch_is_address(s->feed))
        return "feed has to be an address, https://…, that has _changes below it";
    if (s->feed == NULL && s->packages_count == 0)
        return "name packages, or a feed, or both";
    for (unsigned i = 0; i < s->packages_count; i++)
        if (!npm_name_parse(slice_of(s->packages[i]), &name) ||
            strcmp(name.name, s->packages[i]) != 0)
            return "packages has a name that no package can have (without its version)";
    return NULL;
}

static const char *cdn_fault(const struct source_settings *s)
{
    enum cdn cdn = s->kind == SOURCE_JSDELIVR ? CDN_JSDELIVR
                   : s->kind == SOURCE_UNPKG  ? CDN_UNPKG
                                              : CDN_CDNJS;

    if (s->files == NULL || !fetch_is_address(s->files))
        return "files is missing: https://… below which the CDN serves files";
    if (cdn != CDN_UNPKG && (s->api == NULL || !fetch_is_address(s->api)))
        return "api is missing: https://… below which the CDN lists versions";
    if (s->packages_count == 0)
        return "packages is missing: names, as the CDN has them";
    for (unsigned i = 0; i < s->packages_count; i++)
        if (!cdn_package_is_good(cdn, s->packages[i]))
            return "packages has a name that no package can have (without its version)";
    return NULL;
}

static const char *hosting_fault(const struct source_settings *s)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

    if (s->api == NULL || !fetch_is_address(s->api))
        return "api is missing: https://… of its REST interface";
    if (s->owner == NULL || strlen(s->owner) > OWNER_MOST ||
        s->owner[strspn(s->owner, word)] != '\0' || strstr(s->owner, "..") != NULL ||
        (s->kind == SOURCE_GITHUB && strchr(s->owner, '/') != NULL))
        return "owner is missing: the name of an organisation, or the path of a group";
    return NULL;
}

static const char *source_fault(const struct source_settings *s, const char *hooks)
{
    if (s->hook_secret != NULL && (s->kind != SOURCE_GIT || hooks == NULL))
        return "hook_secret is for a source of kind git, and needs hooks: the path of a socket";
    if (s->name == NULL || strlen(s->name) > NAME_MOST || *s->name == '.' ||
        strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(s->name))
        return "name is missing, or not of a-z, 0-9, - and . (64 at most)";
    switch (s->kind) {
    case SOURCE_NPM:
        return npm_fault(s);
    case SOURCE_JSDELIVR:
    case SOURCE_UNPKG:
    case SOURCE_CDNJS:
        return cdn_fault(s);
    case SOURCE_GITHUB:
    case SOURCE_GITLAB:
        return hosting_fault(s);
    case SOURCE_WEB:
        return s->url != NULL && fetch_is_address(s->url) ? NULL
                                                          : "url is missing: https://… of a page";
    case SOURCE_GIT:
        return s->url != NULL && fetch_is_address(s->url) && strchr(s->url, '@') == NULL
                   ? NULL
                   : "url is missing: https://… of a repository, without a user name (~/.netrc)";
    default:
        return s->folder != NULL && *s->folder == '/' ? NULL
                                                      : "folder is missing: /path/of/archives";
    }
}

static enum err fault_find(const char *path, const struct content *c,
                           char problem[SERVICE_PROBLEM_SIZE])
{
    const char *fault = c->authority == NULL ? "authority is missing: the path of its socket"
                        : c->state == NULL   ? "state is missing: the folder for checkpoints"
                        : c->contact == NULL || strlen(c->contact) > CONTACT_MOST ||
                                strpbrk(c->contact, "\r\n()") != NULL
                            ? "contact is missing: a mail address or URL at which whoever runs a "
                              "server that is asked can reach you"
                        : c->sources_count == 0 ? "sources is missing: a list of what to look at"
                                                : NULL;
    const char *name = "";

    for (unsigned i = 0; fault == NULL && i < c->sources_count; i++) {
        name = c->sources[i].name == NULL ? "(without a name)" : c->sources[i].name;
        fault = source_fault(&c->sources[i], c->hooks);
        for (unsigned k = 0; fault == NULL && k < i; k++)
            if (strcmp(name, c->sources[k].name) == 0)
                fault = "another source has the same name";
    }
    if (fault == NULL)
        return OK;
    snprintf(problem, SERVICE_PROBLEM_SIZE, "%s: %s%s%s%s", path, *name == '\0' ? "" : "source ",
             name, *name == '\0' ? "" : ": ", fault);
    return ERR_MALFORMED;
}

static void defaults_fill(struct source_settings *s)
{
    if (s->every_s == 0)
        s->every_s = s->feed != NULL ? 5 : s->kind == SOURCE_FOLDER ? 60 : 300;
    if (s->days == 0)
        s->days = DAYS_DEFAULT;
}

enum err service_settings_load(const char *path, struct service_settings **settings,
                               char problem[SERVICE_PROBLEM_SIZE])
{
    struct loaded *loaded = calloc(1, sizeof *loaded);
    struct content *c;
    enum err e;

    problem[0] = '\0';
    *settings = NULL;
    if (loaded == NULL)
        return ERR_MEMORY;
    *settings = &loaded->settings;
    TRY(yaml_file_read(path, &content_schema, (void **)&loaded->content, problem));
    c = loaded->content;
    TRY(fault_find(path, c, problem));
    for (unsigned i = 0; i < c->sources_count; i++)
        defaults_fill(&c->sources[i]);
    loaded->settings = (struct service_settings){ .authority = c->authority,
                                                  .state = c->state,
                                                  .contact = c->contact,
                                                  .ca = c->ca,
                                                  .hooks = c->hooks,
                                                  .sources = c->sources,
                                                  .source_count = c->sources_count };
    snprintf(loaded->settings.agent, sizeof loaded->settings.agent,
             "latchkey-scanner/" LATCHKEY_VERSION " (+%s)", c->contact);
out:
    if (e != OK)
        service_settings_free(settings);
    return e;
}

void service_settings_free(struct service_settings **settings)
{
    struct loaded *loaded = (struct loaded *)*settings;

    *settings = NULL;
    if (loaded == NULL)
        return;
    yaml_file_free(&content_schema, loaded->content);
    free(loaded);
}
