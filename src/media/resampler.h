// 10 ms mono frames from one rate to another.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace sidetone::media {

// Rates whose 10 ms are a whole number of samples and that WebRTC's resampler takes.
[[nodiscard]] bool is_resampler_rate(int rate_hz);

class FrameResampler {
 public:
  FrameResampler();
  ~FrameResampler();
  FrameResampler(FrameResampler&&) noexcept;
  FrameResampler& operator=(FrameResampler&&) noexcept;

  // Cheap when nothing changed; else allocates inside a LibraryScope.
  void set_rates(int from_hz, int to_hz);
  // `in` is 10 ms at the one rate, `out` 10 ms at the other.
  void run(std::span<const std::int16_t> in, std::span<std::int16_t> out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
