#include "test.h"

#include "../authority/fixture.h"
#include "authority/session.h"
#include "portal/notices.h"

TEST(a_mark_that_is_no_notice_is_refused)
{
    struct house *h = house_open();
    struct session session = { .account = account_opened(h, "ada@example.com", "individual") };
    json_t *bodies[] = { json_object(), json_pack("{s:s}", "up_to", "3"),
                         json_pack("{s:i}", "up_to", 0) };

    for (size_t i = 0; i < 3; i++) {
        struct call c = { .authority = &h->a, .session = &session, .body = bodies[i] };

        refusal_init(&c.refusal);
        assert_int_equal(notices_read_post(&c), OK);
        assert_int_equal(refusal_status(&c.refusal), 400);
        json_decref(c.reply);
        json_decref(bodies[i]);
    }
    house_close(h);
}

TEST_MAIN
