// Streams of slow peers and of strangers hold no place for long (RFC 3261 §18.3; bounds in docs/security.md).
#include <gtest/gtest.h>

#include "base/random.h"
#include "sip/guard/request_gate.h"
#include "sip/transport/transport_layer.h"

namespace sidetone::sip::test {
namespace {

using std::chrono::seconds;

class OnlyServer final : public RequestGate {
 public:
  bool lets_read(const Flow&, std::string_view, Time) override { return true; }
  [[nodiscard]] bool lets_trace(SipDirection, const Flow&, std::string_view) const override { return true; }
  int judge(const Flow&, const Message&, Time) override { return 0; }
  [[nodiscard]] bool is_in_dialog(const Message&) const override { return false; }
  [[nodiscard]] bool welcomes(const IpAddress& source, Transport) const override {
    return source == IpAddress::parse("192.0.2.9").value();
  }
};

struct Desk {
  Desk() {
    transport.set_gate(&gate);
    listener = transport.add_listener(Transport::tcp, at("192.0.2.1:5060"));
  }
  static Address at(std::string_view text) { return Address::parse(text, 0).value(); }
  ConnectionId accept(std::string_view from) {
    return transport.accepted(listener, at("192.0.2.1:5060"), at(from), now);
  }
  void wait(Duration span) {
    now += span;
    transport.on_time(now);
  }
  std::size_t closed() {
    std::size_t count = 0;
    while (auto io = transport.poll_io()) count += std::holds_alternative<CloseConnection>(*io) ? 1 : 0;
    return count;
  }
  OnlyServer gate;
  SeededRandom random{1};
  NullSink log;
  TransportLayer transport{{}, random, log};
  SocketId listener;
  Time now{seconds(1)};
};

constexpr std::string_view options =
    "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

TEST(GuardStreams, SlowLorisIsClosed) {
  Desk desk;
  const auto id = desk.accept("192.0.2.9:40000");
  for (int i = 0; i < 31; ++i) {  // a byte a second keeps it busy, and does not help it
    desk.transport.stream_data(id, options.substr(static_cast<std::size_t>(i), 1), desk.now);
    desk.wait(seconds(1));
    ASSERT_EQ(desk.closed(), 0U) << i;
  }
  ASSERT_TRUE(desk.transport.deadline());
  EXPECT_EQ(desk.transport.deadline()->why, "message_unfinished");
  desk.wait(seconds(1));
  EXPECT_EQ(desk.closed(), 1U);
  EXPECT_EQ(desk.transport.counters().connections, 0U);
}

TEST(GuardStreams, EachMessageHasItsOwnTime) {
  Desk desk;
  const auto id = desk.accept("192.0.2.9:40000");
  for (int i = 0; i < 4; ++i) {
    desk.transport.stream_data(id, options.substr(0, 40), desk.now);
    desk.wait(seconds(20));
    desk.transport.stream_data(id, options.substr(40), desk.now);
    desk.wait(seconds(20));
    ASSERT_EQ(desk.closed(), 0U) << i;
  }
}

TEST(GuardStreams, HugeContentLengthEndsTheStreamAtOnce) {
  Desk desk;
  const auto id = desk.accept("192.0.2.9:40000");
  desk.transport.stream_data(id, "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 4000000000\r\n\r\n", desk.now);
  EXPECT_EQ(desk.closed(), 1U);
}

TEST(GuardStreams, StrangersHaveFewPlacesAndDoNotStay) {
  Desk desk;
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(desk.accept("203.0.113.5:40000"));
  EXPECT_FALSE(desk.accept("203.0.113.6:40000"));
  EXPECT_TRUE(desk.accept("192.0.2.9:40000")) << "the server still gets in";
  desk.wait(seconds(31));
  EXPECT_EQ(desk.closed(), 0U);
  desk.wait(seconds(1));
  EXPECT_EQ(desk.closed(), 32U);
  EXPECT_EQ(desk.transport.counters().connections, 1U);
  EXPECT_TRUE(desk.accept("203.0.113.6:40000"));
}

// RFC 3261 §18.3: behind garbage nothing can be found any more; what came before is answered by the stream.
struct BrokenBehind : ::testing::Test {
  static Message final_response(const Message& request) { return Message::response(request, 200, "OK", "t"); }
  TransportLayer::Received receive(std::string_view bytes) {
    id = desk.accept("192.0.2.9:40000");
    desk.transport.stream_data(id, bytes, desk.now);
    auto event = desk.transport.poll_event();
    EXPECT_TRUE(event && std::holds_alternative<TransportLayer::Received>(*event));
    return std::get<TransportLayer::Received>(*event);
  }
  std::string outputs() {
    std::string text;
    while (auto io = desk.transport.poll_io()) {
      if (const auto* sent = std::get_if<SendStream>(&*io); sent && sent->connection == id) text += "send ";
      if (std::holds_alternative<CloseConnection>(*io)) text += "close ";
      if (std::holds_alternative<OpenConnection>(*io)) text += "open ";
    }
    return text;
  }
  Desk desk;
  ConnectionId id;
};

TEST_F(BrokenBehind, AGoodRequestIsAnsweredBeforeItCloses) {
  const auto request = receive(std::string(options) + "SIP/2.0 garbage\r\nContent-Length: x\r\n\r\n");
  EXPECT_EQ(outputs(), "");
  desk.transport.stream_data(id, options, desk.now);  // nothing more is read
  EXPECT_FALSE(desk.transport.poll_event());
  desk.transport.send_response(final_response(request.message), request.flow, desk.now);
  EXPECT_EQ(outputs(), "send close ");
}

TEST_F(BrokenBehind, ARequestOfOursTakesAnotherWayMeanwhile) {
  const auto request = receive(std::string(options) + "SIP/2.0 garbage\r\nContent-Length: x\r\n\r\n");
  auto message = Message::request("OPTIONS", "sip:a@192.0.2.9");
  message.add(HeaderId::max_forwards, "70");
  desk.transport.send_request(message, "z9hG4bKb", {Transport::tcp, "192.0.2.9", 40000, {}, {}}, 1, desk.now);
  EXPECT_EQ(outputs(), "open ");
}

TEST_F(BrokenBehind, WithoutAnAnswerItClosesInTime) {
  receive(std::string(options) + "SIP/2.0 garbage\r\nContent-Length: x\r\n\r\n");
  desk.wait(seconds(31));
  EXPECT_EQ(outputs(), "");
  ASSERT_TRUE(desk.transport.deadline());
  desk.wait(seconds(1));
  EXPECT_EQ(outputs(), "close ");
}

TEST_F(BrokenBehind, NothingWaitsAndItClosesAtOnce) {
  const auto request = receive(options);
  desk.transport.send_response(final_response(request.message), request.flow, desk.now);
  EXPECT_EQ(outputs(), "send ");
  desk.transport.stream_data(id, "SIP/2.0 garbage\r\nContent-Length: x\r\n\r\n", desk.now);
  EXPECT_EQ(outputs(), "close ");
}

}  // namespace
}  // namespace sidetone::sip::test
