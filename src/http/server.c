#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cleared.h"
#include "base/log.h"

#define CONNECTIONS_MOST 4096
#define CLOSE_PATIENCE_S 2
#define STREAM_PIECE_BYTES ((size_t)64 << 10)

struct http_server {
    struct http_options options;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    struct MHD_Daemon *daemon;
    int descriptor;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    struct http_request *held_first;
    size_t late_count; /* requests that were held and have not ended */
};

struct http_request {
    struct http_server *server;
    struct MHD_Connection *connection;
    const char *method;
    char *path;
    uid_t peer;
    struct buffer body;
    bool too_large;
    bool held; /* of the thread that serves the connection alone */
    json_t *json;
    struct http_reply reply;
    struct http_request *held_before, *held_after;
};

void http_reply_init(struct http_reply *reply)
{
    *reply = (struct http_reply){ .status = MHD_HTTP_OK, .type = "application/json" };
}

/* A value may be a cookie, so its memory is cleared. */
static void headers_wipe(struct http_reply *reply)
{
    for (size_t i = 0; i < HTTP_HEADERS_MOST && reply->headers[i].name != NULL; i++) {
        explicit_bzero(reply->headers[i].value, strlen(reply->headers[i].value));
        free(reply->headers[i].value);
        reply->headers[i] = (struct http_header){ 0 };
    }
}

void http_reply_header(struct http_reply *reply, const char *name, const char *value)
{
    char *copy = strdup(value);
    size_t i = 0;

    while (i < HTTP_HEADERS_MOST && reply->headers[i].name != NULL)
        i++;
    if (copy == NULL || i == HTTP_HEADERS_MOST) {
        reply->body.failed = true;
        free(copy);
        return;
    }
    reply->headers[i] = (struct http_header){ name, copy };
}

void http_reply_wipe(struct http_reply *reply)
{
    headers_wipe(reply);
    buffer_wipe(&reply->body);
    if (reply->stream.next != NULL)
        reply->stream.close(reply->stream.context);
    if (reply->upgrade.take != NULL)
        reply->upgrade.take(reply->upgrade.context, -1, SLICE_EMPTY);
    http_reply_init(reply);
}

const char *http_request_method(const struct http_request *request)
{
    return request->method;
}

const char *http_request_path(const struct http_request *request)
{
    return request->path;
}

uid_t http_request_peer(const struct http_request *request)
{
    return request->peer;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_request_query(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct slice http_request_body(const struct http_request *request)
{
    return buffer_slice(&request->body);
}

const json_t *http_request_json(struct http_request *request)
{
    if (request->json == NULL)
        request->json = request->body.size == 0
                            ? json_object()
                            : json_loadb(request->body.at, request->body.size, 0, NULL);
    return json_is_object(request->json) ? request->json : NULL;
}

/* ---- Holding ---- */

void http_request_hold(struct http_request *request)
{
    struct http_server *server = request->server;

    request->held = true;
    pthread_mutex_lock(&server->lock);
    request->held_before = NULL;
    request->held_after = server->held_first;
    if (server->held_first != NULL)
        server->held_first->held_before = request;
    server->held_first = request;
    server->late_count++;
    pthread_mutex_unlock(&server->lock);
    MHD_suspend_connection(request->connection);
}

void http_request_answer(struct http_request *request, struct http_reply *reply)
{
    struct http_server *server = request->server;

    pthread_mutex_lock(&server->lock);
    if (request->held_before != NULL)
        request->held_before->held_after = request->held_after;
    else
        server->held_first = request->held_after;
    if (request->held_after != NULL)
        request->held_after->held_before = request->held_before;
    pthread_mutex_unlock(&server->lock);
    headers_wipe(&request->reply); /* of what was begun before it was held */
    request->reply = *reply;
    http_reply_init(reply);
    MHD_resume_connection(request->connection);
}

/* ---- What libmicrohttpd calls ---- */

/* Who called is asked once a connection; the answer stays with it. */
static void connection_noted(void *context, struct MHD_Connection *connection, void **own,
                             enum MHD_ConnectionNotificationCode what)
{
    const union MHD_ConnectionInfo *info;
    struct ucred *peer;
    socklen_t size = sizeof *peer;

    (void)context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        free(*own);
        *own = NULL;
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    peer = malloc(sizeof *peer);
    if (peer != NULL &&
        (info == NULL || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, peer, &size) != 0)) {
        free(peer);
        peer = NULL;
    }
    *own = peer;
}

static bool peer_find(struct MHD_Connection *connection, const uid_t also[HTTP_PEERS_MOST],
                      uid_t *uid)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const struct ucred *peer = info == NULL ? NULL : info->socket_context;

    if (peer == NULL)
        return false;
    *uid = peer->uid;
    return *uid == 0 || *uid == geteuid() || *uid == also[0] || *uid == also[1];
}

/* A zero byte would end a C string early and so name another path than the gateway judged. */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strstr(text, "%00") != NULL ? strlen(text) : MHD_http_unescape(text);
}

static char *path_make(const char *url)
{
    size_t size = strlen(url);
    char *path = malloc(size + 2), *to = path;

    if (path == NULL)
        return NULL;
    *to++ = '/';
    for (const char *from = url; *from != '\0'; from++)
        if (*from != '/' || to[-1] != '/')
            *to++ = *from;
    *to = '\0';
    return path;
}

static void reply_say(struct http_reply *reply, unsigned status, const char *code,
                      const char *message)
{
    http_reply_wipe(reply);
    reply->status = status;
    buffer_printf(&reply->body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code, message);
}

static ssize_t stream_next(void *context, uint64_t offset, char *bytes, size_t most)
{
    const struct http_stream *stream = context;
    ssize_t size = stream->next(stream->context, bytes, most);

    (void)offset;
    if (size == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    return size < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : size;
}

static void stream_close(void *context)
{
    struct http_stream *stream = context;

    stream->close(stream->context);
    free(stream);
}

/* Takes the stream over when it gives a response. */
static struct MHD_Response *stream_response(struct http_reply *reply)
{
    struct http_stream *stream = malloc(sizeof *stream);
    struct MHD_Response *response;

    if (stream == NULL)
        return NULL;
    *stream = reply->stream;
    response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_PIECE_BYTES, stream_next,
                                                 stream, stream_close);
    if (response == NULL)
        free(stream);
    else
        reply->stream = (struct http_stream){ 0 };
    return response;
}

/* The 101 is on its way.  libmicrohttpd keeps a connection's memory as long as it knows of it, so
 * it is told at once that this is over, and the socket lives on in a copy of its descriptor. */
static void upgraded(void *context, struct MHD_Connection *connection, void *own,
                     const char *early, size_t early_size, MHD_socket descriptor,
                     struct MHD_UpgradeResponseHandle *handle)
{
    struct http_request *request = own;
    struct http_upgrade upgrade = request->reply.upgrade;
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);

    (void)context;
    (void)connection;
    if (copy < 0)
        log_error("http", "a connection could not be kept: %m");
    request->reply.upgrade = (struct http_upgrade){ 0 };
    upgrade.take(upgrade.context, copy, (struct slice){ early, early_size });
    MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

/* NULL: there is no memory. */
static struct MHD_Response *response_make(struct http_reply *reply)
{
    struct MHD_Response *response;

    if (reply->upgrade.take != NULL) {
        reply->status = MHD_HTTP_SWITCHING_PROTOCOLS;
        response = MHD_create_response_for_upgrade(upgraded, NULL);
    } else if (reply->stream.next != NULL) {
        response = stream_response(reply);
    } else {
        response = MHD_create_response_from_buffer_with_free_callback(
            reply->body.size, reply->body.at, cleared_free);
        if (response != NULL)
            reply->body = (struct buffer){ 0 }; /* the response's now */
    }
    if (response != NULL && reply->upgrade.take == NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    return response;
}

static enum MHD_Result reply_send(struct MHD_Connection *connection, struct http_reply *reply)
{
    struct MHD_Response *response;
    enum MHD_Result sent;

    if (reply->body.failed)
        reply_say(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out_of_memory", "out of memory");
    response = response_make(reply);
    if (response == NULL)
        return MHD_NO;
    buffer_wipe(&reply->body);
    for (size_t i = 0; i < HTTP_HEADERS_MOST && reply->headers[i].name != NULL; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    headers_wipe(reply);
    sent = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return sent;
}

static struct http_request *request_open(struct http_server *server,
                                         struct MHD_Connection *connection, const char *url,
                                         const char *method)
{
    struct http_request *request = calloc(1, sizeof *request);

    if (request == NULL)
        return NULL;
    *request = (struct http_request){
        .server = server, .connection = connection, .method = method, .path = path_make(url)
    };
    request->body.is_cleared = true;
    http_reply_init(&request->reply);
    if (request->path != NULL)
        return request;
    free(request);
    return NULL;
}

static void request_ended(void *context, struct MHD_Connection *connection, void **own,
                          enum MHD_RequestTerminationCode how)
{
    struct http_request *request = *own;

    (void)context;
    (void)connection;
    (void)how;
    if (request == NULL)
        return;
    if (request->held) {
        pthread_mutex_lock(&request->server->lock);
        request->server->late_count--;
        pthread_cond_signal(&request->server->changed);
        pthread_mutex_unlock(&request->server->lock);
    }
    json_decref(request->json);
    buffer_wipe(&request->body);
    http_reply_wipe(&request->reply);
    free(request->path);
    free(request);
    *own = NULL;
}

static enum MHD_Result request_answer(struct http_request *request)
{
    const struct http_options *options = &request->server->options;

    if (request->held) /* and answered: it would not run otherwise */
        return reply_send(request->connection, &request->reply);
    if (!peer_find(request->connection, options->peers_too, &request->peer))
        reply_say(&request->reply, MHD_HTTP_FORBIDDEN, "wrong_user",
                  "this socket answers the user that runs the server, and root");
    else if (request->too_large)
        reply_say(&request->reply, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                  "the body is larger than this server reads");
    else if (request->body.failed)
        reply_say(&request->reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out_of_memory",
                  "out of memory");
    else
        options->answer(options->context, request, &request->reply);
    if (!request->held)
        return reply_send(request->connection, &request->reply);
    return MHD_YES;
}

/* Called once with the headers, then for each piece of the body, then without one. */
static enum MHD_Result request_step(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *piece, size_t *piece_size, void **own)
{
    struct http_server *server = context;
    struct http_request *request = *own;

    (void)version;
    if (request == NULL) {
        *own = request = request_open(server, connection, url, method);
        return request == NULL ? MHD_NO : MHD_YES;
    }
    if (*piece_size == 0)
        return request_answer(request);
    if (*piece_size > server->options.body_most - request->body.size)
        request->too_large = true;
    if (!request->too_large)
        buffer_append(&request->body, (struct slice){ piece, *piece_size });
    *piece_size = 0;
    return MHD_YES;
}

/* ---- Opening and closing ---- */

static bool somebody_listens(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;

    if (fd >= 0)
        close(fd);
    return yes;
}

static enum err socket_listen(const char *path, mode_t mode, int *descriptor)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
        sizeof address.sun_path) {
        log_error("http", "%s: a socket's path has at most %zu characters; choose a shorter folder",
                  path, sizeof address.sun_path - 1);
        return ERR_RANGE;
    }
    if (somebody_listens(&address)) {
        log_error("http", "%s: another process listens there", path);
        return ERR_EXISTS;
    }
    unlink(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The mode is set before the name exists, so that nobody slips in between. */
    if (fd < 0 || fchmod(fd, mode) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(path, mode) != 0 || listen(fd, SOMAXCONN) != 0) {
        log_error("http", "%s: %m", path);
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    *descriptor = fd;
    return OK;
}

static struct MHD_Daemon *daemon_start(struct http_server *server, int fd)
{
    const struct http_options *options = &server->options;
    unsigned flags =
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_TURBO;

    if (options->thread_count > 0)
        flags |= MHD_USE_INTERNAL_POLLING_THREAD;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, request_step, server, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST, MHD_OPTION_THREAD_POOL_SIZE,
        options->thread_count > 1 ? options->thread_count : 0, MHD_OPTION_NOTIFY_CONNECTION,
        connection_noted, server, MHD_OPTION_NOTIFY_COMPLETED, request_ended, server,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, server, MHD_OPTION_END);
}

static void server_free(struct http_server *server)
{
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

enum err http_server_open(const struct http_options *options, struct http_server **server)
{
    struct http_server *s = calloc(1, sizeof *s);
    const union MHD_DaemonInfo *info;
    int fd = -1;
    enum err e;

    *server = NULL;
    if (s == NULL)
        return ERR_MEMORY;
    s->options = *options;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    TRY(socket_listen(options->path, options->mode, &fd));
    snprintf(s->path, sizeof s->path, "%s", options->path);
    s->options.path = s->path;
    s->daemon = daemon_start(s, fd);
    if (s->daemon == NULL) {
        log_error("http", "%s: libmicrohttpd does not start", options->path);
        unlink(s->path);
        close(fd);
        e = ERR_IO;
        goto out;
    }
    if (options->thread_count == 0) {
        info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        s->descriptor = info->epoll_fd;
    }
    *server = s;
    s = NULL;
out:
    if (s != NULL)
        server_free(s);
    return e;
}

static void held_dismiss(struct http_server *server)
{
    for (;;) {
        struct http_reply reply;
        struct http_request *request;

        pthread_mutex_lock(&server->lock);
        request = server->held_first;
        pthread_mutex_unlock(&server->lock);
        if (request == NULL)
            return;
        http_reply_init(&reply);
        reply_say(&reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "the server is stopping");
        http_request_answer(request, &reply);
    }
}

/* Their replies are sent by the server's threads, or by one more turn; a client that does not read
 * is not waited for. */
static void held_await(struct http_server *server)
{
    struct timespec until;

    if (server->options.thread_count == 0) {
        MHD_run(server->daemon);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_PATIENCE_S;
    pthread_mutex_lock(&server->lock);
    while (server->late_count > 0 &&
           pthread_cond_timedwait(&server->changed, &server->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&server->lock);
}

void http_server_close(struct http_server **server)
{
    struct http_server *s = *server;

    if (s == NULL)
        return;
    unlink(s->path);
    held_dismiss(s);
    held_await(s);
    MHD_stop_daemon(s->daemon);
    server_free(s);
    *server = NULL;
}

int http_server_descriptor(const struct http_server *server)
{
    return server->descriptor;
}

bool http_server_turn(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;

    MHD_run(server->daemon);
    return MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES && wait_ms == 0;
}
