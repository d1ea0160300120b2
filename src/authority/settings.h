/* authority/settings.h: what an operator settles about people, mail and reviews, in one YAML file
 *
 *     public_url: https://keys.venue.example     # where browsers find the console; links in mails
 *     venues:
 *       live: https://api.venue.example          # without it public_url
 *       sandbox: https://sandbox.venue.example
 *     mail:
 *       from: keys@venue.example
 *       server: smtp://mail.venue.example:587    # or smtps://…; without it mail goes to `folder`
 *       starttls: true
 *       user: latchkey
 *       password_file: /etc/latchkey/mail.password
 *     country:
 *       database: /usr/share/latchkey/country.mmdb
 *
 * Everything has a default; packaging/authority.yaml lists all of it with its meaning.  A file with
 * a fault is refused with the line it stands on, because a setting that silently does nothing is
 * worse than a start that fails.
 */
#ifndef AUTHORITY_SETTINGS_H
#define AUTHORITY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { SETTINGS_PROBLEM_SIZE = 512 };

/* What becomes of a key whose id alone was found in public (E1). */
enum leak_key_id { LEAK_KEY_ID_SUSPEND, LEAK_KEY_ID_NOTIFY, LEAK_KEY_ID_REVOKE };

enum { LEAK_ORIGINS_MOST = 16 };

/* A hosting service that sends alerts; which of the two shapes it has is told by `keys`. */
struct leak_origin {
    const char *name; /* the last part of its path */
    /* Signed: ECDSA P-256 over the raw body, with a public key of the list at the URL `keys`. */
    const char *identifier_header, *signature_header, *keys;
    const char *token_file; /* else: a bearer token, which the file holds */
    const char *ca;         /* believed for `keys`; NULL: the system's */
};

/* What becomes of an application whose address is in no country of the database (A5). */
enum country_unknown { COUNTRY_UNKNOWN_REVIEW, COUNTRY_UNKNOWN_PASS };

struct settings {
    const char *public_url; /* origin of the console, without a slash at its end */
    const char *rp_id;      /* WebAuthn: registrable domain that passkeys belong to */
    /* Origins at which bots find the API, as settings to paste show them. */
    const char *live_url, *sandbox_url; /* sandbox_url may be NULL: not told */
    struct settings_mail {
        const char *server; /* smtp:// or smtps://; NULL: mails are files in `folder` */
        bool starttls;      /* refuse to send in the clear; true by default */
        const char *from, *user, *password_file;
        const char *ca;     /* file; NULL: the system's */
        const char *folder; /* NULL: nothing is sent, and status says so */
    } mail;
    struct settings_country {
        const char *database; /* MaxMind format; NULL: no address has a country */
        bool check;           /* true by default */
        enum country_unknown unknown;
    } country;
    bool two_person;         /* grants and flags need a second operator; false by default */
    unsigned approvals;      /* signatories of a corporation who approve a key; 1; 0: none */
    unsigned elevation_days; /* 90 */
    unsigned session_idle_min, session_most_min; /* 30, 720 */
    struct settings_leak {
        enum leak_key_id key_id;
        unsigned object_days; /* objects with leaked keys are kept; 90; 0: none are */
        const struct leak_origin *origins;
        size_t origin_count;
    } leak;
    bool webhooks_private; /* webhooks may go to private addresses, in the clear too; false */
};

/* Reads the file; NULL: all defaults.  *problem says file, line and what is wrong.
 * ERR_MALFORMED, ERR_IO, ERR_MISSING, ERR_MEMORY. */
must_use enum err settings_load(const char *path, struct settings **settings,
                                char problem[SETTINGS_PROBLEM_SIZE]);

/* Accepts NULL in *settings and sets it. */
void settings_free(struct settings **settings);

#endif
