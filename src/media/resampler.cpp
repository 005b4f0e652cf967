#include "media/resampler.h"

#include <common_audio/resampler/include/push_resampler.h>

#include <algorithm>
#include <variant>

#include "base/assert.h"
#include "media/library_scope.h"
#include "media/polyphase.h"

namespace sidetone::media {
namespace {

struct Copy {
  void run(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
    std::copy(in.begin(), in.end(), out.begin());
  }
};

// What is no whole ratio: sound files of 32 and 44.1 kHz.
struct Fractional {
  std::unique_ptr<webrtc::PushResampler<std::int16_t>> push;
  void run(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
    const LibraryScope library;
    push->Resample(in.data(), in.size(), out.data(), out.size());
  }
};

using Method = std::variant<Copy, Upsampler, Downsampler, Fractional>;

Method choose(int from_hz, int to_hz) {
  if (from_hz == to_hz) return Copy{};
  if (to_hz % from_hz == 0 && to_hz / from_hz <= ratio_max) return Upsampler(to_hz / from_hz);
  if (from_hz % to_hz == 0 && from_hz / to_hz <= ratio_max) return Downsampler(from_hz / to_hz);
  auto push = std::make_unique<webrtc::PushResampler<std::int16_t>>();
  push->InitializeIfNeeded(from_hz, to_hz, 1);
  return Fractional{std::move(push)};
}

}  // namespace

struct FrameResampler::Impl {
  Method method;
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
  impl_->method = choose(from_hz, to_hz);
  impl_->from_hz = from_hz;
  impl_->to_hz = to_hz;
}

void FrameResampler::run(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  ST_ASSERT(in.size() * 100 == static_cast<std::size_t>(impl_->from_hz));
  ST_ASSERT(out.size() * 100 >= static_cast<std::size_t>(impl_->to_hz));
  std::visit([&](auto& method) { method.run(in, out); }, impl_->method);
}

}  // namespace sidetone::media
