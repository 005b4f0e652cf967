// No exchange makes more noise than its retransmissions and its users: messages are counted for each Call-ID.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "sim/verdict.h"

namespace sidetone::sim {

// Bound: a call through which two people press buttons, each request repeated at 0.5, 1, 2 and 4 s by both
// sides over a lossy link, stays far below it in any ten seconds.
inline constexpr std::uint32_t messages_in_10_s_max = 150;

class StormWatch {
 public:
  explicit StormWatch(Verdict& verdict) : verdict_(verdict) {}

  void message(std::string_view bytes, Time now) {
    const auto at = bytes.find("\r\nCall-ID:");
    if (at == std::string_view::npos) return;
    const auto id = bytes.substr(at + 10, bytes.find("\r\n", at + 10) - at - 10);
    auto& seen = exchanges_[std::hash<std::string_view>{}(id)];
    if (now - seen.since > std::chrono::seconds(10)) seen = {now, 0};
    ++seen.messages;
    most_ = std::max(most_, seen.messages);
    if (seen.messages == messages_in_10_s_max + 1) verdict_.broken(now, "storm", std::string(id));
  }
  [[nodiscard]] std::uint32_t most() const { return most_; }

 private:
  struct Seen {
    Time since{};
    std::uint32_t messages = 0;
  };
  Verdict& verdict_;
  std::unordered_map<std::size_t, Seen> exchanges_;
  std::uint32_t most_ = 0;
};

}  // namespace sidetone::sim
