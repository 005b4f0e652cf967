// The judge is judged first: recordings that are wrong in one way each must not pass.
#include "speech/speech_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;  // the judge

namespace {

using Samples = std::vector<std::int16_t>;

const Samples& speech() {
  static const Samples samples = [] {
    auto sound = find_speech(Band::wide, 8);
    if (!sound) ADD_FAILURE() << describe(sound.error());
    return sound ? Samples(sound->samples.begin(), sound->samples.begin() + 8 * 48000) : Samples{};
  }();
  return samples;
}

Samples delayed(const Samples& in, std::size_t ms) {
  Samples out(ms * 48, 0);
  out.insert(out.end(), in.begin(), in.end());
  return out;
}

Samples shuffled(const Samples& in) {
  constexpr std::size_t block = 48000 / 2;
  Samples out;
  for (std::size_t pair = 0; pair + 2 * block <= in.size(); pair += 2 * block) {
    const auto at = in.begin() + static_cast<std::ptrdiff_t>(pair);
    out.insert(out.end(), at + block, at + 2 * block);
    out.insert(out.end(), at, at + block);
  }
  return out;
}

Samples half_missing(const Samples& from) {
  auto in = from;
  std::fill(in.begin() + static_cast<std::ptrdiff_t>(in.size() / 2), in.end(), std::int16_t{0});
  return in;
}

Samples holes(const Samples& from) {  // 100 ms of every second
  auto in = from;
  for (std::size_t at = 24000; at + 4800 <= in.size(); at += 48000)
    std::fill_n(in.begin() + static_cast<std::ptrdiff_t>(at), 4800, std::int16_t{0});
  return in;
}

Samples noisy(const Samples& from) {
  auto in = from;
  SeededRandom random(3);
  for (auto& sample : in)
    sample = static_cast<std::int16_t>(
        std::clamp<int>(sample + static_cast<int>(random.below(6000)) - 3000, -32768, 32767));
  return in;
}

Samples narrow(const Samples& in) {  // a moving average: what is above 4 kHz is mostly gone
  Samples out(in.size());
  for (std::size_t i = 8; i < in.size(); ++i) {
    int sum = 0;
    for (std::size_t k = 0; k < 8; ++k) sum += in[i - k];
    out[i] = static_cast<std::int16_t>(sum / 8);
  }
  return out;
}

struct Row {
  const char* name;
  Samples (*make)(const Samples&);
  bool good, good_wideband;
};

class SpeechCheck : public testing::TestWithParam<Row> {};

TEST_P(SpeechCheck, Judges) {
  ASSERT_FALSE(speech().empty());
  const auto received = GetParam().make(speech());
  const auto plain = check_speech(speech(), received);
  EXPECT_EQ(plain.good, GetParam().good) << plain.to_string();
  const auto wide = check_speech(speech(), received, {.wideband = true});
  EXPECT_EQ(wide.good, GetParam().good_wideband) << wide.to_string();
}

const Row rows[] = {
    {"same", [](const Samples& in) { return in; }, true, true},
    {"later", [](const Samples& in) { return delayed(in, 730); }, true, true},
    {"begins_late", [](const Samples& in) { return Samples(in.begin() + 480 * 100, in.end()); }, false,
     false},
    {"narrow", narrow, true, false},
    {"muted", [](const Samples& in) { return Samples(in.size(), 0); }, false, false},
    {"empty", [](const Samples&) { return Samples{}; }, false, false},
    {"wrong", [](const Samples& in) { return Samples(in.rbegin(), in.rend()); }, false, false},
    {"shuffled", shuffled, false, false},
    {"half_missing", half_missing, false, false},
    {"holes", holes, false, false},
    {"noisy", noisy, false, false},
};
INSTANTIATE_TEST_SUITE_P(Rows, SpeechCheck, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SpeechFiles, EachBandIsThere) {
  for (const auto band : {Band::narrow, Band::wide, Band::full}) {
    const auto sound = find_speech(band, 5);
    ASSERT_TRUE(sound) << describe(sound.error());
    EXPECT_GE(sound->samples.size(), 5u * 48000);
  }
}

}  // namespace
}  // namespace sidetone::audio_test
