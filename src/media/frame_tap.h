// Both directions of a call, 10 ms by 10 ms, from the media thread to one reader: what we said and what we
// heard. Neither side locks or waits; a reader that is too slow loses frames, and knows how many.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "media/audio_stream.h"
#include "media/sample_ring.h"

namespace sidetone::media {

class FrameTap {
 public:
  explicit FrameTap(std::size_t frames_max) : ring_(frames_max * both) {}

  // The media thread.
  void put(const Frame& said, const Frame& heard) {
    if (!ring_.has_room(both)) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    ring_.write(said);
    ring_.write(heard);
  }
  // The reader. False: nothing is there yet.
  bool take(Frame& said, Frame& heard) {
    if (ring_.size() < both) return false;
    ring_.read(said);
    ring_.read(heard);
    return true;
  }
  // The reader has gone: nothing more is put in.
  void close() { closed_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool is_closed() const { return closed_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t both = 2 * frame_samples;
  SampleRing ring_;
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace sidetone::media
