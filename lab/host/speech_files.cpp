#include "labhost/speech_files.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "media/sound.h"

namespace sidetone::lab {
namespace {

constexpr int wide_rate_hz = 48000;

Expected<void> write_file(const std::string& path, const std::vector<std::int16_t>& samples) {
  auto writer = media::WaveWriter::create(path, wide_rate_hz);
  if (!writer) return tl::make_unexpected(writer.error());
  if (!(*writer)->write(samples))
    return fail(Layer::lab, Fault::io, fmt::format("'{}' could not be written", path), "is the disk full?");
  return {};
}

// A plucked note: harmonics that fade at their own pace.
void add_note(std::vector<std::int16_t>& samples, double hz, double seconds) {
  const auto count = static_cast<std::size_t>(seconds * wide_rate_hz);
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / wide_rate_hz;
    double value = 0;
    for (int harmonic = 1; harmonic <= 4; ++harmonic)
      value += std::sin(2 * std::numbers::pi * hz * harmonic * t) * std::exp(-t * 3 * harmonic) / harmonic;
    samples.push_back(static_cast<std::int16_t>(value * 6000));
  }
}

}  // namespace

Expected<std::string> narrowband_speech() {
  for (const auto* path : {"/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav",
                           "/usr/share/asterisk/sounds/en/demo-congrats.wav"})
    if (std::filesystem::exists(path)) return std::string(path);
  return fail(Layer::lab, Fault::not_found, "the recorded announcement is missing",
              "install the package asterisk-core-sounds-en-wav, or run tools/deps");
}

Expected<std::vector<std::string>> wideband_speech() {
  std::vector<std::string> paths;
  for (const auto* name : {"Front_Center", "Front_Left", "Front_Right", "Rear_Center", "Rear_Left",
                           "Rear_Right", "Side_Left", "Side_Right"}) {
    auto path = fmt::format("/usr/share/sounds/alsa/{}.wav", name);
    if (!std::filesystem::exists(path))
      return fail(Layer::lab, Fault::not_found, fmt::format("the recording '{}' is missing", path),
                  "install the package alsa-utils, or run tools/deps");
    paths.push_back(std::move(path));
  }
  return paths;
}

Expected<void> write_wideband_speech(const std::string& path) {
  auto files = wideband_speech();
  if (!files) return tl::make_unexpected(files.error());
  std::vector<std::int16_t> samples;
  for (const auto& file : *files) {
    auto sound = media::read_sound_file(file);
    if (!sound) return tl::make_unexpected(sound.error());
    if (sound->rate_hz != wide_rate_hz)
      return fail(Layer::lab, Fault::unsupported, fmt::format("'{}' is not recorded at 48 kHz", file));
    samples.insert(samples.end(), sound->samples.begin(), sound->samples.end());
  }
  return write_file(path, samples);
}

Expected<void> write_music(const std::string& path) {
  constexpr double c = 261.63, d = 293.66, e = 329.63, g = 392.00, a = 440.00, high_c = 523.25;
  std::vector<std::int16_t> samples;
  for (const double note : {c, e, g, high_c, a, g, e, g, d, e, c, d, e, g, a, g})
    add_note(samples, note, 0.4);
  return write_file(path, samples);
}

}  // namespace sidetone::lab
