// The configuration changes under running calls: which of it acts at once, what waits for the next call, and
// what a line does that has another server (RFC 3261 §10.2).
#include <algorithm>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace sip;

struct Registrar {
  Registrar(Wire& on, const std::string& name, std::string_view address)
      : wire(on), node(on.add(name, address)) {
    node.on_event = [this](const sip::Event& event) {
      if (const auto* request = std::get_if<IncomingRequest>(&event);
          request && request->request->method() == Method::register_) {
        registers.emplace_back(request->request->value(HeaderId::expires));
        Response response{.status = 200};
        response.headers = {{"Contact", std::string(request->request->value(HeaderId::contact)) +
                                            ";expires=" + registers.back()}};
        EXPECT_TRUE(node.stack.respond(request->id, response, wire.now()));
      }
      if (const auto* invite = std::get_if<IncomingInvite>(&event)) {
        offers.push_back(invite->sdp);
        EXPECT_TRUE(node.stack.accept(invite->session, answer, {}, wire.now()));
      }
      if (const auto* offer = std::get_if<OfferReceived>(&event))
        EXPECT_TRUE(node.stack.answer_offer(offer->session, answer, wire.now()));
    };
  }
  Wire& wire;
  Node& node;
  std::vector<std::string> registers;  // their Expires
  std::vector<std::string> offers;
  std::string answer =
      "v=0\r\no=- 5 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
};

class Reconfigured : public ::testing::Test {
 protected:
  Reconfigured() {
    settings.lines.push_back(line_at_server("7001"));
    settings.lines[0].register_expires = seconds(1800);
    settings.codecs = *codec::parse_enabled("pcmu,pcma");
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", settings);
    for (auto& line : settings.lines) place(line);
    wire.run_for(seconds(1));
  }
  // What the engine does for each line.
  void place(endpoint::CoreLine& line) const {
    line.socket = phone->node.udp;
    line.media_ip = phone->node.address.ip;
  }
  void change() {
    for (auto& line : settings.lines) place(line);
    phone->core->reconfigure(settings, wire.now());
    phone->settle();
    wire.run_for(seconds(2));
  }
  void dial() {
    phone->command(Dial{.target = "7002"});
    wire.run_for(seconds(1));
    ASSERT_EQ(phone->call().state, CallState::connected) << wire.ladder();
  }
  [[nodiscard]] LineSnapshot line(std::size_t index) const { return phone->core->snapshot().lines.at(index); }

  Wire wire;
  Registrar a{wire, "a", "10.0.0.9:5060"}, b{wire, "b", "10.0.0.8:5060"};
  endpoint::CoreSettings settings;
  std::unique_ptr<PhoneNode> phone;
};

TEST_F(Reconfigured, nothing_changed_sends_nothing) {
  const auto before = wire.crossings.size();
  change();
  EXPECT_EQ(wire.crossings.size(), before) << wire.ladder();
}

TEST_F(Reconfigured, a_line_with_another_server_moves_and_its_call_stays) {
  dial();
  settings.lines[0].server_host = "10.0.0.8";
  change();
  EXPECT_EQ(a.registers, (std::vector<std::string>{"1800", "0"})) << "the old binding goes";
  EXPECT_EQ(b.registers, std::vector<std::string>{"1800"});
  EXPECT_EQ(line(0).state, LineState::ready);
  EXPECT_EQ(line(0).server, "10.0.0.8:5060");
  EXPECT_EQ(phone->call().state, CallState::connected);
  // The call is held, resumed and ended at the server where it is.
  phone->command(Hold{phone->call().call});
  wire.run_for(seconds(1));
  EXPECT_TRUE(phone->call().held_by_us) << wire.ladder();
  phone->command(Resume{phone->call().call});
  wire.run_for(seconds(1));
  phone->command(HangUp{phone->call().call});
  wire.run_for(seconds(1));
  EXPECT_EQ(phone->last<CallEnded>().call.end_reason, EndReason::hung_up_here);
  EXPECT_EQ(a.node.count<SessionEnded>(), 1U);
  dial();
  EXPECT_EQ(b.offers.size(), 1U) << "the next call goes by the new server";
}

TEST_F(Reconfigured, the_far_end_ends_its_call_after_the_line_has_moved) {
  dial();
  settings.lines[0].server_host = "10.0.0.8";
  change();
  ASSERT_TRUE(a.node.stack.end(a.node.last<IncomingInvite>()->session, {}, wire.now()));
  wire.settle(a.node);
  wire.run_for(seconds(1));
  EXPECT_EQ(phone->last<CallEnded>().call.end_reason, EndReason::hung_up_there) << wire.ladder();
}

// The call has no line any more that leads it when the machine's address changes (RFC 3264 §8.3.1).
class ReconfiguredThenMoved : public Reconfigured {
 protected:
  static constexpr std::string_view new_address = "10.9.0.1:5060";
  void move_network() {
    const auto socket = wire.add_socket(phone->node, new_address);
    const auto old = phone->node.address.ip;
    const auto to = *Address::parse(new_address, 0);
    for (std::size_t i = 0; i < settings.lines.size(); ++i)
      phone->core->move_line(LineId{static_cast<std::uint8_t>(i)}, socket, to, wire.now());
    EXPECT_EQ(phone->core->addresses_of_former_lines(), std::vector{old});
    phone->core->move_former_calls(old, socket, to.ip, wire.now());
    wire.remove_socket(phone->node, phone->node.udp);
    phone->settle();
    wire.run_for(seconds(5));
    EXPECT_TRUE(phone->core->addresses_of_former_lines() == std::vector{to.ip});
  }
  void expect_alive_at_new_address() {
    const auto told = wire.last("INVITE");
    ASSERT_TRUE(told) << wire.ladder();
    EXPECT_EQ(told->from.to_string(), new_address) << wire.ladder();
    EXPECT_EQ(told->to, a.node.address);
    EXPECT_NE(told->bytes.find("c=IN IP4 10.9.0.1"), std::string::npos) << told->bytes;
    EXPECT_NE(told->message().value(HeaderId::contact).find("10.9.0.1"), std::string_view::npos);
    EXPECT_EQ(phone->call().state, CallState::connected);
    // The far end reaches it there.
    ASSERT_TRUE(a.node.stack.end(a.node.last<IncomingInvite>()->session, {}, wire.now()));
    wire.settle(a.node);
    wire.run_for(seconds(1));
    EXPECT_EQ(phone->last<CallEnded>().call.end_reason, EndReason::hung_up_there) << wire.ladder();
  }
};

TEST_F(ReconfiguredThenMoved, a_call_of_the_old_server_follows_the_new_address) {
  dial();
  settings.lines[0].server_host = "10.0.0.8";
  change();
  const auto before = wire.count("INVITE");
  move_network();
  EXPECT_EQ(wire.count("INVITE"), before + 1) << "told once\n" << wire.ladder();
  EXPECT_EQ(b.registers.size(), 2U) << "the line registers from there";
  expect_alive_at_new_address();
}

TEST_F(ReconfiguredThenMoved, a_call_of_a_line_that_is_no_more_follows_the_new_address) {
  settings.lines.push_back(line_at_server("7005"));
  change();
  phone->command(Dial{.target = "7002", .line = LineId{1}});
  wire.run_for(seconds(1));
  settings.lines.pop_back();
  change();
  move_network();
  expect_alive_at_new_address();
}

TEST_F(ReconfiguredThenMoved, where_it_can_stay_it_stays) {
  dial();
  settings.lines[0].server_host = "10.0.0.8";
  change();
  const auto before = wire.count("INVITE");
  const auto socket = wire.add_socket(phone->node, new_address);
  phone->core->move_line(LineId{0}, socket, *Address::parse(new_address, 0), wire.now());
  phone->settle();
  wire.run_for(seconds(5));
  EXPECT_EQ(wire.count("INVITE"), before) << "only the line has moved\n" << wire.ladder();
  phone->command(HangUp{phone->call().call});
  wire.run_for(seconds(1));
  EXPECT_EQ(a.node.count<SessionEnded>(), 1U);
}

// The same binding: it must not be removed after it was made.
TEST_F(Reconfigured, another_password_registers_anew_and_removes_nothing) {
  settings.lines[0].password = Secret<std::string>("other");
  change();
  EXPECT_EQ(a.registers, (std::vector<std::string>{"1800", "1800"}));
  settings.lines[0].register_expires = seconds(600);
  change();
  EXPECT_EQ(a.registers.back(), "600");
  settings.lines[0].register_expires = seconds(0);
  change();
  EXPECT_EQ(a.registers.back(), "0");
  EXPECT_EQ(line(0).state, LineState::disabled);
  settings.lines[0].register_expires = seconds(300);
  change();
  EXPECT_EQ(a.registers.back(), "300");
  EXPECT_EQ(line(0).state, LineState::ready);
}

TEST_F(Reconfigured, lines_come_and_go) {
  settings.lines.push_back(line_at_server("7005"));
  settings.lines[1].server_host = "10.0.0.8";
  settings.lines[1].register_expires = seconds(1800);
  change();
  ASSERT_EQ(phone->core->snapshot().lines.size(), 2U);
  EXPECT_EQ(line(1).state, LineState::ready);
  phone->command(Dial{.target = "7002", .line = LineId{1}});
  wire.run_for(seconds(1));
  settings.lines.pop_back();
  change();
  EXPECT_EQ(phone->core->snapshot().lines.size(), 1U);
  EXPECT_EQ(b.registers, (std::vector<std::string>{"1800", "0"}));
  EXPECT_EQ(phone->call().state, CallState::connected) << "its call stays";
  phone->command(HangUp{phone->call().call});
  wire.run_for(seconds(1));
  EXPECT_EQ(b.node.count<SessionEnded>(), 1U);
  EXPECT_EQ(phone->last<LineChanged>().line.line, LineId{1});
  EXPECT_EQ(phone->last<LineChanged>().line.state, LineState::disabled);
}

TEST_F(Reconfigured, codecs_are_those_of_the_next_call) {
  dial();
  const auto first = phone->call().call;
  settings.codecs = *codec::parse_enabled("pcma");
  change();
  phone->command(Hold{first});
  wire.run_for(seconds(1));
  phone->command(Resume{first});
  wire.run_for(seconds(1));
  EXPECT_EQ(phone->plan(first).send_format.codec, codec::AudioCodec::pcmu) << "a call goes on as it began";
  EXPECT_EQ(phone->call().state, CallState::connected);
  phone->command(HangUp{first});
  wire.run_for(seconds(1));
  a.answer =
      "v=0\r\no=- 5 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n";
  dial();
  EXPECT_NE(a.offers.back().find("RTP/AVP 8 "), std::string::npos) << a.offers.back();
}

// Whatever changes while a call lives: it ends when somebody ends it, and not before.
TEST_F(Reconfigured, no_call_drops_by_any_change) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    settings = {};
    settings.lines.push_back(line_at_server("7001"));
    settings.codecs = *codec::parse_enabled("pcmu,pcma");
    change();
    dial();
    const auto call = phone->call().call;
    const auto other = [&](std::string_view one, std::string_view two) {
      return std::string(random.below(2) == 0 ? one : two);
    };
    for (int step = 0; step < 12; ++step) {
      auto& line = settings.lines[0];
      switch (random.below(9)) {
        case 0: line.server_host = other("10.0.0.9", "10.0.0.8"); break;
        case 1: line.user = other("7001", "7004"); break;
        case 2: line.password = Secret<std::string>(other("a", "b")); break;
        case 3: line.register_expires = seconds(random.below(2) * 600); break;
        case 4: settings.codecs = *codec::parse_enabled(other("pcma,pcmu", "G722")); break;
        case 5: settings.auto_answer = !settings.auto_answer; break;
        case 6:
          if (settings.lines.size() > 1)
            settings.lines.pop_back();
          else
            settings.lines.push_back(line_at_server("7006"));
          break;
        case 7: phone->command(Hold{call}); break;
        default: phone->command(Resume{call}); break;
      }
      change();
      const auto calls = phone->core->snapshot().calls;
      ASSERT_EQ(calls.size(), 1U) << "seed " << seed << " step " << step << "\n" << wire.ladder();
      ASSERT_EQ(calls[0].state, CallState::connected) << "seed " << seed << " step " << step;
    }
    phone->command(HangUp{call});
    wire.run_for(seconds(2));
    ASSERT_EQ(phone->last<CallEnded>().call.end_reason, EndReason::hung_up_here) << "seed " << seed;
    ASSERT_EQ(a.node.count<SessionEnded>() + b.node.count<SessionEnded>(), seed)
        << "the far end has heard of it";
  }
}

TEST_F(Reconfigured, after_a_stop_nothing_changes) {
  phone->command(Stop{});
  settings.lines[0].server_host = "10.0.0.8";
  change();
  EXPECT_TRUE(b.registers.empty());
}

// The guide's options of devices and ringing, with a sound card.
class ReconfiguredDevices : public Reconfigured {
 protected:
  ReconfiguredDevices() {
    settings.devices.emplace();
    settings.devices->policy.headset_name = {"Jabra"};
    settings.tones.ringing = endpoint::RingWhere::system;
    node = std::make_unique<PhoneNode>(wire, "desk", "10.0.0.4:5060", settings);
    device::DeviceList list;
    list.microphones = {{.id = "m1", .name = "Built-in", .is_default = true}, {.id = "m2", .name = "Jabra"}};
    list.speakers = {{.id = "s1", .name = "Built-in", .is_default = true}, {.id = "s2", .name = "Jabra"}};
    node->core->set_devices(list, wire.now());
    node->settle();
    wire.run_for(seconds(1));
  }
  void change_desk() {
    for (auto& line : settings.lines) {
      line.socket = node->node.udp;
      line.media_ip = node->node.address.ip;
    }
    node->core->reconfigure(settings, wire.now());
    node->settle();
    wire.run_for(seconds(1));
  }
  [[nodiscard]] std::string microphone() const { return node->core->snapshot().devices.microphone; }
  std::unique_ptr<PhoneNode> node;
};

TEST_F(ReconfiguredDevices, a_running_call_keeps_its_devices) {
  EXPECT_EQ(microphone(), "m1");
  node->command(Dial{.target = "7002"});
  wire.run_for(seconds(1));
  settings.devices->policy.use_headset = true;
  change_desk();
  EXPECT_EQ(microphone(), "m1") << "the call goes on where it is";
  node->command(HangUp{node->call().call});
  wire.run_for(seconds(1));
  EXPECT_EQ(microphone(), "m2");
}

TEST_F(ReconfiguredDevices, without_calls_devices_change_at_once) {
  settings.devices->policy.use_headset = true;
  change_desk();
  EXPECT_EQ(microphone(), "m2");
}

TEST_F(ReconfiguredDevices, each_option_of_the_voice_acts_under_a_call) {
  node->command(Dial{.target = "7002"});
  wire.run_for(seconds(1));
  using Voice = device::VoiceSettings;
  const std::pair<bool Voice::*, const char*> rows[] = {{&Voice::gain_control, "agc_mode"},
                                                        {&Voice::echo_control, "echo_control"},
                                                        {&Voice::noise_suppression, "noise_suppression"}};
  for (const auto& [option, name] : rows)
    for (const bool on : {true, false}) {
      settings.devices->voice.*option = on;
      node->orders.clear();
      change_desk();
      const auto order = std::find_if(node->orders.begin(), node->orders.end(), [](const auto& each) {
        return std::holds_alternative<endpoint::ProcessVoice>(each);
      });
      ASSERT_NE(order, node->orders.end()) << name;
      EXPECT_EQ(std::get<endpoint::ProcessVoice>(*order).settings.*option, on) << name;
      EXPECT_EQ(node->call().state, CallState::connected) << name;
    }
}

TEST_F(ReconfiguredDevices, processing_changes_at_once_and_what_the_user_chose_stays) {
  node->command(Dial{.target = "7002"});
  wire.run_for(seconds(1));
  node->command(ProcessVoice{.echo_control = true});
  settings.devices->voice.noise_suppression = true;
  change_desk();
  EXPECT_TRUE(node->core->snapshot().devices.noise_suppression);
  node->command(ProcessVoice{.echo_control = true});
  settings.tones.ringing_timeout = seconds(5);
  change_desk();
  EXPECT_TRUE(node->core->snapshot().devices.echo_control) << "the file says nothing new about it";
}

}  // namespace
}  // namespace sidetone::test
