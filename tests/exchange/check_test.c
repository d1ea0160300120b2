#include "floor.h"

#include "exchange/state.h"

/* Account 1 asks twice at 101 and once at 102 and bids at 99. */
static void open_sound(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = 16, .accounts = 4 });
    floor_credit(floor, 1, CURRENCY_BTC, 100 * UNIT);
    floor_credit(floor, 1, CURRENCY_USD, 1000 * UNIT);
    floor_limit(floor, 1, -UNIT, 101 * UNIT);
    floor_limit(floor, 1, -UNIT, 101 * UNIT);
    floor_limit(floor, 1, -UNIT, 102 * UNIT);
    floor_limit(floor, 1, UNIT, 99 * UNIT);
}

/* Each flaw, made by hand, and the sentence that must name it. */
enum flaw {
    CROSSED,
    LOST_LINK,
    AMOUNT,
    COUNT,
    LOCK,
    LOST_MONEY,
    MADE_MONEY,
    WRONG_SIDE,
    MISCOUNT,
    NOT_BEST,
    FLAW_COUNT
};

static void spoil(struct engine *engine, enum flaw flaw)
{
    struct book *book = &engine->books[MARKET_BTCUSD];
    struct level *level = &book->levels[price_rank(101 * UNIT)];
    struct account *account = &engine->accounts[2];

    switch (flaw) {
    case CROSSED:
        book->best_bid = price_rank(102 * UNIT);
        break;
    case LOST_LINK:
        engine->orders[2].level_before = 0;
        break;
    case AMOUNT:
        level->amount++;
        break;
    case COUNT:
        level->count++;
        break;
    case LOCK:
        engine->orders[1].locked--;
        break;
    case LOST_MONEY:
        account->wallets[WALLET_EXCHANGE][CURRENCY_BTC].balance--;
        break;
    case MADE_MONEY:
        account->wallets[WALLET_FUNDING][CURRENCY_UST].balance++;
        break;
    case WRONG_SIDE:
        engine->orders[1].amount_orig = engine->orders[1].amount = UNIT;
        break;
    case MISCOUNT:
        account->order_count--;
        break;
    case NOT_BEST:
        book->best_ask = price_rank(102 * UNIT);
        break;
    case FLAW_COUNT:
        break;
    }
}

static const char *const sentences[FLAW_COUNT] = {
    [CROSSED] = "a book is crossed",
    [LOST_LINK] = "a link of a level does not lead back",
    [AMOUNT] = "a level does not add up",
    [COUNT] = "a level does not add up",
    [LOCK] = "an order has locked too much or too little",
    [LOST_MONEY] = "balances and positions do not add up to what was credited",
    [MADE_MONEY] = "balances and positions do not add up to what was credited",
    [WRONG_SIDE] = "an order on the wrong side",
    [MISCOUNT] = "an account miscounts its orders",
    [NOT_BEST] = "a best price is not the best",
};

TEST(each_flaw_is_found_and_named)
{
    for (unsigned flaw = 0; flaw < FLAW_COUNT; flaw++) {
        struct floor floor;
        const char *found;

        open_sound(&floor);
        assert_null(engine_check(floor.engine));
        spoil(floor.engine, (enum flaw)flaw);
        found = engine_check(floor.engine);
        assert_non_null(found);
        assert_string_equal(found, sentences[flaw]);
        floor_close(&floor);
    }
}

TEST(equal_states_have_equal_hashes_and_others_others)
{
    struct floor one, other;

    open_sound(&one);
    open_sound(&other);
    assert_true(engine_state_hash(one.engine) == engine_state_hash(other.engine));
    floor_credit(&one, 1, CURRENCY_USD, 1);
    floor_credit(&other, 1, CURRENCY_USD, 2);
    assert_true(engine_state_hash(one.engine) != engine_state_hash(other.engine));
    floor_close(&one);
    floor_close(&other);
}

TEST(the_hash_knows_who_stands_before_whom)
{
    struct floor floor;
    uint64_t before;

    open_sound(&floor);
    before = engine_state_hash(floor.engine);
    {
        struct level *level = &floor.engine->books[MARKET_BTCUSD].levels[price_rank(101 * UNIT)];
        uint32_t first = level->first;

        level->first = level->last;
        level->last = first;
        floor.engine->orders[level->first].level_after = first;
        floor.engine->orders[level->first].level_before = 0;
        floor.engine->orders[first].level_before = level->first;
        floor.engine->orders[first].level_after = 0;
    }
    assert_null(engine_check(floor.engine));
    assert_true(engine_state_hash(floor.engine) != before);
    floor_close(&floor);
}

TEST_MAIN
