// Packets in as the network delivers them, 10 ms of sound out on every tick: WebRTC's NetEq behind our own
// checks. One thread, one call.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/time.h"
#include "codec/audio_format.h"
#include "media/audio_stream.h"
#include "rtp/packet.h"

namespace sidetone::media {

class JitterBuffer {
 public:
  JitterBuffer(Time now, std::shared_ptr<const G729Module> g729, std::chrono::milliseconds delay_min = {});
  ~JitterBuffer();

  void set_formats(const std::vector<codec::AudioFormat>& formats);
  // The payload type is one of set_formats(). An empty payload is ignored.
  void insert(const rtp::Packet& packet, Time now);
  // The sequence number went to something that is not played (telephone-event).
  void skip(const rtp::Packet& packet, Time now);
  void flush();

  enum class Heard { normal, concealed, noise, silent };
  Heard get(Frame& heard, Time now);

  struct Counts {
    std::uint64_t packets_discarded = 0;  // too late, or flushed
    // Sums over all samples that were played; their quotient is the mean delay, of any stretch of time.
    std::uint64_t delay_ms_sum = 0, target_ms_sum = 0, emitted = 0;
    [[nodiscard]] std::chrono::microseconds mean_delay(const Counts& since) const;
    [[nodiscard]] std::chrono::microseconds mean_target(const Counts& since) const;
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
