#include "market/worth.h"

#include "base/fixed.h"

#define PPM 1000000

struct octave {
    uint64_t period_ms;
    int64_t reach_ppm;
};

#define MINUTE_MS UINT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

/* 2 % in a day, as bitcoin has; then by the square root of the period. */
static const struct octave price_octaves[] = {
    { 30 * DAY_MS, 110000 }, { 5 * DAY_MS, 45000 },    { DAY_MS, 20000 },
    { 6 * HOUR_MS, 10000 },  { 90 * MINUTE_MS, 5000 }, { 20 * MINUTE_MS, 2400 },
    { 5 * MINUTE_MS, 1200 }, { MINUTE_MS, 530 },       { MINUTE_MS / 4, 260 },
};
static const struct octave busy_octaves[] = {
    { 3 * HOUR_MS, 500000 },
    { 15 * MINUTE_MS, 300000 },
    { 2 * MINUTE_MS, 200000 },
};
enum {
    PRICE_OCTAVES = sizeof price_octaves / sizeof *price_octaves,
    BUSY_OCTAVES = sizeof busy_octaves / sizeof *busy_octaves,
    STREAM_COMMON = 1000, /* what all coins share */
    STREAM_OWN = 1001,    /* and a currency's own, by its number */
};

/* What the noises move: the common one and the currency's own, in thousandths. */
static const struct {
    int64_t centre;
    int64_t common, own;
} currencies[CURRENCY_COUNT] = {
    [CURRENCY_BTC] = { 60000 * FIXED_ONE, 700, 500 },
    [CURRENCY_ETH] = { 3000 * FIXED_ONE, 800, 700 },
    [CURRENCY_LTC] = { 80 * FIXED_ONE, 700, 900 },
    [CURRENCY_USD] = { FIXED_ONE, 0, 0 },
    [CURRENCY_UST] = { FIXED_ONE, 0, 12 },
    /* Of contracts: what they are off from what they stand for. */
    [CURRENCY_BTCF0] = { FIXED_ONE, 0, 15 },
    [CURRENCY_USTF0] = { FIXED_ONE, 0, 0 },
};

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct chance chance_init(uint64_t seed, uint64_t stream, uint64_t moment)
{
    return (struct chance){ mix(mix(mix(seed) + stream) + moment) };
}

uint64_t chance_draw(struct chance *chance)
{
    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(chance->state);
}

uint64_t chance_below(struct chance *chance, uint64_t end)
{
    return (uint64_t)((unsigned __int128)chance_draw(chance) * end >> 64);
}

/* A point of the lattice that a noise runs through. */
static int64_t lattice_ppm(uint64_t seed, uint64_t stream, unsigned octave, uint64_t i,
                           int64_t reach_ppm)
{
    struct chance chance = chance_init(seed, stream * 16 + octave, i);

    return (int64_t)chance_below(&chance, 2 * (uint64_t)reach_ppm + 1) - reach_ppm;
}

static int64_t noise_ppm(uint64_t seed, uint64_t stream, const struct octave *octaves,
                         unsigned count, uint64_t elapsed_ms)
{
    int64_t sum = 0;

    for (unsigned o = 0; o < count; o++) {
        uint64_t period = octaves[o].period_ms, i = elapsed_ms / period;
        int64_t along = (int64_t)(elapsed_ms % period);
        int64_t here = lattice_ppm(seed, stream, o, i, octaves[o].reach_ppm);
        int64_t next = lattice_ppm(seed, stream, o, i + 1, octaves[o].reach_ppm);

        sum += here + (next - here) * along / (int64_t)period;
    }
    return sum;
}

int64_t noise_busy_ppm(uint64_t seed, uint64_t stream, uint64_t elapsed_ms)
{
    return noise_ppm(seed, stream, busy_octaves, BUSY_OCTAVES, elapsed_ms);
}

bool worth_is_coin(enum currency currency)
{
    return currencies[currency_underlying(currency)].common != 0;
}

int64_t worth_of(uint64_t seed, enum currency currency, uint64_t elapsed_ms)
{
    int64_t centre = currency_is_contract(currency)
                         ? worth_of(seed, currency_underlying(currency), elapsed_ms)
                         : currencies[currency].centre;
    int64_t moved = 0;

    if (currencies[currency].common != 0)
        moved += noise_ppm(seed, STREAM_COMMON, price_octaves, PRICE_OCTAVES, elapsed_ms) *
                 currencies[currency].common / 1000;
    if (currencies[currency].own != 0)
        moved += noise_ppm(seed, STREAM_OWN + currency, price_octaves, PRICE_OCTAVES, elapsed_ms) *
                 currencies[currency].own / 1000;
    return centre + (int64_t)((__int128)centre * moved / PPM);
}

int64_t worth_of_pair(uint64_t seed, enum market market, uint64_t elapsed_ms)
{
    const struct market_facts *facts = market_facts(market);
    __int128 base = worth_of(seed, facts->base, elapsed_ms);

    return (int64_t)(base * FIXED_ONE / worth_of(seed, facts->quote, elapsed_ms));
}
