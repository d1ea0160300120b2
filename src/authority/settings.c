#include "authority/settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/yaml_file.h"

static_assert(SETTINGS_PROBLEM_SIZE == (int)YAML_PROBLEM_SIZE, "one text");

#define DEFAULT_URL "https://localhost:8443"

enum {
    HOST_SIZE = 256,
    MINUTES_MOST = 60 * 24 * 365,
    DAYS_MOST = 3660,
    APPROVALS_MOST = 20,
};

enum truth { TRUTH_NO, TRUTH_YES };

/* The file as it stands: a pointer is NULL when the setting is not there. */
struct content {
    char *public_url, *rp_id;
    struct content_venues {
        char *live, *sandbox;
    } * venues;
    struct content_mail {
        char *server, *from, *user, *password_file, *ca, *folder;
        enum truth *starttls;
    } * mail;
    struct content_country {
        char *database;
        enum truth *check;
        enum country_unknown unknown;
    } * country;
    struct content_reviews {
        enum truth *two_person;
        unsigned *approvals, *elevation_days;
    } * reviews;
    struct content_sessions {
        unsigned *idle_minutes, *most_minutes;
    } * sessions;
    struct content_webhooks {
        enum truth *private_addresses;
    } * webhooks;
    struct content_leak {
        enum leak_key_id key_id;
        unsigned *object_days;
        struct leak_origin *origins;
        unsigned origins_count;
    } * leak;
};

struct loaded {
    struct settings settings; /* first, so that a pointer to it is one to this */
    struct content *content;
    char host[HOST_SIZE];
};

#define OPTIONAL_TEXT(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, 4096)
/* The library's own booleans take every word that they do not know for true. */
#define OPTIONAL_BOOL(key, type, member)                                                          \
    CYAML_FIELD_ENUM_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, type, \
                         member, truth_words, CYAML_ARRAY_LEN(truth_words))
#define OPTIONAL_UINT(key, type, member) \
    CYAML_FIELD_UINT_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member)
#define OPTIONAL_PART(key, member, fields)                                                         \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct content, member, \
                            fields)

static const cyaml_strval_t truth_words[] = {
    { "true", TRUTH_YES }, { "false", TRUTH_NO }, { "yes", TRUTH_YES },
    { "no", TRUTH_NO },    { "on", TRUTH_YES },   { "off", TRUTH_NO },
};

static const cyaml_strval_t key_id_words[] = {
    { "suspend", LEAK_KEY_ID_SUSPEND },
    { "notify", LEAK_KEY_ID_NOTIFY },
    { "revoke", LEAK_KEY_ID_REVOKE },
};

static const cyaml_strval_t unknown_words[] = {
    { "review", COUNTRY_UNKNOWN_REVIEW },
    { "pass", COUNTRY_UNKNOWN_PASS },
};

static const cyaml_schema_field_t venue_fields[] = {
    OPTIONAL_TEXT("live", struct content_venues, live),
    OPTIONAL_TEXT("sandbox", struct content_venues, sandbox),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t mail_fields[] = {
    OPTIONAL_TEXT("server", struct content_mail, server),
    OPTIONAL_BOOL("starttls", struct content_mail, starttls),
    OPTIONAL_TEXT("from", struct content_mail, from),
    OPTIONAL_TEXT("user", struct content_mail, user),
    OPTIONAL_TEXT("password_file", struct content_mail, password_file),
    OPTIONAL_TEXT("ca", struct content_mail, ca),
    OPTIONAL_TEXT("folder", struct content_mail, folder),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t country_fields[] = {
    OPTIONAL_TEXT("database", struct content_country, database),
    OPTIONAL_BOOL("check", struct content_country, check),
    CYAML_FIELD_ENUM("unknown", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, struct content_country,
                     unknown, unknown_words, CYAML_ARRAY_LEN(unknown_words)),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t review_fields[] = {
    OPTIONAL_BOOL("two_person", struct content_reviews, two_person),
    OPTIONAL_UINT("approvals", struct content_reviews, approvals),
    OPTIONAL_UINT("elevation_days", struct content_reviews, elevation_days),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t session_fields[] = {
    OPTIONAL_UINT("idle_minutes", struct content_sessions, idle_minutes),
    OPTIONAL_UINT("most_minutes", struct content_sessions, most_minutes),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t webhook_fields[] = {
    OPTIONAL_BOOL("private_addresses", struct content_webhooks, private_addresses),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t origin_fields[] = {
    OPTIONAL_TEXT("name", struct leak_origin, name),
    OPTIONAL_TEXT("identifier_header", struct leak_origin, identifier_header),
    OPTIONAL_TEXT("signature_header", struct leak_origin, signature_header),
    OPTIONAL_TEXT("keys", struct leak_origin, keys),
    OPTIONAL_TEXT("token_file", struct leak_origin, token_file),
    OPTIONAL_TEXT("ca", struct leak_origin, ca),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t origin_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct leak_origin, origin_fields),
};

static const cyaml_schema_field_t leak_fields[] = {
    CYAML_FIELD_ENUM("key_id", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, struct content_leak, key_id,
                     key_id_words, CYAML_ARRAY_LEN(key_id_words)),
    OPTIONAL_UINT("object_days", struct content_leak, object_days),
    CYAML_FIELD_SEQUENCE("origins", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct content_leak,
                         origins, &origin_schema, 0, LEAK_ORIGINS_MOST),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t content_fields[] = {
    OPTIONAL_TEXT("public_url", struct content, public_url),
    OPTIONAL_TEXT("rp_id", struct content, rp_id),
    OPTIONAL_PART("venues", venues, venue_fields),
    OPTIONAL_PART("mail", mail, mail_fields),
    OPTIONAL_PART("country", country, country_fields),
    OPTIONAL_PART("reviews", reviews, review_fields),
    OPTIONAL_PART("sessions", sessions, session_fields),
    OPTIONAL_PART("webhooks", webhooks, webhook_fields),
    OPTIONAL_PART("leak", leak, leak_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t content_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct content, content_fields),
};

/* "https://host[:port]" of 4096 characters at most, nothing behind.  Fills the host. */
static bool url_is_origin(const char *url, char host[HOST_SIZE])
{
    const char *at = strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
    size_t size, port;

    if (at == NULL)
        return false;
    size = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-.");
    if (size == 0 || size >= HOST_SIZE)
        return false;
    snprintf(host, HOST_SIZE, "%.*s", (int)size, at);
    if (at[size] == '\0')
        return true;
    port = strspn(at + size + 1, "0123456789");
    return at[size] == ':' && port >= 1 && port <= 5 && at[size + 1 + port] == '\0';
}

static unsigned number_or(const unsigned *number, unsigned otherwise)
{
    return number == NULL ? otherwise : *number;
}

static bool truth_or(const enum truth *value, bool otherwise)
{
    return value == NULL ? otherwise : *value == TRUTH_YES;
}

static void mail_fill(struct settings_mail *mail, const struct content_mail *from)
{
    mail->starttls = true;
    if (from == NULL)
        return;
    *mail = (struct settings_mail){ .server = from->server,
                                    .starttls = truth_or(from->starttls, true),
                                    .from = from->from,
                                    .user = from->user,
                                    .password_file = from->password_file,
                                    .ca = from->ca,
                                    .folder = from->folder };
}

static void venues_fill(struct settings *s, const struct content_venues *from)
{
    static const struct content_venues nothing;

    if (from == NULL)
        from = &nothing;
    s->live_url = from->live == NULL ? s->public_url : from->live;
    s->sandbox_url = from->sandbox;
}

static void leak_fill(struct settings_leak *leak, const struct content_leak *from)
{
    static const struct content_leak nothing;

    if (from == NULL)
        from = &nothing;
    *leak = (struct settings_leak){ .key_id = from->key_id,
                                    .object_days = number_or(from->object_days, 90),
                                    .origins = from->origins,
                                    .origin_count = from->origins_count };
}

static void settings_fill(struct settings *s, const struct content *content)
{
    static const struct content_country no_country;
    static const struct content_reviews no_reviews;
    static const struct content_sessions no_sessions;
    const struct content_country *country =
        content->country == NULL ? &no_country : content->country;
    const struct content_reviews *reviews =
        content->reviews == NULL ? &no_reviews : content->reviews;
    const struct content_sessions *sessions =
        content->sessions == NULL ? &no_sessions : content->sessions;

    s->public_url = content->public_url == NULL ? DEFAULT_URL : content->public_url;
    s->rp_id = content->rp_id;
    venues_fill(s, content->venues);
    mail_fill(&s->mail, content->mail);
    s->country = (struct settings_country){ .database = country->database,
                                            .check = truth_or(country->check, true),
                                            .unknown = country->unknown };
    s->two_person = truth_or(reviews->two_person, false);
    s->approvals = number_or(reviews->approvals, 1);
    s->elevation_days = number_or(reviews->elevation_days, 90);
    s->session_idle_min = number_or(sessions->idle_minutes, 30);
    s->session_most_min = number_or(sessions->most_minutes, 720);
    leak_fill(&s->leak, content->leak);
    s->webhooks_private =
        content->webhooks != NULL && truth_or(content->webhooks->private_addresses, false);
}

static bool is_web_address(const char *text)
{
    return strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
}

/* Whether it is one of the two shapes, and nothing of the other. */
static bool origin_is_whole(const struct leak_origin *o)
{
    if (o->name == NULL ||
        strspn(o->name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(o->name) ||
        strlen(o->name) > 32)
        return false;
    if (o->token_file != NULL)
        return o->keys == NULL && o->identifier_header == NULL && o->signature_header == NULL;
    return o->keys != NULL && is_web_address(o->keys) && o->identifier_header != NULL &&
           o->signature_header != NULL;
}

static const char *leak_fault_find(const struct settings_leak *leak)
{
    if (leak->object_days > DAYS_MOST)
        return "leak.object_days is 0 to 3660";
    for (size_t i = 0; i < leak->origin_count; i++) {
        if (!origin_is_whole(&leak->origins[i]))
            return "leak.origins: each has a name of a-z, 0-9, - and . (32 at most), and either "
                   "keys, identifier_header and signature_header, or token_file";
        for (size_t k = 0; k < i; k++)
            if (strcmp(leak->origins[i].name, leak->origins[k].name) == 0)
                return "leak.origins: two of them have the same name";
    }
    return NULL;
}

/* What a schema cannot say.  NULL: nothing is wrong. */
static const char *fault_find(const struct settings *s, char host[HOST_SIZE])
{
    const struct settings_mail *mail = &s->mail;
    char venue[HOST_SIZE];

    if (!url_is_origin(s->public_url, host))
        return "public_url has to be https://HOST or https://HOST:PORT, in lower case and without "
               "a slash at its end";
    if (!url_is_origin(s->live_url, venue) ||
        (s->sandbox_url != NULL && !url_is_origin(s->sandbox_url, venue)))
        return "venues: live and sandbox have to be https://HOST or https://HOST:PORT";
    if (mail->server != NULL && strncmp(mail->server, "smtp://", 7) != 0 &&
        strncmp(mail->server, "smtps://", 8) != 0)
        return "mail.server has to begin with smtp:// or smtps://";
    if (mail->server != NULL && mail->from == NULL)
        return "mail.from is missing: whom shall the mails come from?";
    if ((mail->user == NULL) != (mail->password_file == NULL))
        return "mail.user and mail.password_file go together";
    if (s->approvals > APPROVALS_MOST)
        return "reviews.approvals is at most 20";
    if (s->elevation_days == 0 || s->elevation_days > DAYS_MOST)
        return "reviews.elevation_days is 1 to 3660";
    if (s->session_idle_min == 0 || s->session_most_min > MINUTES_MOST ||
        s->session_idle_min > s->session_most_min)
        return "sessions: idle_minutes is 1 or more, and not more than most_minutes";
    return leak_fault_find(&s->leak);
}

enum err settings_load(const char *path, struct settings **settings,
                       char problem[SETTINGS_PROBLEM_SIZE])
{
    static const struct content nothing;
    struct loaded *loaded = calloc(1, sizeof *loaded);
    const char *fault;
    enum err e = ERR_MEMORY;

    *settings = NULL;
    problem[0] = '\0';
    if (loaded == NULL)
        return ERR_MEMORY;
    *settings = &loaded->settings;
    if (path != NULL)
        TRY(yaml_file_read(path, &content_schema, (void **)&loaded->content, problem));
    settings_fill(&loaded->settings, loaded->content == NULL ? &nothing : loaded->content);
    fault = fault_find(&loaded->settings, loaded->host);
    if (loaded->settings.rp_id == NULL)
        loaded->settings.rp_id = loaded->host;
    e = fault == NULL ? OK : ERR_MALFORMED;
    if (fault != NULL)
        snprintf(problem, SETTINGS_PROBLEM_SIZE, "%s: %s", path, fault);
out:
    if (e != OK)
        settings_free(settings);
    return e;
}

void settings_free(struct settings **settings)
{
    struct loaded *loaded = (struct loaded *)*settings;

    *settings = NULL;
    if (loaded == NULL)
        return;
    yaml_file_free(&content_schema, loaded->content);
    free(loaded);
}
