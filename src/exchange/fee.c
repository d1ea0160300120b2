#include "exchange/fee.h"

#include "base/fixed.h"
#include "exchange/state.h"

#define MS_PER_DAY UINT64_C(86400000)

static const struct fee_tier tiers[] = {
#define FEE_TIER(volume, maker, taker) { INT64_C(volume) * FIXED_ONE, maker, taker },
#include "exchange/fee_tier.def"
#undef FEE_TIER
};

static uint64_t today(const struct engine *engine)
{
    return engine->time_ms / MS_PER_DAY;
}

int64_t fee_volume(const struct engine *engine, const struct account *account)
{
    const struct turnover *turnover = &account->turnover;
    uint64_t day = today(engine);
    int64_t sum = 0;

    for (uint64_t back = day - turnover->day; back < FEE_DAYS; back++)
        if (__builtin_add_overflow(sum, turnover->days[(day - back) % FEE_DAYS], &sum))
            return INT64_MAX;
    return sum;
}

struct fee_tier fee_tier(const struct engine *engine, const struct account *account,
                         enum market market)
{
    size_t i = 0;
    int64_t volume;

    if (market_facts(market)->is_contract)
        return (struct fee_tier){ 0, FEE_CONTRACT_MAKER_PPM, FEE_CONTRACT_TAKER_PPM };
    if ((engine->rules & RULE_FEE_TIERS) == 0)
        return tiers[0];
    volume = fee_volume(engine, account);
    while (i + 1 < sizeof tiers / sizeof *tiers && volume >= tiers[i + 1].volume)
        i++;
    return tiers[i];
}

void fee_note(const struct engine *engine, struct account *account, int64_t dollars)
{
    struct turnover *turnover = &account->turnover;
    uint64_t day = today(engine);

    if ((engine->rules & RULE_FEE_TIERS) == 0)
        return;
    for (uint64_t passed = 1; passed <= FEE_DAYS && turnover->day + passed <= day; passed++)
        turnover->days[(turnover->day + passed) % FEE_DAYS] = 0;
    turnover->day = day;
    if (__builtin_add_overflow(turnover->days[day % FEE_DAYS], dollars,
                               &turnover->days[day % FEE_DAYS]))
        turnover->days[day % FEE_DAYS] = INT64_MAX;
}
