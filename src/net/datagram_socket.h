// UDP on Boost.Asio: bytes with addresses, no SIP knowledge.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::net {

class DatagramSocket {
 public:
  // `at`: the local address that it was sent to, also on a socket that is bound to all of them.
  using OnReceive = std::function<void(const Address& from, const IpAddress& at, std::string bytes)>;
  using OnError = std::function<void(const Address& to, std::string why)>;  // ICMP errors, failed sends

  // Port 0: any. A busy port gives Fault::busy with the port in the text.
  static Expected<std::unique_ptr<DatagramSocket>> bind(boost::asio::io_context& io, const Address& local,
                                                        int dscp, OnReceive on_receive, OnError on_error);
  // The first free port of a range.
  static Expected<std::unique_ptr<DatagramSocket>> bind_range(boost::asio::io_context& io,
                                                              const IpAddress& ip, std::uint16_t port_min,
                                                              std::uint16_t port_max, int dscp,
                                                              OnReceive on_receive, OnError on_error);
  virtual ~DatagramSocket() = default;
  [[nodiscard]] virtual Address local() const = 0;
  // A socket that is bound to all addresses sends from `from`; unspecified: the route chooses.
  virtual void send(const Address& to, std::shared_ptr<const std::string> bytes,
                    const IpAddress& from = {}) = 0;
};

}  // namespace sidetone::net
