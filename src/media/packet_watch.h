// Which calls' ports have packets, asked once a tick and for all calls at once. It does not wake the media
// thread: sound is needed at its time only, and a wake-up for each packet costs more than all else about it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/packet_port.h"

namespace sidetone::media {

class CallAudio;

class PacketWatch {
 public:
  PacketWatch();
  ~PacketWatch();
  PacketWatch(const PacketWatch&) = delete;
  PacketWatch& operator=(const PacketWatch&) = delete;

  // Until the port closes its descriptors. One without descriptors, and one that the system takes no more of,
  // counts as readable at all times.
  void add(CallAudio& call, const PacketPort& port);
  void remove(const CallAudio& call);

  // Calls `use(call, readable)` for each that has something.
  template <typename Use>
  void each_readable(const Use& use) {
    for (auto* call : unwatched_) use(*call, ReadablePorts{});
    for (auto rounds = rounds_max(); rounds > 0; --rounds) {
      const auto marks = look();
      for (const auto mark : marks) use(call_of(mark), ports_of(mark));
      if (marks.size() < marks_max) return;
    }
  }

 private:
  // A call's address; its lowest bit is free and says that RTCP is meant.
  using Mark = std::uint64_t;
  static constexpr std::size_t marks_max = 64;
  static CallAudio& call_of(Mark mark) { return *reinterpret_cast<CallAudio*>(mark & ~Mark{1}); }
  static ReadablePorts ports_of(Mark mark) { return {(mark & 1) == 0, (mark & 1) != 0}; }
  [[nodiscard]] std::span<const Mark> look();
  // A port that is never emptied must not hold up the tick.
  [[nodiscard]] std::size_t rounds_max() const { return watched_ / marks_max + 2; }

  int epoll_ = -1;
  std::size_t watched_ = 0;  // descriptors, those that were closed again included
  std::vector<CallAudio*> unwatched_;
  std::array<Mark, marks_max> marks_{};
};

}  // namespace sidetone::media
