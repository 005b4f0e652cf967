// Sound files: WAV in, WAV out.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"

namespace sidetone::media {

struct Sound {
  int rate_hz = 8000;
  std::vector<std::int16_t> samples;  // mono: channels are averaged
};

// WAV with PCM 16 bit, A-law or mu-law, one or two channels, 8 to 48 kHz. Errors say how to convert.
[[nodiscard]] Expected<Sound> parse_wave(std::span<const std::uint8_t> bytes, const std::string& name);
[[nodiscard]] Expected<Sound> read_sound_file(const std::string& path);

// Writes PCM 16 bit, one or two channels (samples alternate). The sizes in the header are brought up to date
// every second, so that the file stays playable when the process dies.
class WaveWriter {
 public:
  static constexpr std::uint32_t data_bytes_max = 0x7fffff00;  // readers take the sizes for signed
  enum class Existing : std::uint8_t { replaced, kept };       // kept: a file of that name is an error
  static Expected<std::unique_ptr<WaveWriter>> create(const std::string& path, int rate_hz, int channels = 1,
                                                      Existing existing = Existing::replaced);
  ~WaveWriter();
  WaveWriter(const WaveWriter&) = delete;
  WaveWriter& operator=(const WaveWriter&) = delete;
  // False: the disk takes no more; nothing is written from then on.
  bool write(std::span<const std::int16_t> samples);

 private:
  WaveWriter(std::FILE* file, int rate_hz, int channels)
      : file_(file), rate_hz_(rate_hz), channels_(channels) {}
  bool update_sizes();
  std::FILE* file_;
  int rate_hz_, channels_;
  std::uint32_t data_bytes_ = 0;
  std::uint32_t samples_since_update_ = 0;
  bool failed_ = false;
};

}  // namespace sidetone::media
