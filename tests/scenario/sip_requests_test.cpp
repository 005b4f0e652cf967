// Requests that start or use nothing of ours, and the order of those that do (RFC 3261 §8.2, §11, §12.2.2).
#include "calls.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipRequest : public TwoPhones {
 protected:
  SipRequest() {
    StackSettings settings;  // a phone that is called without a server
    settings.guard.accept_from = AcceptFrom::anyone;
    phone = &wire.add("phone", "10.0.0.3:5060", settings);
    Account account;
    account.uri = "sip:7001@lab.example";
    account.contact_user = "7001";
    account_id = phone->stack.add_account(account, wire.now());
    wire.add_peer("10.0.0.9:5060", [this](const Message& message, Address) { answers.push_back(message); });
  }
  Message request(std::string_view method, std::string_view to_tag = "", int cseq = 1,
                  std::string_view branch = "") {
    auto message = Message::request(method, "sip:7001@10.0.0.3");
    message.add(HeaderId::via,
                fmt::format("SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK{}{}{}", method, cseq, branch));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, "<sip:peer@10.0.0.9>;tag=peer");
    message.add(HeaderId::to, to_tag.empty() ? "<sip:7001@lab.example>"
                                             : fmt::format("<sip:7001@lab.example>;tag={}", to_tag));
    message.add(HeaderId::call_id, "call-1");
    message.add(HeaderId::cseq, fmt::format("{} {}", cseq, method));
    if (method == "INVITE") message.add(HeaderId::contact, "<sip:peer@10.0.0.9>");
    if (method == "NOTIFY") message.add(HeaderId::event, "message-summary");
    return message;
  }
  void send(const Message& message) {
    wire.inject(*Address::parse("10.0.0.9:5060", 0), phone->address, message);
    wire.run_for(milliseconds(10));
  }
  int answered() const { return answers.empty() ? 0 : answers.back().status(); }

  Node* phone = nullptr;
  AccountId account_id;
  Kept<Message> answers;
};

SCENARIO(SipRequest, outside_of_dialogs) {
  struct Row {
    std::string_view method, to_tag;
    int status;  // 0: comes up to the user
    std::string_view section;
  };
  for (const auto& row : std::vector<Row>{
           {"OPTIONS", "", 200, "§11.2"},
           {"BYE", "", 481, "§15.1.2"},
           {"UPDATE", "", 481, "RFC 3311 §5.2"},
           {"PRACK", "", 481, "RFC 3262 §3"},
           {"INFO", "", 481, "RFC 6086"},
           {"BYE", "gone", 481, "§12.2.2"},
           {"INVITE", "gone", 481, "§12.2.2"},
           {"INFO", "gone", 481, "§12.2.2"},
           {"NOTIFY", "gone", 481, "§12.2.2"},
           {"REFER", "gone", 481, "§12.2.2"},
           {"REGISTER", "", 405, "§8.2.1"},
           {"PUBLISH", "", 405, "§8.2.1"},
           {"FANCY", "", 501, "§21.5.2"},
           {"NOTIFY", "", 0, "unsolicited: message waiting"},
           {"REFER", "", 400, "RFC 3515 §2.4.2: without Refer-To"},
           {"MESSAGE", "", 0, "RFC 3428"},
           {"SUBSCRIBE", "", 489, "RFC 6665 §4.2.1: no package is served"},
       }) {
    SCOPED_TRACE(fmt::format("{} {} {}", row.method, row.to_tag, row.section));
    answers.clear();
    phone->events.clear();
    send(request(row.method, row.to_tag, 1, row.to_tag.empty() ? "x" : "y"));
    EXPECT_EQ(answered(), row.status);
    EXPECT_EQ(phone->count<IncomingRequest>(), row.status == 0 ? 1U : 0U);
    if (row.status == 405 || row.status == 501) EXPECT_TRUE(answers.back().lists(HeaderId::allow, "INVITE"));
    if (row.status == 0) {
      const auto* incoming = phone->last<IncomingRequest>();
      EXPECT_EQ(incoming->account, account_id);
      EXPECT_FALSE(incoming->session);
      ASSERT_TRUE(phone->stack.respond(incoming->id, {202, "", {{"X-A", "b"}}, "", ""}, wire.now()));
      wire.run_for(milliseconds(10));
      EXPECT_EQ(answered(), 202);
      EXPECT_FALSE(phone->stack.respond(incoming->id, {202, "", {}, "", ""}, wire.now()));
    }
  }
  finish();
}

SCENARIO(SipRequest, options_tell_what_we_can) {  // §11.2
  send(request("OPTIONS"));
  ASSERT_EQ(answered(), 200);
  EXPECT_TRUE(answers.back().lists(HeaderId::allow, "UPDATE"));
  EXPECT_TRUE(answers.back().lists(HeaderId::supported, "100rel"));
  EXPECT_EQ(answers.back().value(HeaderId::accept), "application/sdp");
  EXPECT_EQ(answers.back().value(HeaderId::contact), "<sip:7001@10.0.0.3:5060>");
  EXPECT_EQ(answers.back().value(HeaderId::user_agent), "Sidetone");
  finish();
}

SCENARIO(SipRequest, required_extensions_that_we_do_not_know) {  // §8.2.2.3
  auto invite = request("INVITE");
  invite.add(HeaderId::require, "100rel");
  invite.add(HeaderId::require, "join");
  invite.add(HeaderId::require, "precondition");
  send(invite);
  ASSERT_EQ(answered(), 420);
  EXPECT_EQ(answers.back().values(HeaderId::unsupported),
            (std::vector<std::string_view>{"join", "precondition"}));
  EXPECT_EQ(phone->count<IncomingInvite>(), 0U);
  finish();
}

SCENARIO(SipRequest, invites_that_cannot_be_taken) {
  struct Row {
    std::string_view what;
    int status;
    std::function<void(Message&)> change;
  };
  int cseq = 1;
  for (const auto& row : std::vector<Row>{
           {"body of another kind, §8.2.3", 415, [](Message& m) { m.set_body("<x/>", "application/xml"); }},
           {"no Contact, §8.1.1.8", 400, [](Message& m) { m.remove(HeaderId::contact); }},
           {"unknown URI scheme, §8.2.2.1", 416, [](Message& m) { m.set_request_uri("im:7001@x"); }},
       }) {
    SCOPED_TRACE(row.what);
    answers.clear();
    auto invite = request("INVITE", "", ++cseq);
    row.change(invite);
    send(invite);
    EXPECT_EQ(answered(), row.status);
  }
  EXPECT_EQ(phone->count<IncomingInvite>(), 0U);
  finish();
}

SCENARIO(SipRequest, same_invite_by_two_ways) {  // §8.2.2.2
  send(request("INVITE", "", 1, "first"));
  wire.run_for(milliseconds(200));  // §17.2.1: then a 100 says that it has come
  EXPECT_EQ(answered(), 100);
  send(request("INVITE", "", 1, "second"));
  EXPECT_EQ(answered(), 482);
  EXPECT_EQ(phone->count<IncomingInvite>(), 1U);
  ASSERT_TRUE(phone->stack.end(incoming(*phone), {}, wire.now()));
  finish();
}

SCENARIO(SipRequest, too_many_calls) {
  StackSettings settings;
  settings.server_role = true;
  settings.sessions_max = 1;
  auto& small = wire.add("small", "10.0.0.4:5060", settings);
  a.call(small, sdp_a);
  wire.run_for(milliseconds(10));
  b.call(small, sdp_b);
  ASSERT_TRUE(wire.run_until([&] { return b.count<SessionEnded>() == 1; }));
  EXPECT_EQ(b.last<SessionEnded>()->status, 503);
  const auto more = small.stack.invite({}, wire.now());
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().fault, Fault::limit);
  ASSERT_TRUE(small.stack.end(incoming(small), {}, wire.now()));
  finish();
}

SCENARIO(SipRequest, without_account_a_phone_is_nobody) {
  phone->stack.remove_account(account_id, wire.now());
  EXPECT_EQ(phone->stack.account(account_id), nullptr);
  send(request("INVITE"));
  EXPECT_EQ(answered(), 404);
  finish();
}

SCENARIO(SipRequest, account_by_request_uri) {
  Account other;
  other.uri = "sip:7002@lab.example";
  const auto second = phone->stack.add_account(other, wire.now());
  auto invite = request("INVITE");
  invite.set_request_uri("sip:7002@10.0.0.3");
  send(invite);
  ASSERT_EQ(phone->count<IncomingInvite>(), 1U);
  EXPECT_EQ(phone->last<IncomingInvite>()->account, second);
  ASSERT_TRUE(phone->stack.end(incoming(*phone), {}, wire.now()));
  finish();
}

SCENARIO(SipRequest, order_in_a_dialog) {  // §12.2.2
  send(request("INVITE", "", 10));
  ASSERT_TRUE(phone->stack.accept(incoming(*phone), sdp_b, {}, wire.now()));
  wire.run_for(milliseconds(10));
  ASSERT_EQ(answered(), 200);
  const auto tag = phone->dialog(incoming(*phone)).local_tag;
  send(request("ACK", tag, 10));
  EXPECT_EQ(phone->count<Confirmed>(), 1U);
  struct Row {
    std::string_view method;
    int cseq, status;
  };
  for (const auto& row : std::vector<Row>{{"OPTIONS", 12, 200},
                                          {"OPTIONS", 11, 500},  // older
                                          {"BYE", 9, 500},
                                          {"PRACK", 13, 481},  // nothing to acknowledge
                                          {"FANCY", 14, 501},
                                          {"OPTIONS", 100, 200},  // gaps are fine
                                          {"BYE", 101, 200}}) {
    SCOPED_TRACE(fmt::format("{} {}", row.method, row.cseq));
    send(request(row.method, tag, row.cseq));
    EXPECT_EQ(answered(), row.status);
  }
  expect_ended(*phone, EndCause::bye_received);
  finish();
}

SCENARIO(SipRequest, bye_of_the_caller_before_the_answer) {  // §15.1.2
  send(request("INVITE", "", 10));
  const auto tag = phone->dialog(incoming(*phone)).local_tag;
  answers.clear();
  send(request("BYE", tag, 11));
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].status(), 200);
  EXPECT_EQ(answers[1].status(), 487);
  expect_ended(*phone, EndCause::bye_received);
  finish();
}

SCENARIO(SipRequest, requests_within_a_call_both_ways) {
  const auto session = establish();
  b.on_event = [&](const Event& event) {
    if (const auto* request = std::get_if<IncomingRequest>(&event)) {
      EXPECT_EQ(request->session, incoming(b));
      EXPECT_EQ(request->request->body(), "Signal=5");
      EXPECT_TRUE(b.stack.respond(request->id, {200, "", {}, "fine", "text/plain"}, b.now()));
    }
  };
  const auto id = a.stack.request(session, Method::info, {{"Info-Package", "dtmf"}}, "Signal=5",
                                  "application/dtmf-relay", wire.now());
  ASSERT_TRUE(id);
  EXPECT_EQ(a.stack.counters().requests, 1U);
  ASSERT_TRUE(wire.run_until([&] { return a.count<RequestFinished>() == 1; }));
  EXPECT_EQ(a.last<RequestFinished>()->id, *id);
  EXPECT_EQ(a.last<RequestFinished>()->session, session);
  EXPECT_EQ(a.last<RequestFinished>()->status, 200);
  ASSERT_TRUE(a.last<RequestFinished>()->response);
  EXPECT_EQ(a.last<RequestFinished>()->response->body(), "fine");
  for (const auto method : {Method::invite, Method::ack, Method::cancel, Method::bye, Method::prack})
    EXPECT_FALSE(a.stack.request(session, method, {}, "", "", wire.now()));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipRequest, requests_that_outlive_their_call) {
  const auto session = establish();
  b.on_event = nullptr;
  ASSERT_TRUE(a.stack.request(session, Method::info, {}, "x", "text/plain", wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingRequest>() == 1; }));
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  EXPECT_EQ(a.count<RequestFinished>(), 1U);
  EXPECT_TRUE(std::holds_alternative<SessionEnded>(a.events.back()));  // the last event of a session
  EXPECT_FALSE(b.stack.respond(b.last<IncomingRequest>()->id, {}, wire.now()));
}

SCENARIO(SipRequest, request_that_the_user_forgets) {
  send(request("MESSAGE"));
  EXPECT_EQ(phone->stack.counters().requests, 1U);
  wire.run_for(seconds(33));
  EXPECT_EQ(answered(), 500);
  finish();
}

SCENARIO(SipRequest, outside_of_dialogs_by_us) {
  OutgoingRequest options;
  options.target = b.uri("x");
  options.from_uri = a.uri("y");
  ASSERT_TRUE(a.stack.request(options, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<RequestFinished>() == 1; }));
  EXPECT_EQ(a.last<RequestFinished>()->status, 200);
  EXPECT_FALSE(a.last<RequestFinished>()->session);
  options.target = "sip:nobody@10.0.0.77";
  ASSERT_TRUE(a.stack.request(options, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<RequestFinished>() == 2; }));
  EXPECT_EQ(a.last<RequestFinished>()->status, 408);
  EXPECT_EQ(a.last<RequestFinished>()->response, nullptr);
  options.target = "not a uri";
  EXPECT_FALSE(a.stack.request(options, wire.now()));
  options.target = "tel:+491";
  EXPECT_EQ(a.stack.request(options, wire.now()).error().fault, Fault::unreachable);
  finish();
}

}  // namespace
}  // namespace sidetone::test
