// Where the device's real-time thread and the media thread meet: rings of samples both ways, and a pipe that
// wakes the media thread. The real-time side neither locks nor allocates nor waits. The rings have the
// device's rate; the media thread's side turns it into ours.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/expected.h"
#include "media/audio_stream.h"
#include "media/resampler.h"
#include "media/sample_ring.h"

namespace sidetone::media {

class DeviceExchange {
 public:
  DeviceExchange() = default;
  ~DeviceExchange();
  DeviceExchange(const DeviceExchange&) = delete;
  DeviceExchange& operator=(const DeviceExchange&) = delete;
  Expected<void> open(int rate_hz = mix_rate_hz);  // one of is_resampler_rate()

  // The real-time thread, with any number of frames. `in` null: there is no microphone; `out` null: no
  // speaker.
  void exchange(const std::int16_t* in, std::int16_t* out, std::size_t frames);

  // The media thread.
  [[nodiscard]] int descriptor() const { return wake_[0]; }
  bool record(Frame& frame);
  // Times that the device asked for more than was there, since it was first given something.
  [[nodiscard]] std::uint64_t underruns() const { return underruns_.load(std::memory_order_relaxed); }
  void play(const Frame& frame);

 private:
  [[nodiscard]] std::size_t surplus();
  bool take(Frame& frame);

  static constexpr std::size_t ring_samples = 9600;  // 200 ms: a callback asks for at most some 25
  std::size_t samples_ = frame_samples;              // in 10 ms of the device
  FrameResampler to_ours_, to_device_;
  Frame at_device_rate_{};
  SampleRing recorded_{ring_samples}, to_play_{ring_samples};
  std::array<int, 2> wake_{-1, -1};
  std::size_t since_wake_ = 0;
  bool plays_ = false;
  // The least that a callback has left to play since the media thread looked last.
  std::atomic<std::size_t> least_left_{ring_samples};
  std::size_t frames_since_look_ = 0, surplus_ = 0;
  std::atomic<std::uint64_t> underruns_{0};
};

}  // namespace sidetone::media
