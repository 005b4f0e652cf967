// Silence that is not sent: Annex B of G.729, comfort noise (RFC 3389), Opus.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "call_pair.h"
#include "codec/fmtp.h"
#include "media/g729_module.h"
#include "rtp/packet.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;
constexpr std::size_t samples_per_ms = 48;

// Speech, then as long a stretch of a room's quiet noise, and so on.
std::vector<std::int16_t> speech_with_pauses(std::size_t turns) {
  const auto sound = speech::find_speech(speech::Band::narrow, 2.0 * static_cast<double>(turns));
  EXPECT_TRUE(sound);
  SeededRandom random(5);
  std::vector<std::int16_t> says;
  const std::size_t turn = 2000 * samples_per_ms;
  for (std::size_t i = 0; sound && i < turns; ++i) {
    const auto from = sound->samples.begin() + static_cast<std::ptrdiff_t>(i * turn);
    says.insert(says.end(), from, from + static_cast<std::ptrdiff_t>(turn));
    for (std::size_t k = 0; k < turn; ++k)
      says.push_back(static_cast<std::int16_t>(static_cast<int>(random.below(61)) - 30));
  }
  return says;
}

double loudness(const std::vector<std::int16_t>& sound, std::size_t from_ms, std::size_t to_ms) {
  double sum = 0;
  const auto end = std::min(sound.size(), to_ms * samples_per_ms);
  for (std::size_t i = from_ms * samples_per_ms; i < end; ++i) sum += double{sound[i] * 1.0} * sound[i];
  return std::sqrt(sum / static_cast<double>((to_ms - from_ms) * samples_per_ms));
}

struct Sent {
  std::size_t speech = 0, silence = 0;  // packets: without and with a silence description at their end
  std::size_t markers = 0;
};
Sent count_g729(const CallPair::End& end) {
  Sent sent;
  for (const auto& bytes : end.sent_rtp) {
    const auto packet = rtp::parse_packet(bytes);
    const auto rest = packet->payload.size() % 10;
    EXPECT_TRUE(rest == 0 || rest == 2) << packet->payload.size();
    ++(rest == 2 ? sent.silence : sent.speech);
    sent.markers += packet->header.marker ? 1 : 0;
  }
  return sent;
}

void g729_call(CallPair& call, const char* fmtp) {
  call.a().says = speech_with_pauses(3);
  call.a().keep_packets = true;
  auto plan = plan_of(AudioCodec::g729, call.b().address, 20ms);
  plan.send_format.fmtp = fmtp;
  call.a().stream.apply(plan, call.now());
  call.b().stream.apply(plan_of(AudioCodec::g729, call.a().address, 20ms), call.now());
  call.run(12s);
}

// The pause between 2 and 4 s sounds like the room and not like nothing, and speech comes through around it.
void expect_room_and_speech(CallPair& call, AudioCodec codec) {
  const auto room = loudness(call.a().says, 2500, 3900);
  const auto pause = loudness(call.b().heard, 2800, 3900);
  EXPECT_GT(pause, room / 4);
  EXPECT_LT(pause, room * 4);
  auto rules = rules_for(codec);
  rules.found_min = 0.85;
  rules.fifth_percentile_min = 0;
  rules.wideband = false;  // the recording has no more
  const auto verdict = speech::check_speech(call.a().says, call.b().heard, rules);
  EXPECT_TRUE(verdict.good) << verdict.to_string();
}

class ComfortNoise : public testing::TestWithParam<AudioCodec> {};

TEST_P(ComfortNoise, IsSentOnlyAsAgreedAndHeard) {
  const auto clock_hz = codec::catalogue(GetParam()).rtp_clock_hz;
  codec::AudioFormat noise{
      AudioCodec::comfort_noise, static_cast<std::uint8_t>(clock_hz == 8000 ? 13 : 105), {}};
  noise.rtp_clock_hz = clock_hz;
  CallPair call;
  call.a().says = speech_with_pauses(3);
  call.a().keep_packets = call.b().keep_packets = true;
  auto plan = plan_of(GetParam(), call.b().address, 20ms);
  plan.send_noise = noise;
  call.a().stream.apply(plan, call.now());
  auto other = plan_of(GetParam(), call.a().address, 20ms);
  other.receive_formats.push_back(noise);
  call.b().stream.apply(other, call.now());
  call.run(12s);

  std::size_t speech = 0, silence = 0, talkspurts = 0;
  for (const auto& bytes : call.a().sent_rtp) {
    const auto packet = rtp::parse_packet(bytes);
    const bool is_noise = packet->header.payload_type == noise.payload_type;
    ++(is_noise ? silence : speech);
    talkspurts += packet->header.marker ? 1 : 0;
    EXPECT_FALSE(is_noise && packet->header.marker) << "RFC 3551 §4.1: marks speech";
    if (is_noise) EXPECT_LE(packet->payload.size(), 13u) << "RFC 3389 §3: level and some coefficients";
  }
  EXPECT_GE(silence, 10u);
  EXPECT_LT(speech, 12s / codec::packet_time(format_of(GetParam()), 20ms, std::nullopt) * 4 / 5);
  EXPECT_GE(talkspurts, 3u);
  for (const auto& bytes : call.b().sent_rtp)
    EXPECT_NE(rtp::parse_packet(bytes)->header.payload_type, noise.payload_type) << "b has no leave";
  EXPECT_GT(call.b().stream.statistics().frames_noise, 200u);
  EXPECT_EQ(call.b().stream.statistics().foreign_packets, 0u);
  expect_room_and_speech(call, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Codecs, ComfortNoise,
                         testing::Values(AudioCodec::pcmu, AudioCodec::pcma, AudioCodec::g722,
                                         AudioCodec::ilbc, AudioCodec::isac16, AudioCodec::isac32),
                         [](const auto& row) { return name_of(row.param); });

// vad_level: the higher, the less is taken for speech.
TEST(VadLevel, SaysHowMuchIsSent) {
  std::vector<std::size_t> bytes;
  for (const int level : {0, 3}) {
    CallPair call({}, level);
    call.a().says = speech_with_pauses(3);
    auto plan = plan_of(AudioCodec::pcmu, call.b().address, 20ms);
    plan.send_noise = codec::AudioFormat{AudioCodec::comfort_noise, 13, {}};
    call.a().stream.apply(plan, call.now());
    call.b().stream.apply(plan_of(AudioCodec::pcmu, call.a().address, 20ms), call.now());
    call.run(12s);
    bytes.push_back(call.a().stream.statistics().bytes_sent);
  }
  EXPECT_GT(bytes[0], bytes[1]);
}

// RFC 7587 §3.1.3: packets of silence are not sent, but for one now and then.
TEST(Opus, LeavesSilenceOutWhereThePeerWantsIt) {
  for (const bool wanted : {true, false}) {
    SCOPED_TRACE(wanted);
    CallPair call;
    call.a().says = speech_with_pauses(3);
    call.a().says.insert(call.a().says.end(), 48000 * 8, 0);
    auto plan = plan_of(AudioCodec::opus, call.b().address, 20ms);
    plan.send_format.fmtp = wanted ? "usedtx=1" : "usedtx=0";
    call.a().stream.apply(plan, call.now());
    call.b().stream.apply(plan_of(AudioCodec::opus, call.a().address, 20ms), call.now());
    call.run(20s);
    const auto sent = call.a().stream.statistics().packets_sent;
    if (wanted) {
      EXPECT_LT(sent, 800u);
      EXPECT_EQ(call.b().stream.statistics().packets_lost, 0);
      EXPECT_LT(call.b().stream.statistics().frames_concealed, 50u);
    } else {
      EXPECT_NEAR(static_cast<double>(sent), 1000, 1);
    }
  }
}

TEST(G729, ModuleIsThere) { EXPECT_TRUE(media::G729Module::load()); }

// RFC 4856 §2.1.9: annexb=yes is meant when nothing is said.
TEST(G729, AnnexBSendsSilenceDescriptionsAndTheNoiseGoesOn) {
  for (const char* fmtp : {"annexb=yes", ""}) {
    SCOPED_TRACE(fmtp);
    CallPair call;
    g729_call(call, fmtp);
    const auto sent = count_g729(call.a());
    EXPECT_LT(sent.speech + sent.silence, 450u) << "of 600 packets of 20 ms";
    EXPECT_GE(sent.silence, 3u);
    EXPECT_GE(sent.markers, 3u) << "RFC 3551 §4.1: each talkspurt begins with one";
    const auto heard = call.b().stream.statistics();
    EXPECT_GT(heard.frames_noise, 300u);
    EXPECT_LT(heard.frames_concealed, 30u);
    expect_room_and_speech(call, AudioCodec::g729);
  }
}

TEST(G729, WithoutAnnexBEverythingIsSent) {
  CallPair call;
  g729_call(call, "annexb=no");
  const auto sent = count_g729(call.a());
  EXPECT_EQ(sent.silence, 0u);
  EXPECT_NEAR(static_cast<double>(sent.speech), 600, 1);
  EXPECT_EQ(call.b().stream.statistics().frames_noise, 0u);
}

TEST(G729, DamagedPayloadsAreNotHeard) {
  CallPair call;
  call.plan(AudioCodec::g729);
  call.run(500ms);
  std::uint16_t sequence = 1000;
  std::uint32_t timestamp = 100000;
  for (const std::size_t size : {1u, 3u, 9u, 11u, 13u, 19u, 21u, 203u, 1400u})
    for (int i = 0; i < 5; ++i) {
      std::vector<std::uint8_t> bytes(rtp::header_size + size, 0xa5);
      ASSERT_TRUE(rtp::write_header({false, 18, ++sequence, timestamp += 160, 0x1111}, bytes));
      call.b().stream.receive(bytes, false, call.a().address, call.now());
      call.run(20ms);
    }
  EXPECT_LT(loudness(call.b().heard, 600, 1400), 100);
  call.run(500ms);
  EXPECT_GT(call.b().stream.statistics().frames_normal, 60u);
}

}  // namespace
}  // namespace sidetone::audio_test
