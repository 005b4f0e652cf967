// What a phone does with a call that comes in before anybody hears of it: who is shown, which offers ring,
// which methods it says that it takes.
#include "phone_node.h"
#include "sip/message/headers.h"
#include "sip/message/identity.h"

namespace sidetone::test {
namespace {

using namespace sip;

constexpr std::string_view server = "10.0.0.9:5060", session_board = "10.9.0.4:5060";

class PhoneCalled : public ::testing::Test {
 protected:
  PhoneCalled() {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    auto stack = endpoint::core_stack_settings();
    stack.guard.trusted = {IpNetwork::parse("10.9.0.0/16").value()};  // let in, but no server of the line
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(settings), stack);
    for (const auto address : {server, session_board})
      wire.add_peer(address, [this](const Message& message, Address) {
        if (!message.is_request()) answers.push_back(message);
      });
  }
  static std::string sdp(std::string_view lines, std::string_view address = "IN IP4 192.0.2.9") {
    return fmt::format("v=0\r\no=- 1 1 {0}\r\ns=-\r\nc={0}\r\nt=0 0\r\n{1}", address, lines);
  }
  Message invite(std::string offer, std::string_view via = server) {
    auto message = Message::request("INVITE", "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bK{}", via, ++calls));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, "\"Ann\" <sip:4711@lab.example>;tag=peer");
    message.add(HeaderId::to, "<sip:7001@lab.example>");
    message.add(HeaderId::call_id, fmt::format("call-{}", calls));
    message.add(HeaderId::cseq, "1 INVITE");
    message.add(HeaderId::contact, "<sip:4711@10.0.0.9>");
    if (!offer.empty()) message.set_body(offer, "application/sdp");
    return message;
  }
  // The statuses that came back, 100 left out.
  std::vector<int> send(const Message& message, std::string_view from = server) {
    answers.clear();
    wire.inject(*Address::parse(from, 0), phone->node.address, message);
    wire.run_for(milliseconds(10));
    std::vector<int> statuses;
    for (const auto& answer : answers)
      if (answer.status() != 100 && answer.value(HeaderId::call_id) == message.value(HeaderId::call_id))
        statuses.push_back(answer.status());
    return statuses;
  }
  std::size_t rung() const { return phone->all<CallAdded>().size(); }

  Wire wire;
  std::unique_ptr<PhoneNode> phone;
  std::vector<Message> answers;
  int calls = 0;
};

TEST_F(PhoneCalled, offers_that_can_never_be_answered_do_not_ring) {
  struct Row {
    std::string_view section;
    std::string offer;
    int status;
  };
  const std::string pcmu = "m=audio 5000 RTP/AVP 0\r\n";
  for (const auto& row : std::vector<Row>{
           {"audio", sdp(pcmu), 180},
           {"RFC 3261 §13.3.1: the phone offers", "", 180},
           {"RFC 3725 §4.4: streams come later", sdp(""), 180},
           {"RFC 3264 §5.1: every stream is off", sdp("m=audio 0 RTP/AVP 0\r\n"), 488},
           {"RFC 3264 §6: no codec", sdp("m=audio 5000 RTP/AVP 3\r\n"), 488},
           {"§13.3.1.3: no audio", sdp("m=video 5000 RTP/AVP 31\r\n"), 488},
           {"IPv6 to an IPv4 line", sdp(pcmu, "IN IP6 2001:db8::9"), 488},
           {"§21.4.1", "v=0\r\n", 400},
       }) {
    SCOPED_TRACE(row.section);
    const auto before = rung();
    EXPECT_EQ(send(invite(row.offer)), std::vector<int>{row.status});
    EXPECT_EQ(rung() - before, row.status == 180 ? 1U : 0U);
    if (row.status == 180) phone->command(Reject{phone->call().call, 486});
  }
}

TEST_F(PhoneCalled, caller_is_whom_the_server_asserts) {
  struct Row {
    std::string_view section;
    std::vector<ExtraHeader> headers;
    std::string_view from, number, name, uri;
  };
  const std::string anonymous(anonymous_uri);
  for (const auto& row : std::vector<Row>{
           {"nothing is asserted", {}, server, "4711", "Ann", "sip:4711@lab.example"},
           {"RFC 3325 §7",
            {{"P-Asserted-Identity", "\"Bob \\\"B\\\"\" <sip:0049123@lab.example>"}},
            server,
            "0049123",
            "Bob \"B\"",
            "sip:0049123@lab.example"},
           {"RFC 3325 §9.1 a number, RFC 3966 §5.1.1",
            {{"P-Asserted-Identity", "<tel:+49-(30)-12.34>"}},
            server,
            "+493012 34",
            "",
            "tel:+49-(30)-12.34"},
           {"§5: not from a server of the line",
            {{"P-Asserted-Identity", "<sip:0049123@lab.example>"}},
            session_board,
            "4711",
            "Ann",
            "sip:4711@lab.example"},
           {"§7: asserted, but not to be shown",
            {{"P-Asserted-Identity", "<sip:0049123@lab.example>"}, {"Privacy", "id"}},
            server,
            "anonymous",
            "Anonymous",
            anonymous},
           {"RFC 3323 §4.2: none", {{"Privacy", "none"}}, server, "4711", "Ann", "sip:4711@lab.example"},
       }) {
    SCOPED_TRACE(row.section);
    auto call = invite(sdp("m=audio 5000 RTP/AVP 0\r\n"), row.from);
    for (const auto& header : row.headers) call.add(header.name, header.value);
    EXPECT_EQ(send(call, row.from), std::vector<int>{180});
    const auto shown = phone->call();
    std::string number(row.number);
    std::erase(number, ' ');
    EXPECT_EQ(shown.remote_number, number);
    EXPECT_EQ(shown.remote_name, row.name);
    EXPECT_EQ(shown.remote_uri, row.uri);
    EXPECT_EQ(shown.called_number, "7001");
    phone->command(Reject{shown.call, 486});
  }
}

// RFC 3261 §20.5: Allow names what is accepted, and what it does not name gets 405 with it (§8.2.1).
TEST_F(PhoneCalled, allow_says_what_is_taken) {
  auto options = invite("");
  const auto ask = [&](std::string_view method) {
    auto message = Message::request(method, "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bK{}", server, ++calls));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, "<sip:4711@lab.example>;tag=peer");
    message.add(HeaderId::to, "<sip:7001@lab.example>");
    message.add(HeaderId::call_id, fmt::format("ask-{}", calls));
    message.add(HeaderId::cseq, fmt::format("1 {}", method));
    message.add(HeaderId::contact, "<sip:4711@10.0.0.9>");
    if (method == "SUBSCRIBE") message.add(HeaderId::event, "talk");
    const auto statuses = send(message);
    return statuses.empty() ? 0 : statuses.front();
  };
  ASSERT_EQ(ask("OPTIONS"), 200);
  const auto allowed = answers.back();
  EXPECT_EQ(allowed.value(HeaderId::allow), "INVITE");
  for (const std::string_view method : {"MESSAGE", "SUBSCRIBE", "PUBLISH"}) {
    SCOPED_TRACE(method);
    EXPECT_FALSE(allowed.lists(HeaderId::allow, method));
    EXPECT_EQ(ask(method), 405);
    EXPECT_TRUE(answers.back().lists(HeaderId::allow, "INVITE"));
    EXPECT_FALSE(answers.back().lists(HeaderId::allow, method));
  }
  for (const std::string_view method :
       {"ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "INFO", "NOTIFY", "REFER"})
    EXPECT_TRUE(allowed.lists(HeaderId::allow, method)) << method;
}

}  // namespace
}  // namespace sidetone::test
