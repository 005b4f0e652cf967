#include "rtp/redundancy.h"

#include <algorithm>

#include "rtp/bytes.h"

namespace sidetone::rtp {
namespace {

constexpr std::size_t earlier_header_size = 4, primary_header_size = 1;

void append(std::span<const std::uint8_t> payload, std::uint8_t*& at) {
  at = std::copy(payload.begin(), payload.end(), at);
}

}  // namespace

std::optional<Redundancy> parse_redundancy(std::span<const std::uint8_t> payload) {
  Redundancy found;
  std::array<std::size_t, redundant_blocks_max> sizes{};
  auto rest = payload;
  while (true) {
    if (rest.empty() || found.count == redundant_blocks_max) return std::nullopt;
    auto& block = found.blocks[found.count];
    block.payload_type = rest[0] & 0x7f;
    const bool is_primary = (rest[0] & 0x80) == 0;
    const auto header_size = is_primary ? primary_header_size : earlier_header_size;
    if (rest.size() < header_size) return std::nullopt;
    if (!is_primary) {
      block.timestamp_offset = static_cast<std::uint16_t>(get_16(&rest[1]) >> 2);
      sizes[found.count] = get_16(&rest[2]) & 0x3ff;
    }
    ++found.count;
    rest = rest.subspan(header_size);
    if (is_primary) break;
  }
  for (std::size_t i = 0; i + 1 < found.count; ++i) {
    if (sizes[i] > rest.size()) return std::nullopt;
    found.blocks[i].payload = rest.first(sizes[i]);
    rest = rest.subspan(sizes[i]);
  }
  found.blocks[found.count - 1].payload = rest;  // whatever is left
  return found;
}

std::size_t write_redundancy(std::span<std::uint8_t> to, const RedundantBlock& earlier,
                             const RedundantBlock& primary) {
  const auto size =
      earlier_header_size + primary_header_size + earlier.payload.size() + primary.payload.size();
  if (size > to.size() || earlier.payload.size() > redundant_block_size_max ||
      earlier.timestamp_offset > redundant_offset_max)
    return 0;
  auto* at = to.data();
  *at++ = static_cast<std::uint8_t>(0x80 | earlier.payload_type);
  put_16(at, static_cast<std::uint16_t>(earlier.timestamp_offset << 2 | earlier.payload.size() >> 8));
  at[2] = static_cast<std::uint8_t>(earlier.payload.size());
  at += 3;
  *at++ = static_cast<std::uint8_t>(primary.payload_type & 0x7f);
  append(earlier.payload, at);
  append(primary.payload, at);
  return size;
}

}  // namespace sidetone::rtp
