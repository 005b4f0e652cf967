// Several calls of one phone: who hears whom in a conference, on hold, beside an announcement, and what is
// recorded. Each peer is a stream of its own, joined to its call without a network.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <deque>
#include <filesystem>
#include <numbers>

#include "media/call_audio.h"

namespace sidetone::media {
namespace {

using std::chrono::milliseconds;

// What one end of a call sends waits here for the other.
struct Mail {
  std::deque<std::vector<std::uint8_t>> rtp;
};

class JoinedPort final : public PacketPort {
 public:
  JoinedPort(Mail& in, Mail& out, Address from) : in_(in), out_(out), from_(from) {}
  [[nodiscard]] std::uint16_t rtp_port() const override { return 4000; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return {-1, -1}; }
  std::span<const PacketIn> receive(PacketBatch&, ReadablePorts) override {
    if (in_.rtp.empty()) return {};
    bytes_ = std::move(in_.rtp.front());
    in_.rtp.pop_front();
    packet_ = {bytes_, from_, false};
    return {&packet_, 1};
  }
  void send(std::span<const PacketOut> packets) override {
    for (const auto& packet : packets)
      if (!packet.rtcp) out_.rtp.emplace_back(packet.bytes.begin(), packet.bytes.end());
  }
  [[nodiscard]] std::uint64_t send_failures() const override { return 0; }

 private:
  Mail &in_, &out_;
  Address from_;
  std::vector<std::uint8_t> bytes_;
  PacketIn packet_;
};

// Its sine is told from the others' by its frequency.
class Tone {
 public:
  explicit Tone(double hz) : step_(2 * std::numbers::pi * hz / mix_rate_hz) {}
  Frame next() {
    Frame frame;
    for (auto& sample : frame)
      sample = static_cast<std::int16_t>(4000 * std::sin(step_ * static_cast<double>(at_++)));
    return frame;
  }

 private:
  double step_;
  std::uint64_t at_ = 0;
};

// The amplitude of one frequency in the last 200 ms.
double amplitude(std::span<const std::int16_t> samples, double hz) {
  const auto last = samples.last(std::min<std::size_t>(samples.size(), 9600));
  double re = 0, im = 0;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const double angle = 2 * std::numbers::pi * hz / mix_rate_hz * static_cast<double>(i);
    re += last[i] * std::cos(angle);
    im += last[i] * std::sin(angle);
  }
  return 2 * std::hypot(re, im) / static_cast<double>(last.size());
}

constexpr double our_hz = 400, hz_a = 700, hz_b = 1100, music_hz = 1500, file_hz = 1900;
constexpr double loud = 2000, quiet = 200;

std::shared_ptr<const Sound> sound_of(double hz, int frames) {
  Sound sound;
  sound.rate_hz = mix_rate_hz;
  Tone tone(hz);
  for (int i = 0; i < frames; ++i) {
    const auto frame = tone.next();
    sound.samples.insert(sound.samples.end(), frame.begin(), frame.end());
  }
  return std::make_shared<const Sound>(std::move(sound));
}

codec::MediaPlan talking(std::uint16_t port) {
  codec::MediaPlan plan;
  plan.send = plan.receive = true;
  plan.remote_rtp = {IpAddress::parse("192.0.2.9").value(), port};
  plan.remote_rtcp = {plan.remote_rtp.ip, static_cast<std::uint16_t>(port + 1)};
  plan.receive_formats = {plan.send_format};
  return plan;
}

struct Peer {
  Peer(std::uint64_t id, double hz)
      : port(static_cast<std::uint16_t>(5000 + 100 * id)),
        call(MediaId{id}, std::make_unique<JoinedPort>(to_us, to_peer, talking(port).remote_rtp),
             {static_cast<std::uint32_t>(id), 1, 1, "us@test"}),
        far({static_cast<std::uint32_t>(100 + id), 1, 1, "peer@test"}),
        tone(hz) {
    call.use_plan(1, talking(port), Time{});
    far.apply(talking(4000), Time{});
  }
  // The far end's 10 ms.
  void tick(Time now) {
    for (; !to_peer.rtp.empty(); to_peer.rtp.pop_front())
      far.receive(to_peer.rtp.front(), false, talking(4000).remote_rtp, now);
    Frame frame;
    far.playout(frame, now);
    heard.insert(heard.end(), frame.begin(), frame.end());
    far.capture(tone.next(), now);
    for (const auto& packet : far.outgoing())
      if (!packet.rtcp) to_us.rtp.emplace_back(packet.view().begin(), packet.view().end());
    far.clear_outgoing();
  }
  [[nodiscard]] double hears(double hz) const { return amplitude(heard, hz); }

  std::uint16_t port;
  Mail to_us, to_peer;
  CallAudio call;
  AudioStream far;
  Tone tone;
  std::vector<std::int16_t> heard;
};

class ManyCalls : public testing::Test {
 protected:
  PacketBatch batch;
  void run(int frames) {
    for (; frames > 0; --frames) {
      now += milliseconds(10);
      for (auto* peer : {&a, &b}) peer->call.receive(batch, now);
      Mixer speaker;
      speaker.clear();
      rooms.clear();
      for (auto* peer : {&a, &b}) peer->call.hear(speaker, now);
      const auto microphone = ours.next();
      for (auto* peer : {&a, &b}) peer->call.say(microphone, now);
      for (auto* peer : {&a, &b}) peer->tick(now);
      Frame frame;
      speaker.result(frame);
      we_heard.insert(we_heard.end(), frame.begin(), frame.end());
    }
  }
  Rooms rooms;
  Peer a{1, hz_a}, b{2, hz_b};
  Tone ours{our_hz};
  Time now{};
  std::vector<std::int16_t> we_heard;
};

TEST_F(ManyCalls, AreApartWithoutAConference) {
  run(100);
  EXPECT_GT(a.hears(our_hz), loud);
  EXPECT_LT(a.hears(hz_b), quiet);
  EXPECT_LT(a.hears(hz_a), quiet) << "an echo of itself";
  EXPECT_GT(amplitude(we_heard, hz_a), loud);
  EXPECT_GT(amplitude(we_heard, hz_b), loud);
}

TEST_F(ManyCalls, HearEachOtherInAConference) {
  a.call.enter(rooms.enter(1));
  b.call.enter(rooms.enter(1));
  run(100);
  EXPECT_GT(a.hears(our_hz), loud);
  EXPECT_GT(a.hears(hz_b), loud);
  EXPECT_LT(a.hears(hz_a), quiet) << "nobody hears himself";
  EXPECT_GT(b.hears(hz_a), loud);
  EXPECT_LT(b.hears(hz_b), quiet);
  a.call.set_muted(true);
  run(100);
  EXPECT_LT(a.hears(our_hz), quiet);
  EXPECT_GT(a.hears(hz_b), loud) << "muted are we, not the others";
  EXPECT_GT(b.hears(our_hz), loud) << "muted for the other call only";
  b.call.enter(nullptr);
  run(100);
  EXPECT_LT(a.hears(hz_b), quiet);
  EXPECT_LT(b.hears(hz_a), quiet);
}

// A media server's conferences: each room by itself, and nobody's voice but those of the calls.
TEST_F(ManyCalls, HearNobodyInAnotherRoom) {
  a.call.enter(rooms.enter(7));
  b.call.enter(rooms.enter(8));
  run(100);
  EXPECT_LT(a.hears(hz_b), quiet);
  EXPECT_LT(b.hears(hz_a), quiet);
  b.call.enter(rooms.enter(7));
  run(100);
  EXPECT_GT(a.hears(hz_b), loud);
  EXPECT_GT(b.hears(hz_a), loud);
}

TEST_F(ManyCalls, AHeldOneHearsMusicAndNobodyElse) {
  a.call.enter(rooms.enter(1));
  b.call.enter(rooms.enter(1));
  run(100);
  auto held = talking(a.port);
  held.send = held.receive = false;
  held.send_music = true;
  a.call.set_muted(true);
  a.call.use_plan(2, held, now);
  ASSERT_TRUE(a.call.wants_music());
  a.call.use_music(make_sound_source(sound_of(music_hz, 10), true));
  run(100);
  EXPECT_GT(a.hears(music_hz), loud);
  EXPECT_LT(a.hears(our_hz), quiet);
  EXPECT_LT(a.hears(hz_b), quiet);
  EXPECT_LT(b.hears(hz_a), quiet) << "the held one is not heard";
  a.call.use_plan(3, talking(a.port), now);
  a.call.set_muted(false);
  run(100);
  EXPECT_LT(a.hears(music_hz), quiet);
  EXPECT_GT(a.hears(our_hz), loud);
}

TEST_F(ManyCalls, AFileTakesTheMicrophonesPlaceUntilItEnds) {
  run(50);
  a.call.use_announcement(1, make_sound_source(sound_of(file_hz, 60), false));
  run(50);
  EXPECT_GT(a.hears(file_hz), loud);
  EXPECT_LT(a.hears(our_hz), quiet);
  EXPECT_LT(b.hears(file_hz), quiet);
  EXPECT_FALSE(a.call.take_announcement_ended());
  run(50);
  EXPECT_TRUE(a.call.take_announcement_ended());
  EXPECT_FALSE(a.call.take_announcement_ended()) << "told once";
  EXPECT_LT(a.hears(file_hz), quiet);
  EXPECT_GT(a.hears(our_hz), loud);
}

TEST_F(ManyCalls, ATapGetsBothSidesAndCountsWhatItMisses) {
  const auto tap = std::make_shared<FrameTap>(40);
  run(50);
  a.call.use_tap(tap);
  run(45);
  EXPECT_EQ(tap->lost(), 5U);
  std::vector<std::int16_t> said, heard;
  Frame one, other;
  while (tap->take(one, other)) {
    said.insert(said.end(), one.begin(), one.end());
    heard.insert(heard.end(), other.begin(), other.end());
  }
  EXPECT_EQ(said.size(), 40 * frame_samples);
  EXPECT_GT(amplitude(said, our_hz), loud);
  EXPECT_GT(amplitude(heard, hz_a), loud);
  tap->close();
  run(5);
  EXPECT_FALSE(tap->take(one, other));
}

TEST_F(ManyCalls, ARecordingHasOurSideLeftAndTheirsRight) {
  const auto path =
      (std::filesystem::temp_directory_path() / ("recording-" + std::to_string(::getpid()) + ".wav"))
          .string();
  auto recording = Recording::create(path, Recording::Channels::said_and_heard);
  ASSERT_TRUE(recording) << describe(recording.error());
  run(50);
  EXPECT_EQ(a.call.use_recording(1, std::move(*recording)), nullptr);
  run(100);
  a.call.set_muted(true);
  run(20);
  a.call.use_recording(2, nullptr).reset();
  std::FILE* file = std::fopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr);
  std::array<std::uint8_t, 44> header;
  ASSERT_EQ(std::fread(header.data(), 1, header.size(), file), header.size());
  EXPECT_EQ(header[22], 2) << "channels";
  std::vector<std::int16_t> both(2 * 120 * frame_samples + 1);
  EXPECT_EQ(std::fread(both.data(), 2, both.size(), file), both.size() - 1) << "all of it, nothing more";
  std::fclose(file);
  std::filesystem::remove(path);
  std::vector<std::int16_t> left, right, muted;
  for (std::size_t i = 0; i < 100 * frame_samples; ++i) {
    left.push_back(both[2 * i]);
    right.push_back(both[2 * i + 1]);
  }
  for (std::size_t i = 100 * frame_samples; i < 120 * frame_samples; ++i) muted.push_back(both[2 * i]);
  EXPECT_GT(amplitude(left, our_hz), loud);
  EXPECT_LT(amplitude(left, hz_a), quiet);
  EXPECT_GT(amplitude(right, hz_a), loud);
  EXPECT_EQ(muted, std::vector<std::int16_t>(20 * frame_samples)) << "who is muted is not recorded";
}

TEST_F(ManyCalls, ARecordingThatCannotBeginSaysWhy) {
  const auto recording = Recording::create("/nowhere/at/all.wav", Recording::Channels::heard);
  ASSERT_FALSE(recording);
  EXPECT_NE(recording.error().text.find("/nowhere/at/all.wav"), std::string::npos);
}

}  // namespace
}  // namespace sidetone::media
