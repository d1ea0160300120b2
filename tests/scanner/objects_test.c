#include "test.h"

#include <git2.h>

#include "desk.h"
#include "git_shell.h"

/* An object that nothing leads to. */
TEST(every_object_of_a_repository_is_looked_at)
{
    struct desk *d = desk_open();
    git_repository *repository = NULL;
    char text[128], hex[GIT_OID_HEXSZ + 1];
    git_oid id;

    git_libgit2_init();
    assert_int_equal(git_repository_init(&repository, desk_path(d, "repo"), 0), 0);
    snprintf(text, sizeof text, "\n\n%s\n", d->secret);
    assert_int_equal(git_blob_create_from_buffer(&id, repository, text, strlen(text)), 0);
    git_repository_free(repository);
    git_libgit2_shutdown();
    git_oid_tostr(hex, sizeof hex, &id);

    assert_int_equal(desk_scan(d, "repo", NULL).object_count, 1);
    assert_int_equal(d->found_count, 1);
    assert_int_equal(d->line, 3);
    assert_non_null(strstr(d->place, hex));
    assert_non_null(strstr(d->place, "(blob)"));
    assert_int_equal(d->incomplete_count, 0);
    desk_close(d);
}

TEST(a_damaged_object_is_said)
{
    struct desk *d = desk_open();
    git_repository *repository = NULL;
    char hex[GIT_OID_HEXSZ + 1], name[96];
    git_oid id;

    git_libgit2_init();
    assert_int_equal(git_repository_init(&repository, desk_path(d, "repo"), 0), 0);
    assert_int_equal(git_blob_create_from_buffer(&id, repository, "x", 1), 0);
    git_repository_free(repository);
    git_libgit2_shutdown();
    git_oid_tostr(hex, sizeof hex, &id);
    snprintf(name, sizeof name, "repo/.git/objects/%.2s/%s", hex, hex + 2);
    assert_int_equal(unlink(desk_path(d, name)), 0);
    desk_write(d, name, "not deflated", 12);
    desk_scan(d, "repo", NULL);
    assert_int_equal(d->incomplete_count, 1);
    assert_non_null(strstr(d->why, "cannot be read"));
    desk_close(d);
}

static size_t finding_count(struct desk *d, const char *name)
{
    desk_scan(d, name, NULL);
    return d->found_count;
}

/* By an absolute path and by one of its own; two that borrow from each other have an end. */
TEST(what_a_repository_borrows_is_looked_at)
{
    struct desk *d = desk_open();
    char command[600];

    snprintf(command, sizeof command,
             "git init -q lender && cd lender && echo %s > a && git add a && git commit -qm a && "
             "git rm -q a && git commit -qm b && git gc -q && cd .. && "
             "git clone -q --shared lender borrower && git clone -q --shared borrower heir && "
             "git init -q relative && echo ../../../lender/.git/objects > "
             "relative/.git/objects/info/alternates && echo \"$PWD/heir/.git/objects\" > "
             "lender/.git/objects/info/alternates",
             d->secret);
    git_shell(d->folder, command, NULL);
    assert_int_equal(finding_count(d, "borrower/.git"), 1);
    assert_non_null(strstr(d->place, " borrowed from "));
    assert_int_equal(finding_count(d, "heir/.git"), 1);
    assert_int_equal(finding_count(d, "relative/.git"), 1);
    assert_int_equal(finding_count(d, "lender/.git"), 1);
    assert_int_equal(d->incomplete_count, 0);
    git_shell(d->folder, "mv lender elsewhere", NULL);
    assert_int_equal(finding_count(d, "borrower/.git"), 0);
    assert_int_equal(d->incomplete_count, 1);
    assert_non_null(strstr(d->why, "cannot be opened"));
    desk_close(d);
}

TEST_MAIN
