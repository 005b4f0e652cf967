// A call's ports change while it runs.
#include "media/call_audio.h"

#include <gtest/gtest.h>

#include <deque>

namespace sidetone::media {
namespace {

using std::chrono::milliseconds;

const Address peer{IpAddress::parse("192.0.2.9").value(), 6000};

struct Wiretap {
  std::deque<std::vector<std::uint8_t>> incoming;
  int sent = 0;
  bool open = true;
};

class FakePort final : public PacketPort {
 public:
  explicit FakePort(Wiretap& tap) : tap_(tap) {}
  ~FakePort() override { tap_.open = false; }
  [[nodiscard]] std::uint16_t rtp_port() const override { return 4000; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return {-1, -1}; }
  std::span<const PacketIn> receive(PacketBatch&, ReadablePorts) override {
    if (tap_.incoming.empty()) return {};
    bytes_ = std::move(tap_.incoming.front());
    tap_.incoming.pop_front();
    packet_ = {bytes_, peer, false};
    return {&packet_, 1};
  }
  void send(std::span<const PacketOut> packets) override { tap_.sent += static_cast<int>(packets.size()); }
  [[nodiscard]] std::uint64_t send_failures() const override { return 0; }

 private:
  Wiretap& tap_;
  std::vector<std::uint8_t> bytes_;
  PacketIn packet_;
};

class MovedCall : public testing::Test {
 protected:
  PacketBatch batch;
  MovedCall() {
    codec::MediaPlan plan;
    plan.send = plan.receive = true;
    plan.remote_rtp = peer;
    plan.remote_rtcp = {peer.ip, 6001};
    plan.receive_formats = {plan.send_format};
    call.stream().apply(plan, now);
  }
  void tick(int count) {
    for (; count > 0; --count) {
      now += milliseconds(10);
      call.receive(batch, now);
      call.hear(speaker, now);
      call.say({}, now);
    }
  }
  void say(Wiretap& tap) {
    std::vector<std::uint8_t> packet(12 + 160, 0xff);
    ++sequence;
    const std::uint32_t timestamp = sequence * 160U;
    packet = {0x80,
              0,
              static_cast<std::uint8_t>(sequence >> 8),
              static_cast<std::uint8_t>(sequence),
              static_cast<std::uint8_t>(timestamp >> 24),
              static_cast<std::uint8_t>(timestamp >> 16),
              static_cast<std::uint8_t>(timestamp >> 8),
              static_cast<std::uint8_t>(timestamp),
              0,
              0,
              0,
              7};
    packet.resize(172, 0xff);
    tap.incoming.push_back(std::move(packet));
  }
  [[nodiscard]] std::uint64_t heard() const { return call.statistics({}).packets_received; }

  Time now{std::chrono::seconds(1)};
  std::uint16_t sequence = 100;
  Wiretap before, after;
  Mixer speaker;
  CallAudio call{MediaId{1}, std::make_unique<FakePort>(before), {1, 1, 1, "a@b"}};
};

// RFC 3264 §8.3.1: both ports are listened to until media arrives on the new one.
TEST_F(MovedCall, SpeaksFromTheNewPortAndHearsBoth) {
  for (int i = 0; i < 3; ++i) {
    say(before);
    tick(2);
  }
  EXPECT_GT(before.sent, 0);
  EXPECT_EQ(heard(), 3U);

  const auto sent_before = before.sent;
  call.move(std::make_unique<FakePort>(after));
  for (int i = 0; i < 3; ++i) {
    say(before);  // the peer does not know yet
    tick(2);
  }
  EXPECT_EQ(heard(), 6U);
  EXPECT_EQ(before.sent, sent_before);
  EXPECT_GT(after.sent, 0);
  EXPECT_TRUE(before.open);

  say(after);
  tick(2);
  EXPECT_EQ(heard(), 7U);
  EXPECT_FALSE(before.open);
}

}  // namespace
}  // namespace sidetone::media
