// What happens within a call: digits, hold, another payload type, another source, a stranger.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "call_pair.h"
#include "codec/fmtp.h"
#include "rtp/packet.h"
#include "rtp/telephone_event.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;  // the judge

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;
using Kind = media::StreamEvent::Kind;

// A tone without a gap: every silent 10 ms at the other end is one that was lost.
void give_tone(CallPair::End& end, double hz, std::chrono::milliseconds duration) {
  const auto count = static_cast<std::size_t>(duration.count() * 48);
  for (std::size_t i = 0; i < count; ++i)
    end.says.push_back(
        static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * hz * static_cast<double>(i) / 48000)));
}

double loudness(const std::vector<std::int16_t>& sound, std::size_t at_ms, std::size_t length_ms) {
  double sum = 0;
  for (std::size_t i = at_ms * 48; i < (at_ms + length_ms) * 48 && i < sound.size(); ++i)
    sum += static_cast<double>(sound[i]) * sound[i];
  return std::sqrt(sum / static_cast<double>(length_ms * 48));
}

// Milliseconds in [from, to) where less than a tenth of the tone is heard.
int quiet_ms(const std::vector<std::int16_t>& sound, std::size_t from_ms, std::size_t to_ms) {
  int quiet = 0;
  for (auto at = from_ms; at + 5 <= to_ms; at += 5)
    if (loudness(sound, at, 5) < 560) quiet += 5;
  return quiet;
}

std::size_t count(const CallPair::End& end, Kind kind) {
  return static_cast<std::size_t>(std::count_if(end.events.begin(), end.events.end(),
                                                [kind](const auto& event) { return event.kind == kind; }));
}

std::string digits_heard(const CallPair::End& end, std::chrono::milliseconds about) {
  std::string digits;
  for (const auto& event : end.events) {
    if (event.kind != Kind::dtmf) continue;
    digits += event.digit;
    EXPECT_NEAR(static_cast<double>(event.duration.count()), static_cast<double>(about.count()), 20);
  }
  return digits;
}

TEST(Dtmf, EveryDigitBothWaysWithEveryCodec) {
  for (const auto codec : every_codec()) {
    CallPair call;
    call.plan(codec);
    call.run(200ms);
    EXPECT_TRUE(call.a().stream.send_dtmf("0123456789*#ABCD", 100ms, 50ms));
    EXPECT_TRUE(call.b().stream.send_dtmf("11,1", 70ms, 60ms));
    call.run(5s);
    EXPECT_EQ(digits_heard(call.b(), 100ms), "0123456789*#ABCD");
    EXPECT_EQ(digits_heard(call.a(), 80ms), "111");
    EXPECT_EQ(count(call.a(), Kind::dtmf_sent), 16u);
  }
}

TEST(Dtmf, SurvivesABadNetwork) {
  CallPair call({.loss = 0.1, .duplicate = 0.1, .reorder = 0.05, .jitter = 15ms});
  call.plan(AudioCodec::pcmu);
  call.run(200ms);
  EXPECT_TRUE(call.a().stream.send_dtmf("1234567890", 100ms, 100ms));
  call.run(5s);
  std::string digits;
  for (const auto& event : call.b().events)
    if (event.kind == Kind::dtmf) digits += event.digit;
  EXPECT_EQ(digits, "1234567890");
}

TEST(Dtmf, WhatIsRefused) {
  CallPair call;
  EXPECT_FALSE(call.a().stream.send_dtmf("1", 100ms, 50ms)) << "nothing is negotiated";
  call.plan(AudioCodec::pcmu);
  EXPECT_FALSE(call.a().stream.send_dtmf("12x", 100ms, 50ms));
  EXPECT_FALSE(call.a().stream.send_dtmf("", 100ms, 50ms));
  EXPECT_FALSE(call.a().stream.send_dtmf(std::string(41, '1'), 100ms, 50ms));
  EXPECT_TRUE(call.a().stream.send_dtmf(std::string(40, '1'), 100ms, 50ms));
  EXPECT_FALSE(call.a().stream.send_dtmf("1", 100ms, 50ms)) << "40 wait already";
}

TEST(Dtmf, LongToneIsOneDigit) {  // RFC 4733 §2.5.1.3, at Opus' clock a segment is 1.4 s
  CallPair call;
  call.plan(AudioCodec::opus);
  EXPECT_TRUE(call.a().stream.send_dtmf("7", 4000ms, 50ms));
  call.run(5s);
  EXPECT_EQ(digits_heard(call.b(), 4000ms), "7");
}

TEST(Hold, NoRtpButRtcpAndTheClockRuns) {
  CallPair call;
  call.a().keep_packets = true;
  give_tone(call.a(), 440, 20s);
  call.plan(AudioCodec::pcmu);
  call.run(1s);
  auto held = plan_of(AudioCodec::pcmu, call.b().address, 20ms);
  held.send = false;
  call.a().stream.apply(held, call.now());
  const auto packets = call.a().sent_rtp.size();
  const auto reports = call.a().sent_rtcp;
  call.run(10s);
  EXPECT_EQ(call.a().sent_rtp.size(), packets);
  EXPECT_GE(call.a().sent_rtcp, reports + 1);
  call.a().stream.apply(plan_of(AudioCodec::pcmu, call.b().address, 20ms), call.now());
  call.run(1s);
  ASSERT_GT(call.a().sent_rtp.size(), packets);
  const auto last = rtp::parse_packet(call.a().sent_rtp[packets - 1])->header;
  const auto next = rtp::parse_packet(call.a().sent_rtp[packets])->header;
  EXPECT_EQ(next.sequence, static_cast<std::uint16_t>(last.sequence + 1));
  EXPECT_TRUE(next.marker) << "RFC 3551 §4.1: first packet after silence";
  EXPECT_NEAR(static_cast<double>(next.timestamp - last.timestamp), 10 * 8000 + 160, 160);
  EXPECT_GT(loudness(call.b().heard, 11500, 400), 4000);
  EXPECT_LE(quiet_ms(call.b().heard, 11150, 12000), 0);
}

TEST(Sequence, ContinuousWithOneMarkerThroughDigits) {
  CallPair call;
  call.a().keep_packets = true;
  call.plan(AudioCodec::g722);
  call.run(500ms);
  EXPECT_TRUE(call.a().stream.send_dtmf("5", 100ms, 50ms));
  call.run(1s);
  std::optional<rtp::Header> before;
  int audio_markers = 0;
  for (const auto& bytes : call.a().sent_rtp) {
    const auto header = rtp::parse_packet(bytes)->header;
    if (before) EXPECT_EQ(header.sequence, static_cast<std::uint16_t>(before->sequence + 1));
    if (header.payload_type == 9 && header.marker) ++audio_markers;
    before = header;
  }
  EXPECT_EQ(audio_markers, 1);
}

struct Change {
  AudioCodec from, to;
};

TEST(PayloadType, ChangesWithinTheCallForAtMost50Ms) {
  for (const auto from : every_codec())
    for (const auto to : every_codec()) {
      if (from == to) continue;
      CallPair call;
      give_tone(call.a(), 440, 6s);
      call.plan(from);
      auto both = plan_of(from, call.a().address, 20ms);
      both.receive_formats.push_back(format_of(to));
      call.b().stream.apply(both, call.now());
      call.run(2s);
      call.a().stream.apply(plan_of(to, call.b().address, 20ms), call.now());
      call.run(2s);
      EXPECT_LE(quiet_ms(call.b().heard, 1900, 3900), 50)
          << codec::catalogue(from).name << " to " << codec::catalogue(to).name;
      EXPECT_EQ(call.b().stream.statistics().received_format.codec, to);
      EXPECT_EQ(count(call.b(), Kind::format_changed), 1u);
    }
}

// The peer's re-INVITE numbers the codec in use anew, or brings comfort noise with it.
TEST(PayloadType, NewNumberForTheSameCodecForAtMost50Ms) {
  for (const auto codec : every_codec())
    for (const bool with_noise : {false, true}) {
      SCOPED_TRACE(testing::Message() << name_of(codec) << (with_noise ? " and noise" : ""));
      CallPair call;
      give_tone(call.a(), 440, 6s);
      call.plan(codec);
      call.run(2s);
      auto send = plan_of(codec, call.b().address, 20ms), receive = plan_of(codec, call.a().address, 20ms);
      send.send_format.payload_type = 111;
      receive.receive_formats[0].payload_type = 111;
      if (with_noise) {
        codec::AudioFormat noise{AudioCodec::comfort_noise, 112, {}};
        noise.rtp_clock_hz = codec::catalogue(codec).rtp_clock_hz;
        receive.receive_formats.push_back(noise);
      }
      call.b().stream.apply(receive, call.now());
      call.a().stream.apply(send, call.now());
      call.run(2s);
      EXPECT_LE(quiet_ms(call.b().heard, 1900, 3900), 50);
      EXPECT_EQ(call.b().stream.statistics().packets_lost, 0);
      EXPECT_EQ(call.b().stream.statistics().received_format.payload_type, 111);
    }
}

// The peer's re-INVITE makes its packets longer or shorter.
TEST(PacketTime, ChangesWithinTheCallForAtMost50Ms) {
  for (const auto codec : every_codec())
    for (const auto& [from, to] : {std::pair{20ms, 60ms}, {60ms, 20ms}, {20ms, 10ms}}) {
      SCOPED_TRACE(testing::Message() << name_of(codec) << " " << from.count() << " to " << to.count());
      CallPair call;
      give_tone(call.a(), 440, 6s);
      call.plan(codec, from);
      call.run(2s);
      call.a().stream.apply(plan_of(codec, call.b().address, to), call.now());
      call.run(2s);
      EXPECT_LE(quiet_ms(call.b().heard, 1900, 3900), 50);
      EXPECT_EQ(call.b().stream.statistics().packets_lost, 0);
    }
}

// The peer begins and ends to send its payloads once more (RFC 2198), as its network asks for.
TEST(Redundancy, ComesAndGoesWithinTheCallForNothing) {
  CallPair call;
  give_tone(call.a(), 440, 30s);
  for (auto* end : {&call.a(), &call.b()}) {
    auto plan = plan_of(AudioCodec::opus, end == &call.a() ? call.b().address : call.a().address, 20ms);
    plan.send_redundancy = plan.receive_redundancy = 63;
    end->stream.apply(plan, call.now());
  }
  std::size_t redundant = 0;
  const auto start = call.now();
  call.tap = [&, n = 0](const CallPair::End& from, media::OutgoingPacket& packet) mutable {
    if (&from != &call.a() || packet.rtcp) return true;
    if (rtp::parse_packet(packet.view())->header.payload_type == 63) ++redundant;
    return call.now() - start > 10s || ++n % 10 != 0;
  };
  call.run(28s);
  EXPECT_GT(redundant, 100u);
  EXPECT_LT(redundant, 1000u) << "it ends when nothing is lost any more";
  EXPECT_EQ(quiet_ms(call.b().heard, 12000, 27900), 0);
}

// The peer's re-INVITE changes nothing for what we hear but the list around it.
TEST(PayloadType, AWiderListCostsNothing) {
  for (const auto codec : every_codec()) {
    SCOPED_TRACE(name_of(codec));
    CallPair call;
    give_tone(call.a(), 440, 6s);
    call.plan(codec);
    call.run(2s);
    auto receive = plan_of(codec, call.a().address, 20ms);
    for (const auto other : every_codec())
      if (other != codec) receive.receive_formats.push_back(format_of(other));
    call.b().stream.apply(receive, call.now());
    call.run(2s);
    EXPECT_LE(quiet_ms(call.b().heard, 1900, 3900), 50);
  }
}

// Rewrites what a sends from `at` on, as a server does that puts another source on the line.
void change_source(CallPair& call, Time at, std::uint32_t ssrc, std::uint16_t sequence_step,
                   std::uint32_t timestamp_step) {
  call.tap = [&call, at, ssrc, sequence_step, timestamp_step](const CallPair::End& from,
                                                              media::OutgoingPacket& packet) {
    if (&from != &call.a() || packet.rtcp || call.now() < at) return true;
    const auto parsed = rtp::parse_packet(packet.view());
    auto header = parsed->header;
    header.ssrc = ssrc;
    header.sequence = static_cast<std::uint16_t>(header.sequence + sequence_step);
    header.timestamp += timestamp_step;
    return rtp::write_header(header, packet.bytes);
  };
}

TEST(Source, ChangesWithinTheCallForAtMost50Ms) {
  const struct {
    const char* what;
    std::uint32_t ssrc;
    std::uint16_t sequence_step;
    std::uint32_t timestamp_step;
  } rows[] = {
      {"new SSRC", 0x9999, 0, 0},
      {"new SSRC, sequence and timestamp", 0x9999, 20000, 0x70000000},
      {"new SSRC, timestamp far back", 0x9999, 333, 0x90000000},
      {"new SSRC, timestamp 2 s back at 8 kHz, 1/3 s at 48 kHz", 0x9999, 7000, -16000U},
      {"new SSRC, timestamp 18 s back at 8 kHz, 3 s at 48 kHz", 0x9999, 7000, -144000U},
      {"new SSRC, timestamp 0.6 s ahead at 8 kHz, 0.1 s at 48 kHz", 0x9999, 7000, 4800},
      {"new SSRC, timestamp 3.6 s ahead at 8 kHz, 0.6 s at 48 kHz", 0x9999, 7000, 28800},
      {"same SSRC, timestamp far ahead", 0x1111, 0, 0x10000000},
      {"same SSRC, timestamp far back", 0x1111, 0, 0xf0000000},
      {"same SSRC, sequence and timestamp anew", 0x1111, 20000, 0x60000000},
  };
  for (const auto codec : every_codec())
    for (const auto& row : rows) {
      SCOPED_TRACE(name_of(codec));
      CallPair call;
      give_tone(call.a(), 440, 6s);
      call.plan(codec);
      change_source(call, call.now() + 2s, row.ssrc, row.sequence_step, row.timestamp_step);
      call.run(4s);
      EXPECT_LE(quiet_ms(call.b().heard, 1900, 3900), 50) << row.what;
      EXPECT_EQ(count(call.b(), Kind::source_changed), row.ssrc == 0x1111 ? 0u : 1u) << row.what;
      EXPECT_EQ(call.b().stream.statistics().packets_lost, 0) << row.what;
    }
}

// By a re-INVITE, as when another leg of a B2BUA takes over.
TEST(Address, ChangesWithinTheCallForAtMost50Ms) {
  for (const auto codec : every_codec()) {
    SCOPED_TRACE(name_of(codec));
    CallPair call;
    give_tone(call.a(), 440, 6s);
    call.plan(codec);
    call.run(2s);
    call.a().address = *Address::parse("203.0.113.77:4040", 0);
    change_source(call, call.now(), 0x7777, 4711, 0x12345678);
    call.b().stream.apply(plan_of(codec, call.a().address, 20ms), call.now());
    call.run(2s);
    const int gap_ms = quiet_ms(call.b().heard, 1900, 3900);
    fmt::print("gap when the peer's address changes, {}: {} ms\n", name_of(codec), gap_ms);
    EXPECT_LE(gap_ms, 50);
    EXPECT_EQ(call.b().stream.statistics().packets_lost, 0);
    EXPECT_EQ(call.b().stream.peer_hosts().view()[0], call.a().address.ip);
  }
}

// The first moment from `from_ms` on when the tone is heard.
std::size_t heard_from_ms(const std::vector<std::int16_t>& sound, std::size_t from_ms) {
  auto at = from_ms;
  while (at * 48 < sound.size() && loudness(sound, at, 5) < 560) at += 5;
  return at;
}

// A peer that sends nothing for long (its own silence, a network that was gone) and then goes on.
TEST(Silence, ThatWasLongCostsAtMost50Ms) {
  for (const auto codec : every_codec())
    for (const auto length : {3s, 60s}) {
      SCOPED_TRACE(testing::Message() << name_of(codec) << ", " << length.count() << " s");
      CallPair call;
      give_tone(call.a(), 440, 66s);
      call.plan(codec);
      const auto from = call.now() + 1s, to = from + length;
      call.tap = [&](const CallPair::End& end, media::OutgoingPacket& packet) {
        return &end != &call.a() || packet.rtcp || call.now() < from || call.now() >= to;
      };
      call.run(3s + length);
      const auto latency_ms = heard_from_ms(call.b().heard, 0);
      const auto again_ms = static_cast<std::size_t>((1s + length) / 1ms);
      EXPECT_LE(heard_from_ms(call.b().heard, again_ms), again_ms + latency_ms + 50);
      EXPECT_LE(quiet_ms(call.b().heard, again_ms + latency_ms + 50, again_ms + 1800), 0);
    }
}

TEST(Stranger, IsCountedAndNotHeard) {
  CallPair call;
  give_tone(call.a(), 440, 4s);
  call.plan(AudioCodec::pcmu);
  call.run(1s);
  const auto stranger = *Address::parse("198.51.100.9:6000", 0);
  const auto where = call.b().stream.statistics().packets_sent;
  for (int i = 0; i < 50; ++i) {
    std::vector<std::uint8_t> noise(172, 0x20);
    ASSERT_TRUE(rtp::write_header(
        {false, 0, static_cast<std::uint16_t>(i), static_cast<std::uint32_t>(i * 160), 0x666}, noise));
    call.b().stream.receive(noise, false, stranger, call.now());
    call.run(20ms);
  }
  EXPECT_EQ(call.b().stream.statistics().foreign_packets, 50u);
  EXPECT_GT(call.b().stream.statistics().packets_sent, where);
  EXPECT_EQ(count(call.b(), Kind::source_changed), 0u);
  EXPECT_EQ(quiet_ms(call.b().heard, 1000, 2000), 0);
  EXPECT_LT(loudness(call.b().heard, 1200, 700), 7000);
}

TEST(End, ByeIsToldAndNothingFollows) {
  CallPair call;
  call.plan(AudioCodec::pcmu);
  call.run(1s);
  call.a().stream.close(call.now());
  call.run(1s);
  EXPECT_EQ(count(call.b(), Kind::rtcp_bye), 1u);
  EXPECT_EQ(call.a().stream.statistics().packets_sent, 50u);
  EXPECT_EQ(count(call.b(), Kind::first_rtp), 1u);
  EXPECT_LT(call.b().stream.last_activity(), call.now() - 900ms);
}

}  // namespace
}  // namespace sidetone::audio_test
