// 3xx responses (RFC 3261 §8.1.3.4): the caller is a real stack, the places are scripted.
#include "sip/message/uri.h"
#include "wire_scenario.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipRedirection : public WireScenario {
 protected:
  // What `user` at 10.0.0.9 says to an INVITE: a status, with Contacts for a 3xx.
  struct Says {
    int status;
    std::string contacts;
  };
  void start(std::size_t redirects_max = 10, std::string_view address = "10.0.0.1:5060") {
    auto settings = wire.sip_settings;
    settings.redirects_max = redirects_max;
    a = &wire.add("a", address, settings);
    wire.add_peer("10.0.0.9:5060", [this](const Message& message, Address from) { on(message, from); });
  }
  void on(const Message& message, Address from) {
    if (message.method() == Method::ack) return;
    if (message.method() != Method::invite)
      return wire.inject(peer, from, Message::response(message, 200, "", "x"));
    invites.push_back(message);
    const std::string user(Uri::parse(message.request_uri())->user);
    visited.push_back(user);
    const auto& says = places[user];
    if (says.status == 0) return;
    auto response = Message::response(message, says.status, "", "tag-" + user);
    response.add(HeaderId::contact, says.contacts.empty() ? "<sip:10.0.0.9>" : says.contacts);
    if (says.status == 200) response.set_body(sdp_b, "application/sdp");
    wire.inject(peer, from, response);
  }
  void call(std::string_view target = "sip:first@10.0.0.9") {
    Invite wish;
    wish.target = target;
    wish.from_uri = a->uri("caller");
    wish.sdp = sdp_a;
    session = *a->stack.invite(std::move(wish), wire.now());
    wire.run_for(seconds(1));
  }
  void finish(int status) {
    if (status == 200) {
      EXPECT_EQ(a->count<Accepted>(), 1U) << wire.ladder();
      ASSERT_TRUE(a->stack.end(session, {}, wire.now()));
    } else {
      ASSERT_EQ(a->count<SessionEnded>(), 1U) << wire.ladder();
      EXPECT_EQ(a->last<SessionEnded>()->cause, EndCause::refused);
      EXPECT_EQ(a->last<SessionEnded>()->status, status);
    }
    wire.run_dry();
    wire.expect_nothing_left();
  }
  Node* a = nullptr;
  Address peer = *Address::parse("10.0.0.9:5060", 0);
  std::map<std::string, Says> places;
  std::vector<std::string> visited;
  std::vector<Message> invites;
  SessionId session;
  std::string contact;
};

struct RedirectionRow {
  const char* why;
  std::map<std::string, std::pair<int, std::string>> script;
  std::vector<std::string> visited;
  int status;
};

const RedirectionRow redirections[] = {
    {"§21.3.3: one place", {{"first", {302, "<sip:b@10.0.0.9>"}}, {"b", {200, ""}}}, {"first", "b"}, 200},
    {"§21.3.2", {{"first", {301, "<sip:b@10.0.0.9>"}}, {"b", {200, ""}}}, {"first", "b"}, 200},
    {"§21.3.1: best first, the rest when it fails",
     {{"first", {300, "<sip:c@10.0.0.9>;q=0.2, <sip:b@10.0.0.9>;q=0.9, <sip:d@10.0.0.9>;q=0.1"}},
      {"b", {486, ""}},
      {"c", {404, ""}},
      {"d", {200, ""}}},
     {"first", "b", "c", "d"},
     200},
    {"the last failure is the call's",
     {{"first", {302, "<sip:b@10.0.0.9>"}}, {"b", {486, ""}}},
     {"first", "b"},
     486},
    {"§16.7: 6xx speaks for all places",
     {{"first", {302, "<sip:b@10.0.0.9>, <sip:c@10.0.0.9>"}}, {"b", {603, ""}}, {"c", {200, ""}}},
     {"first", "b"},
     603},
    {"a chain",
     {{"first", {302, "<sip:b@10.0.0.9>"}}, {"b", {302, "<sip:c@10.0.0.9>"}}, {"c", {200, ""}}},
     {"first", "b", "c"},
     200},
    {"a loop ends",
     {{"first", {302, "<sip:b@10.0.0.9>"}}, {"b", {302, "<sip:first@10.0.0.9>"}}},
     {"first", "b"},
     302},
    {"§19.1.4: the same place, written otherwise",
     {{"first", {302, "<sip:%66irst@10.0.0.9>"}}},
     {"first"},
     302},
    {"nothing that can be called", {{"first", {302, "<tel:+1>, <mailto:x@y>"}}}, {"first"}, 302},
    {"§21.3.5: 380 names no place", {{"first", {380, "<sip:b@10.0.0.9>"}}}, {"first"}, 380},
    {"§8.1.3.4: only 3xx", {{"first", {404, "<sip:b@10.0.0.9>"}}}, {"first"}, 404},
};

SCENARIO(SipRedirection, rows) {
  int caller = 10;
  for (const auto& row : redirections) {
    SCOPED_TRACE(row.why);
    places.clear();
    for (const auto& [user, says] : row.script) places[user] = {says.first, says.second};
    visited.clear();
    start(10, fmt::format("10.0.0.{}:5060", ++caller));
    call();
    EXPECT_EQ(visited, row.visited);
    finish(row.status);
    EXPECT_EQ(a->count<Redirected>(), row.visited.size() - 1);
  }
}

SCENARIO(SipRedirection, the_new_request_is_the_same_call) {  // §8.1.3.4
  start();
  places = {{"first", {302, "<sip:b@10.0.0.9?Subject=hi&From=%3Csip:evil%40x%3E>"}}, {"b", {200, ""}}};
  call();
  ASSERT_EQ(invites.size(), 2U);
  for (const auto header : {HeaderId::call_id, HeaderId::from, HeaderId::to})
    EXPECT_EQ(invites[0].value(header), invites[1].value(header));
  EXPECT_EQ(invites[1].value(HeaderId::cseq), "2 INVITE");
  EXPECT_EQ(invites[1].value(HeaderId::subject), "hi");
  EXPECT_EQ(invites[1].body(), sdp_a);
  EXPECT_NE(invites[0].value(HeaderId::via), invites[1].value(HeaderId::via));
  finish(200);
}

SCENARIO(SipRedirection, use_proxy) {  // §21.3.4
  start();
  places = {{"first", {305, "<sip:proxy@10.0.0.8>"}}};
  std::vector<Message> at_proxy;
  wire.add_peer("10.0.0.8:5060", [&](const Message& message, Address) { at_proxy.push_back(message); });
  call();
  ASSERT_GE(at_proxy.size(), 1U);
  EXPECT_EQ(at_proxy[0].request_uri(), "sip:first@10.0.0.9");
  EXPECT_EQ(at_proxy[0].value(HeaderId::route), "<sip:proxy@10.0.0.8;lr>");
  wire.run_dry();
  wire.expect_nothing_left();
}

// A line's own domain is its server's to find; another host is asked itself, in the line's transport.
SCENARIO(SipRedirection, a_line_with_a_server) {
  struct Row {
    const char *contact, *asked;
  };
  std::vector<std::string> asked;
  for (const auto* address : {"10.0.0.7:5060", "10.0.0.7:5080", "10.0.0.8:5060"})
    wire.add_peer(address, [&, address](const Message& message, Address from) {
      if (message.method() != Method::invite) return;
      asked.push_back(fmt::format("{} {}", address, message.request_uri()));
      auto response = Message::response(message, asked.size() == 1 ? 302 : 486, "", "t");
      response.add(HeaderId::contact, contact);
      wire.inject(*Address::parse(address, 0), from, response);
    });
  int phone = 20;
  for (const Row& row : {Row{"<sip:b@home.example>", "10.0.0.7:5060 sip:b@home.example"},
                         Row{"<sip:b@10.0.0.7>", "10.0.0.7:5060 sip:b@10.0.0.7"},
                         Row{"<sip:b@10.0.0.7:5060>", "10.0.0.7:5060 sip:b@10.0.0.7:5060"},
                         Row{"<sip:b@10.0.0.7:5080>", "10.0.0.7:5080 sip:b@10.0.0.7:5080"},
                         Row{"<sip:b@10.0.0.8>", "10.0.0.8:5060 sip:b@10.0.0.8"}}) {
    SCOPED_TRACE(row.contact);
    contact = row.contact;
    asked.clear();
    auto& node = wire.add("phone", fmt::format("10.0.0.{}:5060", ++phone));
    Account line{.uri = "sip:7001@home.example"};
    line.server = NextHop{Transport::udp, "10.0.0.7", 5060, {}, {}};
    Invite wish;
    wish.account = node.stack.add_account(line, wire.now());
    wish.target = "sip:first@home.example";
    wish.sdp = sdp_a;
    ASSERT_TRUE(node.stack.invite(wish, wire.now()));
    wire.run_for(seconds(1));
    EXPECT_EQ(asked, (std::vector<std::string>{"10.0.0.7:5060 sip:first@home.example", row.asked}));
  }
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipRedirection, bounded) {
  start(3);
  places["first"] = {302, "<sip:b@10.0.0.9>, <sip:c@10.0.0.9>, <sip:d@10.0.0.9>, <sip:e@10.0.0.9>"};
  for (const auto* user : {"b", "c", "d", "e"}) places[user] = {486, ""};
  call();
  EXPECT_EQ(visited, (std::vector<std::string>{"first", "b", "c", "d"}));
  finish(486);
}

SCENARIO(SipRedirection, switched_off) {
  start(0);
  places = {{"first", {302, "<sip:b@10.0.0.9>"}}, {"b", {200, ""}}};
  call();
  EXPECT_EQ(visited, std::vector<std::string>{"first"});
  const auto* ended = a->last<SessionEnded>();
  ASSERT_TRUE(ended && ended->message) << wire.ladder();
  EXPECT_EQ(ended->message->value(HeaderId::contact), "<sip:b@10.0.0.9>");
  finish(302);
}

SCENARIO(SipRedirection, hung_up_before_the_redirection_came) {
  start();
  places = {{"first", {0, ""}}};
  call();
  ASSERT_FALSE(invites.empty());
  wire.inject(peer, a->address, Message::response(invites[0], 180, "", "t"));
  wire.run_for(milliseconds(5));
  ASSERT_TRUE(a->stack.end(session, {}, wire.now()));
  auto response = Message::response(invites[0], 302, "", "t");
  response.add(HeaderId::contact, "<sip:b@10.0.0.9>");
  wire.inject(peer, a->address, response);
  wire.run_dry();
  wire.expect_nothing_left();
  ASSERT_EQ(a->count<SessionEnded>(), 1U);
  EXPECT_EQ(a->last<SessionEnded>()->cause, EndCause::cancelled);
  EXPECT_EQ(visited.back(), "first");
}

}  // namespace
}  // namespace sidetone::test
