#include "media/device/device_exchange.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

namespace sidetone::media {
namespace {

// More than this (100 ms) waiting to be played is left from a stall: it would stay as delay for the whole
// call.
constexpr std::size_t play_backlog_frames_max = 10;
// A stall of some milliseconds is filled with silence, and what comes after it late stays late. What no
// callback has needed for so long is taken out again: at once where it is quiet, else when it has waited as
// long again.
constexpr std::size_t look_frames = 200;
constexpr std::size_t surplus_min_divisor = 4;  // of 10 ms: not worth a cut below
constexpr std::size_t margin_divisor = 8;
constexpr int quiet_peak = 300;

bool is_quiet(const Frame& frame) {
  return std::all_of(frame.begin(), frame.end(),
                     [](std::int16_t sample) { return std::abs(int{sample}) <= quiet_peak; });
}

}  // namespace

DeviceExchange::~DeviceExchange() {
  for (const int descriptor : wake_)
    if (descriptor >= 0) ::close(descriptor);
}

Expected<void> DeviceExchange::open(int rate_hz) {
  samples_ = static_cast<std::size_t>(rate_hz / 100);
  to_ours_.set_rates(rate_hz, mix_rate_hz);
  to_device_.set_rates(mix_rate_hz, rate_hz);
  if (::pipe2(wake_.data(), O_NONBLOCK | O_CLOEXEC) == 0) return {};
  return fail(Layer::device, Fault::limit, "no descriptor is left for the sound device", "raise ulimit -n");
}

void DeviceExchange::exchange(const std::int16_t* in, std::int16_t* out, std::size_t frames) {
  if (in != nullptr) {
    recorded_.write({in, frames});
  } else {  // a machine without microphone: silence, so that the clock goes on
    static constexpr Frame silence{};
    for (std::size_t left = frames; left > 0; left -= std::min(left, silence.size()))
      recorded_.write(std::span(silence).first(std::min(left, silence.size())));
  }
  if (out != nullptr) {
    const auto got = to_play_.read({out, frames});
    plays_ = plays_ || got > 0;
    if (plays_ && got < frames) underruns_.fetch_add(1, std::memory_order_relaxed);
    const auto left = to_play_.size();
    if (left < least_left_.load(std::memory_order_relaxed))
      least_left_.store(left, std::memory_order_relaxed);
    std::fill(out + got, out + frames, std::int16_t{0});
  }
  // Callbacks come with 1 to some thousand frames: wake once for 10 ms.
  since_wake_ += frames;
  if (since_wake_ < samples_) return;
  since_wake_ %= samples_;
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(wake_[1], &byte, 1);  // full: the reader is awake anyway
}

bool DeviceExchange::record(Frame& frame) {
  if (take(frame)) return true;
  std::array<char, 64> bytes;
  while (::read(wake_[0], bytes.data(), bytes.size()) > 0) {
  }
  // A callback between the look and the emptying has taken its wake-up along.
  return take(frame);
}

bool DeviceExchange::take(Frame& frame) {
  if (recorded_.size() < samples_) return false;
  const auto recorded = std::span(at_device_rate_).first(samples_);
  recorded_.read(recorded);
  to_ours_.run(recorded, frame);
  return true;
}

void DeviceExchange::play(const Frame& frame) {
  if (to_play_.size() > play_backlog_frames_max * samples_) return;
  const auto left_out = surplus() > 0 && (is_quiet(frame) || frames_since_look_ + 1 == look_frames)
                            ? std::exchange(surplus_, 0)
                            : 0;
  const auto played = std::span(at_device_rate_).first(samples_);
  to_device_.run(frame, played);
  to_play_.write(played.subspan(left_out));
}

// Of what waits to be played, as the last look found it.
std::size_t DeviceExchange::surplus() {
  if (++frames_since_look_ < look_frames) return surplus_;
  frames_since_look_ = 0;
  const auto least = least_left_.exchange(ring_samples, std::memory_order_relaxed);
  const auto margin = samples_ / margin_divisor;
  surplus_ = least != ring_samples && least >= samples_ / surplus_min_divisor + margin
                 ? std::min(least - margin, samples_)
                 : 0;
  return surplus_;
}

}  // namespace sidetone::media
