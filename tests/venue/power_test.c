/* The power goes at every write and every flush of the journal: what was acknowledged is there
 * again, and the exchange starts.
 *
 * The calls by which a journal changes its file are replaced by those of a disk that keeps what was
 * flushed, and of everything later any sectors in any order, the last of them perhaps in part.
 */
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "venue/frame.h"
#include "venue/journal.h"

enum { SECTOR = 512, WRITES_MOST = 4096, COMMANDS_MOST = 4096, DISK_BYTES = 10 << 20 };

/* ---- The disk. ---- */

struct write {
    uint64_t offset;
    size_t size;
    uint8_t *bytes;
};

static struct disk {
    bool watches;
    unsigned operations, cut_at; /* the power goes in this one; 0: never */
    bool is_off;
    uint8_t *kept; /* what is certain */
    size_t kept_size;
    struct write writes[WRITES_MOST]; /* what is not, since the latest flush */
    unsigned write_count;
} disk;

static void writes_forget(void)
{
    for (unsigned i = 0; i < disk.write_count; i++)
        free(disk.writes[i].bytes);
    disk.write_count = 0;
}

static void write_apply(const struct write *write, size_t from, size_t size)
{
    assert_true(write->offset + write->size <= DISK_BYTES);
    memcpy(disk.kept + write->offset + from, write->bytes + from, size);
    if (disk.kept_size < write->offset + from + size)
        disk.kept_size = write->offset + from + size;
}

/* Counts an operation; false: the power is off, from this one on. */
static bool goes_on(void)
{
    if (disk.is_off)
        return false;
    disk.operations++;
    disk.is_off = disk.operations == disk.cut_at;
    return !disk.is_off;
}

static int off(void)
{
    errno = EIO;
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    bool was_off = disk.is_off;

    if (disk.watches && !was_off) {
        struct write *write = &disk.writes[disk.write_count++];

        assert_true(disk.write_count < WRITES_MOST);
        *write = (struct write){ (uint64_t)offset, size, malloc(size) };
        assert_non_null(write->bytes);
        memcpy(write->bytes, bytes, size);
    }
    if (disk.watches && !goes_on())
        return off();
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

static int flush(void)
{
    if (disk.watches && !goes_on())
        return off();
    for (unsigned i = 0; disk.watches && i < disk.write_count; i++)
        write_apply(&disk.writes[i], 0, disk.writes[i].size);
    if (disk.watches)
        writes_forget();
    return 0;
}

int fsync(int fd)
{
    struct stat facts;

    /* Of a folder: the file's name is on disk. */
    return fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode) ? 0 : flush();
}

int fdatasync(int fd)
{
    (void)fd;
    return flush();
}

/* ---- What is left when the power is back. ---- */

static uint64_t seed = 20261123;

static uint64_t dice_below(uint64_t end)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % end;
}

enum left { LEFT_NOTHING, LEFT_ALL, LEFT_TORN, LEFT_SOME, LEFT_MOST, LEFT_COUNT };

/* Sectors go to the disk whole but for one, which is torn anywhere. */
static void writes_survive(enum left left)
{
    for (unsigned i = 0; i < disk.write_count; i++) {
        const struct write *write = &disk.writes[i];

        if (left == LEFT_TORN && i + 1 == disk.write_count) {
            write_apply(write, 0, (size_t)dice_below(write->size));
            break;
        }
        for (size_t from = 0; from < write->size;) {
            size_t size = SECTOR - (size_t)((write->offset + from) % SECTOR);

            if (size > write->size - from)
                size = write->size - from;
            if (left == LEFT_ALL || left == LEFT_TORN ||
                (left == LEFT_SOME && dice_below(2) == 0) ||
                (left == LEFT_MOST && dice_below(8) != 0))
                write_apply(write, from, size);
            else if (left != LEFT_NOTHING && dice_below(4) == 0)
                write_apply(write, from, (size_t)dice_below(size));
            from += size;
        }
    }
    writes_forget();
}

static char folder[40], path[64];

static void image_write(const uint8_t *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    disk.watches = false;
    assert_true(fd >= 0);
    assert_true(write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static void power_on(unsigned cut_at)
{
    disk.watches = true;
    disk.operations = 0;
    disk.cut_at = cut_at;
    disk.is_off = false;
}

/* ---- The exchange. ---- */

/* The commands are numbers; each hundredth brings long words along. */
static struct command command_of(uint64_t number)
{
    return (struct command){ .time_ms = 1764000000000 + number,
                             .kind = COMMAND_SUBMIT,
                             .account = number,
                             .amount = (int64_t)(number * number) };
}

static struct slice words_of(uint64_t number)
{
    static char words[FRAME_WORDS_MOST];

    memset(words, (int)(number % 255) + 1, sizeof words);
    return (struct slice){ words, number > 300 && number % 4 == 0 ? sizeof words : 0 };
}

struct replayed {
    uint64_t count;
};

static void command_take(void *context, const struct command *command, struct slice words)
{
    struct replayed *replayed = context;
    struct command expected = command_of(++replayed->count);

    assert_memory_equal(command, &expected, sizeof expected);
    assert_true(slice_is(words, words_of(replayed->count)));
}

static enum err power_open(struct journal **journal, struct replayed *replayed)
{
    uint64_t journal_seed = 7;

    *replayed = (struct replayed){ 0 };
    return journal_open(folder, ENVIRONMENT_SANDBOX, &journal_seed, NULL,
                        (struct journal_replay){ command_take, replayed }, journal);
}

/* Small batches, then some that make the file grow.  Returns the number of the last command that
 * was acknowledged; `*tried` that of the last one given. */
static uint64_t work(uint64_t *tried)
{
    struct replayed replayed;
    struct journal *journal;
    uint64_t number = 0, acknowledged = 0;

    *tried = 0;
    if (power_open(&journal, &replayed) != OK)
        return 0;
    for (unsigned batch = 0; batch < 32; batch++) {
        uint64_t size = batch < 24 ? 1 + batch * 7 % 20 : 700;

        for (uint64_t i = 0; i < size; i++) {
            struct command command = command_of(++number);

            /* The batch may be flushed, or the file grown, on the way. */
            if (journal_append_words(journal, &command, words_of(number)) != OK)
                break;
        }
        if (journal_flush(journal) != OK)
            break;
        acknowledged = number;
    }
    *tried = number;
    journal_close(&journal);
    return acknowledged;
}

/* The power is back: the exchange starts, has all that was acknowledged and nothing that was not
 * tried, and goes on. */
static void starts(uint64_t acknowledged, uint64_t tried)
{
    struct replayed replayed;
    struct journal *journal;
    struct command command;

    disk.watches = false;
    assert_int_equal(power_open(&journal, &replayed), OK);
    assert_in_range(replayed.count, acknowledged, tried);
    command = command_of(replayed.count + 1);
    assert_int_equal(journal_append_words(journal, &command, words_of(replayed.count + 1)), OK);
    assert_int_equal(journal_flush(journal), OK);
    journal_close(&journal);
    acknowledged = replayed.count + 1;
    assert_int_equal(power_open(&journal, &replayed), OK);
    assert_int_equal(replayed.count, acknowledged);
    journal_close(&journal);
}

/* The power goes again while the exchange starts, at each operation of that. */
static void starts_in_the_end(uint64_t acknowledged, uint64_t tried)
{
    static uint8_t before[DISK_BYTES];
    size_t before_size = disk.kept_size;

    memcpy(before, disk.kept, before_size);
    for (unsigned cut_at = 1; cut_at <= 6; cut_at++) {
        struct replayed replayed;
        struct journal *journal;
        bool done;

        memset(disk.kept, 0, DISK_BYTES);
        memcpy(disk.kept, before, before_size);
        disk.kept_size = before_size;
        image_write(disk.kept, disk.kept_size);
        power_on(cut_at);
        done = power_open(&journal, &replayed) == OK;
        journal_close(&journal);
        writes_survive(LEFT_SOME);
        image_write(disk.kept, disk.kept_size);
        starts(acknowledged, tried);
        if (done)
            break;
    }
}

static void disk_begin(unsigned cut_at)
{
    unlink(path);
    memset(disk.kept, 0, DISK_BYTES);
    disk.kept_size = 0;
    power_on(cut_at);
}

/* Runs the work until the power goes; true: it did.  `*zeros`: while the file was made longer. */
static bool cut(unsigned cut_at, uint64_t *acknowledged, uint64_t *tried, bool *zeros)
{
    const struct write *last;

    disk_begin(cut_at);
    *acknowledged = work(tried);
    last = disk.write_count == 0 ? NULL : &disk.writes[disk.write_count - 1];
    *zeros = last != NULL && last->bytes[0] == 0 &&
             memcmp(last->bytes, last->bytes + 1, last->size - 1) == 0;
    return disk.is_off;
}

static void folder_begin(void)
{
    snprintf(folder, sizeof folder, "/tmp/latchkey-power-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal", folder);
    disk.kept = malloc(DISK_BYTES);
    assert_non_null(disk.kept);
}

static void folder_end(void)
{
    disk.watches = false;
    unlink(path);
    rmdir(folder);
    free(disk.kept);
}

TEST(nothing_that_was_acknowledged_is_lost_wherever_the_power_goes)
{
    static uint8_t certain[DISK_BYTES];
    uint64_t acknowledged, tried;
    unsigned cut_at = 1, at_work = 0;
    bool zeros;

    print_message("# seed %llu\n", (unsigned long long)seed);
    folder_begin();
    for (; cut(cut_at, &acknowledged, &tried, &zeros); cut_at++) {
        struct write writes[WRITES_MOST];
        unsigned write_count = disk.write_count;
        size_t certain_size = disk.kept_size;

        at_work += acknowledged > 0;
        memcpy(writes, disk.writes, write_count * sizeof *writes);
        memcpy(certain, disk.kept, certain_size);
        /* One piece of zeros is like the other. */
        for (unsigned left = !zeros            ? LEFT_NOTHING
                             : cut_at % 8 == 0 ? LEFT_MOST
                                               : LEFT_COUNT;
             left < LEFT_COUNT; left++) {
            memset(disk.kept, 0, DISK_BYTES);
            memcpy(disk.kept, certain, certain_size);
            disk.kept_size = certain_size;
            for (unsigned i = 0; i < write_count; i++) {
                disk.writes[i] = writes[i];
                disk.writes[i].bytes = malloc(writes[i].size);
                assert_non_null(disk.writes[i].bytes);
                memcpy(disk.writes[i].bytes, writes[i].bytes, writes[i].size);
            }
            disk.write_count = write_count;
            writes_survive((enum left)left);
            image_write(disk.kept, disk.kept_size);
            if (left == LEFT_TORN && cut_at % 3 == 0) /* a third, for the time it takes */
                starts_in_the_end(acknowledged, tried);
            else
                starts(acknowledged, tried);
        }
        for (unsigned i = 0; i < write_count; i++)
            free(writes[i].bytes);
        disk.write_count = 0;
    }
    assert_in_range(at_work, 60, 1000);
    assert_true(acknowledged == tried && tried > 5000);
    folder_end();
}

TEST_MAIN
