#include "media/polyphase.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace sidetone::media {
namespace {

constexpr double amplitude = 10000;

std::vector<std::int16_t> tone(double hz, int rate_hz, std::size_t count) {
  std::vector<std::int16_t> out(count);
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<std::int16_t>(
        std::lround(amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate_hz)));
  return out;
}

// Level in dB of what `method` makes of 0.5 s of a tone, against the tone.
template <typename Method>
double gain_db(Method method, double hz, int from_hz, int to_hz) {
  const auto in = tone(hz, from_hz, static_cast<std::size_t>(from_hz / 2));
  std::vector<std::int16_t> out(static_cast<std::size_t>(to_hz / 2));
  const auto step_in = static_cast<std::size_t>(from_hz / 100),
             step_out = static_cast<std::size_t>(to_hz / 100);
  for (std::size_t frame = 0; frame < 50; ++frame)
    method.run(std::span(in).subspan(frame * step_in, step_in),
               std::span(out).subspan(frame * step_out, step_out));
  double sum = 0;
  const std::size_t half = out.size() / 2;
  for (std::size_t i = out.size() - half; i < out.size(); ++i) sum += static_cast<double>(out[i]) * out[i];
  return 10 * std::log10(sum / static_cast<double>(half) / (amplitude * amplitude / 2) + 1e-12);
}

TEST(Polyphase, SpeechPassesUnchanged) {
  for (const int ratio : {2, 3, 6}) {
    const int low_hz = 48000 / ratio;
    for (const double part : {0.02, 0.1, 0.3, 0.42}) {
      EXPECT_NEAR(gain_db(Upsampler(ratio), part * low_hz, low_hz, 48000), 0, 0.2) << ratio << " " << part;
      EXPECT_NEAR(gain_db(Downsampler(ratio), part * low_hz, 48000, low_hz), 0, 0.2) << ratio << " " << part;
    }
  }
}

TEST(Polyphase, WhatWouldFoldBackIsGone) {
  for (const int ratio : {2, 3, 6}) {
    const int low_hz = 48000 / ratio;
    for (const double part : {0.56, 0.7, 0.9})
      EXPECT_LT(gain_db(Downsampler(ratio), part * low_hz, 48000, low_hz), -50);
  }
}

TEST(Polyphase, FullScaleSaturatesInsteadOfWrapping) {
  for (const int ratio : {2, 3, 6}) {
    std::vector<std::int16_t> in(static_cast<std::size_t>(480 / ratio));
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = i / 7 % 2 == 0 ? 32767 : -32768;  // square wave
    std::vector<std::int16_t> out(480), back(in.size());
    Upsampler up(ratio);
    Downsampler down(ratio);
    for (int i = 0; i < 3; ++i) {
      up.run(in, out);
      down.run(out, back);
    }
    // The wave is delayed by whole samples of the low rate; its loud middle keeps its sign.
    int loud = 0;
    for (const auto sample : back) loud += std::abs(static_cast<int>(sample)) > 25000 ? 1 : 0;
    EXPECT_GT(loud, static_cast<int>(back.size() / 2)) << ratio;
  }
}

}  // namespace
}  // namespace sidetone::media
