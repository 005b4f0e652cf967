// rx_agc_mode: callers are about equally loud, whatever their microphones do. WebRTC's adaptive digital gain
// control with its limiter.
#pragma once

#include <memory>

#include "media/audio_stream.h"

namespace sidetone::media {

class ReceiveGain {
 public:
  ReceiveGain();  // allocates; not for the tick
  ~ReceiveGain();
  void level(Frame& frame);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
