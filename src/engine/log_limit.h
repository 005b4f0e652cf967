// How much a log may grow: a burst at once, then so many bytes per second. What a mad server or a storm of
// connections makes us write must not fill the disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace sidetone::engine {

class LogLimit {
 public:
  // `bytes_per_s` 0: no limit.
  LogLimit(std::uint64_t burst_bytes, std::uint64_t bytes_per_s);

  // Whether a record of that size is written; those that are not are counted.
  [[nodiscard]] bool admits(std::size_t bytes, Time now);
  // One line about what was left out, to be written before the next record that is not.
  [[nodiscard]] std::optional<std::string> take_gap();

 private:
  std::uint64_t burst_bytes_, bytes_per_s_;
  double left_bytes_;
  Time since_{};
  std::uint64_t records_left_out_ = 0, bytes_left_out_ = 0;
};

}  // namespace sidetone::engine
