// What options of a line and of the session's policy look like on the wire.
#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace sip;

class LineOptions : public ::testing::Test {
 protected:
  LineOptions() {
    server.on_event = [this](const sip::Event& event) {
      if (const auto* request = std::get_if<IncomingRequest>(&event)) {
        requests.push_back(request->request);
        Response response{.status = 200};
        if (request->request->method() == Method::register_)
          response.headers = {
              {"Contact", std::string(request->request->value(HeaderId::contact)) + ";expires=1800"}};
        if (request->request->method() == Method::publish)
          response.headers = {{"SIP-ETag", "one"}, {"Expires", "3600"}};
        EXPECT_TRUE(server.stack.respond(request->id, response, wire.now()));
      }
      if (const auto* invite = std::get_if<IncomingInvite>(&event)) {
        invites.push_back(invite->request);
        EXPECT_TRUE(server.stack.accept(invite->session, sdp, {}, wire.now()));
      }
    };
    settings.lines.push_back(line_at_server("7001"));
    settings.lines[0].register_expires = seconds(1800);
    settings.codecs = *codec::parse_enabled("pcmu,pcma");
  }
  void start() {
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", settings);
    wire.run_for(seconds(1));
  }
  void dial() {
    phone->command(Dial{.target = "7002"});
    wire.run_for(seconds(1));
    ASSERT_EQ(phone->call().state, CallState::connected) << wire.ladder();
  }
  // A call from the server; the final answer that it gets within a second, or 0.
  int called() {
    Invite invite;
    invite.target = "sip:7001@10.0.0.3:5060";
    invite.sdp = sdp;
    invite.from_uri = "sip:7009@10.0.0.9";
    invite.headers = extra;
    EXPECT_TRUE(server.stack.invite(std::move(invite), wire.now()));
    wire.settle(server);
    wire.run_for(seconds(1));
    const auto* ended = server.find_last<SessionEnded>();
    const int status = ended == nullptr || server.count<SessionEnded>() == ended_before ? 0 : ended->status;
    ended_before = server.count<SessionEnded>();
    return status;
  }
  [[nodiscard]] const Message& first(Method method) const {
    for (const auto& request : requests)
      if (request->method() == method) return *request;
    throw Missing("no such request");
  }

  const std::string sdp =
      "v=0\r\no=- 5 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
  Wire wire;
  Node& server = wire.add("server", "10.0.0.9:5060");
  endpoint::CoreSettings settings;
  std::unique_ptr<PhoneNode> phone;
  std::vector<std::shared_ptr<const Message>> requests, invites;
  std::vector<ExtraHeader> extra;
  std::size_t ended_before = 0;
};

TEST_F(LineOptions, display_name_and_domain) {
  settings.lines[0].display_name = "Desk 4";
  settings.lines[0].domain = "agents.example";
  start();
  EXPECT_EQ(first(Method::register_).request_uri(), "sip:agents.example");
  EXPECT_NE(first(Method::register_).value(HeaderId::from).find("Desk 4 <sip:7001@agents.example>"),
            std::string::npos);
  dial();
  EXPECT_NE(invites.at(0)->value(HeaderId::from).find("Desk 4 <sip:7001@agents.example>"), std::string::npos);
}

// RFC 5626 §4.1
TEST_F(LineOptions, include_mac_address_is_told_to_the_registrar_only) {
  settings.lines[0].instance_urn = "urn:uuid:00000000-0000-1000-8000-0a1b2c3d4e5f";
  start();
  EXPECT_NE(first(Method::register_)
                .value(HeaderId::contact)
                .find("+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-0a1b2c3d4e5f>\""),
            std::string::npos);
  dial();
  EXPECT_EQ(invites.at(0)->value(HeaderId::contact).find("instance"), std::string::npos);
}

TEST_F(LineOptions, reject_session_when_busy) {
  start();
  dial();
  EXPECT_EQ(called(), 0) << "without the option a second call rings";
}

TEST_F(LineOptions, reject_session_when_busy_with_its_code) {
  settings.reject_when_busy = true;
  settings.busy_status = 600;
  start();
  EXPECT_EQ(called(), 0) << "nobody is busy yet";
  EXPECT_EQ(called(), 600);
  settings.busy_sessions = 2;
  settings.busy_status = 486;
  settings.lines[0].socket = phone->node.udp;  // as the engine does
  settings.lines[0].media_ip = phone->node.address.ip;
  phone->core->reconfigure(settings, wire.now());
  phone->settle();
  EXPECT_EQ(called(), 0) << "number_sessions_for_busy";
  EXPECT_EQ(called(), 486);
}

// Call-Info and Alert-Info of whom the line belongs to; by default nobody opens the microphone from afar.
TEST_F(LineOptions, auto_answer_when_asked) {
  struct Row {
    bool option;
    std::vector<ExtraHeader> headers;
    CallState expected;
  };
  for (const auto& row : {Row{false, {{"Call-Info", "<sip:x>;answer-after=0"}}, CallState::ringing},
                          Row{true, {{"Call-Info", "<sip:x>;answer-after=0"}}, CallState::connected},
                          Row{true, {{"Alert-Info", "<http://x>;answer-after=1"}}, CallState::connected},
                          Row{true, {{"Call-Info", "<sip:x>;answer-after=60"}}, CallState::ringing},
                          Row{true, {}, CallState::ringing}}) {
    settings.auto_answer_when_asked = row.option;
    if (!phone) start();
    settings.lines[0].socket = phone->node.udp;
    settings.lines[0].media_ip = phone->node.address.ip;
    phone->core->reconfigure(settings, wire.now());
    extra = row.headers;
    called();
    wire.run_for(seconds(2));
    EXPECT_EQ(phone->call().state, row.expected) << (row.headers.empty() ? "" : row.headers[0].value);
    phone->command(row.expected == CallState::ringing ? Command(Reject{phone->call().call})
                                                      : Command(HangUp{phone->call().call}));
    wire.run_for(seconds(1));
  }
}

// RFC 6035 §3.2, §4.7.3
TEST_F(LineOptions, vq_report_collector_gets_each_report_once) {
  Node& collector = wire.add("collector", "10.0.0.7:5070");
  std::vector<std::shared_ptr<const Message>> published;
  collector.on_event = [&](const sip::Event& event) {
    if (const auto* request = std::get_if<IncomingRequest>(&event)) {
      published.push_back(request->request);
      EXPECT_TRUE(collector.stack.respond(
          request->id, {.status = 200, .headers = {{"SIP-ETag", "e"}, {"Expires", "60"}}}, wire.now()));
    }
  };
  settings.report_collector =
      endpoint::ReportCollector{"sip:collector@10.0.0.7:5070", "10.0.0.7", 5070, Transport::udp};
  start();
  dial();
  phone->core->quality_report(
      {QualityReport::Kind::session, phone->call().call, "VQSessionReport: CallTerm\r\n"}, wire.now());
  phone->settle();
  wire.run_for(seconds(600));
  ASSERT_EQ(published.size(), 1U) << wire.ladder();
  const auto& publish = *published[0];
  EXPECT_EQ(publish.method(), Method::publish);
  EXPECT_EQ(publish.request_uri(), "sip:collector@10.0.0.7:5070");
  EXPECT_EQ(publish.value(HeaderId::event), "vq-rtcpxr");
  EXPECT_EQ(publish.value(HeaderId::content_type), "application/vq-rtcpxr");
  EXPECT_EQ(publish.body(), "VQSessionReport: CallTerm\r\n");
  EXPECT_EQ(phone->all<QualityReport>().size(), 1U) << "the user has it, too";
}

}  // namespace
}  // namespace sidetone::test
