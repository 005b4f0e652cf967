#include "media/recording.h"

#include <chrono>

namespace sidetone::media {
namespace {

// A disk that is busy for longer is as good as full.
constexpr std::size_t frames_max = 500;
constexpr auto pause = std::chrono::milliseconds(100);

}  // namespace

Expected<std::unique_ptr<Recording>> Recording::create(const std::string& path, Channels channels) {
  auto file = WaveWriter::create(path, mix_rate_hz, channels == Channels::heard ? 1 : 2);
  if (!file) return tl::make_unexpected(std::move(file.error()));
  return std::unique_ptr<Recording>(new Recording(std::move(*file), channels));
}

Recording::Recording(std::unique_ptr<WaveWriter> file, Channels channels)
    : file_(std::move(file)), channels_(channels), tap_(frames_max), thread_([this] { run(); }) {}

Recording::~Recording() {
  end_.release();
  thread_.join();
}

void Recording::run() {
  bool ending = false;
  while (!ending) {
    ending = end_.try_acquire_for(pause);
    write_what_is_there();
  }
}

void Recording::write_what_is_there() {
  Frame said, heard;
  std::array<std::int16_t, 2 * frame_samples> both;
  while (tap_.take(said, heard)) {
    std::span<const std::int16_t> samples = heard;
    if (channels_ == Channels::said_and_heard) {
      for (std::size_t i = 0; i < frame_samples; ++i) {
        both[2 * i] = said[i];
        both[2 * i + 1] = heard[i];
      }
      samples = both;
    }
    if (!file_->write(samples)) failed_.store(true, std::memory_order_relaxed);
  }
}

}  // namespace sidetone::media
