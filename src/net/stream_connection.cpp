#include "net/stream_connection.h"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <deque>

namespace sidetone::net {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using Bytes = std::shared_ptr<const std::string>;

// A peer that stops reading must not make us keep everything that we would tell it.
constexpr std::size_t unsent_bytes_max = 1 << 20;
// 64*T1: after that no SIP transaction waits for what was sent (RFC 3261 §17.1.2.2). Costs no timer of ours.
constexpr int unacknowledged_ms_max = 32000;

class TcpState : public std::enable_shared_from_this<TcpState> {
 public:
  TcpState(asio::io_context& io, const Address& remote) : descriptor_(io), remote_(remote) {}

  [[nodiscard]] const Address& local() const { return local_; }
  [[nodiscard]] const Address& remote() const { return remote_; }

  void adopt(Descriptor socket) {
    take(std::move(socket));
    phase_ = Phase::open;
  }

  void connect(std::uint16_t port_min, std::uint16_t port_max, int dscp, std::optional<IpAddress> ip);
  void set_handlers(StreamConnection::Handlers handlers) {
    handlers_ = std::make_shared<StreamConnection::Handlers>(std::move(handlers));
    if (phase_ == Phase::open && !reading_) wait_readable();
  }
  void send(Bytes bytes);

  // The owner went: no further call.
  void close() {
    phase_ = Phase::closed;
    handlers_.reset();
    queue_.clear();
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

 private:
  enum class Phase { connecting, open, failed, closed };  // failed: on_close is on its way

  int try_connect(const Descriptor& socket);
  void take(Descriptor socket);
  void wait_connected();
  void wait_readable();
  void wait_writable();
  void connected();
  void readable();
  void write();
  void finish(std::string why);
  void finish_later(std::string why);

  stream_descriptor descriptor_;
  // A handler may replace or destroy its owner: each call holds them by a copy of this pointer.
  std::shared_ptr<StreamConnection::Handlers> handlers_ = std::make_shared<StreamConnection::Handlers>();
  std::deque<Bytes> queue_;
  std::size_t first_sent_ = 0;  // of queue_.front()
  std::size_t unsent_ = 0;
  Address local_, remote_;
  Phase phase_ = Phase::connecting;
  bool reading_ = false, writing_ = false;
};

void TcpState::take(Descriptor socket) {
  static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms_max,
                                 sizeof unacknowledged_ms_max));
  local_ = local_address(socket.get());
  descriptor_.assign(socket.release());
}

int TcpState::try_connect(const Descriptor& socket) {
  SystemAddress address;
  const auto length = to_system(remote_, address);
  if (::connect(socket.get(), &address.any, length) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}

void TcpState::connect(std::uint16_t port_min, std::uint16_t port_max, int dscp,
                       std::optional<IpAddress> ip) {
  const bool chosen = port_min != 0 || ip.has_value();
  Address local{ip.value_or(IpAddress{.family = remote_.ip.family}), 0};
  int error = EADDRINUSE;
  for (int port = port_min; port <= std::max(port_min, port_max); ++port) {
    // A connection in TIME_WAIT does not take the port from one to another peer; to the same peer
    // connect() then says EADDRNOTAVAIL, and the next port is tried.
    auto socket = open_socket(remote_.ip.family, {Kind::tcp, dscp, chosen});
    if (!socket) return finish_later(socket.error().text);
    local.port = static_cast<std::uint16_t>(port);
    error = chosen ? try_bind(socket->get(), local) : 0;
    if (error == 0) error = try_connect(*socket);
    if (error == 0) {
      take(std::move(*socket));
      return wait_connected();
    }
    if (error != EADDRINUSE && error != EADDRNOTAVAIL) break;
  }
  if (port_min != 0 && (error == EADDRINUSE || error == EADDRNOTAVAIL))
    return finish_later(fmt::format(
        "TCP to {}: the source ports {}-{} are all in use (a wider tcp_port_min and tcp_port_max helps)",
        remote_.to_string(), port_min, std::max(port_min, port_max)));
  finish_later(fmt::format("TCP to {}: {}", remote_.to_string(), error_text(error)));
}

void TcpState::wait_connected() {
  descriptor_.async_wait(stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           if (!error && self->phase_ == Phase::connecting) self->connected();
                         });
}

void TcpState::connected() {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) return finish(fmt::format("TCP to {}: {}", remote_.to_string(), error_text(error)));
  phase_ = Phase::open;
  local_ = local_address(descriptor_.native_handle());
  const auto handlers = handlers_;
  if (handlers->on_open) handlers->on_open(local_, remote_);
  if (phase_ != Phase::open) return;
  if (!reading_) wait_readable();
  if (!writing_) write();
}

void TcpState::wait_readable() {
  reading_ = true;
  descriptor_.async_wait(stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           if (!error && self->phase_ == Phase::open) self->readable();
                         });
}

void TcpState::readable() {
  // On the stack: ten thousand idle connections need no buffer each.
  char buffer[16384];
  const auto count = ::recv(descriptor_.native_handle(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (count == 0) return finish("the peer closed the connection");
  if (count < 0 && errno != EAGAIN && errno != EINTR) return finish(error_text(errno));
  const auto handlers = handlers_;
  if (count > 0 && handlers->on_receive)
    handlers->on_receive(std::string_view(buffer, static_cast<std::size_t>(count)));
  if (phase_ == Phase::open) wait_readable();  // fires at once when more is there
}

void TcpState::send(Bytes bytes) {
  if (phase_ == Phase::failed || phase_ == Phase::closed || bytes->empty()) return;
  if (unsent_ + bytes->size() > unsent_bytes_max)
    return finish_later(fmt::format("the peer does not read: {} bytes wait", unsent_ + bytes->size()));
  unsent_ += bytes->size();
  queue_.push_back(std::move(bytes));
  if (phase_ == Phase::open && !writing_) write();
}

void TcpState::write() {
  while (!queue_.empty()) {
    const auto& front = *queue_.front();
    const auto count = ::send(descriptor_.native_handle(), front.data() + first_sent_,
                              front.size() - first_sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return wait_writable();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return finish_later(error_text(errno));
    unsent_ -= static_cast<std::size_t>(count);
    first_sent_ += static_cast<std::size_t>(count);
    if (first_sent_ < front.size()) continue;
    queue_.pop_front();
    first_sent_ = 0;
  }
}

void TcpState::wait_writable() {
  writing_ = true;
  descriptor_.async_wait(stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           if (!error && self->phase_ == Phase::open) self->write();
                         });
}

void TcpState::finish(std::string why) {
  if (phase_ == Phase::closed) return;
  const auto handlers = handlers_;
  close();
  if (handlers->on_close) handlers->on_close(std::move(why));
}

// From inside a caller's send(): the bytes go nowhere any more, on_close is an event of its own.
void TcpState::finish_later(std::string why) {
  phase_ = Phase::failed;
  queue_.clear();
  asio::post(descriptor_.get_executor(),
             [self = shared_from_this(), why = std::move(why)]() mutable { self->finish(std::move(why)); });
}

class TcpConnection final : public StreamConnection {
 public:
  explicit TcpConnection(std::shared_ptr<TcpState> state) : state_(std::move(state)) {}
  ~TcpConnection() override { state_->close(); }
  void set_handlers(Handlers handlers) override { state_->set_handlers(std::move(handlers)); }
  void send(Bytes bytes) override { state_->send(std::move(bytes)); }
  [[nodiscard]] Address local() const override { return state_->local(); }
  [[nodiscard]] Address remote() const override { return state_->remote(); }

 private:
  std::shared_ptr<TcpState> state_;
};

}  // namespace

std::unique_ptr<StreamConnection> StreamConnection::connect(asio::io_context& io, const Address& to,
                                                            std::uint16_t local_port_min,
                                                            std::uint16_t local_port_max, Handlers handlers,
                                                            int dscp, std::optional<IpAddress> local_ip) {
  auto state = std::make_shared<TcpState>(io, to);
  state->set_handlers(std::move(handlers));
  state->connect(local_port_min, local_port_max, dscp, local_ip);
  return std::make_unique<TcpConnection>(std::move(state));
}

std::unique_ptr<StreamConnection> adopt_connection(asio::io_context& io, Descriptor socket,
                                                   const Address& remote) {
  auto state = std::make_shared<TcpState>(io, remote);
  state->adopt(std::move(socket));
  return std::make_unique<TcpConnection>(std::move(state));
}

}  // namespace sidetone::net
