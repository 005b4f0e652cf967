// A line moves to another address: what comes in which order, and whom it tells (RFC 3261 §10.2, RFC 6665
// §4.1.2.2).
#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace sip;

constexpr std::string_view new_address = "10.9.0.1:5060";

class LineMoves : public ::testing::Test {
 protected:
  LineMoves() {
    server.on_event = [this](const sip::Event& event) {
      if (const auto* request = std::get_if<IncomingRequest>(&event);
          request && request->request->method() == Method::register_) {
        Response response{.status = register_status};
        response.headers = {
            {"Contact", std::string(request->request->value(HeaderId::contact)) + ";expires=1800"}};
        EXPECT_TRUE(server.stack.respond(request->id, response, wire.now()));
      }
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(server.stack.accept(invite->session, sdp, {}, wire.now()));
      if (const auto* offer = std::get_if<OfferReceived>(&event))
        EXPECT_TRUE(server.stack.answer_offer(offer->session, sdp, wire.now()));
      if (const auto* subscribe = std::get_if<IncomingSubscribe>(&event)) {
        const auto id = server.stack.accept_subscription(subscribe->id, seconds(600), false, wire.now());
        ASSERT_TRUE(id);
        EXPECT_TRUE(server.stack.notify(*id, {Substate::active, "s", "text/plain", "", {}, {}}, wire.now()));
      }
      if (const auto* due = std::get_if<NotifyDue>(&event))
        EXPECT_TRUE(
            server.stack.notify(due->id, {Substate::active, "s", "text/plain", "", {}, {}}, wire.now()));
    };
  }
  void start() {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.lines[0].register_expires = seconds(1800);
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(settings));
    wire.run_for(seconds(1));
    phone->command(Dial{.target = "7002"});
    wire.run_for(seconds(1));
    ASSERT_EQ(phone->call().state, CallState::connected);
  }
  void move() {
    const auto socket = wire.add_socket(phone->node, new_address);
    phone->core->move_line(LineId{0}, socket, *Address::parse(new_address, 0), wire.now());
    wire.remove_socket(phone->node, phone->node.udp);
    phone->settle();
  }
  // What left the new address, in order.
  [[nodiscard]] std::vector<std::string> sent() const {
    std::vector<std::string> methods;
    for (const auto& crossing : wire.crossings)
      if (crossing.from == *Address::parse(new_address, 0))
        methods.push_back(crossing.bytes.substr(0, crossing.bytes.find(' ')));
    return methods;
  }

  const std::string sdp =
      "v=0\r\no=- 5 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
  Wire wire;
  Node& server = wire.add("server", "10.0.0.9:5060");
  std::unique_ptr<PhoneNode> phone;
  int register_status = 200;
};

TEST_F(LineMoves, calls_follow_when_the_line_is_registered) {
  start();
  move();
  wire.run_for(seconds(5));
  EXPECT_EQ(sent(), (std::vector<std::string>{"REGISTER", "INVITE", "ACK"})) << wire.ladder();
  wire.run_for(seconds(3000));  // refreshes tell nothing new
  EXPECT_EQ(wire.count("INVITE"), 2U) << wire.ladder();
}

TEST_F(LineMoves, registrar_that_refuses_does_not_keep_the_call_mute) {
  start();
  register_status = 503;
  move();
  wire.run_for(seconds(5));
  EXPECT_EQ(sent(), (std::vector<std::string>{"REGISTER", "INVITE", "ACK"})) << wire.ladder();
}

TEST_F(LineMoves, back_again_before_anybody_was_told) {
  start();
  const auto old = phone->node.udp;
  const auto socket = wire.add_socket(phone->node, new_address);
  phone->core->move_line(LineId{0}, socket, *Address::parse(new_address, 0), wire.now());
  phone->core->move_line(LineId{0}, old, phone->node.address, wire.now());
  phone->settle();
  wire.run_for(seconds(5));
  EXPECT_EQ(wire.count("INVITE"), 1U) << wire.ladder();
}

TEST_F(LineMoves, subscriptions_are_refreshed_from_the_new_address) {
  start();
  Subscribe wish;
  wish.account = AccountId{1};  // the phone's only one
  wish.target = "sip:7005@10.0.0.9";
  wish.event = "x-state";
  wish.expires = seconds(600);
  ASSERT_TRUE(phone->node.stack.subscribe(wish, wire.now()));
  phone->settle();
  wire.run_for(seconds(1));
  ASSERT_EQ(server.count<IncomingSubscribe>(), 1U);
  move();
  wire.run_for(seconds(5));
  EXPECT_EQ(sent(), (std::vector<std::string>{"REGISTER", "INVITE", "ACK", "SUBSCRIBE", "SIP/2.0"}))
      << wire.ladder();
  EXPECT_NE(wire.last("SUBSCRIBE")->message().value(HeaderId::contact).find("10.9.0.1"),
            std::string_view::npos);
  EXPECT_EQ(wire.last("NOTIFY")->to.to_string(), new_address) << "§4.1.2.2: a target refresh";
  EXPECT_EQ(wire.count("SUBSCRIBE"), 2U);
  wire.run_for(seconds(1000));  // and it lives on
  EXPECT_GE(wire.count("SUBSCRIBE"), 4U);
  EXPECT_EQ(phone->node.last<SubscriptionChanged>()->state, Substate::active);
}

}  // namespace
}  // namespace sidetone::test
