#include "engine/quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/vq_reports.h"

namespace sidetone::engine {
namespace {

using namespace std::chrono;
using testing::HasSubstr;
using testing::Not;

media::StreamStatistics stream() {
  media::StreamStatistics s;
  s.local_ssrc = 0x1111;
  s.remote_ssrc = 0x2222;
  s.packets_sent = 500;
  s.bytes_sent = 80000;
  s.packets_received = 490;
  s.bytes_received = 78400;
  s.packets_lost = 10;
  s.fraction_lost = 0.02;
  s.jitter = 1500us;
  s.round_trip = 40ms;
  s.packets_discarded = 3;
  s.loss_rate = 0.02;
  s.discard_rate = 0.006;
  s.burst_density = 0.5;
  s.gap_density = 0.01;
  s.burst_length = 80ms;
  s.gap_length = 9s;
  s.packet_time = 20ms;
  s.last_packet_ago = 12ms;
  s.frames_normal = 960;
  s.frames_concealed = 20;
  s.buffer_delay = 45ms;
  s.buffer_target = 40ms;
  s.buffer_maximum_ms = 4000;
  s.end_system_delay = 65ms;
  s.ticks = {900, 3, 0, 12ms, 2};
  s.mos = 4.1;
  s.mos_interval = 4.2;
  s.mos_listening = 4.2;
  s.r_factor = 84;
  s.r_listening = 86;
  s.signal_level = -18;
  s.received_format = {codec::AudioCodec::pcmu, 0, {}};
  return s;
}

TEST(Statistics, GroupsAreThereWhenTheirReportsAre) {
  EXPECT_EQ(statistics_of({}), CallStatistics{});
  auto s = stream();
  auto all = statistics_of(s);
  ASSERT_TRUE(all.local && all.jitter_buffer && all.codec && all.voice && all.loss && all.timing);
  EXPECT_FALSE(all.remote_sender || all.remote_receiver || all.extended_report);
  EXPECT_EQ(all.local->packets_received, 490u);
  EXPECT_EQ(all.jitter_buffer->frames_concealed, 20u);
  EXPECT_EQ(all.jitter_buffer->last_packet_ago, 12ms);
  EXPECT_EQ(all.timing->late_ticks, 3u);
  EXPECT_EQ(all.timing->device_underruns, 2u);
  EXPECT_EQ(all.codec->name, "PCMU/8000");
  EXPECT_EQ(all.voice->signal_level, -18);
  EXPECT_EQ(all.voice->noise_level, std::nullopt);
  EXPECT_EQ(all.loss->burst_length, 80ms);
  EXPECT_EQ(all.mos.interval, 4.2);
  s.peer_sent = rtp::SenderInfo{0, 0, 700, 112000};
  s.peer_heard = rtp::ReportBlock{0x1111, 128, -2, 0, 80, 0, 0};
  s.remote_jitter = 10ms;
  s.peer_metrics.emplace().loss_rate = 64;
  s.peer_metrics->mos_cq = 41;
  all = statistics_of(s);
  EXPECT_EQ(all.remote_sender->packets, 700u);
  EXPECT_EQ(all.remote_receiver->fraction_lost, 0.5);
  EXPECT_EQ(all.remote_receiver->packets_lost, -2);
  EXPECT_EQ(all.remote_receiver->round_trip, 40ms);
  EXPECT_EQ(all.extended_report->loss.loss_rate, 0.25);
  EXPECT_NEAR(*all.extended_report->mos_conversation, 4.1, 1e-9);
  EXPECT_EQ(all.extended_report->r_factor, std::nullopt) << "127: unavailable";
}

TEST(VqReports, SaysWhatIsKnown) {
  endpoint::ReportFacts facts;
  facts.dialog = {"id@host", "ours", "theirs", "sip:7001@server", "sip:7002@server"};
  facts.local = *Address::parse("192.0.2.1:9000", 0);
  facts.remote = *Address::parse("192.0.2.2:9100", 0);
  facts.connected_at = Time{100s};
  const auto wall = sys_days{2026y / November / 28} + 10h + 1min;
  auto s = stream();
  auto text = rtp::write_vq_report(vq_report(facts, s, Time{160s}, wall));
  for (const auto* line :
       {"CallID: id@host\r\n", "OrigID: <sip:7001@server>\r\n",
        "LocalAddr: IP=192.0.2.1 PORT=9000 SSRC=0x00001111\r\n",
        "RemoteAddr: IP=192.0.2.2 PORT=9100 SSRC=0x00002222\r\n",
        "Timestamps: START=2026-11-28T10:00:00Z STOP=2026-11-28T10:01:00Z\r\n",
        "SessionDesc: PT=0 PD=PCMU SR=8000 PPS=50 FD=20 FPP=1 PLC=2 SSUP=off\r\n",
        "JitterBuffer: JBA=3 JBN=40 JBM=4000 JBX=4000\r\n", "PacketLoss: NLR=2.00 JDR=0.60\r\n",
        "BurstGapLoss: BLD=50.00 BD=80 GLD=1.00 GD=9000 GMIN=16\r\n", "Delay: RTD=40 ESD=65 IAJ=2\r\n",
        "Signal: SL=-18\r\n", "QualityEst: RLQ=86 RCQ=84 MOSLQ=4.2 MOSCQ=4.1 QoEEstAlg=G.107\r\n",
        "DialogID: id@host;to-tag=theirs;from-tag=ours\r\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, Not(HasSubstr("RemoteMetrics")));
  facts.incoming = true;
  s.peer_metrics.emplace().end_system_ms = 75;
  s.peer_metrics->mos_lq = 44;
  text = rtp::write_vq_report(vq_report(facts, s, Time{160s}, wall));
  EXPECT_THAT(text, HasSubstr("OrigID: <sip:7002@server>\r\n"));
  EXPECT_THAT(text, HasSubstr(";to-tag=ours;from-tag=theirs\r\n"));
  EXPECT_THAT(text, HasSubstr("Delay: RTD=40 ESD=65 SOWD=90 IAJ=2\r\n"));
  EXPECT_THAT(text, HasSubstr("RemoteMetrics:\r\nTimestamps: START=2026-11-28T10:00:00Z"));
  EXPECT_THAT(text, HasSubstr("QualityEst: MOSLQ=4.4\r\n"));
}

TEST(VqReports, OfACallThatHeardNothing) {
  media::StreamStatistics s;
  s.packets_sent = 10;
  const auto text = rtp::write_vq_report(vq_report({}, s, Time{}, {}));
  for (const auto* absent : {"SessionDesc", "PacketLoss", "Delay", "QualityEst", "Signal", "JitterBuffer"})
    EXPECT_THAT(text, Not(HasSubstr(absent)));
}

}  // namespace
}  // namespace sidetone::engine
