// The fuzzer's bytes as a script: each step takes what it needs, and a script that has run out gives zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidetone::fuzz {

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // 0 <= result < bound
  std::size_t below(std::size_t bound) { return byte() % bound; }
  bool chance() { return (byte() & 1U) != 0; }
  std::uint32_t word() { return static_cast<std::uint32_t>(byte() << 8U) | byte(); }
  std::string_view text(std::size_t length_max) {
    const auto length = rest_.empty() ? 0 : below(length_max + 1);
    const auto taken = rest_.substr(0, length);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // Up to the next line feed, which is taken, too.
  std::string_view line() {
    const auto end = rest_.find('\n');
    auto taken = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return taken;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Views that a parser gives out lie in the text that it was given.
inline bool is_inside(std::string_view view, std::string_view text) {
  return view.empty() ||
         (view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size());
}

}  // namespace sidetone::fuzz
