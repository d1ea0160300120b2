/* bench/restart.c: how long an exchange takes to start
 *
 * 1,000,000 commands leave as many live orders, then the same again is submitted and cancelled: a
 * history that a start need not see again.  Opened with the whole journal, and with a snapshot and
 * what follows it; both must give the same state.  The control is reading the snapshot's bytes.
 *
 * Usage: build/bench/restart [FOLDER]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/fixed.h"
#include "venue/venue.h"

#include "measure.h"

enum { ACCOUNTS = 1000, LIVE = 1000000, PASSING = 1000000, BATCH = 1000 };

static char folder[4096], snapshot[4200];

static struct venue *open_venue(uint64_t snapshot_every)
{
    const struct venue_options options = { .folder = folder,
                                           .environment = ENVIRONMENT_SANDBOX,
                                           .seed = 1,
                                           .snapshot_every = snapshot_every };
    struct venue *venue;

    must(venue_open(&options, &venue) == OK, "cannot open");
    return venue;
}

static void submit(struct venue *venue, unsigned i, bool passes)
{
    struct command command = { .kind = COMMAND_SUBMIT,
                               .account = 1 + i % ACCOUNTS,
                               .type = ORDER_TYPE_EXCHANGE_LIMIT,
                               .amount = FIXED_ONE / 1000,
                               .price = (1000 + i % 997) * FIXED_ONE };
    struct venue_effect effect;

    must(venue_apply(venue, command, &effect) == VENUE_DONE, "an order was refused");
    command = (struct command){ .kind = COMMAND_CANCEL,
                                .account = command.account,
                                .order = effect.order.id };
    must(!passes || venue_apply(venue, command, NULL) == VENUE_DONE, "a cancel was refused");
    if (i % BATCH == 0)
        must(venue_sync(venue) == OK, "cannot write");
}

static void fill(void)
{
    struct venue *venue = open_venue(0);

    for (unsigned account = 1; account <= ACCOUNTS; account++)
        must(venue_account(venue, account) != NULL, "no account");
    for (unsigned i = 0; i < LIVE; i++)
        submit(venue, i, false);
    for (unsigned i = 0; i < PASSING / 2; i++)
        submit(venue, i, true);
    must(venue_sync(venue) == OK, "cannot write");
    venue_close(&venue);
}

static uint64_t measure_open(const char *what)
{
    uint64_t start_ns = clock_mono_ns(), hash;
    struct venue *venue = open_venue(0);

    printf("%-44s %6.2f s, %u live orders\n", what, seconds_since(start_ns),
           engine_order_count(venue_engine(venue)));
    hash = engine_state_hash(venue_engine(venue));
    venue_close(&venue);
    return hash;
}

static void measure_snapshot(void)
{
    struct venue *venue = open_venue(1);
    struct buffer bytes = { 0 };
    uint64_t start_ns;

    start_ns = clock_mono_ns();
    must(venue_sync(venue) == OK, "cannot write");
    printf("%-44s %6.3f s\n", "a snapshot holds the exchange up for", seconds_since(start_ns));
    while (waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0)
        must(venue_sync(venue) == OK, "cannot write");
    venue_close(&venue);
    start_ns = clock_mono_ns();
    must(file_read(snapshot, (size_t)1 << 32, &bytes) == OK, "there is no snapshot");
    printf("%-44s %6.2f s for %.0f MB\n", "control: reading the snapshot", seconds_since(start_ns),
           (double)bytes.size / 1e6);
    buffer_wipe(&bytes);
}

int main(int argc, char **argv)
{
    char journal[4200];
    struct stat facts;
    uint64_t hash;

    snprintf(folder, sizeof folder, "%s/bench-restart-XXXXXX", argc > 1 ? argv[1] : ".");
    must(mkdtemp(folder) != NULL, "cannot make a folder");
    snprintf(snapshot, sizeof snapshot, "%s/snapshot", folder);
    snprintf(journal, sizeof journal, "%s/journal", folder);
    fill();
    must(stat(journal, &facts) == 0, "there is no journal");
    printf("%d commands, journal of %.0f MB\n", LIVE + PASSING, (double)facts.st_size / 1e6);
    hash = measure_open("start with the whole journal");
    measure_snapshot();
    must(measure_open("start with a snapshot") == hash, "the state is another one");
    unlink(snapshot);
    unlink(journal);
    rmdir(folder);
    return 0;
}
