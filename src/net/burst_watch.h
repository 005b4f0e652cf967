// A descriptor of the kernel that tells of changes (inotify, netlink): what comes in a burst is told once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "net/socket.h"

namespace sidetone::net {

struct BurstRules {
  std::chrono::milliseconds wait;  // between a change and its telling
  enum class From : std::uint8_t { first_change, last_change } from = From::first_change;
};

// Shared with what it waits for: it may be closed, and let go of, by whom it tells.
class BurstWatch : public std::enable_shared_from_this<BurstWatch> {
 public:
  // `read` takes what the descriptor, which does not block, has to tell, and says whether that is a change.
  BurstWatch(boost::asio::io_context& io, Descriptor descriptor, BurstRules rules,
             std::function<bool(int descriptor)> read, std::function<void()> on_change);
  void start();
  void close();  // nothing is told from here on

 private:
  void readable();
  void tell_later();

  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer settle_;
  BurstRules rules_;
  std::function<bool(int)> read_;
  std::function<void()> on_change_;
  bool settling_ = false;
};

}  // namespace sidetone::net
