#include "media/dtmf_tone.h"

#include <cmath>
#include <string_view>

namespace sidetone::media {
namespace {

// ETSI ES 201 235-2 §4.2.3: -9 dBm0 for the high group, 2 dB less for the low one. A sine of full scale has
// +3.14 dBm0 (ITU-T G.711).
constexpr double column_amplitude = 8100, row_amplitude = 6434;
constexpr double beep_hz = 1000;
constexpr int ramp_samples = 96;  // 2 ms; §4.2.5 allows 5

}  // namespace

void DtmfTone::begin() {
  digit_ = wanted_;
  gain_ = 0;
  if (digit_ == beep_key) {
    row_ = column_ = Oscillator(beep_hz, mix_rate_hz);
    return;
  }
  const char upper = digit_ >= 'a' && digit_ <= 'd' ? static_cast<char>(digit_ - 'a' + 'A') : digit_;
  const auto key = std::string_view(dtmf_keys).find(upper);
  if (key == std::string_view::npos) {
    wanted_ = digit_ = 0;
    return;
  }
  row_ = Oscillator(dtmf_rows[key / 4], mix_rate_hz);
  column_ = Oscillator(dtmf_columns[key % 4], mix_rate_hz);
}

void DtmfTone::next(Frame& frame) {
  for (auto& sample : frame) {
    if (digit_ == 0 && wanted_ != 0) begin();
    if (digit_ == 0) {
      sample = 0;
      continue;
    }
    gain_ += wanted_ == digit_ ? (gain_ < ramp_samples ? 1 : 0) : -1;
    if (gain_ <= 0) digit_ = 0;
    const double sum = row_amplitude * row_.next() + column_amplitude * column_.next();
    sample = static_cast<std::int16_t>(std::lround(level_ * sum * gain_ / ramp_samples));
  }
}

}  // namespace sidetone::media
