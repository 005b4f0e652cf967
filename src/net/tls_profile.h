// One set of TLS settings in use: connections and listeners with the same certificates, trust and sessions.
//
//   TlsProfile profile(io, settings);
//   auto connection = profile.connect(address, "sip.example.com", 0, 0, handlers);
//
// Nothing of OpenSSL is touched before the first connection or listener; the files and the trust store are
// then read by a thread of their own, and connections wait for that.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "net/stream_socket.h"
#include "net/tls_settings.h"

namespace sidetone::net {

struct TlsProfileState;

class TlsProfile {
 public:
  TlsProfile(boost::asio::io_context& io, TlsSettings settings);
  ~TlsProfile();  // connections may outlive it
  TlsProfile(const TlsProfile&) = delete;
  TlsProfile& operator=(const TlsProfile&) = delete;

  // As StreamConnection::connect(); on_open comes after the handshake, in which the server proved `name`. The
  // caller bounds the time by destroying it.
  std::unique_ptr<StreamConnection> connect(const Address& to, const std::string& name,
                                            std::uint16_t local_port_min, std::uint16_t local_port_max,
                                            StreamConnection::Handlers handlers, int dscp = 0,
                                            std::optional<IpAddress> local_ip = std::nullopt);

  // Handshakes are over when `on_accept` gets a connection; their number and time are bounded here. A fault
  // of our own certificate is found at once. `on_refused` tells of each peer whose handshake failed.
  using OnRefused = std::function<void(const Address& remote, const Error& why)>;
  Expected<std::unique_ptr<StreamListener>> listen(const Address& local, StreamListener::OnAccept on_accept,
                                                   OnRefused on_refused, int dscp = 0);

  // Things to tell an administrator once, after loading: our own certificate has expired.
  void set_on_warning(std::function<void(const Error&)> on_warning);

 private:
  void load();

  std::shared_ptr<TlsProfileState> state_;
  std::thread loader_;
};

}  // namespace sidetone::net
