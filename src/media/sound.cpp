#include "media/sound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>

#include "media/resampler.h"

namespace sidetone::media {
namespace {

static_assert(std::endian::native == std::endian::little, "WAV samples are written as they are in memory");

constexpr std::size_t file_bytes_max = 256u << 20;  // 45 minutes of 48 kHz stereo: more is a mistake
constexpr std::uint16_t tag_pcm = 1, tag_alaw = 6, tag_mulaw = 7, tag_extensible = 0xfffe;
constexpr const char* convert_remedy = "convert it, for example: sox INPUT -b 16 -c 1 -r 48000 OUTPUT.wav";

std::uint16_t le_16(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[0] | at[1] << 8); }
std::uint32_t le_32(const std::uint8_t* at) { return le_16(at) | std::uint32_t{le_16(at + 2)} << 16; }

// ITU-T G.711, expansion.
std::int16_t from_mulaw(std::uint8_t code) {
  const int inverted = ~code & 0xff;
  const int magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return static_cast<std::int16_t>((inverted & 0x80) != 0 ? 0x84 - magnitude : magnitude - 0x84);
}

std::int16_t from_alaw(std::uint8_t code) {
  const int bits = code ^ 0x55;
  const int segment = (bits & 0x70) >> 4;
  int magnitude = ((bits & 0x0f) << 4) + (segment == 0 ? 8 : 0x108);
  if (segment > 1) magnitude <<= segment - 1;
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? magnitude : -magnitude);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

struct WaveFormat {
  std::uint16_t tag = 0, channels = 0, bits = 0;
  std::uint32_t rate_hz = 0;
};

std::int16_t sample_at(const WaveFormat& format, const std::uint8_t* data, std::size_t index) {
  if (format.tag == tag_pcm) return static_cast<std::int16_t>(le_16(data + index * 2));
  return format.tag == tag_alaw ? from_alaw(data[index]) : from_mulaw(data[index]);
}

Sound decode(const WaveFormat& format, std::span<const std::uint8_t> data) {
  const std::size_t sample_size = format.bits / 8;
  const std::size_t count = data.size() / (sample_size * format.channels);
  Sound sound;
  sound.rate_hz = static_cast<int>(format.rate_hz);
  sound.samples.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    int sum = 0;
    for (std::size_t channel = 0; channel < format.channels; ++channel)
      sum += sample_at(format, data.data(), i * format.channels + channel);
    sound.samples[i] = static_cast<std::int16_t>(sum / format.channels);
  }
  return sound;
}

tl::unexpected<Error> refuse(const std::string& name, Fault fault, std::string why) {
  return fail(Layer::media, fault, fmt::format("sound file {}: {}", name, why), convert_remedy);
}

Expected<WaveFormat> check_format(std::span<const std::uint8_t> chunk, const std::string& name) {
  if (chunk.size() < 16) return refuse(name, Fault::syntax, "its format chunk is too short");
  WaveFormat format{le_16(&chunk[0]), le_16(&chunk[2]), le_16(&chunk[14]), le_32(&chunk[4])};
  if (format.tag == tag_extensible && chunk.size() >= 26) format.tag = le_16(&chunk[24]);
  const bool pcm_16 = format.tag == tag_pcm && format.bits == 16;
  const bool g711 = (format.tag == tag_alaw || format.tag == tag_mulaw) && format.bits == 8;
  if (!pcm_16 && !g711)
    return refuse(name, Fault::unsupported,
                  fmt::format("WAV format {} with {} bits is not PCM 16 bit, A-law or mu-law", format.tag,
                              format.bits));
  if (format.channels < 1 || format.channels > 2)
    return refuse(name, Fault::unsupported, fmt::format("{} channels instead of 1 or 2", format.channels));
  if (format.rate_hz > 48000 || !is_resampler_rate(static_cast<int>(format.rate_hz)))
    return refuse(name, Fault::unsupported,
                  fmt::format("{} Hz is none of 8000, 16000, 32000, 48000 Hz", format.rate_hz));
  return format;
}

bool starts_with(std::span<const std::uint8_t> bytes, const char* text) {
  return bytes.size() >= std::strlen(text) && std::memcmp(bytes.data(), text, std::strlen(text)) == 0;
}

bool is_mp3(std::span<const std::uint8_t> bytes) {
  const bool frame = bytes.size() >= 2 && bytes[0] == 0xff && (bytes[1] & 0xe6) == 0xe2;  // layer III
  return frame || starts_with(bytes, "ID3");
}

}  // namespace

Expected<Sound> parse_wave(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (is_mp3(bytes)) return refuse(name, Fault::unsupported, "MP3 cannot be played, only WAV");
  if (bytes.size() < 12 || !starts_with(bytes, "RIFF") || !starts_with(bytes.subspan(8), "WAVE"))
    return refuse(name, Fault::syntax, "this is no WAV file");
  auto rest = bytes.subspan(12);
  std::optional<WaveFormat> format;
  while (rest.size() >= 8) {
    // A recorder that died leaves a size of 0 or of everything: what is there counts.
    const std::size_t told = le_32(&rest[4]);
    const auto size = std::min(told, rest.size() - 8);
    const auto chunk = rest.subspan(8, size);
    if (starts_with(rest, "fmt ")) {
      auto checked = check_format(chunk, name);
      if (!checked) return tl::make_unexpected(checked.error());
      format = *checked;
    }
    if (starts_with(rest, "data")) {
      if (!format) return refuse(name, Fault::syntax, "its data comes before its format");
      return decode(*format, chunk);
    }
    rest = rest.subspan(std::min(rest.size(), 8 + size + (size & 1)));
  }
  return refuse(name, Fault::syntax, "it holds no sound");
}

Expected<Sound> read_sound_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file)
    return fail(Layer::media, Fault::not_found, fmt::format("sound file {}: {}", path, std::strerror(errno)),
                "check the path and that it may be read");
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 65536> block;
  for (;;) {
    const auto got = std::fread(block.data(), 1, block.size(), file.get());
    bytes.insert(bytes.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got));
    if (bytes.size() > file_bytes_max) return refuse(path, Fault::limit, "it is larger than 256 MB");
    if (got < block.size()) break;
  }
  if (std::ferror(file.get()) != 0) return refuse(path, Fault::io, "it cannot be read to its end");
  return parse_wave(bytes, path);
}

namespace {

constexpr std::uint32_t header_bytes = 44;

void le_put(std::uint8_t* at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::array<std::uint8_t, header_bytes> wave_header(int rate_hz, int channels, std::uint32_t data_bytes) {
  std::array<std::uint8_t, header_bytes> header{};
  const auto rate = static_cast<std::uint32_t>(rate_hz);
  const auto frame_bytes = static_cast<std::uint32_t>(2 * channels);
  std::memcpy(&header[0], "RIFF", 4);
  le_put(&header[4], header_bytes - 8 + data_bytes, 4);
  std::memcpy(&header[8], "WAVEfmt ", 8);
  le_put(&header[16], 16, 4);
  le_put(&header[20], tag_pcm, 2);
  le_put(&header[22], static_cast<std::uint32_t>(channels), 2);
  le_put(&header[24], rate, 4);
  le_put(&header[28], rate * frame_bytes, 4);
  le_put(&header[32], frame_bytes, 2);
  le_put(&header[34], 16, 2);
  std::memcpy(&header[36], "data", 4);
  le_put(&header[40], data_bytes, 4);
  return header;
}

}  // namespace

Expected<std::unique_ptr<WaveWriter>> WaveWriter::create(const std::string& path, int rate_hz, int channels,
                                                         Existing existing) {
  auto* file = std::fopen(path.c_str(), existing == Existing::replaced ? "wb" : "wbx");
  if (file == nullptr)
    return fail(Layer::media, Fault::io, fmt::format("recording to {}: {}", path, std::strerror(errno)),
                "check that the folder exists and may be written");
  auto writer = std::unique_ptr<WaveWriter>(new WaveWriter(file, rate_hz, channels));
  if (!writer->update_sizes())
    return fail(Layer::media, Fault::io, fmt::format("recording to {}: {}", path, std::strerror(errno)),
                "check that the disk has room");
  return writer;
}

WaveWriter::~WaveWriter() {
  if (!failed_) update_sizes();
  std::fclose(file_);
}

bool WaveWriter::write(std::span<const std::int16_t> samples) {
  const auto bytes = samples.size() * sizeof(std::int16_t);
  if (failed_ || bytes > data_bytes_max - data_bytes_) return false;
  if (std::fwrite(samples.data(), sizeof(std::int16_t), samples.size(), file_) != samples.size()) {
    failed_ = true;
    return false;
  }
  data_bytes_ += static_cast<std::uint32_t>(bytes);
  samples_since_update_ += static_cast<std::uint32_t>(samples.size());
  if (samples_since_update_ >= static_cast<std::uint32_t>(rate_hz_ * channels_)) return update_sizes();
  return true;
}

bool WaveWriter::update_sizes() {
  samples_since_update_ = 0;
  const auto header = wave_header(rate_hz_, channels_, data_bytes_);
  const bool good = std::fseek(file_, 0, SEEK_SET) == 0 &&
                    std::fwrite(header.data(), 1, header.size(), file_) == header.size() &&
                    std::fseek(file_, 0, SEEK_END) == 0 && std::fflush(file_) == 0;
  failed_ = !good;
  return good;
}

}  // namespace sidetone::media
