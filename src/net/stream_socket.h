// Connections of bytes on Boost.Asio: TCP here, TLS over it by a TlsProfile (tls_profile.h).
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::net {

class StreamConnection {
 public:
  struct Handlers {
    std::function<void(const Address& local, const Address& remote)> on_open;  // outgoing only
    std::function<void(std::string_view bytes)> on_receive;
    std::function<void(std::string why)> on_close;  // once, the last call
  };
  // Ports 0 and 0: any. Failures come later, as on_close. Without `local_ip` the routing table chooses.
  static std::unique_ptr<StreamConnection> connect(boost::asio::io_context& io, const Address& to,
                                                   std::uint16_t local_port_min, std::uint16_t local_port_max,
                                                   Handlers handlers, int dscp = 0,
                                                   std::optional<IpAddress> local_ip = std::nullopt);
  virtual ~StreamConnection() = default;             // closes, no further call
  virtual void set_handlers(Handlers handlers) = 0;  // an accepted connection is read from then on
  virtual void send(
      std::shared_ptr<const std::string> bytes) = 0;  // queued; over 1 MB unsent the connection closes
  [[nodiscard]] virtual Address local() const = 0;
  [[nodiscard]] virtual Address remote() const = 0;
  // TLS: the SIP domains in the peer's verified certificate (RFC 5922 §7.1); none without one.
  [[nodiscard]] virtual std::vector<std::string> peer_names() const { return {}; }
};

class StreamListener {
 public:
  using OnAccept = std::function<void(std::unique_ptr<StreamConnection>)>;
  static Expected<std::unique_ptr<StreamListener>> listen(boost::asio::io_context& io, const Address& local,
                                                          OnAccept on_accept, int dscp = 0);
  virtual ~StreamListener() = default;
  [[nodiscard]] virtual Address local() const = 0;
};

}  // namespace sidetone::net
