// Silence that is not sent: Annex B of G.729.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "call_pair.h"
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
    // The pause sounds like the room and not like nothing, and speech comes through around it.
    const auto room = loudness(call.a().says, 2500, 3900);
    const auto pause = loudness(call.b().heard, 2700, 3900);
    EXPECT_GT(pause, room / 4);
    EXPECT_LT(pause, room * 4);
    speech::SpeechRules rules = rules_for(AudioCodec::g729);
    rules.found_min = 0.85;
    rules.fifth_percentile_min = 0;
    const auto verdict = speech::check_speech(call.a().says, call.b().heard, rules);
    EXPECT_TRUE(verdict.good) << verdict.to_string();
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
