#include "media/tone_sound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "media/audio_stream.h"
#include "media/resampler.h"

namespace sidetone::media {
namespace {

constexpr std::size_t tone_seconds_max = 300;

Sound at_rate(Sound sound, int rate_hz) {
  if (sound.rate_hz == rate_hz) return sound;
  FrameResampler resampler;
  resampler.set_rates(sound.rate_hz, rate_hz);
  const auto in_size = static_cast<std::size_t>(sound.rate_hz / 100),
             out_size = static_cast<std::size_t>(rate_hz / 100);
  Sound out{rate_hz, {}};
  sound.samples.resize((sound.samples.size() + in_size - 1) / in_size * in_size);
  out.samples.resize(sound.samples.size() / in_size * out_size);
  for (std::size_t frame = 0; frame * in_size < sound.samples.size(); ++frame)
    resampler.run(std::span(sound.samples).subspan(frame * in_size, in_size),
                  std::span(out.samples).subspan(frame * out_size, out_size));
  return out;
}

}  // namespace

Expected<Sound> read_tone_file(const std::string& file, const std::string& option) {
  auto sound = read_sound_file(file);
  if (!sound) {
    auto error = std::move(sound.error());
    error.text = fmt::format("{}: {}", option, error.text);
    return tl::make_unexpected(std::move(error));
  }
  if (sound->samples.empty())
    return fail(Layer::media, Fault::range,
                fmt::format("{}: sound file {}: there is no sound in it", option, file), "name another file");
  if (sound->samples.size() > tone_seconds_max * static_cast<std::size_t>(sound->rate_hz))
    return fail(Layer::media, Fault::limit,
                fmt::format("{}: sound file {}: it is longer than {} s", option, file, tone_seconds_max),
                "shorten it");
  return sound;
}

Sound tone_sound(const ToneSpec& spec, int rate_hz, bool once, const std::function<void(Error)>& complain) {
  if (!spec.file.empty()) {
    auto sound = read_tone_file(spec.file, spec.option);
    if (sound) return at_rate(std::move(*sound), rate_hz);
    if (complain) complain(std::move(sound.error()));
  }
  auto sound = render(spec.pattern, rate_hz);
  while (once && !sound.samples.empty() && sound.samples.back() == 0) sound.samples.pop_back();
  return sound;
}

}  // namespace sidetone::media
