#include "net/rtp_io.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <vector>

#include "net/socket.h"

namespace sidetone::net {
namespace {

std::span<const std::uint8_t> view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text(const PacketIn& packet) {
  return {reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size()};
}

bool wait_readable(const PacketPort& port, int which) {
  pollfd descriptor{port.descriptors()[static_cast<std::size_t>(which)], POLLIN, 0};
  return ::poll(&descriptor, 1, 10000) == 1;
}

class RtpIoTest : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<PacketPort> open(std::uint64_t start = 0) {
    // Ephemeral ports of the system begin above these; tests in parallel each begin elsewhere.
    auto port = open_rtp_io(ip_, 20000, 31999, 46, start + seed_);
    EXPECT_TRUE(port) << port.error().text;
    return port ? std::move(*port) : nullptr;
  }
  IpAddress ip_ = IpAddress::parse(GetParam()).value();
  PacketBatch batch_;
  std::uint64_t seed_ = static_cast<std::uint64_t>(::getpid()) * 31;
};

TEST_P(RtpIoTest, OpensAnEvenPortAndTheNext) {  // RFC 3550 §11
  const auto port = open();
  ASSERT_TRUE(port);
  EXPECT_EQ(port->rtp_port() % 2, 0);
  EXPECT_EQ(local_address(port->descriptors()[0]), (Address{ip_, port->rtp_port()}));
  EXPECT_EQ(local_address(port->descriptors()[1]),
            (Address{ip_, static_cast<std::uint16_t>(port->rtp_port() + 1)}));
}

TEST_P(RtpIoTest, CarriesRtpAndRtcpEachOnItsPort) {
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  const Address rtp{ip_, b->rtp_port()};
  const Address rtcp{ip_, static_cast<std::uint16_t>(b->rtp_port() + 1)};
  const std::string one = "rtp 1", two = "rtcp", three = "rtp 2";
  const PacketOut out[] = {{view(one), rtp, false}, {view(two), rtcp, true}, {view(three), rtp, false}};
  a->send(out);
  ASSERT_TRUE(wait_readable(*b, 0) && wait_readable(*b, 1));
  const auto in = b->receive(batch_, {});
  ASSERT_EQ(in.size(), 3u);
  EXPECT_EQ(text(in[0]), "rtcp");
  EXPECT_TRUE(in[0].rtcp);
  EXPECT_EQ(in[0].from, (Address{ip_, static_cast<std::uint16_t>(a->rtp_port() + 1)}));
  EXPECT_EQ(text(in[1]), "rtp 1");
  EXPECT_FALSE(in[1].rtcp);
  EXPECT_EQ(in[1].from, (Address{ip_, a->rtp_port()}));
  EXPECT_EQ(text(in[2]), "rtp 2");
  EXPECT_TRUE(b->receive(batch_, {}).empty()) << "never blocks";
}

TEST_P(RtpIoTest, ABatchHoldsSoManyAndNoneIsLost) {
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  std::vector<std::string> payloads;
  for (int i = 0; i < 70; ++i) payloads.push_back(std::to_string(i));
  std::vector<PacketOut> out;
  for (const auto& payload : payloads) out.push_back({view(payload), {ip_, b->rtp_port()}, false});
  a->send(out);
  std::vector<std::size_t> sizes;
  int next = 0;
  while (next < 70 && wait_readable(*b, 0)) {
    const auto in = b->receive(batch_, {});
    EXPECT_LE(in.size(), PacketBatch::packets_max);
    for (const auto& packet : in) EXPECT_EQ(text(packet), std::to_string(next++));
  }
  EXPECT_EQ(next, 70);
  EXPECT_EQ(a->send_failures(), 0u);
}

// The sound's clock asks for packets every 10 ms; figures of the network need to know when they came.
TEST_P(RtpIoTest, TellsHowLongAPacketHasWaited) {
  using namespace std::chrono_literals;
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  const std::string audio = "audio";
  Duration waited{0}, least = 5ms, most{0};
  for (int tries = 0; tries < 50 && (waited < least || waited > most);
       ++tries) {  // the wall clock may be set
    const PacketOut out[] = {{view(audio), {ip_, b->rtp_port()}, false}};
    const auto began = std::chrono::steady_clock::now();
    a->send(out);
    ASSERT_TRUE(wait_readable(*b, 0));
    const auto came = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < came + least) {
    }
    const auto in = b->receive(batch_, {});
    ASSERT_EQ(in.size(), 1u);
    waited = in[0].waited;
    most = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began) + 1ms;
  }
  EXPECT_GE(waited, least);
  EXPECT_LE(waited, most);
}

TEST_P(RtpIoTest, ReadsOnlyTheSocketThatHasSomething) {
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  const std::string audio = "audio", report = "report";
  const PacketOut out[] = {{view(audio), {ip_, b->rtp_port()}, false},
                           {view(report), {ip_, static_cast<std::uint16_t>(b->rtp_port() + 1)}, true}};
  a->send(out);
  ASSERT_TRUE(wait_readable(*b, 0) && wait_readable(*b, 1));
  const auto reports = b->receive(batch_, {.rtp = false, .rtcp = true});
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(text(reports[0]), "report");
  const auto sound = b->receive(batch_, {.rtp = true, .rtcp = false});
  ASSERT_EQ(sound.size(), 1u);
  EXPECT_EQ(text(sound[0]), "audio");
}

TEST_P(RtpIoTest, AFloodOfRtcpLeavesRoomForRtp) {
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  const std::string report = "report", audio = "audio";
  const Address rtcp{ip_, static_cast<std::uint16_t>(b->rtp_port() + 1)};
  for (int i = 0; i < 100; ++i) {
    const PacketOut out[] = {{view(report), rtcp, true}};
    a->send(out);
  }
  const PacketOut out[] = {{view(audio), {ip_, b->rtp_port()}, false}};
  a->send(out);
  ASSERT_TRUE(wait_readable(*b, 0));
  const auto in = b->receive(batch_, {});
  ASSERT_FALSE(in.empty());
  EXPECT_EQ(text(in.back()), "audio");
}

TEST_P(RtpIoTest, AFailedPacketIsCountedAndTheRestGoes) {
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  const std::string good = "good", huge(70000, 'h');
  const Address to{ip_, b->rtp_port()};
  const PacketOut out[] = {{view(good), to, false}, {view(huge), to, false}, {view(good), to, false}};
  a->send(out);
  EXPECT_EQ(a->send_failures(), 1u);
  ASSERT_TRUE(wait_readable(*b, 0));
  EXPECT_EQ(b->receive(batch_, {}).size(), 2u);
}

TEST_P(RtpIoTest, DropsWhatIsLongerThanAPacket) {
  const auto a = open(), b = open();
  ASSERT_TRUE(a && b);
  const std::string jumbo(4000, 'j'), good = "good";
  const Address to{ip_, b->rtp_port()};
  const PacketOut out[] = {{view(jumbo), to, false}, {view(good), to, false}};
  a->send(out);
  ASSERT_TRUE(wait_readable(*b, 0));
  const auto in = b->receive(batch_, {});
  ASSERT_EQ(in.size(), 1u);
  EXPECT_EQ(text(in[0]), "good");
}

TEST_P(RtpIoTest, ExhaustedRangeIsNamed) {
  const auto a = open();
  ASSERT_TRUE(a);
  const auto port = a->rtp_port();
  const auto last = static_cast<std::uint16_t>(port + 1);
  const auto second = open_rtp_io(ip_, port, last, 0, 7);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::busy);
  EXPECT_NE(second.error().text.find(std::to_string(port) + "-" + std::to_string(last)), std::string::npos);
}

TEST_P(RtpIoTest, StepsOverAPairOfWhichHalfIsTaken) {
  const auto a = open();
  ASSERT_TRUE(a);
  const auto port = a->rtp_port();
  // [port - 1, port + 3]: the pair of `port` is taken, only the next is left.
  const auto second =
      open_rtp_io(ip_, static_cast<std::uint16_t>(port - 1), static_cast<std::uint16_t>(port + 3), 0, 0);
  if (second) EXPECT_EQ((*second)->rtp_port(), port + 2);
  // Another program may hold that one, too.
  if (!second) EXPECT_EQ(second.error().fault, Fault::busy);
}

INSTANTIATE_TEST_SUITE_P(Families, RtpIoTest, testing::Values("127.0.0.1", "::1"),
                         [](const auto& row) { return row.index == 0 ? "v4" : "v6"; });

TEST(RtpIo, RangesWithoutAPair) {
  struct Row {
    std::uint16_t min, max;
  };
  for (const auto row :
       {Row{9000, 9000}, Row{9001, 9002}, Row{9001, 9001}, Row{9010, 9000}, Row{0, 0}, Row{65535, 65535}}) {
    const auto port = open_rtp_io(IpAddress::loopback_v4(), row.min, row.max, 0, 0);
    ASSERT_FALSE(port) << row.min << "-" << row.max;
    EXPECT_EQ(port.error().fault, Fault::range);
  }
}

}  // namespace
}  // namespace sidetone::net
