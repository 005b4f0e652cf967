#include "engine/log/log_queue.h"

namespace sidetone::engine {

void LogQueue::put(LogItem item, std::size_t bytes, bool urgent) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    const bool is_settings = std::holds_alternative<std::shared_ptr<const LogSettings>>(item.what);
    if (!is_settings && (items_.size() >= items_max || bytes_ + bytes > bytes_max)) {
      ++dropped_;
      return;
    }
    const bool half_full = items_.size() >= items_max / 2 || bytes_ >= bytes_max / 2;
    wake = items_.empty() || ((urgent || half_full) && !urgent_);
    urgent_ = urgent_ || urgent || half_full;
    items_.push_back(std::move(item));
    bytes_ += bytes;
  }
  if (wake) arrived_.notify_one();
}

void LogQueue::take(Batch& into) {
  std::unique_lock lock(mutex_);
  const auto hurried = [this] { return urgent_ || over_ || flushes_asked_ != flushes_done_; };
  arrived_.wait(lock, [&] { return !items_.empty() || hurried(); });
  if (!hurried()) arrived_.wait_for(lock, collect_for, hurried);
  into.items.clear();
  into.items.swap(items_);
  into.dropped = std::exchange(dropped_, 0);
  into.flushes = flushes_asked_;
  into.over = over_;
  bytes_ = 0;
  urgent_ = false;
}

void LogQueue::done(std::uint64_t flushes) {
  {
    std::lock_guard lock(mutex_);
    if (flushes == flushes_done_) return;
    flushes_done_ = flushes;
  }
  written_.notify_all();
}

bool LogQueue::flush(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto mine = ++flushes_asked_;
  arrived_.notify_one();
  return written_.wait_for(lock, timeout, [&] { return flushes_done_ >= mine; });
}

void LogQueue::end() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  arrived_.notify_one();
}

}  // namespace sidetone::engine
