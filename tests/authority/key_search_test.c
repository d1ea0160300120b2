#include "test.h"

#include "authority/key_search.h"
#include "owner.h"

struct found {
    char labels[256];
    size_t count;
};

static bool found_add(void *context, const struct key_view *view)
{
    struct found *f = context;

    snprintf(f->labels + strlen(f->labels), sizeof f->labels - strlen(f->labels), "%s%s",
             f->count == 0 ? "" : " ", view->key.label);
    f->count++;
    return true;
}

static struct found searched(struct owner *o, struct key_search *s, struct key_search_page *page)
{
    struct found f = { .count = 0 };

    if (s->filter.account == 0)
        s->filter = (struct store_key_filter){ o->account, ~0u, ~0u };
    s->limit = 2;
    assert_int_equal(key_search(&o->house->a, s, found_add, &f, page), OK);
    return f;
}

static void three_more(struct owner *o)
{
    key_made(o->house, &o->phone, batch_of(o->account, "sandbox", "Maker-1", "192.0.2.1"));
    key_made(o->house, &o->phone, batch_of(o->account, "live", "maker-2", "192.0.2.2"));
    key_made(o->house, &o->phone, batch_of(o->account, "live", "taker", "192.0.2.3"));
}

TEST(keys_come_in_pages_newest_first_with_their_number)
{
    struct key_search s = { .limit = 2 };
    struct key_search_page page;
    struct owner o;

    owner_begin(&o, "live", NULL);
    three_more(&o);
    assert_string_equal(searched(&o, &s, &page).labels, "taker maker-2");
    assert_int_equal(page.total, 4);
    s.before = page.next;
    assert_string_equal(searched(&o, &s, &page).labels, "Maker-1 bot");
    assert_int_equal(page.next[0], '\0');
    s = (struct key_search){ .filter = { o.account, 1u << ENVIRONMENT_SANDBOX, ~0u } };
    assert_string_equal(searched(&o, &s, &page).labels, "Maker-1");
    assert_int_equal(page.total, 1);
    owner_end(&o);
}

TEST(labels_and_ids_are_found_by_their_beginning)
{
    struct key_search s = { .text = SLICE("MAKER") };
    struct key_search_page page;
    char name[KEY_ID_TEXT_SIZE];
    struct owner o;

    owner_begin(&o, "live", NULL);
    three_more(&o);
    assert_string_equal(searched(&o, &s, &page).labels, "Maker-1 maker-2");
    assert_int_equal(page.total, 2);
    key_id_format(&o.key.id, name);
    s.text = slice_of(name);
    assert_string_equal(searched(&o, &s, &page).labels, "bot");
    s.text.size = KEY_PREFIX_SIZE + 5;
    assert_string_equal(searched(&o, &s, &page).labels, "bot");
    s.text = SLICE("lki_live_"); /* too little to look for: no label begins like that */
    assert_int_equal(searched(&o, &s, &page).count, 0);
    owner_end(&o);
}

TEST(a_form_is_told_all_that_is_wrong_with_it_and_where)
{
    struct key_application ask = { .environment = SLICE("live"), .label = SLICE("BOT"),
                                   .scopes = { SLICE("orders:read") }, .scope_count = 1,
                                   .ip_rules = { SLICE("10.0.0.1"), SLICE("1.2.3") },
                                   .ip_rule_count = 2 };
    struct owner o;

    owner_begin(&o, "live", NULL);
    assert_int_equal(key_check(&o.house->a, o.account, &ask, &o.house->r), OK);
    assert_int_equal(o.house->r.count, 2);
    assert_string_equal(o.house->r.reasons[0].field, "ip_rules.1");
    assert_string_equal(o.house->r.reasons[1].field, "label");
    assert_true(refused(o.house, "label-clash", ""));
    refusal_init(&o.house->r);
    ask.label = SLICE("other");
    ask.ip_rules[1] = SLICE("10.0.0.2");
    assert_int_equal(key_check(&o.house->a, o.account, &ask, &o.house->r), OK);
    assert_false(refusal_is(&o.house->r));
    owner_end(&o);
}

TEST_MAIN
