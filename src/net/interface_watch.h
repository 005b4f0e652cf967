// Tells when interfaces, addresses or routes change: netlink, no polling. What comes in a burst (a cable, a
// wireless network that changes) is told once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "net/interfaces.h"

namespace sidetone::net {

class InterfaceWatch {
 public:
  using OnChange = std::function<void(NetworkFacts)>;
  // Null where the kernel gives no such socket: the facts then stay as they were. `known`: only what differs
  // from it is told.
  static std::unique_ptr<InterfaceWatch> start(boost::asio::io_context& io, NetworkFacts known,
                                               OnChange on_change);
  virtual ~InterfaceWatch() = default;
};

}  // namespace sidetone::net
