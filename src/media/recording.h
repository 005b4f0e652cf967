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
  // When a file has taken `bytes_max` of samples the next one begins: name.wav, name-2.wav, name-3.wav ...
  // Nothing is lost between them, and numbers of files that are there already are passed over.
  static Expected<std::unique_ptr<Recording>> create(const std::string& path, Channels channels,
                                                     std::uint32_t bytes_max = WaveWriter::data_bytes_max);
  // Waits until all is in the file: not for the media thread.
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // The media thread.
  void put(const Frame& said, const Frame& heard) { tap_.put(said, heard); }
  // The number of the file that is being written, from 1 on, and its name.
  [[nodiscard]] unsigned part() const { return part_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string path_of(unsigned part) const;
  // The disk takes no more, or not fast enough: what follows is not in the file.
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_relaxed) || tap_.lost() > 0; }

 private:
  Recording(std::string path, std::unique_ptr<WaveWriter> file, Channels channels, std::uint32_t bytes_max);
  void run();
  void write_what_is_there();
  bool write(std::span<const std::int16_t> samples);
  bool begin_next_part();

  std::string path_;
  std::unique_ptr<WaveWriter> file_;
  Channels channels_;
  std::uint32_t bytes_max_, bytes_ = 0;  // bytes_: of this file
  std::atomic<unsigned> part_{1};
  FrameTap tap_;
  std::atomic<bool> failed_{false};
  std::binary_semaphore end_{0};
  std::thread thread_;  // last: it uses the rest
};

}  // namespace sidetone::media
