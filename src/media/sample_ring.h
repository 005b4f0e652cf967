// One writer, one reader, no lock, no wait: samples between the device's callback and the media thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace sidetone::media {

class SampleRing {
 public:
  explicit SampleRing(std::size_t samples) : samples_(samples + 1) {}

  // Returns how many fitted.
  std::size_t write(std::span<const std::int16_t> from) {
    const auto tail = tail_.load(std::memory_order_relaxed);
    const auto head = head_.load(std::memory_order_acquire);
    const auto free = (head + samples_.size() - tail - 1) % samples_.size();
    const auto count = std::min(free, from.size());
    const auto first = std::min(count, samples_.size() - tail);
    std::copy_n(from.begin(), first, samples_.begin() + static_cast<std::ptrdiff_t>(tail));
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(first), count - first, samples_.begin());
    tail_.store((tail + count) % samples_.size(), std::memory_order_release);
    return count;
  }
  [[nodiscard]] bool has_room(std::size_t samples) const { return samples_.size() - 1 - size() >= samples; }
  // Returns how many there were.
  std::size_t read(std::span<std::int16_t> to) {
    const auto head = head_.load(std::memory_order_relaxed);
    const auto count = std::min(size(), to.size());
    const auto first = std::min(count, samples_.size() - head);
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(head), first, to.begin());
    std::copy_n(samples_.begin(), count - first, to.begin() + static_cast<std::ptrdiff_t>(first));
    head_.store((head + count) % samples_.size(), std::memory_order_release);
    return count;
  }
  [[nodiscard]] std::size_t size() const {
    const auto tail = tail_.load(std::memory_order_acquire);
    const auto head = head_.load(std::memory_order_acquire);
    return (tail + samples_.size() - head) % samples_.size();
  }

 private:
  std::vector<std::int16_t> samples_;
  std::atomic<std::size_t> head_{0}, tail_{0};
};

}  // namespace sidetone::media
