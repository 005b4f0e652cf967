// Ids are distinct types over 64-bit counters and are never reused: a stale id finds nothing.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace sidetone {

template <typename Tag>
struct StrongId {
  std::uint64_t value = 0;  // 0 is "none"
  [[nodiscard]] explicit operator bool() const { return value != 0; }
  auto operator<=>(const StrongId&) const = default;
};

template <typename Id>
class IdSource {
 public:
  Id next() { return Id{++last_}; }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace sidetone

template <typename Tag>
struct std::hash<sidetone::StrongId<Tag>> {
  std::size_t operator()(sidetone::StrongId<Tag> id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
