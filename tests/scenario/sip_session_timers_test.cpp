// Session timers (RFC 4028) in virtual time: who refreshes, how, and what ends a session that nobody
// refreshes.
#include <algorithm>

#include "calls.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipSessionTimer : public WireScenario {
 protected:
  Node& phone(const char* name, const char* address, seconds expires, bool enabled = true,
              seconds min = seconds(90)) {
    auto settings = wire.sip_settings;
    settings.session_timer = {enabled, expires, min};
    return wire.add(name, address, settings);
  }
  static void answer_all(Node& node) {
    node.on_event = [&node](const Event& event) {
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(node.stack.accept(invite->session, sdp_b, {}, node.now()));
      if (const auto* offer = std::get_if<OfferReceived>(&event))
        EXPECT_TRUE(node.stack.answer_offer(offer->session, sdp_b, node.now()));
      if (const auto* due = std::get_if<RefreshDue>(&event))
        EXPECT_TRUE(node.stack.repeat_offer(due->session, node.now()));
    };
  }
  void connect(Node& from, Node& to) {
    answer_all(from);
    answer_all(to);
    session = from.call(to, sdp_a);
    ASSERT_TRUE(wire.run_until([&] { return to.count<Confirmed>() == 1; })) << wire.ladder();
  }
  [[nodiscard]] Message answer_to(std::string_view method) const {
    for (auto crossing = wire.crossings.rbegin(); crossing != wire.crossings.rend(); ++crossing)
      if (crossing->answers(200, method)) return crossing->message();
    return {};
  }
  SessionId session;
};

SCENARIO(SipSessionTimer, negotiation_rows) {  // §7.1, §9 with table 2
  struct Row {
    bool caller_asks, callee_asks;
    int caller_s, callee_s;
    int agreed_s;  // 0: none
    const char* why;
  };
  for (const Row& row :
       {Row{true, true, 1800, 1800, 1800, "same"}, Row{true, true, 1800, 600, 600, "callee reduces"},
        Row{true, true, 600, 1800, 600, "callee never increases"},
        Row{false, true, 1800, 600, 600, "callee asks"},
        Row{true, false, 900, 1800, 900, "callee only obeys"},
        Row{false, false, 1800, 1800, 0, "nobody asks"}}) {
    SCOPED_TRACE(row.why);
    Wire own;
    auto settings = own.sip_settings;
    settings.session_timer = {row.caller_asks, seconds(row.caller_s), seconds(90)};
    auto& caller = own.add("a", "10.0.0.1:5060", settings);
    settings.session_timer = {row.callee_asks, seconds(row.callee_s), seconds(90)};
    auto& callee = own.add("b", "10.0.0.2:5060", settings);
    answer_all(callee);
    const auto call = caller.call(callee, sdp_a);
    ASSERT_TRUE(own.run_until([&] { return callee.count<Confirmed>() == 1; }));
    const auto answer = own.last("SIP/2.0 200")->message();
    EXPECT_TRUE(answer.lists(HeaderId::supported, "timer"));
    const auto* field = answer.find(HeaderId::session_expires);
    ASSERT_EQ(field != nullptr, row.agreed_s != 0);
    EXPECT_EQ(answer.lists(HeaderId::require, "timer"), row.agreed_s != 0);
    if (field) EXPECT_EQ(field->value, fmt::format("{};refresher=uac", row.agreed_s));
    ASSERT_TRUE(caller.stack.end(call, {}, own.now()));
    own.run_dry();
    own.expect_nothing_left();
  }
}

SCENARIO(SipSessionTimer, refreshed_by_update_without_a_description) {  // §7.4, §10
  auto& a = phone("a", "10.0.0.1:5060", seconds(200));
  auto& b = phone("b", "10.0.0.2:5060", seconds(200));
  connect(a, b);
  wire.run_for(seconds(3600));
  const auto updates = wire.count("UPDATE");
  EXPECT_GE(updates, 35U);
  EXPECT_LE(updates, 37U);
  EXPECT_EQ(wire.last("UPDATE")->message().value(HeaderId::session_expires), "200;refresher=uac");
  EXPECT_EQ(wire.last("UPDATE")->message().body(), "");
  EXPECT_EQ(answer_to("UPDATE").value(HeaderId::session_expires), "200;refresher=uac");
  EXPECT_EQ(a.count<SessionEnded>() + b.count<SessionEnded>(), 0U) << wire.ladder();
  EXPECT_EQ(b.count<OfferReceived>(), 0U);
  ASSERT_TRUE(b.stack.end(b.last<IncomingInvite>()->session, {}, wire.now()));
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipSessionTimer, a_lost_refresh_is_repeated) {
  auto& a = phone("a", "10.0.0.1:5060", seconds(200));
  auto& b = phone("b", "10.0.0.2:5060", seconds(200));
  connect(a, b);
  for (int lost = 0; lost < 2; ++lost) {  // the UPDATE, then its 200
    bool done = false;
    wire.rule = [&](const Crossing& crossing) {
      const bool hit = !done && (lost == 0 ? crossing.is("UPDATE") : crossing.answers(200, "UPDATE"));
      done = done || hit;
      return Treatment{hit ? 0U : 1U};
    };
    wire.run_for(seconds(150));
    EXPECT_TRUE(done);
  }
  wire.rule = nullptr;
  EXPECT_EQ(a.count<SessionEnded>() + b.count<SessionEnded>(), 0U) << wire.ladder();
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipSessionTimer, both_sides_end_when_the_network_is_gone) {  // §10
  auto& a = phone("a", "10.0.0.1:5060", seconds(180));
  auto& b = phone("b", "10.0.0.2:5060", seconds(180));
  connect(a, b);
  world_.allow_one_sided_calls();
  const auto connected = wire.now();
  wire.rule = [](const Crossing&) { return Treatment{0}; };
  ASSERT_TRUE(wire.run_until([&] { return b.count<SessionEnded>() == 1; }, seconds(300))) << wire.ladder();
  EXPECT_EQ(b.last<SessionEnded>()->cause, EndCause::expired);
  EXPECT_EQ(
      wire.now() - connected >= Duration(seconds(147)) && wire.now() - connected <= Duration(seconds(149)),
      true);
  const auto bye = wire.last("BYE")->message();
  EXPECT_EQ(bye.value(HeaderId::reason), "SIP;cause=408;text=\"session timer expired\"");
  // The refresher found out at its refresh, which timed out.
  ASSERT_EQ(a.count<SessionEnded>(), 1U);
  EXPECT_EQ(a.last<SessionEnded>()->cause, EndCause::timeout);
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipSessionTimer, an_interval_that_is_too_small_is_raised) {  // §7.3, §9
  auto& a = phone("a", "10.0.0.1:5060", seconds(100));
  auto& b = phone("b", "10.0.0.2:5060", seconds(1800), true, seconds(600));
  connect(a, b);
  EXPECT_EQ(wire.count("SIP/2.0 422"), 1U);
  EXPECT_EQ(wire.last("SIP/2.0 422")->message().value(HeaderId::min_se), "600");
  const auto invite = wire.last("INVITE")->message();
  EXPECT_EQ(invite.value(HeaderId::session_expires), "600");
  EXPECT_EQ(invite.value(HeaderId::min_se), "600");
  EXPECT_EQ(invite.value(HeaderId::cseq), "2 INVITE");
  EXPECT_EQ(b.count<IncomingInvite>(), 1U);  // the first one was nobody's call
  EXPECT_EQ(a.count<SessionEnded>(), 0U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_dry();
  wire.expect_nothing_left();
}

// A caller made by hand: what it supports and asks for decides who refreshes, and how.
class SipSessionTimerByHand : public SipSessionTimer {
 protected:
  void dial(Node& b, const std::string& headers, const char* allow) {
    answer_all(b);
    wire.add_peer("10.0.0.9:5060", [this, &b](const Message& message, Address) {
      received.push_back(message);
      if (!message.is_request()) {
        if (message.status() < 200 || message.method() != Method::invite) return;
        auto ack = request(b, "ACK", 1);
        ack.set(HeaderId::to, message.value(HeaderId::to));
        to = std::string(message.value(HeaderId::to));
        wire.inject(peer, b.address, ack);
        return;
      }
      if (message.method() == Method::ack) return;
      auto answer = Message::response(message, status, "", "");
      answer.add(HeaderId::contact, "<sip:10.0.0.9>");
      if (message.method() == Method::invite && status == 200) answer.set_body(sdp_a, "application/sdp");
      if (status == 200 && message.has(HeaderId::session_expires))
        answer.add(HeaderId::session_expires, message.value(HeaderId::session_expires));
      wire.inject(peer, b.address, answer);
    });
    auto invite = request(b, "INVITE", 1);
    invite.add(HeaderId::contact, "<sip:10.0.0.9>");
    invite.add(HeaderId::allow, allow);
    auto bytes = invite.to_bytes();
    invite.set_body(sdp_a, "application/sdp");
    bytes = invite.to_bytes();
    bytes.insert(bytes.find("\r\n") + 2, headers);
    wire.inject(peer, b.address, bytes);
    ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; })) << wire.ladder();
  }
  Message request(const Node& b, std::string_view method, int cseq) const {
    auto message = Message::request(method, b.uri("callee"));
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKh{}{}", method, cseq));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, "<sip:x@10.0.0.9>;tag=hand");
    message.add(HeaderId::to, to.empty() ? "<sip:callee@10.0.0.2>" : std::string_view(to));
    message.add(HeaderId::call_id, "by-hand");
    message.add(HeaderId::cseq, fmt::format("{} {}", cseq, method));
    return message;
  }
  [[nodiscard]] std::size_t got(Method method) const {
    return static_cast<std::size_t>(std::count_if(received.begin(), received.end(), [&](const Message& m) {
      return m.is_request() && m.method() == method;
    }));
  }
  Address peer = *Address::parse("10.0.0.9:5060", 0);
  std::vector<Message> received;
  std::string to;
  int status = 200;
};

SCENARIO(SipSessionTimerByHand,
         a_caller_without_timer_is_refreshed_by_us_by_invite) {  // table 2, row 1; §7.4
  auto& b = phone("b", "10.0.0.2:5060", seconds(1800));
  dial(b, "Session-Expires: 180\r\n", "INVITE, ACK, BYE, CANCEL");
  const auto answer = answer_to("INVITE");
  EXPECT_EQ(answer.value(HeaderId::session_expires), "180;refresher=uas");
  EXPECT_FALSE(answer.has(HeaderId::require));
  wire.run_for(seconds(100));
  EXPECT_EQ(b.count<RefreshDue>(), 1U);
  ASSERT_EQ(got(Method::invite), 1U) << wire.ladder();
  EXPECT_EQ(wire.last("INVITE")->message().body(), sdp_b);  // unchanged, to its version
  EXPECT_EQ(wire.last("INVITE")->message().value(HeaderId::session_expires), "180;refresher=uac");
  wire.run_for(seconds(1000));
  EXPECT_EQ(b.count<SessionEnded>(), 0U) << wire.ladder();
  ASSERT_TRUE(b.stack.end(b.last<IncomingInvite>()->session, {}, wire.now()));
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipSessionTimerByHand, responses_to_a_refresh) {  // §10, RFC 5057 table 2
  struct Row {
    int status;
    bool ends;  // at once; others when the session expires
  };
  for (const Row& row :
       {Row{481, true}, Row{408, true}, Row{404, true}, Row{500, false}, Row{491, false}, Row{603, false}}) {
    SCOPED_TRACE(row.status);
    received.clear();
    to.clear();
    status = 200;
    auto& b = phone("b", fmt::format("10.0.1.{}:5060", row.status % 251).c_str(), seconds(1800));
    dial(b, "Session-Expires: 180;refresher=uas\r\nSupported: timer\r\n", "INVITE, ACK, BYE, CANCEL, UPDATE");
    status = row.status;
    wire.run_for(seconds(95));
    EXPECT_GE(got(Method::update), 1U);
    EXPECT_EQ(b.count<SessionEnded>(), row.ends ? 1U : 0U) << wire.ladder();
    wire.run_for(seconds(60));
    ASSERT_EQ(b.count<SessionEnded>(), 1U);
    EXPECT_EQ(b.last<SessionEnded>()->cause, row.ends ? EndCause::dialog_gone : EndCause::expired);
    EXPECT_LE(got(Method::update), 8U);  // not without a pause
    wire.run_for(seconds(60));
  }
}

SCENARIO(SipSessionTimerByHand, update_that_is_not_allowed_after_all) {
  auto& b = phone("b", "10.0.0.2:5060", seconds(1800));
  dial(b, "Session-Expires: 180;refresher=uas\r\nSupported: timer\r\n", "INVITE, ACK, BYE, CANCEL, UPDATE");
  status = 405;
  wire.run_for(seconds(91));
  EXPECT_EQ(got(Method::update), 1U);
  EXPECT_EQ(b.count<RefreshDue>(), 1U);
  EXPECT_EQ(got(Method::invite), 1U);
  wire.run_for(seconds(300));
  wire.expect_nothing_left();
}

}  // namespace
}  // namespace sidetone::test
