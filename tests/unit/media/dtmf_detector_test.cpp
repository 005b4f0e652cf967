// The limits of ITU-T Q.24 for hearing digits: what must be heard, and what must not.
#include "media/dtmf_detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "base/random.h"
#include "media/dtmf_tone.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

// A digit as a far end may make it.
struct Signal {
  char digit = '5';
  double low_dbm0 = -10, high_dbm0 = -10;
  double off = 0;  // of the frequency, both tones
  std::vector<std::chrono::microseconds> on_off{60ms, 60ms};
  double noise_dbm0 = -100;
};

double amplitude(double dbm0) { return 32768 * std::pow(10, (dbm0 - 3.14) / 20); }

// `lead_in` shifts it against the detector's blocks.
std::vector<std::int16_t> samples_of(const Signal& signal, std::chrono::microseconds lead_in) {
  const auto key = std::string(dtmf_keys).find(signal.digit);
  const double low_hz = dtmf_rows[key / 4] * (1 + signal.off),
               high_hz = dtmf_columns[key % 4] * (1 + signal.off);
  std::vector<std::int16_t> samples;
  SeededRandom random{3};
  const auto add = [&](std::chrono::microseconds time, bool on) {
    for (std::int64_t left = time.count() * 48 / 1000; left > 0; --left) {
      const double t = 2 * std::numbers::pi * static_cast<double>(samples.size()) / mix_rate_hz;
      double value = on ? amplitude(signal.low_dbm0) * std::sin(low_hz * t) +
                              amplitude(signal.high_dbm0) * std::sin(high_hz * t)
                        : 0;
      // Uniform noise of that power over 24 kHz, a sixth of which is in the telephone's band.
      value += amplitude(signal.noise_dbm0) * std::sqrt(6.0 * 1.5) * (random.below(2001) / 1000.0 - 1);
      samples.push_back(static_cast<std::int16_t>(std::clamp(value, -32768.0, 32767.0)));
    }
  };
  add(lead_in, false);
  for (std::size_t i = 0; i < signal.on_off.size(); ++i) add(signal.on_off[i], i % 2 == 0);
  add(200ms, false);
  return samples;
}

std::vector<DtmfDetector::Heard> heard_in(const std::vector<std::int16_t>& samples) {
  DtmfDetector detector;
  std::vector<DtmfDetector::Heard> heard;
  Frame frame{};
  for (std::size_t at = 0; at + frame.size() <= samples.size(); at += frame.size()) {
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
    if (const auto digit = detector.listen(frame)) heard.push_back(*digit);
  }
  return heard;
}

std::string digits_in(const std::vector<std::int16_t>& samples) {
  std::string digits;
  for (const auto& heard : heard_in(samples)) digits += heard.digit;
  return digits;
}

// However the signal falls on the blocks.
void expect_heard(const std::string& name, const Signal& signal, const std::string& expected) {
  for (auto lead_in = 50ms; lead_in < 64ms; lead_in += 1ms)
    EXPECT_EQ(digits_in(samples_of(signal, lead_in)), expected)
        << name << ", " << lead_in.count() << " ms before it";
}

TEST(DtmfDetector, WhatMustBeHeard) {
  for (const char digit : std::string_view("0123456789*#ABCD")) {
    const std::string once(1, digit);
    const Signal rows[] = {
        {.digit = digit},
        {.digit = digit, .off = 0.015},
        {.digit = digit, .off = -0.015},
        {.digit = digit, .low_dbm0 = 0, .high_dbm0 = 0},
        {.digit = digit, .low_dbm0 = -25, .high_dbm0 = -25},
        {.digit = digit, .low_dbm0 = -14, .high_dbm0 = -10},  // twist of 4 dB
        {.digit = digit, .low_dbm0 = -10, .high_dbm0 = -18},  // and of 8 dB the other way
        {.digit = digit, .on_off = {40ms}},
        {.digit = digit, .noise_dbm0 = -22},  // 15 dB below the two tones
    };
    for (const auto& row : rows) expect_heard("must be heard, row " + std::to_string(&row - rows), row, once);
  }
}

TEST(DtmfDetector, PausesAndInterruptions) {
  expect_heard("pause of 40 ms", {.on_off = {40ms, 40ms, 40ms}}, "55");
  expect_heard("interruption of 10 ms", {.on_off = {50ms, 10ms, 50ms}}, "5");
  expect_heard("93 ms for each digit", {.on_off = {50ms, 43ms, 50ms, 43ms, 50ms, 43ms}}, "555");
  expect_heard("as long as a key is held", {.on_off = {5000ms}}, "5");
}

TEST(DtmfDetector, WhatMustNotBeHeard) {
  for (const char digit : std::string_view("0123456789*#ABCD")) {
    const Signal rows[] = {
        {.digit = digit, .off = 0.035},
        {.digit = digit, .off = -0.035},
        {.digit = digit, .low_dbm0 = -55, .high_dbm0 = -55},
        {.digit = digit, .low_dbm0 = -10, .high_dbm0 = -60},  // one of the two alone
        {.digit = digit, .low_dbm0 = -60, .high_dbm0 = -10},
        {.digit = digit, .on_off = {20ms}},
        {.digit = digit, .on_off = {12ms, 60ms, 12ms}},
    };
    for (const auto& row : rows)
      expect_heard("must not be heard, row " + std::to_string(&row - rows), row, "");
  }
}

TEST(DtmfDetector, TellsHowLong) {
  for (const auto time : {60ms, 100ms, 500ms, 3000ms}) {
    const auto heard = heard_in(samples_of({.on_off = {time}}, 50ms));
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_NEAR(static_cast<double>(heard[0].duration.count()), static_cast<double>(time.count()), 26);
  }
}

TEST(DtmfDetector, TonesOfTheNetworkAreNoDigits) {
  const std::pair<double, double> pairs[] = {{425, 0},  {350, 440}, {440, 480}, {480, 620}, {950, 1400},
                                             {1004, 0}, {1100, 0},  {2100, 0},  {697, 770}, {1209, 1336}};
  for (const auto& [first, second] : pairs) {
    std::vector<std::int16_t> samples;
    for (int i = 0; i < 48000; ++i)
      samples.push_back(
          static_cast<std::int16_t>(7000 * std::sin(2 * std::numbers::pi * first * i / 48000) +
                                    7000 * std::sin(2 * std::numbers::pi * second * i / 48000)));
    EXPECT_EQ(digits_in(samples), "") << first << " and " << second << " Hz";
  }
}

TEST(DtmfDetector, NoiseIsNoDigit) {
  SeededRandom random{9};
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 48000 * 60; ++i) samples.push_back(static_cast<std::int16_t>(random.below(65536)));
  EXPECT_EQ(digits_in(samples), "");
}

TEST(DtmfTone, IsHeardAsEachDigit) {
  for (const char digit : std::string_view("0123456789*#ABCDabcd")) {
    DtmfTone tone;
    std::vector<std::int16_t> samples;
    Frame frame{};
    for (int tick = 0; tick < 20; ++tick) {
      tone.follow(tick < 5 ? digit : char{0});
      tone.next(frame);
      samples.insert(samples.end(), frame.begin(), frame.end());
    }
    EXPECT_FALSE(tone.sounding());
    const std::string expected(1, static_cast<char>(std::toupper(digit)));
    EXPECT_EQ(digits_in(samples), expected);
    int step = 0;
    for (std::size_t i = 1; i < samples.size(); ++i)
      step = std::max(step, std::abs(samples[i] - samples[i - 1]));
    EXPECT_LT(step, 3500) << "no click";
  }
}

}  // namespace
}  // namespace sidetone::media
