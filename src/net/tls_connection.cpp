#include "net/tls_connection.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

namespace sidetone::net {
namespace {

namespace asio = boost::asio;
using Bytes = std::shared_ptr<const std::string>;

constexpr std::size_t early_bytes_max = 1 << 20;  // as much as TCP keeps
constexpr int record_bytes_max = 16384;           // RFC 8446 §5.1

std::string words(const Error& error) {
  return error.remedy.empty() ? error.text : fmt::format("{} ({})", error.text, error.remedy);
}

}  // namespace

TlsConnectionState::TlsConnectionState(std::shared_ptr<TlsProfileState> profile, const Address& remote)
    : profile_(std::move(profile)), remote_(remote) {}

// --- beginning

void TlsConnectionState::when_loaded(void (TlsConnectionState::*go_on)()) {
  if (profile_->contexts) return (this->*go_on)();
  profile_->waiting.emplace_back([weak = weak_from_this(), go_on] {
    if (const auto self = weak.lock(); self && self->phase_ == Phase::waiting) ((*self).*go_on)();
  });
}

void TlsConnectionState::connect(Way way) {
  way_ = std::move(way);
  check_.wanted = way_.name;
  check_.check_name = profile_->settings.name_check == TlsNameCheck::host;
  check_.sessions = &profile_->sessions;
  when_loaded(&TlsConnectionState::begin_connect);
}

void TlsConnectionState::begin_connect() {
  if (!*profile_->contexts) return finish_later(profile_->contexts->error());
  tcp_ = StreamConnection::connect(profile_->io, way_.to, way_.port_min, way_.port_max, tcp_handlers(),
                                   way_.dscp, way_.local_ip);
}

void TlsConnectionState::connected() {
  begin((*profile_->contexts)->client.get());
  SSL_set_connect_state(ssl_.get());
  // RFC 6066 §3: a name, never an address.
  if (!IpAddress::parse(way_.name)) SSL_set_tlsext_host_name(ssl_.get(), way_.name.c_str());
  if (const auto session = profile_->sessions.take(way_.name)) SSL_set_session(ssl_.get(), session.get());
  work();
}

void TlsConnectionState::accept(std::unique_ptr<StreamConnection> tcp, OnHandshake on_handshake) {
  tcp_ = std::move(tcp);
  on_handshake_ = std::move(on_handshake);
  local_ = tcp_->local();
  check_.is_client = false;
  check_.refuse_unverified = profile_->settings.client_certificates == TlsClientCertificates::demand;
  when_loaded(&TlsConnectionState::begin_accept);
}

void TlsConnectionState::begin_accept() {
  if (!*profile_->contexts) return finish_later(profile_->contexts->error());
  begin((*profile_->contexts)->server.get());
  SSL_set_accept_state(ssl_.get());
  tcp_->set_handlers(tcp_handlers());
}

void TlsConnectionState::begin(SSL_CTX* context) {
  phase_ = Phase::handshake;
  ssl_.reset(SSL_new(context));
  from_peer_ = BIO_new(BIO_s_mem());
  to_peer_ = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(from_peer_, -1);  // empty means later, not the end
  SSL_set_bio(ssl_.get(), from_peer_, to_peer_);
  attach(*ssl_, check_);
}

// --- what TCP tells

// Raw: tcp_ is ours and calls nobody once it is destroyed.
StreamConnection::Handlers TlsConnectionState::tcp_handlers() {
  return {[this](const Address& local, const Address&) {
            const auto self = shared_from_this();
            local_ = local;
            connected();
          },
          [this](std::string_view bytes) { received(bytes); },
          [this](const std::string& why) { tcp_closed(why); }};
}

void TlsConnectionState::received(std::string_view bytes) {
  const auto self = shared_from_this();
  BIO_write(from_peer_, bytes.data(), static_cast<int>(bytes.size()));
  work();
}

void TlsConnectionState::tcp_closed(const std::string& why) {
  const auto self = shared_from_this();
  // SIP counts its bytes (Content-Length), so an end without close_notify can cut no message unnoticed.
  if (phase_ == Phase::open) return finish({Fault::io, Layer::net, why, {}});
  if (!ssl_) return finish({Fault::unreachable, Layer::net, why, {}});
  finish(handshake_cut(facts(), why));
}

// --- TLS

void TlsConnectionState::work() {
  if (phase_ == Phase::handshake && !shake_hands()) return;
  if (phase_ == Phase::open) read();
}

bool TlsConnectionState::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int error = SSL_get_error(ssl_.get(), result);
  flush();  // an alert, too
  if (phase_ != Phase::handshake) return false;
  if (result == 1) {
    established();
    return true;
  }
  if (error != SSL_ERROR_WANT_READ) finish(fault());
  return false;
}

void TlsConnectionState::established() {
  phase_ = Phase::open;
  if (SSL_get_verify_result(ssl_.get()) == X509_V_OK && !check_.fault)
    if (const X509* peer = SSL_get0_peer_certificate(ssl_.get())) peer_names_ = names_of(*peer).domains;
  if (on_handshake_) return std::exchange(on_handshake_, {})(std::nullopt);
  const auto handlers = handlers_;
  if (handlers->on_open) handlers->on_open(local_, remote_);
  while (phase_ == Phase::open && !early_.empty()) {
    const auto bytes = std::move(early_.front());
    early_.pop_front();
    send(bytes);
  }
}

void TlsConnectionState::read() {
  char buffer[record_bytes_max];
  while (phase_ == Phase::open && has_owner_) {
    ERR_clear_error();
    const int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (count > 0) {
      const auto handlers = handlers_;
      if (handlers->on_receive)
        handlers->on_receive(std::string_view(buffer, static_cast<std::size_t>(count)));
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), count);
    if (error == SSL_ERROR_WANT_READ) break;
    if (error == SSL_ERROR_ZERO_RETURN)
      return finish({Fault::io, Layer::net, "the peer closed the connection", {}});
    flush();
    // TLS 1.3: a server refuses our certificate only after the client's side of the handshake is over.
    return finish(fault());
  }
  if (phase_ == Phase::open) flush();  // answers to key updates
}

void TlsConnectionState::flush() {
  const auto size = BIO_ctrl_pending(to_peer_);
  if (size == 0 || !tcp_) return;
  auto bytes = std::make_shared<std::string>(size, '\0');
  BIO_read(to_peer_, bytes->data(), static_cast<int>(size));
  tcp_->send(std::move(bytes));
}

void TlsConnectionState::set_handlers(StreamConnection::Handlers handlers) {
  handlers_ = std::make_shared<StreamConnection::Handlers>(std::move(handlers));
  has_owner_ = true;
  if (phase_ != Phase::open) return;
  // What came with the end of the handshake waits in ssl_.
  asio::post(profile_->io, [self = shared_from_this()] { self->work(); });
}

void TlsConnectionState::send(Bytes bytes) {
  if (phase_ == Phase::failed || phase_ == Phase::closed || bytes->empty()) return;
  if (phase_ != Phase::open) {
    early_bytes_ += bytes->size();
    if (early_bytes_ > early_bytes_max)
      return finish_later({Fault::limit, Layer::net, "too much waits for the TLS handshake", {}});
    early_.push_back(std::move(bytes));
    return;
  }
  ERR_clear_error();
  if (SSL_write(ssl_.get(), bytes->data(), static_cast<int>(bytes->size())) <= 0)
    return finish_later(fault());
  flush();  // TCP bounds what waits
}

// --- ending

HandshakeFacts TlsConnectionState::facts() const {
  const auto& file = profile_->settings.certificate_file;
  return {check_.is_client, check_.asked_for_certificate, !file.empty(), file};
}

Error TlsConnectionState::fault() const {
  auto general = handshake_fault(facts());  // empties the queue in any case
  return check_.fault && check_.refuse_unverified ? *check_.fault : general;
}

void TlsConnectionState::close() {
  if (phase_ == Phase::open) {
    // RFC 5246 §7.2.1, RFC 5923 §8.3: said, not waited for.
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flush();
  }
  phase_ = Phase::closed;
  handlers_ = std::make_shared<StreamConnection::Handlers>();
  on_handshake_ = {};
  early_.clear();
  tcp_.reset();
}

void TlsConnectionState::finish(const Error& why) {
  if (phase_ == Phase::closed) return;
  if (phase_ != Phase::open && check_.is_client) profile_->sessions.remove(way_.name);
  const auto handlers = handlers_;
  auto on_handshake = std::exchange(on_handshake_, {});
  close();
  if (on_handshake) return on_handshake(why);
  if (handlers->on_close) handlers->on_close(words(why));
}

// From inside a caller's call: on_close is an event of its own.
void TlsConnectionState::finish_later(Error why) {
  phase_ = Phase::failed;
  asio::post(profile_->io, [self = shared_from_this(), why = std::move(why)] { self->finish(why); });
}

namespace {

class TlsConnection final : public StreamConnection {
 public:
  explicit TlsConnection(std::shared_ptr<TlsConnectionState> state) : state_(std::move(state)) {}
  ~TlsConnection() override { state_->close(); }
  void set_handlers(Handlers handlers) override { state_->set_handlers(std::move(handlers)); }
  void send(Bytes bytes) override { state_->send(std::move(bytes)); }
  [[nodiscard]] Address local() const override { return state_->local(); }
  [[nodiscard]] Address remote() const override { return state_->remote(); }
  [[nodiscard]] std::vector<std::string> peer_names() const override { return state_->peer_names(); }

 private:
  std::shared_ptr<TlsConnectionState> state_;
};

}  // namespace

std::unique_ptr<StreamConnection> own(std::shared_ptr<TlsConnectionState> state) {
  return std::make_unique<TlsConnection>(std::move(state));
}

}  // namespace sidetone::net
