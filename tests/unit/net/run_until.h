// Runs an io_context until a condition holds; a deadline instead of a sleep.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

#include "base/address.h"

namespace sidetone::net {

inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
                      std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    if (io.stopped()) io.restart();
    io.run_one_for(std::chrono::milliseconds(50));
  }
  return true;
}

inline Address any_port(std::string_view ip) { return {IpAddress::parse(ip).value(), 0}; }

}  // namespace sidetone::net
