#include "speech/speech_files.h"

#include <api/audio_codecs/g722/audio_decoder_g722.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>

#include "media/audio_stream.h"
#include "media/resampler.h"

namespace sidetone::speech {
namespace {

const std::string asterisk = "/usr/share/asterisk/sounds/en_US_f_Allison/";
const std::string alsa = "/usr/share/sounds/alsa/";

tl::unexpected<Error> missing(const std::string& path, const char* package) {
  return fail(Layer::media, Fault::not_found, fmt::format("speech for tests is not there: {}", path),
              fmt::format("apt-get install {}", package));
}

// Raw G.722 at 64 kbit/s: 80 bytes are 10 ms.
Expected<media::Sound> read_g722(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.empty()) return missing(path, "asterisk-core-sounds-en-g722");
  webrtc::AudioDecoderG722::Config config;
  config.num_channels = 1;
  const auto decoder = webrtc::AudioDecoderG722::MakeAudioDecoder(config);
  media::Sound sound{16000, {}};
  for (std::size_t at = 0; at + 80 <= bytes.size(); at += 80) {
    std::array<std::int16_t, 160> block{};
    auto type = webrtc::AudioDecoder::kSpeech;
    decoder->Decode(&bytes[at], 80, 16000, sizeof block, block.data(), &type);
    sound.samples.insert(sound.samples.end(), block.begin(), block.end());
  }
  return sound;
}

struct Collection {
  std::string folder, suffix;
  const char* package;
  std::vector<const char*> names;
};

Collection collection(Band band) {
  const std::vector<const char*> prompts{"demo-congrats", "demo-instruct", "agent-pass", "conf-adminmenu"};
  switch (band) {
    case Band::narrow: return {asterisk, ".wav", "asterisk-core-sounds-en-wav", prompts};
    case Band::wide: return {asterisk, ".g722", "asterisk-core-sounds-en-g722", prompts};
    default:
      return {alsa,
              ".wav",
              "alsa-utils",
              {"Front_Center", "Front_Left", "Front_Right", "Rear_Center", "Rear_Left", "Rear_Right",
               "Side_Left", "Side_Right"}};
  }
}

}  // namespace

media::Sound at_48_khz(const media::Sound& sound) {
  media::Sound out{media::mix_rate_hz, {}};
  media::FrameResampler resampler;
  resampler.set_rates(sound.rate_hz, media::mix_rate_hz);
  const auto step = static_cast<std::size_t>(sound.rate_hz / 100);
  media::Frame frame;
  for (std::size_t at = 0; at + step <= sound.samples.size(); at += step) {
    resampler.run({&sound.samples[at], step}, frame);
    out.samples.insert(out.samples.end(), frame.begin(), frame.end());
  }
  return out;
}

Expected<media::Sound> find_speech(Band band, double seconds_min) {
  const auto from = collection(band);
  media::Sound all{media::mix_rate_hz, {}};
  for (const char* name : from.names) {
    const auto path = from.folder + name + from.suffix;
    auto sound = from.suffix == ".wav" ? media::read_sound_file(path) : read_g722(path);
    if (!sound) return missing(path, from.package);
    const auto part = at_48_khz(*sound);
    all.samples.insert(all.samples.end(), part.samples.begin(), part.samples.end());
    if (static_cast<double>(all.samples.size()) >= seconds_min * media::mix_rate_hz) return all;
  }
  return fail(Layer::media, Fault::not_found,
              fmt::format("{} holds less than {} s of speech", from.folder, seconds_min));
}

}  // namespace sidetone::speech
