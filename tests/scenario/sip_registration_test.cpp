// Registrations and credentials (RFC 3261 §10, §22) against a scripted registrar and proxy that checks
// digests.
#include <algorithm>

#include "wire_scenario.h"

namespace sidetone::test {
namespace {

using namespace sip;
using State = RegistrationState;

constexpr std::string_view server_text = "10.0.0.9:5060";

class SipRegistrar : public WireScenario {
 protected:
  SipRegistrar() {
    wire.sip_settings.server_role = false;
    wire.add_peer(server_text, [this](const Message& message, Address from) {
      if (!message.is_request()) return;
      requests.push_back(message);
      times.push_back(wire.now());
      client = from;
      if (message.method() != Method::ack && answer) answer(message);
    });
    answer = [this](const Message& request) { grant(request); };
  }
  Account account(std::chrono::seconds expires = seconds(60)) {
    Account account;
    account.uri = "sip:7001@lab.example";
    account.display_name = "Agent \"A\"";
    account.contact_user = "7001";
    account.credentials = {"7001", Secret<std::string>("xyzzy-4711-plugh"), ""};
    account.server = NextHop{Transport::udp, "10.0.0.9", 5060, {}, {}};
    account.register_expires = expires;
    account.instance_urn = "urn:uuid:0-1";
    return account;
  }
  void send(const Message& message) { wire.inject(server, client, message); }
  void respond(const Message& request, int status, const std::vector<ExtraHeader>& headers = {}) {
    auto response = Message::response(request, status, "", "registrar");
    for (const auto& header : headers) response.add(header.name, header.value);
    send(response);
  }
  void grant(const Message& request, std::string_view expires = "") {
    auto response = Message::response(request, 200, "", "registrar");
    const auto asked = request.value(HeaderId::expires);
    if (asked != "0" && request.method() == Method::register_) {
      response.add(HeaderId::contact, "<sip:someone@10.0.0.5>;expires=5");
      response.add(HeaderId::contact,
                   fmt::format("<sip:7001@10.0.0.1:5060>;expires={}", expires.empty() ? asked : expires));
    }
    send(response);
  }
  // Answers 401 (or 407) until the digest is right, then as before.
  void demand_digest(DigestAlgorithm algorithm, bool proxy = false) {
    digest.emplace("lab", std::vector<DigestAlgorithm>{algorithm}, "key");
    answer = [this, proxy, behind = answer](const Message& request) {
      const auto verdict = digest->verify(request, proxy, "7001", Secret<std::string>(password), wire.now());
      if (verdict == DigestServer::Verdict::ok) return behind(request);
      ++challenges;
      auto response = Message::response(request, proxy ? 407 : 401, "", "registrar");
      digest->challenge(response, proxy, verdict == DigestServer::Verdict::stale, wire.now());
      send(response);
    };
  }
  Kept<State> states() const {
    Kept<State> found;
    for (const auto* change : a.all<RegistrationChanged>()) found.push_back(change->state);
    return found;
  }
  Kept<int> cseqs() const {
    Kept<int> found;
    for (const auto& request : requests)
      if (request.method() == Method::register_)
        found.push_back(std::stoi(std::string(request.value(HeaderId::cseq))));
    return found;
  }
  bool reaches(State state, Duration limit = seconds(60)) {
    return wire.run_until(
        [&] { return a.find_last<RegistrationChanged>() && a.last<RegistrationChanged>()->state == state; },
        limit);
  }
  std::chrono::milliseconds since_start() const {
    return std::chrono::duration_cast<milliseconds>(times.back() - times.front());
  }

  Node& a = wire.add("a", "10.0.0.1:5060", {});
  Address server = *Address::parse(server_text, 0);
  Address client;
  Kept<Message> requests;
  Kept<Time> times;
  std::function<void(const Message&)> answer;
  std::optional<DigestServer> digest;
  std::string password = "xyzzy-4711-plugh";
  int challenges = 0;
};

SCENARIO(SipRegistrar, registers_and_refreshes_at_two_thirds) {
  const auto id = a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(states(), (Kept<State>{State::registering, State::registered}));
  EXPECT_EQ(a.last<RegistrationChanged>()->account, id);
  EXPECT_EQ(a.last<RegistrationChanged>()->status, 200);
  EXPECT_EQ(a.last<RegistrationChanged>()->expires, seconds(60));
  const auto& first = requests.front();
  EXPECT_EQ(first.request_uri(), "sip:lab.example");  // §10.2
  EXPECT_EQ(first.value(HeaderId::to), "\"Agent \\\"A\\\"\" <sip:7001@lab.example>");
  EXPECT_EQ(first.value(HeaderId::contact), "<sip:7001@10.0.0.1:5060>;+sip.instance=\"<urn:uuid:0-1>\"");
  EXPECT_EQ(first.value(HeaderId::expires), "60");

  wire.run_for(seconds(39));
  EXPECT_EQ(requests.size(), 1U);
  wire.run_for(seconds(2));
  EXPECT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].value(HeaderId::call_id), requests[1].value(HeaderId::call_id));
  EXPECT_EQ(cseqs(), (Kept<int>{1, 2}));
  EXPECT_EQ(a.last<RegistrationChanged>()->state, State::registered);
}

SCENARIO(SipRegistrar, granted_time_counts_not_the_wanted_one) {  // §10.2.4, §10.3
  struct Row {
    std::vector<ExtraHeader> headers;
    int expires_s;
  };
  for (const auto& row : std::vector<Row>{
           {{{"Contact", "<sip:7001@10.0.0.1:5060>;expires=30"}}, 30},
           {{{"Contact", "<sip:other@10.0.0.5>;expires=7"}, {"Expires", "45"}}, 45},
           {{{"Contact", "<sip:7001@10.0.0.1>;expires=20"}, {"Expires", "50"}}, 50},  // no port: another URI
           {{{"Expires", "15"}}, 15},
           {{}, 60},
       }) {
    SCOPED_TRACE(row.expires_s);
    a.events.clear();
    answer = [&](const Message& request) { respond(request, 200, row.headers); };
    const auto id = a.stack.add_account(account(), wire.now());
    ASSERT_TRUE(reaches(State::registered));
    EXPECT_EQ(a.last<RegistrationChanged>()->expires, seconds(row.expires_s));
    answer = [this](const Message& request) { grant(request); };
    a.stack.remove_account(id, wire.now());
    ASSERT_TRUE(reaches(State::unregistered));
  }
}

SCENARIO(SipRegistrar, digest) {
  for (const auto algorithm : {DigestAlgorithm::md5, DigestAlgorithm::sha256, DigestAlgorithm::sha512_256}) {
    SCOPED_TRACE(static_cast<int>(algorithm));
    requests.clear();
    a.events.clear();
    challenges = 0;
    answer = [this](const Message& request) { grant(request); };
    demand_digest(algorithm);
    const auto id = a.stack.add_account(account(), wire.now());
    ASSERT_TRUE(reaches(State::registered));
    EXPECT_EQ(challenges, 1);
    EXPECT_EQ(cseqs(), (Kept<int>{1, 2}));
    wire.run_for(seconds(41));  // the refresh brings its credentials along
    EXPECT_EQ(cseqs(), (Kept<int>{1, 2, 3}));
    EXPECT_EQ(challenges, 1);
    a.stack.remove_account(id, wire.now());
    ASSERT_TRUE(reaches(State::unregistered));
    wire.run_for(seconds(1));
  }
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipRegistrar, wrong_password_is_no_loop) {
  demand_digest(DigestAlgorithm::sha256);
  password = "another";
  a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::failed));
  EXPECT_EQ(a.last<RegistrationChanged>()->status, 401);
  EXPECT_FALSE(a.last<RegistrationChanged>()->retry_in);
  EXPECT_EQ(requests.size(), 2U);
  wire.run_dry();
  EXPECT_EQ(requests.size(), 2U);
  wire.expect_nothing_left();
}

SCENARIO(SipRegistrar, server_that_challenges_for_ever_is_no_loop) {
  int nonce = 0;
  answer = [&](const Message& request) {
    respond(request, 401,
            {{"WWW-Authenticate", fmt::format("Digest realm=\"lab\", nonce=\"n{}\", stale=true", ++nonce)}});
  };
  a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::failed));
  EXPECT_LE(requests.size(), 5U);
}

SCENARIO(SipRegistrar, failure_retry_and_recovery) {
  auto wish = account();
  wish.register_retry = seconds(10);
  answer = [&](const Message& request) { respond(request, 503); };
  a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::failed));
  EXPECT_EQ(a.last<RegistrationChanged>()->status, 503);
  EXPECT_EQ(a.last<RegistrationChanged>()->text, "Service Unavailable");
  // Not before the interval; up to half as much more, so that a returning server is not run over.
  const auto retry_in = a.last<RegistrationChanged>()->retry_in.value_or(Duration{0});
  EXPECT_GE(retry_in, Duration(seconds(10)));
  EXPECT_LE(retry_in, Duration(seconds(15)));
  wire.run_for(retry_in + milliseconds(100));
  EXPECT_EQ(requests.size(), 2U);
  EXPECT_NEAR(static_cast<double>(since_start().count()), static_cast<double>(retry_in.count()) / 1000.0,
              50.0);
  answer = [this](const Message& request) { grant(request); };
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(cseqs(), (Kept<int>{1, 2, 3}));
  EXPECT_EQ(requests.front().value(HeaderId::call_id), requests.back().value(HeaderId::call_id));
}

// Found by the simulation: after an outage of some tries, one 403 kept a line away for half an hour.
SCENARIO(SipRegistrar, outage_does_not_lengthen_the_pause_after_a_refusal) {
  auto wish = account();
  wish.register_retry = seconds(10);
  int status = 503;
  answer = [&](const Message& request) { respond(request, status); };
  a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::failed));
  wire.run_for(seconds(70));  // more 503s
  EXPECT_GE(requests.size(), 4U);
  status = 403;
  wire.run_for(seconds(20));
  ASSERT_EQ(a.last<RegistrationChanged>()->status, 403);
  const auto first = a.last<RegistrationChanged>()->retry_in.value_or(Duration{0});
  EXPECT_GE(first, Duration(seconds(60)));
  EXPECT_LE(first, Duration(seconds(120)));
  wire.run_for(first + seconds(1));  // the second 403 in a row: twice as long
  const auto second = a.last<RegistrationChanged>()->retry_in.value_or(Duration{0});
  EXPECT_GE(second, Duration(seconds(120)));
}

SCENARIO(SipRegistrar, retry_after_is_respected) {  // §20.33
  auto wish = account();
  wish.register_retry = seconds(10);
  answer = [&](const Message& request) { respond(request, 503, {{"Retry-After", "25"}}); };
  a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::failed));
  EXPECT_GE(a.last<RegistrationChanged>()->retry_in, Duration(seconds(25)));
  EXPECT_LE(a.last<RegistrationChanged>()->retry_in, Duration(seconds(30)));
}

SCENARIO(SipRegistrar, nobody_answers) {
  auto wish = account();
  wish.register_retry = seconds(10);
  answer = nullptr;
  a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::failed));
  EXPECT_EQ(a.last<RegistrationChanged>()->status, 0);
  EXPECT_FALSE(a.last<RegistrationChanged>()->text.empty());
  EXPECT_EQ(cseqs().back(), 1);  // repeated by its transaction, timer F
  answer = [this](const Message& request) { grant(request); };
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(cseqs().back(), 2);
}

SCENARIO(SipRegistrar, interval_too_brief) {  // §10.2.8
  answer = [&](const Message& request) {
    if (request.value(HeaderId::expires) == "60") return respond(request, 423, {{"Min-Expires", "120"}});
    grant(request);
  };
  a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(a.last<RegistrationChanged>()->expires, seconds(120));
  EXPECT_EQ(states(), (Kept<State>{State::registering, State::registered}));
  // A registrar that never has enough.
  int least = 1000;
  answer = [&](const Message& request) {
    respond(request, 423, {{"Min-Expires", std::to_string(least *= 2)}});
  };
  ASSERT_TRUE(reaches(State::failed, seconds(100)));
  EXPECT_EQ(a.last<RegistrationChanged>()->status, 423);
}

SCENARIO(SipRegistrar, unregister_and_register_again) {
  const auto id = a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  a.stack.unregister(id, wire.now());
  ASSERT_TRUE(reaches(State::unregistered));
  EXPECT_EQ(requests.back().value(HeaderId::expires), "0");
  wire.run_dry();
  EXPECT_EQ(requests.size(), 2U);
  wire.expect_nothing_left();
  a.stack.register_now(id, wire.now());
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(cseqs(), (Kept<int>{1, 2, 3}));
  a.stack.register_now(id, wire.now());  // at once, whatever timers run
  wire.run_for(milliseconds(10));
  EXPECT_EQ(cseqs(), (Kept<int>{1, 2, 3, 4}));
}

SCENARIO(SipRegistrar, unregister_while_registering) {
  answer = nullptr;
  const auto id = a.stack.add_account(account(), wire.now());
  wire.run_for(milliseconds(100));
  a.stack.unregister(id, wire.now());
  EXPECT_EQ(cseqs(), (Kept<int>{1}));  // §10.2: one after the other
  answer = [this](const Message& request) { grant(request); };
  ASSERT_TRUE(reaches(State::unregistered));
  EXPECT_EQ(requests.back().value(HeaderId::expires), "0");
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipRegistrar, unregister_after_failure_needs_no_request) {
  auto wish = account();
  wish.register_retry = seconds(10);
  answer = [&](const Message& request) { respond(request, 403); };
  const auto id = a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::failed));
  a.stack.unregister(id, wire.now());
  ASSERT_TRUE(reaches(State::unregistered));
  wire.run_dry();
  EXPECT_EQ(requests.size(), 1U);
  wire.expect_nothing_left();
}

SCENARIO(SipRegistrar, removed_account_unregisters_and_is_gone) {
  demand_digest(DigestAlgorithm::md5);
  const auto id = a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  a.stack.remove_account(id, wire.now());
  EXPECT_EQ(a.stack.account(id), nullptr);
  ASSERT_TRUE(reaches(State::unregistered));
  a.stack.register_now(id, wire.now());
  a.stack.unregister(id, wire.now());
  Invite invite;
  invite.account = id;
  invite.target = "sip:x@lab.example";
  EXPECT_EQ(a.stack.invite(invite, wire.now()).error().fault, Fault::not_found);
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipRegistrar, call_with_credentials) {  // §22.2, §22.3, §13.2.2.4
  for (const bool proxy : {false, true}) {
    SCOPED_TRACE(proxy);
    requests.clear();
    challenges = 0;
    a.events.clear();
    answer = [this](const Message& request) {
      auto response = Message::response(request, 200, "", "callee");
      response.add(HeaderId::contact, "<sip:callee@10.0.0.9>");
      if (request.method() == Method::invite) response.set_body(sdp_b, "application/sdp");
      send(response);
    };
    demand_digest(proxy ? DigestAlgorithm::md5 : DigestAlgorithm::sha256, proxy);
    const auto id = a.stack.add_account(account(seconds(0)), wire.now());
    Invite invite;
    invite.account = id;
    invite.target = "sip:7002@lab.example";
    invite.sdp = sdp_a;
    const auto session = a.stack.invite(invite, wire.now());
    ASSERT_TRUE(session);
    ASSERT_TRUE(wire.run_until([&] { return a.count<Accepted>() == 1; }));
    EXPECT_EQ(challenges, 1);
    wire.run_for(milliseconds(5));
    const auto ack = requests.back();
    ASSERT_EQ(ack.method(), Method::ack);
    EXPECT_EQ(ack.value(HeaderId::cseq), "2 ACK");
    EXPECT_TRUE(ack.has(proxy ? HeaderId::proxy_authorization : HeaderId::authorization));  // §22.1
    EXPECT_EQ(requests.front().value(HeaderId::call_id), ack.value(HeaderId::call_id));

    // A new nonce for the requests within the call: answered there as well.
    for (const auto method : {Method::info, Method::bye}) {
      challenges = 0;
      digest.emplace("lab", std::vector{DigestAlgorithm::sha256},
                     fmt::format("key-{}", static_cast<int>(method)));
      if (method == Method::info)
        ASSERT_TRUE(a.stack.request(*session, method, {}, "x", "text/plain", wire.now()));
      else
        ASSERT_TRUE(a.stack.offer(*session, sdp_c, wire.now()));
      wire.run_for(milliseconds(20));
      EXPECT_EQ(challenges, 1);
    }
    EXPECT_EQ(a.last<RequestFinished>()->status, 200);
    EXPECT_EQ(a.count<OfferAnswered>(), 1U);
    ASSERT_TRUE(a.stack.end(*session, {}, wire.now()));
    ASSERT_TRUE(wire.run_until([&] { return a.count<SessionEnded>() == 1; }));
    a.stack.remove_account(id, wire.now());
    wire.run_dry();
    wire.expect_nothing_left();
  }
}

SCENARIO(SipRegistrar, call_without_the_right_password_is_refused) {
  demand_digest(DigestAlgorithm::md5);
  password = "another";
  Invite invite;
  invite.account = a.stack.add_account(account(seconds(0)), wire.now());
  invite.target = "sip:7002@lab.example";
  ASSERT_TRUE(a.stack.invite(invite, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<SessionEnded>() == 1; }));
  EXPECT_EQ(a.last<SessionEnded>()->cause, EndCause::refused);
  EXPECT_EQ(a.last<SessionEnded>()->status, 401);
  EXPECT_EQ(challenges, 2);
}

SCENARIO(SipRegistrar, incoming_call_belongs_to_the_account_of_its_server) {
  auto other = account(seconds(0));
  other.contact_user = "first";
  other.server = NextHop{Transport::udp, "10.0.0.8", 5060, {}, {}};
  a.stack.add_account(other, wire.now());
  const auto id = a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  auto invite = Message::request(Method::invite, "sip:whoever@10.0.0.1");
  invite.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bKin", server_text));
  invite.add(HeaderId::from, "<sip:peer@lab.example>;tag=peer");
  invite.add(HeaderId::to, "<sip:7001@lab.example>");
  invite.add(HeaderId::call_id, "incoming");
  invite.add(HeaderId::cseq, "1 INVITE");
  invite.add(HeaderId::max_forwards, "70");
  invite.add(HeaderId::contact, "<sip:peer@10.0.0.9>");
  send(invite);
  ASSERT_TRUE(wire.run_until([&] { return a.count<IncomingInvite>() == 1; }));
  EXPECT_EQ(a.last<IncomingInvite>()->account, id);
}

}  // namespace
}  // namespace sidetone::test
