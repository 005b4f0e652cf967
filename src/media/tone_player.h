// Plays a sound that is in memory, once or over and over, with a volume that others may turn meanwhile. Made
// anywhere; fill() is for a real-time callback or the media tick: it neither locks nor allocates.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>

#include "media/sound.h"

namespace sidetone::media {

// Turned by one thread, heard by others.
class ToneVolume {
 public:
  static constexpr int unity = 1 << 14;
  void set_percent(int percent) {
    gain_.store(std::clamp(percent, 0, 100) * unity / 100, std::memory_order_relaxed);
  }
  [[nodiscard]] int gain() const { return gain_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> gain_{unity};
};

class TonePlayer {
 public:
  // `volume` null: as loud as it is.
  TonePlayer(Sound sound, bool once, std::shared_ptr<const ToneVolume> volume)
      : sound_(std::move(sound)),
        once_(once),
        volume_(std::move(volume)),
        gain_(wanted_gain()),
        // From full to nothing within 10 ms: no click.
        step_(ToneVolume::unity * 100 / sound_.rate_hz + 1) {}

  // Returns how many samples are of the sound; silence follows them.
  std::size_t fill(std::span<std::int16_t> out) {
    begun_ = true;
    std::size_t made = 0;
    for (; made < out.size() && !finished(); ++made) {
      gain_ += std::clamp(wanted_gain() - gain_, -step_, step_);
      out[made] = static_cast<std::int16_t>(sound_.samples[at_] * gain_ / ToneVolume::unity);
      if (++at_ == sound_.samples.size() && !once_) at_ = 0;
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(made), out.end(), std::int16_t{0});
    return made;
  }
  [[nodiscard]] bool begun() const { return begun_; }
  // Fades away; finished() soon.
  void stop() { stopping_ = true; }
  // Played to its end, or faded away.
  [[nodiscard]] bool finished() const { return at_ >= sound_.samples.size() || (stopping_ && gain_ == 0); }

 private:
  [[nodiscard]] int wanted_gain() const {
    if (stopping_) return 0;
    return volume_ ? volume_->gain() : ToneVolume::unity;
  }
  Sound sound_;
  bool once_, stopping_ = false, begun_ = false;
  std::shared_ptr<const ToneVolume> volume_;
  std::size_t at_ = 0;
  int gain_, step_;
};

}  // namespace sidetone::media
