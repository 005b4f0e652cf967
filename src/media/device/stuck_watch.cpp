#include "media/device/stuck_watch.h"

#include <algorithm>

namespace sidetone::media {
namespace {

// PulseAudio takes up to two seconds for the first callback of a monitor (measured).
constexpr Duration first_frame_max = std::chrono::seconds(5);
// Frames come every 10 ms, with a busy machine every 100 ms; a device that changes its profile takes a
// second.
constexpr Duration stall_max = std::chrono::seconds(2);
// A live microphone has noise in its lowest bit. Bluetooth ones gate it between sentences.
constexpr Duration silence_max = std::chrono::seconds(10);

bool is_silent(const Frame& frame) {
  return std::all_of(frame.begin(), frame.end(), [](std::int16_t sample) { return sample == 0; });
}

}  // namespace

void StuckWatch::opened(bool has_microphone, Time now) {
  has_microphone_ = has_microphone;
  runs_ = stall_told_ = false;
  last_frame_ = now;
  silent_since_.reset();
}

void StuckWatch::heard(const Frame& microphone, bool listened_to, Time now) {
  runs_ = true;
  stall_told_ = false;
  last_frame_ = now;
  if (!is_silent(microphone)) {
    silent_since_.reset();
    may_be_silent_ = true;
  } else if (!has_microphone_ || !listened_to) {
    silent_since_.reset();
  } else if (!silent_since_) {
    silent_since_ = now;
  }
}

std::optional<StuckWatch::Stuck> StuckWatch::look(Time now) {
  if (!stall_told_ && now - last_frame_ >= (runs_ ? stall_max : first_frame_max)) {
    stall_told_ = true;
    return Stuck::stalled;
  }
  if (silent_since_ && may_be_silent_ && now - *silent_since_ >= silence_max) {
    may_be_silent_ = false;
    return Stuck::silent;
  }
  return std::nullopt;
}

}  // namespace sidetone::media
