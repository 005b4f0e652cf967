// What echo control, noise suppression and gain control do to real speech, in dB, and what they cost.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "media/voice_processing.h"
#include "speech/echo_room.h"
#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace {

using namespace sidetone;
using media::Frame;
using media::frame_samples;
using Samples = std::vector<std::int16_t>;
using speech::level_dbfs;

constexpr std::size_t second = media::mix_rate_hz;

std::span<const std::int16_t> part(const Samples& samples, std::size_t from_s, std::size_t to_s) {
  return std::span(samples).subspan(from_s * second, (to_s - from_s) * second);
}

Samples speech_of(speech::Band band, std::size_t seconds) {
  auto sound = speech::find_speech(band, static_cast<double>(seconds));
  if (!sound) {
    fmt::print(stderr, "{}\n", describe(sound.error()));
    std::exit(1);
  }
  sound->samples.resize(seconds * second);
  return std::move(sound->samples);
}

struct Processed {
  Samples out;
  double us_per_frame = 0;
};

Processed process(const device::VoiceSettings& settings, const Samples& recorded, const Samples& played) {
  media::VoiceProcessing voice;
  voice.apply(settings);
  Processed result;
  std::chrono::steady_clock::duration spent{0};
  for (std::size_t at = 0; at + frame_samples <= recorded.size(); at += frame_samples) {
    Frame microphone, speaker{};
    std::copy_n(recorded.begin() + static_cast<std::ptrdiff_t>(at), frame_samples, microphone.begin());
    if (at + frame_samples <= played.size())
      std::copy_n(played.begin() + static_cast<std::ptrdiff_t>(at), frame_samples, speaker.begin());
    const auto begin = std::chrono::steady_clock::now();
    voice.capture(microphone);
    voice.played(speaker);
    spent += std::chrono::steady_clock::now() - begin;
    result.out.insert(result.out.end(), microphone.begin(), microphone.end());
  }
  result.us_per_frame = std::chrono::duration<double, std::micro>(spent).count() /
                        static_cast<double>(recorded.size() / frame_samples);
  return result;
}

struct Row {
  const char* what;
  device::VoiceSettings settings;
};
const Row rows[] = {{"echo control", {true, false, false}},
                    {"echo control, noise suppression", {true, true, false}},
                    {"all", {true, true, true}}};

void echo() {
  const auto far = speech_of(speech::Band::narrow, 20);
  fmt::print("Echo of real speech, 6 dB down, after 3 s: echo return loss enhancement, dB\n");
  fmt::print("{:34}{:>10}{:>10}{:>10}\n", "echo path", "20 ms", "60 ms", "200 ms");
  for (const auto& row : rows) {
    fmt::print("{:34}", row.what);
    for (const double delay_ms : {20.0, 60.0, 200.0}) {
      const auto echo = speech::mixed(speech::echo_of(far, {.delay_ms = delay_ms}),
                                      speech::white_noise(far.size(), -75, 2));
      const auto out = process(row.settings, echo, far).out;
      fmt::print("{:10.1f}", level_dbfs(part(echo, 3, 20)) - level_dbfs(part(out, 3, 20)));
    }
    fmt::print("\n");
  }
}

void double_talk() {
  fmt::print(
      "\nDouble talk: near speech at 5 and 9 s while the far side speaks; likeness of what the calls get\n");
  const auto far = speech_of(speech::Band::narrow, 14);
  const auto said = speech_of(speech::Band::full, 3);
  Samples near(far.size());
  for (const std::size_t at : {5, 9})
    std::copy(said.begin(), said.end(), near.begin() + static_cast<std::ptrdiff_t>(at * second));
  // The high-pass filter alone changes phases: what the near speech becomes without an echo is the measure.
  const auto alone = process({.echo_control = true}, near, {}).out;
  for (const double gain_db : {-6.0, -12.0, -20.0}) {
    const auto microphone = speech::mixed(speech::echo_of(far, {.gain_db = gain_db}), near);
    const auto out = process({.echo_control = true}, microphone, far).out;
    fmt::print("  echo {:3.0f} dB: {}\n      untouched: {}\n", gain_db,
               speech::check_speech(alone, out, {0, 0, 0}).to_string(),
               speech::check_speech(near, microphone, {0, 0, 0}).to_string());
  }
}

void noise() {
  fmt::print("\nNoise suppression: white noise below speech\n");
  const auto said = speech_of(speech::Band::full, 6);
  for (const double below_db : {5.0, 10.0, 15.0, 25.0}) {
    Samples near(9 * second);
    std::copy(said.begin(), said.end(), near.begin() + 3 * second);
    const auto noisy = speech::mixed(near, speech::white_noise(near.size(), level_dbfs(said) - below_db, 3));
    const auto out = process({.noise_suppression = true}, noisy, {}).out;
    fmt::print("  {:4.0f} dB below: noise {:5.1f} dB lower, speech {:4.1f} dB; {}\n", below_db,
               level_dbfs(part(noisy, 2, 3)) - level_dbfs(part(out, 2, 3)),
               level_dbfs(part(out, 3, 9)) - level_dbfs(part(noisy, 3, 9)),
               speech::check_speech(near, out, {0, 0, 0}).to_string());
  }
}

void level() {
  fmt::print("\nGain control: level of speech after 4 s, dBFS\n");
  const auto said = speech_of(speech::Band::narrow, 16);
  for (const double in : {-50.0, -40.0, -30.0, -20.0, -10.0}) {
    const auto out = process({.gain_control = true}, speech::scaled(said, in - level_dbfs(said)), {}).out;
    fmt::print("  {:4.0f} in: {:6.1f} out\n", in, level_dbfs(part(out, 4, 16)));
  }
}

void cost() {
  fmt::print("\nCost of 10 ms, us (100 us are 1 % of a core)\n");
  const auto far = speech_of(speech::Band::narrow, 20);
  const auto echo = speech::echo_of(far, {});
  const Row all[] = {{"noise suppression", {false, true, false}},
                     {"gain control", {false, false, true}},
                     rows[0],
                     rows[1],
                     rows[2]};
  for (const auto& row : all)
    fmt::print("  {:34}{:6.1f}\n", row.what, process(row.settings, echo, far).us_per_frame);
}

}  // namespace

int main() {
  echo();
  double_talk();
  noise();
  level();
  cost();
}
