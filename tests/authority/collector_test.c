#include "test.h"

#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"
#include "shm/slots.h"

static struct collector *collecting(struct house *h)
{
    struct collector *c;

    assert_int_equal(collector_start(&h->a, &c), OK);
    return c;
}

static uint64_t log_size(struct house *h)
{
    struct trail_state state;

    trail_state_get(h->a.trail, &state);
    return state.size;
}

static void request_made(struct slab *slab, uint64_t nonce, bool answered)
{
    struct audit_record *r = slot_take(slab);

    assert_non_null(r);
    r->received_at_us = clock_wall_ns() / NS_PER_US;
    r->kind = RECORD_REQUEST;
    r->nonce = nonce;
    r->status = 200;
    r->path_size = 1;
    r->path[0] = '/';
    if (answered)
        slot_complete(slab, r);
}

TEST(completed_requests_of_both_segments_reach_the_log_and_free_their_slots)
{
    struct house *h = house_open();
    struct collector *c = collecting(h);
    struct collector_state now;

    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++) {
        struct slab *slab;

        assert_int_equal(slab_claim(publish_segment(h->a.publisher, v), &slab), OK);
        for (uint64_t i = 0; i < 5000; i++) { /* more than a slab has slots */
            while (slots_count_get(publish_segment(h->a.publisher, v)).free == 0)
                trail_wait(h->a.trail, log_size(h), 10);
            request_made(slab, i, true);
        }
        slab_close(&slab);
    }
    collector_state_get(c, &now);
    assert_int_equal(now.failing_since_ns, 0);
    collector_stop(&c);
    assert_null(c);
    assert_int_equal(log_size(h), 10000);
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++) {
        struct slots_count count = slots_count_get(publish_segment(h->a.publisher, v));

        assert_int_equal(count.free, count.total);
    }
    house_close(h);
}

static bool text_add(void *context, const struct trail_row *row)
{
    char *at = strstr(row->text.at == NULL ? "" : row->text.at, "\"what\":\"");

    assert_int_equal(row->record.kind, RECORD_CHANGE);
    assert_non_null(at);
    strncat(context, at + 8, 9);
    return true;
}

TEST(changes_are_in_the_log_once_and_in_order_over_restarts)
{
    const struct trail_query all = { .forward = true, .limit = 100 };
    struct house *h = house_open();
    struct collector *c = collecting(h);
    char seen[256] = "";
    uint64_t next, id = account_opened(h, "ada@example.com", "individual");
    bool more;

    assert_true(trail_wait(h->a.trail, 0, 5000));
    collector_stop(&c);
    account_shown(h, id, "identity"); /* nobody collects */
    house_stop(h);
    house_start(h);
    c = collecting(h);
    assert_int_equal(log_size(h), 2); /* before collector_start returned */
    collector_stop(&c);
    c = collecting(h);
    collector_stop(&c);
    assert_int_equal(trail_find(h->a.trail, &all, text_add, seen, &next, &more), OK);
    assert_string_equal(seen, "account overificat");
    house_close(h);
}

/* A child flags an account under a running collector until it is shot. */
static void child_run(struct house *h, int ready)
{
    struct collector *c = collecting(h);

    for (;;) {
        const struct flagging f = { SLICE("suspicious"), SLICE("leave"), SLICE("odd") };

        refusal_init(&h->r);
        if (account_flag(&h->a, "tester", ACCOUNT_FIRST_ID, &f, &h->r) != OK ||
            write(ready, "x", 1) != 1)
            break;
    }
    collector_stop(&c);
    _exit(1);
}

static bool flag_count(void *context, const struct trail_row *row)
{
    *(uint64_t *)context += memmem(row->text.at, row->text.size, "account flagged", 15) != NULL;
    return true;
}

TEST(a_killed_authority_loses_no_change_and_duplicates_none)
{
    struct house *h = house_open();
    struct collector *c;
    uint64_t acknowledged = 0, logged, next;

    account_opened(h, "ada@example.com", "individual");
    house_stop(h);
    for (int round = 0; round < 5; round++) {
        const struct trail_query all = { .forward = true, .limit = TRAIL_FIND_MOST };
        struct trail_query page = all;
        int ready[2], status;
        bool more = true;
        char byte;
        pid_t child;

        assert_int_equal(pipe(ready), 0);
        child = fork();
        if (child == 0) {
            close(ready[0]);
            house_start(h);
            child_run(h, ready[1]);
        }
        close(ready[1]);
        for (int i = 0; i < 20 + 7 * round && read(ready[0], &byte, 1) == 1; i++)
            acknowledged++;
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(ready[0], &byte, 1) == 1)
            acknowledged++;
        close(ready[0]);

        house_start(h);
        c = collecting(h);
        collector_stop(&c);
        for (logged = 0; more; page.from = next)
            assert_int_equal(trail_find(h->a.trail, &page, flag_count, &logged, &next, &more), OK);
        /* One may have been committed whose acknowledgement the shot cut off. */
        assert_in_range(logged, acknowledged, acknowledged + 1);
        acknowledged = logged;
        house_stop(h);
    }
    house_start(h);
    house_close(h);
}

TEST_MAIN
