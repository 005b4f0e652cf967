#include "scenarios.h"

namespace sidetone::test {
namespace {

using lab::ServerSettings;
using enum lab::tlib::RequestName;

const Hears one_and_two{{"7401", {"7402"}}, {"7402", {"7401"}}};
const Hears one_and_three{{"7401", {"7403"}}, {"7403", {"7401"}}};
const Hears two_and_three{{"7402", {"7403"}}, {"7403", {"7402"}}};
const Hears nobody{};

ServerSettings plain() { return {}; }
ServerSettings flow_1() {
  ServerSettings settings;
  settings.dn_defaults.make_call_rfc3725_flow = 1;
  return settings;
}
ServerSettings by_refer() {
  ServerSettings settings;
  settings.dn_defaults.refer_enabled = true;
  return settings;
}
ServerSettings with_music() {
  ServerSettings settings;
  settings.music_on_hold = true;
  return settings;
}
ServerSettings with_busy_treatment() {
  ServerSettings settings;
  settings.busy_treatment = true;
  return settings;
}
ServerSettings single_dialog() {
  ServerSettings settings;
  settings.dn_defaults.dual_dialog_enabled = false;
  return settings;
}
ServerSettings complete_by_refer() {
  ServerSettings settings;
  settings.dn_defaults.transfer_complete_by_refer = true;
  return settings;
}
ServerSettings offers_to_mixer() {
  ServerSettings settings;
  settings.conference_without_delayed_offer = true;
  return settings;
}

// 7401 and 7402 talk; nothing of how that came about is drawn.
void talk(Stage& s) {
  s.ask(make_call, "7401", "7402");
  s.ask(answer_call, "7402");
  s.expect_hears(one_and_two);
  s.begin_here();
}

void release(Stage& s) {
  s.ask(release_call, "7402");
  s.expect_hears(nobody);
}

void make_call_reinvite(Stage& s) {
  s.ask(make_call, "7401", "7402");
  s.expect_hears({{"7401", {"ring-back"}}});
  s.ask(answer_call, "7402");
  s.expect_hears(one_and_two);
  // The order of steps 9 to 24 of the conference's ladder.
  s.expect_order({"EventDialing (7401,7402)", "7401 > 180 INVITE", "7401 > 200 INVITE sdp", "7401 < ACK",
                  "7402 > 180 INVITE", "EventRinging (7402,7401)", "7402 > 200 INVITE sdp",
                  "7401 < INVITE sdp", "7401 > 200 INVITE sdp", "7402 < ACK sdp", "EventOffHook (7402,-)",
                  "EventEstablished (7402,7401)", "EventEstablished (7401,7402)"});
  release(s);
}

void make_call_flow_1(Stage& s) {
  s.ask(make_call, "7401", "7402");
  s.ask(answer_call, "7402");
  s.expect_hears(one_and_two);
  s.expect_order({"7401 < INVITE", "7401 > 200 INVITE sdp", "7402 < INVITE sdp", "7402 > 200 INVITE sdp",
                  "7401 < ACK sdp", "EventEstablished (7401,7402)"});
  release(s);
}

void make_call_refer(Stage& s) {
  s.ask(make_call, "7401", "7402");
  s.ask(answer_call, "7402");
  s.expect_hears(one_and_two);
  s.expect_order({"7401 < REFER", "7401 > 202 REFER", "7401 > INVITE sdp", "EventDialing (7401,7402)",
                  "EventRinging (7402,7401)", "7402 > 200 INVITE sdp"});
  release(s);
}

void termination(Stage& s) {
  talk(s);
  s.ask(release_call, "7402");
  s.expect_hears(nobody);
  s.expect_order({"RequestReleaseCall (7402)", "7402 < BYE"});
  s.expect_order({"7401 < BYE"});
  s.expect_order({"EventReleased (7402,7401)", "EventOnHook (7402,-)"});
  s.expect_order({"EventReleased (7401,7402)", "EventOnHook (7401,-)"});
}

void hold_and_retrieve(Stage& s) {
  talk(s);
  s.ask(hold_call, "7402");
  s.expect_hears(nobody);
  s.ask(retrieve_call, "7402");
  s.expect_hears(one_and_two);
  // Steps 2 to 8 and 28 to 35 of the conference's ladder.
  s.expect_order({"RequestHoldCall (7402)", "7401 < INVITE sdp", "7401 > 200 INVITE sdp", "7401 < ACK",
                  "7402 < INVITE sdp", "7402 > 200 INVITE sdp", "7402 < ACK", "EventHeld (7402,7401)"});
  s.expect_order({"RequestRetrieveCall (7402)", "7401 < INVITE", "7401 > 200 INVITE sdp", "7402 < INVITE sdp",
                  "7402 > 200 INVITE sdp", "7401 < ACK sdp", "EventRetrieved (7402,7401)"});
  release(s);
}

void hold_with_music(Stage& s) {
  talk(s);
  s.ask(hold_call, "7402");
  s.expect_hears({{"7401", {"music"}}});
  s.ask(retrieve_call, "7402");
  s.expect_hears(one_and_two);
  s.expect_order({"EventHeld (7402,7401)", "EventRetrieved (7402,7401)"});
  release(s);
}

void transfer_by_reinvite(Stage& s) {
  talk(s);
  s.ask(single_step_transfer, "7402", "7403");
  s.ask(answer_call, "7403");
  s.expect_hears(one_and_three);
  s.expect_order({"7402 < BYE", "EventReleased (7402,7401)", "EventOnHook (7402,-)",
                  "EventPartyChanged (7401,7403)", "EventRinging (7403,7401)", "EventOffHook (7403,-)",
                  "EventEstablished (7403,7401)"});
  s.ask(release_call, "7403");
}

// The ladder of the document, steps 1 to 21.
void transfer_by_refer(Stage& s) {
  talk(s);
  s.ask(single_step_transfer, "7402", "7403");
  s.ask(answer_call, "7403");
  s.expect_hears(one_and_three);
  s.expect_order({"RequestSingleStepTransfer (7402,7403)", "7401 < REFER", "7401 > 202 REFER",
                  "7401 > INVITE sdp", "7403 < INVITE sdp", "7403 > 180 INVITE", "7402 < BYE",
                  "EventReleased (7402,7401)", "EventOnHook (7402,-)", "EventPartyChanged (7401,7403)",
                  "EventRinging (7403,7401)", "7403 > 200 INVITE sdp", "EventOffHook (7403,-)",
                  "EventEstablished (7403,7401)"});
  s.ask(release_call, "7403");
}

// The ladder of the document, steps 1 to 19.
void transfer_to_busy(Stage& s) {
  talk(s);
  s.ask(single_step_transfer, "7402", "7403");
  s.refuse("7403");
  s.expect_hears({{"7401", {"busy tone"}}});
  s.expect_order({"RequestSingleStepTransfer (7402,7403)", "7403 < INVITE", "7403 > 180 INVITE", "7402 < BYE",
                  "EventReleased (7402,7401)", "EventOnHook (7402,-)", "EventPartyChanged (7401,7403)",
                  "EventRinging (7403,7401)", "7403 > 486 INVITE", "7403 < ACK", "EventReleased (7401,7403)",
                  "Stream Manager < INVITE", "Stream Manager > 200 INVITE sdp", "7401 < INVITE sdp",
                  "7401 > 200 INVITE sdp", "Stream Manager < ACK sdp", "7401 < ACK"});
  s.hang_up("7401");
}

void consult_reconnect_single(Stage& s) {
  talk(s);
  s.ask(initiate_transfer, "7402", "7403");
  s.ask(answer_call, "7403");
  s.expect_hears(two_and_three);
  s.ask(reconnect_call, "7402");
  s.expect_hears(one_and_two);
  s.expect_order({"EventHeld (7402,7401)", "EventDialing (7402,7403)", "EventRinging (7403,7402)",
                  "EventEstablished (7403,7402)", "EventEstablished (7402,7403)", "EventReleased (7402,7403)",
                  "EventRetrieved (7402,7401)"});
  release(s);
}

void consult_complete(Stage& s) {
  talk(s);
  s.ask(initiate_transfer, "7402", "7403");
  s.ask(answer_call, "7403");
  s.expect_hears(two_and_three);
  s.ask(complete_transfer, "7402");
  s.expect_hears(one_and_three);
  s.expect_order({"EventHeld (7402,7401)", "EventDialing (7402,7403)", "EventRinging (7403,7402)",
                  "EventOffHook (7403,-)", "EventEstablished (7403,7402)", "EventEstablished (7402,7403)"});
  s.expect_order({"RequestCompleteTransfer (7402)", "EventPartyChanged (7401,7403)"});
  s.expect_order({"RequestCompleteTransfer (7402)", "EventPartyChanged (7403,7401)"});
  s.expect_order({"RequestCompleteTransfer (7402)", "EventReleased (7402,7401)", "EventOnHook (7402,-)"});
  s.ask(release_call, "7403");
}

void consult_alternate(Stage& s) {
  talk(s);
  s.ask(initiate_transfer, "7402", "7403");
  s.ask(answer_call, "7403");
  s.expect_hears({{"7401", {"music"}}, {"7402", {"7403"}}, {"7403", {"7402"}}});
  s.ask(alternate_call, "7402");
  s.expect_hears({{"7401", {"7402"}}, {"7402", {"7401"}}, {"7403", {"music"}}});
  s.expect_order({"RequestAlternateCall (7402)", "EventHeld (7402,7403)", "EventRetrieved (7402,7401)"});
  s.ask(complete_transfer, "7402");
  s.expect_hears(one_and_three);
  s.ask(release_call, "7403");
}

void conference(Stage& s) {
  talk(s);
  s.ask(initiate_conference, "7402", "7403");
  s.ask(answer_call, "7403");
  s.expect_hears(two_and_three);
  s.ask(complete_conference, "7402");
  s.expect_hears({{"7401", {"7402", "7403"}}, {"7402", {"7401", "7403"}}, {"7403", {"7401", "7402"}}});
  s.expect_order({"RequestInitiateConference (7402,7403)", "EventHeld (7402,7401)",
                  "EventDialing (7402,7403)", "EventRinging (7403,7402)", "EventOffHook (7403,-)",
                  "EventEstablished (7403,7402)", "EventEstablished (7402,7403)",
                  "RequestCompleteConference (7402)", "EventPartyChanged (7403,-)",
                  "EventPartyAdded (7401,7403)", "EventPartyAdded (7402,7403)"});
  s.expect_order(
      {"RequestCompleteConference (7402)", "EventReleased (7402,7403)", "EventRetrieved (7402,7401)"});
  s.ask(release_call, "7402");
  s.expect_hears(one_and_three);
  s.hang_up("7401");
}

void answer_by_notify(Stage& s) {
  s.ask(make_call, "7401", "7402");
  s.begin_here();
  s.ask(answer_call, "7402");
  s.expect_hears(one_and_two);
  s.expect_order({"RequestAnswerCall (7402)", "7402 < NOTIFY", "7402 > 200 NOTIFY", "7402 > 200 INVITE sdp",
                  "EventOffHook (7402,-)", "EventEstablished (7402,7401)"});
  release(s);
}

constexpr Script all[] = {
    {"make-call-reinvite", "T-Lib-Initiated MakeCall re-INVITE", plain, make_call_reinvite},
    {"make-call-invite", "T-Lib-Initiated MakeCall INVITE (RFC 3725 flow 1)", flow_1, make_call_flow_1},
    {"make-call-refer", "MakeCall by REFER", by_refer, make_call_refer},
    {"release", "T-Lib Termination TReleaseCall", plain, termination},
    {"hold-retrieve", "T-Lib-Initiated Hold-Retrieve", plain, hold_and_retrieve},
    {"hold-retrieve-music", "T-Lib-Initiated Hold-Retrieve Music on Hold", with_music, hold_with_music},
    {"transfer-reinvite", "T-Lib-Initiated SingleStepTransfer re-INVITE", plain, transfer_by_reinvite},
    {"transfer-refer", "T-Lib-Initiated SingleStepTransfer REFER", by_refer, transfer_by_refer},
    {"transfer-busy", "T-Lib-Initiated SingleStepTransfer User Busy", with_busy_treatment, transfer_to_busy},
    {"consult-single-completed", "T-Lib-Initiated Consult Call Single EndPoint, completed", single_dialog,
     consult_complete},
    {"consult-single-reconnected", "T-Lib-Initiated Consult Call Single EndPoint, reconnected", single_dialog,
     consult_reconnect_single},
    {"consult-transfer", "T-Lib-Initiated Consult Transfer re-INVITE", plain, consult_complete},
    {"consult-reconnected", "Consult call with a dialog of its own, reconnected", plain,
     consult_reconnect_single},
    {"consult-alternated", "AlternateCall with music, and the transfer completed from there", with_music,
     consult_alternate},
    {"consult-transfer-refer", "Consult Transfer by REFER with Replaces", complete_by_refer,
     consult_complete},
    {"conference", "T-Lib-Initiated 3-Way Conf Central Mixing", plain, conference},
    {"conference-with-offers", "3-Way Conf Central Mixing, MCU without delayed offers", offers_to_mixer,
     conference},
    {"answer", "Answer Call Functionality", plain, answer_by_notify},
};

}  // namespace

std::span<const Script> scripts() { return all; }

}  // namespace sidetone::test
