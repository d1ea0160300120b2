#include "authority/source_board.h"

#include <pthread.h>
#include <stdlib.h>

struct source_board {
    pthread_mutex_t lock; /* of what follows */
    json_t *sources;      /* NULL: nothing was said */
    uint64_t heard_at_ns;
};

enum err source_board_open(struct source_board **board)
{
    *board = calloc(1, sizeof **board);
    if (*board == NULL)
        return ERR_MEMORY;
    pthread_mutex_init(&(*board)->lock, NULL);
    return OK;
}

void source_board_close(struct source_board **board)
{
    struct source_board *b = *board;

    *board = NULL;
    if (b == NULL)
        return;
    json_decref(b->sources);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

enum err source_board_set(struct source_board *board, const json_t *sources, uint64_t at_ns)
{
    json_t *copy = json_deep_copy(sources), *before;

    if (copy == NULL)
        return ERR_MEMORY;
    pthread_mutex_lock(&board->lock);
    before = board->sources;
    board->sources = copy;
    board->heard_at_ns = at_ns;
    pthread_mutex_unlock(&board->lock);
    json_decref(before);
    return OK;
}

json_t *source_board_get(struct source_board *board, uint64_t *heard_at_ns)
{
    json_t *copy;

    *heard_at_ns = 0;
    if (board == NULL)
        return json_array();
    pthread_mutex_lock(&board->lock);
    copy = board->sources == NULL ? json_array() : json_deep_copy(board->sources);
    *heard_at_ns = board->heard_at_ns;
    pthread_mutex_unlock(&board->lock);
    return copy;
}
