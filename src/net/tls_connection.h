// TLS over a StreamConnection of TCP, which keeps its sockets, ports and bounds: OpenSSL works on memory, so
// nothing blocks, and everything stays on the io_context's thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/stream_socket.h"
#include "net/tls_faults.h"
#include "net/tls_profile_state.h"

namespace sidetone::net {

class TlsConnectionState : public std::enable_shared_from_this<TlsConnectionState> {
 public:
  struct Way {
    Address to;
    std::string name;
    std::uint16_t port_min, port_max;
    int dscp;
    std::optional<IpAddress> local_ip;
  };
  // Error: the handshake failed. Called once; the state may be destroyed in it.
  using OnHandshake = std::function<void(std::optional<Error>)>;

  TlsConnectionState(std::shared_ptr<TlsProfileState> profile, const Address& remote);

  void connect(Way way);
  void accept(std::unique_ptr<StreamConnection> tcp, OnHandshake on_handshake);
  void set_handlers(StreamConnection::Handlers handlers);
  void send(std::shared_ptr<const std::string> bytes);
  void close();  // the owner went: no further call

  [[nodiscard]] Address local() const { return local_; }
  [[nodiscard]] Address remote() const { return remote_; }
  [[nodiscard]] const std::vector<std::string>& peer_names() const { return peer_names_; }

 private:
  enum class Phase { waiting, handshake, open, failed, closed };  // failed: on_close is on its way

  void when_loaded(void (TlsConnectionState::*go_on)());
  void begin_connect();
  void begin_accept();
  void begin(SSL_CTX* context);
  void connected();
  StreamConnection::Handlers tcp_handlers();
  void received(std::string_view bytes);
  void tcp_closed(const std::string& why);
  void work();
  bool shake_hands();
  void established();
  void read();
  void flush();
  [[nodiscard]] HandshakeFacts facts() const;
  [[nodiscard]] Error fault() const;
  void finish(const Error& why);
  void finish_later(Error why);

  std::shared_ptr<TlsProfileState> profile_;
  Address local_, remote_;
  Way way_{};
  std::unique_ptr<StreamConnection> tcp_;
  TlsPeerCheck check_;
  openssl::Ssl ssl_;  // behind `check_`, to which it points
  BIO* from_peer_ = nullptr;
  BIO* to_peer_ = nullptr;
  std::shared_ptr<StreamConnection::Handlers> handlers_ = std::make_shared<StreamConnection::Handlers>();
  OnHandshake on_handshake_;
  std::deque<std::shared_ptr<const std::string>> early_;  // sent before it is open
  std::size_t early_bytes_ = 0;
  std::vector<std::string> peer_names_;
  Phase phase_ = Phase::waiting;
  bool has_owner_ = false;  // an accepted connection is read from then on
};

[[nodiscard]] std::unique_ptr<StreamConnection> own(std::shared_ptr<TlsConnectionState> state);

}  // namespace sidetone::net
