// SPDX-License-Identifier: Apache-2.0
//
// A pairing relay on Boost.Beast, written the way its documentation writes servers, to compare with.
//
// It does: ws and wss, a pair for every two connections with the same path, whole messages read and
// written asynchronously, a queue of messages for each connection with one write at a time (Beast
// allows no more), pings and closing as Beast does them. One thread, one io_context without locks.
// A message is never copied: the buffer it was read into waits in the peer's queue, is written from
// there, and is used again. TCP_NODELAY, no timeouts, no compression, no type-erased executor;
// TLS 1.2 and 1.3, AES-128-GCM first, as Vestibule has it.
// It does not: limits of rate or age (what a slow reader does not take waits, up to 64 MiB), any
// look at what is in a message. A message whose peer is not there is dropped.
//
//     beast_relay [PORT [CERTIFICATE KEY]]
//
// prints "listening on 127.0.0.1:PORT"; with port 0, or none, takes a free one.

#define BOOST_ERROR_CODE_HEADER_ONLY
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using protocol = asio::ip::tcp;
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<protocol, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<protocol, executor>;
using tls_stream = beast::ssl_stream<tcp_socket>;

constexpr std::size_t most_message = 1 << 20;
constexpr std::size_t most_waiting = 64 << 20;

/// A message on its way.
struct message {
    beast::flat_buffer bytes;
    bool is_text = false;
};
using message_pointer = std::unique_ptr<message>;

/// Buffers that were used, with the room they have.
class spare_messages {
public:
    message_pointer take() {
        if (spare_.empty()) return std::make_unique<message>();
        auto one = std::move(spare_.back());
        spare_.pop_back();
        return one;
    }

    void give(message_pointer one) {
        one->bytes.clear();
        if (spare_.size() < 4096) spare_.push_back(std::move(one));
    }

private:
    std::vector<message_pointer> spare_;
};

template <class Stream>
class connection;

/// What all connections share.
template <class Stream>
struct switchboard {
    spare_messages spare;
    std::unordered_map<std::string, std::weak_ptr<connection<Stream>>> waiting;
};

template <class Stream>
class connection : public std::enable_shared_from_this<connection<Stream>> {
public:
    template <class... Arguments>
    explicit connection(switchboard<Stream>& board, Arguments&&... arguments)
        : board_(board), socket_(std::forward<Arguments>(arguments)...) {}

    void start() {
        beast::get_lowest_layer(socket_).set_option(protocol::no_delay(true));
        if constexpr (std::is_same_v<Stream, tls_stream>) {
            socket_.next_layer().async_handshake(
                asio::ssl::stream_base::server, [self = self()](error_code failure) {
                    if (!failure) self->read_request();
                });
        } else {
            read_request();
        }
    }

private:
    auto self() { return this->shared_from_this(); }

    /// The request is read apart, because its path says who the peer is.
    void read_request() {
        http::async_read(socket_.next_layer(), request_bytes_, request_,
                         [self = self()](error_code failure, std::size_t) {
                             if (!failure && websocket::is_upgrade(self->request_)) self->accept();
                         });
    }

    void accept() {
        socket_.auto_fragment(false);
        socket_.read_message_max(most_message);
        socket_.async_accept(request_, [self = self()](error_code failure) {
            if (failure) return;
            self->pair();
            self->read();
        });
    }

    void pair() {
        auto& place = board_.waiting[std::string(request_.target())];
        auto other = place.lock();
        if (!other) {
            place = this->weak_from_this();
            return;
        }
        board_.waiting.erase(std::string(request_.target()));
        peer_ = other;
        other->peer_ = self();
    }

    void read() {
        incoming_ = board_.spare.take();
        socket_.async_read(incoming_->bytes, [self = self()](error_code failure, std::size_t) {
            if (failure) return self->end();
            self->incoming_->is_text = self->socket_.got_text();
            if (auto peer = self->peer_.lock()) {
                peer->send(std::move(self->incoming_));
            } else {
                self->board_.spare.give(std::move(self->incoming_));
            }
            self->read();
        });
    }

    void send(message_pointer one) {
        if (is_over_) return board_.spare.give(std::move(one));
        waiting_ += one->bytes.size();
        if (waiting_ > most_waiting) return end();
        queue_.push_back(std::move(one));
        if (queue_.size() == 1) write();
    }

    void write() {
        socket_.text(queue_.front()->is_text);
        socket_.async_write(queue_.front()->bytes.data(),
                            [self = self()](error_code failure, std::size_t) {
                                if (failure) return self->end();
                                self->waiting_ -= self->queue_.front()->bytes.size();
                                self->board_.spare.give(std::move(self->queue_.front()));
                                self->queue_.pop_front();
                                if (!self->queue_.empty()) self->write();
                            });
    }

    /// Ends both of a pair; what still waits in the loop comes back with an error.
    void end() {
        if (is_over_) return;
        is_over_ = true;
        error_code ignored;
        beast::get_lowest_layer(socket_).close(ignored);
        if (auto peer = peer_.lock()) peer->end();
        peer_.reset();
    }

    switchboard<Stream>& board_;
    websocket::stream<Stream> socket_;
    beast::flat_buffer request_bytes_;
    http::request<http::empty_body> request_;
    std::weak_ptr<connection> peer_;
    message_pointer incoming_;
    std::deque<message_pointer> queue_;
    std::size_t waiting_ = 0;
    bool is_over_ = false;
};

/// Accepts for ever.
template <class Stream, class Make>
void listen(tcp_acceptor& acceptor, Make make) {
    acceptor.async_accept([&acceptor, make](error_code failure, tcp_socket socket) {
        if (!failure) make(std::move(socket))->start();
        listen<Stream>(acceptor, make);
    });
}

asio::ssl::context tls(const char* certificate, const char* key) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain_file(certificate);
    context.use_private_key_file(key, asio::ssl::context::pem);
    auto* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_ciphersuites(
        native, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    return context;
}

int serve(int count, char** words) {
    asio::io_context context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);
    const auto port = static_cast<unsigned short>(count > 1 ? std::atoi(words[1]) : 0);
    tcp_acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
    acceptor.listen(4096);
    std::printf("listening on 127.0.0.1:%d\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    if (count > 3) {
        auto secrets = tls(words[2], words[3]);
        switchboard<tls_stream> board;
        listen<tls_stream>(acceptor, [&](tcp_socket socket) {
            return std::make_shared<connection<tls_stream>>(board, std::move(socket), secrets);
        });
        context.run();
    } else {
        switchboard<tcp_socket> board;
        listen<tcp_socket>(acceptor, [&](tcp_socket socket) {
            return std::make_shared<connection<tcp_socket>>(board, std::move(socket));
        });
        context.run();
    }
    return 0;
}

int main(int count, char** words) {
    std::signal(SIGPIPE, SIG_IGN);
    rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    try {
        return serve(count, words);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "beast_relay: %s\n", failure.what());
        return 1;
    }
}
