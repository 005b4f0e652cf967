#include "flood_sender.h"

#include <algorithm>
#include <thread>

namespace sidetone::flood {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Address behind(Address address, std::size_t steps) {
  auto& last = address.ip.bytes[address.ip.is_v4() ? 3 : 15];
  last = static_cast<std::uint8_t>(last + steps);
  return address;
}

}  // namespace

Expected<FloodSender> FloodSender::open(const Address& from, std::size_t count) {
  FloodSender sender;
  for (std::size_t i = 0; i < count; ++i) {
    auto socket = net::bind_socket(behind(from, i), {});
    if (!socket) return tl::make_unexpected(std::move(socket.error()));
    const Address local = net::local_address(socket->get());
    sender.sources_.push_back({std::move(*socket), local});
  }
  return sender;
}

Sent FloodSender::run(const Pace& pace, const std::function<Datagram(std::uint64_t, const Address&)>& make) {
  sent_ = {};
  const auto begin = Clock::now();
  std::uint64_t made = 0;
  while (true) {
    const double since = seconds_since(begin);
    const auto due = static_cast<std::uint64_t>(std::min(since, pace.seconds) * pace.per_s);
    // What could not leave in time leaves late: a generator that is starved says so by its duration.
    for (; made < due; made += std::min<std::uint64_t>(batch, due - made))
      send_batch(made, static_cast<std::size_t>(std::min<std::uint64_t>(batch, due - made)), make);
    read_answers();
    if (since >= pace.seconds) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  sent_.begin_s = std::chrono::duration<double>(begin.time_since_epoch()).count();
  sent_.seconds = seconds_since(begin);
  return sent_;
}

void FloodSender::send_batch(std::uint64_t first, std::size_t count,
                             const std::function<Datagram(std::uint64_t, const Address&)>& make) {
  const Source& source = sources_[turn_++ % sources_.size()];
  for (std::size_t i = 0; i < count; ++i) {
    const Datagram datagram = make(first + i, source.local);
    pieces_[i] = {const_cast<char*>(datagram.bytes.data()), datagram.bytes.size()};  // sendmmsg only reads it
    auto& header = messages_[i].msg_hdr;
    header = {};
    header.msg_namelen = net::to_system(datagram.to, to_[i]);
    header.msg_name = &to_[i];
    header.msg_iov = &pieces_[i];
    header.msg_iovlen = 1;
  }
  std::size_t done = 0;
  while (done < count) {
    const int sent =
        ::sendmmsg(source.socket.get(), &messages_[done], static_cast<unsigned>(count - done), 0);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      sent_.datagrams += static_cast<std::uint64_t>(sent);
    } else {  // a pending ICMP error, or no room
      ++done;
      ++sent_.failed;
    }
  }
}

void FloodSender::read_answers() {
  std::array<char, 2048> bytes;
  for (const auto& source : sources_) {
    for (int i = 0; i < 1000; ++i) {  // then the next batch is due
      const auto size = ::recv(source.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (size <= 0) break;
      const std::string_view text(bytes.data(), static_cast<std::size_t>(size));
      if (text.rfind("SIP/2.0 ", 0) != 0) continue;
      std::string status(text.substr(8, 3));
      if (text.find("\r\nRetry-After:") != std::string_view::npos) status += " with Retry-After";
      ++sent_.answers[status];
    }
  }
}

}  // namespace sidetone::flood
