// Tones: generated and from files, at any rate, once or over and over, with a volume of their own.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numbers>

#include "media/local_tones.h"
#include "media/tone_sound.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::HasSubstr;

int peak(std::span<const std::int16_t> samples) {
  int found = 0;
  for (const auto sample : samples) found = std::max(found, std::abs(int{sample}));
  return found;
}

// Share of the power that is at this frequency.
double share_at(std::span<const std::int16_t> samples, double hz, int rate_hz) {
  double re = 0, im = 0, all = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double angle = 2 * std::numbers::pi * hz * static_cast<double>(i) / rate_hz;
    re += samples[i] * std::cos(angle);
    im += samples[i] * std::sin(angle);
    all += static_cast<double>(samples[i]) * samples[i];
  }
  return all == 0 ? 0 : 2 * (re * re + im * im) / (all * static_cast<double>(samples.size()));
}

TEST(TonePattern, IsTheSameAtEveryRateOfADevice) {
  for (const int rate_hz : {8000, 16000, 44100, 48000}) {
    const auto ringback = render(ringback_tone(), rate_hz);
    ASSERT_EQ(ringback.samples.size(), static_cast<std::size_t>(rate_hz) * 5) << "ITU-T E.180: 1 s and 4 s";
    const std::span samples(ringback.samples);
    const auto second = static_cast<std::size_t>(rate_hz);
    EXPECT_GT(share_at(samples.subspan(second / 10, second / 2), 425, rate_hz), 0.999) << rate_hz;
    EXPECT_THAT(samples.subspan(second), Each(0));
    const auto ringing = render(ringing_tone(), rate_hz);
    EXPECT_NEAR(peak(ringing.samples), 11600, 20) << rate_hz;
    EXPECT_EQ(ringing.samples.size(), second * 4);
    const auto waiting = render(call_waiting_tone(), rate_hz);
    EXPECT_EQ(waiting.samples.size(), second * 4);
    EXPECT_THAT(std::span(waiting.samples).subspan(second / 5), Each(0));
  }
}

TEST(TonePattern, BeginsAndEndsWithoutAClick) {
  for (const auto& pattern : {ringing_tone(), call_waiting_tone(), ringback_tone()}) {
    const auto sound = render(pattern, 48000);
    int step = 0;
    for (std::size_t i = 1; i < sound.samples.size(); ++i)
      step = std::max(step, std::abs(sound.samples[i] - sound.samples[i - 1]));
    // The steepest sine: amplitude * 2 pi f / rate.
    EXPECT_LE(step, pattern.amplitude * 2 * std::numbers::pi * 850 / 48000 + 10);
    EXPECT_EQ(sound.samples.front(), 0);
    EXPECT_EQ(sound.samples.back(), 0);
  }
}

Sound ramp(std::size_t samples) {
  Sound sound{48000, {}};
  for (std::size_t i = 0; i < samples; ++i) sound.samples.push_back(static_cast<std::int16_t>(1000 + i));
  return sound;
}

TEST(TonePlayer, RepeatsWithoutAGap) {
  TonePlayer player(ramp(7), false, nullptr);
  std::array<std::int16_t, 21> out{};
  EXPECT_EQ(player.fill(out), out.size());
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], 1000 + i % 7);
  EXPECT_FALSE(player.finished());
}

TEST(TonePlayer, OnceIsTheWholeSoundAndNothingElse) {
  TonePlayer player(ramp(7), true, nullptr);
  std::array<std::int16_t, 5> out{};
  EXPECT_EQ(player.fill(out), 5u);
  EXPECT_FALSE(player.finished());
  EXPECT_EQ(player.fill(out), 2u) << "how many are left tells a device that it may close";
  EXPECT_THAT(out, testing::ElementsAre(1005, 1006, 0, 0, 0));
  EXPECT_TRUE(player.finished());
}

TEST(TonePlayer, VolumeActsAtOnceWithoutAStep) {
  const auto volume = std::make_shared<ToneVolume>();
  Sound flat{48000, std::vector<std::int16_t>(480, 10000)};
  TonePlayer player(flat, false, volume);
  std::array<std::int16_t, 480> out{};
  player.fill(out);
  EXPECT_THAT(out, Each(10000));
  volume->set_percent(50);
  player.fill(out);
  EXPECT_EQ(out.back(), 5000);
  for (std::size_t i = 1; i < out.size(); ++i) EXPECT_LE(std::abs(out[i] - out[i - 1]), 22);
  volume->set_percent(0);
  player.fill(out);
  player.fill(out);
  EXPECT_THAT(out, Each(0));
  EXPECT_FALSE(player.finished()) << "silent, not over";
  volume->set_percent(1000);
  for (int i = 0; i < 3; ++i) player.fill(out);
  EXPECT_THAT(out, Each(10000)) << "bounded";
}

TEST(TonePlayer, StopFadesWithinTenMilliseconds) {
  TonePlayer player({48000, std::vector<std::int16_t>(480, 10000)}, false, nullptr);
  std::array<std::int16_t, 480> out{};
  player.fill(out);
  player.stop();
  player.fill(out);
  EXPECT_EQ(out.back(), 0);
  EXPECT_GT(out.front(), 9900);
  EXPECT_TRUE(player.finished());
}

TEST(LocalTones, AreMixedAndLeaveTheirSlot) {
  LocalTones tones;
  Mixer mixer;
  Frame frame{};
  const auto heard = [&] {
    mixer.clear();
    tones.add_to(mixer);
    mixer.result(frame);
    return peak(frame);
  };
  const auto flat = [](std::int16_t level, bool once) {
    return TonePlayer({48000, std::vector<std::int16_t>(480, level)}, once, nullptr);
  };
  EXPECT_FALSE(tones.any());
  tones.use(0, 1, 7, flat(1000, true));
  tones.use(1, 2, 8, flat(500, false));
  EXPECT_EQ(heard(), 1500) << "two slots at once";
  EXPECT_EQ(tones.ended(), 7u);
  EXPECT_EQ(tones.ended(), std::nullopt) << "told once";
  EXPECT_EQ(heard(), 500);
  tones.use(1, 5, 9, std::nullopt);
  EXPECT_TRUE(tones.any()) << "it fades";
  heard();
  EXPECT_EQ(heard(), 0);
  EXPECT_FALSE(tones.any());
  tones.use(1, 6, 10, flat(500, false));
  tones.use(1, 7, 11, std::nullopt);
  EXPECT_FALSE(tones.any()) << "it has never been heard: no blip when a device opens late";
  tones.use(1, 6, 10, flat(500, false));
  EXPECT_EQ(heard(), 0) << "an older wish that took longer to read";
}

class ToneFile : public testing::Test {
 protected:
  ~ToneFile() override { std::filesystem::remove(path_); }
  // Of the formats of the guide: PCM 16 bit mono or stereo at 8, 16 or 32 kHz, A-law and mu-law.
  void write(std::uint16_t tag, std::uint16_t channels, std::uint32_t rate_hz) {
    const auto frames = rate_hz / 2;
    const std::uint16_t bits = tag == 1 ? 16 : 8;
    std::vector<std::uint8_t> bytes;
    const auto put = [&](std::uint32_t value, int size) {
      for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    const auto text = [&](const char* word) {
      for (; *word != 0; ++word) bytes.push_back(static_cast<std::uint8_t>(*word));
    };
    text("RIFF");
    put(0, 4);
    text("WAVE");
    text("fmt ");
    put(16, 4);
    put(tag, 2);
    put(channels, 2);
    put(rate_hz, 4);
    put(rate_hz * channels * bits / 8, 4);
    put(channels * bits / 8u, 2);
    put(bits, 2);
    text("data");
    put(frames * channels * bits / 8, 4);
    for (std::uint32_t i = 0; i < frames; ++i) {
      const auto sample =
          static_cast<std::int16_t>(std::lround(8000 * std::sin(2 * std::numbers::pi * 1000 * i / rate_hz)));
      for (std::uint16_t channel = 0; channel < channels; ++channel)
        put(tag == 1 ? static_cast<std::uint16_t>(sample)
                     // Sign and a level of either law: enough of a 1 kHz tone.
                     : static_cast<std::uint8_t>((sample < 0) == (tag == 7) ? 0x20 : 0xa0),
            bits / 8);
    }
    save(bytes);
  }
  void save(const std::vector<std::uint8_t>& bytes) {
    auto* file = std::fopen(path_.c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
  }
  const std::string path_ = testing::TempDir() + "sidetone_tone_" + std::to_string(::getpid()) + ".wav";
};

TEST_F(ToneFile, EveryFormatOfTheGuideSoundsAtTheDevicesRate) {
  const struct {
    std::uint16_t tag, channels;
    std::uint32_t rate_hz;
  } rows[] = {{1, 1, 8000},  {1, 2, 8000},  {1, 1, 16000}, {1, 2, 16000},
              {1, 1, 32000}, {1, 2, 32000}, {6, 1, 8000},  {7, 1, 8000}};
  for (const auto& row : rows)
    for (const int rate_hz : {16000, 44100, 48000}) {
      write(row.tag, row.channels, row.rate_hz);
      std::vector<Error> complaints;
      const auto sound = tone_sound({path_, "policy.session.ringing_file", ringing_tone()}, rate_hz, false,
                                    [&](Error error) { complaints.push_back(std::move(error)); });
      EXPECT_TRUE(complaints.empty());
      EXPECT_EQ(sound.rate_hz, rate_hz);
      EXPECT_EQ(sound.samples.size(), static_cast<std::size_t>(rate_hz) / 2) << row.rate_hz << " " << rate_hz;
      EXPECT_GT(share_at(std::span(sound.samples).subspan(1000), 1000, rate_hz), row.tag == 1 ? 0.99 : 0.75)
          << row.tag << " " << row.rate_hz << " " << rate_hz;
    }
}

TEST_F(ToneFile, WhatCannotBePlayedNamesOptionAndFileAndTheGeneratedToneSounds) {
  const struct {
    const char* name;
    std::vector<std::uint8_t> bytes;
    const char* why;
  } rows[] = {
      {"MP3 with a tag", {'I', 'D', '3', 4, 0, 0}, "MP3 cannot be played, only WAV"},
      {"MP3 frames", {0xff, 0xfb, 0x90, 0x64}, "MP3 cannot be played, only WAV"},
      {"no sound file", {'h', 'e', 'l', 'l', 'o'}, "this is no WAV file"},
  };
  for (const auto& row : rows) {
    save(row.bytes);
    std::vector<Error> complaints;
    const auto sound = tone_sound({path_, "system.media.ringing_file", ringing_tone()}, 48000, false,
                                  [&](Error error) { complaints.push_back(std::move(error)); });
    ASSERT_EQ(complaints.size(), 1u) << row.name;
    EXPECT_THAT(complaints[0].text, HasSubstr("system.media.ringing_file")) << row.name;
    EXPECT_THAT(complaints[0].text, HasSubstr(path_)) << row.name;
    EXPECT_THAT(complaints[0].text, HasSubstr(row.why)) << row.name;
    EXPECT_FALSE(complaints[0].remedy.empty());
    EXPECT_EQ(sound.samples, render(ringing_tone(), 48000).samples);
  }
  EXPECT_THAT(read_tone_file("/nowhere/ring.wav", "policy.session.ringing_file").error().text,
              HasSubstr("policy.session.ringing_file: sound file /nowhere/ring.wav: No such file"));
}

TEST_F(ToneFile, AGeneratedToneThatSoundsOnceEndsWithItsLastSound) {
  const auto sound = tone_sound({{}, {}, ringing_tone()}, 48000, true, {});
  EXPECT_NEAR(static_cast<double>(sound.samples.size()) / 48000, 1.52, 0.01);
}

}  // namespace
}  // namespace sidetone::media
