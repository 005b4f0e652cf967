#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>

#include "net/stream_connection.h"

namespace sidetone::net {
namespace {

namespace asio = boost::asio;

class ListenerState : public std::enable_shared_from_this<ListenerState> {
 public:
  ListenerState(asio::io_context& io, Descriptor socket, StreamListener::OnAccept on_accept)
      : io_(io),
        local_(local_address(socket.get())),
        descriptor_(io, socket.release()),
        pause_(io),
        on_accept_(std::move(on_accept)) {}

  [[nodiscard]] const Address& local() const { return local_; }

  void wait() {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->descriptor_.is_open()) self->acceptable();
                           });
  }
  void close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void acceptable() {
    for (int i = 0; i < 16 && descriptor_.is_open(); ++i) {  // then others have their turn
      SystemAddress remote{};
      socklen_t length = sizeof remote;
      Descriptor socket(
          ::accept4(descriptor_.native_handle(), &remote.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket) {
        on_accept_(adopt_connection(io_, std::move(socket), from_system(remote)));
        continue;
      }
      // Out of descriptors or memory: the connection stays in the queue and would wake us without end.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return wait_a_moment();
      if (errno == EAGAIN) break;
    }
    if (descriptor_.is_open()) wait();
  }

  void wait_a_moment() {
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->descriptor_.is_open()) self->wait();
    });
  }

  asio::io_context& io_;
  Address local_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer pause_;
  StreamListener::OnAccept on_accept_;
};

class TcpListener final : public StreamListener {
 public:
  explicit TcpListener(std::shared_ptr<ListenerState> state) : state_(std::move(state)) { state_->wait(); }
  ~TcpListener() override { state_->close(); }
  [[nodiscard]] Address local() const override { return state_->local(); }

 private:
  std::shared_ptr<ListenerState> state_;
};

}  // namespace

Expected<std::unique_ptr<StreamListener>> StreamListener::listen(asio::io_context& io, const Address& local,
                                                                 OnAccept on_accept, int dscp) {
  auto socket = bind_socket(local, {Kind::tcp, dscp, true});
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  // The kernel lets two sockets bind one port with SO_REUSEADDR; the second one to listen is refused here.
  if (::listen(socket->get(), 128) != 0)
    return tl::make_unexpected(bind_error(Kind::tcp, local, errno, "sip_port_min"));
  return std::make_unique<TcpListener>(
      std::make_shared<ListenerState>(io, std::move(*socket), std::move(on_accept)));
}

}  // namespace sidetone::net
