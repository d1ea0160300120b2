/* authority/settings: the file, its defaults and its faults */
#include "authority/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../test.h"

static char problem[SETTINGS_PROBLEM_SIZE];

static enum err load(const char *text, struct settings **settings)
{
    char path[] = "/tmp/settings-XXXXXX";
    int fd = mkstemp(path);
    enum err e;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    e = settings_load(path, settings, problem);
    unlink(path);
    return e;
}

static void refused(const char *text, const char *words)
{
    struct settings *s;

    assert_int_equal(load(text, &s), ERR_MALFORMED);
    assert_null(s);
    if (strstr(problem, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, problem);
}

TEST(without_a_file_everything_has_its_default)
{
    struct settings *s;

    assert_int_equal(settings_load(NULL, &s, problem), OK);
    assert_string_equal(s->public_url, "https://localhost:8443");
    assert_string_equal(s->rp_id, "localhost");
    assert_string_equal(s->live_url, s->public_url);
    assert_null(s->sandbox_url);
    assert_null(s->mail.server);
    assert_true(s->mail.starttls && s->country.check);
    assert_int_equal(s->country.unknown, COUNTRY_UNKNOWN_REVIEW);
    assert_int_equal(s->approvals, 1);
    assert_int_equal(s->elevation_days, 90);
    assert_int_equal(s->session_idle_min, 30);
    assert_int_equal(s->session_most_min, 720);
    assert_false(s->two_person || s->webhooks_private);
    settings_free(&s);
    assert_null(s);
}

TEST(what_the_file_says_counts)
{
    struct settings *s;

    assert_int_equal(load("public_url: https://keys.venue.example\n"
                          "rp_id: venue.example\n"
                          "venues: { live: 'https://api.venue.example',\n"
                          "          sandbox: 'https://sandbox.venue.example:444' }\n"
                          "mail: { server: 'smtp://mail:587', from: keys@venue.example,\n"
                          "        starttls: false, user: u, password_file: /p }\n"
                          "country: { check: false, unknown: pass }\n"
                          "reviews: { two_person: true, approvals: 0, elevation_days: 7 }\n"
                          "sessions: { idle_minutes: 5, most_minutes: 60 }\n"
                          "webhooks: { private_addresses: true }\n",
                          &s),
                     OK);
    assert_string_equal(s->public_url, "https://keys.venue.example");
    assert_string_equal(s->rp_id, "venue.example");
    assert_string_equal(s->live_url, "https://api.venue.example");
    assert_string_equal(s->sandbox_url, "https://sandbox.venue.example:444");
    assert_string_equal(s->mail.server, "smtp://mail:587");
    assert_string_equal(s->mail.password_file, "/p");
    assert_false(s->mail.starttls || s->country.check);
    assert_int_equal(s->country.unknown, COUNTRY_UNKNOWN_PASS);
    assert_int_equal(s->approvals, 0);
    assert_int_equal(s->elevation_days, 7);
    assert_int_equal(s->session_idle_min, 5);
    assert_true(s->two_person && s->webhooks_private);
    settings_free(&s);
}

TEST(a_fault_is_told_with_its_line)
{
    refused("public_url: https://a.example\nmial: {}\n", "mial");
    refused("public_url: https://a.example\nmail:\n  starttls: perhaps\n", "line: 3");
    refused("reviews: { approvals: many }\n", "approvals");
    refused("country: { unknown: ask }\n", "unknown");
}

TEST(what_makes_no_sense_is_refused_in_words)
{
    refused("public_url: http://a.example\n", "https://HOST");
    refused("public_url: https://a.example/\n", "without a slash");
    refused("public_url: 'https://a.example:'\n", "https://HOST:PORT");
    refused("venues: { sandbox: 'wss://a.example' }\n", "venues:");
    refused("mail: { server: 'http://a', from: b@c.example }\n", "smtp://");
    refused("mail: { server: 'smtp://a' }\n", "mail.from");
    refused("mail: { user: a }\n", "go together");
    refused("sessions: { idle_minutes: 9, most_minutes: 8 }\n", "idle_minutes");
    refused("reviews: { elevation_days: 0 }\n", "elevation_days");
    refused("reviews: { approvals: 21 }\n", "approvals");
}

TEST(a_file_that_is_not_there_is_named)
{
    struct settings *s;

    assert_int_equal(settings_load("/nowhere/authority.yaml", &s, problem), ERR_MISSING);
    assert_non_null(strstr(problem, "/nowhere/authority.yaml"));
}

TEST(origins_of_alerts_have_one_of_two_shapes)
{
    struct settings *s;

    assert_int_equal(load("leak:\n"
                          "  key_id: notify\n"
                          "  origins:\n"
                          "    - name: github\n"
                          "      identifier_header: Github-Public-Key-Identifier\n"
                          "      signature_header: Github-Public-Key-Signature\n"
                          "      keys: https://keys.example/list\n"
                          "    - {name: gitlab, token_file: /etc/token}\n",
                          &s),
                     OK);
    assert_int_equal(s->leak.key_id, LEAK_KEY_ID_NOTIFY);
    assert_int_equal(s->leak.origin_count, 2);
    assert_string_equal(s->leak.origins[0].keys, "https://keys.example/list");
    assert_string_equal(s->leak.origins[1].token_file, "/etc/token");
    assert_int_equal(s->leak.object_days, 90);
    settings_free(&s);
    refused("leak: {key_id: shrug}\n", "key_id");
    refused("leak: {object_days: 3661}\n", "object_days");
    refused("leak: {origins: [{name: github, keys: 'https://x'}]}\n", "either");
    refused("leak: {origins: [{name: a, token_file: b, keys: 'https://x'}]}\n", "either");
    refused("leak: {origins: [{name: A/b, token_file: b}]}\n", "a-z");
    refused("leak: {origins: [{name: a, token_file: b}, {name: a, token_file: c}]}\n", "same name");
}

TEST_MAIN
