// Which packets of one source have come: each sequence number once, whatever is late, doubled or repaired.
// What can still come waits in a window; behind it the fate of a packet is settled and counted.
#pragma once

#include <bitset>
#include <cstdint>

#include "rtp/loss_bursts.h"

namespace sidetone::rtp {

class Arrivals {
 public:
  // 2.5 s of 20 ms packets: significantly more lateness than a jitter buffer allows (RFC 3611 §4.7.1), and
  // beyond it Reception believes in a restart.
  static constexpr std::size_t window = 128;

  enum class Kind {
    newest,
    late,       // between others that are here
    duplicate,  // it was here before, itself or as redundancy
    too_late,   // it counts as lost already
  };
  Kind note(std::uint16_t sequence);
  // Another start of the sequence: what was in the window is settled.
  void restart(std::uint16_t sequence);
  // The content of a missing packet came as redundancy (RFC 2198). False: it is here already, or settled.
  bool repair(std::uint16_t sequence);
  // The jitter buffer threw away so many: the late ones first, then the newest.
  void discard(std::uint64_t count);

  [[nodiscard]] LossBursts so_far() const;  // with the window as it is
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t repaired() const { return repaired_; }

 private:
  void settle(std::size_t age, LossBursts& into) const;
  void advance(std::size_t count);

  bool started_ = false;
  std::uint16_t newest_ = 0;
  std::size_t filled_ = 0;                           // places of the window that mean something
  std::bitset<window> here_, was_late_, discarded_;  // by age: 0 is the newest
  LossBursts settled_;
  std::uint64_t duplicates_ = 0, repaired_ = 0;
};

}  // namespace sidetone::rtp
