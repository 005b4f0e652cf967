// Speech through SRTP: by every suite, over a change of keys, and while somebody forges and repeats packets.
#include <gtest/gtest.h>

#include <cmath>

#include "call_pair.h"
#include "rtp/packet.h"
#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

SrtpMasterKey key(SrtpSuite suite, std::uint64_t seed) {
  SeededRandom random(seed);
  SrtpKeyBytes bytes(srtp_key_size(suite));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(random.next());
  return {Secret(bytes)};
}

// `a` sends with the first key, `b` with the second.
void secure(CallPair::End& end, SrtpSuite suite, std::uint64_t sends, std::uint64_t receives, Time now,
            const Address& remote, bool encrypt_rtcp = true) {
  auto plan = plan_of(AudioCodec::pcmu, remote, 20ms);
  plan.srtp = SrtpPlan{suite, key(suite, sends), {key(suite, receives)}, encrypt_rtcp, 0};
  end.stream.apply(plan, now);
}

void secure(CallPair& call, SrtpSuite suite, std::uint64_t a_key = 1, std::uint64_t b_key = 2,
            bool encrypt_rtcp = true) {
  secure(call.a(), suite, a_key, b_key, call.now(), call.b().address, encrypt_rtcp);
  secure(call.b(), suite, b_key, a_key, call.now(), call.a().address, encrypt_rtcp);
}

void give_tone(CallPair::End& end, std::chrono::milliseconds duration) {
  for (std::int64_t i = 0; i < std::int64_t{duration.count()} * 48; ++i)
    end.says.push_back(
        static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * 400 * static_cast<double>(i) / 48000)));
}

double loudness(const std::vector<std::int16_t>& sound, std::size_t from_ms, std::size_t to_ms) {
  double sum = 0;
  for (std::size_t i = from_ms * 48; i < to_ms * 48 && i < sound.size(); ++i)
    sum += static_cast<double>(sound[i]) * sound[i];
  return std::sqrt(sum / static_cast<double>((to_ms - from_ms) * 48));
}

class Secured : public testing::TestWithParam<SrtpSuite> {};
INSTANTIATE_TEST_SUITE_P(Suites, Secured, testing::ValuesIn(srtp_suites),
                         [](const auto& row) { return std::string(to_string(row.param)); });

TEST_P(Secured, SpeechAndReportsComeThroughBothWays) {
  for (const bool encrypt_rtcp : {true, false}) {
    CallPair call({.duplicate = 0.02});
    const auto sound = find_speech(Band::narrow, 16);
    ASSERT_TRUE(sound) << describe(sound.error());
    const auto middle = sound->samples.begin() + 8 * 48000;
    call.a().says.assign(sound->samples.begin(), middle);
    call.b().says.assign(middle, middle + 8 * 48000);
    call.a().keep_packets = true;
    secure(call, GetParam(), 1, 2, encrypt_rtcp);
    call.run(9s);
    for (const auto& [said, at] : {std::pair{&call.a(), &call.b()}, std::pair{&call.b(), &call.a()}}) {
      const auto verdict = check_speech(said->says, at->heard, rules_for(AudioCodec::pcmu));
      EXPECT_TRUE(verdict.good) << verdict.to_string();
      const auto heard = at->stream.statistics();
      EXPECT_EQ(heard.packets_lost, 0);
      EXPECT_EQ(heard.srtp_forged, 0u);
      EXPECT_GT(heard.srtp_replayed, 0u);  // what the network doubles
      EXPECT_GT(heard.round_trip, 30ms);   // so SRTCP is read as well
    }
    for (const auto& packet : call.a().sent_rtp) EXPECT_GT(packet.size(), rtp::header_size + 160);
  }
}

TEST(SecuredCall, ANewKeyCostsNothingThatIsHeard) {
  CallPair call;
  give_tone(call.a(), 6s);
  secure(call, SrtpSuite::aes_cm_128_hmac_sha1_80);
  call.run(2s);
  const auto before = call.b().stream.statistics();
  // As offer and answer have it: who answers applies first, and receives by the old key for a round trip.
  secure(call.b(), SrtpSuite::aead_aes_256_gcm, 4, 3, call.now(), call.a().address);
  call.run(60ms);
  secure(call.a(), SrtpSuite::aead_aes_256_gcm, 3, 4, call.now(), call.b().address);
  call.run(2s);
  const auto after = call.b().stream.statistics();
  EXPECT_EQ(after.frames_concealed, before.frames_concealed);
  EXPECT_EQ(after.packets_lost, 0);
  EXPECT_EQ(after.srtp_forged, 0u);
  for (std::size_t at = 1000; at + 20 < 4000; at += 20)
    EXPECT_GT(loudness(call.b().heard, at, at + 20), 3000) << at;
}

// RFC 3711 §3.3.1: the sequence number starts just below its wrap, and a re-INVITE changes nothing of the
// keys.
TEST(SecuredCall, HoldAndReturnKeepTheRolloverCounter) {
  CallPair call;
  give_tone(call.a(), 6s);
  secure(call, SrtpSuite::aes_cm_128_hmac_sha1_32);
  call.run(1s);
  for (const bool held : {true, false}) {
    auto plan = plan_of(AudioCodec::pcmu, call.b().address, 20ms);
    const auto suite = SrtpSuite::aes_cm_128_hmac_sha1_32;
    plan.srtp = SrtpPlan{suite, key(suite, 1), {key(suite, 2)}, true, 0};
    plan.send = !held;
    call.a().stream.apply(plan, call.now());
    call.run(1s);
  }
  EXPECT_GT(loudness(call.b().heard, 2500, 2900), 5000);
  EXPECT_EQ(call.b().stream.statistics().srtp_forged, 0u);
}

TEST(SecuredCall, ANewSourceOfThePeerIsHeard) {
  CallPair call;
  give_tone(call.a(), 4s);
  secure(call, SrtpSuite::aead_aes_128_gcm);
  call.run(1s);
  // Another source behind A's address has A's key, as a server that changes what it plays (RFC 4568 §6.4.2).
  const auto events = call.b().events.size();
  media::AudioStream other({0x9999, 77, 1000, "other@test"});
  auto plan = plan_of(AudioCodec::pcmu, call.b().address, 20ms);
  const auto suite = SrtpSuite::aead_aes_128_gcm;
  plan.srtp = SrtpPlan{suite, key(suite, 1), {key(suite, 2)}, true, 0};
  other.apply(plan, call.now());
  call.tap = [](const CallPair::End& from, media::OutgoingPacket&) {
    return from.address.port == 5000;
  };  // A is silent
  for (int tick = 0; tick < 100; ++tick) {
    media::Frame said;
    said.fill(6000);
    other.capture(said, call.now());
    for (const auto& packet : other.outgoing())
      call.b().stream.receive(packet.view(), packet.rtcp, call.a().address, call.now());
    other.clear_outgoing();
    call.run(10ms);
  }
  EXPECT_GT(call.b().events.size(), events);  // source_changed
  EXPECT_EQ(call.b().stream.statistics().srtp_forged, 0u);
  EXPECT_GT(call.b().stream.statistics().packets_received, 90u);
}

// Whoever listens on the network and sends is not heard: neither as noise nor as a gap.
TEST(SecuredCall, ForgedAndRepeatedPacketsAreNeverHeard) {
  std::array<std::vector<std::int16_t>, 2> heard;
  for (const bool attacked : {false, true}) {
    CallPair call;
    give_tone(call.a(), 4s);
    secure(call, SrtpSuite::aes_cm_128_hmac_sha1_80);
    std::vector<std::vector<std::uint8_t>> seen;
    SeededRandom random(11);
    if (attacked)
      call.tap = [&](const CallPair::End& from, media::OutgoingPacket& packet) {
        if (from.address.port != 4000 || packet.rtcp) return true;
        seen.emplace_back(packet.view().begin(), packet.view().end());
        auto forged = seen.back();
        forged[random.below(forged.size() - 12) + 12] ^= 0x41;
        std::vector<std::uint8_t> loud(rtp::header_size + 160, 0x00);  // PCMU at full scale, not protected
        EXPECT_TRUE(
            rtp::write_header({false, 0, static_cast<std::uint16_t>(seen.size()), 160, 0x1111}, loud));
        for (const auto& bytes : {forged, loud, seen[random.below(seen.size())]})
          if (seen.size() > 10) call.b().stream.receive(bytes, false, call.a().address, call.now());
        return true;
      };
    call.run(4s);
    heard[attacked ? 1 : 0] = call.b().heard;
    const auto statistics = call.b().stream.statistics();
    EXPECT_EQ(statistics.frames_concealed, 0u);
    EXPECT_EQ(statistics.packets_lost, 0);
    EXPECT_EQ(statistics.srtp_forged > 300, attacked);
    EXPECT_EQ(statistics.srtp_replayed > 100, attacked);
  }
  EXPECT_EQ(heard[0], heard[1]);
}

TEST(SecuredCall, ADifferentKeyOrNoneIsSilence) {
  for (const bool other_key : {true, false}) {
    CallPair call;
    give_tone(call.a(), 3s);
    call.plan(AudioCodec::pcmu);
    if (other_key) secure(call.a(), SrtpSuite::aead_aes_128_gcm, 9, 2, call.now(), call.b().address);
    secure(call.b(), SrtpSuite::aead_aes_128_gcm, 2, 1, call.now(), call.a().address);
    call.run(3s);
    const auto statistics = call.b().stream.statistics();
    EXPECT_EQ(statistics.packets_received, 0u);
    EXPECT_GT(statistics.srtp_forged, 100u);
    EXPECT_LT(loudness(call.b().heard, 0, 3000), 1);
    EXPECT_FALSE(call.b().stream.peer_heard_at() > Time{});  // nobody takes the peer's place without its key
  }
}

TEST(SecuredCall, FromSecuredToPlainWithoutNoise) {
  CallPair call;
  give_tone(call.a(), 5s);
  secure(call, SrtpSuite::aes_256_cm_hmac_sha1_80);
  call.run(2s);
  call.b().stream.apply(plan_of(AudioCodec::pcmu, call.a().address, 20ms), call.now());
  call.run(60ms);  // what is under way is still secured
  call.a().stream.apply(plan_of(AudioCodec::pcmu, call.b().address, 20ms), call.now());
  call.run(2s);
  EXPECT_EQ(call.b().stream.statistics().frames_concealed, 0u);
  for (std::size_t at = 1000; at + 20 < 4000; at += 20) {
    EXPECT_GT(loudness(call.b().heard, at, at + 20), 3000) << at;
    EXPECT_LT(loudness(call.b().heard, at, at + 20), 8000) << at;
  }
}

}  // namespace
}  // namespace sidetone::audio_test
