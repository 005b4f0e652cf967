// speech-check SENT.wav RECEIVED.wav [--wideband] [--real-time] [--foreign-encoder] [--low-rate]: exit code 0
// when the speech arrived.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace {

int usage() {
  fmt::print(stderr,
             "usage: speech-check SENT.wav RECEIVED.wav [--wideband] [--real-time] [--foreign-encoder] "
             "[--low-rate]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sidetone;
  if (argc < 3) return usage();
  speech::SpeechRules rules;
  for (const std::string_view option : std::vector<std::string_view>(argv + 3, argv + argc)) {
    if (option == "--wideband") {
      rules.wideband = true;
    } else if (option == "--real-time") {
      // On a busy machine packets come late, and the jitter buffer stretches a syllable here and there.
      rules.found_min = 0.9;
      rules.fifth_percentile_min = 0;
      rules.median_min = 0.9;  // iSAC has 0.955 at its best
    } else if (option == "--foreign-encoder") {
      rules.median_min = 0.85;  // it may filter, and spend fewer bits than ours
    } else if (option == "--low-rate") {
      // 8 to 15 kbit/s are for the ear and not for the wave: an "s" becomes another noise of the same colour.
      rules.median_min = 0.65;
      rules.found_min = 0.8;
    } else {
      return usage();
    }
  }
  const auto sent = media::read_sound_file(argv[1]);
  const auto received = media::read_sound_file(argv[2]);
  for (const auto* sound : {&sent, &received}) {
    if (*sound) continue;
    fmt::print(stderr, "speech-check: {}\n", describe(sound->error()));
    return 2;
  }
  const auto verdict =
      speech::check_speech(speech::at_48_khz(*sent).samples, speech::at_48_khz(*received).samples, rules);
  fmt::print("{}\n", verdict.to_string());
  return verdict.good ? 0 : 1;
}
