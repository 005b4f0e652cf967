// RED (RFC 2198) with real speech: sent when the peer loses, heard once, repairs what was lost.
#include <gtest/gtest.h>
#include <algorithm>

#include "call_pair.h"
#include "rtp/packet.h"
#include "rtp/redundancy.h"
#include "rtp/telephone_event.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;
constexpr std::uint8_t red = 63;

std::vector<std::int16_t> some_speech() {
  const auto speech = find_speech(Band::full, 8);
  EXPECT_TRUE(speech) << (speech ? "" : describe(speech.error()));
  return speech ? speech->samples : std::vector<std::int16_t>{};
}

void plan_with_redundancy(CallPair& call) {
  for (auto* end : {&call.a(), &call.b()}) {
    auto plan = plan_of(AudioCodec::opus, end == &call.a() ? call.b().address : call.a().address, 20ms);
    plan.send_redundancy = plan.receive_redundancy = red;
    end->stream.apply(plan, call.now());
  }
}

std::size_t redundant_packets(const CallPair::End& end) {
  std::size_t count = 0;
  for (const auto& bytes : end.sent_rtp)
    if (rtp::parse_packet(bytes)->header.payload_type == red) ++count;
  return count;
}

TEST(Redundancy, IsNotSentWhereNothingIsLost) {
  CallPair call;
  call.a().keep_packets = true;
  call.a().says = some_speech();
  plan_with_redundancy(call);
  call.run(20s);
  EXPECT_EQ(redundant_packets(call.a()), 0u);
}

TEST(Redundancy, RepairsWhatIsLost) {
  // One way only: b hears a over a network that loses every tenth packet.
  const auto lossy = [](CallPair& call) {
    call.tap = [&call, n = 0](const CallPair::End& from, media::OutgoingPacket& packet) mutable {
      return &from != &call.a() || packet.rtcp || ++n % 10 != 0;
    };
  };
  CallPair plain, repaired;
  for (auto* call : {&plain, &repaired}) {
    call->a().says = some_speech();
    call->a().keep_packets = true;
    lossy(*call);
  }
  plain.plan(AudioCodec::opus);
  plan_with_redundancy(repaired);
  plain.run(30s);
  repaired.run(30s);
  const auto without = plain.b().stream.statistics(), with = repaired.b().stream.statistics();
  EXPECT_GT(redundant_packets(repaired.a()), 800u) << "from the first report on, some seconds in";
  EXPECT_NEAR(without.loss_rate, 0.1, 0.01);
  EXPECT_LT(with.loss_rate, 0.035) << "what was lost before the first report stays lost";
  EXPECT_GT(with.packets_repaired, 80u);
  EXPECT_GT(with.mos, without.mos + 0.3);
  EXPECT_LT(with.frames_concealed * 2, without.frames_concealed);
  EXPECT_GE(with.packets_lost, without.packets_lost - 2) << "RFC 3550 counts packets, not content";
}

// A peer that sends each payload three times over, on a network that loses, doubles and reorders: every
// sample is heard once.
TEST(Redundancy, IsNeverFedTwice) {
  CallPair call({.loss = 0.05, .duplicate = 0.05, .reorder = 0.03, .jitter = 10ms});
  call.a().says = some_speech();
  plan_with_redundancy(call);
  struct Sent {
    std::uint32_t timestamp = 0;
    std::vector<std::uint8_t> payload;
  } last;
  call.tap = [&](const CallPair::End& from, media::OutgoingPacket& packet) {
    if (&from != &call.a() || packet.rtcp) return true;
    const auto parsed = rtp::parse_packet(packet.view());
    if (parsed->header.payload_type == red) return true;
    Sent now{parsed->header.timestamp, {parsed->payload.begin(), parsed->payload.end()}};
    if (!last.payload.empty()) {
      auto header = parsed->header;
      const auto offset = static_cast<std::uint16_t>(now.timestamp - last.timestamp);
      std::array<std::uint8_t, 1400> both{};
      const auto size = rtp::write_redundancy(both, {header.payload_type, offset, last.payload},
                                              {header.payload_type, 0, now.payload});
      EXPECT_GT(size, 0u);
      header.payload_type = red;
      EXPECT_TRUE(rtp::write_header(header, packet.bytes));
      std::copy_n(both.begin(), size, packet.bytes.begin() + rtp::header_size);
      packet.size = static_cast<std::uint16_t>(rtp::header_size + size);
    }
    last = now;
    return true;
  };
  call.run(30s);
  const auto heard = call.b().stream.statistics();
  EXPECT_GT(heard.packets_repaired, 40u);
  EXPECT_LT(heard.loss_rate, 0.01);
  EXPECT_LT(heard.discard_rate, 0.005);
  // Whatever is fed twice makes time run away: 30 s of sound are 30 s.
  const auto& made = call.b().heard;
  const auto verdict =
      check_speech(call.a().says, made, {.median_min = 0.9, .fifth_percentile_min = 0.3, .found_min = 0.95});
  EXPECT_TRUE(verdict.good) << verdict.to_string();
  EXPECT_LT(heard.buffer_delay, 120ms);
}

TEST(Redundancy, DigitsComeOnceHoweverOftenTheyAreSaid) {
  CallPair call;
  plan_with_redundancy(call);
  call.run(200ms);
  // A peer that sends the end of an event again with the next one (RFC 4733 §2.5.1.4).
  const auto from = call.a().address;
  call.tap = [&](const CallPair::End& end, const media::OutgoingPacket&) { return &end != &call.a(); };
  std::uint16_t sequence = 5;  // where a's own packets are by now
  const auto send = [&](std::uint32_t timestamp,
                        std::vector<std::pair<std::uint32_t, rtp::EventPayload>> earlier,
                        rtp::EventPayload now) {
    std::vector<std::uint8_t> bytes(12);
    for (const auto& [at, event] : earlier) {
      const auto offset = timestamp - at;
      bytes.insert(bytes.end(),
                   {static_cast<std::uint8_t>(0x80 | 101), static_cast<std::uint8_t>(offset >> 6),
                    static_cast<std::uint8_t>(offset << 2), 4});
    }
    bytes.push_back(101);
    for (const auto& [at, event] : earlier) {
      const auto payload = rtp::write_event(event);
      bytes.insert(bytes.end(), payload.begin(), payload.end());
    }
    const auto payload = rtp::write_event(now);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    ASSERT_TRUE(rtp::write_header({false, red, sequence++, timestamp, 0x1111}, bytes));
    call.b().stream.receive(bytes, false, from, call.now());
    call.run(20ms);
  };
  const auto base = 0x100000u;
  send(base, {}, {1, false, 10, 960});
  send(base, {}, {1, false, 10, 1920});
  // The end of "1" comes only with "2" around it, twice.
  send(base + 6000, {{base, {1, true, 10, 4800}}}, {2, false, 10, 960});
  send(base + 6000, {{base, {1, true, 10, 4800}}}, {2, false, 10, 1920});
  send(base + 6000, {}, {2, true, 10, 4800});
  send(base + 12000, {{base + 6000, {2, true, 10, 4800}}}, {3, true, 10, 4800});
  std::string digits;
  for (const auto& event : call.b().events)
    if (event.kind == media::StreamEvent::Kind::dtmf) digits += event.digit;
  EXPECT_EQ(digits, "123");
}

TEST(Redundancy, DamagedIsCountedAndNotHeard) {
  CallPair call;
  plan_with_redundancy(call);
  call.run(200ms);
  const auto before = call.b().stream.statistics().foreign_packets;
  const std::vector<std::vector<std::uint8_t>> payloads{
      {}, {0x80 | 120}, {0x80 | 120, 0, 0, 200, 120, 1, 2}, {0x80 | 63, 0, 4, 1, 63, 1, 2}, {99, 1, 2, 3}};
  std::uint16_t sequence = 30000;
  for (const auto& payload : payloads) {
    std::vector<std::uint8_t> bytes(rtp::header_size + payload.size());
    std::copy(payload.begin(), payload.end(), bytes.begin() + rtp::header_size);
    ASSERT_TRUE(rtp::write_header({false, red, sequence++, 1, 0x1111}, bytes));
    call.b().stream.receive(bytes, false, call.a().address, call.now());
  }
  EXPECT_EQ(call.b().stream.statistics().foreign_packets - before, payloads.size());
}

}  // namespace
}  // namespace sidetone::audio_test
