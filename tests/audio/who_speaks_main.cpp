// who-speaks HEARD.wav SPEAKER.wav...: a JSON line, {"loudness": dBFS, "shares": [...]}.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "speech/speech_files.h"
#include "speech/who_speaks.h"

int main(int argc, char** argv) {
  using namespace sidetone;
  if (argc < 3) {
    fmt::print(stderr, "usage: who-speaks HEARD.wav SPEAKER.wav...\n");
    return 2;
  }
  std::vector<media::Sound> sounds;
  for (int i = 1; i < argc; ++i) {
    auto sound = media::read_sound_file(argv[i]);
    if (!sound) {
      fmt::print(stderr, "who-speaks: {}\n", describe(sound.error()));
      return 2;
    }
    sounds.push_back(speech::at_48_khz(*sound));
  }
  std::vector<std::span<const std::int16_t>> speakers;
  for (std::size_t i = 1; i < sounds.size(); ++i) speakers.emplace_back(sounds[i].samples);
  const auto heard = speech::who_speaks(sounds.front().samples, speakers);
  fmt::print("{{\"loudness\": {:.1f}, \"shares\": [{:.3f}]}}\n", heard.loudness_dbfs,
             fmt::join(heard.shares, ", "));
  return 0;
}
