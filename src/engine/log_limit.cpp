#include "engine/log_limit.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::engine {

LogLimit::LogLimit(std::uint64_t burst_bytes, std::uint64_t bytes_per_s)
    : burst_bytes_(burst_bytes), bytes_per_s_(bytes_per_s), left_bytes_(static_cast<double>(burst_bytes)) {}

bool LogLimit::admits(std::size_t bytes, Time now) {
  if (bytes_per_s_ == 0) return true;
  const auto size = static_cast<double>(bytes);
  if (now > since_) {
    const double back =
        std::chrono::duration<double>(now - since_).count() * static_cast<double>(bytes_per_s_);
    left_bytes_ = std::min(static_cast<double>(burst_bytes_), left_bytes_ + back);
    since_ = now;
  }
  // Once in a gap it lasts until a second's worth is there again: pieces of single messages help nobody.
  const double wanted = records_left_out_ > 0 ? std::max(size, static_cast<double>(bytes_per_s_)) : size;
  if (left_bytes_ < std::min(wanted, static_cast<double>(burst_bytes_))) {
    ++records_left_out_;
    bytes_left_out_ += bytes;
    return false;
  }
  left_bytes_ -= size;
  return true;
}

std::optional<std::string> LogLimit::take_gap() {
  if (records_left_out_ == 0) return std::nullopt;
  auto text = fmt::format("{} records, {} kB, are not in this log: more than {} kB per second",
                          records_left_out_, bytes_left_out_ / 1024, bytes_per_s_ / 1024);
  records_left_out_ = bytes_left_out_ = 0;
  return text;
}

}  // namespace sidetone::engine
