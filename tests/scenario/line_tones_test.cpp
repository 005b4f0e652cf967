// Ringing, call waiting and ring-back in whole calls: what is ordered of the media side, and what the user is
// told.
#include <gmock/gmock.h>
#include <algorithm>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace std::chrono_literals;
using namespace sip;
using endpoint::PlayTone;
using endpoint::RingWhere;
using endpoint::ToneSlot;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view server = "10.0.0.9:5060";
constexpr std::string_view peer_sdp =
    "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0\r\n";

const device::DeviceList devices{{{"pci.in", "Built-in", "pci"}, {"jabra.in", "Jabra EVOLVE", "usb"}},
                                 {{"pci.out", "Built-in", "pci", true},
                                  {"jabra.out", "Jabra EVOLVE", "usb"},
                                  {"bell.out", "Loud Bell", "bell"}}};

class Tones : public ::testing::Test {
 protected:
  void begin() {
    endpoint::CoreSettings core;
    core.lines.push_back(line_at_server("7001"));
    core.tones = tones;
    core.auto_answer = auto_answer;
    core.auto_answer_delay = 0ms;
    core.devices.emplace();
    core.devices->policy.use_headset = true;
    core.devices->policy.headset_name = {"Jabra"};
    core.devices->policy.ringer_device = {"Bell"};
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(core));
    wire.add_peer(server, [this](const Message& message, Address) { received.push_back(message); });
    phone->core->set_devices(devices, wire.now());
    phone->settle();
  }
  Message call_phone(std::string_view extra_header = {}, std::string_view extra_value = {}) {
    auto message = Message::request("INVITE", "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bK{}", server, ++calls));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, fmt::format("<sip:4711@lab.example>;tag=peer{}", calls));
    message.add(HeaderId::to, "<sip:7001@lab.example>");
    message.add(HeaderId::call_id, fmt::format("call-{}", calls));
    message.add(HeaderId::cseq, "1 INVITE");
    message.add(HeaderId::contact, "<sip:4711@10.0.0.9>");
    if (!extra_header.empty()) message.add(std::string(extra_header), std::string(extra_value));
    message.set_body(std::string(peer_sdp), "application/sdp");
    inject(message);
    return message;
  }
  void inject(const Message& message) {
    wire.inject(*Address::parse(server, 0), phone->node.address, message);
    wire.run_for(10ms);
  }
  void cancel(const Message& invite) {
    auto message = Message::request("CANCEL", "sip:7001@10.0.0.3");
    for (const auto id : {HeaderId::via, HeaderId::from, HeaderId::to, HeaderId::call_id})
      message.add(id, std::string(invite.value(id)));
    message.add(HeaderId::cseq, "1 CANCEL");
    inject(message);
  }
  // Outgoing: the phone's INVITE, and what the far end says to it.
  void respond(int status, std::string_view branch, std::string_view sdp = {}, int rseq = 0) {
    const auto invite = std::find_if(received.begin(), received.end(), [](const Message& message) {
      return message.is_request() && message.method() == Method::invite;
    });
    ASSERT_NE(invite, received.end());
    auto response = Message::response(*invite, status, "", branch);
    response.add(HeaderId::contact, fmt::format("<sip:{}@10.0.0.9>", branch));
    if (rseq != 0) {
      response.add(HeaderId::require, "100rel");
      response.add(HeaderId::rseq, std::to_string(rseq));
    }
    if (!sdp.empty()) response.set_body(std::string(sdp), "application/sdp");
    inject(response);
  }

  [[nodiscard]] std::vector<PlayTone> orders(ToneSlot slot) const {
    std::vector<PlayTone> found;
    for (const auto& order : phone->orders)
      if (const auto* play = std::get_if<PlayTone>(&order))
        if (play->slot == slot) found.push_back(*play);
    return found;
  }
  // "jabra.out", "calls": where the last order of a slot plays, with the file; "" when it is silent.
  [[nodiscard]] std::string sounds(ToneSlot slot = ToneSlot::alert) const {
    const auto all = orders(slot);
    if (all.empty()) return {};
    std::string text;
    for (const auto& place : all.back().places) {
      constexpr const char* files[] = {"ringing", "system_ringing", "call_waiting", "ringback"};
      text += fmt::format("{}{}:{}", text.empty() ? "" : " ", place.device.empty() ? "calls" : place.device,
                          files[static_cast<std::size_t>(place.file)]);
    }
    return text;
  }
  [[nodiscard]] Tone alert() const { return phone->core->snapshot().tones.alert; }
  void answer(std::size_t call = 0) { phone->command(Answer{phone->core->snapshot().calls.at(call).call}); }

  endpoint::ToneSettings tones{.ringing = RingWhere::system_and_headset};
  bool auto_answer = false;
  Wire wire;
  std::unique_ptr<PhoneNode> phone;
  std::vector<Message> received;
  int calls = 0;
};

TEST_F(Tones, ACallRingsUntilItIsAnswered) {
  begin();
  EXPECT_THAT(orders(ToneSlot::alert), IsEmpty());
  call_phone();
  EXPECT_EQ(sounds(), "calls:ringing pci.out:system_ringing") << "the headset is open for the call already";
  EXPECT_EQ(phone->last<TonesChanged>().tones.alert, Tone::ringing);
  EXPECT_EQ(phone->last<TonesChanged>().tones.alert_call, phone->call().call);
  answer();
  EXPECT_EQ(sounds(), "");
  EXPECT_EQ(phone->last<TonesChanged>().tones, TonesSnapshot{});
  EXPECT_EQ(phone->all<TonesChanged>().size(), 2u);
}

TEST_F(Tones, ACallRingsUntilItIsGone) {
  begin();
  cancel(call_phone());
  EXPECT_EQ(sounds(), "");
  call_phone();
  EXPECT_EQ(alert(), Tone::ringing);
  phone->command(Reject{phone->call().call, 486});
  EXPECT_EQ(sounds(), "");
  EXPECT_EQ(orders(ToneSlot::alert).size(), 4u);
}

TEST_F(Tones, RingingTimeoutSilencesThePhoneNotTheCall) {
  tones.ringing_timeout = 5s;
  begin();
  call_phone();
  wire.run_for(4900ms);
  EXPECT_EQ(alert(), Tone::ringing);
  wire.run_for(200ms);
  EXPECT_EQ(sounds(), "");
  EXPECT_EQ(phone->call().state, CallState::ringing);
}

struct AlertInfoRow {
  const char* value;
  bool rings;
};
class AlertInfo : public Tones, public testing::WithParamInterface<AlertInfoRow> {};
TEST_P(AlertInfo, OfMakeCallSuppressesTheRingtone) {
  begin();
  call_phone("Alert-Info", GetParam().value);
  EXPECT_EQ(phone->call().state, CallState::ringing);
  EXPECT_EQ(alert(), GetParam().rings ? Tone::ringing : Tone::none);
  EXPECT_EQ(orders(ToneSlot::alert).empty(), !GetParam().rings);
}
// The option make-call-alert-info of SIP Server, in both forms; any other ringtone is not fetched, and ours
// rings.
INSTANTIATE_TEST_SUITE_P(Values, AlertInfo,
                         testing::Values(AlertInfoRow{"<file://null>;service=3pcc", false},
                                         AlertInfoRow{"<file://null>;SERVICE=3PCC", false},
                                         AlertInfoRow{"<http://www.example.com/x@genesys>", false},
                                         AlertInfoRow{"<x@Genesys>", false},
                                         AlertInfoRow{"<http://www.example.com/ring.wav>", true},
                                         AlertInfoRow{"<http://www.example.com/ring.wav>;service=x", true},
                                         AlertInfoRow{"nonsense", true}));

TEST_F(Tones, ASecondCallWaits) {
  begin();
  call_phone();
  answer();
  call_phone();
  EXPECT_EQ(sounds(), "calls:call_waiting");
  EXPECT_EQ(phone->last<TonesChanged>().tones.alert, Tone::call_waiting);
  phone->command(Hold{phone->core->snapshot().calls.at(0).call});
  EXPECT_EQ(alert(), Tone::ringing) << "held calls are not active";
  phone->command(Reject{phone->call().call, 486});
  EXPECT_EQ(sounds(), "");
}

TEST_F(Tones, RingingWhileCallHeldOfNothingWaitsInstead) {
  tones.ringing_while_call_held = false;
  begin();
  call_phone();
  answer();
  phone->command(Hold{phone->call().call});
  call_phone();
  EXPECT_EQ(sounds(), "calls:call_waiting");
}

TEST_F(Tones, WhoDialsIsNotRungAt) {
  begin();
  phone->command(Dial{"7002", {}});
  call_phone();
  EXPECT_EQ(alert(), Tone::call_waiting);
}

TEST_F(Tones, OnceSoundsToItsEndThroughAutomaticAnswer) {
  tones.ringing = RingWhere::headset_once;
  auto_answer = true;
  begin();
  call_phone();
  EXPECT_TRUE(phone->call().state == CallState::connecting);
  ASSERT_EQ(orders(ToneSlot::alert).size(), 1u);
  EXPECT_TRUE(orders(ToneSlot::alert)[0].once);
  EXPECT_EQ(sounds(), "calls:ringing");
  const auto order = orders(ToneSlot::alert)[0].id;
  phone->core->tone_ended(order + 7, wire.now());
  EXPECT_EQ(alert(), Tone::ringing) << "another order";
  phone->core->tone_ended(order, wire.now());
  phone->settle();
  EXPECT_EQ(alert(), Tone::none);
}

TEST_F(Tones, ARingerThatDoesNotWorkIsNamedAndReplaced) {
  tones.ringing = RingWhere::ringer;
  begin();
  call_phone();
  EXPECT_EQ(sounds(), "bell.out:ringing");
  phone->core->tone_failed(orders(ToneSlot::alert).back().id, "bell.out", "it does not start", wire.now());
  phone->settle();
  EXPECT_EQ(sounds(), "calls:ringing");
  EXPECT_THAT(phone->last<Warning>().problem.text, HasSubstr("\"Loud Bell\" cannot ring: it does not start"));
}

TEST_F(Tones, APluggedRingerTakesOver) {
  tones.ringing = RingWhere::ringer;
  begin();
  auto fewer = devices;
  fewer.speakers.pop_back();
  phone->core->set_devices(fewer, wire.now());
  call_phone();
  EXPECT_EQ(sounds(), "pci.out:ringing") << "without ringer_device the first one rings";
  phone->core->set_devices(devices, wire.now());
  phone->settle();
  EXPECT_EQ(sounds(), "bell.out:ringing");
}

TEST_F(Tones, RingerVolumeAndTest) {
  begin();
  phone->command(SetRingerVolume{30});
  EXPECT_EQ(std::get<endpoint::UseRingerVolume>(phone->orders.back()).percent, 30);
  EXPECT_EQ(phone->last<DevicesChanged>().devices.ringer_volume, 30);
  phone->command(SetRingerVolume{101});
  EXPECT_EQ(phone->last<CommandFailed>().command, "ringer_volume");
  phone->command(TestRinger{});
  EXPECT_EQ(sounds(), "jabra.out:ringing pci.out:system_ringing") << "no call has opened the headset";
  const auto order = orders(ToneSlot::alert).back().id;
  phone->core->tone_ended(order, wire.now());
  phone->core->tone_ended(order, wire.now());
  phone->settle();
  EXPECT_EQ(sounds(), "");
  call_phone();
  phone->command(TestRinger{});
  EXPECT_EQ(phone->last<CommandFailed>().command, "test_ringer");
}

TEST_F(Tones, LocalRingbackUntilTheAnswer) {
  begin();
  phone->command(Dial{"7002", {}});
  wire.run_for(10ms);
  EXPECT_EQ(sounds(ToneSlot::ringback), "");
  respond(180, "a");
  EXPECT_EQ(sounds(ToneSlot::ringback), "calls:ringback");
  EXPECT_TRUE(phone->last<TonesChanged>().tones.ringback);
  respond(200, "a", peer_sdp);
  EXPECT_EQ(sounds(ToneSlot::ringback), "");
}

TEST_F(Tones, RingbackEndsWithARefusal) {
  begin();
  phone->command(Dial{"7002", {}});
  wire.run_for(10ms);
  respond(180, "a");
  respond(486, "a");
  EXPECT_EQ(sounds(ToneSlot::ringback), "");
  EXPECT_EQ(orders(ToneSlot::ringback).size(), 2u);
}

// ringback_enabled with early media: reliable (RFC 3262) or not, before and after the first packet.
struct RingbackRow {
  int mode;
  bool reliable, tone_before, tone_after, heard;
};
class RingbackModes : public Tones, public testing::WithParamInterface<RingbackRow> {};
TEST_P(RingbackModes, WithEarlyMedia) {
  const auto& row = GetParam();
  tones.ringback = row.mode;
  begin();
  phone->command(Dial{"7002", {}});
  wire.run_for(10ms);
  respond(180, "a", peer_sdp, row.reliable ? 1 : 0);
  const auto id = phone->call().call;
  EXPECT_EQ(phone->plan(id).receive, row.heard);
  EXPECT_EQ(!sounds(ToneSlot::ringback).empty(), row.tone_before);
  phone->core->media_flows(id, true, wire.now());
  phone->settle();
  EXPECT_EQ(!sounds(ToneSlot::ringback).empty(), row.tone_after);
  respond(200, "a", peer_sdp);
  EXPECT_TRUE(phone->plan(id).receive) << "the answered call is heard in every mode";
  EXPECT_EQ(sounds(ToneSlot::ringback), "");
}
INSTANTIATE_TEST_SUITE_P(
    Values, RingbackModes,
    testing::Values(RingbackRow{0, true, false, false, false}, RingbackRow{0, false, false, false, false},
                    RingbackRow{1, true, false, false, true}, RingbackRow{1, false, false, false, false},
                    RingbackRow{2, true, true, true, false}, RingbackRow{2, false, true, true, false},
                    RingbackRow{3, true, true, false, true}, RingbackRow{3, false, true, true, false},
                    RingbackRow{4, true, false, false, true}, RingbackRow{4, false, false, false, true},
                    RingbackRow{6, true, true, false, true}, RingbackRow{6, false, true, false, true}),
    [](const auto& row) {
      return fmt::format("ringback_enabled_{}_{}", row.param.mode,
                         row.param.reliable ? "reliable" : "unreliable");
    });

TEST_F(Tones, AForkRingsAtOnePlaceAndSpeaksAtAnother) {
  tones.ringback = 6;
  begin();
  phone->command(Dial{"7002", {}});
  wire.run_for(10ms);
  respond(180, "a");
  EXPECT_EQ(sounds(ToneSlot::ringback), "calls:ringback");
  respond(183, "b", peer_sdp);
  EXPECT_EQ(sounds(ToneSlot::ringback), "calls:ringback") << "nothing has arrived of it";
  phone->core->media_flows(phone->call().call, true, wire.now());
  phone->settle();
  EXPECT_EQ(sounds(ToneSlot::ringback), "");
  phone->core->media_flows(phone->call().call, false, wire.now());
  phone->settle();
  EXPECT_EQ(sounds(ToneSlot::ringback), "calls:ringback")
      << "the announcement is over, the other still rings";
}

}  // namespace
}  // namespace sidetone::test
