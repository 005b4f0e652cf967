// Sends datagrams at a set rate from many addresses, and counts what comes back.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/socket.h"

namespace sidetone::flood {

struct Pace {
  double per_s = 10000;
  double seconds = 60;
};

struct Sent {
  std::uint64_t datagrams = 0, failed = 0;
  double begin_s = 0;  // of the monotonic clock
  double seconds = 0;
  std::map<std::string, std::uint64_t> answers;  // by status; "503 with Retry-After"
};

// One datagram: where to, and what. The bytes stay valid until the next one is asked for 64 times.
struct Datagram {
  Address to;
  std::span<const char> bytes;
};

class FloodSender {
 public:
  // Sources are `from` and the `count - 1` addresses behind it.
  static Expected<FloodSender> open(const Address& from, std::size_t count);
  // Datagrams leave when they are due, however slow the victim is. `make(n, from)` gives the n-th.
  Sent run(const Pace& pace, const std::function<Datagram(std::uint64_t, const Address&)>& make);

 private:
  static constexpr std::size_t batch = 64;
  void send_batch(std::uint64_t first, std::size_t count,
                  const std::function<Datagram(std::uint64_t, const Address&)>& make);
  void read_answers();

  struct Source {
    net::Descriptor socket;
    Address local;
  };
  std::vector<Source> sources_;
  std::size_t turn_ = 0;
  std::array<net::SystemAddress, batch> to_{};
  std::array<iovec, batch> pieces_{};
  std::array<mmsghdr, batch> messages_{};
  Sent sent_;
};

}  // namespace sidetone::flood
