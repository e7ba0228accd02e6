// SPDX-License-Identifier: Apache-2.0
//
// The floor: the least that a WebSocket relay can do, to compare others with.
//
// It does: the handshake (RFC 6455, SHA-1 of OpenSSL), a pair for every two connections with the
// same path, unmasking, a head of its own, pings, closing. One thread, one epoll, level-triggered.
// What one read brought is passed on at once, in place, with one sendmsg for all its frames; what
// the kernel does not take waits in a buffer of that connection.
// It does not: TLS, limits of rate or age, any look at what is in a frame, UTF-8, fragments put
// together (each is passed on as it is), a bound in time for handshakes. A frame whose peer is not
// there is dropped. It is a yardstick, not a server to run.
//
//     epoll_relay [PORT]        prints "listening on 127.0.0.1:PORT"; without PORT takes a free one

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    most_payload = 1 << 20,
    most_waiting = 64 << 20,
    most_frames = 256,  // Of one sendmsg.
    read_size = 256 << 10,
    rest_size = 64 << 10,
    path_size = 64,
};

// Bytes that wait; empty ones hold no memory that was not needed before.
struct bytes {
    unsigned char *data;
    size_t start, end, room;
};

struct connection {
    int descriptor;
    int is_open;
    int is_blocked;
    int is_gone;
    char path[path_size];
    struct connection *peer;
    struct connection *next;  // Of those that wait for a peer, or of those that are to be freed.
    struct bytes input;
    struct bytes output;
};

static int loop;
static struct connection *waiting;
static struct connection *leaving;
static unsigned char scratch[read_size];

// Where `count` more bytes can go.
static unsigned char *room(struct bytes *bytes, size_t count) {
    if (bytes->start == bytes->end) bytes->start = bytes->end = 0;
    if (bytes->end + count <= bytes->room) return bytes->data + bytes->end;
    size_t used = bytes->end - bytes->start;
    if (bytes->start > 0) memmove(bytes->data, bytes->data + bytes->start, used);
    bytes->start = 0;
    bytes->end = used;
    if (used + count > bytes->room) {
        bytes->room = bytes->room * 2 > used + count ? bytes->room * 2 : used + count;
        bytes->data = realloc(bytes->data, bytes->room);
        if (!bytes->data) abort();
    }
    return bytes->data + bytes->end;
}

static void append(struct bytes *bytes, const void *data, size_t count) {
    memcpy(room(bytes, count), data, count);
    bytes->end += count;
}

static void watch(struct connection *connection, uint32_t interest) {
    struct epoll_event event = {.events = interest, .data.ptr = connection};
    epoll_ctl(loop, EPOLL_CTL_MOD, connection->descriptor, &event);
}

// Closes now; the memory goes at the end of the turn, because events of it may name it still.
static void leave(struct connection *connection) {
    if (connection->is_gone) return;
    connection->is_gone = 1;
    close(connection->descriptor);
    for (struct connection **place = &waiting; *place; place = &(*place)->next)
        if (*place == connection) {
            *place = connection->next;
            break;
        }
    struct connection *peer = connection->peer;
    connection->peer = NULL;
    connection->next = leaving;
    leaving = connection;
    if (!peer) return;
    peer->peer = NULL;
    leave(peer);
}

static void release(void) {
    while (leaving) {
        struct connection *connection = leaving;
        leaving = connection->next;
        free(connection->input.data);
        free(connection->output.data);
        free(connection);
    }
}

// Writes at once, behind what waits already.
static void pass(struct connection *to, struct iovec *parts, int count) {
    ssize_t sent = 0;
    if (!to->is_blocked) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
        sent = sendmsg(to->descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno != EAGAIN) return leave(to);
            sent = 0;
        }
    }
    for (int index = 0; index < count; index++) {
        if ((size_t)sent >= parts[index].iov_len) {
            sent -= (ssize_t)parts[index].iov_len;
            continue;
        }
        append(&to->output, (char *)parts[index].iov_base + sent, parts[index].iov_len - (size_t)sent);
        sent = 0;
    }
    size_t left = to->output.end - to->output.start;
    if (left > most_waiting) return leave(to);
    if (left == 0 || to->is_blocked) return;
    to->is_blocked = 1;
    watch(to, EPOLLIN | EPOLLOUT);
}

static void drain(struct connection *connection) {
    struct bytes *output = &connection->output;
    ssize_t sent = send(connection->descriptor, output->data + output->start,
                        output->end - output->start, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        if (errno != EAGAIN) leave(connection);
        return;
    }
    output->start += (size_t)sent;
    if (output->start < output->end) return;
    connection->is_blocked = 0;
    watch(connection, EPOLLIN);
}

// The key of the frame, word by word: the compiler makes wide instructions of it.
static void unmask(unsigned char *payload, size_t count, uint32_t key) {
    size_t index = 0;
    for (; index + 4 <= count; index += 4) {
        uint32_t word;
        memcpy(&word, payload + index, 4);
        word ^= key;
        memcpy(payload + index, &word, 4);
    }
    for (; index < count; index++) payload[index] ^= ((unsigned char *)&key)[index & 3];
}

// Writes the head of an unmasked frame so that it ends where the payload begins; the masked head
// that stood there was four bytes longer.
static unsigned char *put_head(unsigned char *payload, unsigned char first, size_t count) {
    unsigned char *head = payload - (count < 126 ? 2 : count < 65536 ? 4 : 10);
    head[0] = first;
    if (count < 126) {
        head[1] = (unsigned char)count;
    } else if (count < 65536) {
        uint16_t length = htons((uint16_t)count);
        head[1] = 126;
        memcpy(head + 2, &length, 2);
    } else {
        uint64_t length = htobe64(count);
        head[1] = 127;
        memcpy(head + 2, &length, 8);
    }
    return head;
}

// Passes on the whole frames at the start of `data`; returns their bytes.
static size_t take_frames(struct connection *from, unsigned char *data, size_t count) {
    struct iovec parts[most_frames];
    int gathered = 0;
    size_t used = 0;
    while (!from->is_gone && count - used >= 6) {
        unsigned char *frame = data + used;
        size_t length = frame[1] & 0x7F, size = 6;
        if (length == 126) {
            if (count - used < 8) break;
            length = (size_t)frame[2] << 8 | frame[3];
            size = 8;
        } else if (length == 127) {
            if (count - used < 14) break;
            uint64_t wide;
            memcpy(&wide, frame + 2, 8);
            length = be64toh(wide);
            size = 14;
        }
        if (!(frame[1] & 0x80) || frame[0] & 0x70 || length > most_payload) {
            leave(from);
            break;
        }
        if (count - used < size + length) break;
        unsigned char first = frame[0], *payload = frame + size;
        uint32_t key;
        memcpy(&key, payload - 4, 4);
        unmask(payload, length, key);
        used += size + length;
        int opcode = first & 0x0F;
        if (opcode < 8 && from->peer) {
            unsigned char *head = put_head(payload, first, length);
            parts[gathered++] = (struct iovec){head, (size_t)(payload - head) + length};
            if (gathered == most_frames) {
                pass(from->peer, parts, gathered);
                gathered = 0;
            }
        } else if (opcode == 8 || opcode == 9) {
            unsigned char *head = put_head(payload, opcode == 9 ? 0x8A : 0x88, length);
            struct iovec answer = {head, (size_t)(payload - head) + length};
            pass(from, &answer, 1);
            if (opcode == 8) {
                if (gathered && from->peer) pass(from->peer, parts, gathered);
                gathered = 0;
                leave(from);
            }
        }
    }
    if (gathered && from->peer) pass(from->peer, parts, gathered);
    return used;
}

// Finds the peer that waits with the same path, or waits for it.
static void pair(struct connection *connection) {
    for (struct connection **place = &waiting; *place; place = &(*place)->next) {
        struct connection *other = *place;
        if (strcmp(other->path, connection->path) != 0) continue;
        *place = other->next;
        other->next = NULL;
        other->peer = connection;
        connection->peer = other;
        return;
    }
    connection->next = waiting;
    waiting = connection;
}

// Answers the request at the start of `data`; returns its bytes, 0 while it is not all there.
static size_t shake(struct connection *connection, unsigned char *data, size_t count) {
    char *text = (char *)data;
    char *end = memmem(text, count, "\r\n\r\n", 4);
    if (!end) {
        if (count > 8192) leave(connection);
        return 0;
    }
    *end = 0;
    char *key = strcasestr(text, "\r\nSec-WebSocket-Key:"), *space = NULL;
    if (strncmp(text, "GET ", 4) == 0) space = strchr(text + 4, ' ');
    if (!key || !space || space - (text + 4) >= path_size) {
        leave(connection);
        return 0;
    }
    memcpy(connection->path, text + 4, (size_t)(space - (text + 4)));
    key += strlen("\r\nSec-WebSocket-Key:");
    key += strspn(key, " \t");
    unsigned char joined[128], digest[SHA_DIGEST_LENGTH], answer[64];
    int length = snprintf((char *)joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                          (int)strcspn(key, " \t\r\n"), key);
    if (length < 0 || (size_t)length >= sizeof joined) {
        leave(connection);
        return 0;
    }
    SHA1(joined, (size_t)length, digest);
    EVP_EncodeBlock(answer, digest, SHA_DIGEST_LENGTH);
    char head[256];
    int written = snprintf(head, sizeof head,
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                           answer);
    connection->is_open = 1;
    pair(connection);
    struct iovec part = {head, (size_t)written};
    pass(connection, &part, 1);
    return (size_t)(end + 4 - text);
}

static size_t take(struct connection *connection, unsigned char *data, size_t count) {
    size_t used = 0;
    if (!connection->is_open) {
        used = shake(connection, data, count);
        if (used == 0) return 0;
    }
    return used + take_frames(connection, data + used, count - used);
}

// One read a turn: what the buffer did not hold, the next turn brings. The rest of a frame is read
// to where its beginning waits, anything else into the block that is warm already.
static void receive(struct connection *connection) {
    struct bytes *input = &connection->input;
    int is_rest = input->start < input->end;
    unsigned char *place = is_rest ? room(input, rest_size) : scratch;
    ssize_t count = recv(connection->descriptor, place, is_rest ? rest_size : sizeof scratch, 0);
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) leave(connection);
        return;
    }
    if (is_rest) {
        input->end += (size_t)count;
        input->start += take(connection, input->data + input->start, input->end - input->start);
    } else {
        size_t used = take(connection, scratch, (size_t)count);
        if (used < (size_t)count) append(input, scratch + used, (size_t)count - used);
    }
}

static void welcome(int listener) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        int one = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) abort();
        connection->descriptor = descriptor;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event);
    }
}

static int listen_on(uint16_t port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    if (bind(listener, (struct sockaddr *)&place, size) < 0 || listen(listener, 4096) < 0 ||
        getsockname(listener, (struct sockaddr *)&place, &size) < 0) {
        perror("epoll_relay");
        exit(1);
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(place.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **words) {
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    loop = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(count > 1 ? (uint16_t)atoi(words[1]) : 0);
    struct epoll_event events[1024], event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(loop, events, 1024, -1);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (!connection) {
                welcome(listener);
                continue;
            }
            if (!connection->is_gone && events[index].events & EPOLLOUT) drain(connection);
            if (!connection->is_gone && events[index].events & ~EPOLLOUT) receive(connection);
        }
        release();
    }
}
