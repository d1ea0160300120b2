#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/service_settings.h"

static enum err load(const char *text, struct service_settings **settings, char *problem)
{
    char path[] = "/tmp/lk-settings-XXXXXX";
    int fd = mkstemp(path);
    enum err e;

    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, slice_of(text)), OK);
    close(fd);
    e = service_settings_load(path, settings, problem);
    unlink(path);
    return e;
}

#define HEAD "authority: /a\nstate: /s\ncontact: a@b.example\n"

TEST(sources_have_defaults)
{
    struct service_settings *s;
    char problem[SERVICE_PROBLEM_SIZE];

    assert_int_equal(load(HEAD "sources:\n"
                               "  - { name: a, kind: npm, registry: 'https://r.example',\n"
                               "      feed: 'https://f.example', packages: ['@x/y', z] }\n"
                               "  - { name: b, kind: folder, folder: /drop, every_s: 9 }\n",
                          &s, problem),
                     OK);
    assert_int_equal(s->source_count, 2);
    assert_int_equal(s->sources[0].packages_count, 2);
    assert_string_equal(s->sources[0].packages[0], "@x/y");
    assert_int_equal(s->sources[0].every_s, 5);
    assert_int_equal(s->sources[1].every_s, 9);
    assert_non_null(strstr(s->agent, "(+a@b.example)"));
    service_settings_free(&s);
    assert_null(s);
}

TEST(faults_are_named)
{
    static const struct {
        const char *text, *words;
    } faults[] = {
        { "authority: /a\n", "state is missing" },
        { HEAD, "sources is missing" },
        { HEAD "sources:\n  - { name: A, kind: web, url: 'https://x/' }\n", "a-z" },
        { HEAD "sources:\n  - { name: a/b, kind: web, url: 'https://x/' }\n", "a-z" },
        { HEAD "sources:\n  - { name: a, kind: web, url: 'ftp://x/' }\n", "url is missing" },
        { HEAD "sources:\n  - { name: a, kind: folder, folder: drop }\n", "folder is missing" },
        { HEAD "sources:\n  - { name: a, kind: unpkg, packages: [a] }\n", "files is missing" },
        { HEAD "sources:\n  - { name: a, kind: github, owner: o }\n", "api is missing" },
        { HEAD "sources:\n  - { name: a, kind: github, api: 'https://a', owner: o/p }\n",
          "owner is missing" },
        { HEAD "sources:\n  - { name: a, kind: git, url: 'https://a/a.git', hook_secret: /s }\n",
          "needs hooks" },
        { HEAD "sources:\n  - { name: a, kind: cdnjs, files: 'https://f' }\n", "api is missing" },
        { HEAD "sources:\n  - { name: a, kind: unpkg, files: 'https://f' }\n",
          "packages is missing" },
        { HEAD "sources:\n  - { name: a, kind: jsdelivr, api: 'https://a', files: 'https://f',\n"
               "      packages: ['a@1'] }\n",
          "no package can have" },
        { HEAD "sources:\n  - { name: a, kind: npm, registry: 'https://r', packages: [a@1] }\n",
          "no package can have" },
        { HEAD "sources:\n  - { name: a, kind: folder, folder: /a }\n"
               "  - { name: a, kind: folder, folder: /b }\n",
          "same name" },
        { HEAD "surces: []\n", "surces" },
    };
    struct service_settings *s;
    char problem[SERVICE_PROBLEM_SIZE];

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_int_equal(load(faults[i].text, &s, problem), ERR_MALFORMED);
        assert_null(s);
        if (strstr(problem, faults[i].words) == NULL)
            fail_msg("%s: %s", faults[i].words, problem);
    }
    assert_int_equal(service_settings_load("/nowhere", &s, problem), ERR_MISSING);
}

TEST_MAIN
