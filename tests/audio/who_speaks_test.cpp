// The judge of who hears whom: voices alone, together, and nobody's.
#include "speech/who_speaks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "speech/speech_files.h"

namespace sidetone::speech {
namespace {

using Samples = std::vector<std::int16_t>;

Samples voice(Band band) {
  auto speech = find_speech(band, 4);
  EXPECT_TRUE(speech) << describe(speech.error());
  return speech ? at_48_khz(*speech).samples : Samples(48000);
}

class WhoSpeaks : public testing::Test {
 protected:
  // What somebody hears who begins to listen in the middle of it.
  [[nodiscard]] static Samples listen(const Samples& voice, double from_s, double seconds) {
    Samples heard(static_cast<std::size_t>(seconds * 48000));
    const auto start = static_cast<std::size_t>(from_s * 48000);
    for (std::size_t i = 0; i < heard.size(); ++i) heard[i] = voice[(start + i) % voice.size()];
    return heard;
  }
  [[nodiscard]] std::vector<double> shares(const Samples& heard) const {
    return who_speaks(heard, {one, other}).shares;
  }

  Samples one = voice(Band::full), other = voice(Band::wide);
};

TEST_F(WhoSpeaks, OneAloneIsKnown) {
  for (const double from : {0.0, 0.7, 3.1}) {
    auto found = shares(listen(one, from, 2.5));
    EXPECT_GT(found[0], 0.9) << from;
    EXPECT_LT(found[1], 0.1) << from;
    found = shares(listen(other, from, 2.5));
    EXPECT_LT(found[0], 0.1) << from;
    EXPECT_GT(found[1], 0.9) << from;
  }
}

TEST_F(WhoSpeaks, BothAreFoundInAMix) {
  auto heard = listen(one, 1, 3);
  const auto also = listen(other, 0.3, 3);
  for (std::size_t i = 0; i < heard.size(); ++i)
    heard[i] = static_cast<std::int16_t>(heard[i] / 2 + also[i] / 2);
  const auto found = shares(heard);
  EXPECT_GT(found[0], 0.2);
  EXPECT_GT(found[1], 0.2);
}

// Where one pauses in a mix, the other is alone.
TEST_F(WhoSpeaks, AnUnequalMixIsKnown) {
  auto heard = listen(one, 1, 3);
  const auto also = listen(other, 0.3, 3);
  for (std::size_t i = 0; i < heard.size(); ++i)
    heard[i] = static_cast<std::int16_t>(heard[i] / 2 + also[i] / 4);
  const auto found = shares(heard);
  EXPECT_GT(found[0], 0.5);
  EXPECT_GT(found[1], 0.1);
}

TEST_F(WhoSpeaks, NobodyIsFoundInSilenceNoiseAndTones) {
  SeededRandom random(3);
  Samples noise(96000), tone(96000);
  for (auto& sample : noise) sample = static_cast<std::int16_t>(static_cast<int>(random.below(8000)) - 4000);
  for (std::size_t i = 0; i < tone.size(); ++i)
    tone[i] =
        static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * 425 * static_cast<double>(i) / 48000));
  for (const auto& heard : {Samples(96000), noise, tone}) {
    const auto found = shares(heard);
    EXPECT_LT(found[0] + found[1], 0.1);
  }
  EXPECT_LT(who_speaks(Samples(96000), {}).loudness_dbfs, -90);
  EXPECT_NEAR(who_speaks(tone, {}).loudness_dbfs, -15.3, 0.5);
}

}  // namespace
}  // namespace sidetone::speech
