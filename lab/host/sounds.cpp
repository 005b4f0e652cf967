#include "labhost/sounds.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "media/sound.h"
#include "speech/speech_files.h"

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

Expected<void> write_speech(const std::string& path) {
  auto speech = speech::find_speech(speech::Band::full, 10);
  if (!speech) return tl::make_unexpected(speech.error());
  return write_file(path, speech->samples);
}

Expected<void> write_announcement(const std::string& path) {
  auto speech = speech::find_speech(speech::Band::wide, 20);
  if (!speech) return tl::make_unexpected(speech.error());
  return write_file(path, speech->samples);
}

Expected<void> write_music(const std::string& path) {
  constexpr double c = 261.63, d = 293.66, e = 329.63, g = 392.00, a = 440.00, high_c = 523.25;
  std::vector<std::int16_t> samples;
  for (const double note : {c, e, g, high_c, a, g, e, g, d, e, c, d, e, g, a, g})
    add_note(samples, note, 0.4);
  return write_file(path, samples);
}

}  // namespace sidetone::lab
