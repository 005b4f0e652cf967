#include "media/recording.h"

#include <chrono>
#include <filesystem>
#include <utility>

namespace sidetone::media {
namespace {

// A disk that is busy for longer is as good as full.
constexpr std::size_t frames_max = 500;
constexpr auto pause = std::chrono::milliseconds(100);
// A month of stereo: who has so many files of one name has forgotten them.
constexpr unsigned parts_max = 240;

int count_of(Recording::Channels channels) { return channels == Recording::Channels::heard ? 1 : 2; }

}  // namespace

Expected<std::unique_ptr<Recording>> Recording::create(const std::string& path, Channels channels,
                                                       std::uint32_t bytes_max) {
  auto file = WaveWriter::create(path, mix_rate_hz, count_of(channels));
  if (!file) return tl::make_unexpected(std::move(file.error()));
  return std::unique_ptr<Recording>(new Recording(path, std::move(*file), channels, bytes_max));
}

Recording::Recording(std::string path, std::unique_ptr<WaveWriter> file, Channels channels,
                     std::uint32_t bytes_max)
    : path_(std::move(path)),
      file_(std::move(file)),
      channels_(channels),
      bytes_max_(bytes_max),
      tap_(frames_max),
      thread_([this] { run(); }) {}

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
    if (!write(samples)) failed_.store(true, std::memory_order_relaxed);
  }
}

bool Recording::write(std::span<const std::int16_t> samples) {
  if (failed_.load(std::memory_order_relaxed)) return false;
  if (bytes_ + samples.size_bytes() > bytes_max_ && !begin_next_part()) return false;
  bytes_ += static_cast<std::uint32_t>(samples.size_bytes());
  return file_->write(samples);
}

std::string Recording::path_of(unsigned part) const {
  if (part < 2) return path_;
  const std::filesystem::path first(path_);
  const auto name = first.stem().string() + "-" + std::to_string(part) + first.extension().string();
  return (first.parent_path() / name).string();
}

bool Recording::begin_next_part() {
  for (auto part = part_.load(std::memory_order_relaxed) + 1; part <= parts_max; ++part) {
    auto next =
        WaveWriter::create(path_of(part), mix_rate_hz, count_of(channels_), WaveWriter::Existing::kept);
    if (!next && std::filesystem::exists(path_of(part))) continue;
    if (!next) return false;
    file_ = std::move(*next);
    bytes_ = 0;
    part_.store(part, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace sidetone::media
