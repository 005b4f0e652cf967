// What libopus alone needs for one call: encode and decode of the same speech, mono, 20 ms, as the product
// sets it. The rest of an Opus call's cost is ours.
//   opus_cost SPEECH.wav BITRATE COMPLEXITY
#include <fmt/format.h>
#include <opus/opus.h>
#include <time.h>

#include <cstdlib>

#include "media/sound.h"

namespace {

constexpr int frame_samples = 960;
constexpr int rounds = 5;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto speech = sidetone::media::read_sound_file(argv[1]);
  if (!speech || speech->rate_hz != 48000) return 2;
  int error = 0;
  auto* encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_AUDIO, &error);
  auto* decoder = opus_decoder_create(48000, 1, &error);
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(std::atoi(argv[2])));
  opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(std::atoi(argv[3])));
  std::size_t frames = 0, bytes = 0;
  const auto begin = cpu_seconds();
  for (int round = 0; round < rounds; ++round)
    for (std::size_t at = 0; at + frame_samples <= speech->samples.size(); at += frame_samples) {
      unsigned char packet[1500];
      std::int16_t heard[frame_samples];
      const int size =
          opus_encode(encoder, speech->samples.data() + at, frame_samples, packet, sizeof packet);
      if (size < 0 || opus_decode(decoder, packet, size, heard, frame_samples, 0) != frame_samples) return 1;
      ++frames;
      bytes += static_cast<std::size_t>(size);
    }
  const double took = cpu_seconds() - begin;
  fmt::print("{{\"cpu_percent\": {:.4f}, \"kbit_s\": {:.1f}}}\n",
             100 * took / (static_cast<double>(frames) * 0.02),
             static_cast<double>(bytes) * 8 / (static_cast<double>(frames) * 20));
  opus_encoder_destroy(encoder);
  opus_decoder_destroy(decoder);
}
