// The SDK's side of a media::FrameTap.
#pragma once

#include <memory>

#include "media/frame_tap.h"
#include "sidetone/audio_tap.h"

namespace sidetone {

class AudioTap::Impl {
 public:
  explicit Impl(std::shared_ptr<media::FrameTap> tap) : tap_(std::move(tap)) {}
  ~Impl() { tap_->close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  [[nodiscard]] media::FrameTap& tap() { return *tap_; }

 private:
  std::shared_ptr<media::FrameTap> tap_;
};

}  // namespace sidetone
