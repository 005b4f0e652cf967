// The figures of a call: statistics, MOS, extended reports, voice activity, inactivity.
#include <gtest/gtest.h>

#include <cmath>

#include "call_pair.h"
#include "rtp/packet.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;
using Kind = media::StreamEvent::Kind;

std::vector<std::int16_t> some_speech(double seconds) {
  const auto speech = find_speech(Band::narrow, seconds);
  EXPECT_TRUE(speech) << (speech ? "" : describe(speech.error()));
  return speech ? speech->samples : std::vector<std::int16_t>{};
}

std::size_t count(const CallPair::End& end, Kind kind) {
  std::size_t found = 0;
  for (const auto& event : end.events)
    if (event.kind == kind) ++found;
  return found;
}

// Loses what of a's RTP `lost` says, by the number of the packet.
void lose(CallPair& call, std::function<bool(int)> lost) {
  call.tap = [&call, lost = std::move(lost), n = 0](const CallPair::End& from,
                                                    media::OutgoingPacket& packet) mutable {
    return &from != &call.a() || packet.rtcp || !lost(n++);
  };
}

TEST(Quality, OfALossFreeCall) {
  CallPair call;
  call.a().says = some_speech(25);
  call.plan(AudioCodec::pcmu);
  call.run(25s);
  const auto s = call.b().stream.statistics();
  EXPECT_EQ(s.packets_lost, 0);
  EXPECT_EQ(s.packets_discarded, 0u);
  EXPECT_NEAR(s.mos, 4.4, 0.05);  // what the observed product shows
  EXPECT_NEAR(s.mos_interval, s.mos, 0.02);
  EXPECT_GT(s.mos_listening, s.mos);
  EXPECT_NEAR(static_cast<double>(s.packet_time.count()), 20000, 1);
  ASSERT_TRUE(s.peer_sent);
  EXPECT_GT(s.peer_sent->packets, 100u);
  ASSERT_TRUE(s.peer_heard);
  EXPECT_EQ(s.peer_heard->cumulative_lost, 0);
  EXPECT_NEAR(static_cast<double>(s.round_trip.count()), 40000, 21000);
  ASSERT_TRUE(s.last_packet_ago);
  EXPECT_LE(*s.last_packet_ago, 30ms);
  EXPECT_EQ(s.frames_normal + s.frames_concealed + s.frames_noise + s.frames_silent, 2500u);
}

TEST(Quality, BurstsAreHeardAsWorse) {
  CallPair spread, bursts;
  lose(spread, [](int n) { return n % 20 == 19; });
  lose(bursts, [](int n) { return n % 100 >= 95; });
  for (auto* call : {&spread, &bursts}) {
    call->a().says = some_speech(20);
    call->plan(AudioCodec::pcmu);
    call->run(40s);
  }
  const auto s = spread.b().stream.statistics(), b = bursts.b().stream.statistics();
  EXPECT_NEAR(s.loss_rate, 0.05, 0.003);
  EXPECT_NEAR(b.loss_rate, 0.05, 0.003);
  EXPECT_EQ(s.burst_density, 0) << "RFC 3611 §4.7.2, Gmin 16: isolated losses are part of the gap";
  EXPECT_EQ(b.burst_density, 1);
  EXPECT_EQ(b.burst_length, 100ms);
  EXPECT_LT(b.mos_listening, s.mos_listening - 0.05);
}

TEST(Quality, AnIntervalStandsForItself) {
  CallPair call;
  lose(call, [](int n) { return n >= 500 && n < 750 && n % 5 == 0; });  // 10 s to 15 s
  call.a().says = some_speech(20);
  call.plan(AudioCodec::pcmu);
  std::vector<double> intervals;
  for (int i = 0; i < 6; ++i) {
    call.run(5s);
    intervals.push_back(call.b().stream.statistics().mos_interval);
  }
  EXPECT_GT(intervals[1], 4.3);
  EXPECT_LT(intervals[2], 3);
  EXPECT_GT(intervals[4], 4.3);
  const double whole = call.b().stream.statistics().mos;
  EXPECT_LT(whole, 4.2);
  EXPECT_GT(whole, intervals[2]);
}

TEST(Quality, NothingHeardIsNoFigure) {
  CallPair call;
  call.plan(AudioCodec::pcmu);
  lose(call, [](int) { return true; });
  call.run(12s);
  const auto s = call.b().stream.statistics();
  EXPECT_EQ(s.mos, 0);
  EXPECT_EQ(s.mos_interval, 0);
  EXPECT_FALSE(s.last_packet_ago);
}

// A doubled packet is heard once, whenever it comes, and is no discarded one.
TEST(Quality, DuplicatesHarmNothing) {
  for (const auto codec : every_codec()) {
    CallPair call({.duplicate = 0.5});
    call.a().says = some_speech(10);
    call.plan(codec);
    call.run(15s);
    const auto s = call.b().stream.statistics();
    EXPECT_GT(s.packets_duplicated, 100u) << name_of(codec);
    EXPECT_EQ(s.packets_discarded, 0u) << name_of(codec);
    EXPECT_EQ(s.loss_rate, 0) << name_of(codec);
    EXPECT_LT(s.frames_concealed, 5u) << name_of(codec);
  }
}

TEST(Quality, ReorderedPacketsAreNotLost) {
  for (const auto codec : every_codec()) {
    CallPair call({.reorder = 0.05});
    call.a().says = some_speech(10);
    call.plan(codec);
    call.run(30s);
    const auto s = call.b().stream.statistics();
    EXPECT_EQ(s.loss_rate, 0) << name_of(codec);
    EXPECT_LT(s.discard_rate, 0.03) << name_of(codec);
  }
}

// Two seconds late, long after others were played: received, discarded, and counted as such.
TEST(Quality, WhatComesTooLateIsDiscarded) {
  CallPair call;
  call.a().says = some_speech(20);
  call.plan(AudioCodec::pcmu);
  std::vector<std::pair<Time, std::vector<std::uint8_t>>> kept;
  call.tap = [&, n = 0](const CallPair::End& from, media::OutgoingPacket& packet) mutable {
    if (&from != &call.a() || packet.rtcp || ++n % 50 != 0) return true;
    kept.emplace_back(call.now() + 500ms, std::vector(packet.view().begin(), packet.view().end()));
    return false;
  };
  for (int i = 0; i < 2000; ++i) {
    call.run(10ms);
    while (!kept.empty() && kept.front().first <= call.now()) {
      call.b().stream.receive(kept.front().second, false, call.a().address, call.now());
      kept.erase(kept.begin());
    }
  }
  const auto s = call.b().stream.statistics();
  EXPECT_EQ(s.packets_discarded, 19u);
  EXPECT_LE(s.packets_lost, 1);
  EXPECT_NEAR(s.discard_rate, 0.02, 0.002);
  EXPECT_LT(s.mos, 4.3) << "it is a loss to the ear";
}

// RFC 3611 §5.2: sent to who asked, and read by it.
TEST(ExtendedReports, GoToWhoAskedForThem) {
  CallPair call;
  lose(call, [](int n) { return n % 20 == 0; });
  call.a().says = some_speech(20);
  call.plan(AudioCodec::pcmu);
  auto plan = plan_of(AudioCodec::pcmu, call.a().address, 20ms);
  plan.extended_reports = true;
  call.b().stream.apply(plan, call.now());
  call.run(30s);
  const auto a = call.a().stream.statistics(), b = call.b().stream.statistics();
  EXPECT_FALSE(b.peer_metrics) << "b did not ask";
  ASSERT_TRUE(a.peer_metrics);
  const auto& m = *a.peer_metrics;
  EXPECT_EQ(m.ssrc, 0x1111u);
  EXPECT_NEAR(m.loss_rate / 256.0, 0.05, 0.01);
  EXPECT_EQ(m.burst_density, 0);
  EXPECT_NEAR(m.gap_density / 256.0, 0.05, 0.01);
  EXPECT_EQ(m.gmin, 16);
  EXPECT_NEAR(m.mos_cq / 10.0, b.mos, 0.15);
  EXPECT_NEAR(m.r_factor, b.r_factor, 3);
  EXPECT_GT(m.end_system_ms, 20);
  EXPECT_GT(m.buffer_maximum_ms, 1000);
  EXPECT_EQ(m.receiver_configuration >> 4, 0b1011);
}

TEST(VoiceActivity, FollowsWhoSpeaks) {
  CallPair call;
  const auto speech = some_speech(8);
  call.a().says.assign(speech.begin(), speech.begin() + 8 * 48000);
  call.plan(AudioCodec::pcmu);
  call.run(8s);
  auto a = call.a().stream.statistics(), b = call.b().stream.statistics();
  EXPECT_GT(a.frames_voice_said, 300u);
  EXPECT_LT(a.frames_voice_said, 790u);
  EXPECT_NEAR(static_cast<double>(b.frames_voice_heard), static_cast<double>(a.frames_voice_said), 60);
  EXPECT_EQ(b.frames_voice_said, 0u) << "b is silent";
  EXPECT_LT(b.signal_level, -5);
  EXPECT_GT(b.signal_level, -40);
  call.run(5s);
  const auto quiet = call.b().stream.statistics();
  EXPECT_FALSE(quiet.voice_heard);
  EXPECT_LE(quiet.frames_voice_heard, b.frames_voice_heard + 30);
}

// RFC 5761 §5.1.1: what both agreed to share one port comes and goes by it, and RTCP still tells what it
// should.
TEST(SharedPort, ReportsComeAndGoByTheRtpPort) {
  CallPair call;
  call.a().says = some_speech(12);
  for (auto* end : {&call.a(), &call.b()}) {
    const auto& other = end == &call.a() ? call.b() : call.a();
    auto plan = plan_of(AudioCodec::pcmu, other.address, 20ms);
    plan.rtcp_mux = true;
    plan.remote_rtcp = plan.remote_rtp;
    end->stream.apply(plan, call.now());
  }
  std::size_t reports = 0;
  call.tap = [&reports](const CallPair::End& from, media::OutgoingPacket& packet) {
    const bool rtcp = rtp::classify(packet.view()) == rtp::PacketKind::rtcp;
    reports += rtcp ? 1 : 0;
    EXPECT_FALSE(packet.rtcp) << "nothing leaves by the other port";
    EXPECT_EQ(packet.to.port, from.address.port == 4000 ? 5000 : 4000);
    return true;
  };
  call.run(12s);
  EXPECT_GE(reports, 3u);
  EXPECT_GT(call.a().stream.statistics().round_trip, 30ms);
  EXPECT_TRUE(call.b().stream.statistics().peer_sent);
  EXPECT_EQ(call.b().stream.statistics().foreign_packets, 0u);
}

// rtp_inactivity_timeout, as observed: armed again by RTP or RTCP.
TEST(Inactivity, IsToldOnceAndRtcpCountsToo) {
  struct Row {
    const char* why;
    bool rtp, rtcp;
    std::size_t told;
  };
  for (const auto& row : {Row{"both", true, true, 0}, Row{"RTP alone", true, false, 0},
                          Row{"RTCP alone", false, true, 0}, Row{"neither", false, false, 1}}) {
    CallPair call;
    auto plan = plan_of(AudioCodec::pcmu, call.a().address, 20ms);
    plan.inactivity_max = 30s;
    call.plan(AudioCodec::pcmu);
    call.b().stream.apply(plan, call.now());
    call.run(1s);
    call.tap = [&](const CallPair::End& from, media::OutgoingPacket& packet) {
      return &from != &call.a() || (packet.rtcp ? row.rtcp : row.rtp);
    };
    call.run(29s);
    EXPECT_EQ(count(call.b(), Kind::inactive), 0u) << row.why;
    call.run(60s);
    EXPECT_EQ(count(call.b(), Kind::inactive), row.told) << row.why;
  }
}

TEST(Inactivity, BeginsAnewAfterHold) {
  CallPair call;
  auto plan = plan_of(AudioCodec::pcmu, call.a().address, 20ms);
  plan.inactivity_max = 30s;
  call.b().stream.apply(plan, call.now());
  call.run(20s);
  auto held = plan;
  held.inactivity_max = 0s;
  call.b().stream.apply(held, call.now());
  call.run(300s);
  EXPECT_EQ(count(call.b(), Kind::inactive), 0u);
  call.b().stream.apply(plan, call.now());
  call.run(29s);
  EXPECT_EQ(count(call.b(), Kind::inactive), 0u);
  call.run(2s);
  EXPECT_EQ(count(call.b(), Kind::inactive), 1u);
}

}  // namespace
}  // namespace sidetone::audio_test
