#include "engine/system_random.h"

#include <sys/random.h>

#include <utility>

#include "base/assert.h"

namespace sidetone::engine {

std::uint64_t SystemRandom::next() {
  if (left_ == 0) {
    // Fails only when the kernel has no getrandom(); predictable tags and nonces would be worse than an end.
    ST_ASSERT(::getrandom(buffer_.data(), sizeof buffer_, 0) == static_cast<ssize_t>(sizeof buffer_));
    left_ = buffer_.size();
  }
  return std::exchange(buffer_[--left_], 0);  // a number that was given away is not kept
}

}  // namespace sidetone::engine
