// The machine gets another address while calls are up: signalling and media move there, and each peer is
// told once (RFC 3261 §14, RFC 3264 §8.3.1).
#include "phone_node.h"
#include "sip/message/headers.h"
#include "wire_scenario.h"

namespace sidetone::test {
namespace {

using namespace sip;

constexpr std::string_view old_ip = "10.0.0.3", new_ip = "10.9.0.1";

std::string audio(int version, std::string_view direction = "sendrecv") {
  return fmt::format(
      "v=0\r\no=- 5 {} IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP "
      "0\r\na={}\r\n",
      version, direction);
}

endpoint::CoreSettings one_line() {
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  return settings;
}

class PhoneMoves : public WireScenario {
 protected:
  PhoneMoves() {
    server.on_event = [this](const sip::Event& event) {
      if (const auto* offer = std::get_if<OfferReceived>(&event)) {
        const bool held = offer->sdp.find("a=sendonly") != std::string::npos;
        if (refuse_with != 0)
          EXPECT_TRUE(server.stack.refuse_offer(offer->session, {.status = refuse_with}, wire.now()));
        else
          EXPECT_TRUE(server.stack.answer_offer(
              offer->session, audio(++version, held ? "recvonly" : "sendrecv"), wire.now()));
      }
      const auto* invite = std::get_if<IncomingInvite>(&event);
      if (invite == nullptr) return;
      EXPECT_TRUE(server.stack.provisional(invite->session, {}, wire.now()));
      if (answers) EXPECT_TRUE(server.stack.accept(invite->session, audio(++version), {}, wire.now()));
    };
  }
  void dial() {
    phone.command(Dial{.target = "7002"});
    wire.run_for(milliseconds(200));
  }
  CallSnapshot connected() {
    dial();
    EXPECT_EQ(phone.call().state, CallState::connected);
    return phone.call();
  }
  SessionId ring() {
    Invite invite;
    invite.target = fmt::format("sip:7001@{}:5060", old_ip);
    invite.from_uri = "sip:7002@10.0.0.9";
    invite.sdp = audio(++version);
    const auto session = server.stack.invite(std::move(invite), wire.now());
    EXPECT_TRUE(session);
    wire.settle(server);
    wire.run_for(milliseconds(50));
    return session.value_or(SessionId{});
  }
  enum class Old { gone, alive };
  void move(Old old = Old::gone) {
    const auto socket = wire.add_socket(phone.node, fmt::format("{}:5060", new_ip));
    phone.core->move_line(LineId{0}, socket, *Address::parse(fmt::format("{}:5060", new_ip), 0), wire.now());
    if (old == Old::gone) wire.remove_socket(phone.node, phone.node.udp);
    phone.settle();
  }
  [[nodiscard]] std::vector<Message> invites_from(std::string_view ip) const {
    std::vector<Message> found;
    for (const auto& crossing : wire.crossings)
      if (crossing.is("INVITE") && crossing.from.ip.to_string() == ip) found.push_back(crossing.message());
    return found;
  }
  static void expect_at_new_address(const Message& message) {
    EXPECT_NE(message.body().find(fmt::format("c=IN IP4 {}\r\n", new_ip)), std::string_view::npos)
        << message.body();
    EXPECT_NE(message.value(HeaderId::contact).find(new_ip), std::string_view::npos);
  }
  void hang_up() {
    phone.command(HangUp{phone.call().call});
    wire.run_for(milliseconds(200));
    EXPECT_EQ(server.count<SessionEnded>(), 1U) << wire.ladder();
  }

  Node& server = wire.add("server", "10.0.0.9:5060");
  PhoneNode phone{wire, "phone", fmt::format("{}:5060", old_ip), one_line()};
  int version = 0, refuse_with = 0;
  bool answers = true;
};

SCENARIO(PhoneMoves, running_call_tells_its_new_address) {
  const auto before = connected();
  const auto plan = phone.plan(before.call);
  move();
  wire.run_for(seconds(3));
  const auto told = invites_from(new_ip);
  ASSERT_EQ(told.size(), 1U) << wire.ladder();
  expect_at_new_address(told.front());
  EXPECT_EQ(server.count<OfferReceived>(), 1U);
  EXPECT_EQ(phone.call(), before) << "the user sees nothing of it";
  EXPECT_EQ(phone.plan(before.call), plan);
  hang_up();
}

SCENARIO(PhoneMoves, held_call_stays_held) {
  const auto call = connected().call;
  phone.command(Hold{call});
  wire.run_for(milliseconds(200));
  ASSERT_TRUE(phone.call().held_by_us);
  move();
  wire.run_for(seconds(3));
  const auto told = invites_from(new_ip);
  ASSERT_EQ(told.size(), 1U) << wire.ladder();
  expect_at_new_address(told.front());
  EXPECT_NE(told.front().body().find("a=sendonly"), std::string_view::npos);
  EXPECT_TRUE(phone.call().held_by_us);
  EXPECT_FALSE(phone.plan(call).send);
  phone.command(Resume{call});
  wire.run_for(seconds(1));
  EXPECT_FALSE(phone.call().held_by_us);
  EXPECT_EQ(invites_from(new_ip).size(), 2U);
  hang_up();
}

// RFC 3261 §14.1: the peer offers in the same moment.
SCENARIO(PhoneMoves, glare) {
  connected();
  const auto session = server.last<IncomingInvite>()->session;
  move(Old::alive);
  EXPECT_TRUE(server.stack.offer(session, audio(++version), wire.now()));
  wire.settle(server);
  wire.run_for(milliseconds(100));
  EXPECT_GE(wire.count("SIP/2.0 491"), 1U) << wire.ladder();
  wire.run_for(seconds(10));
  expect_at_new_address(invites_from(new_ip).back());
  EXPECT_GE(server.count<OfferReceived>(), 1U);
  EXPECT_EQ(phone.call().state, CallState::connected);
  hang_up();
}

// The peer's own offer in between learns the new address from its answer: nothing more is to be told.
SCENARIO(PhoneMoves, answer_to_the_peers_offer_tells_it) {
  connected();
  refuse_with = 500;  // our own offer does not come through
  move(Old::alive);
  wire.run_for(milliseconds(200));
  refuse_with = 0;
  const auto session = server.last<IncomingInvite>()->session;
  EXPECT_TRUE(server.stack.offer(session, audio(++version), wire.now()));
  wire.settle(server);
  wire.run_for(seconds(10));
  EXPECT_EQ(invites_from(new_ip).size(), 1U) << wire.ladder();
  EXPECT_NE(server.last<OfferAnswered>()->sdp.find(new_ip), std::string::npos);
  hang_up();
}

SCENARIO(PhoneMoves, call_that_rings_here_is_answered_from_the_new_address) {
  ring();
  move();
  wire.run_for(milliseconds(500));
  EXPECT_EQ(invites_from(new_ip).size(), 0U);
  phone.command(Answer{phone.call().call});
  wire.run_for(milliseconds(500));
  const auto& answer = *server.last<Accepted>();
  EXPECT_NE(answer.sdp.find(fmt::format("c=IN IP4 {}\r\n", new_ip)), std::string::npos) << answer.sdp;
  wire.run_for(seconds(3));
  EXPECT_EQ(phone.call().state, CallState::connected);
  EXPECT_EQ(invites_from(new_ip).size(), 0U) << "the answer has said it";
  hang_up();
}

// What is being set up is left alone; the peer is told after its answer. Both addresses live here: responses
// to an INVITE go where it came from.
SCENARIO(PhoneMoves, call_that_rings_there_is_told_after_its_answer) {
  answers = false;
  dial();
  ASSERT_EQ(phone.call().state, CallState::ringing);
  move(Old::alive);
  wire.run_for(seconds(3));
  EXPECT_EQ(invites_from(new_ip).size(), 0U) << wire.ladder();
  const auto session = server.last<IncomingInvite>()->session;
  EXPECT_TRUE(server.stack.accept(session, audio(++version), {}, wire.now()));
  wire.settle(server);
  wire.run_for(seconds(3));
  EXPECT_EQ(phone.call().state, CallState::connected);
  ASSERT_EQ(invites_from(new_ip).size(), 1U) << wire.ladder();
  expect_at_new_address(invites_from(new_ip).front());
  hang_up();
}

SCENARIO(PhoneMoves, refused_offer_is_said_and_not_repeated) {
  connected();
  refuse_with = 488;
  move();
  wire.run_for(seconds(20));
  EXPECT_EQ(invites_from(new_ip).size(), 1U) << wire.ladder();
  EXPECT_EQ(phone.all<Warning>().size(), 1U);
  EXPECT_EQ(phone.all<CommandFailed>().size(), 0U);
  EXPECT_EQ(phone.call().state, CallState::connected);
  hang_up();
}

}  // namespace
}  // namespace sidetone::test
