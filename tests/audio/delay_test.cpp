// How long sound takes from the one end's capture to the other end's playout when the network adds nothing:
// what framing, jitter buffer, resamplers and codec cost. By cross-correlation with speech, after NetEq has
// settled.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "call_pair.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

constexpr std::size_t from = 4 * media::mix_rate_hz, length = 3 * media::mix_rate_hz;  // samples compared
constexpr std::size_t lag_max = media::mix_rate_hz / 5;

// Both ends tick at the same moment, so that a packet waits a whole tick for the other end's next one. The
// clocks of two machines know nothing of each other: a packet waits half a tick in the mean.
constexpr double tick_phase_ms = 5;

// The lag at which `heard` is most like `said`, in ms.
double delay_ms(std::span<const std::int16_t> said, std::span<const std::int16_t> heard) {
  double best = 0;
  std::size_t best_lag = 0;
  for (std::size_t lag = 0; lag < lag_max; ++lag) {
    double sum = 0;
    for (std::size_t i = from; i < from + length; i += 5) sum += double{1} * said[i] * heard[i + lag];
    if (sum > best) {
      best = sum;
      best_lag = lag;
    }
  }
  return static_cast<double>(best_lag) * 1000 / media::mix_rate_hz;
}

struct Case {
  AudioCodec codec;
  double max_ms;
};

class LoopDelay : public testing::TestWithParam<Case> {};

TEST_P(LoopDelay, IsShortWhereTheNetworkAddsNothing) {
  CallPair call({.delay = 0ms});
  const auto sound = speech::find_speech(speech::Band::wide, 8);
  ASSERT_TRUE(sound);
  for (int i = 0; i < 2; ++i)
    call.a().says.insert(call.a().says.end(), sound->samples.begin(), sound->samples.end());
  call.plan(GetParam().codec);
  call.run(8s);
  const auto measured = delay_ms(call.a().says, call.b().heard) - tick_phase_ms;
  const auto statistics = call.b().stream.statistics();
  std::printf(
      "%s: %.1f ms (goal %.0f), jitter buffer %.1f ms, its target %.1f ms, concealed %d of %d frames\n",
      name_of(GetParam().codec).c_str(), measured, GetParam().max_ms,
      static_cast<double>(statistics.buffer_delay.count()) / 1000,
      static_cast<double>(statistics.buffer_target.count()) / 1000,
      static_cast<int>(statistics.frames_concealed), static_cast<int>(statistics.frames_normal));
  EXPECT_LE(measured, GetParam().max_ms);
  EXPECT_EQ(statistics.frames_concealed, 0u);
}

// Opus' own look-ahead is 6.5 ms.
INSTANTIATE_TEST_SUITE_P(Goals, LoopDelay,
                         testing::Values(Case{AudioCodec::pcmu, 45}, Case{AudioCodec::g722, 50},
                                         Case{AudioCodec::opus, 55}),
                         [](const auto& one) { return name_of(one.param.codec); });

}  // namespace
}  // namespace sidetone::audio_test
