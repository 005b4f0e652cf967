// Big-endian numbers in and out of byte arrays. The caller has checked the bounds.
#pragma once

#include <cstdint>

namespace sidetone::rtp {

[[nodiscard]] constexpr std::uint16_t get_16(const std::uint8_t* from) {
  return static_cast<std::uint16_t>(from[0] << 8 | from[1]);
}
[[nodiscard]] constexpr std::uint32_t get_32(const std::uint8_t* from) {
  return std::uint32_t{get_16(from)} << 16 | get_16(from + 2);
}
constexpr void put_16(std::uint8_t* to, std::uint16_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8);
  to[1] = static_cast<std::uint8_t>(value);
}
constexpr void put_32(std::uint8_t* to, std::uint32_t value) {
  put_16(to, static_cast<std::uint16_t>(value >> 16));
  put_16(to + 2, static_cast<std::uint16_t>(value));
}

}  // namespace sidetone::rtp
