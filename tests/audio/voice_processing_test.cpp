// Echo, noise and level of the microphone, with real speech and a room of 60 ms. The figures themselves are
// bench/voice_processing's.
#include <gtest/gtest.h>
#include <algorithm>

#include "media/voice_processing.h"
#include "speech/echo_room.h"
#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace sidetone::media {
namespace {

using Samples = std::vector<std::int16_t>;
using speech::level_dbfs;

constexpr std::size_t second = mix_rate_hz;

std::span<const std::int16_t> part(const Samples& samples, double from_s, double to_s) {
  return std::span(samples).subspan(static_cast<std::size_t>(from_s * second),
                                    static_cast<std::size_t>((to_s - from_s) * second));
}

Samples speech_of(speech::Band band, double seconds) {
  auto sound = speech::find_speech(band, seconds);
  EXPECT_TRUE(sound) << describe(sound.error());
  auto samples = sound ? std::move(sound->samples) : Samples{};
  samples.resize(static_cast<std::size_t>(seconds * second));
  return samples;
}

// What the calls get of `recorded` while `played` goes to the loudspeaker.
Samples process(VoiceProcessing& voice, const Samples& recorded, const Samples& played) {
  Samples out;
  for (std::size_t at = 0; at + frame_samples <= recorded.size(); at += frame_samples) {
    Frame microphone, speaker{};
    std::copy_n(recorded.begin() + static_cast<std::ptrdiff_t>(at), frame_samples, microphone.begin());
    if (at + frame_samples <= played.size())
      std::copy_n(played.begin() + static_cast<std::ptrdiff_t>(at), frame_samples, speaker.begin());
    voice.capture(microphone);
    voice.played(speaker);
    out.insert(out.end(), microphone.begin(), microphone.end());
  }
  return out;
}

TEST(VoiceProcessing, TouchesNothingWhenNothingIsWanted) {
  const auto said = speech_of(speech::Band::full, 2);
  VoiceProcessing voice;
  EXPECT_EQ(process(voice, said, said), said);
  voice.apply({.gain_control = true});
  EXPECT_NE(process(voice, said, said), said);
  voice.apply({});
  EXPECT_EQ(process(voice, said, said), said) << "switched off again while it runs";
}

TEST(VoiceProcessing, RemovesTheEchoAfterThreeSeconds) {
  const auto far = speech_of(speech::Band::narrow, 12);
  const auto echo = speech::mixed(speech::echo_of(far, {}), speech::white_noise(far.size(), -75, 2));
  VoiceProcessing voice;
  voice.apply({.echo_control = true});
  const auto out = process(voice, echo, far);
  const double loss_db = level_dbfs(part(echo, 3, 12)) - level_dbfs(part(out, 3, 12));
  EXPECT_GE(loss_db, 30) << "echo return loss enhancement";
}

TEST(VoiceProcessing, KeepsTheNearSpeechInDoubleTalk) {
  const auto far = speech_of(speech::Band::narrow, 14);
  Samples near(far.size());
  const auto said = speech_of(speech::Band::full, 3);
  std::copy(said.begin(), said.end(), near.begin() + 5 * second);
  std::copy(said.begin(), said.end(), near.begin() + 9 * second);
  const auto processed = [](const Samples& recorded, const Samples& played) {
    VoiceProcessing voice;
    voice.apply({.echo_control = true});
    return process(voice, recorded, played);
  };
  const auto out = processed(speech::mixed(speech::echo_of(far, {.gain_db = -12}), near), far);
  // The high-pass filter alone changes phases: what the near speech becomes without an echo is the measure.
  const auto verdict = speech::check_speech(
      processed(near, {}), out, {.median_min = 0.75, .fifth_percentile_min = 0.2, .found_min = 0.85});
  EXPECT_TRUE(verdict.good) << verdict.to_string();
}

TEST(VoiceProcessing, LowersNoiseAndLeavesSpeech) {
  const auto said = speech_of(speech::Band::full, 6);
  Samples near(9 * second);
  std::copy(said.begin(), said.end(), near.begin() + 3 * second);
  const auto noisy = speech::mixed(near, speech::white_noise(near.size(), level_dbfs(said) - 15, 3));
  VoiceProcessing voice;
  voice.apply({.noise_suppression = true});
  const auto out = process(voice, noisy, {});
  EXPECT_GE(level_dbfs(part(noisy, 1.5, 3)) - level_dbfs(part(out, 1.5, 3)), 12);
  EXPECT_NEAR(level_dbfs(part(out, 3, 9)), level_dbfs(said), 3);
}

struct LevelRow {
  const char* what;
  double said_dbfs, heard_min_dbfs, heard_max_dbfs;
};
class Level : public testing::TestWithParam<LevelRow> {};

TEST_P(Level, ComesNearToTheTarget) {
  const auto& row = GetParam();
  auto said = speech_of(speech::Band::narrow, 12);
  said = speech::scaled(said, row.said_dbfs - level_dbfs(said));
  VoiceProcessing voice;
  voice.apply({.gain_control = true});
  const auto out = process(voice, said, {});
  const double heard = level_dbfs(part(out, 4, 12));
  EXPECT_GE(heard, row.heard_min_dbfs);
  EXPECT_LE(heard, row.heard_max_dbfs);
}

INSTANTIATE_TEST_SUITE_P(AgcMode, Level,
                         testing::Values(LevelRow{"whispered", -45, -40, -18},
                                         LevelRow{"normal", -26, -26, -12},
                                         LevelRow{"shouted", -12, -26, -8}),
                         [](const auto& row) { return std::string(row.param.what); });

TEST(VoiceProcessing, GainControlDoesNotRaiseARoomsNoise) {
  const auto noise = speech::white_noise(10 * second, -65, 4);
  VoiceProcessing voice;
  voice.apply({.noise_suppression = true, .gain_control = true});
  EXPECT_LE(level_dbfs(part(process(voice, noise, {}), 4, 10)), -62);
}

}  // namespace
}  // namespace sidetone::media
