// RTP packets (RFC 3550 §5.1) as views: parsing copies nothing and allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sidetone::rtp {

inline constexpr std::size_t header_size = 12;

struct Header {
  bool marker = false;
  std::uint8_t payload_type = 0;  // 7 bits
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  friend bool operator==(const Header&, const Header&) = default;
};

struct Packet {
  Header header;
  std::uint8_t csrc_count = 0;
  std::optional<std::uint16_t> extension_profile;  // §5.3.1
  std::span<const std::uint8_t> extension;
  std::span<const std::uint8_t> payload;  // without padding; may be empty
};

// Nothing unless CSRC list, extension and padding all lie within `bytes`.
[[nodiscard]] std::optional<Packet> parse_packet(std::span<const std::uint8_t> bytes);

// Writes the 12 bytes of a header without CSRC and extension. False: no room.
[[nodiscard]] bool write_header(const Header& header, std::span<std::uint8_t> to);

// What a datagram on a media port is, by its first bytes (RFC 7983 §7; RTP and RTCP on one port: RFC 5761
// §4).
enum class PacketKind { rtp, rtcp, stun, zrtp, dtls, turn_channel, unknown };
[[nodiscard]] PacketKind classify(std::span<const std::uint8_t> bytes);

}  // namespace sidetone::rtp
