// A WAV file of a call, written on a thread of its own: a disk that stands still must not hold up the tick.
#pragma once

#include <atomic>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>

#include "base/expected.h"
#include "media/frame_tap.h"
#include "media/sound.h"

namespace sidetone::media {

class Recording {
 public:
  enum class Channels : std::uint8_t {
    heard,          // mono
    said_and_heard  // stereo: our side left, theirs right
  };
  static Expected<std::unique_ptr<Recording>> create(const std::string& path, Channels channels);
  // Waits until all is in the file: not for the media thread.
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // The media thread.
  void put(const Frame& said, const Frame& heard) { tap_.put(said, heard); }
  // The file takes no more, or not fast enough: what follows is not in it.
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_relaxed) || tap_.lost() > 0; }

 private:
  Recording(std::unique_ptr<WaveWriter> file, Channels channels);
  void run();
  void write_what_is_there();

  std::unique_ptr<WaveWriter> file_;
  Channels channels_;
  FrameTap tap_;
  std::atomic<bool> failed_{false};
  std::binary_semaphore end_{0};
  std::thread thread_;  // last: it uses the rest
};

}  // namespace sidetone::media
