#include "test.h"

#include <dirent.h>
#include <fcntl.h>

#include "authority/evidence.h"
#include "fixture.h"
#include "papers.h"

static char folder[96];

static struct house *house_with_evidence(void)
{
    struct house *h = house_open();

    snprintf(folder, sizeof folder, "%s/evidence", h->folder);
    h->a.evidence = folder;
    assert_int_equal(evidence_sweep(&h->a), OK);
    return h;
}

static size_t files_count(void)
{
    DIR *d = opendir(folder);
    size_t count = 0;

    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count - 2;
}

static struct upload upload_of(uint64_t account)
{
    return (struct upload){ .account = account, .step = SLICE("identity"),
                            .type = SLICE("image/png"), .name = SLICE("passport.png"),
                            .bytes = PAPER_PNG };
}

static bool added(struct house *h, const struct upload *u, struct store_document *d)
{
    refusal_init(&h->r);
    assert_int_equal(evidence_add(&h->a, "tester", u, d, &h->r), OK);
    return !refusal_is(&h->r);
}

TEST(a_document_is_read_back_sealed_at_rest_and_removed)
{
    struct house *h = house_with_evidence();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    const struct upload u = upload_of(account);
    struct store_document d, got;
    char path[200], raw[256];
    struct buffer bytes;
    ssize_t size;
    int fd;

    buffer_init(&bytes);
    assert_true(added(h, &u, &d));
    snprintf(path, sizeof path, "%s/%s", folder, d.id);
    fd = open(path, O_RDONLY);
    size = read(fd, raw, sizeof raw);
    close(fd);
    assert_true(size > 0);
    assert_null(memmem(raw, (size_t)size, "PNG", 3));
    assert_int_equal(evidence_get(&h->a, account, slice_of(d.id), &got, &bytes), OK);
    assert_true(slice_is(buffer_slice(&bytes), PAPER_PNG));
    assert_string_equal(got.name, "passport.png");
    buffer_wipe(&bytes);
    assert_int_equal(evidence_get(&h->a, account + 1, slice_of(d.id), &got, &bytes), ERR_MISSING);
    assert_int_equal(evidence_get(&h->a, 0, slice_of(d.id), &got, &bytes), OK);
    buffer_wipe(&bytes);
    assert_int_equal(evidence_remove(&h->a, "tester", account + 1, slice_of(d.id), &h->r),
                     ERR_MISSING);
    assert_int_equal(evidence_remove(&h->a, "tester", account, slice_of(d.id), &h->r), OK);
    assert_int_equal(files_count(), 0);
    house_close(h);
}

TEST(a_file_put_in_anothers_place_does_not_open)
{
    struct house *h = house_with_evidence();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    const struct upload u = upload_of(account);
    struct store_document first, second, got;
    char from[200], to[200];
    struct buffer bytes;

    buffer_init(&bytes);
    assert_true(added(h, &u, &first));
    assert_true(added(h, &u, &second));
    snprintf(from, sizeof from, "%s/%s", folder, first.id);
    snprintf(to, sizeof to, "%s/%s", folder, second.id);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(evidence_get(&h->a, account, slice_of(second.id), &got, &bytes), ERR_CRYPTO);
    assert_int_equal(evidence_get(&h->a, account, slice_of(first.id), &got, &bytes), ERR_CORRUPT);
    buffer_wipe(&bytes);
    house_close(h);
}

TEST(wrong_uploads_are_refused_and_leave_nothing)
{
    struct house *h = house_with_evidence();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct store_document d;
    struct upload u = upload_of(account);

    u.type = SLICE("image/jpeg");
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "document-content", "is image/png"));
    u.type = SLICE("image/svg+xml");
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "document-type", ""));
    u = upload_of(account);
    u.bytes = SLICE("<svg onload=alert(1)>");
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "document-content", ""));
    u.bytes = SLICE_EMPTY;
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "document-empty", ""));
    u = upload_of(account);
    u.name = SLICE("../../etc/passwd");
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "document-name", ""));
    u = upload_of(account);
    u.step = SLICE("incorporation");
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "step-not-owed", ""));
    u.step = SLICE("passport");
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "step-unknown", "passport"));
    assert_int_equal(files_count(), 0);
    house_close(h);
}

TEST(a_step_has_its_limit)
{
    struct house *h = house_with_evidence();
    const struct upload u = upload_of(account_opened(h, "ada@example.com", "individual"));
    struct store_document d;

    for (size_t i = 0; i < EVIDENCE_STEP_MOST; i++)
        assert_true(added(h, &u, &d));
    assert_false(added(h, &u, &d));
    assert_true(refused(h, "documents-many", "8"));
    assert_int_equal(files_count(), EVIDENCE_STEP_MOST);
    house_close(h);
}

TEST(the_start_sweeps_what_a_crash_left_and_nothing_else)
{
    struct house *h = house_with_evidence();
    const struct upload u = upload_of(account_opened(h, "ada@example.com", "individual"));
    struct store_document d;
    char path[200];
    int fd;

    assert_true(added(h, &u, &d));
    snprintf(path, sizeof path, "%s/00112233445566778899aabbccddeeff", folder);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    close(fd);
    snprintf(path, sizeof path, "%s/00112233445566778899aabbccddeeff.new", folder);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    close(fd);
    assert_int_equal(files_count(), 3);
    assert_int_equal(evidence_sweep(&h->a), OK);
    assert_int_equal(files_count(), 1);
    house_close(h);
}

TEST_MAIN
