#include "rtp/rtcp.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "rtp/reports.h"
#include "rtp/rtcp_interval.h"

namespace sidetone::rtp {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

const ReportBlock block{0x2222, 64, -3, 0x00010005, 80, 0x11112222, 65536};

Bytes written(const std::function<void(CompoundWriter&)>& write) {
  Bytes bytes(1500);
  CompoundWriter writer(bytes);
  write(writer);
  bytes.resize(writer.size());
  return bytes;
}

TEST(Compound, WrittenIsRead) {
  const auto bytes = written([](CompoundWriter& writer) {
    writer.sender_report(0x1111, {0x123456789abcdef0, 4000, 50, 8000}, {&block, 1});
    writer.sdes_cname(0x1111, "agent@host");
    writer.bye(0x1111);
  });
  ASSERT_GT(bytes.size(), 0u);
  EXPECT_EQ(bytes.size() % 4, 0u);
  CompoundReader reader(bytes);
  ASSERT_TRUE(reader.valid());
  const auto sr = reader.next();
  ASSERT_TRUE(sr);
  EXPECT_EQ(sr->type, RtcpType::sr);
  EXPECT_EQ(sr->ssrc(), 0x1111u);
  ASSERT_TRUE(sr->sender_info());
  EXPECT_EQ(sr->sender_info()->ntp, 0x123456789abcdef0u);
  EXPECT_EQ(sr->sender_info()->packets, 50u);
  const auto report = sr->report(0);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->ssrc, 0x2222u);
  EXPECT_EQ(report->cumulative_lost, -3);
  EXPECT_EQ(report->fraction_lost, 64);
  EXPECT_EQ(report->highest_sequence, 0x00010005u);
  EXPECT_EQ(report->delay_since_last_sr, 65536u);
  EXPECT_FALSE(sr->report(1));
  const auto sdes = reader.next();
  ASSERT_TRUE(sdes);
  EXPECT_EQ(sdes->cname(0x1111), "agent@host");
  EXPECT_EQ(sdes->cname(0x9999), "");
  const auto bye = reader.next();
  ASSERT_TRUE(bye);
  EXPECT_TRUE(bye->says_bye(0x1111));
  EXPECT_FALSE(bye->says_bye(0x2222));
  EXPECT_FALSE(reader.next());
}

TEST(Compound, CnameOfEveryLengthEndsOnAWord) {  // §6.5
  for (std::size_t length = 0; length <= 300; ++length) {
    const auto bytes = written([&](CompoundWriter& writer) {
      writer.receiver_report(1, {});
      writer.sdes_cname(1, std::string(length, 'x'));
    });
    CompoundReader reader(bytes);
    ASSERT_TRUE(reader.valid()) << length;
    reader.next();
    EXPECT_EQ(reader.next()->cname(1).size(), std::min<std::size_t>(length, 255));
  }
}

TEST(Compound, TooSmallABufferGivesNothing) {
  Bytes bytes(40);
  CompoundWriter writer(bytes);
  writer.sender_report(1, {}, {});
  writer.sdes_cname(1, "a-longer-name@somewhere");
  EXPECT_EQ(writer.size(), 0u);
}

struct Row {
  std::string name;
  Bytes bytes;
  bool valid;
};

class Validity : public testing::TestWithParam<Row> {};
TEST_P(Validity, AppendixA2) { EXPECT_EQ(CompoundReader(GetParam().bytes).valid(), GetParam().valid); }

const Row rows[] = {
    {"empty", {}, false},
    {"rr", {0x80, 201, 0, 1, 0, 0, 0, 1}, true},
    {"sdes_first", {0x80, 202, 0, 1, 0, 0, 0, 1}, false},
    {"version_1", {0x40, 201, 0, 1, 0, 0, 0, 1}, false},
    {"length_beyond_end", {0x80, 201, 0, 2, 0, 0, 0, 1}, false},
    {"trailing_bytes", {0x80, 201, 0, 1, 0, 0, 0, 1, 0}, false},
    {"second_is_no_rtcp", {0x80, 201, 0, 1, 0, 0, 0, 1, 0x00, 202, 0, 0}, false},
    {"padding_in_first", {0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4}, false},
    {"padding_in_last", {0x80, 201, 0, 1, 0, 0, 0, 1, 0xa1, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4}, true},
    {"padding_larger_than_packet", {0x80, 201, 0, 1, 0, 0, 0, 1, 0xa1, 203, 0, 1, 0, 0, 0, 200}, false},
    {"padding_not_last", {0x80, 201, 0, 1, 0, 0, 0, 1, 0xa0, 203, 0, 1, 0, 0, 0, 4, 0x80, 203, 0, 0}, false},
};
INSTANTIATE_TEST_SUITE_P(Rows, Validity, testing::ValuesIn(rows),
                         [](const auto& row) { return row.param.name; });

TEST(Counts, ThatLieAreBounded) {  // RC and SC of 31 without the blocks
  const Bytes bytes{0x9f, 201, 0, 1,   0,   0,   0,    1,   0x9f, 202, 0, 2, 0, 0,
                    0,    1,   1, 200, 'x', 'y', 0x9f, 203, 0,    1,   0, 0, 0, 1};
  CompoundReader reader(bytes);
  ASSERT_TRUE(reader.valid());
  EXPECT_FALSE(reader.next()->report(0));
  EXPECT_EQ(reader.next()->cname(1), "");  // item runs beyond its packet
  const auto bye = reader.next();
  EXPECT_TRUE(bye->says_bye(1));
  EXPECT_FALSE(bye->says_bye(2));
}

TEST(RoundTrip, Figure2OfSection6) {
  // §6.4.1, figure 2: the report's figures give 6.125 s, here moved into our own reports.
  Reports a("a"), b("b");
  Reception at_b(8000, 1, 0);
  at_b.update(1, 0, Time{1s});
  Bytes bytes(1500);
  const auto t0 = Time{100s};
  auto size = a.write(bytes, {1, SenderInfo{ntp_from(t0), 0, 1, 160}}, nullptr, 0, t0);
  ASSERT_TRUE(b.receive(std::span(bytes).first(size), 2, 1, t0 + 30ms).valid);
  size = b.write(bytes, {2}, &at_b, 1, t0 + 5030ms);
  ASSERT_TRUE(a.receive(std::span(bytes).first(size), 1, 2, t0 + 5080ms).valid);
  EXPECT_NEAR(static_cast<double>(a.round_trip().count()), 80000, 100);
}

TEST(Interval, Section6_3) {
  SeededRandom random(1);
  RtcpLoad load;
  load.rtcp_bandwidth_bytes_per_s = 500;
  double sum_s = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto interval = rtcp_interval(load, random);
    EXPECT_GE(interval, 2050ms);  // 5 s * 0.5 / 1.21828
    EXPECT_LE(interval, 6160ms);  // 5 s * 1.5 / 1.21828
    sum_s += std::chrono::duration<double>(interval).count();
  }
  EXPECT_NEAR(sum_s / 2000, 4.1, 0.15);
  load.initial = true;
  EXPECT_LE(rtcp_interval(load, random), 3080ms);
  load.initial = false;
  load.members = 1000;
  EXPECT_GE(rtcp_interval(load, random), 60s);  // scales with the members (§6.2)
}

}  // namespace
}  // namespace sidetone::rtp
