#include "media/tone_pattern.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

constexpr double loud = 11600, soft = 6500;   // -9 and -14 dBFS
constexpr std::chrono::milliseconds ramp{5};  // on and off without a click

constexpr ToneSegment ringing[] = {{650, 850, 40ms, 640ms, 240ms}, {650, 850, 40ms, 640ms, 2480ms}};
constexpr ToneSegment call_waiting[] = {{425, 0, 0ms, 200ms, 3800ms}};
constexpr ToneSegment ringback[] = {{425, 0, 0ms, 1000ms, 4000ms}};

std::size_t samples_of(std::chrono::milliseconds time, int rate_hz) {
  return static_cast<std::size_t>(time.count() * rate_hz / 1000);
}

void append(const ToneSegment& segment, double amplitude, Sound& sound) {
  constexpr double turn_radians = 2 * std::numbers::pi;
  const auto on = samples_of(segment.on, sound.rate_hz);
  const auto edge = std::max<std::size_t>(1, samples_of(ramp, sound.rate_hz));
  const auto turn = samples_of(segment.turn, sound.rate_hz);
  double phase_1 = 0, phase_2 = 0;
  for (std::size_t i = 0; i < on; ++i) {
    const double level =
        amplitude * static_cast<double>(std::min({i, on - 1 - i, edge})) / static_cast<double>(edge);
    const bool second = turn != 0 && i / turn % 2 == 1;
    phase_1 += turn_radians * (second ? segment.hz_2 : segment.hz_1) / sound.rate_hz;
    phase_2 += turn_radians * segment.hz_2 / sound.rate_hz;
    const double both = turn == 0 && segment.hz_2 > 0 ? std::sin(phase_2) : 0;
    sound.samples.push_back(static_cast<std::int16_t>(std::lround(level * (std::sin(phase_1) + both))));
  }
  sound.samples.resize(sound.samples.size() + samples_of(segment.off, sound.rate_hz));
}

}  // namespace

TonePattern ringing_tone() { return {ringing, loud}; }
TonePattern call_waiting_tone() { return {call_waiting, soft}; }
TonePattern ringback_tone() { return {ringback, soft}; }

Sound render(const TonePattern& pattern, int rate_hz) {
  Sound sound{rate_hz, {}};
  for (const auto& segment : pattern.segments) append(segment, pattern.amplitude, sound);
  return sound;
}

}  // namespace sidetone::media
