#include "media/resampler.h"

#include <common_audio/resampler/include/push_resampler.h>

#include <algorithm>

#include "base/assert.h"
#include "media/library_scope.h"

namespace sidetone::media {

struct FrameResampler::Impl {
  webrtc::PushResampler<std::int16_t> push;
  int from_hz = 0, to_hz = 0;
};

bool is_resampler_rate(int rate_hz) {
  for (const int rate : {8000, 16000, 24000, 32000, 44100, 48000})
    if (rate == rate_hz) return true;
  return false;
}

FrameResampler::FrameResampler() : impl_(std::make_unique<Impl>()) {}
FrameResampler::~FrameResampler() = default;
FrameResampler::FrameResampler(FrameResampler&&) noexcept = default;
FrameResampler& FrameResampler::operator=(FrameResampler&&) noexcept = default;

void FrameResampler::set_rates(int from_hz, int to_hz) {
  if (impl_->from_hz == from_hz && impl_->to_hz == to_hz) return;
  const LibraryScope library;
  ST_ASSERT(is_resampler_rate(from_hz) && is_resampler_rate(to_hz));
  impl_->push.InitializeIfNeeded(from_hz, to_hz, 1);
  impl_->from_hz = from_hz;
  impl_->to_hz = to_hz;
}

void FrameResampler::run(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  ST_ASSERT(in.size() * 100 == static_cast<std::size_t>(impl_->from_hz));
  ST_ASSERT(out.size() * 100 >= static_cast<std::size_t>(impl_->to_hz));
  if (impl_->from_hz == impl_->to_hz) {
    std::copy(in.begin(), in.end(), out.begin());
    return;
  }
  const LibraryScope library;
  impl_->push.Resample(in.data(), in.size(), out.data(), out.size());
}

}  // namespace sidetone::media
