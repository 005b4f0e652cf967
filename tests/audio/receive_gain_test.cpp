// rx_agc_mode with real speech: the quiet caller and the loud one are about equally loud.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "media/audio_stream.h"
#include "speech/speech_files.h"

#include "call_pair.h"

namespace sidetone::audio_test {
using namespace speech;

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

// dB of full scale, of the loud half of its 100 ms stretches: pauses do not count.
double level_db(const std::vector<std::int16_t>& sound, std::size_t from_s) {
  std::vector<double> powers;
  for (auto at = from_s * 48000; at + 4800 <= sound.size(); at += 4800) {
    double power = 0;
    for (auto i = at; i < at + 4800; ++i) power += static_cast<double>(sound[i]) * sound[i];
    powers.push_back(power / 4800);
  }
  std::sort(powers.begin(), powers.end());
  const auto softer = powers.size() / 2, louder = powers.size() - softer;
  double sum = 0;
  for (auto i = softer; i < powers.size(); ++i) sum += powers[i];
  return 10 * std::log10(sum / static_cast<double>(louder) / (32768.0 * 32768.0));
}

struct Heard {
  double said_db = 0, heard_db = 0;
  int clipped = 0;
};

Heard heard_with(bool level_received, double gain) {
  const auto speech = find_speech(Band::narrow, 16);
  EXPECT_TRUE(speech) << (speech ? "" : describe(speech.error()));
  media::AudioStream from({1, 1, 1, "a"});
  media::StreamSettings settings{2, 1, 1, "b"};
  settings.level_received = level_received;
  media::AudioStream to(settings);
  const auto at_from = *Address::parse("192.0.2.1:4000", 0), at_to = *Address::parse("192.0.2.2:5000", 0);
  Time now{5s};
  from.apply(plan_of(AudioCodec::pcmu, at_to, 20ms), now);
  to.apply(plan_of(AudioCodec::pcmu, at_from, 20ms), now);
  std::vector<std::int16_t> said, heard;
  for (std::size_t at = 0; at + media::frame_samples <= 16 * 48000; at += media::frame_samples) {
    media::Frame frame, out;
    for (std::size_t i = 0; i < frame.size(); ++i)
      frame[i] = static_cast<std::int16_t>(std::clamp(gain * speech->samples[at + i], -32768.0, 32767.0));
    said.insert(said.end(), frame.begin(), frame.end());
    from.capture(frame, now);
    for (const auto& packet : from.outgoing()) to.receive(packet.view(), packet.rtcp, at_from, now);
    from.clear_outgoing();
    to.playout(out, now);
    heard.insert(heard.end(), out.begin(), out.end());
    now += 10ms;
  }
  Heard result{level_db(said, 8), level_db(heard, 8)};
  result.clipped = static_cast<int>(std::count_if(heard.begin() + 8 * 48000, heard.end(),
                                                  [](std::int16_t s) { return s == 32767 || s == -32768; }));
  return result;
}

TEST(ReceiveGain, MakesCallersEquallyLoud) {
  const auto quiet = heard_with(true, 0.15), usual = heard_with(true, 1);
  EXPECT_LT(quiet.said_db, usual.said_db - 15);
  EXPECT_GT(quiet.heard_db, quiet.said_db + 6) << "the quiet one is raised";
  EXPECT_LT(usual.heard_db - quiet.heard_db, 9) << usual.heard_db << " and " << quiet.heard_db;
  EXPECT_EQ(quiet.clipped, 0);
  const auto loud = heard_with(true, 4);
  EXPECT_LT(loud.heard_db - quiet.heard_db, 12);
  EXPECT_LT(loud.clipped, 50);
}

TEST(ReceiveGain, IsOffWithoutTheOption) {
  const auto quiet = heard_with(false, 0.15);
  EXPECT_NEAR(quiet.heard_db, quiet.said_db, 0.7);
}

}  // namespace
}  // namespace sidetone::audio_test
