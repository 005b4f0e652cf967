#include "media/voice_activity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "media/redundant_sender.h"

namespace sidetone::media {
namespace {

Frame tone(double peak) {
  Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i)
    frame[i] =
        static_cast<std::int16_t>(peak * std::sin(2 * 3.14159265 * 1000 * static_cast<double>(i) / 48000));
  return frame;
}

Frame noise(SeededRandom& random, double peak) {
  Frame frame;
  for (auto& sample : frame) sample = static_cast<std::int16_t>(peak * (2 * random.unit() - 1));
  return frame;
}

TEST(VoiceActivity, SpeechStandsOutOfTheBackground) {
  SeededRandom random(3);
  VoiceActivity voice;
  for (int i = 0; i < 100; ++i) voice.look(noise(random, 100));
  EXPECT_FALSE(voice.active());
  EXPECT_EQ(voice.active_frames(), 0u);
  for (int i = 0; i < 50; ++i) voice.look(tone(8000));
  EXPECT_TRUE(voice.active());
  EXPECT_EQ(voice.active_frames(), 50u);
  for (int i = 0; i < 100; ++i) voice.look(noise(random, 100));
  EXPECT_FALSE(voice.active());
  EXPECT_LE(voice.active_frames(), 65u) << "a word's end hangs over for 120 ms";
}

TEST(VoiceActivity, LoudBackgroundIsNoSpeech) {
  SeededRandom random(3);
  VoiceActivity voice;
  for (int i = 0; i < 500; ++i) voice.look(noise(random, 3000));
  EXPECT_EQ(voice.active_frames(), 0u);
}

TEST(VoiceActivity, SilenceIsNothingToLookAt) {
  VoiceActivity voice;
  for (int i = 0; i < 100; ++i) voice.look(Frame{});
  for (int i = 0; i < 100; ++i) voice.pass();
  EXPECT_EQ(voice.active_frames(), 0u);
  EXPECT_EQ(voice.signal_level(), 127) << "RFC 3611 §4.7.4: unavailable";
  EXPECT_EQ(voice.noise_level(), 127);
}

// ITU-T G.711: a sine at full scale is +3.17 dBm0, so one at a tenth of it -16.8.
TEST(VoiceActivity, LevelsAreInDbm0) {
  SeededRandom random(3);
  VoiceActivity voice;
  for (int i = 0; i < 200; ++i) voice.look(noise(random, 50));
  for (int i = 0; i < 200; ++i) voice.look(tone(3276.7));
  EXPECT_NEAR(voice.signal_level(), -17, 1);
  EXPECT_NEAR(voice.noise_level(), 20 * std::log10(50 / std::sqrt(3.0) / 23170) + 3.17, 1);
}

TEST(RedundantSender, BeginsAndEndsWithTheLoss) {
  RedundantSender sender;
  const struct {
    double loss;
    bool wanted;
  } rows[] = {{0, false},   {0.02, false},  {0.03, true}, {0.02, true},
              {0.01, true}, {0.009, false}, {0.02, false}};
  for (const auto& row : rows) {
    sender.expect_loss(row.loss);
    EXPECT_EQ(sender.wanted(), row.wanted) << row.loss;
  }
}

TEST(RedundantSender, TakesThePayloadBeforeAlong) {
  RedundantSender sender;
  std::array<std::uint8_t, 1400> to{};
  const std::vector<std::uint8_t> one(40, 1), two(50, 2), large(1100, 3);
  EXPECT_EQ(sender.write(to, 120, 960, one), 0u) << "not wanted";
  sender.expect_loss(0.1);
  EXPECT_EQ(sender.write(to, 120, 1920, one), 0u) << "there is none before";
  const auto size = sender.write(to, 120, 2880, two);
  const auto read = rtp::parse_redundancy(std::span(to).first(size));
  ASSERT_TRUE(read && read->count == 2);
  EXPECT_EQ(read->earlier()[0].timestamp_offset, 960);
  EXPECT_EQ(read->earlier()[0].payload.size(), 40u);
  EXPECT_EQ(read->primary().payload.size(), 50u);
  EXPECT_EQ(sender.write(to, 120, 2880 + 0x4000, one), 0u) << "14 bits of time";
  sender.forget();
  EXPECT_EQ(sender.write(to, 120, 30000, one), 0u) << "a digit came between";
  EXPECT_EQ(sender.write(to, 120, 30960, large), 5 + 40 + 1100u);
  EXPECT_EQ(sender.write(to, 120, 31920, one), 0u) << "10 bits of length";
}

}  // namespace
}  // namespace sidetone::media
