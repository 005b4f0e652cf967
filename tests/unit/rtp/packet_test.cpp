#include "rtp/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidetone::rtp {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Row {
  std::string name;  // with the section of RFC 3550
  Bytes bytes;
  bool valid;
  std::size_t payload_size;
};

Bytes packet(std::uint8_t first, Bytes tail) {
  Bytes bytes{first, 0x88, 0x12, 0x34, 0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef};
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

class ParsePacket : public testing::TestWithParam<Row> {};

TEST_P(ParsePacket, BoundsAreKept) {
  const auto parsed = parse_packet(GetParam().bytes);
  ASSERT_EQ(parsed.has_value(), GetParam().valid);
  if (parsed) EXPECT_EQ(parsed->payload.size(), GetParam().payload_size);
}

const Row rows[] = {
    {"plain_5_1", packet(0x80, {1, 2, 3}), true, 3},
    {"empty_payload_5_1", packet(0x80, {}), true, 0},
    {"too_short_5_1", Bytes(11, 0x80), false, 0},
    {"nothing_5_1", {}, false, 0},
    {"version_1_5_1", packet(0x40, {1}), false, 0},
    {"two_csrc_5_1", packet(0x82, Bytes(9, 7)), true, 1},
    {"csrc_cut_off_5_1", packet(0x83, Bytes(11, 7)), false, 0},
    {"padding_5_1", packet(0xa0, {1, 2, 0, 2}), true, 2},
    {"padding_is_all_5_1", packet(0xa0, {0, 0, 3}), true, 0},
    {"padding_of_zero_5_1", packet(0xa0, {1, 2, 0}), false, 0},
    {"padding_beyond_start_5_1", packet(0xa0, {1, 2, 9}), false, 0},
    {"padding_without_payload_5_1", packet(0xa0, {}), false, 0},
    {"extension_5_3_1", packet(0x90, {0xbe, 0xde, 0, 1, 1, 2, 3, 4, 9}), true, 1},
    {"empty_extension_5_3_1", packet(0x90, {0xbe, 0xde, 0, 0, 9}), true, 1},
    {"extension_cut_off_5_3_1", packet(0x90, {0xbe, 0xde, 0, 2, 1, 2, 3, 4}), false, 0},
    {"extension_header_cut_off_5_3_1", packet(0x90, {0xbe, 0xde, 0}), false, 0},
    {"extension_longest_5_3_1", packet(0x90, {0xbe, 0xde, 0xff, 0xff, 1}), false, 0},
    {"all_of_it_5_1", packet(0xb1, {9, 9, 9, 9, 0, 0, 0, 1, 1, 1, 1, 1, 5, 6, 1}), true, 2},
};
INSTANTIATE_TEST_SUITE_P(Rows, ParsePacket, testing::ValuesIn(rows),
                         [](const auto& row) { return row.param.name; });

TEST(Header, WrittenIsRead) {
  const Header header{true, 111, 65535, 0xfedcba98, 0x01020304};
  Bytes bytes(header_size);
  ASSERT_TRUE(write_header(header, bytes));
  const auto parsed = parse_packet(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->header, header);
  EXPECT_FALSE(write_header(header, std::span(bytes).first(11)));
}

TEST(Classify, FirstByteDecides) {
  const struct {
    std::uint8_t first, second;
    PacketKind kind;
    const char* why;
  } kinds[] = {
      {0, 1, PacketKind::stun, "RFC 7983 §7"},
      {3, 0, PacketKind::stun, "RFC 7983 §7"},
      {4, 0, PacketKind::unknown, "RFC 7983 §7"},
      {16, 0, PacketKind::zrtp, "RFC 7983 §7"},
      {20, 0, PacketKind::dtls, "RFC 7983 §7"},
      {63, 0, PacketKind::dtls, "RFC 7983 §7"},
      {64, 0, PacketKind::turn_channel, "RFC 7983 §7"},
      {127, 0, PacketKind::unknown, "RFC 7983 §7"},
      {128, 0, PacketKind::rtp, "RFC 7983 §7"},
      {191, 0x80 | 8, PacketKind::rtp, "RFC 7983 §7"},
      {192, 200, PacketKind::unknown, "RFC 7983 §7"},
      {128, 200, PacketKind::rtcp, "RFC 5761 §4"},
      {129, 201, PacketKind::rtcp, "RFC 5761 §4"},
      {129, 207, PacketKind::rtcp, "RFC 5761 §4"},
      {128, 191, PacketKind::rtp, "RFC 5761 §4: marker and payload type 63"},
      {128, 224, PacketKind::rtp, "RFC 5761 §4: marker and payload type 96"},
      {128, 223, PacketKind::rtcp, "RFC 5761 §4"},
  };
  for (const auto& row : kinds) {
    const Bytes bytes{row.first, row.second};
    EXPECT_EQ(classify(bytes), row.kind) << int{row.first} << " " << int{row.second} << ": " << row.why;
  }
  EXPECT_EQ(classify({}), PacketKind::unknown);
}

}  // namespace
}  // namespace sidetone::rtp
