#include "net/tls_listener.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <unordered_map>

#include "net/tls_connection.h"

namespace sidetone::net {
namespace {

using Clock = std::chrono::steady_clock;

// Bounds: each costs some 40 kB and, when the peer goes on, a millisecond of signing. One address may not
// take all of it; a flood from many addresses pushes out its own oldest ones first.
constexpr std::size_t handshakes_max = 128;
constexpr std::size_t handshakes_per_address_max = 16;

class TlsListenerState : public std::enable_shared_from_this<TlsListenerState> {
 public:
  TlsListenerState(std::shared_ptr<TlsProfileState> profile, StreamListener::OnAccept on_accept,
                   TlsProfile::OnRefused on_refused)
      : profile_(std::move(profile)),
        timer_(profile_->io),
        on_accept_(std::move(on_accept)),
        on_refused_(std::move(on_refused)) {}

  void accept(std::unique_ptr<StreamConnection> tcp);
  void close() {
    is_closed_ = true;
    timer_.cancel();
    for (auto& handshake : std::exchange(handshakes_, {})) handshake.connection->close();
  }

 private:
  struct Handshake {
    std::shared_ptr<TlsConnectionState> connection;
    Clock::time_point until;
  };
  using Place = std::list<Handshake>::iterator;

  void finished(Place place, const std::optional<Error>& fault);
  std::shared_ptr<TlsConnectionState> take(Place place);
  void refuse(Place place, std::string why);
  void refused(const Address& remote, const Error& why) {
    if (on_refused_) on_refused_(remote, why);
  }
  void arm();

  std::shared_ptr<TlsProfileState> profile_;
  boost::asio::steady_timer timer_;  // armed only while there are handshakes
  StreamListener::OnAccept on_accept_;
  TlsProfile::OnRefused on_refused_;
  std::list<Handshake> handshakes_;  // oldest first
  std::unordered_map<Address, std::size_t> per_address_;
  bool is_armed_ = false, is_closed_ = false;
};

Address host_of(const Address& address) { return {address.ip, 0}; }

void TlsListenerState::accept(std::unique_ptr<StreamConnection> tcp) {
  const auto remote = tcp->remote();
  if (const auto found = per_address_.find(host_of(remote));
      found != per_address_.end() && found->second >= handshakes_per_address_max)
    return refused(remote, {Fault::limit,
                            Layer::net,
                            fmt::format("{} TLS handshakes of this address are unfinished", found->second),
                            {}});
  if (handshakes_.size() >= handshakes_max)
    refuse(handshakes_.begin(), "too many TLS handshakes are unfinished, and this is the oldest");
  auto connection = std::make_shared<TlsConnectionState>(profile_, remote);
  ++per_address_[host_of(remote)];
  const auto place =
      handshakes_.insert(handshakes_.end(), {connection, Clock::now() + profile_->settings.handshake_max});
  arm();
  connection->accept(std::move(tcp), [weak = weak_from_this(), place](const std::optional<Error>& fault) {
    if (const auto self = weak.lock(); self && !self->is_closed_) self->finished(place, fault);
  });
}

std::shared_ptr<TlsConnectionState> TlsListenerState::take(Place place) {
  auto connection = std::move(place->connection);
  handshakes_.erase(place);
  const auto count = per_address_.find(host_of(connection->remote()));
  if (count != per_address_.end() && --count->second == 0) per_address_.erase(count);
  return connection;
}

void TlsListenerState::finished(Place place, const std::optional<Error>& fault) {
  auto connection = take(place);
  if (fault) return refused(connection->remote(), *fault);
  on_accept_(own(std::move(connection)));
}

void TlsListenerState::refuse(Place place, std::string why) {
  const auto connection = take(place);
  connection->close();
  refused(connection->remote(), {Fault::limit, Layer::net, std::move(why), {}});
}

void TlsListenerState::arm() {
  if (is_armed_ || handshakes_.empty() || is_closed_) return;
  is_armed_ = true;
  timer_.expires_at(handshakes_.front().until);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error) return;
    self->is_armed_ = false;
    while (!self->handshakes_.empty() && self->handshakes_.front().until <= Clock::now())
      self->refuse(self->handshakes_.begin(), fmt::format("the TLS handshake was not over within {} ms",
                                                          self->profile_->settings.handshake_max.count()));
    self->arm();
  });
}

class TlsListener final : public StreamListener {
 public:
  TlsListener(std::shared_ptr<TlsListenerState> state, std::unique_ptr<StreamListener> tcp)
      : state_(std::move(state)), tcp_(std::move(tcp)) {}
  ~TlsListener() override { state_->close(); }
  [[nodiscard]] Address local() const override { return tcp_->local(); }

 private:
  std::shared_ptr<TlsListenerState> state_;
  std::unique_ptr<StreamListener> tcp_;
};

}  // namespace

Expected<std::unique_ptr<StreamListener>> listen_tls(std::shared_ptr<TlsProfileState> profile,
                                                     const Address& local, StreamListener::OnAccept on_accept,
                                                     TlsProfile::OnRefused on_refused, int dscp) {
  auto& io = profile->io;
  auto state =
      std::make_shared<TlsListenerState>(std::move(profile), std::move(on_accept), std::move(on_refused));
  auto tcp = StreamListener::listen(
      io, local,
      [state](std::unique_ptr<StreamConnection> connection) { state->accept(std::move(connection)); }, dscp);
  if (!tcp) return tl::make_unexpected(std::move(tcp.error()));
  return std::make_unique<TlsListener>(std::move(state), std::move(*tcp));
}

}  // namespace sidetone::net
