#include "lenders.h"

#define MODEL_MOST 4096

/* Written for this purpose: an array that is searched from one end to the other. */
struct model_offer {
    uint64_t id, account, period;
    int64_t amount, rate;
};

struct model {
    struct model_offer offers[MODEL_MOST];
    size_t count;
};

/* The best offer across that may meet this one; `count` when none may. */
static size_t model_best(const struct model *model, const struct model_offer *mine)
{
    size_t best = model->count;

    for (size_t i = 0; i < model->count; i++) {
        const struct model_offer *o = &model->offers[i];
        const struct model_offer *lend = mine->amount > 0 ? mine : o;
        const struct model_offer *borrow = mine->amount > 0 ? o : mine;
        const struct model_offer *b = &model->offers[best];

        if ((o->amount > 0) == (mine->amount > 0) || o->account == mine->account ||
            lend->rate > borrow->rate || lend->period < borrow->period)
            continue;
        if (best == model->count ||
            (o->rate != b->rate && (o->amount > 0) == (o->rate < b->rate)) ||
            (o->rate == b->rate && o->id < b->id))
            best = i;
    }
    return best;
}

static void model_submit(struct model *model, struct model_offer mine, int64_t *lent)
{
    size_t best;

    while (mine.amount != 0 && (best = model_best(model, &mine)) != model->count) {
        struct model_offer *o = &model->offers[best];
        int64_t a = mine.amount < 0 ? -mine.amount : mine.amount;
        int64_t b = o->amount < 0 ? -o->amount : o->amount, amount = a < b ? a : b;

        *lent += amount;
        mine.amount += mine.amount > 0 ? -amount : amount;
        o->amount += o->amount > 0 ? -amount : amount;
        if (o->amount == 0)
            *o = model->offers[--model->count];
    }
    if (mine.amount != 0) {
        assert_true(model->count < MODEL_MOST);
        model->offers[model->count++] = mine;
    }
}

static void compare(const struct floor *floor, const struct model *model, int64_t lent)
{
    int64_t sum = 0;
    size_t count = 0;

    for (unsigned side = 0; side < 2; side++) {
        const struct offer *o = NULL;

        while ((o = funding_offer_next(floor->engine, CURRENCY_USD, side, o)) != NULL) {
            size_t i = 0;

            while (i < model->count && model->offers[i].id != o->id)
                i++;
            assert_true(i < model->count);
            assert_int_equal(model->offers[i].amount, o->amount);
            count++;
        }
    }
    assert_int_equal(count, model->count);
    for (const struct loan *l = NULL;
         (l = funding_loan_next(floor->engine, CURRENCY_USD, l)) != NULL;)
        sum += l->amount;
    assert_int_equal(sum, lent);
}

/* Time stands still, so that nothing ends. */
TEST(thousands_of_offers_meet_as_in_a_naive_model)
{
    static struct model model;
    struct floor floor;
    uint64_t seed = 20261123;
    int64_t lent = 0;

    print_message("# seed %llu\n", (unsigned long long)seed);
    lenders_open(&floor);
    floor.writes = false;
    for (uint64_t account = 1; account <= 4; account++)
        for (unsigned wallet = WALLET_MARGIN; wallet <= WALLET_FUNDING; wallet++)
            floor_apply(&floor, (struct command){ .kind = COMMAND_CREDIT,
                                                  .account = account,
                                                  .wallet = wallet,
                                                  .currency = CURRENCY_USD,
                                                  .amount = 100000000 * UNIT });
    floor.unchecked = true;
    for (int i = 0; i < 3000; i++) {
        uint64_t account = 1 + dice_below(&seed, 4);
        int64_t amount = (150 + (int64_t)dice_below(&seed, 1000)) * UNIT;
        int64_t rate = 10000 + (int64_t)dice_below(&seed, 40) * 500;
        uint64_t period = 2 + dice_below(&seed, 5);

        if (dice_below(&seed, 5) == 0 && model.count > 0) {
            struct model_offer *gone = &model.offers[dice_below(&seed, model.count)];

            floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL,
                                                  .account = gone->account,
                                                  .order = gone->id });
            *gone = model.offers[--model.count];
        } else {
            amount = dice_below(&seed, 2) == 0 ? amount : -amount;
            lenders_submit(&floor, lenders_offer(account, amount, rate, period));
            assert_int_equal(floor.why, REFUSAL_NONE);
            model_submit(&model, (struct model_offer){ floor.order, account, period, amount, rate },
                         &lent);
        }
        if (i % 50 == 0) {
            const char *wrong = engine_check(floor.engine);

            if (wrong != NULL)
                fail_msg("after %d: %s", i, wrong);
            compare(&floor, &model, lent);
        }
    }
    compare(&floor, &model, lent);
    assert_in_range(lent, UNIT, INT64_MAX);
    floor_close(&floor);
}

TEST(the_same_commands_give_the_same_state)
{
    uint64_t hashes[2];

    for (unsigned run = 0; run < 2; run++) {
        struct floor floor;
        uint64_t seed = 7;

        lenders_open(&floor);
        floor.writes = false;
        for (int i = 0; i < 400; i++) {
            uint64_t account = 1 + dice_below(&seed, 4);
            int64_t amount = (150 + (int64_t)dice_below(&seed, 100)) * UNIT;

            floor.time_ms += dice_below(&seed, HOUR_MS);
            lenders_wait(&floor, 0);
            floor_apply(&floor, lenders_offer(account, account <= 2 ? amount : -amount,
                                              10000 + (int64_t)dice_below(&seed, 20000),
                                              2 + dice_below(&seed, 3)));
        }
        hashes[run] = engine_state_hash(floor.engine) ^ floor.events_hash;
        floor_close(&floor);
    }
    assert_int_equal(hashes[0], hashes[1]);
}

TEST_MAIN
