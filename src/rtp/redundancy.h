// Redundant audio data (RFC 2198): a payload that carries earlier ones once more.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace sidetone::rtp {

struct RedundantBlock {
  std::uint8_t payload_type = 0;
  std::uint16_t timestamp_offset = 0;  // before the packet's own; 14 bits, 0 for the primary
  std::span<const std::uint8_t> payload;
};

// §3: "the use of multiple levels of redundancy is rarely necessary"; telephone-events have up to two (RFC
// 4733 §2.5.1.4), and five of §2.6 are the most that a document shows.
inline constexpr std::size_t redundant_blocks_max = 6;

struct Redundancy {
  std::array<RedundantBlock, redundant_blocks_max> blocks;  // oldest first, the primary last
  std::size_t count = 0;
  [[nodiscard]] const RedundantBlock& primary() const { return blocks[count - 1]; }
  [[nodiscard]] std::span<const RedundantBlock> earlier() const { return std::span(blocks).first(count - 1); }
};

// Nothing unless every header and every block lies within `payload`, or when there are too many of them.
[[nodiscard]] std::optional<Redundancy> parse_redundancy(std::span<const std::uint8_t> payload);

inline constexpr std::size_t redundant_block_size_max = 1023;  // 10 bits
inline constexpr std::uint32_t redundant_offset_max = 0x3fff;  // 14 bits
// `earlier` and `primary` as one payload in `to`. Its size; 0: no room, or a field has no room for a value.
[[nodiscard]] std::size_t write_redundancy(std::span<std::uint8_t> to, const RedundantBlock& earlier,
                                           const RedundantBlock& primary);

}  // namespace sidetone::rtp
