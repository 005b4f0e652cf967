#include "media/voice_activity.h"

#include <algorithm>
#include <cmath>

namespace sidetone::media {
namespace {

constexpr int hangover_frames = 12;       // words have gaps of about 100 ms
constexpr float speech_over_floor = 8;    // 9 dB
constexpr float speech_power_min = 3400;  // -55 dB of full scale: quieter is no speech anywhere
constexpr float floor_rise = 1.002F;      // 0.9 dB a second: a sentence does not become background
constexpr float smoothing = 1.0F / 64;

// Every fourth sample: folded down, what is above 6 kHz is as loud as before.
float mean_square(const Frame& frame) {
  constexpr std::size_t step = 4;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < frame.size(); i += step) sum += std::int32_t{frame[i]} * frame[i];
  static_assert(frame_samples % step == 0);
  constexpr std::size_t looked_at = frame_samples / step;
  return static_cast<float>(sum) / static_cast<float>(looked_at);
}

void smooth(float& into, float power) { into = into <= 0 ? power : into + (power - into) * smoothing; }

// A sine at full scale is +3.17 dBm0 (ITU-T G.711), and half of its peak's square in power.
int dbm0(float power) {
  if (power <= 0) return 127;
  const double full_scale_sine = 32768.0 * 32768.0 / 2;
  return static_cast<int>(std::clamp(std::lround(10 * std::log10(power / full_scale_sine) + 3.17), -99L, 3L));
}

}  // namespace

void VoiceActivity::look(const Frame& frame) {
  const float power = mean_square(frame);
  if (power < 1) return pass();  // digital silence tells nothing of a background
  floor_ = floor_ <= 0 || power < floor_ ? power : floor_ * floor_rise;
  if (power > speech_power_min && power > floor_ * speech_over_floor) {
    hangover_ = hangover_frames;
    smooth(speech_power_, power);
  } else {
    hangover_ = std::max(0, hangover_ - 1);
    if (hangover_ == 0) smooth(noise_power_, power);
  }
  if (active()) ++active_frames_;
}

void VoiceActivity::pass() {
  hangover_ = std::max(0, hangover_ - 1);
  if (active()) ++active_frames_;
}

int VoiceActivity::signal_level() const { return dbm0(speech_power_); }
int VoiceActivity::noise_level() const { return dbm0(noise_power_); }

}  // namespace sidetone::media
