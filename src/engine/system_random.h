// The kernel's random numbers, good for secrets. One per thread: not locked.
#pragma once

#include <array>
#include <cstddef>

#include "base/random.h"

namespace sidetone::engine {

class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;

 private:
  // 32 numbers per system call: getrandom() never returns less than asked for up to 256 bytes.
  std::array<std::uint64_t, 32> buffer_{};
  std::size_t left_ = 0;
};

}  // namespace sidetone::engine
