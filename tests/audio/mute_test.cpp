// Mute as the user has it: what leaves decodes to silence, whatever codec, and no description of silence
// tells of the room that the microphone hears.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "call_pair.h"
#include "codec/fmtp.h"
#include "media/call_audio.h"
#include "media/g729_module.h"
#include "media/mixer.h"
#include "rtp/packet.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

const Address ours = *Address::parse("192.0.2.1:4000", 0), theirs = *Address::parse("192.0.2.2:5000", 0);

// What leaves, as the network has it.
struct Wire {
  std::deque<std::vector<std::uint8_t>> rtp;
};

class WirePort final : public PacketPort {
 public:
  explicit WirePort(Wire& wire) : wire_(wire) {}
  [[nodiscard]] std::uint16_t rtp_port() const override { return ours.port; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return {-1, -1}; }
  std::span<const PacketIn> receive(PacketBatch&, ReadablePorts) override { return {}; }
  void send(std::span<const PacketOut> packets) override {
    for (const auto& packet : packets)
      if (!packet.rtcp) wire_.rtp.emplace_back(packet.bytes.begin(), packet.bytes.end());
  }
  [[nodiscard]] std::uint64_t send_failures() const override { return 0; }

 private:
  Wire& wire_;
};

media::StreamSettings settings(std::uint32_t ssrc) {
  media::StreamSettings settings;
  settings.ssrc = ssrc;
  settings.cname = "mute@test";
  settings.g729 = *media::G729Module::load();
  return settings;
}

// A loud microphone, a far end that plays what comes, and everything that left.
class MutedCall {
 public:
  explicit MutedCall(const codec::MediaPlan& plan) : far_(settings(2)) {
    call.use_plan(1, plan, now_);
    auto other = plan;
    other.remote_rtp = ours;
    other.remote_rtcp = {ours.ip, static_cast<std::uint16_t>(ours.port + 1)};
    if (plan.send_noise) other.receive_formats.push_back(*plan.send_noise);
    far_.apply(other, now_);
  }

  void run(std::chrono::milliseconds length) {
    for (auto left = length / 10ms; left > 0; --left, now_ += 10ms) {
      speaker_.clear();
      call.hear(speaker_, now_);
      for (auto& sample : microphone_) {  // a room that is never quiet, and a tone
        sample = static_cast<std::int16_t>(6000 * std::sin(2 * 3.14159265 * tone_hz * at_++ / 48000) +
                                           static_cast<double>(random_.below(2001)) - 1000);
      }
      call.say(microphone_, now_);
      for (; !wire_.rtp.empty(); wire_.rtp.pop_front()) {
        far_.receive(wire_.rtp.front(), false, ours, now_);
        sent.push_back(std::move(wire_.rtp.front()));
      }
      media::Frame frame;
      far_.playout(frame, now_);
      heard.insert(heard.end(), frame.begin(), frame.end());
      while (const auto event = far_.poll_event()) events.push_back(*event);
    }
  }
  [[nodiscard]] int loudest(std::size_t from_ms, std::size_t to_ms) const {
    int loudest = 0;
    for (std::size_t i = from_ms * 48; i < to_ms * 48 && i < heard.size(); ++i)
      loudest = std::max(loudest, std::abs(heard[i]));
    return loudest;
  }
  [[nodiscard]] media::StreamStatistics statistics() const { return call.statistics({}); }

 private:
  Wire wire_;
  media::AudioStream far_;
  Time now_{Duration{5s}};
  SeededRandom random_{3};
  media::Frame microphone_{};
  double at_ = 0;
  media::Mixer speaker_;

 public:
  media::CallAudio call{media::MediaId{1}, std::make_unique<WirePort>(wire_), settings(1)};
  double tone_hz = 440;
  std::vector<std::vector<std::uint8_t>> sent;
  std::vector<std::int16_t> heard;
  std::vector<media::StreamEvent> events;
};

// A-law has no zero: its smallest value is 8 (ITU-T G.711); the others fade within some frames.
int zero_of(AudioCodec codec) { return codec == AudioCodec::pcmu ? 0 : codec == AudioCodec::pcma ? 9 : 4; }

TEST(Mute, PacketsGoOnAndDecodeToZero) {
  for (const auto codec : every_codec()) {
    SCOPED_TRACE(name_of(codec));
    MutedCall call(plan_of(codec, theirs, 20ms));
    call.run(1s);
    EXPECT_GT(call.loudest(500, 1000), 4000);
    call.call.set_muted(true);
    const auto before = call.sent.size();
    const auto voice = call.statistics().frames_voice_said;
    call.run(1s);
    const auto packet = codec::packet_time(format_of(codec), 20ms, std::nullopt);
    EXPECT_NEAR(static_cast<double>(call.sent.size() - before), static_cast<double>(1s / packet), 0.5);
    EXPECT_LE(call.loudest(1500, 2000), zero_of(codec));
    EXPECT_LE(call.statistics().frames_voice_said, voice + 30) << "nobody speaks who is muted";
    std::optional<rtp::Header> last;
    for (const auto& bytes : call.sent) {
      const auto header = rtp::parse_packet(bytes)->header;
      EXPECT_EQ(header.marker, !last) << "RFC 3551 §4.1: to the network nothing has begun anew";
      if (last) EXPECT_EQ(header.sequence, static_cast<std::uint16_t>(last->sequence + 1));
      last = header;
    }
    call.call.set_muted(false);
    call.run(1s);
    EXPECT_GT(call.loudest(2500, 3000), 4000);
  }
}

// dtx_mode: silence is described instead of sent (RFC 3389, Annex B of G.729, Opus). What describes the room
// would be heard by it.
TEST(Mute, DescribedSilenceTellsNothingOfTheRoom) {
  for (const auto codec : every_codec()) {
    SCOPED_TRACE(name_of(codec));
    auto plan = plan_of(codec, theirs, 20ms);
    if (codec == AudioCodec::opus) plan.send_format.fmtp = "usedtx=1";
    if (codec == AudioCodec::g729) plan.send_format.fmtp = "annexb=yes";
    if (codec::uses_comfort_noise(codec)) {
      const auto clock_hz = codec::catalogue(codec).rtp_clock_hz;
      plan.send_noise = codec::AudioFormat{
          AudioCodec::comfort_noise, static_cast<std::uint8_t>(clock_hz == 8000 ? 13 : 105), {}};
      plan.send_noise->rtp_clock_hz = clock_hz;
    }
    MutedCall call(plan), other_room(plan);
    for (auto* one : {&call, &other_room}) {
      one->run(2s);
      one->call.set_muted(true);
      one->run(50ms);  // what was said before is still in the encoder
    }
    other_room.tone_hz = 1234;
    const auto before = call.sent.size();
    call.run(3s);
    other_room.run(3s);
    EXPECT_EQ(call.sent, other_room.sent) << "the wire is the same, whatever the microphone hears";
    EXPECT_LT(call.sent.size() - before, 60U) << "silence is left out";
    // -60 dBm0 and below; the decoder of Opus goes on with its idea of the room as it was before.
    EXPECT_LE(call.loudest(2500, 5000), codec == AudioCodec::opus ? 500 : 33);
    for (auto at = before + 3; plan.send_noise && at < call.sent.size(); ++at) {
      const auto packet = rtp::parse_packet(call.sent[at]);
      if (packet->header.payload_type != plan.send_noise->payload_type) continue;
      ASSERT_FALSE(packet->payload.empty());
      EXPECT_GE(packet->payload[0], 60) << "RFC 3389 §3.1: in -dBov";
    }
  }
}

TEST(Mute, MutesNoKeys) {
  MutedCall call(plan_of(AudioCodec::pcmu, theirs, 20ms));
  call.call.set_muted(true);
  call.run(200ms);
  for (const auto way : {media::DigitWay::tones, media::DigitWay::events}) {
    ASSERT_TRUE(call.call.stream().send_dtmf("42", 100ms, 60ms, way));
    call.run(1s);
  }
  std::string tones, events;
  for (const auto& event : call.events) {
    if (event.kind == media::StreamEvent::Kind::dtmf_tones) tones += event.digit;
    if (event.kind == media::StreamEvent::Kind::dtmf) events += event.digit;
  }
  EXPECT_EQ(tones, "42");
  EXPECT_EQ(events, "42");
}

}  // namespace
}  // namespace sidetone::audio_test
