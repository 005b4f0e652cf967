// Base64 (RFC 4648 §4) into places that the caller owns: keys pass through here, and must not be left behind
// in a string of ours.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sidetone {

// With padding.
void append_base64(std::string& to, std::span<const std::uint8_t> bytes);

// The number of bytes written. Padding may be missing; anything else that is no base64, left-over bits that
// are not zero (RFC 4648 §3.5) and what does not fit give nothing.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::uint8_t> to);

}  // namespace sidetone
