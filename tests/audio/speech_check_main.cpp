// speech-check SENT.wav RECEIVED.wav [--wideband]: exit code 0 when the speech arrived.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace {

int usage() {
  fmt::print(stderr, "usage: speech-check SENT.wav RECEIVED.wav [--wideband]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sidetone;
  const bool wideband = argc == 4 && std::string_view(argv[3]) == "--wideband";
  if (argc != 3 && !wideband) return usage();
  const auto sent = media::read_sound_file(argv[1]);
  const auto received = media::read_sound_file(argv[2]);
  for (const auto* sound : {&sent, &received}) {
    if (*sound) continue;
    fmt::print(stderr, "speech-check: {}\n", describe(sound->error()));
    return 2;
  }
  speech::SpeechRules rules;
  rules.wideband = wideband;
  const auto verdict = speech::check_speech(speech::at_48_khz(*sent).samples,
                                                speech::at_48_khz(*received).samples, rules);
  fmt::print("{}\n", verdict.to_string());
  return verdict.good ? 0 : 1;
}
