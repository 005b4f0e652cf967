#include "media/packet_watch.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

namespace sidetone::media {

PacketWatch::PacketWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

PacketWatch::~PacketWatch() {
  if (epoll_ >= 0) ::close(epoll_);
}

void PacketWatch::add(CallAudio& call, const PacketPort& port) {
  const auto descriptors = port.descriptors();
  bool watched = epoll_ >= 0;
  for (std::size_t i = 0; i < descriptors.size() && watched; ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = reinterpret_cast<Mark>(&call) | i;
    watched = descriptors[i] >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptors[i], &event) == 0;
  }
  if (watched)
    watched_ += descriptors.size();
  else if (std::find(unwatched_.begin(), unwatched_.end(), &call) == unwatched_.end())
    unwatched_.push_back(&call);
}

void PacketWatch::remove(const CallAudio& call) { std::erase(unwatched_, &call); }

std::span<const PacketWatch::Mark> PacketWatch::look() {
  if (epoll_ < 0) return {};
  std::array<epoll_event, marks_max> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i)
    marks_[static_cast<std::size_t>(i)] = events[static_cast<std::size_t>(i)].data.u64;
  return std::span(marks_).first(static_cast<std::size_t>(std::max(count, 0)));
}

}  // namespace sidetone::media
