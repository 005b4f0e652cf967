#include "rtp/redundancy.h"

#include <gtest/gtest.h>

#include <vector>

namespace sidetone::rtp {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::span<const std::uint8_t> view) { return {view.begin(), view.end()}; }

TEST(Redundancy, ExampleOfSection7) {  // the layout of §3: DVI of 15 and PCM behind it, 9 units earlier
  const Bytes payload{0x80 | 5, 0x00, 0x24, 0x02, 0x00, 0xaa, 0xbb, 1, 2, 3};
  const auto read = parse_redundancy(payload);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->count, 2u);
  EXPECT_EQ(read->earlier()[0].payload_type, 5);
  EXPECT_EQ(read->earlier()[0].timestamp_offset, 9);
  EXPECT_EQ(bytes_of(read->earlier()[0].payload), (Bytes{0xaa, 0xbb}));
  EXPECT_EQ(read->primary().payload_type, 0);
  EXPECT_EQ(bytes_of(read->primary().payload), (Bytes{1, 2, 3}));
}

TEST(Redundancy, WrittenIsReadAtTheLimits) {
  const Bytes earlier(1023, 7), primary(300, 9);
  Bytes to(1400);
  const auto size = write_redundancy(to, {127, 0x3fff, earlier}, {126, 0, primary});
  ASSERT_EQ(size, 5u + 1023 + 300);
  const auto read = parse_redundancy(std::span(to).first(size));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->earlier()[0].payload_type, 127);
  EXPECT_EQ(read->earlier()[0].timestamp_offset, 0x3fff);
  EXPECT_EQ(bytes_of(read->earlier()[0].payload), earlier);
  EXPECT_EQ(read->primary().payload_type, 126);
  EXPECT_EQ(bytes_of(read->primary().payload), primary);
}

TEST(Redundancy, WhatHasNoRoomIsNotWritten) {
  const Bytes small(10), large(1024);
  Bytes to(1400);
  EXPECT_EQ(write_redundancy(to, {1, 0, large}, {1, 0, small}), 0u) << "10 bits of length";
  EXPECT_EQ(write_redundancy(to, {1, 0x4000, small}, {1, 0, small}), 0u) << "14 bits of offset";
  EXPECT_EQ(write_redundancy(std::span(to).first(24), {1, 0, small}, {1, 0, small}), 0u);
  EXPECT_EQ(write_redundancy(std::span(to).first(25), {1, 0, small}, {1, 0, small}), 25u);
}

TEST(Redundancy, DamagedPayloads) {
  Bytes many;
  for (std::size_t i = 0; i < redundant_blocks_max; ++i) many.insert(many.end(), {0x81, 0, 0, 0});
  many.push_back(1);
  const struct {
    const char* why;
    Bytes payload;
  } rows[] = {
      {"empty", {}},
      {"a header that is cut", {0x85, 0, 0}},
      {"no primary behind it", {0x85, 0, 0, 0}},
      {"a block that is longer than the rest", {0x85, 0, 0, 3, 0, 1, 2}},
      {"more blocks than anybody means", many},
  };
  for (const auto& row : rows) EXPECT_FALSE(parse_redundancy(row.payload)) << row.why;
  const auto alone = parse_redundancy(Bytes{0x05});
  ASSERT_TRUE(alone) << "a primary without anything is no fault of the form";
  EXPECT_TRUE(alone->earlier().empty());
  EXPECT_TRUE(alone->primary().payload.empty());
}

}  // namespace
}  // namespace sidetone::rtp
