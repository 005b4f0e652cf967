#include "media/peer_latch.h"

#include <gtest/gtest.h>

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

Address at(const char* text) { return *Address::parse(text, 0); }
const Address signalled = at("192.0.2.1:4000"), behind_nat = at("203.0.113.7:61000"),
              stranger = at("198.51.100.9:666");

class Latch : public testing::Test {
 protected:
  PeerLatch::Verdict from(const Address& address, std::uint32_t ssrc, Duration later = 20ms) {
    now += later;
    return latch.judge(address, ssrc, ++sequence, now);
  }
  PeerLatch latch;
  Time now{1s};
  std::uint16_t sequence = 0;
};

TEST_F(Latch, SendsWhereSignallingSaysUntilThePeerSpeaks) {
  EXPECT_FALSE(latch.to());
  latch.signalled(signalled, now);
  EXPECT_EQ(latch.to(), signalled);
  const auto verdict = from(behind_nat, 1);
  EXPECT_TRUE(verdict.accepted);
  EXPECT_TRUE(verdict.new_address);
  EXPECT_EQ(latch.to(), behind_nat);
}

TEST_F(Latch, UnspecifiedIsNowhere) {  // c=0.0.0.0
  latch.signalled(Address{}, now);
  EXPECT_FALSE(latch.to());
}

TEST_F(Latch, StrangerIsRefusedWhileThePeerSpeaks) {
  latch.signalled(signalled, now);
  from(signalled, 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(from(stranger, 2, 10ms).accepted);
    EXPECT_FALSE(from(stranger, 1, 0ms).accepted) << "even with the peer's SSRC";
    EXPECT_TRUE(from(signalled, 1, 10ms).accepted);
  }
  EXPECT_EQ(latch.to(), signalled);
}

TEST_F(Latch, AnotherAddressTakesOverAfterSilence) {
  latch.signalled(signalled, now);
  from(signalled, 1);
  EXPECT_FALSE(from(behind_nat, 1, 500ms).accepted);
  EXPECT_TRUE(from(behind_nat, 1, 10ms).accepted) << "the same stream from another port";
  EXPECT_EQ(latch.to(), behind_nat);
  EXPECT_FALSE(from(stranger, 9, 600ms).accepted) << "a new stream needs two packets in sequence";
  EXPECT_TRUE(from(stranger, 9).accepted);
}

TEST_F(Latch, SignalledAddressMayAlwaysSpeak) {
  latch.signalled(signalled, now);
  from(behind_nat, 1);
  EXPECT_TRUE(from(signalled, 2, 1ms).accepted);
  EXPECT_EQ(latch.to(), signalled);
  EXPECT_FALSE(from(behind_nat, 1, 1ms).accepted);
}

TEST_F(Latch, NewSignallingMovesSendingAtOnce) {
  latch.signalled(signalled, now);
  from(signalled, 1);
  const auto other = at("192.0.2.77:4000");
  latch.signalled(other, now);
  EXPECT_EQ(latch.to(), other);
  EXPECT_TRUE(from(signalled, 1).accepted) << "its last packets are still heard";
  EXPECT_EQ(latch.to(), other) << "and do not turn us back";
  EXPECT_TRUE(from(other, 2).accepted);
  EXPECT_EQ(latch.to(), other);
}

TEST_F(Latch, PeerThatStaysBehindItsNatIsFollowed) {
  latch.signalled(signalled, now);
  from(behind_nat, 1);
  latch.signalled(at("10.0.0.5:4000"), now);
  for (int i = 0; i < 25; ++i) from(behind_nat, 1);
  EXPECT_NE(latch.to(), behind_nat);
  EXPECT_TRUE(from(behind_nat, 1).new_address);
  EXPECT_EQ(latch.to(), behind_nat);
}

TEST_F(Latch, TwoStreamsFromOneAddressDoNotAlternate) {
  latch.signalled(signalled, now);
  from(signalled, 1);
  int changes = 0;
  for (int i = 0; i < 200; ++i) changes += from(signalled, i % 2 == 0 ? 2 : 1, 10ms).new_ssrc ? 1 : 0;
  EXPECT_EQ(changes, 1);
  EXPECT_TRUE(from(signalled, 1, 600ms).new_ssrc) << "the first one again, when the second is gone";
}

// RTP Bleed: an attacker who waits for a silence. Behind a NAT the signalled address is no help.
TEST_F(Latch, WhoTookThePlaceInASilenceLosesItWhenThePeerSpeaks) {
  latch.signalled(signalled, now);
  for (int i = 0; i < 100; ++i) from(behind_nat, 1);
  from(stranger, 9, 600ms);
  EXPECT_TRUE(from(stranger, 9).accepted);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(from(stranger, 9).accepted);
  EXPECT_TRUE(from(behind_nat, 1, 1ms).accepted) << "at once, while the other goes on";
  EXPECT_EQ(latch.to(), behind_nat);
  for (int i = 0; i < 5000; ++i) {
    EXPECT_FALSE(from(stranger, 9, 1ms).accepted);
    if (i % 20 == 0) EXPECT_TRUE(from(behind_nat, 1, 1ms).accepted);
  }
  EXPECT_EQ(latch.to(), behind_nat);
}

TEST_F(Latch, TheReturningPeerMustBeTheSameStreamAndHaveBeenThereForLonger) {
  latch.signalled(signalled, now);
  for (int i = 0; i < 10; ++i) from(stranger, 9);  // it was first, and short
  from(behind_nat, 1, 600ms);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(from(behind_nat, 1).accepted);
  EXPECT_FALSE(from(stranger, 9, 1ms).accepted) << "the present peer has been it for longer";
  EXPECT_FALSE(from(stranger, 8, 1ms).accepted);
  EXPECT_EQ(latch.to(), behind_nat);
}

TEST_F(Latch, RtcpIsTakenFromThePeersHost) {
  latch.signalled(signalled, now);
  EXPECT_TRUE(latch.is_peer_host(signalled.ip));
  EXPECT_FALSE(latch.is_peer_host(stranger.ip));
  from(behind_nat, 1);
  EXPECT_TRUE(latch.is_peer_host(behind_nat.ip));
}

}  // namespace
}  // namespace sidetone::media
