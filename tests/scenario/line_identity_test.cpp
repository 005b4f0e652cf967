// Who the line is and proves to be: routes and flows of a registration, whom the password is proved to, how
// often a refused one is tried, callers who do not want to be known.
#include "sip/message/headers.h"
#include "wire.h"

namespace sidetone::test {
namespace {

using namespace sip;
using State = RegistrationState;

constexpr std::string_view password = "xyzzy-4711-plugh";

class SipIdentity : public ::testing::Test {
 protected:
  SipIdentity() {
    wire.sip_settings.server_role = false;
    wire.add_peer("10.0.0.9:5060", [this](const Message& message, Address from) {
      if (!message.is_request()) return;
      requests.push_back(message);
      times.push_back(wire.now());
      phone_at = from;
      if (message.method() != Method::ack && answer) answer(message);
    });
    wire.add_peer("10.0.0.7:5060", [this](const Message& message, Address) {
      if (message.is_request()) direct.push_back(message);
    });
    answer = [this](const Message& request) { respond(request, 200); };
  }
  static Account account() {
    Account account;
    account.uri = "sip:7001@lab.example";
    account.contact_user = "7001";
    account.credentials = {"7001", Secret<std::string>(std::string(password)), ""};
    account.server = NextHop{Transport::udp, "10.0.0.9", 5060, {}, {}};
    account.register_expires = seconds(60);
    account.instance_urn = "urn:uuid:0-1";
    return account;
  }
  void send(const Message& message) {
    wire.inject(*Address::parse("10.0.0.9:5060", 0), *Address::parse("10.0.0.1:5060", 0), message);
  }
  void respond(const Message& request, int status, const std::vector<ExtraHeader>& headers = {}) {
    auto response = Message::response(request, status, "", "server");
    for (const auto& header : headers) response.add(header.name, header.value);
    send(response);
  }
  [[nodiscard]] State state() const {
    const auto changes = a.all<RegistrationChanged>();
    return changes.empty() ? State::unregistered : changes.back()->state;
  }
  bool reaches(State wanted, Duration limit = seconds(60)) {
    return wire.run_until([&] { return state() == wanted; }, limit);
  }
  SessionId call(AccountId id, bool anonymous = false) {
    Invite invite;
    invite.account = id;
    invite.target = "sip:7002@lab.example";
    invite.sdp = sdp_a;
    invite.anonymous = anonymous;
    const auto session = a.stack.invite(std::move(invite), wire.now());
    EXPECT_TRUE(session);
    wire.settle(a);
    wire.run_for(milliseconds(100));
    return session.value_or(SessionId{});
  }

  Wire wire;
  Node& a = wire.add("a", "10.0.0.1:5060", {});
  Address phone_at;
  std::vector<Message> requests, direct;
  std::vector<Time> times;
  std::function<void(const Message&)> answer;
};

TEST_F(SipIdentity, service_route_is_taken) {  // RFC 3608 §5, §6.1
  struct Row {
    std::string_view what;
    std::vector<ExtraHeader> headers;
    std::vector<std::string_view> routes;
  };
  for (const auto& row : std::vector<Row>{
           {"two, in their order",
            {{"Service-Route", "<sip:p1.lab;lr>"}, {"Service-Route", "<sip:p2.lab;lr>;x=1"}},
            {"<sip:p1.lab;lr>", "<sip:p2.lab;lr>;x=1"}},
           {"none", {}, {}},
           {"a strict one spoils all", {{"Service-Route", "<sip:p1.lab;lr>, <sip:p2.lab>"}}, {}},
           {"no URI of ours", {{"Service-Route", "<tel:1;lr>"}}, {}},
           {"too many", std::vector<ExtraHeader>(9, {"Service-Route", "<sip:p.lab;lr>"}), {}},
       }) {
    SCOPED_TRACE(row.what);
    answer = [&](const Message& request) {
      respond(request, 200, request.method() == Method::register_ ? row.headers : std::vector<ExtraHeader>{});
    };
    const auto id = a.stack.add_account(account(), wire.now());
    ASSERT_TRUE(reaches(State::registered));
    EXPECT_FALSE(requests.back().has(HeaderId::route));
    EXPECT_TRUE(requests.back().lists(HeaderId::supported, "path"));  // RFC 3327 §5.1
    const auto asked =
        a.stack.request({.account = id, .method = Method::options, .target = "sip:x@y"}, wire.now());
    ASSERT_TRUE(asked);
    wire.run_for(milliseconds(10));
    EXPECT_EQ(requests.back().values(HeaderId::route), row.routes);
    EXPECT_EQ(requests.back().request_uri(), "sip:x@y");
    a.stack.remove_account(id, wire.now());
    wire.run_for(seconds(1));
    EXPECT_FALSE(requests.back().has(HeaderId::route)) << "REGISTER takes none";
  }
}

TEST_F(SipIdentity, outbound_flow_is_registered) {  // RFC 5626 §4.2.1, §4.3
  auto wish = account();
  wish.outbound = true;
  bool speaks_it = true;
  answer = [&](const Message& request) {
    respond(request, 200,
            speaks_it ? std::vector<ExtraHeader>{{"Require", "outbound"}} : std::vector<ExtraHeader>{});
  };
  const auto id = a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(requests.back().value(HeaderId::contact),
            "<sip:7001@10.0.0.1:5060>;+sip.instance=\"<urn:uuid:0-1>\";reg-id=1");
  EXPECT_TRUE(requests.back().lists(HeaderId::supported, "outbound"));
  EXPECT_TRUE(requests.back().lists(HeaderId::supported, "path"));
  call(id);
  EXPECT_EQ(requests.front().method(), Method::register_);
  EXPECT_NE(wire.last("INVITE")->message().value(HeaderId::contact).find(";ob>"), std::string_view::npos);
  speaks_it = false;
  a.stack.register_now(id, wire.now());
  wire.run_for(seconds(1));
  call(id);
  EXPECT_EQ(wire.last("INVITE")->message().value(HeaderId::contact).find(";ob"), std::string_view::npos);
}

TEST_F(SipIdentity, first_hop_without_outbound) {  // RFC 5626 §11.6: 439
  auto wish = account();
  wish.outbound = true;
  answer = [&](const Message& request) {
    respond(request, request.value(HeaderId::contact).find("reg-id") == std::string_view::npos ? 200 : 439);
  };
  a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(reaches(State::registered));
  EXPECT_EQ(requests.size(), 2U);
  EXPECT_FALSE(requests.back().lists(HeaderId::supported, "outbound"));
}

TEST_F(SipIdentity, outbound_backs_off) {  // RFC 5626 §4.5
  auto wish = account();
  wish.outbound = true;
  wish.register_retry = seconds(1);
  answer = [&](const Message& request) { respond(request, 503); };
  a.stack.add_account(wish, wire.now());
  ASSERT_TRUE(wire.run_until([&] { return requests.size() == 6; }, seconds(4000)));
  Duration upper = seconds(60);
  for (std::size_t i = 1; i < requests.size(); ++i) {
    const auto waited = times[i] - times[i - 1];
    EXPECT_GE(waited, upper / 2) << i;
    EXPECT_LE(waited, upper + seconds(1)) << i;
    upper = std::min<Duration>(upper * 2, seconds(1800));
  }
}

TEST_F(SipIdentity, lines_of_a_server_that_returns_are_spread) {
  auto wish = account();
  wish.register_retry = seconds(10);
  answer = [&](const Message& request) { respond(request, 503); };
  for (int i = 0; i < 50; ++i) a.stack.add_account(wish, wire.now());
  wire.run_for(seconds(9));
  EXPECT_EQ(requests.size(), 50U);
  answer = [this](const Message& request) { respond(request, 200); };
  wire.run_for(seconds(7));
  EXPECT_EQ(requests.size(), 100U);
  // Five seconds for fifty lines: no second has more than half of them.
  for (std::size_t i = 50; i + 25 < times.size(); ++i) EXPECT_GT(times[i + 25] - times[i], seconds(1));
}

TEST_F(SipIdentity, refused_password_is_not_tried_at_each_interval) {
  for (const int status : {401, 403, 407}) {
    SCOPED_TRACE(status);
    requests.clear();
    times.clear();
    auto wish = account();
    wish.register_retry = seconds(1);
    answer = [&](const Message& request) {
      const bool proved = request.has(HeaderId::authorization) || request.has(HeaderId::proxy_authorization);
      if (status == 403 && proved) return respond(request, 403);
      respond(request, status == 407 ? 407 : 401,
              {{status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate",
                fmt::format("Digest realm=\"lab\", nonce=\"n{}\", qop=\"auth\"", requests.size())}});
    };
    const auto id = a.stack.add_account(wish, wire.now());
    wire.run_for(std::chrono::hours(12));
    EXPECT_LE(requests.size(), 2U * 20U) << "at 1 s it would be 40,000";
    EXPECT_GE(requests.size(), 15U) << "a password that was mended at the server is found in the end";
    // A person who acts does not wait.
    const auto before = requests.size();
    a.stack.register_now(id, wire.now());
    wire.run_for(seconds(1));
    EXPECT_GT(requests.size(), before);
    a.stack.remove_account(id, wire.now());
    wire.run_for(seconds(40));
  }
}

TEST_F(SipIdentity, server_proves_that_it_knows_the_password) {  // RFC 7616 §3.5
  struct Row {
    std::string_view what, server_password;
    bool sends_proof;
    State end;
  };
  for (const auto& row : std::vector<Row>{{"right", password, true, State::registered},
                                          {"none sent", password, false, State::registered},
                                          {"wrong", "another", true, State::failed}}) {
    SCOPED_TRACE(row.what);
    a.events.clear();
    answer = [&](const Message& request) {
      const auto auth = AuthParams::parse(request.value(HeaderId::authorization));
      if (!auth || request.value(HeaderId::authorization).empty())
        return respond(
            request, 401,
            {{"WWW-Authenticate", "Digest realm=\"lab\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"}});
      if (!row.sends_proof) return respond(request, 200);
      const auto h = [](const std::string& text) { return digest_hex(DigestAlgorithm::sha256, text); };
      const auto proof =
          h(fmt::format("{}:n:{}:{}:auth:{}", h(fmt::format("7001:lab:{}", row.server_password)),
                        auth->get("nc"), auth->get("cnonce"), h(fmt::format(":{}", auth->get("uri")))));
      respond(request, 200,
              {{"Authentication-Info", fmt::format("nextnonce=\"next\", qop=auth, rspauth=\"{}\"", proof)}});
    };
    const auto id = a.stack.add_account(account(), wire.now());
    wire.run_for(seconds(1));
    EXPECT_EQ(state(), row.end);
    if (row.end == State::failed)
      EXPECT_NE(a.all<RegistrationChanged>().back()->text.find("rspauth"), std::string::npos);
    if (row.sends_proof && row.end == State::registered) {
      a.stack.register_now(id, wire.now());
      wire.run_for(milliseconds(10));
      const auto next = AuthParams::parse(requests.back().value(HeaderId::authorization));
      EXPECT_EQ(next->get("nonce"), "next");
      EXPECT_EQ(next->get("nc"), "00000001");
    }
    answer = [this](const Message& request) { respond(request, 200); };
    a.stack.remove_account(id, wire.now());
    wire.run_for(seconds(1));
  }
}

TEST_F(SipIdentity, nobody_collects_digests_by_calling) {  // the SIP digest leak
  for (const bool allowed : {false, true}) {
    SCOPED_TRACE(allowed);
    auto wish = account();
    wish.authenticate_in_incoming_dialogs = allowed;
    const auto id = a.stack.add_account(wish, wire.now());
    ASSERT_TRUE(reaches(State::registered));
    auto invite = Message::request(Method::invite, "sip:7001@10.0.0.1");
    invite.add(HeaderId::via, fmt::format("SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKleak{}", allowed));
    invite.add(HeaderId::max_forwards, "70");
    invite.add(HeaderId::from, "<sip:evil@lab.example>;tag=evil");
    invite.add(HeaderId::to, "<sip:7001@lab.example>");
    invite.add(HeaderId::call_id, fmt::format("leak-{}", allowed));
    invite.add(HeaderId::cseq, "1 INVITE");
    invite.add(HeaderId::contact, "<sip:evil@10.0.0.9>");
    invite.set_body(sdp_a, "application/sdp");
    send(invite);
    wire.run_for(milliseconds(10));
    const auto session = a.all<IncomingInvite>().back()->session;
    ASSERT_TRUE(a.stack.accept(session, sdp_b, {}, wire.now()));
    wire.run_for(milliseconds(10));
    auto ack = Message::request(Method::ack, "sip:7001@10.0.0.1");
    for (const auto header : {HeaderId::max_forwards, HeaderId::from, HeaderId::call_id})
      ack.add(header, invite.value(header));
    ack.add(HeaderId::via, fmt::format("SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKack{}", allowed));
    ack.add(HeaderId::to, fmt::format("<sip:7001@lab.example>;tag={}", a.stack.dialog(session)->local_tag));
    ack.add(HeaderId::cseq, "1 ACK");
    send(ack);
    wire.run_for(milliseconds(10));
    requests.clear();
    answer = [this](const Message& request) {
      if (request.has(HeaderId::proxy_authorization)) return respond(request, 200);
      respond(request, 407, {{"Proxy-Authenticate", "Digest realm=\"lab\", nonce=\"mine\", qop=\"auth\""}});
    };
    ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
    wire.run_for(seconds(1));
    EXPECT_EQ(requests.size(), allowed ? 2U : 1U);
    for (const auto& request : requests)
      EXPECT_EQ(request.has(HeaderId::proxy_authorization), allowed && &request == &requests.back());
    answer = [this](const Message& request) { respond(request, 200); };
    a.stack.remove_account(id, wire.now());
    wire.run_for(seconds(1));
  }
}

TEST_F(SipIdentity, credentials_do_not_go_past_the_server) {
  answer = [this](const Message& request) {
    if (request.method() == Method::register_) return respond(request, 200);
    if (!request.has(HeaderId::proxy_authorization))
      return respond(request, 407,
                     {{"Proxy-Authenticate", "Digest realm=\"lab\", nonce=\"n\", qop=\"auth\""}});
    auto response = Message::response(request, 200, "", "callee");
    response.add(HeaderId::contact, "<sip:7002@10.0.0.7:5060>");  // no Record-Route: the rest goes there
    response.set_body(sdp_b, "application/sdp");
    send(response);
  };
  const auto id = a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  const auto session = call(id);
  ASSERT_EQ(a.count<Accepted>(), 1U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_for(milliseconds(100));
  ASSERT_GE(direct.size(), 2U);
  EXPECT_EQ(direct.front().method(), Method::ack);
  EXPECT_EQ(direct.back().method(), Method::bye);
  for (const auto& request : direct) {
    EXPECT_FALSE(request.has(HeaderId::proxy_authorization));
    EXPECT_FALSE(request.has(HeaderId::authorization));
  }
}

TEST_F(SipIdentity, caller_who_is_not_to_be_known) {  // RFC 3323 §4.1, RFC 3325 §9.2, §9.3
  const auto id = a.stack.add_account(account(), wire.now());
  ASSERT_TRUE(reaches(State::registered));
  call(id, true);
  const auto invite = wire.last("INVITE")->message();
  EXPECT_TRUE(invite.value(HeaderId::from).starts_with("Anonymous <sip:anonymous@anonymous.invalid>;tag="))
      << invite.value(HeaderId::from);
  EXPECT_EQ(invite.value(HeaderId::privacy), "id");
  EXPECT_EQ(invite.value(HeaderId::p_preferred_identity), "<sip:7001@lab.example>");
}

}  // namespace
}  // namespace sidetone::test
