// What has hurt media stacks: a second source that will not give up (RTP Bleed), timestamps and sequence
// numbers that jump until somebody loops over the gap, RTCP that lies. The call must sound on.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "call_pair.h"
#include "rtp/packet.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

const Address stranger = *Address::parse("198.51.100.9:6000", 0);

void give_speech_like(CallPair::End& end, std::chrono::milliseconds length) {
  SeededRandom random(3);
  end.says.resize(static_cast<std::size_t>(length.count()) * 48);
  for (std::size_t i = 0; i < end.says.size(); ++i)
    end.says[i] = static_cast<std::int16_t>(i / 48 % 100 < 50 ? 6000 : -6000);
}

std::vector<std::uint8_t> packet(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp,
                                 std::uint8_t payload_type = 0, std::size_t payload = 160) {
  std::vector<std::uint8_t> bytes(rtp::header_size + payload, 0x20);
  EXPECT_TRUE(rtp::write_header({false, payload_type, sequence, timestamp, ssrc}, bytes));
  return bytes;
}

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

TEST(HostileRtp, second_source_does_not_win_at_any_rate) {
  for (const int per_s : {50, 1000, 10000}) {
    for (const bool knows_ssrc : {false, true}) {
      SCOPED_TRACE(testing::Message() << per_s << " packets per second, SSRC known: " << knows_ssrc);
      CallPair call;
      give_speech_like(call.a(), 4s);
      call.plan(AudioCodec::pcmu);
      call.run(500ms);
      const auto concealed = call.b().stream.statistics().frames_concealed;
      std::uint16_t sequence = 0;
      std::uint32_t sent = 0;
      for (int tick = 0; tick < 200; ++tick) {
        for (; sent < static_cast<std::uint32_t>((tick + 1) * per_s / 100); ++sent, ++sequence)
          call.b().stream.receive(packet(knows_ssrc ? 0x1111 : 0x6666, sequence, sequence * 160U), false,
                                  stranger, call.now());
        call.run(10ms);
      }
      const auto after = call.b().stream.statistics();
      EXPECT_EQ(after.foreign_packets, sent);
      EXPECT_EQ(after.frames_concealed, concealed);
      EXPECT_EQ(after.packets_lost, 0);
      EXPECT_EQ(call.b().stream.peer_hosts().view()[0], call.a().address.ip);
      EXPECT_EQ(call.a().stream.statistics().packets_received, call.b().stream.statistics().packets_sent - 1)
          << "our packets go to the peer: one is under way";
    }
  }
}

TEST(HostileRtp, jumps_of_the_peers_own_stream_end_with_its_next_words) {
  struct Row {
    const char* what;
    std::uint16_t sequence_step;
    std::uint32_t timestamp_step;
  };
  for (const auto codec : {AudioCodec::pcmu, AudioCodec::opus})
    for (const auto& row : {
             Row{"RFC 3550 §5.1 timestamp, half of its range", 1, 0x80000000U},
             Row{"one below half", 1, 0x7fffffffU},
             Row{"back by one", 1, 0xffffffffU},
             Row{"an hour", 1, 3600U * 48000U},
             Row{"sequence, half of its range", 0x8000, 160},
             Row{"one below half", 0x7fff, 160},
             Row{"sequence back by one", 0xffff, 160},
             Row{"both back", 0xfff0, 0xfffff000U},
             Row{"§A.1 MAX_DROPOUT", 3000, 3000U * 160U},
             Row{"neither moves", 0, 0},
         }) {
      SCOPED_TRACE(row.what);
      CallPair call;
      give_speech_like(call.a(), 6s);
      call.plan(codec);
      call.run(1s);
      const auto type = static_cast<std::uint8_t>(format_of(codec).payload_type);
      const double cpu_before = cpu_s();
      std::uint16_t sequence = 100;
      std::uint32_t timestamp = 0;
      for (int i = 0; i < 500; ++i) {  // all within one second, from the peer's address and SSRC
        sequence = static_cast<std::uint16_t>(sequence + row.sequence_step);
        timestamp += row.timestamp_step;
        call.b().stream.receive(packet(0x1111, sequence, timestamp, type, 40), false, call.a().address,
                                call.now());
        if (i % 5 == 0) call.run(10ms);
      }
      EXPECT_LT(cpu_s() - cpu_before, 5.0) << "baresip 3.10.1 hung here (#2954)";
      call.run(1500ms);
      const auto before = call.b().stream.statistics();
      call.run(1s);
      const auto after = call.b().stream.statistics();
      EXPECT_GE(after.frames_normal - before.frames_normal, 95U) << "the peer is heard again";
      EXPECT_LT(after.buffer_delay, 1s);
    }
}

// The codec in use goes in two steps, because what a description takes away is still understood until the
// next one (RFC 3264 §8.3.2); then comfort noise is the first to come, which tells no codec.
TEST(HostileRtp, comfort_noise_after_the_codec_in_use_was_taken_away) {
  for (const auto codec : every_codec()) {
    SCOPED_TRACE(name_of(codec));
    CallPair call;
    give_speech_like(call.a(), 6s);
    call.plan(codec);
    call.run(500ms);
    const auto other = codec == AudioCodec::pcma ? AudioCodec::pcmu : AudioCodec::pcma;
    for (const auto ptime : {20ms, 30ms}) {
      auto plan = plan_of(other, call.a().address, ptime);
      plan.send = false;
      call.b().stream.apply(plan, call.now());
    }
    auto quiet = plan_of(other, call.b().address, 20ms);
    quiet.send = false;
    call.a().stream.apply(quiet, call.now());
    call.run(200ms);
    call.b().stream.receive(packet(0x1111, 1000, 500000, 13, 1), false, call.a().address, call.now());
    call.run(100ms);
    call.a().stream.apply(plan_of(other, call.b().address, 20ms), call.now());
    call.run(1s);
    const auto before = call.b().stream.statistics().frames_normal;
    call.run(1s);
    EXPECT_GE(call.b().stream.statistics().frames_normal - before, 95U) << "the new codec is heard";
  }
}

// Found by fuzzing: a frame of G.729 that is none, then nothing but comfort noise, of another rate and time
// base. NetEq gives up in the middle of a frame.
TEST(HostileRtp, a_packet_of_which_nothing_comes_then_nothing_but_noise) {
  for (const auto broken : every_codec())
    for (const std::size_t size : {526, 1})
      for (const std::size_t noise : {1047, 33, 1}) {
        SCOPED_TRACE(testing::Message() << name_of(broken) << " of " << size << ", noise of " << noise);
        CallPair call;
        call.plan(AudioCodec::pcmu);
        auto plan = plan_of(AudioCodec::pcmu, call.a().address, 20ms);
        plan.receive_formats.push_back(format_of(broken));
        auto wide_noise = format_of(AudioCodec::comfort_noise);
        wide_noise.payload_type = 105;
        wide_noise.rtp_clock_hz = 16000;
        plan.receive_formats.push_back(wide_noise);
        call.b().stream.apply(plan, call.now());
        media::Frame heard;
        const auto give = [&](std::uint8_t type, std::uint16_t sequence, std::uint32_t timestamp,
                              std::size_t bytes) {
          call.b().stream.receive(packet(0x3333, sequence, timestamp, type, bytes), false, call.a().address,
                                  call.now());
        };
        const auto play = [&](int ticks) {
          for (; ticks > 0; --ticks) call.b().stream.playout(heard, call.now());
        };
        give(format_of(broken).payload_type, 106, 1960, size);
        play(5);
        give(wide_noise.payload_type, 111, 352323496, noise);
        give(wide_noise.payload_type, 113, 352323816, 33);
        play(5);
        give_speech_like(call.a(), 3s);
        call.run(1s);
        const auto before = call.b().stream.statistics().frames_normal;
        call.run(1s);
        EXPECT_GE(call.b().stream.statistics().frames_normal - before, 95U) << "the peer is heard";
      }
}

// A payload of one byte is no frame of most codecs: nothing comes of it, and what follows must find a jitter
// buffer that plays.
TEST(HostileRtp, a_packet_of_which_nothing_comes_then_noise_then_another_codec) {
  for (const auto broken : every_codec())
    for (const auto next : every_codec())
      for (const int good_first : {0, 3}) {
        SCOPED_TRACE(name_of(broken) + " then " + name_of(next) + (good_first > 0 ? ", after speech" : ""));
        CallPair call;
        call.plan(next);
        auto plan = plan_of(next, call.a().address, 20ms);
        plan.receive_formats.push_back(format_of(broken));
        plan.receive_formats.push_back(format_of(AudioCodec::pcmu));
        call.b().stream.apply(plan, call.now());
        const auto give = [&](AudioCodec codec, std::uint16_t sequence, std::size_t size) {
          const auto type = format_of(codec).payload_type;
          call.b().stream.receive(packet(0x3333, sequence, sequence * 160U, type, size), false,
                                  call.a().address, call.now());
        };
        media::Frame heard;
        std::uint16_t sequence = 100;
        const auto play = [&](int ticks) {
          for (; ticks > 0; --ticks) call.b().stream.playout(heard, call.now());
        };
        for (int i = 0; i < good_first; ++i) {
          give(AudioCodec::pcmu, sequence++, 160);
          play(2);
        }
        give(broken, sequence++, 1);
        play(4);
        give(AudioCodec::comfort_noise, sequence += 5, 2);
        give(next, sequence += 6, 1);
        play(2);
        give(AudioCodec::comfort_noise, ++sequence, 2);
        play(2);
        give_speech_like(call.a(), 3s);
        call.run(1s);
        const auto before = call.b().stream.statistics().frames_normal;
        call.run(1s);
        EXPECT_GE(call.b().stream.statistics().frames_normal - before, 95U) << "the peer is heard";
      }
}

TEST(HostileRtp, rtcp_that_lies_is_no_end_and_no_statistic) {
  struct Row {
    const char* what;
    std::vector<std::uint8_t> bytes;
    std::uint64_t byes;
  };
  const Row rows[] = {
      // CVE-2021-43804: the reason's length is read without a look at the packet's.
      {"RFC 3550 §6.6 BYE, reason longer than the packet",
       {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x81, 203, 0, 2, 0, 0, 0x11, 0x11, 0xff, 'x', 'x', 'x'},
       1},
      {"BYE, reason length at the very end",
       {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x81, 203, 0, 1, 0, 0, 0x11, 0x11},
       1},
      {"BYE of 31 sources in a packet for one",
       {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x9f, 203, 0, 1, 0, 0, 0x11, 0x11},
       1},
      {"BYE of nobody", {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x80, 203, 0, 0}, 0},
      {"BYE of another source", {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x81, 203, 0, 1, 0, 0, 0x66, 0x66}, 0},
      {"length beyond the datagram", {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x81, 203, 0xff, 0xff}, 0},
      {"31 report blocks, none there", {0x9f, 201, 0, 1, 0, 0, 0x11, 0x11}, 0},
      // CVE-2022-24786: feedback with a length that runs below its own header.
      {"feedback (RPSI) too short", {0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x83, 206, 0, 0}, 0},
      {"cut within a word", {0x80, 201, 0, 1, 0, 0, 0x11}, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    CallPair call;
    call.plan(AudioCodec::pcmu);
    call.run(500ms);
    const Address rtcp{call.a().address.ip, static_cast<std::uint16_t>(call.a().address.port + 1)};
    for (const bool on_rtcp_port : {true, false}) {
      // An exact allocation: the sanitizer sees a byte too many.
      const auto exact = std::make_unique<std::uint8_t[]>(row.bytes.size());
      std::copy(row.bytes.begin(), row.bytes.end(), exact.get());
      call.b().stream.receive({exact.get(), row.bytes.size()}, on_rtcp_port, rtcp, call.now());
    }
    call.run(500ms);
    std::uint64_t byes = 0;
    for (const auto& event : call.b().events)
      byes += event.kind == media::StreamEvent::Kind::rtcp_bye ? 1 : 0;
    EXPECT_EQ(byes, row.byes * 2);
    EXPECT_EQ(call.b().stream.statistics().packets_lost, 0);
    const auto told = call.b().stream.statistics().peer_heard;
    EXPECT_LE(told ? told->cumulative_lost : 0, 0);
  }
}

TEST(HostileRtp, rtcp_of_strangers_neither_ends_nor_moves_anything) {
  CallPair call;
  call.plan(AudioCodec::pcmu);
  call.run(500ms);
  const std::vector<std::uint8_t> bye{0x80, 201, 0, 1, 0, 0, 0x11, 0x11, 0x81, 203, 0, 1, 0, 0, 0x11, 0x11};
  for (int i = 0; i < 1000; ++i) call.b().stream.receive(bye, true, stranger, call.now());
  const auto sent = call.b().sent_rtcp;
  std::uint64_t to_stranger = 0;
  call.tap = [&](const CallPair::End&, media::OutgoingPacket& out) {
    to_stranger += out.to.ip == stranger.ip ? 1 : 0;
    return true;
  };
  call.run(12s);
  EXPECT_GT(call.b().sent_rtcp, sent);
  EXPECT_EQ(to_stranger, 0U);
  for (const auto& event : call.b().events) EXPECT_NE(event.kind, media::StreamEvent::Kind::rtcp_bye);
  EXPECT_EQ(call.b().stream.statistics().foreign_packets, 1000U);
}

}  // namespace
}  // namespace sidetone::audio_test
