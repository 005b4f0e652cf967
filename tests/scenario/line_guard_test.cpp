// Who is listened to: nothing from outside the line's server answers, opens or ends a call. The phone's line
// is at 10.0.0.9; 10.0.0.66 is the attacker, who may know everything that ever crossed; 10.0.0.7 is the
// caller's own phone behind the server.
#include "sip/dialog/dialog.h"
#include "wire.h"

namespace sidetone::test {
namespace {

using namespace sip;

constexpr std::string_view server = "10.0.0.9:5060", other_server = "10.0.0.8:5060", caller = "10.0.0.7:5060",
                           attacker = "10.0.0.66:5060", monitor = "10.9.1.1:5060";

class SipGuard : public ::testing::Test {
 protected:
  SipGuard() {
    StackSettings settings;
    settings.guard.trusted = {IpNetwork::parse("10.9.0.0/16").value()};
    phone = &wire.add("phone", "10.0.0.3:5060", settings);
    Account account;
    account.uri = "sip:7001@lab.example";
    account.server = NextHop{Transport::udp, "10.0.0.9", 5060, {}, {}};
    phone->stack.add_account(account, wire.now());
    for (const auto address : {server, other_server, caller, attacker, monitor})
      wire.add_peer(address, [this, address](const Message& message, Address) {
        answers.emplace_back(address, message.status());
      });
  }
  Message request(std::string_view method, std::string_view to_tag, int cseq, std::string_view via = server,
                  std::string_view from_tag = "peer") {
    auto message = Message::request(method, "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bK{}", via, ++branches));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, fmt::format("<sip:peer@lab.example>;tag={}", from_tag));
    message.add(HeaderId::to, to_tag.empty() ? "<sip:7001@lab.example>"
                                             : fmt::format("<sip:7001@lab.example>;tag={}", to_tag));
    message.add(HeaderId::call_id, "call-1");
    message.add(HeaderId::cseq, fmt::format("{} {}", cseq, method));
    if (method == "INVITE" || method == "UPDATE" || method == "REFER")
      message.add(HeaderId::contact, fmt::format("<sip:peer@{}>", caller));
    if (method == "INVITE") message.set_body(sdp_a, "application/sdp");
    if (method == "REFER") message.add(HeaderId::refer_to, "<sip:900@evil.example>");
    if (method == "NOTIFY") {
      message.add(HeaderId::event, "talk");
      message.add(HeaderId::subscription_state, "active");
    }
    if (method == "PRACK") message.add(HeaderId::rack, "1 1 INVITE");
    return message;
  }
  // The status of the last answer that came to `from`; 0: nothing came.
  int send(std::string_view from, const Message& message) {
    answers.clear();
    wire.inject(*Address::parse(from, 0), phone->address, message);
    wire.run_for(milliseconds(10));
    int status = 0;
    for (const auto& [to, code] : answers)
      if (to == from) status = code;
    return status;
  }
  SessionId ring() {
    EXPECT_EQ(send(server, invite = request("INVITE", "", 1)), 0);  // 100 would follow after 200 ms
    return phone->last<IncomingInvite>()->session;
  }
  SessionId talk() {
    const auto session = ring();
    EXPECT_TRUE(phone->stack.accept(session, sdp_b, {}, wire.now()));
    wire.run_for(milliseconds(10));
    send(server, request("ACK", tag(session), 1));
    EXPECT_EQ(phone->count<Confirmed>(), 1U);
    return session;
  }
  std::string tag(SessionId session) { return phone->stack.dialog(session)->local_tag; }
  GuardCounters refused() const { return phone->stack.counters().refused; }

  Wire wire;
  Node* phone = nullptr;
  Message invite;
  std::vector<std::pair<std::string_view, int>> answers;
  int branches = 0;
};

TEST_F(SipGuard, outside_of_dialogs) {
  struct Row {
    std::string_view section, method, from;
    int status;  // 0: comes up to the user, 100: rings
  };
  std::uint64_t strangers = 0;
  for (const auto& row : std::vector<Row>{
           {"§26.1.3 stranger calls", "INVITE", attacker, 403},
           {"§11 scanners ask with OPTIONS", "OPTIONS", attacker, 403},
           {"RFC 6665 unsolicited", "NOTIFY", attacker, 403},
           {"RFC 3515 §6 Refer-To", "REFER", attacker, 403},
           {"RFC 3428 spoofed text", "MESSAGE", attacker, 403},
           {"RFC 6665", "SUBSCRIBE", attacker, 403},
           {"no dialog is named", "BYE", attacker, 403},
           {"§9 CANCEL of nothing", "CANCEL", attacker, 403},
           {"the caller himself past the server", "INVITE", caller, 403},
           {"a server that no line has", "NOTIFY", other_server, 403},
           {"the line's server", "OPTIONS", server, 200},
           {"the line's server, from another port", "OPTIONS", "10.0.0.9:40001", 200},
           {"a trusted network", "OPTIONS", monitor, 200},
           {"the line's server", "NOTIFY", server, 0},
       }) {
    SCOPED_TRACE(fmt::format("{} {} from {}", row.section, row.method, row.from));
    wire.add_peer(row.from, [this, &row](const Message& message, Address) {
      answers.emplace_back(row.from, message.status());
    });
    const auto servers = phone->stack.counters().servers;
    EXPECT_EQ(send(row.from, request(row.method, "", 1, row.from)), row.status);
    strangers += row.status == 403 ? 1 : 0;
    EXPECT_EQ(refused().strangers, strangers);
    if (row.status == 403) EXPECT_EQ(phone->stack.counters().servers, servers) << "state was made";
  }
  EXPECT_EQ(phone->count<IncomingInvite>(), 0U);
  EXPECT_EQ(phone->count<IncomingRequest>(), 1U);
}

TEST_F(SipGuard, in_a_dialog_with_its_ids) {
  struct Row {
    std::string_view section, method, from;
    int status;  // 0: comes up to the user or, for an ACK, nothing comes back
  };
  const auto session = talk();
  int cseq = 10;
  for (const auto& row : std::vector<Row>{
           {"§15 the attacker hangs up", "BYE", attacker, 403},
           {"§14 the attacker moves the sound", "INVITE", attacker, 403},
           {"RFC 3311", "UPDATE", attacker, 403},
           {"talk opens the microphone", "NOTIFY", attacker, 403},
           {"RFC 3515 sends us elsewhere", "REFER", attacker, 403},
           {"RFC 6086", "INFO", attacker, 403},
           {"RFC 3262", "PRACK", attacker, 403},
           {"§11.2", "OPTIONS", attacker, 403},
           {"§17 an ACK is never answered", "ACK", attacker, 0},
           {"a proxy without Record-Route: the peer speaks for itself", "OPTIONS", caller, 200},
           {"... but gives the phone no orders", "NOTIFY", caller, 403},
           {"... but gives the phone no orders", "REFER", caller, 403},
           {"the server", "OPTIONS", server, 200},
           {"a trusted network", "OPTIONS", monitor, 200},
           {"the server's order", "NOTIFY", server, 0},
           {"§15.1.2 the peer hangs up", "BYE", caller, 200},
       }) {
    SCOPED_TRACE(fmt::format("{} {} from {}", row.section, row.method, row.from));
    const auto before = refused().intruders;
    EXPECT_EQ(send(row.from, request(row.method, tag(session), ++cseq, row.from)), row.status);
    EXPECT_EQ(refused().intruders, before + (row.from == attacker || row.status == 403 ? 1 : 0));
    if (row.method != "BYE" || row.status != 200) ASSERT_EQ(phone->count<SessionEnded>(), 0U);
  }
  EXPECT_EQ(phone->count<SessionEnded>(), 1U);
  EXPECT_EQ(phone->count<OfferReceived>(), 0U);
}

TEST_F(SipGuard, wrong_dialog_ids) {  // RFC 3261 §12.2.2
  const auto session = talk();
  struct Row {
    std::string_view what, method, from, from_tag;
    bool right_to_tag;
    int status;
  };
  for (const auto& row : std::vector<Row>{
           {"our tag is guessed", "BYE", attacker, "peer", false, 481},
           {"the peer's tag is guessed", "BYE", attacker, "guess", true, 481},
           {"both from the server", "BYE", server, "guess", false, 481},
           {"talk for another call", "NOTIFY", attacker, "peer", false, 481},
           {"from the peer's address", "BYE", caller, "guess", true, 481},
       }) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(send(row.from, request(row.method, row.right_to_tag ? tag(session) : "guess", 20, row.from,
                                     row.from_tag)),
              row.status);
  }
  EXPECT_EQ(phone->count<SessionEnded>(), 0U);
  EXPECT_EQ(refused().unknown_dialogs, 4U);
}

// RFC 6665 §4.1.2.4: the NOTIFY makes the dialog, and who was asked may send it from elsewhere.
TEST_F(SipGuard, notify_that_a_subscription_waits_for) {
  Subscribe wish;
  wish.target = fmt::format("sip:7005@{}", caller);
  wish.from_uri = "sip:7001@lab.example";
  wish.event = "x-state";
  ASSERT_TRUE(phone->stack.subscribe(wish, wire.now()));
  wire.settle(*phone);
  wire.run_for(milliseconds(5));
  const auto sent = wire.last("SUBSCRIBE")->message();
  auto notify = request("NOTIFY", tag_of(sent, HeaderId::from), 1, caller);
  notify.set(HeaderId::event, "x-state");
  EXPECT_EQ(send(caller, notify), 481);  // of another call
  notify = request("NOTIFY", tag_of(sent, HeaderId::from), 1, caller);
  notify.set(HeaderId::event, "x-state");
  notify.set(HeaderId::call_id, sent.value(HeaderId::call_id));
  notify.add(HeaderId::contact, fmt::format("<sip:7005@{}>", caller));
  EXPECT_EQ(send(caller, notify), 200);
  EXPECT_EQ(phone->count<NotificationReceived>(), 1U);
}

// A peer that calls itself by a name speaks from where the name leads, in this dialog and with its limits.
TEST_F(SipGuard, peer_whose_contact_is_a_name) {
  wire.dns = [](const DnsQuery& query) {
    DnsAnswer answer;
    answer.outcome = DnsAnswer::Outcome::no_name;
    const bool is_peer = query.name == "pc.example", is_moved = query.name == "moved.example";
    if (query.type != DnsType::a || (!is_peer && !is_moved)) return answer;
    answer.outcome = DnsAnswer::Outcome::answered;
    answer.answers.push_back(
        {query.name, seconds(60), Address::parse(is_peer ? caller : other_server, 0)->ip});
    return answer;
  };
  invite = request("INVITE", "", 1);
  invite.set(HeaderId::contact, "<sip:peer@pc.example:5060>");
  send(server, invite);
  const auto session = phone->last<IncomingInvite>()->session;
  EXPECT_TRUE(phone->stack.accept(session, sdp_b, {}, wire.now()));
  wire.run_for(milliseconds(10));
  send(caller, request("ACK", tag(session), 1, caller));  // RFC 3261 §13.2.2.4: past the server
  EXPECT_EQ(phone->count<Confirmed>(), 1U);
  EXPECT_EQ(send(caller, request("OPTIONS", tag(session), 10, caller)), 200);
  EXPECT_EQ(send(caller, request("NOTIFY", tag(session), 11, caller)), 403) << "no orders from a peer";
  EXPECT_EQ(send(attacker, request("BYE", tag(session), 12, attacker)), 403);
  EXPECT_EQ(send(caller, request("OPTIONS", "", 1, caller)), 403) << "this dialog only";
  EXPECT_EQ(send(other_server, request("BYE", tag(session), 13, other_server)), 403);
  auto update = request("UPDATE", tag(session), 14, caller);
  update.set(HeaderId::contact, "<sip:peer@moved.example:5060>");
  EXPECT_EQ(send(caller, update), 200);
  EXPECT_EQ(send(caller, request("OPTIONS", tag(session), 15, caller)), 403) << "§12.2.2: it has moved";
  const auto local_tag = tag(session);
  EXPECT_EQ(send(other_server, request("BYE", local_tag, 16, other_server)), 200);
  EXPECT_EQ(phone->count<SessionEnded>(), 1U);
  wire.run_dry();
  EXPECT_EQ(send(other_server, request("BYE", local_tag, 17, other_server)), 481) << "known no more";
}

TEST_F(SipGuard, cancel_only_by_the_way_of_its_invite) {  // §9.1
  ring();
  auto cancel = [&](std::string_view) {
    auto message = request("CANCEL", "", 1);
    message.set(HeaderId::via, invite.value(HeaderId::via));
    return message;
  };
  EXPECT_EQ(send(attacker, cancel(attacker)), 403);
  EXPECT_EQ(send(monitor, cancel(monitor)), 481) << "known, but not the way";
  EXPECT_EQ(phone->count<SessionEnded>(), 0U);
  EXPECT_EQ(send(server, cancel(server)), 487);
  EXPECT_EQ(phone->count<SessionEnded>(), 1U);
}

TEST_F(SipGuard, flood_is_dropped_unread_and_its_log_is_bounded) {
  const auto session = talk();
  const auto before = wire.crossings.size();
  for (int i = 0; i < 5000; ++i)
    wire.inject(*Address::parse(attacker, 0), phone->address, request("INVITE", "", 1, attacker));
  wire.run_for(milliseconds(500));
  EXPECT_LE(refused().strangers, 80U);  // 50 at once, 50 per second
  EXPECT_GE(refused().unread, 4900U);
  EXPECT_LE(wire.crossings.size() - before, 5000U + 80U);
  EXPECT_EQ(phone->stack.counters().sessions, 1U);
  // The call is not disturbed: its peer is heard, by the server and directly.
  EXPECT_EQ(send(server, request("OPTIONS", tag(session), 30)), 200);
  EXPECT_EQ(send(caller, request("BYE", tag(session), 31, caller)), 200);
}

TEST_F(SipGuard, stray_responses_of_strangers_are_dropped_unread) {
  // RFC 3261 §17.1.3: our branch from anywhere, RFC 6026 §7.2: anything else is nobody's.
  ASSERT_TRUE(
      phone->stack.request(OutgoingRequest{.target = "sip:900@lab.example",
                                           .from_uri = "sip:7001@lab.example",
                                           .next_hop = NextHop{Transport::udp, "10.0.0.9", 5060, {}, {}}},
                           wire.now()));
  wire.run_for(milliseconds(10));
  const auto answer = Message::response(*parse_message(wire.last("OPTIONS ")->bytes), 200, "OK", {});
  auto guess = answer;
  guess.set(HeaderId::via, "SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bKguessedguessed1");
  for (int i = 0; i < 1000; ++i) wire.inject(*Address::parse(attacker, 0), phone->address, guess);
  wire.run_for(milliseconds(10));
  EXPECT_EQ(refused().strays, 1000U);
  EXPECT_EQ(phone->count<RequestFinished>(), 0U);
  wire.inject(*Address::parse(other_server, 0), phone->address, answer);
  wire.run_for(milliseconds(10));
  EXPECT_EQ(phone->count<RequestFinished>(), 1U) << "a server that answers from its other address";
  EXPECT_EQ(refused().strays, 1000U);
}

TEST_F(SipGuard, running_call_goes_on_when_a_mad_server_has_filled_the_table) {
  StackSettings settings;
  settings.timers.transactions_max = 50;
  auto& small = wire.add("small", "10.0.0.5:5060", settings);
  Account account;
  account.uri = "sip:7001@lab.example";
  account.server = NextHop{Transport::udp, "10.0.0.9", 5060, {}, {}};
  small.stack.add_account(account, wire.now());
  phone = &small;
  const auto session = talk();
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    auto another = request("INVITE", "", 1);
    another.set(HeaderId::call_id, fmt::format("mad-{}", i));
    send(server, another);
    for (const auto& [to, status] : answers) refused += status == 503 ? 1 : 0;  // others' 100 come in between
  }
  EXPECT_GE(refused, 150);
  EXPECT_EQ(send(server, request("OPTIONS", "guessed", 30)), 503) << "a dialog that is none gets no place";
  EXPECT_EQ(send(server, request("OPTIONS", tag(session), 31)), 200);
  EXPECT_EQ(send(server, request("BYE", tag(session), 32)), 200);
  EXPECT_EQ(phone->count<SessionEnded>(), 1U);
}

TEST_F(SipGuard, server_that_moves_speaks_for_the_line_from_its_new_address) {
  Account other;
  other.uri = "sip:7002@lab.example";
  other.server = NextHop{Transport::udp, "10.0.0.8", 5060, {}, {}};
  EXPECT_EQ(send(other_server, request("OPTIONS", "", 1, other_server)), 403);
  const auto id = phone->stack.add_account(other, wire.now());
  EXPECT_EQ(send(other_server, request("OPTIONS", "", 1, other_server)), 200);
  EXPECT_EQ(send(server, request("OPTIONS", "", 1, server)), 200);
  phone->stack.remove_account(id, wire.now());
  EXPECT_EQ(send(other_server, request("OPTIONS", "", 1, other_server)), 403);
  EXPECT_EQ(send(server, request("OPTIONS", "", 1, server)), 200);
}

TEST_F(SipGuard, line_over_tls_believes_only_tls) {
  Account other;
  other.uri = "sips:7002@lab.example";
  other.server = NextHop{Transport::tls, "10.0.0.8", 5061, {}, {}};
  phone->stack.add_account(other, wire.now());
  EXPECT_EQ(send(other_server, request("OPTIONS", "", 1, other_server)), 403);
}

TEST_F(SipGuard, full_stack_says_so_without_state) {  // §21.5.4
  StackSettings settings;
  settings.sessions_max = 1;
  settings.guard.accept_from = AcceptFrom::anyone;
  auto& small = wire.add("small", "10.0.0.4:5060", settings);
  Account account;
  account.uri = "sip:7001@lab.example";
  small.stack.add_account(account, wire.now());
  for (int i = 0; i < 3; ++i) {
    auto call = request("INVITE", "", 1, server, fmt::format("f{}", i));
    wire.inject(*Address::parse(server, 0), small.address, call);
    wire.run_for(milliseconds(5));
  }
  EXPECT_EQ(small.count<IncomingInvite>(), 1U);
  EXPECT_EQ(small.stack.counters().servers, 1U);
  EXPECT_EQ(small.stack.counters().refused.overloaded, 2U);
  EXPECT_EQ(answers.back().second, 503);
  const auto last = wire.last("SIP/2.0 503");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->message().value(HeaderId::retry_after), "10");
}

}  // namespace
}  // namespace sidetone::test
