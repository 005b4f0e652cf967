// The device policy in whole calls: what a missing headset does on the wire, and which devices are open when.
#include <gmock/gmock.h>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace std::chrono_literals;
using namespace sip;
using endpoint::UseDevices;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view server = "10.0.0.9:5060";
const UseDevices built_in{"pci.in", "pci.out"}, headset{"jabra.in", "jabra.out"}, closed{};

const device::DeviceList poor{{{"pci.in", "Built-in", "pci"}}, {{"pci.out", "Built-in", "pci"}}};
const device::DeviceList rich{{{"pci.in", "Built-in", "pci"}, {"jabra.in", "Jabra EVOLVE", "usb"}},
                              {{"pci.out", "Built-in", "pci"}, {"jabra.out", "Jabra EVOLVE", "usb"}}};

class Devices : public ::testing::Test {
 protected:
  // After the options are set.
  void begin(std::optional<device::DeviceList> list) {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.auto_answer = auto_answer;
    settings.devices = options;
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(settings));
    wire.add_peer(server, [this](const Message& message, Address) {
      if (message.is_request()) {
        requests.push_back(message);
        return;
      }
      const bool of_last = message.value(HeaderId::call_id) == fmt::format("call-{}", calls);
      if (message.status() > 100 && of_last) answers.push_back(message.status());
    });
    if (list) plug(std::move(*list));
  }
  void plug(device::DeviceList list) {
    phone->core->set_devices(std::move(list), wire.now());
    phone->settle();
  }
  void call_phone() {
    auto message = Message::request("INVITE", "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bK{}", server, ++calls));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, "<sip:4711@lab.example>;tag=peer");
    message.add(HeaderId::to, "<sip:7001@lab.example>");
    message.add(HeaderId::call_id, fmt::format("call-{}", calls));
    message.add(HeaderId::cseq, "1 INVITE");
    message.add(HeaderId::contact, "<sip:4711@10.0.0.9>");
    message.set_body(
        "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n"
        "m=audio 20000 RTP/AVP 0\r\n",
        "application/sdp");
    answers.clear();
    wire.inject(*Address::parse(server, 0), phone->node.address, message);
    wire.run_for(10ms);
  }
  [[nodiscard]] std::vector<UseDevices> orders() const {
    std::vector<UseDevices> found;
    for (const auto& order : phone->orders)
      if (const auto* use = std::get_if<UseDevices>(&order)) found.push_back(*use);
    return found;
  }
  [[nodiscard]] std::string last_warning() const {
    const auto all = phone->all<Warning>();
    return all.empty() ? std::string() : all.back()->problem.text;
  }

  endpoint::CoreDevices options;
  bool auto_answer = false;
  Wire wire;
  std::unique_ptr<PhoneNode> phone;
  std::vector<int> answers;
  std::vector<Message> requests;
  int calls = 0;
};

TEST_F(Devices, MissingHeadsetRejectsCallsWithTheConfiguredCode) {
  options.policy.use_headset = options.policy.reject_session_when_headset_na = true;
  options.policy.headset_name = {"Jabra"};
  options.headset_na_status = 603;
  auto_answer = true;
  begin(poor);
  call_phone();
  EXPECT_THAT(answers, ElementsAre(603));
  EXPECT_THAT(phone->all<CallAdded>(), IsEmpty());
  EXPECT_THAT(last_warning(), HasSubstr("the call from 4711 was refused with 603: no headset"));
  phone->command(Dial{"7002", {}});
  EXPECT_THAT(requests, IsEmpty());
  EXPECT_THAT(phone->last<CommandFailed>().problem.text, HasSubstr("no headset"));
  EXPECT_THAT(orders(), IsEmpty());
  plug(rich);
  call_phone();
  wire.run_for(1600ms);
  EXPECT_THAT(answers, ElementsAre(180, 200));
  EXPECT_THAT(orders(), ElementsAre(headset));
}

TEST_F(Devices, MissingHeadsetBlocksAutomaticAnswerOnly) {
  options.policy.use_headset = true;
  options.policy.headset_name = {"Jabra"};
  auto_answer = true;
  begin(poor);
  call_phone();
  wire.run_for(10s);
  EXPECT_THAT(answers, ElementsAre(180));
  EXPECT_EQ(phone->call().state, CallState::ringing);
  EXPECT_THAT(last_warning(), HasSubstr("not answered automatically: no headset"));
  EXPECT_THAT(orders(), ElementsAre(built_in)) << "a device is still assigned";
  plug(rich);
  wire.run_for(10s);
  EXPECT_EQ(phone->call().state, CallState::ringing) << "who plugs it in answers";
  phone->command(Answer{phone->call().call});
  wire.run_for(10ms);
  EXPECT_EQ(answers.back(), 200);
  phone->command(Dial{"7002", {}});
  wire.run_for(10ms);
  EXPECT_FALSE(requests.empty()) << "outgoing calls can be initiated";
}

TEST_F(Devices, HeadsetThatComesWithinTheDelayIsAnsweredWith) {
  options.policy.use_headset = true;
  options.policy.headset_name = {"Jabra"};
  auto_answer = true;
  begin(poor);
  call_phone();
  wire.run_for(1s);
  plug(rich);
  wire.run_for(600ms);
  EXPECT_EQ(answers.back(), 200);
  EXPECT_THAT(orders(), ElementsAre(built_in, headset));
}

TEST_F(Devices, MissingMicrophoneBlocksAutomaticAnswer) {
  auto_answer = true;
  begin(device::DeviceList{{}, poor.speakers});
  call_phone();
  wire.run_for(10s);
  EXPECT_THAT(answers, ElementsAre(180));
  EXPECT_THAT(last_warning(), HasSubstr("no usable microphone"));
  EXPECT_THAT(orders(), ElementsAre(UseDevices{"", "pci.out"}));
}

TEST_F(Devices, NoHardwareIsNotMissed) {
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(settings));
  phone->command(ChooseDevices{"a", "b"});
  EXPECT_EQ(phone->last<CommandFailed>().command, "choose_devices");
  plug(rich);
  EXPECT_EQ(phone->core->snapshot().devices, DevicesSnapshot{});
}

TEST_F(Devices, CallMovesToTheHeadsetAndBack) {
  options.policy.use_headset = true;
  options.policy.headset_name = {"Jabra"};
  begin(rich);
  EXPECT_THAT(orders(), IsEmpty()) << "nothing is open without a call";
  EXPECT_TRUE(phone->core->snapshot().devices.headset_available);
  EXPECT_EQ(phone->core->snapshot().devices.microphone, "jabra.in");
  phone->command(Dial{"7002", {}});
  plug(poor);
  EXPECT_FALSE(phone->last<DevicesChanged>().devices.headset_available);
  EXPECT_EQ(phone->last<DevicesChanged>().devices.speaker, "pci.out");
  plug(rich);
  EXPECT_THAT(orders(), ElementsAre(headset, built_in, headset));
  EXPECT_TRUE(phone->last<DevicesChanged>().devices.headset_available);
  EXPECT_EQ(phone->all<DevicesChanged>().size(), 3u);
  plug(rich);
  EXPECT_EQ(phone->all<DevicesChanged>().size(), 3u) << "nothing changed, nothing is told";
}

TEST_F(Devices, DeviceReleaseIsDeferred) {
  options.use.release_delay = 300ms;  // not the default
  begin(rich);
  const auto hang_up = [this] { phone->command(HangUp{phone->call().call}); };
  phone->command(Dial{"7002", {}});
  hang_up();
  EXPECT_THAT(orders(), ElementsAre(built_in));
  wire.run_for(299ms);
  phone->command(Dial{"7002", {}});  // restarted quickly
  wire.run_for(1s);
  EXPECT_THAT(orders(), ElementsAre(built_in));
  hang_up();
  wire.run_for(299ms);
  EXPECT_THAT(orders(), ElementsAre(built_in));
  wire.run_for(1ms);
  EXPECT_THAT(orders(), ElementsAre(built_in, closed));
}

TEST_F(Devices, KeptChannelsAreOpenFromTheStart) {
  options.use = {0ms, true, false};  // webrtc_audio_layer 1000
  begin(poor);
  const UseDevices microphone{"pci.in", ""};
  EXPECT_THAT(orders(), ElementsAre(microphone));
  phone->command(Dial{"7002", {}});
  phone->command(HangUp{phone->call().call});
  EXPECT_THAT(orders(), ElementsAre(microphone, built_in, microphone));
}

TEST_F(Devices, AKeptSpeakerIsOpenFromTheStart) {
  options.use = {0ms, false, true};  // webrtc_audio_layer 2000
  begin(poor);
  EXPECT_THAT(orders(), ElementsAre(UseDevices{"", "pci.out"}));
}

TEST_F(Devices, FilesNeedNoDevice) {
  options.policy.microphone_needed = false;
  begin(poor);
  phone->command(Dial{"7002", {}});
  EXPECT_THAT(orders(), ElementsAre(UseDevices{"", "pci.out"}));
}

TEST_F(Devices, ByHandActsInTheCall) {
  begin(rich);
  phone->command(Dial{"7002", {}});
  phone->command(ChooseDevices{"jabra.in", "jabra.out"});
  EXPECT_THAT(orders(), ElementsAre(built_in, headset));
  EXPECT_EQ(phone->last<DevicesChanged>().devices.speaker, "jabra.out");
  phone->command(ChooseDevices{});
  EXPECT_THAT(orders(), ElementsAre(built_in, headset, built_in));
}

// use_headset=1: whether it is there is not known before the sound system has told.
TEST_F(Devices, NothingIsAnsweredBeforeTheDevicesAreKnown) {
  options.policy.use_headset = options.policy.reject_session_when_headset_na = true;
  options.policy.headset_name = {"Jabra"};
  auto_answer = true;
  begin(std::nullopt);
  call_phone();
  wire.run_for(5s);
  EXPECT_THAT(answers, ElementsAre(180)) << "it rings";
  phone->command(HangUp{phone->call().call});
  plug(rich);
  call_phone();
  wire.run_for(5s);
  EXPECT_EQ(answers.back(), 200);
}

// policy.session.agc_mode and its like: one setting for all calls, switchable at run time.
TEST_F(Devices, TheVoiceIsProcessedAsToldAtAnyTime) {
  using Settings = device::VoiceSettings;
  const auto told = [this] {
    std::vector<Settings> found;
    for (const auto& order : phone->orders)
      if (const auto* process = std::get_if<endpoint::ProcessVoice>(&order))
        found.push_back(process->settings);
    return found;
  };
  const Settings gain{.gain_control = true}, gain_and_echo{.echo_control = true, .gain_control = true};
  options.voice = gain;
  begin(rich);
  EXPECT_THAT(told(), ElementsAre(gain));
  phone->command(ProcessVoice{.gain_control = {}, .echo_control = true, .noise_suppression = {}});
  EXPECT_THAT(told(), ElementsAre(gain, gain_and_echo));
  EXPECT_TRUE(phone->last<DevicesChanged>().devices.echo_control);
  phone->command(ProcessVoice{.gain_control = true, .echo_control = {}, .noise_suppression = {}});
  EXPECT_THAT(told(), ElementsAre(gain, gain_and_echo)) << "it is on already";
}

TEST_F(Devices, EchoIsCancelledOnceOnly) {
  auto list = poor;
  list.microphones.push_back({"pci.in.echo-cancel", "Built-in (echo cancelled)", "pci", false, false, true});
  options.voice = {.echo_control = true, .noise_suppression = true};
  begin(list);
  const auto last = [&] {
    const endpoint::ProcessVoice* found = nullptr;
    for (const auto& order : phone->orders)
      if (const auto* process = std::get_if<endpoint::ProcessVoice>(&order)) found = process;
    return found != nullptr ? *found : endpoint::ProcessVoice{};
  };
  EXPECT_TRUE(last().settings.echo_control);
  EXPECT_EQ(last().echo_left_to, "");
  phone->command(ChooseDevices{"pci.in.echo-cancel", ""});
  EXPECT_FALSE(last().settings.echo_control) << "the sound system's is enough";
  EXPECT_TRUE(last().settings.noise_suppression);
  EXPECT_EQ(last().echo_left_to, "Built-in (echo cancelled)");
  EXPECT_TRUE(phone->core->snapshot().devices.echo_control) << "it is wanted all the same";
  phone->command(ProcessVoice{.gain_control = true, .echo_control = {}, .noise_suppression = {}});
  EXPECT_FALSE(last().settings.echo_control);
  EXPECT_TRUE(last().settings.gain_control);
  phone->command(ChooseDevices{"pci.in", ""});
  EXPECT_TRUE(last().settings.echo_control);
  EXPECT_EQ(last().echo_left_to, "");
}

TEST_F(Devices, AnUnusableDeviceIsNamedAndReplaced) {
  begin(rich);
  phone->command(Dial{"7002", {}});
  phone->core->device_failed({"pci.in", "", "it is used by another program"}, wire.now());
  phone->settle();
  EXPECT_THAT(last_warning(), HasSubstr("the microphone \"Built-in\" cannot be used: it is used by another"));
  EXPECT_THAT(phone->last<Warning>().problem.remedy, HasSubstr("\"Jabra EVOLVE\" is used instead"));
  EXPECT_THAT(orders(), ElementsAre(built_in, UseDevices{"jabra.in", "pci.out"}));
  // Nothing is left: it is tried again, not at once and not forever.
  phone->core->device_failed({"jabra.in", "", "it does not answer"}, wire.now());
  phone->settle();
  EXPECT_THAT(phone->last<Warning>().problem.remedy, HasSubstr("tried again"));
  wire.run_for(1900ms);
  EXPECT_EQ(orders().size(), 2u) << "the media side has taken it away by itself";
  wire.run_for(200ms);
  EXPECT_EQ(orders().size(), 3u);
  EXPECT_EQ(orders().back(), built_in);
}

TEST_F(Devices, BeforeTheFirstListNothingIsInTheWay) {
  options.policy.use_headset = options.policy.reject_session_when_headset_na = true;
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  settings.devices = options;
  phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(settings));
  phone->command(Dial{"7002", {}});
  EXPECT_EQ(phone->core->calls_alive(), 1u);
}

}  // namespace
}  // namespace sidetone::test
