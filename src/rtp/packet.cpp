#include "rtp/packet.h"

#include "rtp/bytes.h"

namespace sidetone::rtp {
namespace {

constexpr std::uint8_t version_2 = 2;

// §5.3.1: profile, length in 32-bit words, data. Moves `rest` behind the extension.
bool take_extension(std::span<const std::uint8_t>& rest, Packet& packet) {
  if (rest.size() < 4) return false;
  const std::size_t size = std::size_t{get_16(rest.data() + 2)} * 4;
  if (rest.size() - 4 < size) return false;
  packet.extension_profile = get_16(rest.data());
  packet.extension = rest.subspan(4, size);
  rest = rest.subspan(4 + size);
  return true;
}

// §5.1: the last octet counts the padding, itself included.
bool drop_padding(std::span<const std::uint8_t>& rest) {
  if (rest.empty()) return false;
  const std::size_t padding = rest.back();
  if (padding == 0 || padding > rest.size()) return false;
  rest = rest.first(rest.size() - padding);
  return true;
}

}  // namespace

std::optional<Packet> parse_packet(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < header_size || bytes[0] >> 6 != version_2) return std::nullopt;
  const bool padded = (bytes[0] & 0x20) != 0;
  const bool extended = (bytes[0] & 0x10) != 0;
  Packet packet;
  packet.csrc_count = bytes[0] & 0x0f;
  packet.header.marker = (bytes[1] & 0x80) != 0;
  packet.header.payload_type = bytes[1] & 0x7f;
  packet.header.sequence = get_16(&bytes[2]);
  packet.header.timestamp = get_32(&bytes[4]);
  packet.header.ssrc = get_32(&bytes[8]);

  auto rest = bytes.subspan(header_size);
  const std::size_t csrc_size = std::size_t{packet.csrc_count} * 4;
  if (rest.size() < csrc_size) return std::nullopt;
  rest = rest.subspan(csrc_size);
  if (extended && !take_extension(rest, packet)) return std::nullopt;
  if (padded && !drop_padding(rest)) return std::nullopt;
  packet.payload = rest;
  return packet;
}

bool write_header(const Header& header, std::span<std::uint8_t> to) {
  if (to.size() < header_size) return false;
  to[0] = version_2 << 6;
  to[1] = static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7f));
  put_16(&to[2], header.sequence);
  put_32(&to[4], header.timestamp);
  put_32(&to[8], header.ssrc);
  return true;
}

PacketKind classify(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 2) return PacketKind::unknown;
  const auto first = bytes[0];
  if (first <= 3) return PacketKind::stun;
  if (first >= 16 && first <= 19) return PacketKind::zrtp;
  if (first >= 20 && first <= 63) return PacketKind::dtls;
  if (first >= 64 && first <= 79) return PacketKind::turn_channel;
  if (first < 128 || first > 191) return PacketKind::unknown;
  // RFC 5761 §4: RTCP types 192-223 stand where an RTP packet has marker and payload types 64-95.
  const auto second = bytes[1];
  return second >= 192 && second <= 223 ? PacketKind::rtcp : PacketKind::rtp;
}

}  // namespace sidetone::rtp
