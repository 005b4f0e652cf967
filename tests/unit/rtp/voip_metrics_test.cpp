#include "rtp/voip_metrics.h"

#include <gtest/gtest.h>

#include <vector>

#include "rtp/reports.h"

namespace sidetone::rtp {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

VoipMetrics every_field() {
  VoipMetrics m;
  m.ssrc = 0x2222;
  m.loss_rate = 12;
  m.discard_rate = 13;
  m.burst_density = 84;
  m.gap_density = 10;
  m.burst_ms = 120;
  m.gap_ms = 520;
  m.round_trip_ms = 300;
  m.end_system_ms = 65535;
  m.signal_level = -18;
  m.noise_level = -60;
  m.echo_return_loss = 45;
  m.gmin = 16;
  m.r_factor = 93;
  m.external_r = 80;
  m.mos_lq = 44;
  m.mos_cq = 41;
  m.receiver_configuration = 0xb0;
  m.buffer_nominal_ms = 40;
  m.buffer_maximum_ms = 256;
  m.buffer_absolute_maximum_ms = 4000;
  return m;
}

Bytes xr(std::span<const std::uint8_t> blocks) {
  Bytes bytes(1500);
  CompoundWriter writer(bytes);
  writer.receiver_report(0x1111, {});
  writer.extended_report(0x1111, blocks);
  bytes.resize(writer.size());
  return bytes;
}

std::optional<VoipMetrics> found(const Bytes& bytes, std::uint32_t ssrc = 0x2222) {
  CompoundReader reader(bytes);
  EXPECT_TRUE(reader.valid());
  reader.next();
  const auto packet = reader.next();
  return packet ? find_voip_metrics(*packet, ssrc) : std::nullopt;
}

TEST(VoipMetrics, LayoutOfSection4_7) {
  const auto block = write_voip_metrics(every_field());
  const Bytes expected{7,    0,    0,    8,                            // BT, reserved, length 8
                       0,    0,    0x22, 0x22, 12, 13,   84,   10,     // SSRC, loss, discard, densities
                       0,    120,  2,    8,    1,  0x2c, 255,  255,    // lengths, delays
                       0xee, 0xc4, 45,   16,   93, 80,   44,   41,     // levels, RERL, Gmin, R, MOS
                       0xb0, 0,    0,    40,   1,  0,    0x0f, 0xa0};  // RX config, jitter buffer
  EXPECT_EQ(Bytes(block.begin(), block.end()), expected);
}

TEST(VoipMetrics, WrittenIsRead) {
  EXPECT_EQ(found(xr(write_voip_metrics(every_field()))), every_field());
  EXPECT_EQ(found(xr(write_voip_metrics(every_field())), 0x3333), std::nullopt) << "about somebody else";
}

TEST(VoipMetrics, OtherBlocksAreSteppedOver) {
  Bytes blocks{4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 99, 1, 0, 0};  // RRTR (§4.4), and one of the future
  const auto metrics = write_voip_metrics(every_field());
  blocks.insert(blocks.end(), metrics.begin(), metrics.end());
  EXPECT_EQ(found(xr(blocks)), every_field());
}

TEST(VoipMetrics, ForbiddenValuesAreUnavailable) {  // §4.7.5: MUST be ignored
  auto metrics = every_field();
  metrics.r_factor = 101;
  metrics.external_r = 255;
  metrics.mos_lq = 9;
  metrics.mos_cq = 51;
  const auto read = found(xr(write_voip_metrics(metrics)));
  ASSERT_TRUE(read);
  for (const auto value : {read->r_factor, read->external_r, read->mos_lq, read->mos_cq})
    EXPECT_EQ(value, VoipMetrics::unavailable);
}

TEST(VoipMetrics, DamagedBlocks) {
  const auto whole = write_voip_metrics(every_field());
  const struct {
    const char* why;
    Bytes blocks;
  } rows[] = {
      {"no block at all", {}},
      {"a length beyond the packet", {7, 0, 0xff, 0xff, 0, 0, 0x22, 0x22}},
      {"too short for its type", {7, 0, 0, 1, 0, 0, 0x22, 0x22}},
      {"cut", Bytes(whole.begin(), whole.begin() + 32)},
      {"a longer one before it hides it", {4, 0, 0, 200, 0, 0, 0, 0}},
  };
  for (const auto& row : rows) {
    auto blocks = row.blocks;
    if (row.why[2] == 'l' && row.blocks[0] == 4) blocks.insert(blocks.end(), whole.begin(), whole.end());
    RtcpPacket packet;
    packet.type = RtcpType::xr;
    Bytes body{0, 0, 0x11, 0x11};
    body.insert(body.end(), blocks.begin(), blocks.end());
    packet.body = body;
    EXPECT_EQ(find_voip_metrics(packet, 0x2222), std::nullopt) << row.why;
  }
  EXPECT_EQ(find_voip_metrics({}, 0), std::nullopt);
}

TEST(Reports, TheirMetricsAboutUsAreKept) {
  Reports ours("us"), theirs("them");
  Bytes bytes(1500);
  Reports::Own own;
  own.ssrc = 0x1111;
  own.metrics = every_field();
  bytes.resize(theirs.write(bytes, own, nullptr, 0x2222, Time{1s}));
  EXPECT_TRUE(ours.receive(bytes, 0x2222, 0x1111, Time{2s}).valid);
  EXPECT_EQ(ours.metrics_about_us(), every_field());
  EXPECT_FALSE(ours.peer_sent()) << "it was a receiver report";
  own.sent = SenderInfo{1, 2, 50, 8000};
  bytes.resize(1500);
  bytes.resize(theirs.write(bytes, own, nullptr, 0x2222, Time{3s}));
  ours.receive(bytes, 0x2222, 0x1111, Time{3s});
  ASSERT_TRUE(ours.peer_sent());
  EXPECT_EQ(ours.peer_sent()->packets, 50u);
}

}  // namespace
}  // namespace sidetone::rtp
