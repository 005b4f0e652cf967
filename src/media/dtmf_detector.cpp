#include "media/dtmf_detector.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "media/dtmf_tone.h"
#include "media/fir.h"

namespace sidetone::media {
namespace {

constexpr double pi = std::numbers::pi;
constexpr std::size_t block_size = DtmfDetector::block_samples;

constexpr unsigned silent_frames_max = 10;  // 100 ms: more than the end of a digit takes
constexpr float amplitude_min = 700;        // -30 dBm0 for each of the two
constexpr float others_max = 0.16F;         // another tone of the same group: 8 dB below
// Of all the block's energy. What a tone that fills a part of a block has is that part: two blocks of which a
// digit begins are 22 ms, and one of 40 ms fills two wholly, wherever it falls.
constexpr float share_min = 0.6F;
constexpr double first_share_min = 0.88;
constexpr float column_above_max = 4.0F, row_above_max = 12.0F;  // powers: 6 and 11 dB
constexpr float level_step_max = 4.0F;
constexpr double off_max = 0.022,
                 off_hz_max = 2;    // between the 1.5 % that must pass and the 3.5 % that must not
constexpr unsigned misses_max = 2;  // an interruption of 10 ms spoils two blocks, a pause of 40 three

struct Tone {
  double hz = 0;
  float twice_cos = 0, cosine = 0, sine = 0;
};

std::array<Tone, 8> make_tones() {
  std::array<Tone, 8> tones;
  for (std::size_t i = 0; i < tones.size(); ++i) {
    auto& tone = tones[i];
    tone.hz = i < 4 ? dtmf_rows[i] : dtmf_columns[i - 4];
    const double w = 2 * pi * tone.hz / DtmfDetector::rate_hz;
    tone.twice_cos = static_cast<float>(2 * std::cos(w));
    tone.cosine = static_cast<float>(std::cos(w));
    tone.sine = static_cast<float>(std::sin(w));
  }
  return tones;
}
const std::array<Tone, 8> tones = make_tones();

// What the Goertzel filter of each tone (rows first) has at the end of a block, and has had a sample before,
// is a sum over the block's samples: s(n) = x(n) + 2 cos(w) s(n-1) - s(n-2) answers to a single 1 with
// sin(w(n+1)) / sin(w). Sums do not wait for each other as the steps of the filter do.
struct Weights {
  std::array<std::array<float, 8>, block_size> last{}, before{};
};

Weights make_weights() {
  Weights weights;
  for (std::size_t n = 0; n < block_size; ++n)
    for (std::size_t tone = 0; tone < tones.size(); ++tone) {
      const double w = 2 * pi * tones[tone].hz / DtmfDetector::rate_hz;
      const auto left = static_cast<double>(block_size - n);
      weights.last[n][tone] = static_cast<float>(std::sin(w * left) / std::sin(w));
      weights.before[n][tone] = static_cast<float>(std::sin(w * (left - 1)) / std::sin(w));
    }
  return weights;
}
const Weights weights = make_weights();

// Low pass between 3.4 kHz and what would fold onto the tones, Hamming window.
std::array<std::int16_t, 48> make_filter() {
  std::array<std::int16_t, 48> filter;
  constexpr double cut = 4850.0 / mix_rate_hz;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const double x = static_cast<double>(i) - (static_cast<double>(filter.size()) - 1) / 2;
    const double window = 0.54 + 0.46 * std::cos(2 * pi * x / static_cast<double>(filter.size()));
    filter[i] = static_cast<std::int16_t>(
        std::lround((1 << fir_fraction_bits) * std::sin(2 * pi * cut * x) / (pi * x) * window));
  }
  return filter;
}
const std::array<std::int16_t, 48> filter = make_filter();

// How far a tone is from its nominal frequency, out of the turn of its phase from one block to the next.
double off_hz(std::size_t tone, float phase_before, float phase) {
  const double turn = phase - phase_before - 2 * pi * tones[tone].hz * block_size / DtmfDetector::rate_hz;
  return std::remainder(turn, 2 * pi) * DtmfDetector::rate_hz / (2 * pi * block_size);
}

bool is_near(std::size_t tone, double off) { return std::abs(off) <= tones[tone].hz * off_max + off_hz_max; }

// What a filter hears of the power of a tone beside its frequency.
double response(double off) {
  const double x = pi * off * block_size / DtmfDetector::rate_hz;
  const double sinc = std::abs(x) < 1e-6 ? 1 : std::sin(x) / x;
  return sinc * sinc;
}

}  // namespace

std::optional<DtmfDetector::Heard> DtmfDetector::listen(const Frame& frame) {
  std::optional<Heard> heard;
  constexpr std::size_t past = taps - 6, ratio = 6;
  // Digital silence, after what was there has been heard to its end: most of what a call hears is nothing.
  const bool silent =
      std::all_of(frame.begin(), frame.end(), [](std::int16_t sample) { return sample == 0; });
  silent_frames_ = silent ? std::min(silent_frames_ + 1, silent_frames_max) : 0;
  if (silent_frames_ == silent_frames_max) return heard;
  std::copy(frame.begin(), frame.end(), line_.begin() + past);
  std::array<std::int16_t, frame_samples / ratio> samples;
  run_fir({filter.data(), taps, ratio, 1}, line_.data(), samples.size(), samples.data());
  for (std::span<const std::int16_t> left(samples); !left.empty();) {
    const auto count = std::min(left.size(), block_samples - filled_);
    std::copy_n(left.begin(), count, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += count;
    left = left.subspan(count);
    if (filled_ < block_samples) break;
    filled_ = 0;
    if (const auto ended = follow(judge())) heard = ended;
  }
  std::copy(line_.end() - past, line_.end(), line_.begin());
  return heard;
}

DtmfDetector::Block DtmfDetector::judge() const {
  constexpr float half = block_size / 2.0F;
  float energy = 0;
  for (const float sample : block_) energy += sample * sample;
  if (energy < amplitude_min * amplitude_min * half) return {};  // silence, mostly
  std::array<float, 8> s1{}, s2{};
  for (std::size_t n = 0; n < block_.size(); ++n)
    for (std::size_t i = 0; i < s1.size(); ++i) {
      s1[i] += weights.last[n][i] * static_cast<float>(block_[n]);
      s2[i] += weights.before[n][i] * static_cast<float>(block_[n]);
    }
  std::array<float, 8> power;  // squared amplitudes
  for (std::size_t i = 0; i < power.size(); ++i)
    power[i] = (s1[i] * s1[i] + s2[i] * s2[i] - tones[i].twice_cos * s1[i] * s2[i]) / (half * half);
  const auto row =
      static_cast<std::size_t>(std::max_element(power.begin(), power.begin() + 4) - power.begin());
  const auto column =
      static_cast<std::size_t>(std::max_element(power.begin() + 4, power.end()) - power.begin());
  if (power[row] < amplitude_min * amplitude_min || power[column] < amplitude_min * amplitude_min) return {};
  if (power[column] > power[row] * column_above_max || power[row] > power[column] * row_above_max) return {};
  for (std::size_t i = 0; i < power.size(); ++i)
    if (i != row && i != column && power[i] > power[i < 4 ? row : column] * others_max) return {};
  if ((power[row] + power[column]) * half < share_min * energy) return {};
  Block block{dtmf_keys[row * 4 + (column - 4)],
              power[row] + power[column],
              {power[row] * half / energy, power[column] * half / energy},
              {}};
  const auto phase = [&](std::size_t tone) {
    return std::atan2(s2[tone] * tones[tone].sine, s1[tone] - s2[tone] * tones[tone].cosine);
  };
  block.phase = {phase(row), phase(column)};
  return block;
}

// The same two tones, of steady level, and of the right frequencies.
bool DtmfDetector::goes_on(const Block& before, const Block& block) {
  if (block.digit == 0 || before.digit != block.digit) return false;
  if (block.power > before.power * level_step_max || before.power > block.power * level_step_max)
    return false;
  const auto key = static_cast<std::size_t>(std::find(dtmf_keys, dtmf_keys + 16, block.digit) - dtmf_keys);
  const std::size_t row = key / 4, column = 4 + key % 4;
  const double row_off = off_hz(row, before.phase[0], block.phase[0]),
               column_off = off_hz(column, before.phase[1], block.phase[1]);
  if (!is_near(row, row_off) || !is_near(column, column_off)) return false;
  const auto share = [&](const Block& b) {
    return b.share[0] / response(row_off) + b.share[1] / response(column_off);
  };
  return share(before) >= first_share_min && share(block) >= first_share_min;
}

std::optional<DtmfDetector::Heard> DtmfDetector::follow(const Block& block) {
  const auto before = last_;
  last_ = block;
  const bool begins = goes_on(before, block);
  const auto over = [this]() -> std::optional<Heard> {
    if (open_ == 0) return std::nullopt;
    return Heard{open_, std::chrono::milliseconds(blocks_ * block_samples * 1000 / rate_hz)};
  };
  if (open_ != 0 && block.digit == open_) {
    blocks_ += 1 + misses_;
    misses_ = 0;
    return std::nullopt;
  }
  std::optional<Heard> ended;
  if (open_ != 0 && (begins || ++misses_ > misses_max)) {
    ended = over();
    open_ = 0;
  }
  if (begins) {
    open_ = block.digit;
    blocks_ = 2;
    misses_ = 0;
  }
  return ended;
}

}  // namespace sidetone::media
