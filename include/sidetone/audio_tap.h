/// @file audio_tap.h
/// The sound of a running call in real time, for transcription, analysis or a recorder of one's own.
///
/// @code
/// auto tap = endpoint.tap(call);
/// sidetone::AudioFrame frame;
/// while (is_wanted())
///   if (tap->read(frame))
///     recognizer.feed(frame.heard, frame.said);
///   else
///     std::this_thread::sleep_for(std::chrono::milliseconds(20));
/// @endcode
///
/// Threading: one thread reads. It never holds up the call: what is not read within a second is lost, and
/// lost() counts it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "sidetone/export.h"

namespace sidetone {

/// 10 ms of both directions: PCM 16 bit, mono, 48 kHz, whatever the call's codec.
struct AudioFrame {
  std::array<std::int16_t, 480>
      said;  ///< what leaves: after processing and mute; zeros while nothing may leave
  std::array<std::int16_t, 480> heard;  ///< what arrived: after the jitter buffer
};

class SIDETONE_API AudioTap {
 public:
  class Impl;
  explicit AudioTap(std::unique_ptr<Impl> impl);
  ~AudioTap();
  AudioTap(const AudioTap&) = delete;
  AudioTap& operator=(const AudioTap&) = delete;

  /// The next 10 ms. False: not there yet, or the call has ended.
  [[nodiscard]] bool read(AudioFrame& frame);
  /// Frames that came while a second's worth waited unread.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone
