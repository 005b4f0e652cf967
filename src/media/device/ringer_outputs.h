// Devices that ring beside the one that calls use. Each has a thread of its own, so that one which opens
// slowly, or never, holds nobody up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"
#include "media/tone_player.h"
#include "media/tone_sound.h"

namespace sidetone::media {

class RingerOutputs {
 public:
  // On the outputs' threads, not after the destructor has returned: they must only post.
  struct Told {
    std::function<void(std::uint64_t order)> ended;  // one that sounds once is through
    std::function<void(std::uint64_t order, const std::string& device, Error)> failed;
    std::function<void(Error)> complaint;  // about a file; the generated tone sounds instead
  };
  RingerOutputs(Told told, std::shared_ptr<const ToneVolume> volume);
  ~RingerOutputs();  // silent at once; waits a moment for devices to close
  RingerOutputs(const RingerOutputs&) = delete;
  RingerOutputs& operator=(const RingerOutputs&) = delete;

  struct Place {
    std::string device;
    ToneSpec tone;
    bool with_volume = true;  // the ringer's; else as loud as it is
  };
  // In place of what the same slot plays; none: silence, at once.
  void play(std::size_t slot, std::uint64_t order, const std::vector<Place>& places, bool once);

 private:
  struct Shared;
  struct Output;
  static void run(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Output>& output);
  std::shared_ptr<Shared> shared_;
  std::vector<std::vector<std::shared_ptr<Output>>> slots_;
};

}  // namespace sidetone::media
