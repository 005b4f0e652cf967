// The judge of benchmarks is judged: what must not change its score, and what must, in which order.
#include "speech/speech_score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.h"
#include "media/audio_stream.h"
#include "media/resampler.h"
#include "speech/speech_files.h"

namespace sidetone::speech {
namespace {

using Samples = std::vector<std::int16_t>;
constexpr std::size_t per_ms = media::mix_rate_hz / 1000;

Samples some_speech(Band band) {
  const auto speech = find_speech(band, 10);
  EXPECT_TRUE(speech) << (speech ? "" : describe(speech.error()));
  return speech ? Samples(speech->samples.begin(), speech->samples.begin() + 10 * media::mix_rate_hz)
                : Samples{};
}

// Each `every_ms` the last `hole_ms` are silent.
Samples with_holes(Samples sound, std::size_t hole_ms, std::size_t every_ms) {
  for (std::size_t at = 0; at < sound.size(); ++at)
    if (at / per_ms % every_ms >= every_ms - hole_ms) sound[at] = 0;
  return sound;
}

Samples with_noise(Samples sound, int amplitude) {
  SeededRandom random(1);
  for (auto& sample : sound)
    sample = static_cast<std::int16_t>(std::clamp(
        sample + static_cast<int>(random.below(static_cast<std::uint64_t>(2 * amplitude))) - amplitude,
        -32768, 32767));
  return sound;
}

Samples later(const Samples& sound, std::size_t ms) {
  Samples out(ms * per_ms, 0);
  out.insert(out.end(), sound.begin(), sound.end());
  return out;
}

TEST(SpeechScore, TheSameSoundIsPerfectAndSilenceIsNothing) {
  for (const bool wide : {false, true}) {
    const auto said = some_speech(wide ? Band::wide : Band::narrow);
    const auto same = score_speech(said, said, 0, wide);
    EXPECT_GT(same.score, 99.5);
    EXPECT_NEAR(same.delay_mean_ms, 0, 0.3);
    EXPECT_EQ(same.found, 1);
    const auto nothing = score_speech(said, Samples(said.size(), 0), 0, wide);
    EXPECT_LT(nothing.score, 1);
    EXPECT_EQ(nothing.found, 0);
  }
}

TEST(SpeechScore, DelayAndLevelAreNoFault) {
  const auto said = some_speech(Band::narrow);
  auto soft = said;
  for (auto& sample : soft) sample = static_cast<std::int16_t>(sample / 2);
  const auto score = score_speech(said, later(soft, 300), 50, false);
  EXPECT_GT(score.score, 98);
  EXPECT_NEAR(score.delay_mean_ms, 350, 0.3);
  EXPECT_NEAR(score.delay_95_ms, 350, 0.3);
}

// A jitter buffer that grows once: 4 of 10 seconds are 100 ms later.
TEST(SpeechScore, AStepOfDelayIsToldByTheDelay) {
  const auto said = some_speech(Band::narrow);
  auto heard = said;
  heard.insert(heard.begin() + 6 * media::mix_rate_hz, 100 * per_ms, 0);
  const auto score = score_speech(said, heard, 0, false);
  EXPECT_GT(score.score, 95);  // the 100 ms are heard as a pause
  EXPECT_NEAR(score.delay_mean_ms, 40, 8);
  EXPECT_NEAR(score.delay_95_ms, 100, 0.5);
}

TEST(SpeechScore, MoreHarmIsLess) {
  const auto said = some_speech(Band::narrow);
  const auto score = [&](const Samples& heard) { return score_speech(said, heard, 0, false).score; };
  const double one = score(with_holes(said, 20, 2000)), five = score(with_holes(said, 20, 400)),
               ten = score(with_holes(said, 20, 200)), joined = score(with_holes(said, 100, 2000));
  EXPECT_LT(one, 99);
  EXPECT_LT(five, one - 1);
  EXPECT_LT(ten, five - 1);
  EXPECT_LT(joined, one - 1) << "longer holes are worse than short ones";
  const double soft_noise = score(with_noise(said, 50)), loud_noise = score(with_noise(said, 500));
  EXPECT_LT(soft_noise, 99.5);
  EXPECT_LT(loud_noise, soft_noise - 5);
}

TEST(SpeechScore, TheUpperBandCountsWhereThereIsOne) {
  const auto said = some_speech(Band::wide);
  media::Sound narrow{8000, {}};
  media::FrameResampler resampler;
  resampler.set_rates(media::mix_rate_hz, narrow.rate_hz);
  std::array<std::int16_t, 80> out{};
  for (std::size_t at = 0; at + media::frame_samples <= said.size(); at += media::frame_samples) {
    resampler.run({&said[at], media::frame_samples}, out);
    narrow.samples.insert(narrow.samples.end(), out.begin(), out.end());
  }
  const auto heard = at_48_khz(narrow).samples;
  const double judged_narrow = score_speech(said, heard, 0, false).score;
  EXPECT_GT(judged_narrow, 97);
  EXPECT_LT(score_speech(said, heard, 0, true).score, judged_narrow - 10);
}

}  // namespace
}  // namespace sidetone::speech
