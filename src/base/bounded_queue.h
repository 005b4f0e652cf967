// A queue with a bound that its owner must name and give a reason for.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace sidetone {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t items_max) : items_max_(items_max) {}

  // False, and the item is dropped and counted, when the queue is full.
  bool push(T item) {
    if (items_.size() >= items_max_) {
      ++dropped_;
      return false;
    }
    items_.push_back(std::move(item));
    return true;
  }
  std::optional<T> pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
  std::deque<T> items_;
  std::size_t items_max_;
  std::size_t dropped_ = 0;
};

}  // namespace sidetone
