// Fixed places for what a stream produces within one tick, so that the tick allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "media/audio_stream.h"

namespace sidetone::media {

class Outbox {
 public:
  // Nothing when full: one tick makes at most one RTP packet and two reports (report and BYE); one place
  // is over.
  OutgoingPacket* add() { return count_ < places_.size() ? &places_[count_++] : nullptr; }
  [[nodiscard]] std::span<const OutgoingPacket> packets() const { return std::span(places_).first(count_); }
  void clear() { count_ = sealed_ = 0; }

  // Gives each packet once to `protect`; those for which it says false do not leave.
  template <typename Protect>
  void seal(const Protect& protect) {
    while (sealed_ < count_) {
      if (protect(places_[sealed_])) {
        ++sealed_;
        continue;
      }
      for (std::size_t i = sealed_ + 1; i < count_; ++i) places_[i - 1] = places_[i];
      --count_;
    }
  }

 private:
  std::array<OutgoingPacket, 4> places_{};
  std::size_t count_ = 0, sealed_ = 0;
};

class EventRing {
 public:
  // The oldest stay when full: a flood of one kind must not hide what came before.
  void push(const StreamEvent& event) {
    if (count_ < places_.size()) places_[(first_ + count_++) % places_.size()] = event;
  }
  std::optional<StreamEvent> pop() {
    if (count_ == 0) return std::nullopt;
    const auto event = places_[first_];
    first_ = (first_ + 1) % places_.size();
    --count_;
    return event;
  }

 private:
  std::array<StreamEvent, 32> places_{};
  std::size_t first_ = 0, count_ = 0;
};

}  // namespace sidetone::media
