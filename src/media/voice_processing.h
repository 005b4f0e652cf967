// What becomes of the microphone before any call hears it: echo control, noise suppression and gain control
// of WebRTC (AEC3, NS, AGC1). One for the device, whatever the number of calls; touched by the media thread
// only.
#pragma once

#include <memory>

#include "device/voice_settings.h"
#include "media/audio_stream.h"

namespace sidetone::media {

class VoiceProcessing {
 public:
  VoiceProcessing();
  ~VoiceProcessing();
  VoiceProcessing(const VoiceProcessing&) = delete;
  VoiceProcessing& operator=(const VoiceProcessing&) = delete;

  // At any time: what the echo canceller has learnt stays. Nothing wanted: nothing is computed, nothing kept.
  void apply(const device::VoiceSettings& settings);
  // In the order of time: what was recorded, then what is played after it.
  void capture(Frame& microphone);
  void played(const Frame& speaker);

 private:
  struct Impl;
  device::VoiceSettings settings_;
  std::unique_ptr<Impl> impl_;  // null: nothing is wanted
};

}  // namespace sidetone::media
