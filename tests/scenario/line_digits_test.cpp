// Digits in whole calls: what goes on the wire by each method, the fallback from one to the next, and what
// comes in.
#include <gmock/gmock.h>
#include <algorithm>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace std::chrono_literals;
using namespace sip;
using endpoint::SendDigits;
using endpoint::SoundDigit;
using testing::IsEmpty;

constexpr std::string_view server = "10.0.0.9:5060";

class DigitCalls : public ::testing::Test {
 protected:
  // An outgoing call that is answered; `events`: with telephone-event.
  void connect(DtmfMethod method, bool events, std::string_view direction = "sendrecv") {
    endpoint::CoreSettings core;
    core.lines.push_back(line_at_server("7001"));
    core.dtmf_method = method;
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(core));
    wire.add_peer(server, [this](const Message& message, Address) { received.push_back(message); });
    phone->command(Dial{"7002", {}});
    wire.run_for(10ms);
    auto response = Message::response(received.front(), 200, "OK", "peer");
    response.add(HeaderId::contact, "<sip:peer@10.0.0.9>");
    response.set_body(
        fmt::format("v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n"
                    "m=audio 20000 RTP/AVP 0{}\r\n{}a={}\r\n",
                    events ? " 101" : "", events ? "a=rtpmap:101 telephone-event/8000\r\n" : "", direction),
        "application/sdp");
    inject(response);
    ASSERT_EQ(phone->call().state, CallState::connected);
  }
  void inject(const Message& message) {
    wire.inject(*Address::parse(server, 0), phone->node.address, message);
    wire.run_for(10ms);
  }
  void press(std::string digits) {
    phone->command(SendDtmf{phone->call().call, std::move(digits)});
    wire.run_for(10ms);
  }
  // The far end's answer to the last INFO; its body.
  std::string answer_info(int status) {
    const auto info = std::find_if(received.rbegin(), received.rend(), [](const Message& message) {
      return message.is_request() && message.method() == Method::info;
    });
    if (info == received.rend()) return {};
    const std::string body(info->body());
    inject(Message::response(*info, status, "", ""));
    return body;
  }
  [[nodiscard]] std::size_t infos() const {
    return static_cast<std::size_t>(std::count_if(
        received.begin(), received.end(),
        [](const Message& message) { return message.is_request() && message.method() == Method::info; }));
  }
  void send_info(std::string_view type, std::string_view body) {
    const auto& invite = received.front();
    auto message = Message::request("INFO", "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bKinfo{}", server, ++infos_sent));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, std::string(invite.value(HeaderId::to)) + ";tag=peer");
    message.add(HeaderId::to, std::string(invite.value(HeaderId::from)));
    message.add(HeaderId::call_id, std::string(invite.value(HeaderId::call_id)));
    message.add(HeaderId::cseq, fmt::format("{} INFO", infos_sent));
    message.set_body(std::string(body), std::string(type));
    inject(message);
  }
  template <typename Order>
  [[nodiscard]] std::vector<Order> orders() const {
    std::vector<Order> found;
    for (const auto& order : phone->orders)
      if (const auto* one = std::get_if<Order>(&order)) found.push_back(*one);
    return found;
  }
  [[nodiscard]] std::string heard() const {
    std::string text;
    for (const auto* event : phone->all<DtmfReceived>()) text += event->digit;
    return text;
  }

  Wire wire;
  std::unique_ptr<PhoneNode> phone;
  std::vector<Message> received;
  int infos_sent = 0;
};

TEST_F(DigitCalls, Rfc2833WhereItIsNegotiated) {
  connect(DtmfMethod::rfc2833, true);
  press("12#");
  ASSERT_EQ(orders<SendDigits>().size(), 1u);
  EXPECT_EQ(orders<SendDigits>()[0].digits, "12#");
  EXPECT_FALSE(orders<SendDigits>()[0].as_tones);
  phone->core->digits_sent(phone->call().call, 3, wire.now());
  phone->settle();
  EXPECT_EQ(phone->last<DtmfSent>().method, DtmfMethod::rfc2833);
}

TEST_F(DigitCalls, InfoWhereTelephoneEventIsNotNegotiated) {
  connect(DtmfMethod::rfc2833, false);
  press("1#");
  EXPECT_EQ(answer_info(200), "Signal=1\r\nDuration=100\r\n");
  EXPECT_EQ(answer_info(200), "Signal=#\r\nDuration=100\r\n");
  EXPECT_EQ(phone->last<DtmfSent>().digits, "1#");
  EXPECT_EQ(phone->last<DtmfSent>().method, DtmfMethod::info);
  EXPECT_THAT(orders<SendDigits>(), IsEmpty());
  EXPECT_EQ(orders<SoundDigit>().size(), 2u) << "dtmf_feedback";
}

TEST_F(DigitCalls, TonesWhereInfoIsRefused) {
  connect(DtmfMethod::info, false);
  press("123");
  answer_info(200);
  answer_info(415);
  ASSERT_EQ(orders<SendDigits>().size(), 1u);
  EXPECT_EQ(orders<SendDigits>()[0].digits, "23");
  EXPECT_TRUE(orders<SendDigits>()[0].as_tones);
  EXPECT_EQ(phone->last<DtmfSent>().digits, "1");
  phone->core->digits_sent(phone->call().call, 2, wire.now());
  press("4");
  EXPECT_EQ(infos(), 2u) << "it is asked no more";
  EXPECT_EQ(orders<SendDigits>().back().digits, "4");
}

TEST_F(DigitCalls, NothingIsLeftWhereInfoIsRefusedAndNothingMayBeSent) {
  connect(DtmfMethod::rfc2833, true, "sendonly");
  press("12");
  answer_info(501);
  EXPECT_EQ(phone->last<CommandFailed>().command, "dtmf");
  EXPECT_EQ(phone->last<CommandFailed>().problem.text, "2 digits could not be sent");
  EXPECT_THAT(phone->all<DtmfSent>(), IsEmpty());
}

TEST_F(DigitCalls, ACommaIsAPauseBetweenTwoInfos) {
  connect(DtmfMethod::info, true);
  press("1,2");
  answer_info(200);
  wire.run_for(1900ms);
  EXPECT_EQ(infos(), 1u);
  wire.run_for(200ms);
  EXPECT_EQ(infos(), 2u);
  answer_info(200);
  EXPECT_EQ(phone->last<DtmfSent>().digits, "1,2");
}

TEST_F(DigitCalls, FortyWaitAndNoMore) {
  connect(DtmfMethod::rfc2833, true);
  press(std::string(40, '1'));
  press("2");
  EXPECT_EQ(phone->last<CommandFailed>().problem.text, "more than 40 digits wait to be sent");
  press(std::string(41, '1'));
  EXPECT_EQ(phone->last<CommandFailed>().problem.text, "these digits cannot be sent");
}

TEST_F(DigitCalls, InfoIsReadInEveryForm) {
  connect(DtmfMethod::rfc2833, true);
  send_info("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
  EXPECT_EQ(phone->last<DtmfReceived>().duration, 160ms);
  EXPECT_EQ(phone->last<DtmfReceived>().method, DtmfMethod::info);
  send_info("application/dtmf", "67#");
  send_info("application/dtmf-relay", "Signal=10\r\n");
  send_info("application/dtmf-relay", "nonsense");
  EXPECT_EQ(heard(), "567#*");
  EXPECT_EQ(received.back().status(), 200) << "RFC 6086 §4.2.1: answered whatever its body";
}

TEST_F(DigitCalls, AKeyThatComesInTwoWaysIsToldOnce) {
  connect(DtmfMethod::rfc2833, true);
  const auto call = phone->call().call;
  phone->core->digit_heard(call, '5', 100ms, DtmfMethod::rfc2833, wire.now());
  send_info("application/dtmf-relay", "Signal=5\r\n");
  send_info("application/dtmf-relay", "Signal=6\r\n");
  wire.run_for(300ms);
  phone->core->digit_heard(call, '6', 100ms, DtmfMethod::inband_rtp, wire.now());
  phone->settle();
  EXPECT_EQ(heard(), "56");
}

}  // namespace
}  // namespace sidetone::test
