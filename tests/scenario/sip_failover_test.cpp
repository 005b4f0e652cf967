// Several servers behind one name (RFC 3263 §4.3, RFC 3261 §8.1.3.1): which one a line uses, when another one
// is tried, and who stays where, in virtual time.
#include <gmock/gmock.h>

#include "../unit/sip/location_desk.h"
#include "sip/dialog/dialog.h"
#include "wire_scenario.h"

namespace sidetone::test {
namespace {

using namespace sip;
using ::testing::ElementsAre;
using Strings = std::vector<std::string>;

class SipFailover : public WireScenario {
 protected:
  SipFailover() {
    wire.sip_settings.server_role = false;
    wire.sip_settings.timers.client_timeout = milliseconds(4000);  // sip_transaction_timeout
    zone.records = {"SRV _sip._udp.pool.example 1 0 5060 one.pool.example",
                    "SRV _sip._udp.pool.example 2 0 5060 two.pool.example",
                    "SRV _sip._udp.pool.example 3 0 5060 three.pool.example",
                    "A one.pool.example 10.0.1.1",
                    "A two.pool.example 10.0.1.2",
                    "A three.pool.example 10.0.1.3"};
    wire.dns = [this](const DnsQuery& query) { return zone.answer(query.name, query.type); };
    for (int i = 1; i <= 3; ++i) {
      const auto at = *Address::parse(fmt::format("10.0.1.{}:5060", i), 5060);
      wire.add_peer(at.to_string(), [this, at, i](const Message& message, Address from) {
        if (!message.is_request()) return;
        seen.push_back(fmt::format("{} {}", i, message.method_name()));
        branches.emplace_back(message.value(HeaderId::via));
        kept.push_back(message);
        if (dead.contains(i) || message.method() == Method::ack) return;
        int status = 200;
        if (const auto at_status = answers.find(i); at_status != answers.end()) status = at_status->second;
        auto response = Message::response(message, status, "", fmt::format("srv{}", i));
        if (status == 503 && !retry_after.empty()) response.add("Retry-After", retry_after);
        if (message.method() == Method::register_ && status == 200) {
          response.add(HeaderId::contact, message.value(HeaderId::contact));
          response.add(HeaderId::expires, message.value(HeaderId::expires));
        }
        if (message.method() == Method::invite && status < 300) {
          response.add(HeaderId::contact, contact.empty() ? "<sip:peer@" + at.to_string() + ">" : contact);
          if (status == 200) response.set_body(sdp_b, "application/sdp");
        }
        wire.inject(at, from, response);
      });
    }
    phone = &wire.add("phone", "10.0.0.1:5060");
  }
  void add_line(seconds expires = seconds(0), seconds retry = seconds(0), Credentials credentials = {}) {
    Account account;
    account.credentials = std::move(credentials);
    account.uri = "sip:7001@pool.example";
    account.server = NextHop{Transport::udp, "pool.example", 0, {}, {}};
    account.register_expires = expires;
    account.register_retry = retry;
    line = phone->stack.add_account(account, wire.now());
    wire.settle(*phone);
  }
  void options() {
    const auto sent = phone->stack.request(
        {.account = line, .method = Method::options, .target = "sip:7002@pool.example"}, wire.now());
    ASSERT_TRUE(sent);
    wire.settle(*phone);
  }
  SessionId invite() {
    const auto made =
        phone->stack.invite({.account = line, .target = "sip:7002@pool.example", .sdp = sdp_a}, wire.now());
    EXPECT_TRUE(made);
    wire.settle(*phone);
    return *made;
  }
  // What each server saw, retransmissions left out.
  Strings met() const {
    Strings all;
    for (const auto& one : seen)
      if (all.empty() || all.back() != one) all.push_back(one);
    return all;
  }

  ::sidetone::sip::test::Zone zone;
  std::set<int> dead;
  std::map<int, int> answers;  // by server; else 200
  std::string retry_after, contact;
  Strings seen, branches;
  std::vector<Message> kept;
  Node* phone = nullptr;
  AccountId line;
};

SCENARIO(SipFailover, TheFirstByPriorityIsUsed) {
  add_line();
  options();
  wire.run_for(seconds(2));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS"));
  EXPECT_EQ(phone->last<RequestFinished>()->status, 200);
}

SCENARIO(SipFailover, ATimeoutLeadsToTheNext) {  // RFC 3263 §4.3
  add_line();
  dead = {1};
  options();
  ASSERT_TRUE(wire.run_until([&] { return phone->count<RequestFinished>() == 1; }, milliseconds(4100)));
  EXPECT_EQ(phone->last<RequestFinished>()->status, 200);
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 OPTIONS"));
  // The same request with a new branch.
  const auto &first = kept.front(), &second = kept.back();
  EXPECT_NE(branches.front(), branches.back());
  for (const auto header : {HeaderId::call_id, HeaderId::cseq, HeaderId::from, HeaderId::to})
    EXPECT_EQ(first.value(header), second.value(header));
}

SCENARIO(SipFailover, A503LeadsToTheNextAtOnce) {
  add_line();
  answers[1] = 503;
  options();
  ASSERT_TRUE(wire.run_until([&] { return phone->count<RequestFinished>() == 1; }, milliseconds(100)));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 OPTIONS"));
}

SCENARIO(SipFailover, ATransportErrorLeadsToTheNextAtOnce) {
  add_line();
  dead = {1};
  options();
  wire.run_for(milliseconds(10));
  phone->stack.transport().datagram_failed(phone->udp, *Address::parse("10.0.1.1:5060", 0),
                                           "port unreachable", wire.now());
  phone->stack.run(wire.now());
  ASSERT_TRUE(wire.run_until([&] { return phone->count<RequestFinished>() == 1; }, milliseconds(100)));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 OPTIONS"));
}

SCENARIO(SipFailover, OtherRefusalsAreAnswers) {  // §4.3 names 503 alone
  add_line();
  for (const int status : {404, 486, 500, 504, 603}) {
    seen.clear();
    answers[1] = status;
    options();
    wire.run_for(seconds(1));
    EXPECT_EQ(phone->last<RequestFinished>()->status, status);
    EXPECT_THAT(met(), ElementsAre("1 OPTIONS"));
  }
}

SCENARIO(SipFailover, AllDeadEndsInBoundedTime) {
  add_line();
  dead = {1, 2, 3};
  options();
  ASSERT_TRUE(wire.run_until([&] { return phone->count<RequestFinished>() == 1; }, milliseconds(12100)));
  EXPECT_EQ(phone->last<RequestFinished>()->status, 408);
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 OPTIONS", "3 OPTIONS"));
}

SCENARIO(SipFailover, NoFurtherTargetAfterTheTimeOfATransaction) {
  wire.sip_settings.timers.client_timeout = seconds(20);
  phone = &wire.add("slow", "10.0.0.2:5060");
  add_line();
  dead = {1, 2, 3};
  options();
  ASSERT_TRUE(wire.run_until([&] { return phone->count<RequestFinished>() == 1; }, seconds(41)));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 OPTIONS"));
}

SCENARIO(SipFailover, TheLineStaysWithWhoAnsweredAndMovesWithItsRegistration) {
  add_line(seconds(600));
  wire.run_for(seconds(1));
  EXPECT_THAT(met(), ElementsAre("1 REGISTER"));
  dead = {1};
  seen.clear();
  options();
  wire.run_for(seconds(10));
  // The request failed over, and the line registered anew, not at the next refresh in seven minutes.
  EXPECT_EQ(phone->last<RequestFinished>()->status, 200);
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 REGISTER", "2 OPTIONS"));
  dead.clear();
  seen.clear();
  options();
  wire.run_for(seconds(1));
  EXPECT_THAT(met(), ElementsAre("2 OPTIONS"));  // it stays, though server 1 is back
}

SCENARIO(SipFailover, AFailedServerIsTriedLastForAMinute) {
  add_line();
  dead = {1};
  options();
  wire.run_for(seconds(6));
  phone->stack.remove_account(line, wire.now());
  dead.clear();
  add_line();  // a line of its own, with no current server
  seen.clear();
  options();
  wire.run_for(seconds(2));
  EXPECT_THAT(met(), ElementsAre("2 OPTIONS"));
  phone->stack.remove_account(line, wire.now());
  wire.run_for(seconds(60));
  add_line();
  seen.clear();
  options();
  wire.run_for(seconds(2));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS"));
}

SCENARIO(SipFailover, RetryAfterKeepsUsAway) {  // RFC 3261 §21.5.4
  add_line();
  answers[1] = 503;
  retry_after = "120";
  options();
  wire.run_for(seconds(1));
  dead = {2, 3};
  seen.clear();
  options();
  wire.run_for(seconds(30));
  EXPECT_THAT(met(), ElementsAre("2 OPTIONS", "3 OPTIONS"));  // not even as a last resort
  dead.clear();
  answers.clear();
  wire.run_for(seconds(120));
  phone->stack.remove_account(line, wire.now());
  add_line();
  seen.clear();
  options();
  wire.run_for(seconds(1));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS"));
}

SCENARIO(SipFailover, AnInviteThatRingsIsNotBoundByTheTransactionTimeout) {
  add_line();
  answers[1] = 180;
  invite();
  wire.run_for(seconds(60));
  EXPECT_THAT(met(), ElementsAre("1 INVITE"));
  EXPECT_EQ(phone->count<SessionEnded>(), 0U);
}

SCENARIO(SipFailover, CancelGoesWhereTheInviteIs) {  // RFC 3261 §9.1
  add_line();
  dead = {1};
  answers[2] = 180;
  const auto session = invite();
  ASSERT_TRUE(wire.run_until([&] { return phone->count<ProvisionalReceived>() == 1; }, seconds(5)));
  ASSERT_TRUE(phone->stack.end(session, {}, wire.now()));
  wire.settle(*phone);
  wire.run_for(milliseconds(300));
  EXPECT_THAT(met(), ElementsAre("1 INVITE", "2 INVITE", "2 CANCEL"));
}

SCENARIO(SipFailover, ACancelledInviteTriesNoOther) {
  add_line();
  dead = {1};
  const auto session = invite();
  wire.run_for(seconds(1));
  ASSERT_TRUE(phone->stack.end(session, {}, wire.now()));
  wire.settle(*phone);
  wire.run_for(seconds(60));
  EXPECT_THAT(met(), ElementsAre("1 INVITE"));
  EXPECT_EQ(phone->count<SessionEnded>(), 1U);
}

SCENARIO(SipFailover, CancelledWhileTheNameIsLookedUp) {
  zone.silent = {"*"};
  wire.dns = [](const DnsQuery&) {
    DnsAnswer silence;
    silence.outcome = DnsAnswer::Outcome::no_answer;
    return silence;
  };
  add_line();
  const auto session = invite();
  ASSERT_TRUE(phone->stack.end(session, {}, wire.now()));
  wire.settle(*phone);
  EXPECT_EQ(phone->count<SessionEnded>(), 1U);
  wire.run_for(seconds(60));
  EXPECT_TRUE(seen.empty());
  wire.expect_nothing_left();
}

SCENARIO(SipFailover, AckAndByeFollowTheCall) {
  contact = "<sip:peer@pool.example>";  // the dialog's target is the name: RFC 3263 applies to each request
  add_line();
  dead = {1};
  const auto session = invite();
  ASSERT_TRUE(wire.run_until([&] { return phone->count<Accepted>() == 1; }, seconds(5)));
  dead.clear();
  wire.run_for(milliseconds(100));
  ASSERT_TRUE(phone->stack.end(session, {}, wire.now()));
  wire.settle(*phone);
  wire.run_for(seconds(1));
  EXPECT_THAT(met(), ElementsAre("1 INVITE", "2 INVITE", "2 ACK", "2 BYE"));
}

SCENARIO(SipFailover, ADeadResolverIsSaidInWords) {
  zone.silent = {"*"};
  add_line(seconds(600), seconds(10));
  wire.run_for(seconds(5));
  ASSERT_GE(phone->count<RegistrationChanged>(), 2U);
  const auto* failed = phone->all<RegistrationChanged>()[1];
  EXPECT_EQ(failed->state, RegistrationState::failed);
  EXPECT_EQ(
      failed->text,
      "The name pool.example could not be resolved: SRV _sip._udp.pool.example: server 192.0.2.53:53 did "
      "not answer within 3 s");
  zone.silent.clear();
  wire.run_for(seconds(20));  // reg_interval and the memory of the failure pass
  EXPECT_EQ(phone->last<RegistrationChanged>()->state, RegistrationState::registered);
}

SCENARIO(SipFailover, TheResolverMayDieLater) {  // RFC 8767
  add_line(seconds(600), seconds(10));
  wire.run_for(seconds(1));
  zone.silent = {"*"};
  wire.run_for(seconds(7200));
  EXPECT_EQ(phone->last<RegistrationChanged>()->state, RegistrationState::registered);
}

SCENARIO(SipFailover, AnAnswerThatLiesAboutEverythingHarmsNobody) {
  // A thousand records, ports of zero, targets that lead nowhere; the good one is among them.
  zone.records = {"SRV _sip._udp.pool.example 0 0 0 zero.pool.example",
                  "SRV _sip._udp.pool.example 9 0 5060 two.pool.example", "A two.pool.example 10.0.1.2"};
  for (int i = 0; i < 10; ++i)
    zone.records.push_back(fmt::format("SRV _sip._udp.pool.example 1 0 5060 h{}.nowhere.example", i));
  for (int i = 0; i < 1000; ++i)
    zone.records.emplace_back("SRV _sip._udp.pool.example 10 0 5060 same.nowhere.example");
  add_line();
  options();
  wire.run_for(seconds(2));
  EXPECT_THAT(met(), ElementsAre("2 OPTIONS"));
  EXPECT_LE(wire.queries.size(), 64U);
}

SCENARIO(SipFailover, ATargetThatLeavesTheRecordsIsLeft) {
  zone.records = {"60: SRV _sip._udp.pool.example 1 0 5060 one.pool.example",
                  "60: A one.pool.example 10.0.1.1"};
  add_line();
  options();
  wire.run_for(seconds(1));
  zone.records = {"60: SRV _sip._udp.pool.example 1 0 5060 two.pool.example",
                  "60: A two.pool.example 10.0.1.2"};
  wire.run_for(seconds(61));
  options();
  wire.run_for(seconds(1));
  EXPECT_THAT(met(), ElementsAre("1 OPTIONS", "2 OPTIONS"));
}

SCENARIO(SipFailover, AnotherNetworkIsAskedAnew) {
  for (const bool slept : {false, true}) {
    add_line();
    options();
    wire.run_for(seconds(1));
    const auto before = wire.queries.size();
    if (slept)
      phone->stack.on_resume(std::chrono::hours(1), wire.now());
    else
      phone->stack.on_network_change({phone->address.ip}, wire.now());
    wire.settle(*phone);
    options();
    wire.run_for(seconds(1));
    EXPECT_GT(wire.queries.size(), before) << (slept ? "after a sleep" : "in another network");
  }
}

// The first server's INVITE was given up, the second one's was challenged: two CSeq numbers of one call.
SCENARIO(SipFailover, ALateAnswerGetsTheAckOfItsOwnInvite) {  // RFC 3261 §13.2.2.4
  const auto first = *Address::parse("10.0.1.1:5060", 5060), second = *Address::parse("10.0.1.2:5060", 5060);
  dead = {1, 2};
  add_line(seconds(0), seconds(0), {"7001", Secret<std::string>("xyzzy-4711-plugh"), ""});
  invite();
  ASSERT_TRUE(wire.run_until([&] { return !seen.empty() && seen.back() == "2 INVITE"; }, seconds(5)));
  const auto answer = [&](const Message& invite, const Address& server, int status) {
    auto response = Message::response(invite, status, "", fmt::format("late{}", server.to_string()));
    if (status == 401) response.add(HeaderId::www_authenticate, "Digest realm=\"pool\", nonce=\"n\"");
    if (status == 200) response.add(HeaderId::contact, fmt::format("<sip:peer@{}>", server.to_string()));
    if (status == 200) response.set_body(sdp_b, "application/sdp");
    wire.inject(server, phone->address, response);
    wire.run_for(milliseconds(100));
  };
  const Message given_up = kept.front();
  answer(kept.back(), second, 401);
  ASSERT_EQ(cseq_of(kept.back()), 2U);
  answer(kept.back(), second, 200);
  answer(given_up, first, 200);
  std::vector<std::string> acks;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (kept[i].method() == Method::ack) acks.push_back(fmt::format("{} of {}", seen[i], cseq_of(kept[i])));
  EXPECT_THAT(acks, ElementsAre("2 ACK of 1", "2 ACK of 2", "1 ACK of 1"));  // the first: to the 401
  EXPECT_EQ(seen.back(), "1 BYE");
  EXPECT_EQ(phone->count<Accepted>(), 1U);
}

}  // namespace
}  // namespace sidetone::test
