// What the media side tells a phone about its calls: no ports are left, nothing comes any more, it sounds
// bad.
#include <gmock/gmock.h>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace sip;
using testing::HasSubstr;

std::string audio(int version, std::string_view direction = "sendrecv") {
  return fmt::format(
      "v=0\r\no=- 5 {} IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP "
      "0\r\na={}\r\n",
      version, direction);
}

endpoint::CoreSettings one_line() {
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  settings.rtp_inactivity_timeout = seconds(30);
  settings.vq_alarm_threshold = 3.5;
  return settings;
}

class LineMedia : public ::testing::Test {
 protected:
  LineMedia() {
    server.on_event = [this](const sip::Event& event) {
      if (const auto* offer = std::get_if<OfferReceived>(&event)) {
        const bool held = offer->sdp.find("a=sendonly") != std::string::npos;
        EXPECT_TRUE(server.stack.answer_offer(offer->session,
                                              audio(++version, held ? "recvonly" : "sendrecv"), wire.now()));
      }
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(server.stack.accept(invite->session, audio(++version), {}, wire.now()));
    };
  }
  CallId connected() {
    phone.command(Dial{.target = "7002"});
    wire.run_for(milliseconds(200));
    EXPECT_EQ(phone.call().state, CallState::connected);
    return phone.call().call;
  }
  [[nodiscard]] std::string reason_of_the_bye() const {
    for (const auto& crossing : wire.crossings)
      if (crossing.is("BYE")) return std::string(crossing.message().value(HeaderId::reason));
    return "no BYE";
  }

  Wire wire;
  int version = 0;
  Node& server = wire.add("server", "10.0.0.9:5060");
  PhoneNode phone{wire, "phone", "10.0.0.3:5060", one_line()};
};

// rtp_inactivity_timeout, as observed: BYE with Reason: SIP;cause=503.
TEST_F(LineMedia, AnInactiveCallEndsWithItsReason) {
  const auto call = connected();
  EXPECT_EQ(phone.plan(call).inactivity_max, seconds(30));
  phone.core->media_inactive(call, wire.now());
  phone.settle();
  wire.run_for(milliseconds(200));
  EXPECT_EQ(reason_of_the_bye(), "SIP;cause=503") << wire.ladder();
  EXPECT_EQ(server.count<SessionEnded>(), 1U);
  const auto& ended = phone.last<CallEnded>().call;
  EXPECT_EQ(ended.end_reason, EndReason::network_failure);
  EXPECT_EQ(ended.status, 503);
}

TEST_F(LineMedia, AHeldCallDoesNot) {
  const auto call = connected();
  phone.command(Hold{call});
  wire.run_for(milliseconds(200));
  EXPECT_EQ(phone.plan(call).inactivity_max, seconds(0));
  phone.core->media_inactive(call, wire.now());
  phone.settle();
  EXPECT_EQ(phone.call().state, CallState::connected);
  phone.command(Resume{call});
  wire.run_for(milliseconds(200));
  EXPECT_EQ(phone.plan(call).inactivity_max, seconds(30));
}

// rtp_port_min and rtp_port_max are used up.
TEST_F(LineMedia, ACallWithoutPortsIsRefusedAndToldWhy) {
  phone.no_ports = true;
  Invite invite;
  invite.target = "sip:7001@10.0.0.3:5060";
  invite.from_uri = "sip:7002@10.0.0.9";
  invite.sdp = audio(++version);
  EXPECT_TRUE(server.stack.invite(std::move(invite), wire.now()));
  wire.settle(server);
  wire.run_for(milliseconds(200));
  EXPECT_EQ(server.last<SessionEnded>()->status, 503) << wire.ladder();
  EXPECT_THAT(phone.last<Warning>().problem.text, HasSubstr("ports"));
  EXPECT_THAT(phone.last<Warning>().problem.remedy, HasSubstr("rtp_port_min"));
  EXPECT_EQ(phone.all<CallEnded>().size(), 1U);
  phone.command(Dial{.target = "7002"});
  wire.run_for(milliseconds(200));
  EXPECT_EQ(phone.all<CallEnded>().size(), 2U);
  EXPECT_EQ(server.count<IncomingInvite>(), 0U) << "nothing was sent for it";
  EXPECT_EQ(phone.core->calls_alive(), 0U);
  phone.no_ports = false;
  connected();
}

// vq_alarm_threshold
TEST_F(LineMedia, AnAlarmIsRaisedAndCleared) {
  const auto call = connected();
  const auto interval = [&](double mos) {
    CallStatistics statistics;
    statistics.mos.interval = mos;
    const auto changed = phone.core->quality(call, statistics, true);
    phone.settle();
    return changed;
  };
  EXPECT_EQ(interval(4.3), std::nullopt);
  EXPECT_EQ(interval(3.0), true);
  EXPECT_TRUE(phone.call().quality_alarm);
  EXPECT_EQ(interval(4.0), std::nullopt);
  EXPECT_EQ(interval(4.0), false);
  EXPECT_FALSE(phone.call().quality_alarm);
  EXPECT_EQ(phone.all<QualityAlarm>().size(), 2U);
  const auto facts = phone.core->report_facts(call);
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->dialog.call_id.empty());
  EXPECT_FALSE(facts->dialog.remote_tag.empty());
  EXPECT_THAT(facts->dialog.local_uri, HasSubstr("7001@"));
  EXPECT_EQ(facts->remote, *Address::parse("10.0.0.9:6000", 0));
}

}  // namespace
}  // namespace sidetone::test
