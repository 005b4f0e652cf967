// The three hashes of RFC 8760. For authentication of short texts: whole input at once.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sidetone::sip::hash {

[[nodiscard]] std::array<std::uint8_t, 16> md5(std::string_view data);
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view data);
[[nodiscard]] std::array<std::uint8_t, 32> sha512_256(std::string_view data);

}  // namespace sidetone::sip::hash
